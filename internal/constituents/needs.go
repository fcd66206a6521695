package constituents

import (
	"context"
	"fmt"
	"slices"
	"time"

	"minqing/internal/audit"
	"minqing/internal/db"
	"minqing/internal/fault"
)

// NeedKind is what somebody needs to be served well.
type NeedKind string

// The needs.
const (
	LargeType    NeedKind = "large_type"
	SignLanguage NeedKind = "sign_language"
	Interpreter  NeedKind = "interpreter"
	StepFree     NeedKind = "step_free"
	PhoneOnly    NeedKind = "phone_only"
	HomeVisit    NeedKind = "home_visit"
	EasyLanguage NeedKind = "easy_language"
)

// NeedKinds lists them.
var NeedKinds = []NeedKind{LargeType, SignLanguage, Interpreter, StepFree, PhoneOnly, HomeVisit, EasyLanguage}

// Need is a need as it stands in the table.
type Need struct {
	ID            string
	ConstituentID string
	Kind          NeedKind
	ValidFrom     time.Time
	ValidTo       *time.Time
	Source        Source
	Version       int64
}

// TableName names the table for gorm.
func (Need) TableName() string { return "constituent_needs" }

const needColumns = "id, constituent_id, kind, valid_from, source, version"

func (n Need) insert() db.Stmt {
	return db.Insert("constituent_needs", needColumns, n.ID, n.ConstituentID, n.Kind, n.ValidFrom, n.Source, n.Version)
}

// AddNeed writes down a need, or gives the one that stands.
func (s *Service) AddNeed(ctx context.Context, id string, kind NeedKind, source Source) (needID string, err error) {
	var c fault.Check
	c.That(slices.Contains(NeedKinds, kind), "need", "constituents.need.unknown")
	c.That(slices.Contains(Sources, source), "source", "constituents.source.unknown")
	if err := c.Err(); err != nil {
		return "", err
	}
	now := s.Now().UTC()
	err = s.DB.Tx(ctx, func(ctx context.Context) error {
		if _, err := s.hold(ctx, id); err != nil {
			return err
		}
		var there []string
		if err := s.DB.From(ctx).Raw("SELECT id FROM constituent_needs WHERE constituent_id = ? AND kind = ? AND valid_to IS NULL ORDER BY id LIMIT 1", id, kind).Scan(&there).Error; err != nil {
			return fmt.Errorf("look for a need: %w", db.Fault(err, "", ""))
		}
		if len(there) > 0 {
			needID = there[0]
			return nil
		}
		one := Need{ID: db.NewID(now), ConstituentID: id, Kind: kind, ValidFrom: now, Source: source, Version: 1}
		needID = one.ID
		if err := s.DB.InsertAll(ctx, one.insert()); err != nil {
			return fmt.Errorf("store a need: %w", db.Fault(err, "", ""))
		}
		return s.Audit.Record(ctx, audit.Entry{Action: "constituent.need", Kind: "constituent", ID: id, Fields: []audit.Change{{Field: string(kind)}}})
	})
	return needID, err
}

// EndNeed says that somebody no longer needs it.
func (s *Service) EndNeed(ctx context.Context, id, needID string, version int64) error {
	return s.ending(ctx, id, hanging{"constituent_needs", needID, version}, "constituent.need_ended")
}
