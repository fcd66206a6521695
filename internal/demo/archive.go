package demo

import "minqing/internal/cases"

// archivedAfter is when the desk of the demo city puts away what it concluded.
const archivedAfter = 340 * day

// archive puts away what was concluded long ago and nobody has appealed.
func (w *walk) archive() {
	c := &w.life.Case
	if c.Status != cases.Concluded || c.Appealed || w.fate != nil {
		return
	}
	at, clerks := c.ConcludedAt.Add(archivedAfter), w.g.pools[duty{"dispatcher", w.desk.ID}]
	if at.Before(w.at) || at.After(w.g.until) || len(clerks) == 0 || c.Confidentiality == cases.Whistle {
		return
	}
	w.at = at
	w.act(cases.ActArchive, cases.Archived, clerks[0], false)
}
