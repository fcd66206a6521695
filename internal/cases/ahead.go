package cases

import (
	"context"
	"fmt"

	"minqing/internal/access"
	"minqing/internal/db"
	"minqing/internal/fault"
)

// Ahead is one of many cases on which an act shall be done. Why is nil where
// it can be done as the case stands; a case that the actor may not read is
// Missing and says nothing else.
type Ahead struct {
	Item
	Missing bool
	Why     *fault.Error
}

type aheadUnit struct {
	unitState
	CaseID string
}

type aheadSubject struct {
	CaseID    string
	Path      *string
	AccountID *string
}

// LookAhead says of many cases, in their order, whether the actor may do an act and
// whether each stands so that it can be done. It changes nothing and asks as
// much for a thousand cases as for one. What only the act itself finds out, a
// unit that is complained about for one, it does not know.
func (s *Service) LookAhead(ctx context.Context, caseNos []string, a Action) ([]Ahead, error) {
	t := byAction[a]
	if t == nil || t.Verb == "" {
		return nil, fault.New(fault.NotFound, "case.action.unknown")
	}
	var found []Case
	var units []aheadUnit
	var subjects []aheadSubject
	const these = "(SELECT id FROM cases WHERE case_no IN ?)"
	err := s.DB.Together(ctx, db.Rows(&found, "SELECT "+db.Columns[Case]()+" FROM cases WHERE case_no IN ?", caseNos),
		db.Rows(&units, "SELECT case_id, unit_id, role, unit_path, open FROM case_units WHERE case_id IN "+these, caseNos),
		db.Rows(&subjects, "SELECT p.case_id, u.path, p.account_id FROM case_parties p LEFT JOIN units u ON u.id = p.unit_id WHERE p.role = 'subject' AND p.case_id IN "+these, caseNos))
	if err != nil {
		return nil, fmt.Errorf("read many cases: %w", db.Fault(err, "", ""))
	}
	at, objects := map[string][]unitState{}, map[string]*access.Object{}
	for i := range found {
		objects[found[i].ID] = &access.Object{}
	}
	for _, u := range units {
		if o := objects[u.CaseID]; o != nil {
			at[u.CaseID] = append(at[u.CaseID], u.unitState)
			o.UnitPaths = append(o.UnitPaths, u.UnitPath)
		}
	}
	for _, p := range subjects {
		o := objects[p.CaseID]
		if o != nil && p.Path != nil {
			o.SubjectPaths = append(o.SubjectPaths, *p.Path)
		}
		if o != nil && p.AccountID != nil {
			o.SubjectAccounts = append(o.SubjectAccounts, *p.AccountID)
		}
	}
	known := make(map[string]Ahead, len(found))
	for i := range found {
		c := &found[i]
		one := t
		if own := c.step(a); own.Verb != "" && !s.guarded(c, a) {
			one = own
		} else {
			one = &Transition{Action: a, Verb: t.Verb} // not in this track, or not here
		}
		j, err := s.ahead(ctx, c, at[c.ID], *objects[c.ID], one)
		if err != nil {
			return nil, err
		}
		known[c.CaseNo] = j
	}
	return s.aheadOf(ctx, caseNos, known)
}

func (s *Service) ahead(ctx context.Context, c *Case, units []unitState, o access.Object, t *Transition) (Ahead, error) {
	for _, v := range []access.Verb{access.CaseRead, t.Verb} {
		on := o
		if v == t.Verb {
			on = acting(o, units, v)
		}
		err := s.Access.CanOn(ctx, v, on)
		e, ours := fault.As(err)
		switch {
		case err != nil && (!ours || e.Kind != fault.Forbidden):
			return Ahead{}, err
		case err != nil && v == access.CaseRead:
			err := s.alarmed(ctx, c.CaseNo, wayOpen, s.refusal(ctx, o))
			if fault.KindOf(err) != fault.NotFound {
				return Ahead{}, err
			}
			return Ahead{Missing: true, Why: errMissing}, nil
		case err != nil:
			return Ahead{Item: Item{Case: *c}, Why: e}, nil
		}
	}
	j := Ahead{Item: Item{Case: *c}}
	ch := &change{s: s, c: c, was: *c}
	stands := ch.stands(t.Action)
	e, ours := fault.As(stands)
	if stands != nil && !ours {
		return Ahead{}, stands
	}
	switch {
	case !t.Allows(c.Status), (t.Action == ActReviewReply || t.Action == ActConclude) && !s.reviewFits(ctx, c, t.Action):
		j.Why = fault.New(fault.Conflict, "case.action.impossible")
	case c.FrozenAt != nil:
		j.Why = fault.New(fault.Conflict, "case.frozen")
	case e != nil:
		j.Why = e
	case !c.offers(t.Action) || !s.inTime(ctx, c, t.Action):
		j.Why = fault.New(fault.Conflict, "case.action.impossible")
	}
	return j, nil
}

// aheadOf puts what is known of cases into the order in which they were asked
// for, with titles that the actor may read.
func (s *Service) aheadOf(ctx context.Context, caseNos []string, known map[string]Ahead) ([]Ahead, error) {
	list, items := make([]Ahead, len(caseNos)), make([]Item, 0, len(caseNos))
	for i, no := range caseNos {
		j, ok := known[no]
		if !ok {
			j = Ahead{Missing: true, Why: errMissing}
		}
		list[i] = j
		if !j.Missing {
			items = append(items, j.Item)
		}
	}
	if err := s.unsealItems(ctx, items); err != nil {
		return nil, err
	}
	next := 0
	for i := range list {
		if !list[i].Missing {
			list[i].Item = items[next]
			next++
		}
	}
	return list, nil
}
