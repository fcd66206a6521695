package cases

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"minqing/internal/access"
	"minqing/internal/actor"
	"minqing/internal/constituents"
	"minqing/internal/db"
	"minqing/internal/fault"
	"minqing/internal/text"
)

// Call is what somebody at the telephone or the counter writes down while a
// person speaks.
type Call struct {
	Filing
	RequesterID string // who was found by the phone number; empty: somebody new
	Notes       string // for colleagues only
	Callback    string // when the person wishes to be called, in their words; empty: no wish
}

// CallbackMost is the longest wish to be called back, in characters.
const CallbackMost = 100

// TakeCall files what was said, with the notes beside it: all of it or nothing.
// Who was found by the phone number stays the same person, as the record that stands
// for them now; anybody else is new.
func (s *Service) TakeCall(ctx context.Context, call Call) (*Receipt, error) {
	if err := s.Access.Can(ctx, access.CaseFile); err != nil {
		return nil, err
	}
	if actor.From(ctx).Kind != actor.Staff {
		return nil, fault.New(fault.Forbidden, "access.forbidden")
	}
	if err := call.check(ctx, s); err != nil {
		return nil, err
	}
	var r *Receipt
	err := s.DB.Tx(ctx, func(ctx context.Context) error {
		var err error
		if call.requester != "" { // whoever merges that record waits, or was first
			if call.requester, err = s.Constituents.Hold(ctx, call.requester); err != nil {
				return err
			}
		}
		if r, err = s.File(ctx, call.Filing); err != nil {
			return err
		}
		if call.Notes != "" {
			if err := s.noteFiled(ctx, r.CaseNo, Note{Text: call.Notes}); err != nil {
				return err
			}
		}
		if call.Callback != "" {
			err = s.noteFiled(ctx, r.CaseNo, Note{Text: call.Callback, Callback: true})
		}
		return err
	})
	return r, err
}

// noteFiled writes a note of who has just filed a case, which may be routed past
// them at once: what they heard goes with it all the same.
func (s *Service) noteFiled(ctx context.Context, caseNo string, n Note) error {
	c, err := s.find(ctx, caseNo)
	if err != nil {
		return err
	}
	units, err := s.unitsOf(ctx, c.ID)
	if err != nil {
		return err
	}
	return s.transit(c.Confidentiality.For(ctx), c, units, byAction[ActNote], n)
}

// check fills in what follows from what was typed and names what is wrong with it.
func (call *Call) check(ctx context.Context, s *Service) error {
	call.Notes, call.Callback = text.Lines(call.Notes), text.Line(call.Callback)
	if text.Line(call.Title) == "" {
		call.Title = headline(call.Description)
	}
	var c fault.Check
	c.That(utf8.RuneCountInString(call.Notes) <= TextMost, "notes", "case.text.long", "Max", TextMost)
	c.That(utf8.RuneCountInString(call.Callback) <= CallbackMost, "callback", "case.text.long", "Max", CallbackMost)
	c.That(call.Callback == "" || call.Confidentiality != AnonymousFiler, "callback", "case.callback.anonymous")
	c.That(call.Callback == "" || call.Contact.Phone != "", "contact.phone", "case.callback.phone")
	if call.RequesterID != "" && call.Confidentiality != AnonymousFiler {
		found, err := s.Constituents.FindByContact(ctx, constituents.Phone, call.Contact.Phone)
		if err != nil {
			return err
		}
		heads, err := s.Constituents.Heads(ctx, found)
		if err != nil {
			return err
		}
		chosen, err := s.Constituents.Heads(ctx, []string{call.RequesterID})
		if err != nil {
			return err
		}
		known := len(chosen) == 1 && slices.Contains(heads, chosen[0])
		c.That(known, "requester", "case.requester.other")
		if known {
			call.requester = chosen[0]
		}
	}
	return c.Err()
}

// headlineMost is how much of the first line makes a title, in characters.
const headlineMost = 40

// headline is a title for who has no time to write one: how the text begins.
func headline(description string) string {
	line, _, _ := strings.Cut(text.Lines(description), "\n")
	runes := []rune(text.Line(line))
	if len(runes) <= headlineMost {
		return string(runes)
	}
	return string(runes[:headlineMost-1]) + "…"
}

// Caller is somebody who may be reached at a phone number, masked, with their
// newest cases in the actor's scope.
type Caller struct {
	constituents.View
	Cases []Item
}

// How much is shown of the people behind a number.
const (
	callersMost = 10
	sharersMost = 50 // records at the number that are looked at
	casesOfEach = 5
)

// Callers finds who may be calling, of records that were merged the one that stands
// for all. Each of them is written into the log of
// reads: a number that somebody types says that its owner has turned to the
// government.
func (s *Service) Callers(ctx context.Context, phone string) ([]Caller, error) {
	if err := s.Access.Can(ctx, access.CaseFile); err != nil {
		return nil, err
	}
	ids, err := s.Constituents.FindByContact(ctx, constituents.Phone, phone)
	if err != nil || len(ids) == 0 {
		return nil, err
	}
	if ids, err = s.Constituents.Heads(ctx, ids[:min(len(ids), sharersMost)]); err != nil {
		return nil, err
	}
	ids = ids[:min(len(ids), callersMost)]
	people, err := s.Constituents.MaskedAll(ctx, ids)
	if err != nil {
		return nil, err
	}
	var list []Caller
	for _, id := range ids {
		v, ok := people[id]
		if !ok || v.Erased {
			continue
		}
		if err := s.Audit.Read(ctx, "constituent", id, []string{"masked"}, ""); err != nil {
			return nil, err
		}
		one := Caller{View: v}
		family, err := s.Constituents.Whole(ctx, id)
		if err != nil {
			return nil, err
		}
		if one.Cases, err = s.ofPerson(ctx, family); err != nil {
			return nil, err
		}
		list = append(list, one)
	}
	return list, nil
}

// ofPerson lists the newest cases in which somebody asks, of the actor's scope: the
// person is all records that belong together.
func (s *Service) ofPerson(ctx context.Context, family []string) ([]Item, error) {
	scope, err := s.Access.Scope(ctx, access.CaseList)
	if err != nil {
		return nil, err
	}
	inScope, args := seen(scope)
	hides, err := s.hides(ctx)
	if err != nil {
		return nil, err
	}
	if hides { // a number that is typed must not say who filed one
		inScope, args = inScope+" AND c.confidentiality <> ?", append(args, IdentityHidden)
	}
	var ids []string
	err = s.DB.Reader(ctx).Raw("SELECT c.id FROM cases c WHERE c.id IN ("+ofPeople+") AND "+inScope+" ORDER BY c.received_at DESC, c.id DESC LIMIT ?",
		slices.Concat([]any{family}, args, []any{casesOfEach})...).Scan(&ids).Error
	if err != nil {
		return nil, fmt.Errorf("read the cases of a person: %w", db.Fault(err, "", ""))
	}
	items, err := s.items(ctx, ids)
	if err != nil {
		return nil, err
	}
	return items, s.unsealItems(ctx, items)
}

// seen is the scope as SQL over cases c.
func seen(scope access.Scope) (string, []any) {
	covered, args := scope.Where("cu.unit_path")
	where := "EXISTS (SELECT 1 FROM case_units cu WHERE cu.case_id = c.id AND " + covered + ")"
	if scope.Recuses() {
		others, values := notAbout(scope, "c.id")
		where, args = where+" AND "+others, append(args, values...)
	}
	return where, args
}
