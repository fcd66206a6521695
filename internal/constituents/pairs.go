package constituents

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"minqing/internal/actor"
	"minqing/internal/audit"
	"minqing/internal/db"
	"minqing/internal/fault"
	"minqing/internal/match"
)

// What was decided about two records: nothing yet, or that they are not the same.
const (
	stateOpen  = "open"
	stateApart = "apart"
)

// pairRow is a pair as it stands in the queue.
type pairRow struct {
	ID          string
	AID         string
	BID         string
	Score       int
	State       string
	SeenAt      time.Time
	DecidedAt   *time.Time
	DecidedByID *string
	Reason      string
	Version     int64
}

// TableName names the table for gorm.
func (pairRow) TableName() string { return "constituent_pairs" }

func ordered(a, b string) (string, string) {
	if a > b {
		return b, a
	}
	return a, b
}

// keepPairs puts pairs into the queue, or notes that a sweep still finds them. What
// somebody decided stays.
func (s *Service) keepPairs(ctx context.Context, pairs []Pair, sweep time.Time) error {
	const most = 500
	now := s.Now().UTC()
	for len(pairs) > 0 {
		part := pairs[:min(len(pairs), most)]
		pairs = pairs[len(part):]
		args := make([]any, 0, 6*len(part))
		for _, p := range part {
			args = append(args, db.NewID(now), p.A, p.B, p.Score, stateOpen, sweep.UTC())
		}
		err := s.DB.From(ctx).Exec("INSERT INTO constituent_pairs (id, a_id, b_id, score, state, seen_at) VALUES "+strings.Repeat(", (?, ?, ?, ?, ?, ?)", len(part))[2:]+
			" ON CONFLICT (a_id, b_id) DO UPDATE SET score = excluded.score, seen_at = excluded.seen_at WHERE constituent_pairs.state = 'open'", args...).Error
		if err != nil {
			return fmt.Errorf("keep pairs that may be the same: %w", db.Fault(err, "", ""))
		}
	}
	return nil
}

// pair reads what was decided about two; nil when nothing was.
func (s *Service) pair(ctx context.Context, a, b string) (*pairRow, error) {
	a, b = ordered(a, b)
	var rows []pairRow
	if err := s.DB.From(ctx).Where("a_id = ? AND b_id = ?", a, b).Find(&rows).Error; err != nil || len(rows) == 0 {
		return nil, db.Fault(err, "", "")
	}
	return &rows[0], nil
}

// setApart remembers that two are not the same, whether the queue has them or not.
func (s *Service) setApart(ctx context.Context, a, b, reason string, score int) error {
	a, b = ordered(a, b)
	now, by := s.Now().UTC(), db.Ref(actor.From(ctx).AccountID)
	err := s.DB.From(ctx).Exec(`INSERT INTO constituent_pairs (id, a_id, b_id, score, state, seen_at, decided_at, decided_by_id, reason) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
 ON CONFLICT (a_id, b_id) DO UPDATE SET state = excluded.state, decided_at = excluded.decided_at, decided_by_id = excluded.decided_by_id, reason = excluded.reason,
 version = constituent_pairs.version + 1`, db.NewID(now), a, b, score, stateApart, now, now, by, reason).Error
	if err != nil {
		return fmt.Errorf("remember that two are not the same: %w", db.Fault(err, "", ""))
	}
	return nil
}

// Apart remembers that two records are not of the same person: they are never
// proposed again, and never merged by themselves, until Again. Version is that
// which the page carried, 0 when the queue did not have them.
func (m *Merging) Apart(ctx context.Context, a, b, reason string, version int64) error {
	reason, err := m.reason(reason)
	if err != nil {
		return err
	}
	return m.DB.Tx(ctx, func(ctx context.Context) error {
		if err := m.both(ctx, a, b); err != nil {
			return err
		}
		if err := m.holdTwo(ctx, a, b); err != nil {
			return err
		}
		if err := m.unchanged(ctx, a, b, version); err != nil {
			return err
		}
		v, err := m.Compare(ctx, a, b)
		if err != nil {
			return err
		}
		sealed, err := m.sealTwice(ctx, a, b, reason)
		if err != nil {
			return err
		}
		if err := m.setApart(ctx, a, b, sealed, v.Score); err != nil {
			return err
		}
		return m.Audit.Record(ctx, audit.Entry{Action: "constituent.apart", Kind: "constituent", ID: a, Reason: sealed, Fields: []audit.Change{{Field: "other", After: b}}})
	})
}

// Again takes back that two are not the same: they may be proposed again.
func (m *Merging) Again(ctx context.Context, a, b, reason string, version int64) error {
	reason, err := m.reason(reason)
	if err != nil {
		return err
	}
	return m.DB.Tx(ctx, func(ctx context.Context) error {
		if err := m.both(ctx, a, b); err != nil {
			return err
		}
		if err := m.holdTwo(ctx, a, b); err != nil {
			return err
		}
		if err := m.unchanged(ctx, a, b, version); err != nil {
			return err
		}
		sealed, err := m.sealTwice(ctx, a, b, reason)
		if err != nil {
			return err
		}
		x, y := ordered(a, b)
		err = m.DB.From(ctx).Exec(`UPDATE constituent_pairs SET state = 'open', decided_at = NULL, decided_by_id = NULL, reason = '', seen_at = ?, version = version + 1
 WHERE a_id = ? AND b_id = ? AND state = 'apart'`, m.Now().UTC(), x, y).Error
		if err != nil {
			return fmt.Errorf("look at a pair again: %w", db.Fault(err, "", ""))
		}
		return m.Audit.Record(ctx, audit.Entry{Action: "constituent.again", Kind: "constituent", ID: a, Reason: sealed, Fields: []audit.Change{{Field: "other", After: b}}})
	})
}

// unchanged refuses when somebody decided about the pair since the page was made.
func (m *Merging) unchanged(ctx context.Context, a, b string, version int64) error {
	p, err := m.pair(ctx, a, b)
	if err != nil {
		return err
	}
	if p != nil && p.Version != version || p == nil && version != 0 {
		return fault.New(fault.Conflict, "duplicates.pair.decided")
	}
	return nil
}

// Listed is a pair of the queue, with what each rule says now.
type Listed struct {
	Pair
	A, B View // masked
}

// listedMost is how many pairs a page has.
const listedMost = 10

// Queue lists the pairs that nobody has decided about, both of whom the actor may
// see, the likeliest first.
func (m *Merging) Queue(ctx context.Context, cursor string) (list []Listed, next string, err error) {
	where, args, err := m.reach(ctx, "q.a_id", "q.b_id")
	if err != nil {
		return nil, "", err
	}
	after, err := db.DecodeCursor(cursor, 2)
	if err != nil {
		return nil, "", err
	}
	if after != nil {
		score, id, err := position(after)
		if err != nil {
			return nil, "", err
		}
		where += " AND (q.score < ? OR q.score = ? AND q.id < ?)"
		args = append(args, score, score, id)
	}
	var rows []pairRow
	err = m.DB.Reader(ctx).Raw(`SELECT q.* FROM constituent_pairs q JOIN constituents a ON a.id = q.a_id JOIN constituents b ON b.id = q.b_id
 WHERE q.state = 'open' AND a.merged_into_id IS NULL AND b.merged_into_id IS NULL AND a.erased_at IS NULL AND b.erased_at IS NULL AND `+where+
		" ORDER BY q.score DESC, q.id DESC LIMIT ?", append(args, listedMost+1)...).Scan(&rows).Error
	if err != nil {
		return nil, "", fmt.Errorf("list pairs that may be the same: %w", db.Fault(err, "", ""))
	}
	if len(rows) > listedMost {
		rows = rows[:listedMost]
		last := rows[listedMost-1]
		next = db.EncodeCursor(fmt.Sprint(last.Score), last.ID)
	}
	pairs := make([]Pair, len(rows))
	for i, r := range rows {
		pairs[i] = Pair{A: r.AID, B: r.BID}
	}
	list, err = m.listed(ctx, pairs)
	return list, next, err
}

// listed compares pairs anew and shows both sides masked.
func (m *Merging) listed(ctx context.Context, pairs []Pair) ([]Listed, error) {
	var ids []string
	for _, p := range pairs {
		ids = append(ids, p.A, p.B)
	}
	if len(ids) == 0 {
		return nil, nil
	}
	records, err := m.whole(ctx, ids)
	if err != nil {
		return nil, err
	}
	views, err := m.MaskedAll(ctx, ids)
	if err != nil {
		return nil, err
	}
	list := make([]Listed, 0, len(pairs))
	for _, p := range pairs {
		a, b := records[p.A], records[p.B]
		if a == nil || b == nil {
			continue
		}
		p.Verdict = match.Weigh(*a, *b)
		list = append(list, Listed{Pair: p, A: views[p.A], B: views[p.B]})
	}
	return list, nil
}

// Candidates lists who may be the same as one, masked, the likeliest first: those
// that the queue would propose and some that are only possible. Those that were
// found not to be the same are left out, and so are those out of the actor's reach. More
// is how many there are besides the CandidatesMost that are listed.
func (m *Merging) Candidates(ctx context.Context, id string) (list []Listed, more int, err error) {
	if err := m.one(ctx, id); err != nil {
		return nil, 0, err
	}
	top, err := m.Head(ctx, id)
	if err != nil {
		return nil, 0, err
	}
	pairs, err := m.candidates(ctx, top, match.Possible)
	if err != nil || len(pairs) == 0 {
		return nil, 0, err
	}
	others := make([]string, 0, len(pairs))
	for _, p := range pairs {
		others = append(others, p.other(top))
	}
	open, err := m.visible(ctx, others)
	if err != nil {
		return nil, 0, err
	}
	var apart []string
	err = m.DB.Reader(ctx).Raw("SELECT CASE WHEN a_id = ? THEN b_id ELSE a_id END FROM constituent_pairs WHERE state = 'apart' AND (a_id = ? OR b_id = ?)", top, top, top).Scan(&apart).Error
	if err != nil {
		return nil, 0, fmt.Errorf("read who is not the same: %w", db.Fault(err, "", ""))
	}
	for _, id := range apart {
		delete(open, id)
	}
	pairs = slices.DeleteFunc(pairs, func(p Pair) bool { return !open[p.other(top)] })
	most := min(len(pairs), CandidatesMost)
	list, err = m.listed(ctx, pairs[:most])
	return list, len(pairs) - most, err
}

// CandidatesMost is how many who may be the same as one are listed, the likeliest.
const CandidatesMost = 20

func (p Pair) other(id string) string {
	if p.A == id {
		return p.B
	}
	return p.A
}

// Against compares one with others that somebody looked up, whatever they have in
// common, the likeliest first: those in the actor's reach that are not one with it
// already.
func (m *Merging) Against(ctx context.Context, id string, others []string) ([]Listed, error) {
	if err := m.one(ctx, id); err != nil {
		return nil, err
	}
	top, err := m.Head(ctx, id)
	if err != nil {
		return nil, err
	}
	heads, err := m.Heads(ctx, others)
	if err != nil || len(heads) == 0 {
		return nil, err
	}
	open, err := m.visible(ctx, heads)
	if err != nil {
		return nil, err
	}
	var pairs []Pair
	for _, other := range heads {
		if other != top && open[other] {
			a, b := ordered(top, other)
			pairs = append(pairs, Pair{A: a, B: b})
		}
	}
	list, err := m.listed(ctx, pairs)
	slices.SortStableFunc(list, func(x, y Listed) int { return cmp.Compare(y.Score, x.Score) })
	return list, err
}
