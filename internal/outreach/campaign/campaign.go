// Package campaign tells the members of a segment, unasked, of what may be
// theirs or concerns them: in words that a second person approved, never against
// somebody's refusal, not too often and not by night, with some held back so that
// the result can be told from what would have come about anyway.
package campaign

import (
	"context"
	"fmt"
	"time"

	"minqing/internal/access"
	"minqing/internal/audit"
	"minqing/internal/catalogue"
	"minqing/internal/constituents"
	"minqing/internal/db"
	"minqing/internal/i18n"
	"minqing/internal/jobs"
	"minqing/internal/notify"
	"minqing/internal/outreach"
	"minqing/internal/vault"
)

// Messages sends what campaigns say; notify.Service does.
type Messages interface {
	// CanInvite says whether somebody can be written to by a channel at an address
	// that is proven and takes messages.
	CanInvite(ctx context.Context, constituentID string, by notify.Channel) (bool, error)
	// Invite notes one message in the open transaction and gives its id. It may be
	// repeated.
	Invite(ctx context.Context, i notify.Inviting) (id string, err error)
	Carries(by notify.Channel) bool
	// TakeBack takes messages out of the portal that nobody has opened.
	TakeBack(ctx context.Context, ids []string, reason string) error
}

// Deps are what the service works with.
type Deps struct {
	DB           *db.DB
	Vault        *vault.Vault
	Audit        *audit.Service
	Jobs         *jobs.Queue
	Access       *access.Service
	Catalogue    *catalogue.Service
	Constituents *constituents.Service
	Segments     *outreach.Service
	Messages     Messages
	Words        *i18n.Bundle
	Tell         func(ctx context.Context, t notify.Telling) error // in the open transaction
	Zone         *time.Location                                    // of quiet hours and of "today"; UTC when nil
	Now          func() time.Time
}

// Service is the only writer of campaigns.
type Service struct{ Deps }

// New makes the service.
func New(d Deps) *Service {
	if d.Zone == nil {
		d.Zone = time.UTC
	}
	return &Service{Deps: d}
}

func fail(what string, err error) error { return fmt.Errorf("%s: %w", what, db.Fault(err, "", "")) }

func (s *Service) exec(ctx context.Context, what, sql string, args ...any) (int64, error) {
	res := s.DB.From(ctx).Exec(sql, args...)
	if res.Error != nil {
		return 0, fail(what, res.Error)
	}
	return res.RowsAffected, nil
}
