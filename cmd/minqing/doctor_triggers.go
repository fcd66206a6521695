package main

import (
	"context"
	"fmt"

	"minqing/internal/db"
)

// triggers looks whether the triggers of the tables stand: the database itself refuses
// to change the order of receipt and consents, and notes what a search has to read.
func (d *doctor) triggers(ctx context.Context) {
	const about = "triggers"
	if !d.ready {
		return
	}
	missing, err := d.db.MissingTriggers(ctx)
	if err != nil {
		d.fail(about, err.Error(), "see the log of the database")
		return
	}
	for _, t := range missing {
		mend := "ask who can change the schema, and make it again as the migrations say"
		if d.db.Engine() == db.PostgreSQL {
			mend += fmt.Sprintf(", or, if it was switched off, ALTER TABLE %s ENABLE ALWAYS TRIGGER %s", t.Table, t.Name)
		}
		d.fail(about, fmt.Sprintf("%s on %s is gone or switched off", t.Name, t.Table), mend)
	}
	if len(missing) == 0 {
		d.ok(about, "those that guard and follow the tables stand")
	}
}
