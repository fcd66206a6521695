package cases

import (
	"context"
	"fmt"
	"sync"
	"time"

	"minqing/internal/access"
	"minqing/internal/actor"
	"minqing/internal/db"
)

// CountMost is where counting stops: "999+" says enough.
const CountMost = 1000

// countsLife is how long a rail shows the same numbers. What the reader does
// shows at once; what colleagues do, this much later.
const countsLife = 10 * time.Second

const countsMost = 10_000

// counted keeps what was counted, by account and scope.
type counted struct {
	mu   sync.Mutex
	kept map[string]map[string]keptCounts
}

type keptCounts struct {
	views map[string]int
	until time.Time
}

func (k *counted) get(account, scope string, now time.Time) map[string]int {
	k.mu.Lock()
	defer k.mu.Unlock()
	if c, ok := k.kept[account][scope]; ok && now.Before(c.until) {
		return c.views
	}
	return nil
}

func (k *counted) put(account, scope string, c keptCounts) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.kept == nil || len(k.kept) >= countsMost {
		k.kept = map[string]map[string]keptCounts{}
	}
	k.kept[account] = map[string]keptCounts{scope: c} // an account has one scope at a time
}

func (k *counted) forget(account string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	delete(k.kept, account)
}

// Counts says how many cases each view holds, up to CountMost. The numbers may
// be ten seconds old, except after an act of the reader's own.
func (s *Service) Counts(ctx context.Context) (map[string]int, error) {
	scope, err := s.Access.Scope(ctx, access.CaseList)
	if err != nil {
		return nil, err
	}
	me, now, reach := actor.From(ctx).AccountID, s.Now(), scope.Key()
	if views := s.counted.get(me, reach, now); views != nil {
		return views, nil
	}
	views := map[string]int{}
	for _, v := range Views {
		q := queueQuery{f: Filter{View: v, Limit: CountMost - 1}, now: now, me: me}
		if err := q.narrow(ctx, s, scope); err != nil {
			return nil, err
		}
		sql, args := q.sql(s.DB)
		var n int
		if err := s.DB.Reader(ctx).Raw("SELECT count(*) FROM ("+sql+") AS c", args...).Scan(&n).Error; err != nil {
			return nil, fmt.Errorf("count the queue: %w", db.Fault(err, "", ""))
		}
		views[v] = n
	}
	s.counted.put(me, reach, keptCounts{views: views, until: now.Add(countsLife)})
	return views, nil
}
