package db

import (
	"fmt"
	"reflect"
	"unsafe"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
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
	read   reading         // or, where it is nil,
	scan   pgtype.ScanPlan // pgx's
}

// scanner reads rows into fields of the given types, whose addresses it takes. The same
// question must always be read into the same types.
func (r planned) scanner(p plan, fields []reflect.Type) func(into []unsafe.Pointer) error {
	known := r.plans()
	columns := known[p]
	if len(columns) != len(fields) {
		if len(known) >= plansMost {
			clear(known)
		}
		columns = make([]column, len(fields))
		known[p] = columns
	}
	described := r.FieldDescriptions()
	return func(into []unsafe.Pointer) error {
		values := r.RawValues()
		if len(described) != len(fields) || len(into) != len(fields) || len(values) != len(fields) {
			return fmt.Errorf("a row of %d columns for %d fields", len(values), len(into))
		}
		for i := range described {
			f, c := &described[i], &columns[i]
			if c.read == nil && c.scan == nil || c.oid != f.DataTypeOID || c.format != f.Format {
				*c = r.column(f, fields[i])
			}
			var err error
			if c.read != nil {
				err = c.read(values[i], into[i])
			} else {
				err = c.scan.Scan(values[i], reflect.NewAt(fields[i], into[i]).Interface())
			}
			if err != nil {
				return pgx.ScanArgError{ColumnIndex: i, FieldName: f.Name, Err: err}
			}
		}
		return nil
	}
}

// column plans how to read a column into a field.
func (r planned) column(f *pgconn.FieldDescription, field reflect.Type) column {
	c := column{oid: f.DataTypeOID, format: f.Format, read: quick(f.DataTypeOID, f.Format, field)}
	if c.read == nil {
		c.scan = r.conn.TypeMap().PlanScan(f.DataTypeOID, f.Format, reflect.New(field).Interface())
	}
	return c
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
