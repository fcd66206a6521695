package place

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"gorm.io/gorm"

	"minqing/internal/audit"
	"minqing/internal/calendar"
	"minqing/internal/db"
	"minqing/internal/fault"
	"minqing/internal/i18n"
)

// DistrictDef describes a district as a file brings it; Parent is a code.
type DistrictDef struct {
	Code       string
	Parent     string
	Level      Level
	Name       i18n.Text
	Shape      Shape
	Population int64
	ValidFrom  *calendar.Date // the first day on which it holds; nil: as the load says
}

// Load brings districts in, parents before children: new codes are added, those
// that differ get a new version, nothing is removed. Without a source or a first
// day, what stands keeps its own, and new districts hold from today. It tells how
// many rows it wrote and leaves one audit entry when there were any.
func (s *Service) Load(ctx context.Context, source string, from calendar.Date, defs []DistrictDef) (int, error) {
	written := 0
	err := s.db.Tx(ctx, func(ctx context.Context) error {
		now := s.now().UTC()
		tx := s.db.From(ctx)
		revision := db.NewID(now)
		lock := tx.Exec(`INSERT INTO reference_state (area, revision) VALUES (?, ?)
			ON CONFLICT (area) DO UPDATE SET revision = reference_state.revision`, placeArea, revision)
		if lock.Error != nil {
			return fmt.Errorf("lock the districts: %w", lock.Error)
		}
		var err error
		if written, err = s.write(ctx, now, source, from, defs); err != nil || written == 0 {
			return err
		}
		if err := s.db.From(ctx).Exec("UPDATE reference_state SET revision = ? WHERE area = ?", revision, placeArea).Error; err != nil {
			return fmt.Errorf("mark the districts as changed: %w", err)
		}
		s.uncertain.Store(now.Add(time.Minute).UnixNano())
		s.db.AfterCommit(ctx, func() {
			s.uncertain.Store(0)
			s.checked.Store(0)
		})
		return s.audit.Record(ctx, audit.Entry{
			Action: "place.loaded", Kind: "place", ID: revision,
			Fields: []audit.Change{{Field: "districts", After: fmt.Sprint(written)}},
		})
	})
	return written, err
}

func (s *Service) write(ctx context.Context, now time.Time, source string, from calendar.Date, defs []DistrictDef) (int, error) {
	var rows []*District
	if err := s.db.From(ctx).Order("code").Find(&rows).Error; err != nil {
		return 0, fmt.Errorf("read the districts: %w", err)
	}
	known := map[string]*District{}
	for _, d := range rows {
		known[d.Code] = d
	}
	var added, changed []*District
	for _, def := range defs {
		d, err := def.district(known, source, from)
		if err != nil {
			return 0, err
		}
		old, exists := known[def.Code]
		known[def.Code] = d
		if !exists {
			d.ID = db.NewID(now)
			if d.ValidFrom == 0 {
				d.ValidFrom = calendar.DateOf(now, time.UTC)
			}
			added = append(added, d)
			continue
		}
		d.ID, d.Version, d.SuccessorID, d.ValidTo = old.ID, old.Version, old.SuccessorID, old.ValidTo
		if d.ValidFrom == 0 {
			d.ValidFrom = old.ValidFrom
		}
		if d.Source == "" {
			d.Source = old.Source
		}
		if same(old, d) {
			continue
		}
		d.Version++
		changed = append(changed, d)
	}
	if err := s.save(ctx, now, added, changed); err != nil {
		return 0, err
	}
	return len(added) + len(changed), nil
}

func (def DistrictDef) district(known map[string]*District, source string, from calendar.Date) (*District, error) {
	var c fault.Check
	at := "district." + def.Code
	c.That(def.Code != "", "district.code", "catalogue.code.invalid")
	c.That(!def.Name.Empty(), at+".name", "catalogue.name.required")
	c.That(len(def.Shape.MultiPolygon) > 0, at+".shape", "place.shape.required")
	c.That(def.Level == City || def.Level == Borough || def.Level == Subdistrict, at+".level", "place.level.unknown")
	parent, ok := known[def.Parent]
	c.That(ok || def.Parent == "", at+".parent", "catalogue.reference.missing", "Code", def.Parent)
	if err := c.Err(); err != nil {
		return nil, err
	}
	centre := label(def.Shape)
	d := &District{
		Code: def.Code, Name: def.Name, Level: def.Level, Geometry: def.Shape, CentreLat: centre[1], CentreLng: centre[0],
		Population: def.Population, ValidFrom: from, Version: 1, Source: source,
	}
	if def.ValidFrom != nil {
		d.ValidFrom = *def.ValidFrom
	}
	if parent != nil {
		d.ParentID = &parent.ID
	}
	return d, nil
}

func same(a, b *District) bool {
	ja, errA := json.Marshal(a)
	jb, errB := json.Marshal(b)
	return errA == nil && errB == nil && string(ja) == string(jb)
}

func (s *Service) save(ctx context.Context, now time.Time, added, changed []*District) error {
	if len(added) > 0 {
		if err := s.db.From(ctx).CreateInBatches(added, 50).Error; err != nil {
			return fmt.Errorf("add districts: %w", err)
		}
	}
	for _, d := range changed {
		res := s.db.From(ctx).Model(d).Where("id = ? AND version = ?", d.ID, d.Version-1).
			Select("*").Omit("id", "code").Updates(d)
		if res.Error != nil {
			return fmt.Errorf("change district %s: %w", d.Code, res.Error)
		}
		if res.RowsAffected == 0 {
			return fault.New(fault.Conflict, "catalogue.changed")
		}
	}
	for _, d := range append(added, changed...) {
		content, err := json.Marshal(d)
		if err != nil {
			return fmt.Errorf("keep a version of district %s: %w", d.Code, err)
		}
		if err := keepVersion(s.db.From(ctx), d, string(content), now); err != nil {
			return err
		}
	}
	return nil
}

func keepVersion(tx *gorm.DB, d *District, content string, now time.Time) error {
	err := tx.Exec(`INSERT INTO item_versions (item_id, version, kind, code, content, recorded_at) VALUES (?, ?, 'district', ?, ?, ?)`,
		d.ID, d.Version, d.Code, content, now).Error
	if err != nil {
		return fmt.Errorf("keep a version of district %s: %w", d.Code, err)
	}
	return nil
}
