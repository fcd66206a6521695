// Package offers gives people what is theirs without their asking (免申即享): a
// benefit says by machine-readable conditions whom it fits, a list of those is
// confirmed by a second person, each is told and may object, or has to agree where
// money moves, and what is granted is a case like every other.
package offers

import (
	"context"
	"fmt"
	"time"

	"minqing/internal/access"
	"minqing/internal/audit"
	"minqing/internal/calendar"
	"minqing/internal/cases"
	"minqing/internal/catalogue"
	"minqing/internal/constituents"
	"minqing/internal/db"
	"minqing/internal/fault"
	"minqing/internal/i18n"
	"minqing/internal/jobs"
	"minqing/internal/notify"
	"minqing/internal/outreach"
	"minqing/internal/vault"
)

// Deps are what the service works with.
type Deps struct {
	DB           *db.DB
	Vault        *vault.Vault
	Audit        *audit.Service
	Jobs         *jobs.Queue
	Access       *access.Service
	Catalogue    *catalogue.Service
	Constituents *constituents.Service
	Cases        *cases.Service
	Outreach     *outreach.Service
	Words        *i18n.Bundle
	Tell         func(ctx context.Context, t notify.Telling) error // in the open transaction
	Zone         *time.Location                                    // of the root unit, for "today"; UTC when nil
	Now          func() time.Time
}

// Service is the only writer of benefits, lists and offers.
type Service struct{ Deps }

// New makes the service.
func New(d Deps) *Service {
	if d.Zone == nil {
		d.Zone = time.UTC
	}
	return &Service{Deps: d}
}

// State is where an offer to one person stands.
type State string

// The states of an offer.
const (
	Matched   State = "matched"   // the conditions fit; nobody has confirmed it
	Trimmed   State = "trimmed"   // taken off the list, with a reason
	Confirmed State = "confirmed" // to be told
	Offered   State = "offered"   // told; the window is open
	Agreed    State = "agreed"    // to be granted
	Objected  State = "objected"
	Lapsed    State = "lapsed"  // money would have moved, and nobody agreed
	Refused   State = "refused" // the conditions fit no more when it was to be granted
	Granted   State = "granted"
	Dropped   State = "dropped" // with its list
)

// States lists them in the order of an offer's life.
var States = []State{Matched, Trimmed, Confirmed, Offered, Agreed, Objected, Lapsed, Refused, Granted, Dropped}

// taking are the states in which somebody is not matched for the same benefit and
// period again.
var taking = []State{Matched, Trimmed, Confirmed, Offered, Agreed, Objected, Granted}

func (s *Service) today() calendar.Date { return calendar.DateOf(s.Now(), s.Zone) }

func (s *Service) now() time.Time { return s.Now().UTC().Truncate(time.Microsecond) }

var errMissing = fault.New(fault.NotFound, "offer.missing")

func isID(id string) bool { return len(id) == 36 && !db.IDTime(id).IsZero() }

func fail(what string, err error) error { return fmt.Errorf("%s: %w", what, db.Fault(err, "", "")) }

func (s *Service) exec(ctx context.Context, what, sql string, args ...any) (int64, error) {
	res := s.DB.From(ctx).Exec(sql, args...)
	if res.Error != nil {
		return 0, fail(what, res.Error)
	}
	return res.RowsAffected, nil
}
