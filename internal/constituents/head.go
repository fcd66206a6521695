package constituents

import (
	"context"
	"fmt"
	"slices"

	"minqing/internal/db"
	"minqing/internal/fault"
)

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
	err := s.DB.From(ctx).Raw(`SELECT c.id AS "from", COALESCE(c.head_id, c.id) AS id FROM constituents c WHERE c.id IN ?`, ids).Scan(&rows).Error
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
		head, err := s.top(ctx, id)
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

// top walks from mark to mark to the end of the chain: what head_id has to say.
func (s *Service) top(ctx context.Context, id string) (string, error) {
	var tops []string
	err := s.DB.From(ctx).Raw(`WITH RECURSIVE up (id, into_id) AS (SELECT id, merged_into_id FROM constituents WHERE id = ? UNION
 SELECT c.id, c.merged_into_id FROM constituents c JOIN up u ON c.id = u.into_id) SELECT id FROM up WHERE into_id IS NULL`, id).Scan(&tops).Error
	if err != nil {
		return "", fmt.Errorf("walk to what stands for a record: %w", db.Fault(err, "", ""))
	}
	if len(tops) == 0 {
		return "", errMissing
	}
	return tops[0], nil
}

// rehead writes what stands for a record, and for all that was merged into it, after
// its mark was set or taken away in the open transaction. Whoever calls holds the
// records that stood for it before and do so now, so that nobody else changes a chain
// that ends in one of them.
func (s *Service) rehead(ctx context.Context, id string) error {
	head, err := s.top(ctx, id)
	if err != nil {
		return err
	}
	err = s.DB.From(ctx).Exec(`UPDATE constituents SET head_id = (SELECT h.id FROM constituents h WHERE h.id = ? AND constituents.merged_into_id IS NOT NULL) WHERE id IN
 (WITH RECURSIVE under (id) AS (SELECT id FROM constituents WHERE id = ? UNION SELECT c.id FROM constituents c JOIN under u ON c.merged_into_id = u.id) SELECT id FROM under)`, head, id).Error
	if err != nil {
		return fmt.Errorf("write what stands for a record: %w", db.Fault(err, "", ""))
	}
	return nil
}

// Rehang writes what stands for records where it is not what the marks say: those that
// a program of before head_id merged while both ran.
func (s *Service) Rehang(ctx context.Context) error {
	var wrong []string
	err := s.DB.From(ctx).Raw(`SELECT c.id FROM constituents c LEFT JOIN constituents p ON p.id = c.merged_into_id
 WHERE (c.merged_into_id IS NOT NULL OR c.head_id IS NOT NULL) AND (c.head_id IS NULL OR p.id IS NULL OR c.head_id <> COALESCE(p.head_id, p.id)) ORDER BY c.id`).Scan(&wrong).Error
	if err != nil {
		return fmt.Errorf("look for records with a wrong head: %w", db.Fault(err, "", ""))
	}
	for _, id := range wrong {
		err := s.DB.Tx(ctx, func(ctx context.Context) error {
			if _, err := s.Hold(ctx, id); err != nil {
				return err
			}
			return s.rehead(ctx, id)
		})
		if err != nil && fault.KindOf(err) != fault.NotFound {
			return err
		}
	}
	return nil
}

// apart ends the merge of staff by which one record stands under another, in favour of
// what its owner proves. It gives false where nothing but proof makes them one.
func (s *Service) apart(ctx context.Context, id, from string) (bool, error) {
	for id != from {
		var open []mergeRow
		err := s.DB.From(ctx).Where("undone_at IS NULL AND merged_id = ? AND EXISTS (SELECT 1 FROM constituents c WHERE c.id = merged_id AND c.merged_how IS NOT NULL)", id).Find(&open).Error
		if err != nil {
			return false, fmt.Errorf("read how somebody was merged: %w", db.Fault(err, "", ""))
		}
		if len(open) > 0 {
			return true, s.release(ctx, open[0], true)
		}
		var r row
		if err := s.DB.From(ctx).Where("id = ?", id).Take(&r).Error; err != nil {
			return false, db.Fault(err, "constituents.missing", "")
		}
		if r.MergedIntoID == nil {
			return false, nil
		}
		id = *r.MergedIntoID
	}
	return false, nil
}
