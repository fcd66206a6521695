// Package record is what is known of one person or enterprise, put together for
// whoever may see it: which parts, by the purpose of their role, and of those
// only what their cases allow.
package record

import (
	"context"
	"time"

	"minqing/internal/access"
	"minqing/internal/audit"
	"minqing/internal/cases"
	"minqing/internal/constituents"
	"minqing/internal/db"
	"minqing/internal/fault"
	"minqing/internal/notify"
	"minqing/internal/permittypes"
	"minqing/internal/place"
	"minqing/internal/satisfaction"
)

// Deps are what the service works with.
type Deps struct {
	DB           *db.DB
	Audit        *audit.Service
	Access       *access.Service
	Cases        *cases.Service
	Satisfaction *satisfaction.Service
	Notify       *notify.Service
	Constituents *constituents.Service
	Places       *place.Service
	PermitTypes  *permittypes.Service
	Zone         *time.Location // of the root unit, whose days count; UTC when nil
	Now          func() time.Time
}

// Service puts records together.
type Service struct{ Deps }

// New makes the service.
func New(d Deps) *Service {
	if d.Zone == nil {
		d.Zone = time.UTC
	}
	return &Service{Deps: d}
}

var errMissing = fault.New(fault.NotFound, "constituents.missing")

// may says whether the actor may open the record of somebody with these cases: of
// those who ask in a case of theirs, or, for whom they find by a number, of anybody.
func (s *Service) may(ctx context.Context, of cases.Personal) error {
	if err := s.Access.Can(ctx, access.PeopleRead); err != nil {
		return err
	}
	if s.Access.Can(ctx, access.PeopleFind) == nil {
		return nil
	}
	asks, err := of.Any(ctx)
	if err == nil && !asks {
		err = errMissing
	}
	return err
}
