package outreach

import (
	"context"
	"slices"
	"time"

	"minqing/internal/db"
	"minqing/internal/jobs"
)

// RefreshJob counts one segment anew.
type RefreshJob struct {
	SegmentID string `json:"segment_id"`
}

// Kind names the job.
func (RefreshJob) Kind() string { return "outreach.refresh" }

// DailyJob has every segment counted that was not yet today: time alone moves
// people over the edges of "within 90 days".
type DailyJob struct{}

// Kind names the job.
func (DailyJob) Kind() string { return "outreach.daily" }

// TouchJob looks again at the people to whom something happened.
type TouchJob struct{}

// Kind names the job.
func (TouchJob) Kind() string { return "outreach.touch" }

const (
	refreshTime = 15 * time.Minute
	touchEvery  = time.Minute
	dailyEvery  = time.Hour

	// margin is how long before the last look events are looked at again: a
	// transaction may commit after one that began later. To look twice changes
	// nothing.
	margin = 2 * time.Minute
	// touchedMost is up to how many people are looked at one by one; for more the
	// segments are counted whole.
	touchedMost = 5000
	chunk       = 200
)

// Register has the queue keep the segments up to date.
func (s *Service) Register(q *jobs.Queue) {
	jobs.Work(q, func(ctx context.Context, j RefreshJob) error { return s.refresh(ctx, j.SegmentID, nil) }, jobs.Within(refreshTime))
	jobs.Work(q, func(ctx context.Context, _ DailyJob) error { return s.Daily(ctx) })
	jobs.Work(q, func(ctx context.Context, _ TouchJob) error { return s.Touch(ctx) }, jobs.Within(refreshTime))
	q.Every(touchEvery, TouchJob{})
	q.Every(dailyEvery, DailyJob{})
}

// Daily adds a job for every segment that was not counted on this local day.
func (s *Service) Daily(ctx context.Context) error {
	return s.DB.Tx(ctx, func(ctx context.Context) error {
		var ids []string
		err := s.DB.From(ctx).Raw("SELECT id FROM segments WHERE retired_at IS NULL AND (refreshed_at IS NULL OR refreshed_at < ?) ORDER BY id",
			s.today().Start(s.Zone).UTC()).Scan(&ids).Error
		if err != nil {
			return fail("find the segments to count", err)
		}
		for _, id := range ids {
			if err := s.Jobs.Add(ctx, RefreshJob{SegmentID: id}, jobs.Unique(id)); err != nil {
				return err
			}
		}
		return nil
	})
}

// RefreshAll counts every segment anew, now: after a load, whose events carry the
// times of the past.
func (s *Service) RefreshAll(ctx context.Context) error {
	ids, err := s.live(ctx)
	for _, id := range ids {
		if err := s.refresh(ctx, id, nil); err != nil {
			return err
		}
	}
	return err
}

func (s *Service) live(ctx context.Context) (ids []string, err error) {
	if err = s.DB.From(ctx).Raw("SELECT id FROM segments WHERE retired_at IS NULL ORDER BY id").Scan(&ids).Error; err != nil {
		return nil, fail("find the segments", err)
	}
	return ids, nil
}

// Touch looks again at everybody to whom something happened since the last time:
// in one of their cases, to a permit of theirs, or to their record. Only they can have
// joined or left; but for segments that ask where there are works, which are counted
// whole, once, when something happened to a permit for works that moved them.
func (s *Service) Touch(ctx context.Context) error {
	now := s.Now().UTC().Truncate(time.Microsecond)
	var seen struct {
		SeenAt *time.Time
		Works  string
	}
	if err := s.DB.From(ctx).Raw("SELECT seen_at, works FROM segments_state WHERE id = 1").Scan(&seen).Error; err != nil {
		return fail("read up to when events were seen", err)
	}
	if _, err := s.exec(ctx, "DELETE FROM segment_fixed WHERE constituent_id IN (SELECT f.constituent_id FROM segment_fixed f JOIN constituents x ON x.id = f.constituent_id WHERE x.erased_at IS NOT NULL)"); err != nil {
		return err
	}
	segments, err := s.live(ctx)
	if err != nil {
		return err
	}
	if len(segments) > 0 && seen.SeenAt != nil {
		since := seen.SeenAt.Add(-margin)
		near, err := s.refreshNear(ctx, since, seen.Works)
		if err != nil {
			return err
		}
		people, err := s.touched(ctx, since)
		if err != nil {
			return err
		}
		segments = slices.DeleteFunc(segments, func(id string) bool { return slices.Contains(near, id) })
		if err := s.again(ctx, segments, people); err != nil {
			return err
		}
	}
	_, err = s.exec(ctx, "UPDATE segments_state SET seen_at = ? WHERE id = 1 AND (seen_at IS NULL OR seen_at < ?)", now, now)
	return err
}

// refreshNear counts the segments that ask where there are works, where something happened to
// a permit for works since a time and they are not where they were: it moves everybody who
// lives there. The same event, looked at again, moves nobody once more.
func (s *Service) refreshNear(ctx context.Context, since time.Time, were string) (ids []string, err error) {
	var happened int64
	err = s.DB.From(ctx).Raw("SELECT COUNT(*) FROM permits WHERE particulars ->> '"+WorksFact+"' IS NOT NULL AND id IN (SELECT permit_id FROM permit_events WHERE id >= ?)", db.FirstID(since)).Scan(&happened).Error
	if err != nil {
		return nil, fail("find the permits for works", err)
	}
	if happened == 0 {
		return nil, nil
	}
	are, err := s.works(ctx)
	if err != nil || are == were {
		return nil, err
	}
	if ids, err = s.nearWorks(ctx); err != nil {
		return nil, err
	}
	for _, id := range ids {
		if err := s.refresh(ctx, id, nil); err != nil {
			return nil, err
		}
	}
	_, err = s.exec(ctx, "UPDATE segments_state SET works = ? WHERE id = 1", are)
	return ids, err
}

// nearWorks are the segments that ask where there are works.
func (s *Service) nearWorks(ctx context.Context) (ids []string, err error) {
	var list []Segment
	if err := s.DB.From(ctx).Raw(segmentRows + "g.retired_at IS NULL ORDER BY g.id").Scan(&list).Error; err != nil {
		return nil, fail("find the segments", err)
	}
	for i := range list {
		root, err := list[i].Root()
		if err != nil {
			return nil, err
		}
		_, leaves := root.Leaves()
		if slices.ContainsFunc(leaves, func(n *Node) bool { return n.Leaf == "works" || n.With["works"].First() == "yes" }) {
			ids = append(ids, list[i].ID)
		}
	}
	return ids, nil
}

func (s *Service) again(ctx context.Context, segments, people []string) error {
	if len(people) == 0 {
		return nil
	}
	for _, id := range segments {
		if len(people) > touchedMost {
			if err := s.refresh(ctx, id, nil); err != nil {
				return err
			}
			continue
		}
		for some := range slices.Chunk(people, chunk) {
			if err := s.refresh(ctx, id, some); err != nil {
				return err
			}
		}
	}
	return nil
}

// touched lists the people to whom something happened since a time, with those who
// stand for them and all for whom these do.
func (s *Service) touched(ctx context.Context, since time.Time) ([]string, error) {
	from := db.FirstID(since)
	var ids, records []string
	err := s.DB.From(ctx).Raw(`SELECT DISTINCT cp.constituent_id FROM case_parties cp WHERE cp.role = 'requester' AND cp.constituent_id IS NOT NULL AND cp.case_id IN
 (SELECT case_id FROM case_events WHERE id >= ? UNION SELECT case_id FROM evaluations WHERE id >= ? UNION
 SELECT k.case_id FROM callback_attempts a JOIN callbacks k ON k.id = a.callback_id WHERE a.id >= ?)`, from, from, from).Scan(&ids).Error
	if err != nil {
		return nil, fail("find the people of events", err)
	}
	var held []string
	err = s.DB.From(ctx).Raw("SELECT DISTINCT holder_id FROM permits WHERE id IN (SELECT permit_id FROM permit_events WHERE id >= ?)", from).Scan(&held).Error
	if err != nil {
		return nil, fail("find the people of permits", err)
	}
	ids = append(ids, held...)
	err = s.DB.From(ctx).Raw("SELECT DISTINCT object_id FROM audit_entries WHERE id >= ? AND object_kind = 'constituent'", from).Scan(&records).Error
	if err != nil {
		return nil, fail("find the people whose record changed", err)
	}
	for _, id := range records {
		if isID(id) {
			ids = append(ids, id)
		}
	}
	var free []string // the trail names the record that they were merged into
	err = s.DB.From(ctx).Raw("SELECT merged_id FROM constituent_merges WHERE undone_at >= ?", since.UTC()).Scan(&free).Error
	if err != nil {
		return nil, fail("find who is no longer merged", err)
	}
	ids = append(ids, free...)
	var family []string
	for some := range slices.Chunk(ids, chunk) {
		var more []string
		err := s.DB.From(ctx).Raw(`WITH heads AS (SELECT COALESCE(head_id, id) AS id FROM constituents WHERE id IN ?)
 SELECT id FROM heads UNION SELECT c.id FROM constituents c JOIN heads h ON c.head_id = h.id`, some).Scan(&more).Error
		if err != nil {
			return nil, fail("find who was merged", err)
		}
		family = append(family, more...)
	}
	ids = append(ids, family...)
	slices.Sort(ids)
	return slices.Compact(ids), nil
}
