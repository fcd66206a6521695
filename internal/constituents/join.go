package constituents

import (
	"context"
	"fmt"

	"minqing/internal/audit"
	"minqing/internal/db"
)

// Family is the constituent and all that were joined to it because the person has
// proven an address of theirs: whose cases are that person's own. What staff merged
// is not among them: a mistake of theirs must not show one person's cases to another.
func (s *Service) Family(ctx context.Context, id string) ([]string, error) {
	if id == "" {
		return nil, nil
	}
	var joined []string
	err := s.DB.From(ctx).Raw("SELECT id FROM constituents WHERE merged_into_id = ? AND merged_how IS NULL ORDER BY id", id).Scan(&joined).Error
	if err != nil {
		return nil, fmt.Errorf("find joined constituents: %w", db.Fault(err, "", ""))
	}
	return append([]string{id}, joined...), nil
}

// Same is the family and everything that a certain identifier makes one with it:
// who is erased together.
func (s *Service) Same(ctx context.Context, id string) (ids []string, err error) {
	err = s.DB.From(ctx).Raw(`WITH RECURSIVE under (id) AS (SELECT id FROM constituents WHERE id = ? UNION
 SELECT c.id FROM constituents c JOIN under u ON c.merged_into_id = u.id WHERE c.merged_how IS NULL OR c.merged_how = 'certain') SELECT id FROM under ORDER BY id`, id).Scan(&ids).Error
	if err != nil {
		return nil, fmt.Errorf("find who is certainly the same: %w", db.Fault(err, "", ""))
	}
	return ids, nil
}

// Join marks constituents as merged into another: what they filed becomes its
// own. Nothing moves, so that it can be undone by taking the mark away. Those
// that are joined already stay where they are; proof takes the place of what staff
// merged.
func (s *Service) Join(ctx context.Context, into string, ids ...string) error {
	return s.DB.Tx(ctx, func(ctx context.Context) error {
		for _, id := range ids {
			if err := s.join(ctx, id, into); err != nil {
				return err
			}
		}
		return nil
	})
}

func (s *Service) join(ctx context.Context, id, into string) error {
	if id == into {
		return nil
	}
	if free, err := s.uncircled(ctx, id, into); err != nil || !free {
		return err
	}
	if err := s.prefersProof(ctx, id, into); err != nil {
		return err
	}
	// Taken out of a chain, it may stand above the other now.
	if free, err := s.uncircled(ctx, id, into); err != nil || !free {
		return err
	}
	res := s.DB.From(ctx).Exec(`UPDATE constituents SET merged_into_id = ?, version = version + 1 WHERE id = ? AND merged_into_id IS NULL`, into, id)
	if res.Error != nil {
		return fmt.Errorf("join a constituent: %w", res.Error)
	}
	if res.RowsAffected == 0 {
		return nil
	}
	if err := s.rehead(ctx, id); err != nil {
		return err
	}
	// Which guest it was stays out of the trail: they may have filed as one to be unknown.
	return s.Audit.Record(ctx, audit.Entry{Action: "constituent.join", Kind: "constituent", ID: into, Fields: []audit.Change{{Field: "joined", After: "1"}}})
}

// uncircled holds what a record shall be joined to, after taking back the merge by which staff
// put that one under it, the other way round. It gives false where proof has made them one.
func (s *Service) uncircled(ctx context.Context, id, into string) (free bool, err error) {
	head, err := s.Hold(ctx, into)
	if err != nil || head != id {
		return err == nil, err
	}
	if parted, err := s.apart(ctx, into, id); err != nil || !parted {
		return false, err
	}
	_, err = s.Hold(ctx, into)
	return err == nil, err
}

// prefersProof ends what staff merged, in favour of what its owner proves: merged
// into the same record it is joined to it from now on, and out of another it is
// taken first.
func (s *Service) prefersProof(ctx context.Context, id, into string) error {
	res := s.DB.From(ctx).Exec("UPDATE constituents SET merged_how = NULL, version = version + 1 WHERE id = ? AND merged_into_id = ? AND merged_how IS NOT NULL", id, into)
	if res.Error != nil {
		return fmt.Errorf("join a merged constituent: %w", db.Fault(res.Error, "", ""))
	}
	var r row
	if err := s.DB.From(ctx).Where("id = ?", id).Take(&r).Error; err != nil {
		return db.Fault(err, "constituents.missing", "")
	}
	if r.MergedHow == nil {
		return nil
	}
	var open []mergeRow
	if err := s.DB.From(ctx).Where("undone_at IS NULL AND merged_id = ?", id).Find(&open).Error; err != nil {
		return fmt.Errorf("read how somebody was merged: %w", db.Fault(err, "", ""))
	}
	for _, m := range open {
		if err := s.release(ctx, m, true); err != nil {
			return err
		}
	}
	return nil
}
