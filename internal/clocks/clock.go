package clocks

import (
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"minqing/internal/calendar"
	"minqing/internal/db"
)

// Kind is what a clock measures.
type Kind string

// The kinds. The last three are for what comes after the handling itself.
const (
	Acceptance    Kind = "acceptance"    // until the intake desk accepts, declines or asks
	SignIn        Kind = "sign_in"       // until the unit confirms that it has the case
	Contact       Kind = "contact"       // until the person hears from a human
	Conclusion    Kind = "conclusion"    // until the case is concluded: the citizen's clock
	Joint         Kind = "joint"         // until a joint unit gives its part
	Callback      Kind = "callback"      // until the person is asked how it went
	Rectification Kind = "rectification" // until a bad review is mended
)

// Kinds lists them in the order of a case's life.
var Kinds = []Kind{Acceptance, SignIn, Contact, Conclusion, Joint, Callback, Rectification}

// State is how a clock stands.
type State string

// The states.
const (
	Running State = "running"
	Paused  State = "paused"
	Met     State = "met"     // stopped in time
	Late    State = "late"    // stopped after its due time
	Dropped State = "dropped" // nothing was owed any more
)

// Clock is a row of case_clocks: one limit of one case.
type Clock struct {
	CaseID          string
	Kind            Kind
	No              int64 // which of its kind: each dispatch starts a sign-in
	UnitID          *string
	TimeLimit       calendar.Limit
	CalendarVersion string
	StartedAt       time.Time
	DueAt           *time.Time // nil while it is paused
	State           State
	StoppedAt       *time.Time
	Pauses          Pauses
	WarnAt          *time.Time // of the next warning
	WarnLevel       Level
}

// Open says that it has not been stopped.
func (c Clock) Open() bool { return c.State == Running || c.State == Paused }

// Pause is a stretch in which a clock stood still, and what it did to the due
// time: the trace of a suspension.
type Pause struct {
	Type   string         `json:"type"`
	From   time.Time      `json:"from"`
	Until  *calendar.Date `json:"until,omitempty"` // as expected
	To     *time.Time     `json:"to,omitempty"`
	Before time.Time      `json:"before"` // the due time when it was stopped
	After  *time.Time     `json:"after,omitempty"`
}

// Pauses are in the order of time; only the last may be open.
type Pauses []Pause

// Open is the pause that has not ended, or nil.
func (p Pauses) Open() *Pause {
	if n := len(p); n > 0 && p[n-1].To == nil {
		return &p[n-1]
	}
	return nil
}

// Value writes the pauses as JSON.
func (p Pauses) Value() (driver.Value, error) {
	if len(p) == 0 {
		return "[]", nil
	}
	raw, err := json.Marshal([]Pause(p))
	if err != nil {
		return nil, fmt.Errorf("write the pauses of a clock: %w", err)
	}
	return string(raw), nil
}

// Scan reads what Value writes.
func (p *Pauses) Scan(src any) error {
	var raw []byte
	switch v := src.(type) {
	case string:
		raw = []byte(v)
	case []byte:
		raw = v
	default:
		return fmt.Errorf("read the pauses of a clock: unexpected %T", src)
	}
	*p = nil
	if len(raw) <= 2 {
		return nil
	}
	if err := json.Unmarshal(raw, (*[]Pause)(p)); err != nil {
		return fmt.Errorf("read the pauses of a clock: %w", err)
	}
	return nil
}

// Columns are those of case_clocks, as Rows and Whole name them.
var Columns = db.Columns[Clock]()

// startColumns are what a clock has when it starts; the rest are defaults.
const startColumns = "case_id, kind, no, time_limit, calendar_version, started_at, due_at, warn_at, warn_level"

// starts has the text that inserts so many clocks: filing starts three at once.
var starts = func() (texts [8]string) {
	const row = "(?, ?, ?, ?, ?, ?, ?, ?, ?)"
	for n := 1; n < len(texts); n++ {
		texts[n] = "INSERT INTO case_clocks (" + startColumns + ") VALUES " + row + strings.Repeat(", "+row, n-1)
	}
	return texts
}()

// Insert is the statement that starts clocks, at most seven.
func Insert(list ...Clock) db.Stmt {
	args := make([]any, 0, 9*len(list))
	for _, c := range list {
		args = append(args, c.CaseID, c.Kind, max(c.No, 1), c.TimeLimit, c.CalendarVersion, c.StartedAt, c.DueAt, c.WarnAt, c.WarnLevel)
	}
	return db.Stmt{SQL: starts[len(list)], Args: args}
}

// Next is the statement that starts one more clock of a kind.
func Next(c Clock) db.Stmt {
	return db.Stmt{SQL: "INSERT INTO case_clocks (" + startColumns + `) VALUES (?, ?,
 (SELECT COALESCE(MAX(no), 0) + 1 FROM case_clocks WHERE case_id = ? AND kind = ?), ?, ?, ?, ?, ?, ?)`,
		Args: []any{c.CaseID, c.Kind, c.CaseID, c.Kind, c.TimeLimit, c.CalendarVersion, c.StartedAt, c.DueAt, c.WarnAt, c.WarnLevel}}
}

// Whole is the statement that stores a clock with what became of it, for loads.
func Whole(c Clock) db.Stmt {
	return db.Insert("case_clocks", Columns, c.CaseID, c.Kind, max(c.No, 1), c.UnitID, c.TimeLimit, c.CalendarVersion, c.StartedAt, c.DueAt,
		c.State, c.StoppedAt, c.Pauses, c.WarnAt, c.WarnLevel)
}

// Stopped is the clock stopped at a time: met or late.
func (c Clock) Stopped(at time.Time) Clock {
	c.State, c.StoppedAt, c.WarnAt, c.WarnLevel = Met, &at, nil, 0
	if c.DueAt != nil && at.After(*c.DueAt) {
		c.State = Late
	}
	return c
}

// Drop is the clock when nothing is owed on it any more.
func (c Clock) Drop(at time.Time) Clock {
	c.State, c.StoppedAt, c.WarnAt, c.WarnLevel = Dropped, &at, nil, 0
	return c
}
