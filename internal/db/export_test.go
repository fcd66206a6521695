package db

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5/stdlib"
)

// PlansMost is how many questions are remembered.
const PlansMost = plansMost

// Plans says how many questions the connection of a database that has one remembers, and
// how many the process does.
func Plans(ctx context.Context, d *DB) (conn, process int, err error) {
	c, err := d.write.Conn(ctx)
	if err != nil {
		return 0, 0, err
	}
	defer c.Close()
	err = c.Raw(func(driver any) error {
		known, ok := driver.(*stdlib.Conn).Conn().PgConn().CustomData()[scanPlans].(map[plan][]column)
		if !ok {
			return fmt.Errorf("nothing is remembered")
		}
		conn = len(known)
		return nil
	})
	for _, of := range []*remembered{&knownQueries, &knownPlans} {
		n := 0
		of.Range(func(any, any) bool { n++; return true })
		process = max(process, n)
	}
	return conn, process, err
}
