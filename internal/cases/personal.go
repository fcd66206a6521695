package cases

import (
	"context"
	"fmt"
	"slices"

	"minqing/internal/access"
	"minqing/internal/db"
)

// asking selects the cases that somebody asks in or for whom somebody asks: what
// their record shows. Cases that complain about them are not among these.
const asking = "SELECT pp.case_id FROM case_parties pp WHERE pp.constituent_id IN ? AND pp.role IN ('requester', 'beneficiary', 'agent', 'co_requester')"

// Personal are the cases that a record may show to the actor: those of somebody
// that they may read and in which they may know who asks. A whistle-blower's case
// never stands on a record, whoever looks at it.
type Personal struct {
	s     *Service
	where string // over cases c
	args  []any
}

// Personal gives the cases of a family: the person and who was joined to them.
func (s *Service) Personal(ctx context.Context, family []string) (Personal, error) {
	scope, err := s.Access.Scope(ctx, access.CaseRead)
	if err != nil {
		return Personal{}, err
	}
	hides, err := s.hides(ctx)
	if err != nil {
		return Personal{}, err
	}
	inScope, values := seen(scope)
	p := Personal{s: s, where: "c.id IN (" + asking + ") AND c.confidentiality <> ? AND " + inScope, args: slices.Concat([]any{family, Whistle}, values)}
	if hides {
		p.where, p.args = p.where+" AND c.confidentiality <> ?", append(p.args, IdentityHidden)
	}
	if len(family) == 0 {
		p.where, p.args = "1 = 0", nil
	}
	return p, nil
}

// IDs selects their ids, for queries of those who read more about them.
func (p Personal) IDs() db.Sub {
	return db.Sub{SQL: "SELECT c.id FROM cases c WHERE " + p.where, Args: p.args}
}

// Any says whether there is one.
func (p Personal) Any(ctx context.Context) (bool, error) {
	var found []struct{ ID string }
	if err := p.s.DB.Together(ctx, db.Rows(&found, p.IDs().SQL+" LIMIT 1", p.args...)); err != nil {
		return false, fmt.Errorf("look whether somebody asks: %w", db.Fault(err, "", ""))
	}
	return len(found) > 0, nil
}

// Asks says whether somebody asks in a case that the actor may read and in which
// they may know who asks.
func (s *Service) Asks(ctx context.Context, family []string) (bool, error) {
	p, err := s.Personal(ctx, family)
	if err != nil {
		return false, err
	}
	return p.Any(ctx)
}

// Open lists up to most of them that are open, what is due first first, and says how
// many there are in total.
func (p Personal) Open(ctx context.Context, most int) (list []Item, total int, err error) {
	statuses := make([]string, len(open))
	for i, s := range open {
		statuses[i] = string(s)
	}
	const isOpen = " AND c.status IN ?"
	list, err = p.list(ctx, isOpen+" ORDER BY c.due_at, c.id", most, statuses)
	if err != nil || len(list) < most {
		return list, len(list), err
	}
	var found []struct{ Total int }
	if err = p.s.DB.Together(ctx, db.Rows(&found, "SELECT COUNT(*) AS total FROM cases c WHERE "+p.where+isOpen, append(slices.Clone(p.args), statuses)...)); err != nil {
		return nil, 0, fmt.Errorf("count the open cases of somebody: %w", db.Fault(err, "", ""))
	}
	return list, max(found[0].Total, len(list)), nil
}

// All lists up to most of them, the newest first.
func (p Personal) All(ctx context.Context, most int) ([]Item, error) {
	return p.list(ctx, " ORDER BY c.received_at DESC, c.id DESC", most)
}

// Some gives those with these ids, by id.
func (p Personal) Some(ctx context.Context, ids []string) (map[string]Item, error) {
	if len(ids) == 0 {
		return map[string]Item{}, nil
	}
	list, err := p.list(ctx, " AND c.id IN ?", len(ids), ids)
	out := make(map[string]Item, len(list))
	for _, it := range list {
		out[it.ID] = it
	}
	return out, err
}

func (p Personal) list(ctx context.Context, rest string, most int, args ...any) ([]Item, error) {
	items, err := p.s.readItems(ctx, min(most, 50), "0, c.received_at, ''", "cases c WHERE "+p.where+rest+fmt.Sprintf(" LIMIT %d", most), append(slices.Clone(p.args), args...))
	if err != nil {
		return nil, fmt.Errorf("read the cases of somebody: %w", db.Fault(err, "", ""))
	}
	return items, p.s.unsealItems(ctx, items)
}

// Linked says whether the record of somebody who takes part in a case may be
// opened from it: they are shown, and the case may stand on a record.
func (v *View) Linked(constituentID string) bool {
	_, shown := v.People[constituentID]
	return shown && v.Confidentiality != Whistle
}
