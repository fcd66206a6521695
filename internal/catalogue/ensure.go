package catalogue

import (
	"context"
	"encoding/json"
	"fmt"

	"minqing/internal/audit"
	"minqing/internal/db"
	"minqing/internal/fault"
)

// EnsureUnit gives the unit with the code of d and adds it when there is none;
// one that stands is left as it is. The content's dates and source count for
// what is added.
func (s *Service) EnsureUnit(ctx context.Context, d UnitDef, from Content) (*Unit, error) {
	from = Content{Source: from.Source, ValidFrom: from.ValidFrom, Units: []UnitDef{d}}
	return ensure[Unit](ctx, s, "unit", d.Code, from)
}

// EnsureField gives the field with the code of d and adds it when there is none.
func (s *Service) EnsureField(ctx context.Context, d FieldDef, from Content) (*Field, error) {
	from = Content{Source: from.Source, ValidFrom: from.ValidFrom, Fields: []FieldDef{d}}
	return ensure[Field](ctx, s, "field", d.Code, from)
}

// EnsureMatter gives the matter with the code of d and adds it when there is
// none.
func (s *Service) EnsureMatter(ctx context.Context, d MatterDef, from Content) (*Matter, error) {
	from = Content{Source: from.Source, ValidFrom: from.ValidFrom, Matters: []MatterDef{d}}
	return ensure[Matter](ctx, s, "matter", d.Code, from)
}

func ensure[T any, P interface {
	*T
	record() *Record
}](ctx context.Context, s *Service, kind, code string, content Content) (P, error) {
	var item P
	err := s.db.Tx(ctx, func(ctx context.Context) error {
		found, err := one[T, P](ctx, s, code)
		if err == nil || fault.KindOf(err) != fault.NotFound {
			item = found
			return err
		}
		if _, err := s.apply(ctx, content); err != nil {
			return err
		}
		if item, err = one[T, P](ctx, s, code); err != nil {
			return err
		}
		return s.audit.Record(ctx, audit.Entry{Action: "catalogue." + kind + ".added", Kind: kind, ID: item.record().ID})
	})
	return item, err
}

func one[T any, P interface{ *T }](ctx context.Context, s *Service, code string) (P, error) {
	item := P(new(T))
	if err := s.db.From(ctx).Where("code = ?", code).Take(item).Error; err != nil {
		return nil, db.Fault(err, "catalogue.item.missing", "")
	}
	return item, nil
}

// MatterVersion gives a matter as it was at a version, for cases that were
// filed under it.
func (s *Service) MatterVersion(ctx context.Context, id string, version int64) (*Matter, error) {
	snap, err := s.Snapshot(ctx)
	if err != nil {
		return nil, err
	}
	if m, err := snap.Matter(id); err == nil && m.Version == version {
		return m, nil
	}
	var row versionRow
	err = s.db.From(ctx).Where("item_id = ? AND version = ? AND kind = ?", id, version, "matter").Take(&row).Error
	if err != nil {
		return nil, db.Fault(err, "catalogue.matter.missing", "")
	}
	var m Matter
	if err := json.Unmarshal([]byte(row.Content), &m); err != nil {
		return nil, fmt.Errorf("read version %d of matter %s: %w", version, id, err)
	}
	return &m, nil
}
