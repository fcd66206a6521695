package cases

import (
	"context"

	"minqing/internal/access"
	"minqing/internal/db"
	"minqing/internal/fault"
)

// Silence concludes a case because nobody decided in time and the law says what
// follows from that. No person does it; the package of the track does, once the
// time is over.
type Silence struct {
	Outcome Outcome
	Text    string // what the person reads
}

// Action names the act.
func (Silence) Action() Action { return ActConclude }

// Validate checks the text.
func (o Silence) Validate() error {
	var c fault.Check
	checkText(&c, "text", o.Text)
	return c.Err()
}

func (o Silence) apply(_ context.Context, ch *change) error {
	Conclude{Outcome: o.Outcome, Note: o.Text}.end(ch)
	ch.data["silence"], ch.byItself = true, true
	return nil
}

// bySilence leads from wherever an open case stands.
var bySilence = &Transition{Action: ActConclude, From: open, To: Concluded, Verb: access.CaseConclude, Public: true}

// TrackSilence concludes a case of a track by silence, in the open transaction.
func (s *Service) TrackSilence(ctx context.Context, caseID string, o Silence) (*Case, error) {
	if err := o.Validate(); err != nil {
		return nil, err
	}
	var c *Case
	err := s.DB.Tx(ctx, func(ctx context.Context) (err error) {
		if c, err = s.ByID(ctx, caseID); err != nil {
			return err
		}
		units, err := s.unitsOf(ctx, c.ID)
		if err != nil {
			return err
		}
		return s.transit(ctx, c, units, bySilence, o)
	})
	if err != nil {
		return nil, db.Fault(err, "", "case.changed")
	}
	return c, nil
}
