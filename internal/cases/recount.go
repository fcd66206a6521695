package cases

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"minqing/internal/actor"
	"minqing/internal/audit"
	"minqing/internal/calendar"
	"minqing/internal/catalogue"
	"minqing/internal/clocks"
	"minqing/internal/db"
)

// RecountJob counts open clocks and orders anew where calendars or limits have
// changed since they were counted last.
type RecountJob struct{}

// Kind names the job.
func (RecountJob) Kind() string { return "case.recount" }

const (
	recountEvery  = 5 * time.Minute
	recountWithin = time.Hour
	recountBatch  = 1000 // clocks of one transaction
)

// recount is a row of clock_recounts.
type recount struct {
	ID       string
	Basis    string
	LastDue  *time.Time
	LastCase *string
	Seen     int64
	Moved    int64

	LastOrder  *string // the case whose order was counted last
	FinishedAt *time.Time
}

// basis says by what clocks are counted: calendars, office hours and limits.
func (s *Service) basis(snap *catalogue.Snapshot) (string, error) {
	sum := sha256.New()
	fmt.Fprintln(sum, "clocks and orders") // what is counted; a release that adds something counts it
	for _, u := range snap.Units {
		cal, err := s.Clocks.Of(snap, u)
		if err != nil {
			return "", err
		}
		fmt.Fprintln(sum, u.ID, cal.ID(), cal.Shifts(), rulesOf(u.ClockRules))
	}
	for _, y := range snap.Years {
		fmt.Fprintln(sum, y.ID, y.Version)
	}
	for _, m := range snap.Matters {
		fmt.Fprintln(sum, m.ID, m.HandlingLimit, m.ResponseLimit, m.SigninLimit, m.Urgent, rulesOf(m.ClockRules))
	}
	for _, code := range slices.Concat(catalogue.StandardLimits, catalogue.StandardWarnings) {
		fmt.Fprintln(sum, code, snap.Standards.Version(code))
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}

// rulesOf are the settings of a matter or unit by which clocks run and warn.
func rulesOf(r catalogue.ClockRules) string {
	return fmt.Sprint(r.Acceptance, r.WarnBefore, r.WarnShare, r.WarnAfter)
}

// Recount counts open clocks, then open orders, anew when calendars or limits are
// not those of the last time. It goes on where it was broken off, a batch to a
// transaction, and every due time that moves leaves an event with the old and the
// new one. Suspended clocks are counted when they run again. It says how many moved.
func (s *Service) Recount(ctx context.Context) (int64, error) {
	snap, err := s.Catalogue.Snapshot(ctx)
	if err != nil || snap.Root() == nil {
		return 0, err
	}
	basis, err := s.basis(snap)
	if err != nil {
		return 0, err
	}
	r, err := s.recountRow(ctx, basis)
	if err != nil || r == nil {
		return 0, err
	}
	before := r.Moved
	for _, some := range []func(context.Context, *catalogue.Snapshot, *recount, int) (bool, error){s.recountSome, s.recountOrders} {
		if err := inBatches(func(most int) (bool, error) { return some(ctx, snap, r, most) }); err != nil {
			return r.Moved - before, err
		}
	}
	return r.Moved - before, s.recounted(ctx, r)
}

// inBatches calls some until there is no more, with fewer at a time where somebody
// acts on one of them.
func inBatches(some func(most int) (more bool, err error)) error {
	for batch := recountBatch; ; {
		more, err := some(batch)
		switch {
		case errors.Is(err, errMeanwhile) && batch > 1: // smaller steps get past
			batch = max(1, batch/8)
		case errors.Is(err, errMeanwhile):
			time.Sleep(10 * time.Millisecond)
		case err != nil:
			return err
		case !more:
			return nil
		default:
			batch = recountBatch
		}
	}
}

// recountRow is the run to go on with, a new one, or nil when nothing changed.
func (s *Service) recountRow(ctx context.Context, basis string) (*recount, error) {
	var last []recount
	err := s.DB.From(ctx).Raw("SELECT id, basis, last_due, last_case, last_order, seen, moved, finished_at FROM clock_recounts ORDER BY id DESC LIMIT 1").Scan(&last).Error
	if err != nil {
		return nil, fmt.Errorf("read how far clocks are counted: %w", db.Fault(err, "", ""))
	}
	if len(last) > 0 && last[0].Basis == basis {
		if last[0].FinishedAt != nil {
			return nil, nil //nolint:nilnil // nothing to do
		}
		return &last[0], nil
	}
	now := s.Now().UTC()
	r := &recount{ID: db.NewID(now), Basis: basis}
	return r, s.DB.Tx(ctx, func(ctx context.Context) error {
		tx := s.DB.From(ctx)
		if err := tx.Exec("UPDATE clock_recounts SET finished_at = ? WHERE finished_at IS NULL", now).Error; err != nil { // of a state that is over
			return fmt.Errorf("end an earlier count: %w", err)
		}
		row := db.Insert("clock_recounts", "id, basis, started_at", r.ID, basis, now)
		if err := tx.Exec(row.SQL, row.Args...).Error; err != nil {
			return fmt.Errorf("begin to count clocks: %w", err)
		}
		return nil
	})
}

func (s *Service) recounted(ctx context.Context, r *recount) error {
	return s.DB.Tx(ctx, func(ctx context.Context) error {
		if err := s.DB.From(ctx).Exec("UPDATE clock_recounts SET finished_at = ? WHERE id = ?", s.Now().UTC(), r.ID).Error; err != nil {
			return fmt.Errorf("end the count of clocks: %w", err)
		}
		return s.Audit.Record(ctx, audit.Entry{Action: "case.recount", Kind: "clocks", ID: r.ID, Fields: []audit.Change{
			{Field: "clocks", After: fmt.Sprint(r.Seen)}, {Field: "moved", After: fmt.Sprint(r.Moved)}}})
	})
}

// counting is an open clock with what of its case it is counted by.
type counting struct {
	clocks.Clock
	LeadID         string
	RouteUnitID    *string
	MatterID       *string
	Urgent         bool
	ExtensionCount int64
	MergedCount    int64
	Status         Status
	EventCount     int64
	Version        int64
	Rectify        Rectifying
	ConclusionNo   int64
}

const readCounting = `SELECT k.case_id, k.kind, k.no, k.unit_id, k.time_limit, k.calendar_version, k.started_at, k.due_at, k.state, k.pauses, k.warn_at, k.warn_level,
 c.unit_id AS lead_id, c.route_unit_id, c.matter_id, c.urgent, c.extension_count, c.merged_count, c.status, c.event_count, c.version, c.rectify, c.conclusion_no
 FROM case_clocks k JOIN cases c ON c.id = k.case_id WHERE k.state = 'running'`

var errMeanwhile = errors.New("a case changed while its clocks were counted")

// recountSome counts the next clocks in the order of their due times. Those of
// one case and due time are counted together.
func (s *Service) recountSome(ctx context.Context, snap *catalogue.Snapshot, r *recount, most int) (more bool, err error) {
	sql, args := readCounting, []any{}
	if r.LastDue != nil {
		sql += " AND k.due_at >= ? AND (k.due_at > ? OR k.case_id > ?)"
		args = append(args, *r.LastDue, *r.LastDue, *r.LastCase)
	}
	var list []counting
	err = s.DB.Tx(ctx, func(ctx context.Context) error { // reads the database that it writes, never a replica
		return s.DB.Together(ctx, db.Rows(&list, sql+" ORDER BY k.due_at, k.case_id LIMIT ?", append(args, most)...))
	})
	if err != nil {
		return false, fmt.Errorf("read the clocks to count: %w", db.Fault(err, "", ""))
	}
	more = len(list) == most
	if last := len(list) - 1; more && list[0].CaseID != list[last].CaseID { // the last case may have more clocks
		id := list[last].CaseID
		list = slices.DeleteFunc(list, func(k counting) bool { return k.CaseID == id && k.DueAt.Equal(*list[last].DueAt) })
	}
	if len(list) == 0 {
		return false, nil
	}
	m := &movement{s: s, snap: snap, recount: r.ID, now: s.Now().UTC().Truncate(time.Microsecond), who: actor.From(ctx)}
	for _, k := range list {
		if err := m.count(k); err != nil {
			return false, err
		}
	}
	last := list[len(list)-1]
	return more, s.DB.Tx(ctx, func(ctx context.Context) error {
		if err := m.store(ctx); err != nil {
			return err
		}
		r.LastDue, r.LastCase = last.DueAt, &last.CaseID
		r.Seen, r.Moved = r.Seen+int64(len(list)), r.Moved+m.n
		err := s.DB.From(ctx).Exec("UPDATE clock_recounts SET last_due = ?, last_case = ?, seen = ?, moved = ? WHERE id = ?",
			r.LastDue, r.LastCase, r.Seen, r.Moved, r.ID).Error
		if err != nil {
			return fmt.Errorf("note how far clocks are counted: %w", err)
		}
		return nil
	})
}

// movement gathers what changes in a batch.
type movement struct {
	s    *Service
	snap *catalogue.Snapshot
	now  time.Time
	who  actor.Actor
	n    int64

	recount string // its id
	kept    *db.Bulk

	clocks, cases, contacts, queues, joints, reviews, places [][]any

	mends  []MendDue
	events *db.Bulk
}

// count counts one clock, and notes what moves.
func (m *movement) count(k counting) error {
	c := Case{UnitID: k.LeadID, RouteUnitID: k.RouteUnitID, MatterID: k.MatterID}
	cal, rules, err := m.s.warnRules(m.snap, warning{Clock: k.Clock, LeadID: k.LeadID, RouteUnitID: k.RouteUnitID, MatterID: k.MatterID})
	if err != nil {
		return err
	}
	one := k.Clock
	if one.TimeLimit.IsZero() { // the due time came from elsewhere
		m.arm(k, clocks.Armed(cal, rules, one, m.now))
		return nil
	}
	one.TimeLimit = m.limit(k, c.matterIn(m.snap), cal, rules)
	r := clocks.Count(cal, one)
	if r.Due.Equal(*k.DueAt) && one.TimeLimit == k.TimeLimit && cal.ID() == k.CalendarVersion {
		m.arm(k, clocks.Armed(cal, rules, one, m.now))
		return nil
	}
	due := r.Due
	one.DueAt, one.CalendarVersion = &due, cal.ID()
	one = clocks.Armed(cal, rules, one, m.now)
	m.clock(k, one)
	moved := !r.Due.Equal(*k.DueAt)
	if moved {
		m.keep(k, one)
	}
	switch {
	case k.Kind == clocks.Contact && moved:
		m.contacts = append(m.contacts, []any{k.CaseID, due, r.On.String()})
	case k.Kind == clocks.Joint && moved && k.UnitID != nil:
		m.joints = append(m.joints, []any{k.CaseID, *k.UnitID, "joint", due, due})
	case k.Kind == clocks.Conclusion:
		return m.conclusion(k, one, r, moved)
	case k.answers() && moved:
		return m.review(k, one)
	}
	if moved {
		m.n++
	}
	return nil
}

// limit is how long a clock runs by what holds now for the day on which it began.
// What was decided on case by case stands: an extension, danger to life, a
// limit that no version of the standard had.
func (m *movement) limit(k counting, mat *catalogue.Matter, cal *calendar.Calendar, rules catalogue.ClockRules) calendar.Limit {
	var own calendar.Limit
	var code string
	switch k.Kind {
	case clocks.Conclusion:
		if k.ExtensionCount > 0 || k.MergedCount > 0 {
			return k.TimeLimit
		}
		code = catalogue.StdConclusion
		if mat != nil {
			own = mat.HandlingLimit
		}
	case clocks.Contact:
		code = catalogue.StdContact
		if mat != nil {
			own = mat.ResponseLimit
		}
	case clocks.SignIn:
		code = catalogue.StdSignIn
		if mat != nil {
			own = mat.SigninLimit
		}
	case clocks.Acceptance:
		code, own = catalogue.StdAcceptance, rules.Acceptance
	}
	promised := mat != nil && mat.Track == catalogue.TrackPermit && (k.Kind == clocks.Conclusion || k.Kind == clocks.Acceptance) // by the type of permit
	switch {
	case code == "" || promised || k.Urgent || mat != nil && mat.Urgent:
		return k.TimeLimit
	case !own.IsZero():
		return own
	case !m.snap.Standards.Ever(code, k.TimeLimit):
		return k.TimeLimit
	}
	return clocks.Standard(m.snap, code, cal.ReceivedOn(k.StartedAt))
}

// limitNow is the limit of the citizen's clock by what holds now. A clock that stands
// still is left out when others are counted anew, so this is asked when it runs on.
func (ch *change) limitNow(one clocks.Clock, cal *calendar.Calendar) calendar.Limit {
	c := ch.c
	if one.TimeLimit.IsZero() { // the due time came from elsewhere
		return one.TimeLimit
	}
	m := &movement{s: ch.s, snap: ch.snap}
	k := counting{Clock: one, Urgent: c.Urgent, ExtensionCount: c.ExtensionCount, MergedCount: c.MergedCount}
	return m.limit(k, c.matterIn(ch.snap), cal, c.clockRules(ch.snap))
}

const moveColumns = "recount_id, case_id, kind, no, old_limit, new_limit, old_due, new_due"

// keep notes what becomes of a due time: the old one and the new one.
func (m *movement) keep(k counting, one clocks.Clock) {
	if m.kept == nil {
		m.kept = db.NewBulk("clock_moves")
	}
	m.kept.Add(db.Insert("clock_moves", moveColumns, m.recount, k.CaseID, k.Kind, k.No,
		k.TimeLimit, one.TimeLimit, *k.DueAt, *one.DueAt))
}

// arm sets the next warning of a clock that has none, though one is to come, of
// cases from before clocks warned, or that is to come at another time by now. A
// level that has been is not warned of again.
func (m *movement) arm(k counting, one clocks.Clock) {
	switch {
	case one.WarnAt == nil:
	case k.WarnAt == nil, k.WarnAt.After(m.now) && one.WarnLevel >= k.WarnLevel && !one.WarnAt.Equal(*k.WarnAt):
		m.clock(k, one)
	}
}

func (m *movement) clock(k counting, one clocks.Clock) {
	m.clocks = append(m.clocks, []any{k.CaseID, k.Kind, k.No, clocks.Running, one.TimeLimit.String(), one.CalendarVersion, *one.DueAt, one.WarnAt, int64(one.WarnLevel)})
}

// conclusion notes how the citizen's clock moves: the case, its place in the
// queues, and the event that tells of it.
func (m *movement) conclusion(k counting, one clocks.Clock, r calendar.Result, moved bool) error {
	events := int64(0)
	if moved {
		if err := m.event(k, one, true); err != nil {
			return err
		}
		m.queues = append(m.queues, []any{k.CaseID, "lead", r.Due, r.Due}, []any{k.CaseID, "supervising", r.Due, r.Due})
		m.n++
		events = 1
	}
	m.cases = append(m.cases, []any{k.CaseID, k.Version, r.Due, r.On.String(), r.Provisional, one.CalendarVersion, one.TimeLimit.String(), k.EventCount + events, m.now})
	return nil
}

// event tells of a due time that moved, the old one and the new one.
func (m *movement) event(k counting, one clocks.Clock, public bool) error {
	data, err := json.Marshal(map[string]any{"old_due": stamp(*k.DueAt), "new_due": stamp(*one.DueAt), "calendar": one.CalendarVersion, "limit": one.TimeLimit.String()})
	if err != nil {
		return fmt.Errorf("write the event: %w", err)
	}
	if m.events == nil {
		m.events = db.NewBulk("case_events")
	}
	m.events.Add(db.Insert("case_events", eventColumns, db.NewID(m.now), k.CaseID, k.EventCount+1, m.now, ActRecount, k.Status, k.Status,
		m.who.Kind, nil, nil, nil, public, "", nil, string(data)))
	return nil
}

// Columns of the batches, with PostgreSQL's types.
var (
	caseKey   = []db.Column{{Name: "id", Type: "uuid"}}
	partKey   = []db.Column{{Name: "case_id", Type: "uuid"}}
	roleKey   = db.Column{Name: "role", Type: "text"}
	movedCase = []db.Column{{Name: "due_at", Type: "timestamptz"}, {Name: "due_on", Type: "date"}, {Name: "due_provisional", Type: "boolean"},
		{Name: "calendar_version", Type: "text"}, {Name: "handling_limit", Type: "text"}, {Name: "event_count", Type: "bigint"}, {Name: "updated_at", Type: "timestamptz"}}
	movedContact = []db.Column{{Name: "response_due_at", Type: "timestamptz"}, {Name: "response_due_on", Type: "date"}}
	movedQueue   = []db.Column{{Name: "queue_at", Type: "timestamptz"}, {Name: "due_at", Type: "timestamptz"}}
	movedClock   = []db.Column{{Name: "time_limit", Type: "text"}, {Name: "calendar_version", Type: "text"}, {Name: "due_at", Type: "timestamptz"},
		{Name: "warn_at", Type: "timestamptz"}, {Name: "warn_level", Type: "bigint"}}
)

// store writes what was noted: a case that changed meanwhile makes it start anew.
func (m *movement) store(ctx context.Context) error {
	versioned := append(slices.Clip(caseKey), db.Column{Name: "version", Type: "bigint"})
	for _, c := range []db.Changes{{Set: movedCase, Rows: m.cases}, {Set: movedReview, Rows: m.reviews}} {
		c.Table, c.Keys, c.Further = "cases", versioned, "version = cases.version + 1"
		n, err := m.s.DB.UpdateRows(ctx, c)
		if err != nil {
			return err
		}
		if n != int64(len(c.Rows)) {
			return errMeanwhile
		}
	}
	running := append(slices.Clip(partKey), db.Column{Name: "kind", Type: "text"}, db.Column{Name: "no", Type: "bigint"}, db.Column{Name: "state", Type: "text"})
	for _, c := range []db.Changes{{Table: "cases", Keys: caseKey, Set: movedContact, Rows: m.contacts},
		{Table: "case_units", Keys: append(slices.Clip(partKey), roleKey), Set: movedQueue, Rows: m.queues},
		{Table: "case_units", Keys: append(slices.Clip(partKey), roleKey), Set: movedQueue[:1], Rows: m.places},
		{Table: "case_units", Keys: append(slices.Clip(partKey), db.Column{Name: "unit_id", Type: "uuid"}, roleKey), Set: movedQueue, Rows: m.joints},
		{Table: "case_clocks", Keys: running, Set: movedClock, Rows: m.clocks}} {
		if _, err := m.s.DB.UpdateRows(ctx, c); err != nil {
			return err
		}
	}
	for _, rows := range []*db.Bulk{m.kept, m.events} {
		if rows == nil {
			continue
		}
		if err := m.s.DB.Store(ctx, rows); err != nil {
			return fmt.Errorf("tell of moved due times: %w", err)
		}
	}
	if len(m.mends) > 0 && m.s.mendDue != nil {
		return m.s.mendDue(ctx, m.mends)
	}
	return nil
}
