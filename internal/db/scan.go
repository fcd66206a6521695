package db

import (
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
)

// planned are rows of a connection that remembers how to read them: pgx plans
// anew for each answer, and that is a twentieth of the work of a page.
type planned struct {
	pgx.Rows
	conn *pgx.Conn
}

var _ planner = planned{}

// scanPlans is where a connection keeps its plans, by question.
const scanPlans = "minqing.plans"

// plansMost is how many questions are remembered, by a connection and by the process. There
// are some hundred places in the code that ask; some of them write a question anew for each
// set of filters and units, and those are as many as people think of. When that many are
// known all are forgotten: what is asked often is soon known again.
const plansMost = 1024

// column is a plan with what it was made for: when a migration changes a type,
// the plan is made anew.
type column struct {
	oid    uint32
	format int16
	scan   pgtype.ScanPlan
}

// scanner reads rows of as many columns as there are fields. The same question
// must always be read into the same types.
func (r planned) scanner(p plan, fields int) func(into []any) error {
	known := r.plans()
	columns := known[p]
	if len(columns) != fields {
		if len(known) >= plansMost {
			clear(known)
		}
		columns = make([]column, fields)
		known[p] = columns
	}
	described := r.FieldDescriptions()
	return func(into []any) error {
		values := r.RawValues()
		if len(described) != fields || len(into) != fields || len(values) != fields {
			return fmt.Errorf("a row of %d columns for %d fields", len(values), len(into))
		}
		for i := range described {
			f, c := &described[i], &columns[i]
			if c.scan == nil || c.oid != f.DataTypeOID || c.format != f.Format {
				*c = column{oid: f.DataTypeOID, format: f.Format, scan: quick(f.DataTypeOID, f.Format, into[i])}
				if c.scan == nil {
					c.scan = r.conn.TypeMap().PlanScan(f.DataTypeOID, f.Format, into[i])
				}
			}
			if err := c.scan.Scan(values[i], into[i]); err != nil {
				return pgx.ScanArgError{ColumnIndex: i, FieldName: f.Name, Err: err}
			}
		}
		return nil
	}
}

func (r planned) plans() map[plan][]column {
	kept := r.conn.PgConn().CustomData()
	known, ok := kept[scanPlans].(map[plan][]column)
	if !ok {
		known = map[plan][]column{}
		kept[scanPlans] = known
	}
	return known
}
