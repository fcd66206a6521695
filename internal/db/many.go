package db

import (
	"context"
	"fmt"
	"strings"
	"sync"
)

// Stmt is one INSERT with its values.
type Stmt struct {
	SQL  string
	Args []any

	table, columns string // of one that Insert made
}

// InsertAll runs several INSERTs as one. On PostgreSQL they become a single
// statement of data-modifying WITH clauses: one round trip, atomic without
// BEGIN and COMMIT, foreign keys checked at its end; it waits in line as a
// transaction does. On SQLite they run one after the other in a transaction.
// None may read what another writes.
func (d *DB) InsertAll(ctx context.Context, stmts ...Stmt) error {
	if len(stmts) == 0 {
		return nil
	}
	if d.engine == SQLite {
		return d.Tx(ctx, func(ctx context.Context) error {
			for _, s := range stmts {
				if err := d.From(ctx).Exec(s.SQL, s.Args...).Error; err != nil {
					return err
				}
			}
			return nil
		})
	}
	if stateOf(ctx, d) == nil {
		leave, err := d.writers.hold(ctx)
		if err != nil {
			return err
		}
		defer leave()
	}
	var b strings.Builder
	var args []any
	for i, s := range stmts[:len(stmts)-1] {
		if i == 0 {
			b.WriteString("WITH ")
		} else {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "s%d AS (%s)", i, s.SQL)
		args = append(args, s.Args...)
	}
	last := stmts[len(stmts)-1]
	b.WriteByte(' ')
	b.WriteString(last.SQL)
	return d.From(ctx).Exec(b.String(), append(args, last.Args...)...).Error
}

// Insert writes an INSERT of one row from column names and values.
func Insert(table, columns string, values ...any) Stmt {
	key := insertKey{table, columns, len(values)}
	text, known := inserts.Load(key)
	if !known {
		marks := strings.Repeat(", ?", len(values))
		text, _ = inserts.LoadOrStore(key, "INSERT INTO "+table+" ("+columns+") VALUES ("+marks[2:]+")")
	}
	return Stmt{SQL: text.(string), Args: values, table: table, columns: columns}
}

// inserts keeps the text of each INSERT: there are as many as places in the code.
var inserts sync.Map

type insertKey struct {
	table, columns string
	width          int
}
