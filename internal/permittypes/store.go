package permittypes

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"time"

	"gorm.io/gorm"

	"minqing/internal/actor"
	"minqing/internal/audit"
	"minqing/internal/calendar"
	"minqing/internal/catalogue"
	"minqing/internal/db"
	"minqing/internal/fault"
)

// Service reads and writes permit types.
type Service struct {
	db        *db.DB
	audit     *audit.Service
	catalogue *catalogue.Service
	zone      *time.Location
	now       func() time.Time
	known     sync.Map // code and version → *Type: what is published never changes
}

// New makes the service; zone is the government's, in which days begin.
func New(d *db.DB, a *audit.Service, c *catalogue.Service, zone *time.Location, now func() time.Time) *Service {
	return &Service{db: d, audit: a, catalogue: c, zone: zone, now: now}
}

// row is a published version as it stands in permit_types.
type row struct {
	ID            string
	Code          string
	Version       int64
	MatterCode    string
	Content       string
	ValidFrom     calendar.Date
	PublishedAt   time.Time
	PublishedByID *string
	WrittenByID   *string
	Reason        string
}

// TableName names the table for gorm.
func (row) TableName() string { return "permit_types" }

func (r row) decode() (*Type, error) {
	t := &Type{}
	if err := json.Unmarshal([]byte(r.Content), t); err != nil {
		return nil, fmt.Errorf("read the permit type %s: %w", r.Code, err)
	}
	t.settle()
	t.ID, t.Code, t.Version, t.ValidFrom, t.PublishedAt = r.ID, r.Code, r.Version, r.ValidFrom, r.PublishedAt
	return t, nil
}

func encode(t *Type) (string, error) {
	raw, err := json.Marshal(t)
	if err != nil {
		return "", fmt.Errorf("write the permit type %s: %w", t.Code, err)
	}
	return string(raw), nil
}

var errMissing = fault.New(fault.NotFound, "permittype.missing")

func (s *Service) today() calendar.Date { return calendar.DateOf(s.now(), s.zone) }

// inForce picks of each code the newest version whose day has come.
const inForce = `SELECT code, max(version) AS version FROM permit_types WHERE valid_from <= ? AND (? = '' OR code = ?) GROUP BY code ORDER BY code`

// Types are the types in force today that may be applied for, by code.
func (s *Service) Types(ctx context.Context) ([]Type, error) {
	list, err := s.Known(ctx)
	return slices.DeleteFunc(list, func(t Type) bool { return t.Withdrawn }), err
}

// Known are the types of which permits may stand today, by code: those in force, and
// those for which nobody may apply any more.
func (s *Service) Known(ctx context.Context) ([]Type, error) {
	heads, err := s.heads(ctx, "")
	if err != nil {
		return nil, err
	}
	list := make([]Type, 0, len(heads))
	for _, h := range heads {
		t, err := s.Version(ctx, h.Code, h.Version)
		if err != nil {
			return nil, err
		}
		list = append(list, *t)
	}
	return list, nil
}

type head struct {
	Code    string
	Version int64
}

func (s *Service) heads(ctx context.Context, code string) ([]head, error) {
	var heads []head
	if err := s.db.From(ctx).Raw(inForce, s.today(), code, code).Scan(&heads).Error; err != nil {
		return nil, fmt.Errorf("read the permit types in force: %w", db.Fault(err, "", ""))
	}
	return heads, nil
}

// Type is the version in force today; NotFound where nobody may apply for it.
func (s *Service) Type(ctx context.Context, code string) (*Type, error) {
	heads, err := s.heads(ctx, code)
	if err != nil {
		return nil, err
	}
	if code == "" || len(heads) == 0 {
		return nil, errMissing
	}
	t, err := s.Version(ctx, code, heads[0].Version)
	if err == nil && t.Withdrawn {
		return nil, errMissing
	}
	return t, err
}

// Version is a version whatever the day: applications stay on theirs.
func (s *Service) Version(ctx context.Context, code string, version int64) (*Type, error) {
	key := code + " " + strconv.FormatInt(version, 10)
	if t, ok := s.known.Load(key); ok {
		c := *t.(*Type) //nolint:forcetypeassert // holds nothing else
		return &c, nil
	}
	var r row
	err := s.db.From(ctx).Where("code = ? AND version = ?", code, version).Take(&r).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return nil, errMissing
	}
	if err != nil {
		return nil, fmt.Errorf("read a permit type: %w", db.Fault(err, "", ""))
	}
	t, err := r.decode()
	if err != nil {
		return nil, err
	}
	if s.db.SQLTx(ctx) == nil { // what a transaction sees may yet be undone
		s.known.Store(key, t)
	}
	c := *t
	return &c, nil
}

// Ensure publishes types that come with the program: codes that are new, and
// those whose newest version came this way too and says something else. What
// was edited stays as it was edited.
func (s *Service) Ensure(ctx context.Context, from calendar.Date, types []*Type) error {
	return s.db.Tx(ctx, func(ctx context.Context) error {
		for _, t := range types {
			if err := s.ensure(ctx, from, *t); err != nil {
				return err
			}
		}
		return nil
	})
}

func (s *Service) ensure(ctx context.Context, from calendar.Date, t Type) error {
	last, err := s.last(ctx, t.Code)
	if err != nil {
		return err
	}
	content, err := encode(&t)
	if err != nil {
		return err
	}
	if last.Version > 0 && (last.PublishedByID != nil || last.Content == content) {
		return nil
	}
	if last.Version > 0 {
		from = max(s.today(), last.ValidFrom)
	}
	t.ValidFrom, t.Version = from, last.Version+1
	return s.publish(ctx, t, content, nil, "")
}

// last is the newest version, in force or not; none has the version 0.
func (s *Service) last(ctx context.Context, code string) (row, error) {
	var list []row
	if err := s.db.From(ctx).Where("code = ?", code).Order("version DESC").Limit(1).Find(&list).Error; err != nil {
		return row{}, fmt.Errorf("read a permit type: %w", db.Fault(err, "", ""))
	}
	if len(list) == 0 {
		return row{}, nil
	}
	return list[0], nil
}

// publish checks and adds a version, with its audit entry, in the open transaction.
func (s *Service) publish(ctx context.Context, t Type, content string, writer *string, reason string) error {
	if err := s.Check(ctx, &t); err != nil {
		return err
	}
	now := s.now().UTC()
	r := row{ID: db.NewID(now), Code: t.Code, Version: t.Version, MatterCode: t.MatterCode, Content: content, ValidFrom: t.ValidFrom,
		PublishedAt: now, PublishedByID: db.Ref(actor.From(ctx).AccountID), WrittenByID: writer, Reason: reason}
	if err := s.db.From(ctx).Create(&r).Error; err != nil {
		return fmt.Errorf("publish a permit type: %w", db.Fault(err, "", "permittype.changed"))
	}
	return s.audit.Record(ctx, audit.Entry{Action: "permit_type.published", Kind: "permit_type", ID: t.Code, Reason: reason,
		Fields: []audit.Change{{Field: "version", After: strconv.FormatInt(t.Version, 10)}, {Field: "valid_from", After: t.ValidFrom.String()}}})
}
