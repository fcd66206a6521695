// Package outreach finds the people and enterprises whom the government should
// come to by itself: segments by need, risk and burden, never by a person's
// worth, each with its purpose, its ground in law and an owner, and with the
// reason why somebody is in it.
package outreach

import (
	"context"
	"time"

	"minqing/internal/access"
	"minqing/internal/audit"
	"minqing/internal/cases"
	"minqing/internal/catalogue"
	"minqing/internal/constituents"
	"minqing/internal/db"
	"minqing/internal/i18n"
	"minqing/internal/jobs"
	"minqing/internal/permittypes"
	"minqing/internal/place"
	"minqing/internal/vault"
)

// Accounts knows who may still act.
type Accounts interface {
	Active(ctx context.Context, accountID string) (bool, error)
}

// Deps are what the service works with.
type Deps struct {
	DB           *db.DB
	Vault        *vault.Vault
	Audit        *audit.Service
	Jobs         *jobs.Queue
	Access       *access.Service
	Catalogue    *catalogue.Service
	Places       *place.Service
	PermitTypes  *permittypes.Service
	Constituents *constituents.Service
	Cases        *cases.Service
	Accounts     Accounts
	Words        *i18n.Bundle
	Zone         *time.Location // of the root unit, for "today"; UTC when nil
	Now          func() time.Time
}

// Service is the only writer of segments.
type Service struct{ Deps }

// New makes the service.
func New(d Deps) *Service {
	if d.Zone == nil {
		d.Zone = time.UTC
	}
	return &Service{Deps: d}
}
