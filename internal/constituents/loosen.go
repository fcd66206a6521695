package constituents

import (
	"context"
	"fmt"
	"slices"

	"minqing/internal/db"
)

// loosen takes back, in the open transaction, every merge of staff and of the sweep
// that holds some of the ids together with somebody else, before they are erased:
// what came from them goes along, and those who were only taken for the same stand
// for themselves again.
func (s *Service) loosen(ctx context.Context, ids ...string) error {
	var open []mergeRow
	err := s.DB.From(ctx).Where("undone_at IS NULL AND (merged_id IN ? OR survivor_id IN ?)", ids, ids).Order("at, id").Find(&open).Error
	if err != nil {
		return fmt.Errorf("read how somebody was merged: %w", db.Fault(err, "", ""))
	}
	for _, r := range open {
		if slices.Contains(ids, r.SurvivorID) && slices.Contains(ids, r.MergedID) {
			continue // they go together
		}
		var proven int64
		err := s.DB.From(ctx).Raw("SELECT count(*) FROM constituents WHERE id = ? AND merged_how IS NULL", r.MergedID).Scan(&proven).Error
		if err != nil {
			return fmt.Errorf("read how somebody was merged: %w", db.Fault(err, "", ""))
		}
		if proven > 0 {
			continue
		}
		if err := s.release(ctx, r, slices.Contains(ids, r.MergedID)); err != nil {
			return err
		}
	}
	return nil
}

// release takes one merge back; along says that what came from the merged one goes
// out of everything that it was copied to.
func (s *Service) release(ctx context.Context, r mergeRow, along bool) error {
	if err := s.holdChain(ctx, r); err != nil {
		return err
	}
	if along {
		if err := s.recall(ctx, r); err != nil {
			return err
		}
	}
	return s.unmerge(ctx, r, "")
}

// recall takes what a merge gave its survivor out of what that was merged into in
// its turn, all the way up.
func (s *Service) recall(ctx context.Context, r mergeRow) error {
	var fields []string
	if err := s.DB.From(ctx).Raw("SELECT field FROM constituent_merge_changes WHERE merge_id = ?", r.ID).Scan(&fields).Error; err != nil {
		return fmt.Errorf("read what a merge wrote: %w", db.Fault(err, "", ""))
	}
	for id := r.SurvivorID; len(fields) > 0; {
		var up []mergeRow
		if err := s.DB.From(ctx).Where("undone_at IS NULL AND merged_id = ?", id).Find(&up).Error; err != nil {
			return fmt.Errorf("read how somebody was merged: %w", db.Fault(err, "", ""))
		}
		if len(up) == 0 {
			return nil
		}
		var changes []changeRow
		if err := s.DB.From(ctx).Where("merge_id = ? AND field IN ?", up[0].ID, fields).Find(&changes).Error; err != nil {
			return fmt.Errorf("read what a merge wrote: %w", db.Fault(err, "", ""))
		}
		for _, c := range changes {
			if _, err := s.giveBack(ctx, c); err != nil {
				return err
			}
			if err := s.DB.From(ctx).Exec("DELETE FROM constituent_merge_changes WHERE id = ?", c.ID).Error; err != nil {
				return fmt.Errorf("take back what a merge wrote: %w", db.Fault(err, "", ""))
			}
		}
		id = up[0].SurvivorID
	}
	return nil
}
