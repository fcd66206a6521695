package db_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"minqing/internal/db"
	"minqing/internal/db/dbtest"
)

// table is the shape of a table in words that both engines share.
type table struct {
	Columns map[string]string // name: neutral type, nullability, default
	Primary string            // columns in order
	Unique  []string          // unique constraints without a name of ours: columns
	Foreign []string          // columns → table (columns), on delete
	Indexes map[string]string // name: unique, columns, partial
	Checks  []string          // the words that CHECKs list, and how many CHECKs there are
}

// searchOnly are what one engine alone has, or has in a shape of its own, because
// text search may ask which engine it is on: "table" or "table.index".
var searchOnly = map[string]bool{"case_search": true, "case_search_due": true}

func TestBothEnginesHaveTheSameSchema(t *testing.T) {
	lite, pg := describe(t, dbtest.New(t)), describe(t, dbtest.Postgres(t))
	for _, name := range names(lite, pg) {
		a, inLite := lite[name]
		b, inPG := pg[name]
		switch {
		case searchOnly[name]:
		case !inLite:
			t.Errorf("table %s: only on postgres", name)
		case !inPG:
			t.Errorf("table %s: only on sqlite", name)
		default:
			compare(t, name, "column", a.Columns, b.Columns)
			compare(t, name, "index", a.Indexes, b.Indexes)
			same(t, name, "primary key", a.Primary, b.Primary)
			same(t, name, "unique constraints", a.Unique, b.Unique)
			same(t, name, "foreign keys", a.Foreign, b.Foreign)
			same(t, name, "words in CHECKs", a.Checks, b.Checks)
		}
	}
}

func names[V any](a, b map[string]V) []string {
	all := maps.Clone(a)
	maps.Copy(all, b)
	return slices.Sorted(maps.Keys(all))
}

func compare(t *testing.T, table, what string, lite, pg map[string]string) {
	t.Helper()
	for _, name := range names(lite, pg) {
		if lite[name] != pg[name] && !searchOnly[table+"."+name] {
			t.Errorf("table %s, %s %s:\n  sqlite   %s\n  postgres %s", table, what, name, shown(lite[name]), shown(pg[name]))
		}
	}
}

func shown(s string) string {
	if s == "" {
		return "(none)"
	}
	return s
}

func same(t *testing.T, table, what string, lite, pg any) {
	t.Helper()
	if diff := cmp.Diff(lite, pg); diff != "" {
		t.Errorf("table %s, %s of sqlite (-) and postgres (+):\n%s", table, what, diff)
	}
}

// describe leaves out the tables of the migration tool and of the job queue.
func describe(t *testing.T, d *db.DB) map[string]table {
	t.Helper()
	all := map[string]table{}
	describeOne := describeSQLite
	if d.Engine() == db.PostgreSQL {
		describeOne = describePostgres
	}
	for name, shape := range describeOne(t, d) {
		if !strings.HasPrefix(name, "river_") && !strings.HasPrefix(name, "goose_") {
			all[name] = shape
		}
	}
	return all
}

// neutral maps the types of both engines to one word.
func neutral(kind string) string {
	switch strings.ToLower(kind) {
	case "text", "uuid", "jsonb", "character varying":
		return "text"
	case "integer", "bigint", "smallint":
		return "integer"
	case "datetime", "timestamp with time zone":
		return "instant"
	case "date":
		return "date"
	case "blob", "bytea":
		return "bytes"
	case "boolean":
		return "boolean"
	case "real", "double precision":
		return "real"
	}
	return "unknown type " + kind
}

// column describes a column; def is its default as the engine tells it.
func column(kind string, null bool, def string) string {
	s := neutral(kind)
	if !null {
		s += " not null"
	}
	if def != "" {
		if cut := strings.Index(def, "::"); cut >= 0 {
			def = def[:cut]
		}
		def = strings.ToLower(strings.Trim(def, "()"))
		if neutral(kind) == "boolean" {
			def = map[string]string{"0": "false", "1": "true"}[def] + strings.Trim(def, "01")
		}
		s += " default " + def
	}
	return s
}

// index describes an index that has a name of ours.
func index(unique bool, columns string, partial bool) string {
	s := "(" + columns + ")"
	if unique {
		s = "unique " + s
	}
	if partial {
		s += " partial"
	}
	return s
}
