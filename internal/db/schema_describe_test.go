package db_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"minqing/internal/db"
)

func rows[R any](t *testing.T, d *db.DB, query string, args ...any) []R {
	t.Helper()
	var all []R
	require.NoError(t, d.From(t.Context()).Raw(query, args...).Scan(&all).Error)
	return all
}

func describeSQLite(t *testing.T, d *db.DB) map[string]table {
	t.Helper()
	all := map[string]table{}
	for _, own := range rows[struct{ Name, SQL string }](t, d, `SELECT s.name, s.sql FROM sqlite_schema s
 JOIN pragma_table_list l ON l.name = s.name AND l.schema = 'main' WHERE l.type = 'table' AND s.name NOT LIKE 'sqlite_%'`) {
		if strings.HasPrefix(own.Name, "river_") || strings.HasPrefix(own.Name, "goose_") {
			continue // not ours to describe
		}
		shape := table{Columns: map[string]string{}, Indexes: map[string]string{}, Checks: words(checks(own.SQL))}
		for _, c := range rows[struct {
			Name, Type string
			NotNull    bool
			Default    string
		}](t, d, `SELECT name, type, "notnull" AS not_null, COALESCE(dflt_value, '') AS "default" FROM pragma_table_info(?)`, own.Name) {
			shape.Columns[c.Name] = column(c.Type, !c.NotNull, c.Default)
		}
		shape.Primary = strings.Join(rows[string](t, d, "SELECT name FROM pragma_table_info(?) WHERE pk > 0 ORDER BY pk", own.Name), ", ")
		shape.sqliteIndexes(t, d, own.Name)
		for _, f := range rows[struct{ Froms, Target, Tos, OnDelete string }](t, d, `SELECT group_concat("from", ', ') AS froms, "table" AS target,
 group_concat(COALESCE("to", 'id'), ', ') AS tos, on_delete FROM (SELECT * FROM pragma_foreign_key_list(?) ORDER BY id, seq) GROUP BY id, "table", on_delete`, own.Name) {
			shape.Foreign = append(shape.Foreign, fmt.Sprintf("(%s) → %s (%s) %s", f.Froms, f.Target, f.Tos, strings.ToLower(f.OnDelete)))
		}
		slices.Sort(shape.Foreign)
		all[own.Name] = shape
	}
	return all
}

func (s *table) sqliteIndexes(t *testing.T, d *db.DB, name string) {
	for _, x := range rows[struct {
		Name, Origin    string
		Unique, Partial bool
	}](t, d, `SELECT name, origin, "unique", partial FROM pragma_index_list(?)`, name) {
		columns := strings.Join(rows[string](t, d, `SELECT COALESCE(name, '…') || CASE WHEN "desc" THEN ' desc' ELSE '' END
 FROM pragma_index_xinfo(?) WHERE key ORDER BY seqno`, x.Name), ", ")
		switch x.Origin {
		case "c":
			s.Indexes[x.Name] = index(x.Unique, columns, x.Partial)
		case "u":
			s.Unique = append(s.Unique, columns)
		}
	}
	slices.Sort(s.Unique)
}

func describePostgres(t *testing.T, d *db.DB) map[string]table {
	t.Helper()
	all := map[string]table{}
	for _, name := range rows[string](t, d, `SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND NOT relispartition
 AND relnamespace = current_schema()::regnamespace`) {
		shape := table{Columns: map[string]string{}, Indexes: map[string]string{}}
		for _, c := range rows[struct {
			Name, Type string
			NotNull    bool
			Default    string
		}](t, d, `SELECT attname AS name, format_type(atttypid, NULL) AS type, attnotnull AS not_null, COALESCE(pg_get_expr(adbin, adrelid), '') AS "default"
 FROM pg_attribute LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum WHERE attrelid = ?::regclass AND attnum > 0 AND NOT attisdropped`, name) {
			shape.Columns[c.Name] = column(c.Type, !c.NotNull, c.Default)
		}
		shape.postgresIndexes(t, d, name)
		for _, f := range rows[struct{ Froms, Target, Tos, OnDelete string }](t, d, `SELECT k.confrelid::regclass::text AS target,
 (SELECT string_agg(attname, ', ' ORDER BY n) FROM unnest(k.conkey) WITH ORDINALITY u(a, n) JOIN pg_attribute ON attrelid = k.conrelid AND attnum = u.a) AS froms,
 (SELECT string_agg(attname, ', ' ORDER BY n) FROM unnest(k.confkey) WITH ORDINALITY u(a, n) JOIN pg_attribute ON attrelid = k.confrelid AND attnum = u.a) AS tos,
 CASE k.confdeltype WHEN 'a' THEN 'no action' WHEN 'r' THEN 'restrict' WHEN 'c' THEN 'cascade' WHEN 'n' THEN 'set null' ELSE 'set default' END AS on_delete
 FROM pg_constraint k WHERE k.conrelid = ?::regclass AND k.contype = 'f'`, name) {
			shape.Foreign = append(shape.Foreign, fmt.Sprintf("(%s) → %s (%s) %s", f.Froms, f.Target, f.Tos, f.OnDelete))
		}
		slices.Sort(shape.Foreign)
		shape.Checks = words(rows[string](t, d, `SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = ?::regclass AND contype = 'c'`, name))
		all[name] = shape
	}
	return all
}

func (s *table) postgresIndexes(t *testing.T, d *db.DB, name string) {
	for _, x := range rows[struct {
		Name, Kind, Columns, Method string
		Unique, Partial             bool
	}](t, d, `SELECT c.relname AS name, COALESCE(k.contype::text, '') AS kind, i.indisunique AS "unique", i.indpred IS NOT NULL AS partial, am.amname AS method,
 (SELECT string_agg(COALESCE(a.attname, '…') || CASE WHEN i.indoption[n - 1] & 1 = 1 THEN ' desc' ELSE '' END, ', ' ORDER BY n)
  FROM generate_series(1, i.indnkeyatts) n LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[n - 1] AND a.attnum > 0) AS columns
 FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_am am ON am.oid = c.relam
 LEFT JOIN pg_constraint k ON k.conindid = i.indexrelid AND k.contype IN ('p', 'u') WHERE i.indrelid = ?::regclass`, name) {
		switch x.Kind {
		case "p":
			s.Primary = x.Columns
		case "u":
			s.Unique = append(s.Unique, x.Columns)
		default:
			s.Indexes[x.Name] = index(x.Unique, x.Columns, x.Partial)
			if x.Method != "btree" {
				s.Indexes[x.Name] += " " + x.Method
			}
		}
	}
	slices.Sort(s.Unique)
}

var (
	checkStart = regexp.MustCompile(`(?i)\bCHECK\s*\(`)
	quoted     = regexp.MustCompile(`'[^']*'`)
	remark     = regexp.MustCompile(`--[^\n]*`)
)

// checks cuts the CHECKs out of a CREATE TABLE.
func checks(create string) []string {
	create = remark.ReplaceAllString(create, "")
	var found []string
	for _, at := range checkStart.FindAllStringIndex(create, -1) {
		depth, end := 1, at[1]
		for ; depth > 0 && end < len(create); end++ {
			switch create[end] {
			case '(':
				depth++
			case ')':
				depth--
			}
		}
		found = append(found, create[at[0]:end])
	}
	return found
}

// words lists what CHECKs quote. Engines spell conditions apart, so the words,
// which are states and kinds, and the number of CHECKs must do.
func words(checks []string) []string {
	all := []string{fmt.Sprintf("%d CHECKs", len(checks))}
	for _, c := range checks {
		all = append(all, quoted.FindAllString(c, -1)...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}
