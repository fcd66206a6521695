// Package worklist is what people do with many cases at once: one act on all
// that they chose, looked at before and worked in the background, each case by
// its ordinary operation.
package worklist

import (
	"context"
	"fmt"
	"slices"
	"time"

	"minqing/internal/access"
	"minqing/internal/audit"
	"minqing/internal/cases"
	"minqing/internal/catalogue"
	"minqing/internal/db"
	"minqing/internal/fault"
	"minqing/internal/jobs"
	"minqing/internal/vault"
)

// Accounts knows who may still act, as somebody who was locked out between the
// confirmation and the work may not, and what staff are called.
type Accounts interface {
	Active(ctx context.Context, accountID string) (bool, error)
	Names(ctx context.Context, accountIDs ...string) (map[string]string, error)
}

// Deps are what the service works with.
type Deps struct {
	DB        *db.DB
	Vault     *vault.Vault
	Audit     *audit.Service
	Jobs      *jobs.Queue
	Access    *access.Service
	Catalogue *catalogue.Service
	Cases     *cases.Service
	Accounts  Accounts
	Now       func() time.Time
}

// Service does one act on many cases.
type Service struct {
	Deps

	lists listCache
	live  live
}

// New makes the service.
func New(d Deps) *Service {
	return &Service{Deps: d, live: live{rooms: map[string]*room{}, byWho: map[string]int{}, stopped: make(chan struct{}), done: make(chan Seen, liveWaiting)}}
}

// Most is how many cases one run may have.
const Most = 1000

// Life is how long a run is kept, with what was typed for it.
const Life = 14 * 24 * time.Hour

// Typed are the values of an act's form by their names.
type Typed map[string]string

// Actions are the acts that make sense for many cases with one set of values, in
// the order in which they are offered. What has to be thought about for each
// case, a reply or its review, is not among them.
var Actions = []cases.Action{cases.ActAccept, cases.ActDispatch, cases.ActRedispatch, cases.ActSignIn, cases.ActAssign, cases.ActNote, cases.ActConclude, cases.ActArchive}

// Fields are the values that an act takes.
func Fields(a cases.Action) []string {
	switch a {
	case cases.ActAccept, cases.ActArchive:
		return []string{"note"}
	case cases.ActDispatch, cases.ActRedispatch:
		return []string{"unit_code", "note"}
	case cases.ActAssign:
		return []string{"handler_id"}
	case cases.ActNote:
		return []string{"text"}
	case cases.ActConclude:
		return []string{"outcome", "note"}
	}
	return nil
}

// command is the act with its values; nil for one that is not for many.
func command(a cases.Action, v Typed) cases.Command {
	switch a {
	case cases.ActAccept:
		return cases.Accept{Note: v["note"]}
	case cases.ActDispatch:
		return cases.Dispatch{UnitCode: v["unit_code"], Note: v["note"]}
	case cases.ActRedispatch:
		return cases.Redispatch{UnitCode: v["unit_code"], Note: v["note"]}
	case cases.ActSignIn:
		return cases.SignIn{}
	case cases.ActAssign:
		return cases.Assign{HandlerID: v["handler_id"]}
	case cases.ActNote:
		return cases.Note{Text: v["text"]}
	case cases.ActConclude:
		return cases.Conclude{Outcome: cases.Outcome(v["outcome"]), Note: v["note"]}
	case cases.ActArchive:
		return cases.Archive{Note: v["note"]}
	}
	return nil
}

// Offered are the acts for many that the actor may do anywhere.
func (s *Service) Offered(ctx context.Context) ([]cases.Action, error) {
	var list []cases.Action
	for _, t := range cases.Machine {
		if !slices.Contains(Actions, t.Action) || slices.Contains(list, t.Action) {
			continue
		}
		switch err := s.Access.Can(ctx, t.Verb); {
		case err == nil:
			list = append(list, t.Action)
		case fault.KindOf(err) != fault.Forbidden:
			return nil, err
		}
	}
	slices.SortFunc(list, func(a, b cases.Action) int { return slices.Index(Actions, a) - slices.Index(Actions, b) })
	return list, nil
}

// Matching are the numbers of the cases that a filter shows to the actor, in the
// order of the queue, up to Most; more says that there are others behind them.
func (s *Service) Matching(ctx context.Context, f cases.Filter) (numbers []string, more bool, err error) {
	f.Cursor, f.Limit = "", 200
	seen := map[string]bool{}
	for {
		page, err := s.Cases.Queue(ctx, f)
		if err != nil {
			return nil, false, err
		}
		for i := range page.Items {
			no := page.Items[i].CaseNo
			if seen[no] {
				continue
			}
			if len(numbers) == Most {
				return numbers, true, nil
			}
			seen[no] = true
			numbers = append(numbers, no)
		}
		if page.Next == "" {
			return numbers, false, nil
		}
		f.Cursor = page.Next
	}
}

// check refuses what no case could be done with.
func (s *Service) check(ctx context.Context, a cases.Action, v Typed) error {
	cmd := command(a, v)
	if cmd == nil {
		return fault.New(fault.NotFound, "case.action.unknown")
	}
	if err := cmd.Validate(); err != nil {
		return err
	}
	if code := v["unit_code"]; code != "" {
		snap, err := s.Catalogue.Snapshot(ctx)
		if err != nil {
			return err
		}
		if _, err := snap.Unit(code); err != nil {
			return fault.InvalidInput(fault.Field{Name: "unit_code", Key: "case.unit.unknown"})
		}
	}
	if a == cases.ActAssign && v["handler_id"] == "" {
		return fault.InvalidInput(fault.Field{Name: "handler_id", Key: "case.handler.unknown"})
	}
	return nil
}

func fail(what string, err error) error { return fmt.Errorf("%s: %w", what, db.Fault(err, "", "")) }
