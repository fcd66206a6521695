package db

import (
	"context"
	"errors"
	"fmt"
)

// Freeze lets nobody else write to a table until the open transaction ends, and
// waits for those who are writing: for a check that must hold when it commits. On
// SQLite a transaction that writes has the database to itself anyway.
func (d *DB) Freeze(ctx context.Context, table string) error {
	if d.SQLTx(ctx) == nil {
		return errors.New("db: no transaction is open")
	}
	if d.engine == SQLite {
		return nil
	}
	if err := d.From(ctx).Exec("LOCK TABLE " + table + " IN SHARE ROW EXCLUSIVE MODE").Error; err != nil {
		return fmt.Errorf("hold the table %s: %w", table, Fault(err, "", ""))
	}
	return nil
}

// Patiently runs questions that may look at every row of a large table, which
// takes longer than a page may: for commands and jobs. On PostgreSQL they are asked
// in a transaction; SQLite sets no such limit.
func (d *DB) Patiently(ctx context.Context, ask func(ctx context.Context) error) error {
	if d.engine == SQLite {
		return ask(ctx)
	}
	return d.Tx(ctx, func(ctx context.Context) error {
		if err := d.From(ctx).Exec("SET LOCAL statement_timeout = 0").Error; err != nil {
			return fmt.Errorf("ask patiently: %w", Fault(err, "", ""))
		}
		return ask(ctx)
	})
}
