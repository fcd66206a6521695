package desk

import (
	"minqing/internal/cases"
	"minqing/internal/document"
	"minqing/internal/web"
)

// attachments are listed by name; what is in them is not part of the file.
func (w *paper) attachments() {
	if len(w.v.Files) == 0 {
		return
	}
	w.Heading(w.key("desk.case.files"))
	for _, f := range w.v.Files {
		w.Text(f.Name + "  " + w.say(f.Size))
	}
}

// table writes a table of the page as entries: paper is narrow.
func (w *paper) table(t *web.Table) {
	if t == nil {
		return
	}
	w.Heading(w.say(t.Caption))
	for _, r := range t.Rows {
		var list []document.Pair
		for i, cell := range r.Cells {
			words := cell.Words
			if cell.Chip != nil {
				words = cell.Chip.Words
			}
			if said := w.say(words); said != "" {
				list = append(list, document.Pair{Key: w.say(t.Columns[i].Words), Value: said})
			}
		}
		w.Pairs(list)
		w.Gap()
	}
}

// judgements are what the person said of the results.
func (w *paper) judgements() {
	w.Heading(w.key("desk.paper.evaluation"))
	none := true
	for _, e := range w.one.Events {
		if e.Action == cases.ActEvaluate {
			none = false
			w.entry(e)
		}
	}
	if none {
		w.Text(w.key("desk.paper.evaluation.none"))
	}
}

// story is what happened, from the beginning.
func (w *paper) story() {
	w.Heading(w.key("desk.case.story"))
	w.Lead(w.key("desk.paper.legend"))
	for _, e := range w.one.Events {
		w.entry(e)
	}
}

// entry is one event, as the page tells it, with the unit that had the case then.
func (w *paper) entry(e cases.Event) {
	it := w.event(e, w.said[e.ID])
	who := w.say(it.By)
	if e.UnitID != nil && e.ActorKind == "staff" {
		who += " · " + w.key("desk.paper.with", "Unit", argument(w.unit(*e.UnitID)))
	}
	entry := document.Entry{Title: w.say(it.Title), When: w.format.DateTime(it.At), Who: who, Text: it.Text, Aside: it.Inside, Inner: it.Internal,
		Word: w.key("desk.story.internal")}
	for _, c := range it.Chips {
		entry.Marks = append(entry.Marks, w.say(c.Words))
	}
	w.Entry(entry)
}
