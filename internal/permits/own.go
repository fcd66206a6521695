package permits

import (
	"context"
	"slices"

	"minqing/internal/actor"
	"minqing/internal/calendar"
	"minqing/internal/cases"
	"minqing/internal/catalogue"
	"minqing/internal/clocks"
	"minqing/internal/permittypes"
)

// Own is an application as the applicant's side sees it.
type Own struct {
	Application *Application
	Type        *permittypes.Type
	Questions   []catalogue.Question
	Items       []Item
	Already     []Already      // answers that were held
	Changes     []AnswerChange // answers that were corrected after they were sent, the oldest first
	Correction  *Correction    // of answers, while a notice asks for some
	Notices     []Notice
	Inspections []Inspection // the newest first
	Hearings    []Hearing    // the newest first
	Interested  []Interested // who else is heard; not who they are
	Place       *Place       // nil: not limited
	Decision    *Decision    // once it is made
	Declined    *Declined    // where it was not accepted
	Remedy      *Remedy      // where something was refused: until when one can act against it
	Case        *cases.Case  // nil: a draft
	Calendar    *calendar.Calendar
	Clocks      []clocks.Clock
	UnitID      string
	AcceptBy    calendar.Result
	DecideBy    calendar.Result
	QueryCode   string
	MayWrite    bool
}

// Open is the notice that waits for an answer, nil where none does.
func (o *Own) Open() *Notice {
	if n := len(o.Notices); n > 0 && o.Notices[n-1].AnsweredAt == nil && o.Application.State == Correcting {
		return &o.Notices[n-1]
	}
	return nil
}

// Own shows an application to who applied, and to the members of the enterprise
// that did, and to the desk that wrote it down for them, which is noted in the log of
// reads. To everybody else, other staff too, it does not exist.
func (s *Service) Own(ctx context.Context, id string) (*Own, error) {
	a, err := s.own(ctx, id, false)
	if err != nil {
		return nil, err
	}
	if err := s.looked(ctx, a); err != nil {
		return nil, err
	}
	o := &Own{Application: a, MayWrite: s.side(ctx, a, true) == nil}
	if o.Type, err = s.typeOf(ctx, a); err != nil {
		return nil, err
	}
	if o.Questions, err = s.Questions(ctx, o.Type); err != nil {
		return nil, err
	}
	o.Questions = askable(a, o.Questions)
	if o.Notices, err = s.notices(ctx, a.ID); err != nil {
		return nil, err
	}
	if o.Changes, err = s.answerChanges(ctx, a.ID); err != nil {
		return nil, err
	}
	if o.Correction, err = s.correction(ctx, a, o.Type, o.Open()); err != nil {
		return nil, err
	}
	if o.Inspections, err = s.inspections(ctx, a.ID); err != nil {
		return nil, err
	}
	if o.Hearings, err = s.hearings(ctx, a.ID); err != nil {
		return nil, err
	}
	if o.Interested, err = s.interested(ctx, a.ID); err != nil {
		return nil, err
	}
	if o.Place, err = s.placeOf(ctx, a, o.Type); err != nil {
		return nil, err
	}
	if o.Items, err = s.items(ctx, a, o.Type, o.Open(), false); err != nil {
		return nil, err
	}
	if o.Already, err = s.already(ctx, a.ID, partQuestion); err != nil {
		return nil, err
	}
	if a.CaseID == nil {
		return o, nil
	}
	return o, s.ownCase(ctx, o)
}

func (s *Service) ownCase(ctx context.Context, o *Own) (err error) {
	a := o.Application
	if o.Case, err = s.Cases.ByID(ctx, *a.CaseID); err != nil {
		return err
	}
	o.QueryCode = s.Cases.QueryCode(o.Case)
	cal, err := s.calendarOf(ctx, o.Case)
	if err != nil {
		return err
	}
	o.Calendar = cal
	o.AcceptBy = AcceptBy(cal, o.Type, *a.CompleteAt)
	if from := a.counted(o.Type); from != nil && !o.Case.AwaitsCorrection() {
		list, err := s.Cases.ClocksOf(ctx, o.Case.ID)
		if err != nil {
			return err
		}
		o.DecideBy = DecideBy(cal, o.Type, *from, extended(o.Case, o.Type), spans(cal, list))
	}
	if a.State == NotAccepted {
		err = s.declined(ctx, o)
	} else if o.Decision, err = s.decisionOf(ctx, o.Case.ID); o.Decision != nil && o.Decision.DecidedAt == nil {
		o.Decision = nil
	}
	if err != nil {
		return err
	}
	o.Remedy, err = s.remedy(ctx, deciding{o.Case, o.Type, cal}, o.Decision, o.Declined)
	return err
}

// same are the records of the holder: of the person who is signed in all that
// belong to them.
func (s *Service) same(ctx context.Context, holder string) ([]string, error) {
	if a := actor.From(ctx); a.ConstituentID != "" {
		me, err := s.Cases.Constituents.Family(ctx, a.ConstituentID)
		if err != nil {
			return nil, err
		}
		if slices.Contains(me, holder) {
			return me, nil
		}
	}
	return []string{holder}, nil
}
