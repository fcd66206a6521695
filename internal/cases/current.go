package cases

import (
	"context"
	"fmt"
	"time"

	"minqing/internal/access"
	"minqing/internal/db"
)

// Current lists cases of the signed-in citizen, or of the enterprise that they act for, that may need them: open ones,
// those concluded at or after since, and those of ids. What waits for their
// answer comes first, then what is due first; no more than limit.
func (s *Service) Current(ctx context.Context, since time.Time, ids []string, limit int) ([]Case, error) {
	mine, own, err := s.own(ctx, "c")
	if err != nil || mine == "" {
		return nil, err
	}
	which, args := "c.status IN ? OR c.status = 'merged' AND c.concluded_at IS NULL OR c.concluded_at >= ?", append(own, open, since)
	if len(ids) > 0 {
		which, args = which+" OR c.id IN ?", append(args, ids)
	}
	var list []Case
	err = s.DB.Reader(ctx).Raw(`SELECT c.* FROM cases c
 WHERE `+mine+` AND (`+which+`)
 ORDER BY CASE WHEN c.status = 'need_info' THEN 0 ELSE 1 END, c.due_at IS NULL, c.due_at, c.id LIMIT ?`,
		append(args, limit)...).Scan(&list).Error
	if err != nil {
		return nil, fmt.Errorf("read one's own current cases: %w", db.Fault(err, "", ""))
	}
	for i := range list {
		if err := s.unseal(ctx, &list[i]); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// Pressing counts what presses in the actor's inbox, each up to CountMost: cases
// that are overdue, and those due later today.
func (s *Service) Pressing(ctx context.Context) (overdue, today int, err error) {
	scope, err := s.Access.Scope(ctx, access.CaseList)
	if err != nil {
		return 0, 0, err
	}
	snap, err := s.Catalogue.Snapshot(ctx)
	if err != nil {
		return 0, 0, err
	}
	cal, err := s.Clocks.Of(snap, snap.Root())
	if err != nil {
		return 0, 0, err
	}
	now := s.Now()
	tonight := cal.ReceivedOn(now).Add(1).Start(cal.Zone())
	dueBefore := func(at time.Time) (n int, err error) {
		q := queueQuery{f: Filter{DueBefore: &at}, now: now}
		if err := q.narrow(ctx, s, scope); err != nil {
			return 0, err
		}
		counts, err := s.counts(ctx, &q)
		if err != nil {
			return 0, err
		}
		return counts[0], nil
	}
	if overdue, err = dueBefore(now); err != nil {
		return 0, 0, err
	}
	all, err := dueBefore(tonight)
	return overdue, all - overdue, err
}
