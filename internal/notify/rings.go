package notify

import (
	"context"
	"fmt"

	"minqing/internal/calendar"
	"minqing/internal/i18n"
)

// CallbackMissed tells somebody that they were rung and not reached, once for each
// result.
const CallbackMissed Kind = "callback_missed"

// Rings knows when somebody is rung again. The package of judgements fills it.
type Rings interface {
	RingsOn(ctx context.Context, caseID string) (calendar.Date, bool, error)
}

// aboutRings fills in what a message says of a call that nobody took.
func (s *Service) aboutRings(ctx context.Context, d *delivery, f Facts, p *mailPage) error {
	if d.Kind != CallbackMissed || s.Rings == nil {
		return nil
	}
	on, again, err := s.Rings.RingsOn(ctx, deref(d.CaseID))
	if err != nil {
		return fmt.Errorf("read what a message says: %w", err)
	}
	if again {
		p.RingsOn = i18n.Format{Lang: i18n.Lang(d.Locale)}.Date(on.UTC())
	}
	p.Hotline = f.Hotline
	return nil
}
