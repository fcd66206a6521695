package cases

import (
	"context"

	"minqing/internal/actor"
	"minqing/internal/fault"
)

// Conferral is what the government gives to somebody unasked, once it is decided.
type Conferral struct {
	RequesterID string // the record of whoever gets it
	UnitCode    string // which gives it
	MatterCode  string
	HandlerID   string // the account that decided; the case is nobody's when it may not handle it
	Title       string
	Description string
	Decision    string // what the person is told
	Locale      string
}

// Confer makes the case of a conferral in the open transaction, from receipt to
// conclusion: it has a number, a story and an evaluation like every other. The
// person hears of it once, with the conclusion.
func (s *Service) Confer(ctx context.Context, g Conferral) (*Receipt, error) {
	if actor.From(ctx).Kind != actor.System {
		return nil, fault.New(fault.Forbidden, "access.forbidden")
	}
	kind, err := s.conferredAs(ctx, g.MatterCode)
	if err != nil {
		return nil, err
	}
	var r *Receipt
	err = s.DB.Tx(ctx, func(ctx context.Context) error {
		f := Filing{Kind: kind, MatterCode: g.MatterCode, Title: g.Title, Description: g.Description, Locale: g.Locale, Channel: ChannelOffer, Confidentiality: Normal, unasked: true}
		if f.requester, err = s.Constituents.Hold(ctx, g.RequesterID); err != nil {
			return err
		}
		if r, err = s.File(ctx, f); err != nil {
			return err
		}
		for _, cmd := range []Command{Accept{}, Dispatch{UnitCode: g.UnitCode}, SignIn{}, taken{g.HandlerID}, Reply{Text: g.Decision}, ReviewReply{Approve: true}, Conclude{Outcome: Resolved}} {
			if err := s.conferStep(ctx, r.CaseNo, cmd); err != nil {
				return err
			}
		}
		return nil
	})
	return r, err
}

// conferStep does one act of the case. A reply is reviewed where its matter asks
// for it: whoever confirmed the offer has read the words.
func (s *Service) conferStep(ctx context.Context, caseNo string, cmd Command) error {
	c, err := s.find(ctx, caseNo)
	if err != nil {
		return err
	}
	if cmd.Action() == ActReviewReply {
		snap, err := s.Catalogue.Snapshot(ctx)
		if err != nil {
			return err
		}
		if m, err := snap.Matter(*c.MatterID); err != nil || !needsReview(m) {
			return err
		}
	}
	units, err := s.unitsOf(ctx, c.ID)
	if err != nil {
		return err
	}
	if cmd.Action() != ActConclude {
		cmd = silent{cmd}
	}
	if err := cmd.Validate(); err != nil {
		return err
	}
	return s.transit(ctx, c, units, byAction[cmd.Action()], cmd)
}

// CheckConferral says what of a matter does not go with giving something unasked:
// nobody is there to name a place, and it must take requests or enquiries.
func (s *Service) CheckConferral(ctx context.Context, matterCode string) error {
	_, err := s.conferredAs(ctx, matterCode)
	return err
}

func (s *Service) conferredAs(ctx context.Context, matterCode string) (Kind, error) {
	wrong := func(key string) error { return fault.InvalidInput(fault.Field{Name: "matter", Key: key}) }
	snap, err := s.Catalogue.Snapshot(ctx)
	if err != nil {
		return "", err
	}
	root, err := s.Clocks.Of(snap, snap.Root())
	if err != nil {
		return "", err
	}
	m, err := snap.MatterOn(matterCode, root.ReceivedOn(s.Now()))
	if err != nil {
		return "", wrong("case.matter.unknown")
	}
	if m.NeedsPlace {
		return "", wrong("case.confer.matter")
	}
	for _, k := range []Kind{HelpRequest, Enquiry} {
		if m.Allows(string(k)) {
			return k, nil
		}
	}
	return "", wrong("case.confer.matter")
}

// silent is a command of which nobody outside hears by itself.
type silent struct{ Command }

func (q silent) apply(ctx context.Context, ch *change) error {
	err := q.Command.apply(ctx, ch)
	ch.tell = false
	return err
}

// taken gives a case to whoever decided it, without telling them.
type taken struct{ handlerID string }

// Action names the act.
func (taken) Action() Action { return ActAssign }

// Validate has nothing to check.
func (taken) Validate() error { return nil }

func (a taken) apply(ctx context.Context, ch *change) error {
	unit, err := ch.snap.Unit(ch.c.UnitID)
	if err != nil || a.handlerID == "" {
		return err
	}
	ok, err := ch.s.Access.Handles(ctx, a.handlerID, unit.Path)
	if err != nil || !ok { // they have left since
		return err
	}
	ch.c.HandlerID = &a.handlerID
	ch.data["handler_id"] = a.handlerID
	ch.note("handler", "", a.handlerID)
	return nil
}
