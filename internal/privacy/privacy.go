// Package privacy carries out what people may ask of their own data: to see and
// take a copy, and to be erased (PIPL articles 44 to 50). What the law wants kept
// is kept, unreadable as to who asked, and used for nothing else (article 47).
package privacy

import (
	"context"
	"fmt"
	"strings"
	"time"

	"minqing/internal/actor"
	"minqing/internal/audit"
	"minqing/internal/cases"
	"minqing/internal/constituents"
	"minqing/internal/db"
	"minqing/internal/fault"
	"minqing/internal/files"
	"minqing/internal/identity"
	"minqing/internal/jobs"
	"minqing/internal/notify"
	"minqing/internal/place"
	"minqing/internal/satisfaction"
	"minqing/internal/voices"
)

// Cooling is how long a wish to be erased waits, so that its owner can take it
// back, also when it was somebody else at their open page.
const Cooling = 7 * 24 * time.Hour

// Deps are what the service works with.
type Deps struct {
	DB           *db.DB
	Audit        *audit.Service
	Jobs         *jobs.Queue
	Constituents *constituents.Service
	Identity     *identity.Service
	Cases        *cases.Service
	Satisfaction *satisfaction.Service
	Voices       *voices.Service
	Notify       *notify.Service
	Files        *files.Service
	Places       *place.Service
	Groups       Groups
	Offers       Offers
	Campaigns    Campaigns
	Steps        Steps
	Permits      Permits
	Now          func() time.Time
}

// Service does it.
type Service struct{ Deps }

// New makes the service and registers its job.
func New(d Deps) *Service {
	s := &Service{Deps: d}
	jobs.Work(d.Jobs, func(ctx context.Context, _ Due) error { return s.CarryOut(ctx) })
	d.Jobs.Every(time.Hour, Due{})
	return s
}

// Due is the job that carries out wishes whose time has come.
type Due struct{}

// Kind names the job.
func (Due) Kind() string { return "privacy.due" }

// Erasure is a wish to be erased.
type Erasure struct {
	ID            string
	ConstituentID string
	AccountID     *string
	State         string // asked, cancelled, done
	AskedAt       time.Time
	DueAt         time.Time
	EndedAt       *time.Time
	Cases         int64 // files that are kept
}

// TableName names the table for gorm.
func (Erasure) TableName() string { return "erasures" }

// Confirmation is what somebody types to say that they mean it, in one of the
// languages of the pages.
var Confirmation = []string{"刪除我的資料", "删除我的信息", "erase my data"}

// me is the constituent of whoever is signed in.
func (s *Service) me(ctx context.Context) (string, error) {
	a := actor.From(ctx)
	if a.ConstituentID == "" {
		return "", fault.New(fault.Forbidden, "privacy.nobody")
	}
	return a.ConstituentID, nil
}

// Standing is the wish that waits; nil when there is none.
func (s *Service) Standing(ctx context.Context) (*Erasure, error) {
	id, err := s.me(ctx)
	if err != nil {
		return nil, err
	}
	return s.standing(ctx, id)
}

func (s *Service) standing(ctx context.Context, id string) (*Erasure, error) {
	var rows []Erasure
	err := s.DB.From(ctx).Where("constituent_id = ? AND state = 'asked'", id).Find(&rows).Error
	if err != nil || len(rows) == 0 {
		return nil, db.Fault(err, "", "")
	}
	return &rows[0], nil
}

// Open lists the cases that keep somebody from being erased: we owe an answer and
// could not give it.
func (s *Service) Open(ctx context.Context) ([]cases.Case, error) {
	id, err := s.me(ctx)
	if err != nil {
		return nil, err
	}
	family, err := s.Constituents.Family(ctx, id)
	if err != nil {
		return nil, err
	}
	return s.Cases.OpenOf(ctx, family)
}

// Ask takes somebody's wish to be erased: with their password, if they have one,
// and with words
// that nobody types by mistake. It is carried out after Cooling.
func (s *Service) Ask(ctx context.Context, password, typed string) (*Erasure, error) {
	id, err := s.me(ctx)
	if err != nil {
		return nil, err
	}
	if err := s.mayAsk(ctx, id); err != nil {
		return nil, err
	}
	var c fault.Check
	meant := false
	for _, words := range Confirmation {
		meant = meant || strings.EqualFold(strings.TrimSpace(typed), words)
	}
	c.That(meant, "typed", "privacy.erase.typed")
	if err := c.Err(); err != nil {
		return nil, err
	}
	if err := s.Identity.Again(ctx, password); err != nil {
		return nil, err
	}
	now := s.Now().UTC()
	e := &Erasure{ID: db.NewID(now), ConstituentID: id, AccountID: db.Ref(actor.From(ctx).AccountID), State: "asked", AskedAt: now, DueAt: now.Add(Cooling)}
	err = s.DB.Tx(ctx, func(ctx context.Context) error {
		if err := s.DB.From(ctx).Create(e).Error; err != nil {
			return fmt.Errorf("note a wish to be erased: %w", db.Fault(err, "", "privacy.erase.asked"))
		}
		return s.Audit.Record(ctx, audit.Entry{Action: "privacy.erasure_asked", Kind: "constituent", ID: id})
	})
	if err != nil {
		return nil, err
	}
	return e, nil
}

func (s *Service) mayAsk(ctx context.Context, id string) error {
	own, err := s.Identity.Own(ctx)
	if err != nil {
		return err
	}
	if own.Demo {
		return fault.New(fault.Conflict, "privacy.erase.demo")
	}
	who, err := s.Constituents.Own(ctx, id)
	if err != nil {
		return err
	}
	if who.Kind != constituents.Person {
		return fault.New(fault.Conflict, "privacy.erase.enterprise")
	}
	open, err := s.Open(ctx)
	if err != nil {
		return err
	}
	if len(open) > 0 {
		return fault.New(fault.Conflict, "privacy.erase.open").With("Count", len(open))
	}
	family, err := s.Constituents.Family(ctx, id)
	if err != nil {
		return err
	}
	held, err := s.Cases.HeldOf(ctx, family)
	if err == nil && held {
		err = fault.New(fault.Conflict, "privacy.erase.held")
	}
	return err
}

// Cancel takes the wish back.
func (s *Service) Cancel(ctx context.Context) error {
	id, err := s.me(ctx)
	if err != nil {
		return err
	}
	return s.DB.Tx(ctx, func(ctx context.Context) error {
		res := s.DB.From(ctx).Exec("UPDATE erasures SET state = 'cancelled', ended_at = ? WHERE constituent_id = ? AND state = 'asked'", s.Now().UTC(), id)
		if res.Error != nil {
			return fmt.Errorf("take back a wish to be erased: %w", db.Fault(res.Error, "", ""))
		}
		if res.RowsAffected == 0 {
			return nil
		}
		return s.Audit.Record(ctx, audit.Entry{Action: "privacy.erasure_cancelled", Kind: "constituent", ID: id})
	})
}
