package enterprises

import (
	"context"
	"fmt"

	"minqing/internal/audit"
	"minqing/internal/calendar"
	"minqing/internal/constituents"
	"minqing/internal/db"
	"minqing/internal/fault"
)

// State is where an enterprise stands in the public register.
type State string

// The states. Unknown is one that the register does not hold, and that staff
// looked at.
const (
	Active    State = "active"
	Suspended State = "suspended"
	Revoked   State = "revoked"
	Closed    State = "closed"
	Unknown   State = "unknown"
)

// Registered is an enterprise as the public register has it. Mail is where the
// register reaches it; empty when it knows no address.
type Registered struct {
	Kind  constituents.IDKind // USCC or TaiwanUBN
	Code  string              // in its normal form
	Name  string
	State State
	Mail  string
}

// Enterprise is one that keeps house in the portal.
type Enterprise struct {
	ID            string
	CodeKind      constituents.IDKind
	Code          string
	Name          string
	RegisterState State
	RegisterOn    *calendar.Date
	Version       int64
}

// TableName names the table for gorm.
func (Enterprise) TableName() string { return "enterprises" }

// ByCode finds an enterprise; nil when it does not keep house here.
func (s *Service) ByCode(ctx context.Context, k constituents.IDKind, code string) (*Enterprise, error) {
	var list []Enterprise
	if err := s.DB.From(ctx).Where("code_kind = ? AND code = ?", k, code).Find(&list).Error; err != nil {
		return nil, fmt.Errorf("find an enterprise by its code: %w", db.Fault(err, "", ""))
	}
	if len(list) == 0 {
		return nil, nil //nolint:nilnil // nobody has registered it
	}
	return &list[0], nil
}

// Entry is an enterprise with what the register said of it; nil for whoever is none.
func (s *Service) Entry(ctx context.Context, id string) (*Enterprise, error) {
	var list []Enterprise
	if err := s.DB.From(ctx).Where("id = ?", id).Find(&list).Error; err != nil {
		return nil, fmt.Errorf("find an enterprise: %w", db.Fault(err, "", ""))
	}
	if len(list) == 0 {
		return nil, nil //nolint:nilnil // a person, or not registered
	}
	return &list[0], nil
}

// Establish makes an enterprise with its first owner and gives its id: for one
// that somebody has proven, or whom an administrator or the demo city vouches for.
// A record of it that is known by the same proven number is taken, so that the same
// enterprise stands there once. Whoever comes second gets a Conflict.
func (s *Service) Establish(ctx context.Context, r Registered, ownerID, locale string) (id string, err error) {
	err = s.DB.Tx(ctx, func(ctx context.Context) error {
		if id, err = s.record(ctx, r, locale); err != nil {
			return err
		}
		now := s.Now().UTC()
		stmt := db.Insert("enterprises", "id, code_kind, code, name, register_state, register_on, version, created_at",
			id, r.Kind, r.Code, r.Name, r.State, s.today(), 1, now)
		if err := s.DB.InsertAll(ctx, stmt); err != nil {
			return db.Fault(err, "", "enterprises.taken")
		}
		err := s.Audit.Record(ctx, audit.Entry{Action: "enterprise.establish", Kind: "enterprise", ID: id,
			Fields: []audit.Change{{Field: "code", After: r.Code}, {Field: "register", After: string(r.State)}}})
		if err != nil {
			return err
		}
		return s.join(ctx, id, ownerID, Owner)
	})
	return id, err
}

// record finds or makes the constituent of an enterprise.
func (s *Service) record(ctx context.Context, r Registered, locale string) (string, error) {
	there, err := s.ByCode(ctx, r.Kind, r.Code)
	if err != nil {
		return "", err
	}
	if there != nil {
		return "", fault.New(fault.Conflict, "enterprises.taken")
	}
	known, err := s.Constituents.Proven(ctx, r.Kind, r.Code)
	if err != nil || known != "" {
		return known, err
	}
	rows, err := s.Constituents.Prepare(ctx, constituents.Contact{Kind: constituents.Enterprise, Name: r.Name, Email: r.Mail}, locale)
	if err != nil {
		return "", err
	}
	rows, err = s.Constituents.With(rows, constituents.Facts{Profile: constituents.Profile{Source: constituents.FromSelf},
		Number: &constituents.Document{Kind: r.Kind, Value: r.Code, Seen: true}})
	if err != nil {
		return "", err
	}
	if err := s.Constituents.Insert(ctx, rows); err != nil {
		return "", err
	}
	id := rows.ConstituentID()
	return id, s.Audit.Record(ctx, audit.Entry{Action: "constituent.create", Kind: "constituent", ID: id, Fields: []audit.Change{{Field: "name"}, {Field: string(r.Kind)}}})
}
