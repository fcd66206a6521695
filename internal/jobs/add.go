package jobs

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"minqing/internal/db"
)

// ErrNoTransaction says that a job was added outside db.Tx. A job belongs to
// the change that causes it; outside a transaction it could run without it.
var ErrNoTransaction = errors.New("jobs: a job is added inside a transaction only")

// Opt changes how one job is added.
type Opt func(*placing)

type placing struct {
	queue       string
	at          time.Time
	maxAttempts int
	uniqueKey   string
	uniqueIn    int
}

// On puts the job into another queue than QueueDefault.
func On(queue string) Opt { return func(p *placing) { p.queue = queue } }

// At runs the job not before a time (checked every five seconds).
func At(t time.Time) Opt { return func(p *placing) { p.at = t } }

// MaxAttempts sets how often the job is tried before it is dead.
func MaxAttempts(n int) Opt { return func(p *placing) { p.maxAttempts = n } }

// Unique drops the job silently while another of its kind with this key waits
// or runs. For schedules. A change made while the other one runs may be missed
// by it; where that matters, use Coalesce.
func Unique(key string) Opt {
	return func(p *placing) { p.uniqueKey, p.uniqueIn = key, available|pending|retryable|running|scheduled }
}

// Coalesce gathers a burst: the job runs once at a time, and every further one
// with this key that is added before then is dropped. One that is added once it
// may have begun is kept, so that no change is missed.
func Coalesce(key string, at time.Time) Opt {
	return func(p *placing) { p.at, p.uniqueKey, p.uniqueIn = at, key, scheduled }
}

// River's bits of the states in which a unique key counts.
const (
	available = 1 << 0
	pending   = 1 << 4
	retryable = 1 << 5
	running   = 1 << 6
	scheduled = 1 << 7
)

// Insertion is one INSERT of jobs, with `?` for its arguments, so that a
// caller may put it into a statement of its own (PostgreSQL: as a CTE). After
// running it, call Wake or Ring.
type Insertion struct {
	SQL   string
	Args  []any
	Queue string
}

// Add puts a job into the open transaction: it runs if and only if that
// commits. One statement.
func (q *Queue) Add(ctx context.Context, args Args, opts ...Opt) error {
	return q.AddMany(ctx, []Args{args}, opts...)
}

// AddMany adds several jobs with the same options, a hundred a statement.
// Options with a key are for single jobs only.
func (q *Queue) AddMany(ctx context.Context, many []Args, opts ...Opt) error {
	tx := q.db.SQLTx(ctx)
	if tx == nil {
		return ErrNoTransaction
	}
	for start := 0; start < len(many); start += 100 {
		ins, err := q.Insertion(many[start:min(start+100, len(many))], opts...)
		if err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, numbered(ins.SQL, q.db.Engine()), ins.Args...); err != nil {
			return fmt.Errorf("add %s: %w", many[start].Kind(), err)
		}
		q.Wake(ctx, ins.Queue)
	}
	return nil
}

// Wake rings for a queue once the open transaction has committed; at once when
// there is none.
func (q *Queue) Wake(ctx context.Context, queue string) {
	q.db.AfterCommit(ctx, func() { q.Ring(queue) })
}

// Ring tells the workers of a queue that jobs are there, now: after a statement
// that committed by itself.
func (q *Queue) Ring(queue string) { q.bell.strike(queue) }

// Insertion prepares the statement that adds jobs, without running it.
func (q *Queue) Insertion(many []Args, opts ...Opt) (Insertion, error) {
	p := placing{queue: QueueDefault, maxAttempts: DefaultAttempts}
	for _, o := range opts {
		o(&p)
	}
	if p.uniqueKey != "" && len(many) != 1 {
		return Insertion{}, errors.New("jobs: a key is for one job")
	}
	row, fixed := p.row(q.db.Engine())
	var sql strings.Builder
	sql.WriteString("INSERT INTO river_job (kind, args, max_attempts, queue, state, created_at, scheduled_at, unique_key, unique_states) VALUES ")
	values := make([]any, 0, len(many)*(2+len(fixed)))
	for i, a := range many {
		body, err := json.Marshal(a)
		if err != nil {
			return Insertion{}, fmt.Errorf("encode %s: %w", a.Kind(), err)
		}
		if i > 0 {
			sql.WriteString(", ")
		}
		sql.WriteString(row)
		values = append(values, a.Kind(), string(body))
		values = append(values, fixed...)
		if p.uniqueKey != "" {
			sum := sha256.Sum256([]byte(a.Kind() + "\x00" + p.uniqueKey))
			values = append(values, sum[:], p.uniqueIn)
			sql.WriteString(" ON CONFLICT DO NOTHING")
		}
	}
	return Insertion{SQL: sql.String(), Args: values, Queue: p.queue}, nil
}

// row is one line of VALUES and the arguments after kind and args.
func (p *placing) row(engine db.Engine) (string, []any) {
	fixed := []any{p.maxAttempts, p.queue}
	now, body, at, states := "now()", "?", "?", "cast(? AS integer)::bit(8)"
	if engine == db.SQLite {
		now, body, states = "datetime('now', 'subsec')", "jsonb(?)", "?"
	}
	state, key := "'available'", "NULL, NULL"
	switch {
	case p.at.IsZero():
		at = now
	case engine == db.SQLite: // as River writes and compares it
		state = "'scheduled'"
		fixed = append(fixed, p.at.UTC().Round(time.Millisecond).Format("2006-01-02 15:04:05.000"))
	default:
		state = "'scheduled'"
		fixed = append(fixed, p.at.UTC())
	}
	if p.uniqueKey != "" {
		key = "?, " + states
	}
	return fmt.Sprintf("(?, %s, ?, ?, %s, %s, %s, %s)", body, state, now, at, key), fixed
}

// numbered writes `?` as PostgreSQL's $1, $2, … The statements above have no
// question mark in a literal.
func numbered(sql string, engine db.Engine) string {
	if engine == db.SQLite {
		return sql
	}
	var b strings.Builder
	n := 0
	for _, r := range sql {
		if r == '?' {
			n++
			fmt.Fprintf(&b, "$%d", n)
			continue
		}
		b.WriteRune(r)
	}
	return b.String()
}
