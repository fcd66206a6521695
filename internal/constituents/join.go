package constituents

import (
	"context"
	"fmt"
	"slices"

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
	if err := s.prefersProof(ctx, id, into); err != nil {
		return err
	}
	res := s.DB.From(ctx).Exec(`UPDATE constituents SET merged_into_id = ?, version = version + 1 WHERE id = ? AND merged_into_id IS NULL`, into, id)
	if res.Error != nil {
		return fmt.Errorf("join a constituent: %w", res.Error)
	}
	if res.RowsAffected == 0 {
		return nil
	}
	// Which guest it was stays out of the trail: they may have filed as one to be unknown.
	return s.Audit.Record(ctx, audit.Entry{Action: "constituent.join", Kind: "constituent", ID: into, Fields: []audit.Change{{Field: "joined", After: "1"}}})
}

// Head is the record that stands for somebody's now: what it was merged into in
// the end, or itself.
func (s *Service) Head(ctx context.Context, id string) (string, error) {
	heads, err := s.Heads(ctx, []string{id})
	if err != nil {
		return "", err
	}
	if len(heads) == 0 {
		return "", errMissing
	}
	return heads[0], nil
}

// Heads gives the records that stand for the ids now, each once, in their order.
func (s *Service) Heads(ctx context.Context, ids []string) ([]string, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	var rows []struct{ From, ID string }
	err := s.DB.From(ctx).Raw(`WITH RECURSIVE up (start_id, id, into_id) AS (SELECT id, id, merged_into_id FROM constituents WHERE id IN ? UNION
 SELECT u.start_id, c.id, c.merged_into_id FROM constituents c JOIN up u ON c.id = u.into_id) SELECT start_id AS "from", id FROM up WHERE into_id IS NULL`, ids).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("find what stands for records: %w", db.Fault(err, "", ""))
	}
	of := make(map[string]string, len(rows))
	for _, r := range rows {
		of[r.From] = r.ID
	}
	var heads []string
	for _, id := range ids {
		if head := of[id]; head != "" && !slices.Contains(heads, head) {
			heads = append(heads, head)
		}
	}
	return heads, nil
}

// Hold locks the record that stands for somebody's now and gives its id: until the
// open transaction ends nobody merges it into another.
func (s *Service) Hold(ctx context.Context, id string) (string, error) {
	for {
		head, err := s.Head(ctx, id)
		if err != nil {
			return "", err
		}
		res := s.DB.From(ctx).Exec("UPDATE constituents SET version = version WHERE id = ? AND merged_into_id IS NULL", head)
		if res.Error != nil {
			return "", fmt.Errorf("hold a record: %w", db.Fault(res.Error, "constituents.missing", ""))
		}
		if res.RowsAffected == 1 {
			return head, nil
		}
	} // merged while we waited: what stands for it now
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
