package cases

import (
	"context"
	"fmt"

	"minqing/internal/calendar"
	"minqing/internal/catalogue"
	"minqing/internal/clocks"
	"minqing/internal/db"
)

// WouldMove counts the open clocks of a matter that get another limit when the
// matter becomes what next says, as far as RunningMost. It leaves out what keeps
// its limit, as counting anew does: what was extended or merged, danger to life,
// and a limit that only the matter had and has no more.
func (s *Service) WouldMove(ctx context.Context, next *catalogue.Matter) (int64, error) {
	if next.Urgent {
		return 0, nil
	}
	snap, err := s.Catalogue.Snapshot(ctx)
	if err != nil {
		return 0, err
	}
	root, err := s.Clocks.Of(snap, snap.Root())
	if err != nil {
		return 0, err
	}
	var groups []struct {
		Kind      clocks.Kind
		TimeLimit calendar.Limit
		UnitID    string
		N         int64
	}
	err = s.DB.Reader(ctx).Raw(`SELECT kind, time_limit, unit_id, count(*) AS n FROM (SELECT k.kind, k.time_limit, c.unit_id FROM cases c
 JOIN case_clocks k ON k.case_id = c.id WHERE c.matter_id = ? AND NOT c.urgent AND k.state = 'running' AND k.time_limit <> ''
 AND (k.kind IN ('contact', 'sign_in', 'acceptance') OR k.kind = 'conclusion' AND c.extension_count = 0 AND c.merged_count = 0) LIMIT ?) AS open
 GROUP BY kind, time_limit, unit_id`, next.ID, RunningMost).Scan(&groups).Error
	if err != nil {
		return 0, fmt.Errorf("count the clocks of a matter: %w", db.Fault(err, "", ""))
	}
	var n int64
	for _, g := range groups {
		k := counting{Clock: clocks.Clock{Kind: g.Kind, TimeLimit: g.TimeLimit, StartedAt: s.Now()}}
		unit, err := snap.Unit(g.UnitID)
		if err != nil {
			return 0, err
		}
		if (&movement{snap: snap}).limit(k, next, root, snap.ClockRules(unit, next)) != g.TimeLimit {
			n += g.N
		}
	}
	return n, nil
}
