package db

import (
	"context"
	"fmt"
	"strings"
)

// Bulk gathers the rows of many INSERTs, to store them table by table: for
// imports and loads, which bring thousands of rows at once.
type Bulk struct {
	order []string
	rows  map[string]*bulkRows
	err   error
}

// bulkRows are the rows of one table; all give the same columns.
type bulkRows struct {
	table, columns string
	values         [][]any
}

// NewBulk names the tables, those first that others refer to.
func NewBulk(tables ...string) *Bulk {
	b := &Bulk{order: tables, rows: make(map[string]*bulkRows, len(tables))}
	for _, t := range tables {
		b.rows[t] = &bulkRows{table: t}
	}
	return b
}

// Add takes INSERTs that Insert made. One into a table that NewBulk did not
// name, or with other columns than the table's first row, makes Store fail.
func (b *Bulk) Add(stmts ...Stmt) {
	for _, s := range stmts {
		r := b.rows[s.table]
		switch {
		case r == nil:
			b.fail(fmt.Errorf("the bulk has no table %q", s.table))
			continue
		case len(r.values) == 0:
			r.columns = s.columns
		case r.columns != s.columns || len(r.values[0]) != len(s.Args):
			b.fail(fmt.Errorf("rows of %s do not give the same columns", s.table))
			continue
		}
		r.values = append(r.values, s.Args)
	}
}

func (b *Bulk) fail(err error) {
	if b.err == nil {
		b.err = err
	}
}

// Store writes the rows of a bulk in one transaction; an open one is joined. On
// PostgreSQL they go by COPY, on SQLite by a prepared INSERT. An error is
// the driver's, with the table before it.
func (d *DB) Store(ctx context.Context, b *Bulk) error {
	if b.err != nil {
		return b.err
	}
	return d.Tx(ctx, func(ctx context.Context) error {
		s := stateOf(ctx, d)
		put := s.insertRows
		if d.engine == PostgreSQL {
			put = s.copyRows
		}
		for _, t := range b.order {
			r := b.rows[t]
			if len(r.values) == 0 {
				continue
			}
			if err := put(ctx, r); err != nil {
				return fmt.Errorf("store many rows of %s: %w", t, err)
			}
		}
		return nil
	})
}

// Unchecked leaves out, until the open transaction ends, the look-ups of the rows
// that new ones refer to: for loads that made both themselves. PostgreSQL looks
// up each reference of each row, which is half of a load's work. It lets only
// superusers leave that out; for others, and on SQLite, nothing changes.
func (d *DB) Unchecked(ctx context.Context) error {
	if d.engine != PostgreSQL {
		return nil
	}
	var may bool
	g := d.From(ctx)
	err := g.Raw("SELECT rolsuper FROM pg_roles WHERE rolname = current_user").Scan(&may).Error
	if err == nil && may {
		err = g.Exec("SET LOCAL session_replication_role = replica").Error
	}
	if err != nil {
		return fmt.Errorf("leave out the look-ups of references: %w", Fault(err, "", ""))
	}
	return nil
}

// Analyze tells PostgreSQL's planner how full tables are after a load, which it
// would learn by itself only a minute later: until then it may read a table once
// for each row of another. A table may name columns, which is quicker: "cases
// (id)". SQLite keeps the order that our queries have.
func (d *DB) Analyze(ctx context.Context, tables ...string) error {
	if d.engine != PostgreSQL {
		return nil
	}
	if err := d.From(ctx).Exec("ANALYZE " + strings.Join(tables, ", ")).Error; err != nil {
		return fmt.Errorf("gather statistics: %w", Fault(err, "", ""))
	}
	return nil
}

// insertRows runs one prepared INSERT for each row. An INSERT of many rows would
// be slower on SQLite: so that it can be undone alone, the engine keeps a copy
// of every page that it changes.
func (s *txState) insertRows(ctx context.Context, r *bulkRows) error {
	one := Insert(r.table, r.columns, r.values[0]...)
	stmt, err := s.pool.PrepareContext(ctx, one.SQL)
	if err != nil {
		return err
	}
	defer stmt.Close()
	for _, row := range r.values {
		if err := s.pool.execPrepared(ctx, stmt, row); err != nil {
			return err
		}
	}
	return nil
}
