package cases

import (
	"context"
	"fmt"
	"time"

	"minqing/internal/db"
	"minqing/internal/fault"
)

// Declined is why a case was not accepted.
type Declined struct {
	At     time.Time
	Reason string // one of NotAcceptReasons, or NoPermitNeeded
	Text   string // what the person was written, in the language of the case
}

// DeclinedOf reads the newest refusal to accept a case; NotFound where there is none.
// Whether the actor may read the case has been looked at by who calls.
func (s *Service) DeclinedOf(ctx context.Context, caseID string) (*Declined, error) {
	var list []Event
	if err := s.DB.From(ctx).Raw(readEvents+"? AND action = ? ORDER BY seq DESC LIMIT 1", caseID, ActNotAccept).Scan(&list).Error; err != nil {
		return nil, fmt.Errorf("read why a case was not accepted: %w", db.Fault(err, "", ""))
	}
	if len(list) == 0 {
		return nil, fault.New(fault.NotFound, "case.missing")
	}
	e := list[0]
	said, err := s.opened(ctx, purposeEvent, e.Text, e.TextCipher)
	return &Declined{At: e.At, Reason: e.Facts().Reason, Text: said}, err
}
