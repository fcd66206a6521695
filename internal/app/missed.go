package app

import (
	"context"

	"minqing/internal/calendar"
	"minqing/internal/notify"
	"minqing/internal/satisfaction"
)

// missed tells somebody that they were rung and not reached, unless they have judged
// meanwhile.
func (a *App) missed(ctx context.Context, m satisfaction.Missed) error {
	waits, err := a.Satisfaction.Waits(ctx, satisfaction.Reminded(m))
	if err != nil || !waits {
		return err
	}
	who, err := a.Cases.Requester(ctx, m.CaseID)
	if err != nil || who == "" {
		return err
	}
	return a.Notify.Tell(ctx, notify.Telling{Kind: notify.CallbackMissed, To: notify.Recipient{ConstituentID: who}, CaseID: m.CaseID, Cause: m.CallbackID})
}

// rings tells notify when somebody is rung again.
type rings struct{ a *App }

// RingsOn is the day that the person was told.
func (r rings) RingsOn(ctx context.Context, caseID string) (calendar.Date, bool, error) {
	return r.a.Satisfaction.RingsOn(ctx, caseID)
}
