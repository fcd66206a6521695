package cases

import (
	"sync"

	"minqing/internal/db"
)

// known remembers the cases of numbers that were seen in lists or opened. A
// number keeps its case for ever, so what is remembered is never wrong; and the
// parts of a case are found by its id, without the number's being looked up for
// each of them.
type known struct {
	mu  sync.RWMutex
	ids map[string]string
}

// knownMost bounds what is remembered: about the cases that a few hundred people
// at their desks have before them.
const knownMost = 5000

// is selects the id of a case by its number.
func (k *known) is(caseNo string) db.Sub {
	k.mu.RLock()
	id, ok := k.ids[caseNo]
	k.mu.RUnlock()
	if ok {
		return db.Sub{SQL: "?", Args: []any{id}}
	}
	return db.Sub{SQL: "SELECT id FROM cases WHERE case_no = ?", Args: []any{caseNo}}
}

// keep remembers a case.
func (k *known) keep(c *Case) {
	k.mu.RLock()
	_, ok := k.ids[c.CaseNo]
	k.mu.RUnlock()
	if ok {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.ids) >= knownMost {
		clear(k.ids)
	}
	if k.ids == nil {
		k.ids = make(map[string]string)
	}
	k.ids[c.CaseNo] = c.ID
}
