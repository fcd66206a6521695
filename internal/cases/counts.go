package cases

import (
	"context"
	"fmt"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"minqing/internal/access"
	"minqing/internal/actor"
	"minqing/internal/db"
)

// CountMost is where counting stops: "999+" says enough.
const CountMost = 1000

// How old the numbers of a rail may be. What the reader does shows at once. Numbers older
// than countsFresh are shown while new ones are counted: a count over a million cases takes
// longer than a page, and all who read as one account would wait for it. Numbers older than
// countsLife are shown to nobody.
const (
	countsFresh = 8 * time.Second
	countsLife  = time.Minute
)

const countsMost = 10_000

// counted keeps what was counted, by account and scope.
type counted struct {
	mu     sync.Mutex
	kept   map[string]map[string]keptCounts
	acts   int64            // so far
	acted  map[string]int64 // which act was the last of an account
	asking singleflight.Group
}

type keptCounts struct {
	views map[string]int
	at    time.Time // when they were counted
}

// get gives what is kept and not too old, and after which act of the account's it is asked.
func (k *counted) get(account, scope string, now time.Time) (c keptCounts, act int64) {
	k.mu.Lock()
	defer k.mu.Unlock()
	c, ok := k.kept[account][scope]
	if !ok || !now.Before(c.at.Add(countsLife)) {
		c = keptCounts{}
	}
	return c, k.acted[account]
}

// put keeps what was counted, unless the account acted meanwhile.
func (k *counted) put(account, scope string, act int64, c keptCounts) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.acted[account] != act {
		return
	}
	if k.kept == nil || len(k.kept) >= countsMost {
		k.kept, k.acted = map[string]map[string]keptCounts{}, map[string]int64{}
	}
	k.kept[account] = map[string]keptCounts{scope: c} // an account has one scope at a time
}

func (k *counted) forget(account string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	delete(k.kept, account)
	if k.acted == nil || len(k.acted) >= countsMost {
		k.acted = map[string]int64{}
	}
	k.acts++
	k.acted[account] = k.acts
}

// Counts says how many cases each view holds, up to CountMost. The numbers may
// be ten seconds old, on the first page after a pause a minute; after an act of the
// reader's own they are new.
func (s *Service) Counts(ctx context.Context) (map[string]int, error) {
	scope, err := s.Access.Scope(ctx, access.CaseList)
	if err != nil {
		return nil, err
	}
	me, now, reach := actor.From(ctx).AccountID, s.Now(), scope.Key()
	kept, act := s.counted.get(me, reach, now)
	if kept.views != nil && now.Before(kept.at.Add(countsFresh)) {
		return kept.views, nil
	}
	// Whoever asks meanwhile waits for the same count, or has what is kept.
	counting := s.counted.asking.DoChan(me+" "+reach+" "+strconv.FormatInt(act, 10), func() (any, error) {
		views, err := s.countAll(context.WithoutCancel(ctx), scope, now) // the first to ask may go away
		if err != nil {
			return nil, err
		}
		s.counted.put(me, reach, act, keptCounts{views: views, at: now})
		return views, nil
	})
	if kept.views != nil {
		return kept.views, nil
	}
	select {
	case got := <-counting:
		if got.Err != nil {
			return nil, got.Err
		}
		return got.Val.(map[string]int), nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// countAll counts every view. It runs beside the readers, where a panic would end the
// process: here it is an error, which whoever waits for the numbers gets.
func (s *Service) countAll(ctx context.Context, scope access.Scope, now time.Time) (views map[string]int, err error) {
	defer func() {
		if caught := recover(); caught != nil {
			views, err = nil, fmt.Errorf("count the rail: %v\n%s", caught, debug.Stack())
		}
	}()
	views = map[string]int{}
	for _, v := range Views {
		if v == ViewSupervised || v == ViewDue {
			continue
		}
		together := []string{v}
		if v == ViewOverdue { // neighbours in the index, in one statement
			together = append(together, ViewDue)
		}
		if err := s.countViews(ctx, views, scope, now, together...); err != nil {
			return nil, err
		}
	}
	views[ViewSupervised], err = s.countSupervised(ctx) // its list is a page of its own, of orders
	return views, err
}

// countViews says how many cases views hold, up to CountMost, by one statement.
func (s *Service) countViews(ctx context.Context, views map[string]int, scope access.Scope, now time.Time, names ...string) error {
	var list []*queueQuery
	for _, v := range names {
		q := &queueQuery{f: Filter{View: v}, now: now, me: actor.From(ctx).AccountID}
		if err := q.narrow(ctx, s, scope); err != nil {
			return err
		}
		list = append(list, q)
	}
	counts, err := s.counts(ctx, list...)
	if err != nil {
		return err
	}
	for i, v := range names {
		views[v] = counts[i]
	}
	return nil
}

func (s *Service) counts(ctx context.Context, list ...*queueQuery) ([]int, error) {
	var parts []string
	var args []any
	for i, q := range list {
		sql, values := q.count()
		parts, args = append(parts, "SELECT "+strconv.Itoa(i)+" AS i, ("+sql+") AS n"), append(args, values...)
	}
	var rows []struct{ I, N int }
	if err := s.DB.Reader(ctx).Raw(strings.Join(parts, " UNION ALL "), args...).Scan(&rows).Error; err != nil {
		return nil, fmt.Errorf("count the queue: %w", db.Fault(err, "", ""))
	}
	counts := make([]int, len(list))
	for _, r := range rows {
		counts[r.I] = r.N
	}
	return counts, nil
}

// count is the SQL of how many cases the query finds, up to CountMost. It stops at as
// many rows. Of the whole city's cases it takes the first in the order of an index: left
// to itself PostgreSQL reads the table, where a million closed ones stand before the open.
func (q *queueQuery) count() (string, []any) {
	where, args := q.conditions()
	if q.f.View == ViewOverdue || q.f.View == ViewDue || q.f.DueBefore != nil {
		where += " AND cu.priority IN (0, 1)" // all that there are: then the index finds the due times
	}
	if q.units != nil {
		where, args = where+" AND cu.unit_id IN ?", append(args, q.units)
	} else {
		where, args = where+" AND "+q.where, append(args, q.args...)
	}
	what, order := "1", ""
	switch {
	case q.f.View == ViewJoint:
		what = "DISTINCT cu.case_id"
	case q.units == nil:
		order = " ORDER BY cu.priority, cu.queue_at, cu.case_id"
	}
	return "SELECT count(*) FROM (SELECT " + what + " FROM case_units cu WHERE " + where + order + " LIMIT " + strconv.Itoa(CountMost) + ") AS c", args
}
