package permits

import (
	"context"

	"minqing/internal/calendar"
	"minqing/internal/cases"
	"minqing/internal/permittypes"
)

// PayWithin is how many working days somebody has to pay a fee.
const PayWithin = 10

// Charge is what an application costs at one of its steps.
type Charge struct {
	Case        *cases.Case
	Application *Application
	Type        *permittypes.Type
	When        string // permittypes.FeeAtAcceptance or FeeAtGrant
	Fees        []permittypes.Fee
	DueOn       calendar.Date
}

// Fees orders what a permit costs, within the caller's transaction. No step of the
// application waits for the money.
type Fees interface {
	Charge(ctx context.Context, c Charge) error
	// Cancel ends what nobody has paid, for the application was withdrawn.
	Cancel(ctx context.Context, caseID string) error
}

// charge orders the fees of one step, those that the answers call for.
func (s *Service) charge(ctx context.Context, cal *calendar.Calendar, c Charge) error {
	if s.Fees == nil {
		return nil
	}
	for _, f := range c.Type.Due(c.Application.Answers) {
		if f.When == c.When {
			c.Fees = append(c.Fees, f)
		}
	}
	if len(c.Fees) == 0 {
		return nil
	}
	c.DueOn = cal.AddWorkingDays(cal.ReceivedOn(s.Now()), PayWithin)
	return s.Fees.Charge(ctx, c)
}
