package cases

import (
	"context"
	"fmt"
	"slices"

	"minqing/internal/access"
	"minqing/internal/actor"
	"minqing/internal/audit"
	"minqing/internal/fault"
)

// Reasoning is why somebody may do something with a case, or may not.
type Reasoning struct {
	*access.Explanation
	Verb     access.Verb // that decided: reading, where that is what fails
	Case     *Case
	Units    []UnitRole
	About    []string // paths of the units that it complains about
	Now      bool     // only the units that have the case now count
	Possible bool     // the act is possible in the status of the case
	Hidden   bool     // who asks is kept from them
}

// ExplainedVerbs are what is asked about a case, in the order of its life.
func ExplainedVerbs() []access.Verb {
	list := []access.Verb{access.CaseRead, access.CaseList, access.CaseReveal}
	for _, t := range Machine {
		if t.Verb != "" && !slices.Contains(list, t.Verb) {
			list = append(list, t.Verb)
		}
	}
	return list
}

// step is one question that an act asks.
type step struct {
	verb access.Verb
	on   access.Object
}

// steps are the questions that a verb on a case asks, in their order.
func steps(v access.Verb, o access.Object, units []unitState) []step {
	i := slices.IndexFunc(Machine, func(t Transition) bool { return t.Verb == v })
	if i < 0 {
		return []step{{v, o}}
	}
	list := []step{{access.CaseRead, o}, {v, acting(o, units, v)}}
	if v == access.CaseDecideAppeal {
		at := access.Object{UnitPaths: []string{decider(units).UnitPath}, SubjectPaths: o.SubjectPaths, SubjectAccounts: o.SubjectAccounts}
		list = append(list, step{v, at})
	}
	return list
}

// Explain says what the access decision on a case would be for an account, and
// why. Only somebody who grants roles for a unit of the case may ask; others
// hear that there is no such case. That it was asked is written down.
func (s *Service) Explain(ctx context.Context, accountID string, v access.Verb, caseNo string) (*Reasoning, error) {
	if !slices.Contains(ExplainedVerbs(), v) {
		return nil, fault.InvalidInput(fault.Field{Name: "verb", Key: "case.action.unknown"})
	}
	if err := s.Access.Can(ctx, access.AccessGrant); err != nil {
		return nil, err
	}
	e, err := s.explain(ctx, accountID, v, caseNo)
	verdict := "refused"
	switch {
	case err != nil && fault.KindOf(err) == fault.NotFound:
		verdict = "missing"
	case err != nil:
		return nil, err
	case e.Allowed:
		verdict = "allowed"
	}
	noted := s.DB.Tx(ctx, func(ctx context.Context) error {
		return s.Audit.Record(ctx, audit.Entry{Action: "access.explain", Kind: "account", ID: accountID, Fields: []audit.Change{
			{Field: "verb", After: string(v)}, {Field: "case", After: caseNo}, {Field: "verdict", After: verdict}}})
	})
	if noted != nil {
		return nil, noted
	}
	return e, err
}

func (s *Service) explain(ctx context.Context, accountID string, v access.Verb, caseNo string) (*Reasoning, error) {
	c, units, _, o, err := s.loadObject(actor.AsSystem(ctx, "access.explain"), caseNo, access.CaseRead)
	if err != nil {
		return nil, err
	}
	switch err := s.Access.MayExplain(ctx, o); {
	case err != nil && fault.KindOf(err) == fault.Forbidden:
		return nil, errMissing
	case err != nil:
		return nil, err
	}
	e := &Reasoning{Case: c, About: o.SubjectPaths, Possible: true}
	for _, u := range units {
		e.Units = append(e.Units, UnitRole{UnitID: u.UnitID, Role: u.Role})
	}
	list := steps(v, o, units)
	if v == access.CaseReveal {
		on, err := s.revealing(ctx, o, units)
		if err != nil {
			return nil, err
		}
		list = []step{{access.CaseRead, o}, {v, on}}
	}
	if v == access.CaseDecideContest {
		above, err := s.pathAbove(ctx, c, units)
		if err != nil {
			return nil, err
		}
		list = append(list, step{v, access.Object{UnitPaths: []string{above}, SubjectPaths: o.SubjectPaths, SubjectAccounts: o.SubjectAccounts}})
	}
	for _, st := range list {
		if e.Explanation, err = s.Access.Explain(ctx, accountID, st.verb, st.on); err != nil {
			return nil, fmt.Errorf("explain %s: %w", st.verb, err)
		}
		e.Verb, e.Now = st.verb, len(st.on.UnitPaths) < len(o.UnitPaths)
		if !e.Allowed {
			break
		}
	}
	if i := slices.IndexFunc(Machine, func(t Transition) bool { return t.Verb == v }); i >= 0 {
		e.Possible = Machine[i].Allows(c.Status)
	}
	e.Hidden, err = s.hidden(actor.With(ctx, actor.Actor{Kind: actor.Staff, AccountID: accountID}), c)
	return e, err
}
