package cases

import (
	"context"
	"fmt"
	"strconv"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

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
	mu     sync.Mutex
	kept   map[string]map[string]keptCounts
	asking singleflight.Group
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
	// Whoever asks meanwhile waits for the same count.
	views, err, _ := s.counted.asking.Do(me+" "+reach, func() (any, error) {
		ctx := context.WithoutCancel(ctx) // the first to ask may go away
		views := map[string]int{}
		for _, v := range Views {
			if v == ViewSupervised {
				continue
			}
			q := queueQuery{f: Filter{View: v}, now: now, me: me}
			if err := q.narrow(ctx, s, scope); err != nil {
				return nil, err
			}
			n, err := q.count(ctx, s.DB)
			if err != nil {
				return nil, err
			}
			views[v] = n
		}
		if views[ViewSupervised], err = s.countSupervised(ctx); err != nil { // its list is a page of its own, of orders
			return nil, err
		}
		s.counted.put(me, reach, keptCounts{views: views, until: now.Add(countsLife)})
		return views, nil
	})
	if err != nil {
		return nil, err
	}
	return views.(map[string]int), nil
}

// count says how many cases the query finds, up to CountMost. It needs no order,
// so it stops at as many rows, wherever they stand.
func (q *queueQuery) count(ctx context.Context, d *db.DB) (n int, err error) {
	where, args := q.conditions()
	if q.f.View == ViewOverdue || q.f.DueBefore != nil {
		where += " AND cu.priority IN (0, 1)" // all that there are: then the index finds the due times
	}
	if q.units != nil {
		where, args = where+" AND cu.unit_id IN ?", append(args, q.units)
	} else {
		where, args = where+" AND "+q.where, append(args, q.args...)
	}
	what := "1"
	if q.f.View == ViewJoint {
		what = "DISTINCT cu.case_id"
	}
	sql := "SELECT count(*) FROM (SELECT " + what + " FROM case_units cu WHERE " + where + " LIMIT " + strconv.Itoa(CountMost) + ") AS c"
	if err := d.Reader(ctx).Raw(sql, args...).Scan(&n).Error; err != nil {
		return 0, fmt.Errorf("count the queue: %w", db.Fault(err, "", ""))
	}
	return n, nil
}
