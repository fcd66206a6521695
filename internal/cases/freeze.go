package cases

import (
	"context"
	"fmt"
	"time"

	"minqing/internal/db"
)

// ofPeople selects the cases in which constituents ask.
const ofPeople = "SELECT case_id FROM case_parties WHERE constituent_id IN ? AND role = 'requester'"

// possible are the acts that the state of a case allows.
func (c *Case) possible() []Action {
	if c.FrozenAt != nil {
		return nil
	}
	return possibleIn(c.Track, c.Status)
}

// OpenOf lists the cases of people that are not over yet.
func (s *Service) OpenOf(ctx context.Context, constituentIDs []string) (list []Case, err error) {
	err = s.DB.From(ctx).Where("id IN ("+ofPeople+") AND (status IN ? OR status = 'merged' AND concluded_at IS NULL)", constituentIDs, open).Order("received_at, id").Find(&list).Error
	if err != nil {
		return nil, fmt.Errorf("look for open cases: %w", db.Fault(err, "", ""))
	}
	for i := range list {
		if err := s.unseal(ctx, &list[i]); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// AllOf lists the numbers of every case of people, the oldest first.
func (s *Service) AllOf(ctx context.Context, constituentIDs []string) (numbers []string, err error) {
	err = s.DB.From(ctx).Raw("SELECT case_no FROM cases WHERE id IN ("+ofPeople+") ORDER BY received_at, id", constituentIDs).Scan(&numbers).Error
	if err != nil {
		return nil, fmt.Errorf("list somebody's cases: %w", db.Fault(err, "", ""))
	}
	return numbers, nil
}

// Freeze keeps the files of people who are erased and ends their other use, in
// the open transaction: no act, no search, no code that leads to them. The trail
// gets their number from the caller, and no names: an entry for each beside that of
// the erased person would tell for ever whose they were.
func (s *Service) Freeze(ctx context.Context, constituentIDs []string, at time.Time) (int64, error) {
	var ids []string
	err := s.DB.From(ctx).Raw("SELECT id FROM cases WHERE frozen_at IS NULL AND id IN ("+ofPeople+") ORDER BY id", constituentIDs).Scan(&ids).Error
	if err != nil {
		return 0, fmt.Errorf("find somebody's cases: %w", db.Fault(err, "", ""))
	}
	for _, id := range ids {
		err := s.DB.From(ctx).Exec("UPDATE cases SET frozen_at = ?, code_generation = code_generation + 1, version = version + 1 WHERE id = ?", at.UTC(), id).Error
		if err != nil {
			return 0, fmt.Errorf("freeze a case: %w", db.Fault(err, "", ""))
		}
		if err := s.DB.From(ctx).Exec("INSERT INTO case_search_due (case_id) VALUES (?)", id).Error; err != nil {
			return 0, fmt.Errorf("take a case out of the index: %w", db.Fault(err, "", ""))
		}
	}
	return int64(len(ids)), s.isGone(ctx, ids...)
}
