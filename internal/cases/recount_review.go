package cases

import (
	"context"
	"fmt"
	"time"

	"minqing/internal/clocks"
	"minqing/internal/db"
)

// MendDue is by when the unit has to do what is next about a bad review.
type MendDue struct {
	CaseID       string
	ConclusionNo int64
	DueAt        time.Time
}

// WhenMendDue has f called, in the transaction, when counting anew moves by when
// bad reviews have to be answered.
func (s *Service) WhenMendDue(f func(ctx context.Context, list []MendDue) error) { s.mendDue = f }

var movedReview = []db.Column{{Name: "rectify_due_at", Type: "timestamptz"}, {Name: "event_count", Type: "bigint"}, {Name: "updated_at", Type: "timestamptz"}}

// answers says that the clock is that of what is next about a bad review.
func (k counting) answers() bool {
	switch k.Kind {
	case clocks.Callback:
		return k.Rectify == ToContact
	case clocks.Rectification:
		return k.Rectify == ToMend || k.Rectify == Contested
	}
	return false
}

// review notes how the answer to a bad review moves: the case, its place in the
// unit's queue, what is kept with the review, and an event for the unit.
func (m *movement) review(k counting, one clocks.Clock) error {
	if err := m.event(k, one, false); err != nil {
		return err
	}
	m.reviews = append(m.reviews, []any{k.CaseID, k.Version, *one.DueAt, k.EventCount + 1, m.now})
	m.places = append(m.places, []any{k.CaseID, "lead", *one.DueAt})
	m.mends = append(m.mends, MendDue{k.CaseID, k.ConclusionNo, *one.DueAt})
	m.n++
	return nil
}

// Unlike counts the due times of one sort that are not those of the clocks.
type Unlike struct {
	What string
	N    int64
}

// unlike is what has to agree with the clocks that run.
var unlike = []struct{ what, sql string }{
	{"due times of cases", "k.kind = 'conclusion' AND c.due_at IS DISTINCT FROM k.due_at"},
	{"times of the first contact", "k.kind = 'contact' AND c.response_due_at IS DISTINCT FROM k.due_at"},
	{"answers to bad reviews", ofReview + " AND c.rectify_due_at IS DISTINCT FROM k.due_at"},
	{"bad reviews", ofReview + ` AND EXISTS (SELECT 1 FROM evaluations e WHERE e.case_id = c.id AND e.conclusion_no = c.conclusion_no AND e.round = 1
 AND e.mend_due_at IS DISTINCT FROM k.due_at)`},
	{"places in queues", "(k.kind = 'conclusion' OR " + ofReview + `) AND EXISTS (SELECT 1 FROM case_units u WHERE u.case_id = c.id AND u.role = 'lead' AND u.open
 AND u.queue_at IS DISTINCT FROM k.due_at)`},
	{unlikeOrders, "c.supervised_due IS DISTINCT FROM o.due_at"},
	{"places in queues of joint units", `k.kind = 'joint' AND EXISTS (SELECT 1 FROM case_units u WHERE u.case_id = c.id AND u.unit_id = k.unit_id AND u.role = 'joint' AND u.open
 AND u.queue_at IS DISTINCT FROM k.due_at)`},
}

const (
	unlikeOrders = "due times of orders"
	ofReview     = "(k.kind = 'callback' AND c.rectify = 'contact' OR k.kind = 'rectification' AND c.rectify IN ('mend', 'contested'))"
)

// UnlikeClocks looks whether cases, queues and reviews say the due times of the
// clocks that run and of the orders that are open. It is empty when all agree.
func UnlikeClocks(ctx context.Context, d *db.DB) ([]Unlike, error) {
	var list []Unlike
	for _, one := range unlike {
		var n int64
		from := "case_clocks k JOIN cases c ON c.id = k.case_id WHERE k.state = 'running' AND "
		if one.what == unlikeOrders {
			from = "case_orders o JOIN cases c ON c.id = o.case_id WHERE o.closed_at IS NULL AND "
		}
		if err := d.From(ctx).Raw("SELECT count(*) FROM " + from + one.sql).Scan(&n).Error; err != nil {
			return nil, fmt.Errorf("compare due times with the clocks: %w", db.Fault(err, "", ""))
		}
		if n > 0 {
			list = append(list, Unlike{one.what, n})
		}
	}
	return list, nil
}
