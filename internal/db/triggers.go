package db

import (
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"
)

// Trigger is a trigger of a table, as the migrations make it.
type Trigger struct {
	Table, Name string
	Always      bool // on PostgreSQL it runs for replication too; on SQLite each does
}

// kept are the triggers that both engines have, and those of one: what they guard (the
// order of receipt, consents, retired keys, who was erased) or note (what a search has
// to read anew) nothing else does.
var kept = map[Engine][]Trigger{
	PostgreSQL: {
		{"case_events", "case_search_event", false}, {"case_messages", "case_search_message", true}, {"case_parties", "case_parties_requester_lives", false},
		{"case_units", "case_search_unit", true}, {"cases", "case_search_case", true}, {"consents", "consents_stay", true}, {"consents", "consents_stay_whole", true},
		{"permit_places", "permit_places_stay", true}, {"permit_places", "permit_places_stay_whole", true}, {"vault_keys", "vault_keys_living_ring", true},
	},
	SQLite: {
		{"case_events", "case_search_event", true}, {"case_messages", "case_search_message", true}, {"case_parties", "case_parties_requester_lives", true},
		{"case_units", "case_search_unit", true}, {"cases", "case_search_case", true}, {"consents", "consents_stay", true}, {"consents", "consents_stay_whole", true},
		{"permit_places", "permit_places_stay_changed", true}, {"permit_places", "permit_places_stay_deleted", true},
		{"vault_keys", "vault_keys_living_ring", true}, {"vault_keys", "vault_keys_living_ring_change", true},
	},
}

// liveTriggers asks for the triggers of this schema that run; those of partitions stand
// for the one of their table.
const liveTriggers = `SELECT c.relname AS "table", t.tgname AS name, t.tgenabled = 'A' AS always FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
 WHERE NOT t.tgisinternal AND t.tgparentid = 0 AND t.tgenabled IN ('O', 'A') AND c.relnamespace = current_schema()::regnamespace ORDER BY 1, 2`

// Triggers lists those that stand and run, by table and name.
func (d *DB) Triggers(ctx context.Context) (list []Trigger, err error) {
	sql := liveTriggers
	if d.Engine() == SQLite {
		sql = `SELECT tbl_name AS "table", name, true AS always FROM sqlite_master WHERE type = 'trigger' ORDER BY 1, 2`
	}
	if err := d.From(ctx).Raw(sql).Scan(&list).Error; err != nil {
		return nil, fmt.Errorf("list the triggers: %w", err)
	}
	return list, nil
}

// MissingTriggers are those of the newest schema that are gone, switched off, or left
// out while rows are replicated: what the database refuses then, it takes.
func (d *DB) MissingTriggers(ctx context.Context) (list []Trigger, err error) {
	live, err := d.Triggers(ctx)
	if err != nil {
		return nil, err
	}
	for _, one := range kept[d.Engine()] {
		if !slices.ContainsFunc(live, func(l Trigger) bool { return l.Table == one.Table && l.Name == one.Name && (l.Always || !one.Always) }) {
			list = append(list, one)
		}
	}
	return list, nil
}

// untriggered switches the triggers of tables off, and gives how to switch each on again
// as it was: ENABLE TRIGGER USER would leave none that always runs.
func untriggered(ctx context.Context, tx pgx.Tx, tables []string) (again []string, err error) {
	rows, err := tx.Query(ctx, liveTriggers)
	if err != nil {
		return nil, fmt.Errorf("list the triggers: %w", err)
	}
	live, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Trigger])
	if err != nil {
		return nil, fmt.Errorf("list the triggers: %w", err)
	}
	for _, t := range live {
		always := ""
		if t.Always {
			always = "ALWAYS "
		}
		again = append(again, "ALTER TABLE "+pgx.Identifier{t.Table}.Sanitize()+" ENABLE "+always+"TRIGGER "+pgx.Identifier{t.Name}.Sanitize())
	}
	for _, t := range tables {
		if _, err := tx.Exec(ctx, "ALTER TABLE "+t+" DISABLE TRIGGER USER"); err != nil {
			return nil, fmt.Errorf("switch the triggers of %s off: %w", t, err)
		}
	}
	return again, nil
}
