package db

import (
	"context"
	"database/sql"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"unsafe"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"gorm.io/gorm/schema"
)

// Read is one of several questions that go to the database together.
type Read struct {
	sql  string
	args []any
	take func(columns func() ([]string, error), rows cursor) error
}

// Sub is an id, or a select of ids, that stands inside another question, for packages that
// know of each other's rows but not of each other's tables.
type Sub struct {
	SQL  string // without brackets
	Args []any
}

// Among is a condition that a column is one of the ids. PostgreSQL reads the ids
// first and then a row for each: of IN it makes a join that drops doubles before.
func (d *DB) Among(column string, ids Sub) string {
	if d.engine == PostgreSQL {
		return column + " = ANY (ARRAY(" + ids.SQL + "))"
	}
	return column + " IN (" + ids.SQL + ")"
}

// Hashes says that a set that is joined is hashed first. SQLite makes no index of a set whose
// column is worked out, and would read it whole for each row that it is joined to; of one that
// is asked by IN it does.
func (d *DB) Hashes() bool { return d.engine == PostgreSQL }

// cursor is what the two drivers' rows have in common.
type cursor interface {
	Next() bool
	Scan(into ...any) error
	Err() error
}

// planner is a cursor that reads rows by plans which it remembers.
type planner interface {
	scanner(p plan, fields []reflect.Type) func(into []unsafe.Pointer) error
}

// Rows asks for rows as a list of structs: a column goes to the field of its
// name, case_no to CaseNo. Marks are ?, a slice of strings stands for as many
// in brackets. Fields of columns that may be NULL are pointers or Scanners.
func Rows[T any](into *[]T, query string, args ...any) Read {
	r := Read{take: func(columns func() ([]string, error), rows cursor) error {
		fields, err := columnFields(reflect.TypeFor[T](), query, columns)
		if err != nil {
			return err
		}
		at := make([]unsafe.Pointer, len(fields.types))
		scan := scanning(rows, plan{reflect.TypeFor[T](), query}, fields.types)
		for rows.Next() {
			if *into == nil {
				*into = make([]T, 0, fewRows(reflect.TypeFor[T]()))
			}
			var empty T
			*into = append(*into, empty)
			row := unsafe.Pointer(&(*into)[len(*into)-1])
			for i, offset := range fields.offsets {
				at[i] = unsafe.Add(row, offset)
			}
			if err := scan(at); err != nil {
				return err
			}
		}
		return rows.Err()
	}}
	r.sql, r.args = spread(query, args)
	return r
}

// scanning reads the columns of a row into fields of the given types, whose addresses it
// takes: by the plans that rows remember, where they do.
func scanning(rows cursor, p plan, types []reflect.Type) func(into []unsafe.Pointer) error {
	if remembers, ok := rows.(planner); ok {
		return remembers.scanner(p, types)
	}
	targets := make([]any, len(types))
	return func(into []unsafe.Pointer) error {
		for i, t := range types {
			targets[i] = reflect.NewAt(t, into[i]).Interface()
		}
		return rows.Scan(targets...)
	}
}

// Pointers is Rows for a list of pointers.
func Pointers[T any](into *[]*T, query string, args ...any) Read {
	var rows []T
	r := Rows(&rows, query, args...)
	take := r.take
	r.take = func(columns func() ([]string, error), answer cursor) error {
		if err := take(columns, answer); err != nil {
			return err
		}
		*into = make([]*T, len(rows))
		for i := range rows {
			(*into)[i] = &rows[i]
		}
		return nil
	}
	return r
}

// fewRows is what most answers about one thing fit in: of wide rows there is one.
func fewRows(t reflect.Type) int { return int(max(1, min(8, 4096/max(1, t.Size())))) }

// Columns lists the columns that Rows has fields for, as a select names them: a
// column that a later migration adds then changes no answer.
func Columns[T any]() string {
	var names []string
	for _, f := range reflect.VisibleFields(reflect.TypeFor[T]()) {
		if f.IsExported() && !f.Anonymous {
			names = append(names, columnOf(f))
		}
	}
	return strings.Join(names, ", ")
}

func columnOf(f reflect.StructField) string {
	return schema.NamingStrategy{}.ColumnName("", f.Name)
}

// Each asks for rows that the caller scans itself, for lists that are read most.
func Each(row func(scan func(into ...any) error) error, query string, args ...any) Read {
	r := Read{take: func(_ func() ([]string, error), rows cursor) error {
		scan := rows.Scan
		if _, remembers := rows.(planner); remembers {
			var at []unsafe.Pointer
			var planned func(into []unsafe.Pointer) error
			scan = func(into ...any) error {
				if planned == nil {
					types := make([]reflect.Type, len(into))
					for i := range into {
						types[i] = reflect.TypeOf(into[i]).Elem()
					}
					at, planned = make([]unsafe.Pointer, len(into)), scanning(rows, plan{nil, query}, types)
				}
				for i := range into {
					at[i] = reflect.ValueOf(into[i]).UnsafePointer()
				}
				return planned(at)
			}
		}
		for rows.Next() {
			if err := row(scan); err != nil {
				return err
			}
		}
		return rows.Err()
	}}
	r.sql, r.args = spread(query, args)
	return r
}

// Together asks several questions. On PostgreSQL they travel in one round trip;
// inside an open transaction, and on SQLite, one after the other. Outside of a
// transaction they may go to a replica, and need not see the same moment.
func (d *DB) Together(ctx context.Context, reads ...Read) error {
	pool := d.write
	if n := len(d.replicas); n > 0 {
		pool = d.replicas[d.turn.Add(1)%uint64(n)]
	}
	return d.together(ctx, pool, reads)
}

// TogetherNow is Together with nothing of a replica: what was written is seen.
func (d *DB) TogetherNow(ctx context.Context, reads ...Read) error {
	return d.together(ctx, d.write, reads)
}

func (d *DB) together(ctx context.Context, pool *sql.DB, reads []Read) error {
	if d.engine == PostgreSQL && stateOf(ctx, d) == nil {
		return d.batched(ctx, pool, reads)
	}
	if stateOf(ctx, d) == nil {
		leave, err := d.enter(ctx)
		if err != nil {
			return err
		}
		defer leave()
	}
	g := d.Reader(ctx)
	for _, r := range reads {
		rows, err := g.Raw(r.sql, r.args...).Rows()
		if err != nil {
			return err
		}
		err = r.take(rows.Columns, rows)
		rows.Close()
		if err != nil {
			return err
		}
	}
	return nil
}

func (d *DB) batched(ctx context.Context, pool *sql.DB, reads []Read) error {
	leave, err := d.enter(ctx)
	if err != nil {
		return err
	}
	defer leave()
	conn, err := pool.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	if d.opts.OnQuery != nil {
		for range reads {
			d.opts.OnQuery()
		}
	}
	return conn.Raw(func(driver any) error {
		c, ok := driver.(*stdlib.Conn)
		if !ok {
			return fmt.Errorf("a connection of %T, not of pgx", driver)
		}
		var b pgx.Batch
		for _, r := range reads {
			b.Queue(numbered(r.sql), utc(r.args)...)
		}
		answers := c.Conn().SendBatch(ctx, &b)
		for _, r := range reads {
			if err := takeNext(c.Conn(), answers, r); err != nil {
				answers.Close()
				return err
			}
		}
		return answers.Close()
	})
}

func takeNext(c *pgx.Conn, answers pgx.BatchResults, r Read) error {
	rows, err := answers.Query()
	if err != nil {
		return err
	}
	defer rows.Close()
	return r.take(func() ([]string, error) {
		described := rows.FieldDescriptions()
		columns := make([]string, len(described))
		for i := range described {
			columns[i] = described[i].Name
		}
		return columns, nil
	}, planned{rows, c})
}

var _ cursor = (*sql.Rows)(nil)

// spread writes a mark for each string of a slice.
func spread(query string, args []any) (string, []any) {
	plain := true
	for _, a := range args {
		if _, many := a.([]string); many {
			plain = false
		}
	}
	if plain {
		return query, args
	}
	var b strings.Builder
	var out []any
	for _, a := range args {
		before, rest, _ := strings.Cut(query, "?")
		b.WriteString(before)
		query = rest
		many, ok := a.([]string)
		if !ok {
			b.WriteByte('?')
			out = append(out, a)
			continue
		}
		b.WriteString("(NULL")
		for _, one := range many {
			b.WriteString(", ?")
			out = append(out, one)
		}
		b.WriteByte(')')
	}
	return b.String() + query, out
}

// remembered is what is known of questions, plansMost of them at most.
type remembered struct {
	sync.Map
	stored atomic.Int64 // since it was empty
}

func (r *remembered) keep(question, known any) {
	if r.stored.Add(1) > plansMost {
		r.Clear()
		r.stored.Store(1)
	}
	r.Store(question, known)
}

var knownQueries remembered // as written: as PostgreSQL takes it

// numbered turns ? into $1, $2 …; queries hold no other question marks. Those
// without a list of any length are kept.
func numbered(query string) string {
	if known, ok := knownQueries.Load(query); ok {
		return known.(string)
	}
	out := renumbered(query)
	if !strings.Contains(query, "(NULL, ?") {
		knownQueries.keep(query, out)
	}
	return out
}

func renumbered(query string) string {
	var b strings.Builder
	for n := 1; ; n++ {
		before, rest, found := strings.Cut(query, "?")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		b.WriteString("$" + strconv.Itoa(n))
		query = rest
	}
}

// plan is a question, as it was written, and what takes its rows.
type plan struct {
	into  reflect.Type
	query string
}

// fields are where the columns of a question go: from the beginning of a struct, and of which type.
type fields struct {
	offsets []uintptr
	types   []reflect.Type
}

var knownPlans remembered // by plan: the fields

// columnFields is fieldsOf, remembered: a question has the same columns each time.
func columnFields(t reflect.Type, query string, columns func() ([]string, error)) (*fields, error) {
	if known, ok := knownPlans.Load(plan{t, query}); ok {
		return known.(*fields), nil
	}
	names, err := columns()
	if err != nil {
		return nil, err
	}
	found, err := fieldsOf(t, names)
	if err == nil {
		knownPlans.keep(plan{t, query}, found)
	}
	return found, err
}

// fieldsOf finds the field of each column.
func fieldsOf(t reflect.Type, columns []string) (*fields, error) {
	byColumn := map[string]reflect.StructField{}
	for _, f := range reflect.VisibleFields(t) {
		if f.IsExported() && !f.Anonymous {
			byColumn[columnOf(f)] = f
		}
	}
	out := &fields{}
	for _, c := range columns {
		f, ok := byColumn[c]
		if !ok {
			return nil, fmt.Errorf("%s has no field for the column %s", t, c)
		}
		offset, err := offsetOf(t, f.Index)
		if err != nil {
			return nil, err
		}
		out.offsets, out.types = append(out.offsets, offset), append(out.types, f.Type)
	}
	return out, nil
}

// offsetOf is where a field begins, through the structs that it is embedded in.
func offsetOf(t reflect.Type, index []int) (uintptr, error) {
	var at uintptr
	for _, i := range index {
		if t.Kind() != reflect.Struct {
			return 0, fmt.Errorf("%s is embedded by a pointer: rows are read into structs only", t)
		}
		f := t.Field(i)
		at, t = at+f.Offset, f.Type
	}
	return at, nil
}
