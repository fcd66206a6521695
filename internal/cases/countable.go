package cases

import (
	"minqing/internal/access"
)

// Countable is SQL on cases c of those that may say something about who filed
// them, to somebody with a scope: in the scope, about none of their own units or
// themselves, the filer not kept back, and the file not of an erased person. With
// whole the scope is known to hold every unit.
func Countable(scope access.Scope, whole bool) (string, []any) {
	const open = "c.confidentiality = 'normal' AND c.frozen_at IS NULL"
	if !whole {
		where, args := seen(scope)
		return open + " AND " + where, args
	}
	if !scope.Recuses() {
		return open, nil
	}
	others, args := notAbout(scope, "c.id")
	return open + " AND " + others, args
}

// Ended is SQL on cases c of those that are over.
const Ended = "c.status IN ('concluded', 'not_accepted', 'withdrawn', 'transferred', 'archived', 'merged')"

// RunsLate is SQL on cases c of those that are past their due time, or were when
// they ended; a clock that stands still does not run out. Its one mark is the time it is now.
const RunsLate = `(c.due_at IS NOT NULL AND (c.concluded_at IS NOT NULL AND c.concluded_at > c.due_at OR c.concluded_at IS NULL AND NOT ` + Ended + ` AND c.due_at < ?
 AND NOT EXISTS (SELECT 1 FROM case_units w WHERE w.case_id = c.id AND w.role = 'lead' AND w.waiting)))`
