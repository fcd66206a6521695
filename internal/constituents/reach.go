package constituents

import (
	"context"
	"fmt"
	"strings"

	"minqing/internal/audit"
	"minqing/internal/db"
	"minqing/internal/fault"
	"minqing/internal/idcode"
)

// AddPoint writes down another way to reach somebody, as staff hear it: unlike
// Attach it takes only what can be a phone or an address.
func (s *Service) AddPoint(ctx context.Context, id string, kind PointKind, typed string) (pointID string, err error) {
	typed = strings.TrimSpace(typed)
	switch kind {
	case Phone:
		_, err = idcode.ParsePhone(typed, s.Region)
	case Email:
		_, err = idcode.NormaliseEmail(typed)
	case Address:
		if typed == "" || len([]rune(typed)) > 200 {
			err = idcode.ErrForm
		}
	default:
		return "", fault.InvalidInput(fault.Field{Name: "point_kind", Key: "constituents.point.kind"})
	}
	if err != nil {
		return "", fault.InvalidInput(fault.Field{Name: "point", Key: "constituents.point." + string(kind)})
	}
	err = s.DB.Tx(ctx, func(ctx context.Context) error {
		if _, err := s.hold(ctx, id); err != nil {
			return err
		}
		pointID, err = s.Attach(ctx, id, kind, typed, false)
		return err
	})
	return pointID, err
}

// Prefer makes a way to reach somebody the first of its kind.
func (s *Service) Prefer(ctx context.Context, id, pointID string, version int64) error {
	return s.DB.Tx(ctx, func(ctx context.Context) error {
		kind, err := s.pointOf(ctx, id, pointID)
		if err != nil {
			return err
		}
		err = s.DB.From(ctx).Exec("UPDATE contact_points SET preferred = ?, version = version + 1 WHERE constituent_id = ? AND kind = ? AND preferred AND id <> ?", false, id, kind, pointID).Error
		if err != nil {
			return fmt.Errorf("prefer a contact point: %w", db.Fault(err, "", ""))
		}
		res := s.DB.From(ctx).Exec("UPDATE contact_points SET preferred = ?, version = version + 1 WHERE id = ? AND version = ? AND valid_to IS NULL", true, pointID, version)
		if res.Error != nil {
			return fmt.Errorf("prefer a contact point: %w", db.Fault(res.Error, "", ""))
		}
		if res.RowsAffected == 0 {
			return errChanged
		}
		return s.Audit.Record(ctx, audit.Entry{Action: "constituent.prefer", Kind: "constituent", ID: id, Fields: []audit.Change{{Field: string(kind)}}})
	})
}

// SeePoint notes that a member of staff saw a document by which somebody lives, or sits,
// at an address: no link can prove one. Phones and mailboxes are proven by their owner
// alone.
func (s *Service) SeePoint(ctx context.Context, id, pointID string, version int64) error {
	return s.DB.Tx(ctx, func(ctx context.Context) error {
		kind, err := s.pointOf(ctx, id, pointID)
		if err != nil {
			return err
		}
		if kind != Address {
			return fault.New(fault.Conflict, "constituents.point.by_owner")
		}
		res := s.DB.From(ctx).Exec("UPDATE contact_points SET verified_at = ?, version = version + 1 WHERE id = ? AND version = ? AND valid_to IS NULL AND verified_at IS NULL", s.Now().UTC(), pointID, version)
		if res.Error != nil {
			return fmt.Errorf("note that an address was seen on a document: %w", db.Fault(res.Error, "", ""))
		}
		if res.RowsAffected == 0 {
			return errChanged
		}
		return s.Audit.Record(ctx, audit.Entry{Action: "constituent.see_address", Kind: "constituent", ID: id, Fields: []audit.Change{{Field: string(kind)}}})
	})
}

// EndPoint says that somebody is not reached there any more.
func (s *Service) EndPoint(ctx context.Context, id, pointID string, version int64) error {
	return s.DB.Tx(ctx, func(ctx context.Context) error {
		kind, err := s.pointOf(ctx, id, pointID)
		if err != nil {
			return err
		}
		if err := s.end(ctx, "contact_points", pointID, version); err != nil {
			return err
		}
		return s.Audit.Record(ctx, audit.Entry{Action: "constituent.detach", Kind: "constituent", ID: id, Fields: []audit.Change{{Field: string(kind)}}})
	})
}

func (s *Service) pointOf(ctx context.Context, id, pointID string) (PointKind, error) {
	if _, err := s.hold(ctx, id); err != nil {
		return "", err
	}
	var kinds []PointKind
	err := s.DB.From(ctx).Raw("SELECT kind FROM contact_points WHERE id = ? AND constituent_id = ?", pointID, id).Scan(&kinds).Error
	if err != nil || len(kinds) == 0 {
		return "", db.Fault(orMissing(err), "constituents.missing", "")
	}
	return kinds[0], nil
}
