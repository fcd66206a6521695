package cases

import (
	"context"
	"fmt"
	"slices"

	"minqing/internal/access"
	"minqing/internal/actor"
	"minqing/internal/db"
	"minqing/internal/fault"
)

// Hearing is what colleagues hear of.
type Hearing string

// What is told inside.
const (
	HearObjection Hearing = "objection" // somebody has to decide
	HearDecided   Hearing = "decided"   // the unit has the case, again or anew

	HearAssigned  Hearing = "assigned"   // the case is theirs to handle
	HearMention   Hearing = "mention"    // a note names them
	HearBadReview Hearing = "bad_review" // somebody has to speak with the person
	HearExtension Hearing = "extension"  // somebody has to decide
	HearPart      Hearing = "part"       // a part of a case is the unit's to do

	HearOrder       Hearing = "order"        // the unit above wants something
	HearAnswered    Hearing = "order_answer" // the unit has answered
	HearOrderMoved  Hearing = "order_moved"  // closed, or more time
	HearOrderBefore Hearing = "order_before"
	HearOrderDue    Hearing = "order_due"
	HearOrderAfter  Hearing = "order_after"
)

// Heard says that an act concerns colleagues. The job tells them; it holds ids
// only.
type Heard struct {
	CaseID  string  `json:"case_id"`
	EventID string  `json:"event_id"` // the cause of the messages
	About   Hearing `json:"about"`
	DueUnix int64   `json:"due,omitempty"` // of a warning that came by itself: when what it warns of is due; else 0
}

// Kind names the job.
func (Heard) Kind() string { return "case.heard" }

// hear lets colleagues know of the act.
func (ch *change) hear(about Hearing) { ch.hearing = about }

// hearers are what the job needs to know of a case.
type hearers struct {
	Case
	LeadPath string
}

// Hearers are the accounts that hear of an act, each once, and nobody who may not
// read the case.
func (s *Service) Hearers(ctx context.Context, h Heard) ([]string, error) {
	var found []hearers
	err := s.DB.From(ctx).Raw(`SELECT c.*, cu.unit_path AS lead_path FROM cases c
 JOIN case_units cu ON cu.case_id = c.id AND cu.role = 'lead' WHERE c.id = ?`, h.CaseID).Scan(&found).Error
	if err != nil {
		return nil, fmt.Errorf("read the case that colleagues hear of: %w", db.Fault(err, "", ""))
	}
	if len(found) == 0 {
		return nil, nil
	}
	who, err := s.hearing(ctx, &found[0], h)
	if err != nil {
		return nil, err
	}
	return s.readers(ctx, found[0].CaseNo, who)
}

func (s *Service) hearing(ctx context.Context, f *hearers, h Heard) ([]string, error) {
	switch h.About {
	case HearObjection:
		return s.deciders(ctx, f)
	case HearAssigned:
		if f.HandlerID == nil {
			return nil, nil // taken away meanwhile
		}
		return []string{*f.HandlerID}, nil
	case HearMention:
		return s.hearingMention(ctx, h)
	case HearDecided:
		return s.ofUnit(ctx, f, ActReturn)
	case HearBadReview:
		if f.Rectify != ToContact {
			return nil, nil // somebody was quicker
		}
		return s.ofUnit(ctx, f, ActConclude)
	case HearExtension:
		return s.mayExtend(ctx, f)
	case HearPart:
		return s.Access.Nearest(ctx, access.CaseAssign, f.LeadPath)
	}
	return s.hearingOrder(ctx, f, h)
}

// hearingOrder are those who hear of an order: the unit that it is for, and who
// watches over it when the unit has answered or is late.
func (s *Service) hearingOrder(ctx context.Context, f *hearers, h Heard) ([]string, error) {
	o, err := s.order(ctx, f.ID)
	if err != nil || o == nil && h.About != HearOrderMoved {
		return nil, err // closed meanwhile
	}
	if h.About == HearOrderMoved {
		return s.ofUnit(ctx, f, ActAnswerOrder)
	}
	var who []string
	if h.About != HearAnswered {
		if who, err = s.ofUnit(ctx, f, ActAnswerOrder); err != nil {
			return nil, err
		}
	}
	if h.About == HearAnswered || h.About == HearOrderAfter {
		if o.ByAccountID != nil {
			who = append(who, *o.ByAccountID)
		}
		snap, err := s.Catalogue.Snapshot(ctx)
		if err != nil {
			return nil, err
		}
		if by, err := snap.Unit(o.ByUnitID); err == nil {
			above, err := s.Access.Nearest(ctx, access.CaseSupervise, f.pathAt(by))
			if err != nil {
				return nil, err
			}
			who = append(who, above...)
		}
	}
	return who, nil
}

// deciders are those who may decide on the objection, nearest to where it lies.
func (s *Service) deciders(ctx context.Context, f *hearers) ([]string, error) {
	switch {
	case f.Objection == "":
		return nil, nil // decided meanwhile
	case f.RulerID == nil:
		return s.Access.Nearest(ctx, access.CaseDecideObjection, f.LeadPath)
	}
	snap, err := s.Catalogue.Snapshot(ctx)
	if err != nil {
		return nil, err
	}
	u, err := snap.Unit(*f.RulerID)
	if fault.KindOf(err) == fault.NotFound && err != nil {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return s.Access.Nearest(ctx, access.CaseRuleObjection, f.pathAt(u))
}

// ofUnit are the head of the unit that has the case, its handler, and whoever
// did an act on it last.
func (s *Service) ofUnit(ctx context.Context, f *hearers, last Action) ([]string, error) {
	who, err := s.Access.Nearest(ctx, access.CaseDecideExtension, f.LeadPath)
	if err != nil {
		return nil, err
	}
	if f.HandlerID != nil {
		who = append(who, *f.HandlerID)
	}
	var did []string
	err = s.DB.From(ctx).Raw("SELECT account_id FROM case_events WHERE case_id = ? AND action = ? AND account_id IS NOT NULL ORDER BY seq DESC LIMIT 1",
		f.ID, last).Scan(&did).Error
	if err != nil {
		return nil, fmt.Errorf("read who hears of an act: %w", db.Fault(err, "", ""))
	}
	return append(who, did...), nil
}

// mayExtend are those who decide on more time, nearest to the unit; not who asked
// for it.
func (s *Service) mayExtend(ctx context.Context, f *hearers) ([]string, error) {
	if f.ExtensionAsked.IsZero() {
		return nil, nil // decided meanwhile
	}
	v, unitPath, err := s.extendedBy(ctx, &f.Case, f.LeadPath)
	if err != nil {
		return nil, err
	}
	who, err := s.Access.Nearest(ctx, v, unitPath)
	return slices.DeleteFunc(who, func(id string) bool { return f.askedBy(actor.Actor{AccountID: id}) }), err
}
