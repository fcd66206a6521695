package outreach

import (
	"context"
	"strconv"
	"time"

	"minqing/internal/access"
	"minqing/internal/actor"
	"minqing/internal/audit"
	"minqing/internal/db"
	"minqing/internal/fault"
)

// Create keeps a new segment, whose owner is the actor, and has it counted.
func (s *Service) Create(ctx context.Context, d Draft) (id string, err error) {
	if err := s.Access.Can(ctx, access.SegmentWrite); err != nil {
		return "", err
	}
	return s.create(ctx, d, actor.From(ctx).AccountID, nil)
}

func (s *Service) create(ctx context.Context, d Draft, owner string, code *string) (id string, err error) {
	w, err := s.world(ctx)
	if err != nil {
		return "", err
	}
	unitID, err := s.check(asOwner(ctx, owner), w, d)
	if err != nil {
		return "", err
	}
	now := s.Now().UTC().Truncate(time.Microsecond)
	id = db.NewID(now)
	definition, err := d.Root.JSON()
	if err != nil {
		return "", err
	}
	err = s.DB.Tx(ctx, func(ctx context.Context) error {
		err := s.DB.InsertAll(ctx, db.Insert("segments", "id, code, unit_id, owner_id, name, purpose, basis, basis_text, definition, created_at, updated_at",
			id, code, unitID, owner, d.Name, d.Purpose, d.Basis, d.BasisText, definition, now, now))
		if err != nil {
			return fail("keep a segment", err)
		}
		return s.kept(ctx, saving{id: id, no: 1, definition: definition, owner: owner, at: now, action: "segment.create"}, d)
	})
	return id, err
}

// Change saves another version of a segment. Whoever saves it answers for it from
// then on: it is counted by what they may see.
func (s *Service) Change(ctx context.Context, id string, version int64, d Draft) error {
	if _, err := s.get(ctx, id, access.SegmentWrite); err != nil {
		return err
	}
	w, err := s.world(ctx)
	if err != nil {
		return err
	}
	unitID, err := s.check(ctx, w, d)
	if err != nil {
		return err
	}
	definition, err := d.Root.JSON()
	if err != nil {
		return err
	}
	now, owner := s.Now().UTC().Truncate(time.Microsecond), actor.From(ctx).AccountID
	return s.DB.Tx(ctx, func(ctx context.Context) error {
		res := s.DB.From(ctx).Exec(`UPDATE segments SET unit_id = ?, owner_id = ?, name = ?, purpose = ?, basis = ?, basis_text = ?, definition = ?, state = 'new',
 version = version + 1, updated_at = ? WHERE id = ? AND version = ? AND retired_at IS NULL`, unitID, owner, d.Name, d.Purpose, d.Basis, d.BasisText, definition, now, id, version)
		if res.Error != nil {
			return fail("change a segment", res.Error)
		}
		if res.RowsAffected == 0 {
			return fault.New(fault.Conflict, "segment.changed")
		}
		return s.kept(ctx, saving{id: id, no: version + 1, definition: definition, owner: owner, at: now, action: "segment.change"}, d)
	})
}

// saving is one version of a segment, to be kept.
type saving struct {
	id         string
	no         int64
	definition string
	owner      string
	at         time.Time
	action     string
}

// kept writes down a version, says so in the trail, and has the segment counted.
func (s *Service) kept(ctx context.Context, v saving, d Draft) error {
	err := s.DB.InsertAll(ctx, db.Insert("segment_versions", "segment_id, no, name, purpose, basis, basis_text, definition, account_id, at",
		v.id, v.no, d.Name, d.Purpose, d.Basis, d.BasisText, v.definition, v.owner, v.at))
	if err != nil {
		return fail("keep a version of a segment", err)
	}
	if err := s.Jobs.Add(ctx, RefreshJob{SegmentID: v.id}); err != nil {
		return err
	}
	return s.Audit.Record(ctx, audit.Entry{Action: v.action, Kind: "segment", ID: v.id, Fields: []audit.Change{
		{Field: "version", After: strconv.FormatInt(v.no, 10)}, {Field: "purpose", After: string(d.Purpose)}, {Field: "basis", After: string(d.Basis)}, {Field: "definition", After: v.definition}}})
}

// Version is a definition as it once was.
type Version struct {
	No         int64
	Purpose    Purpose
	Definition string
	AccountID  string
	At         time.Time
}

// Versions lists what a segment was, the newest first: VersionsMost, and one more where
// there are more.
func (s *Service) Versions(ctx context.Context, id string) (list []Version, err error) {
	err = s.DB.Reader(ctx).Raw("SELECT no, purpose, definition, account_id, at FROM segment_versions WHERE segment_id = ? ORDER BY no DESC LIMIT ?", id, VersionsMost+1).Scan(&list).Error
	if err != nil {
		return nil, fail("read the versions of a segment", err)
	}
	return list, nil
}

// Retire ends a segment: nobody is its member any more. What it was stays.
func (s *Service) Retire(ctx context.Context, id string, version int64) error {
	if _, err := s.get(ctx, id, access.SegmentWrite); err != nil {
		return err
	}
	now := s.Now().UTC()
	return s.DB.Tx(ctx, func(ctx context.Context) error {
		res := s.DB.From(ctx).Exec("UPDATE segments SET retired_at = ?, updated_at = ?, version = version + 1 WHERE id = ? AND version = ? AND retired_at IS NULL", now, now, id, version)
		if res.Error != nil {
			return fail("end a segment", res.Error)
		}
		if res.RowsAffected == 0 {
			return fault.New(fault.Conflict, "segment.changed")
		}
		for _, table := range []string{"segment_members", "segment_fixed"} {
			if err := s.DB.From(ctx).Exec("DELETE FROM "+table+" WHERE segment_id = ?", id).Error; err != nil {
				return fail("end a segment", err)
			}
		}
		return s.Audit.Record(ctx, audit.Entry{Action: "segment.retire", Kind: "segment", ID: id})
	})
}

// Ensure makes a ready-made segment in somebody's name, unless it is there.
func (s *Service) Ensure(ctx context.Context, code, owner string, d Draft) error {
	var n int
	if err := s.DB.From(ctx).Raw("SELECT COUNT(*) FROM segments WHERE code = ?", code).Scan(&n).Error; err != nil {
		return fail("look for a segment", err)
	}
	if n > 0 {
		return nil
	}
	_, err := s.create(ctx, d, owner, &code)
	return err
}
