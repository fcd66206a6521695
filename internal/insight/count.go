package insight

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"minqing/internal/db"
)

// part counts cases under one of their days.
type part struct {
	from  []string // tables, the one with the day first
	on    string   // how the tables join
	day   string
	where string            // who counts; may hold one ? for the time of counting
	sums  map[string]string // column: what to sum
}

// parts are the days of a case and of what follows its results. A due time or limit counts once it has
// passed, whatever became of the case: an open one is late by subtraction, and
// one that is not yet due cannot make a unit look better.
var parts = []part{
	{from: []string{"cases c"}, day: "c.received_on", where: onePerson,
		sums: map[string]string{"filed": "1"}},
	{from: []string{"cases c"}, day: "c.response_due_on",
		where: "c.response_due_at < ? AND NOT (c.status = 'withdrawn' AND c.contacted_at IS NULL) AND " + onePerson,
		sums:  map[string]string{"response_due": "1", "responded": one("c.contacted_at <= c.response_due_at")}},
	{from: []string{"cases c"}, day: "c.due_on",
		where: "c.due_at < ? AND c.status NOT IN ('not_accepted', 'withdrawn', 'merged', 'transferred')",
		sums:  map[string]string{"due": "1", "on_time": one("c.concluded_at <= c.due_at")}},
	{from: []string{"cases c LEFT JOIN evaluations e ON e.case_id = c.id AND e.conclusion_no = c.conclusion_no AND e.round = 1"}, day: "c.concluded_on", where: onePerson,
		sums: map[string]string{"concluded": "1", "judged": one("e.id IS NOT NULL")}},
	{from: []string{"evaluations e", "cases c"}, day: "e.evaluated_on", where: onePerson,
		on: "c.id = e.case_id AND e.round = 1 AND e.result = 'concluded' AND NOT e.excluded",
		sums: map[string]string{"evaluated": "1", "resolved_yes": one("e.resolved = 'yes'"), "resolved_partly": one("e.resolved = 'partly'"),
			"satisfied": one("e.grade >= 3"), "bad": one("e.grade <= 2")}},
	{from: []string{"callbacks k", "cases c"}, day: "k.due_on", on: "c.id = k.case_id",
		where: "k.due_at < ? AND k.state NOT IN ('judged', 'moot') AND " + onePerson,
		sums:  map[string]string{"callbacks_due": "1", "callbacks_reached": one("k.state IN ('answered', 'refused')")}},
	{from: []string{"evaluations e", "cases c"}, day: "e.evaluated_on", on: "c.id = e.case_id AND e.round = 1 AND e.grade <= 2 AND NOT e.excluded",
		where: "e.mend_due_at < ? AND " + onePerson,
		sums:  map[string]string{"reviews_due": "1", "reviews_mended": one("e.mended_at IS NOT NULL"), "reviews_in_time": one("e.mended_at <= e.mend_due_at")}},
}

// onePerson leaves out parts of cases, which nobody asked for, and what somebody asked again and that is handled with what they
// asked first: whoever asks is counted once.
const onePerson = "NOT c.duplicate AND c.parent_id IS NULL"

func one(condition string) string { return "CASE WHEN " + condition + " THEN 1 ELSE 0 END" }

// cells says which rows of cases are counted: all, those of dirty cells, or
// those of one month's dirty units.
type cells struct {
	first func(day string) string // a table to start from, or none; SQLite keeps the order of CROSS JOIN
	where func(day string) string
	args  []any
	who   string // empty: all but whistle-blowers' cases, of which reports keep silent
}

const (
	notWhistle  = "c.confidentiality <> 'whistle'"
	whistleOnly = "c.confidentiality = 'whistle'"
)

var everyCell = cells{where: func(day string) string { return day + " IS NOT NULL" }}

// dirtyCells start from the cells where the day is the case's, and from the days where it is
// of something about it: the unit is known only when its case is read, which for each cell
// would be once too often.
var dirtyCells = cells{first: func(day string) string {
	if ofCase(day) {
		return "figures_dirty d"
	}
	return ""
}, where: func(day string) string {
	if ofCase(day) {
		return day + " = d.day AND c.unit_id = d.unit_id"
	}
	return day + " IN (SELECT day FROM figures_dirty) AND (c.unit_id, " + day + ") IN (SELECT unit_id, day FROM figures_dirty)"
}}

func ofCase(day string) bool { return strings.HasPrefix(day, "c.") }

func monthCells(month, next any) cells {
	return cells{where: func(day string) string {
		return day + " >= ? AND " + day + " < ? AND c.unit_id IN (SELECT unit_id FROM figures_dirty WHERE day >= ? AND day < ?)"
	}, args: []any{month, next, month, next}}
}

// key is a column to group by: c.unit_id, for short unit_id.
type key struct{ expr, name string }

// counting is a SELECT of counts under the keys, one row per part and key; keys
// are written for a part's day.
func counting(keys func(day string) []key, which cells, now time.Time) (string, []any) {
	var b strings.Builder
	var args []any
	for i, p := range parts {
		if i > 0 {
			b.WriteString("\nUNION ALL ")
		}
		group := keys(p.day)
		b.WriteString("SELECT ")
		names := make([]string, len(group))
		for j, k := range group {
			names[j] = k.expr
			b.WriteString(k.expr + " AS " + k.name + ", ")
		}
		b.WriteString(strings.Join(p.columns(), ", "))
		from := p.from
		if which.first != nil {
			if first := which.first(p.day); first != "" {
				from = append([]string{first}, p.from...)
			}
		}
		b.WriteString(" FROM " + strings.Join(from, " CROSS JOIN "))
		b.WriteString(" WHERE " + which.where(p.day) + " AND " + cmp.Or(which.who, notWhistle))
		args = append(args, which.args...)
		if p.on != "" {
			b.WriteString(" AND " + p.on)
		}
		if p.where != "" {
			b.WriteString(" AND " + p.where)
			for range strings.Count(p.where, "?") {
				args = append(args, now)
			}
		}
		b.WriteString(" GROUP BY " + strings.Join(names, ", "))
	}
	return b.String(), args
}

func (p part) columns() []string {
	out := make([]string, len(columns))
	for i, c := range columns {
		what, ok := p.sums[c]
		if !ok {
			out[i] = "0 AS " + c
			continue
		}
		out[i] = "SUM(" + what + ") AS " + c
	}
	return out
}

// sums adds the counts of several rows; the cast keeps them whole numbers on
// PostgreSQL, whose sum of bigint is a decimal.
func sums(prefix string) string {
	out := make([]string, len(columns))
	for i, c := range columns {
		out[i] = "CAST(SUM(" + prefix + c + ") AS bigint) AS " + c
	}
	return strings.Join(out, ", ")
}

// countDays is the INSERT of the daily cells.
func countDays(which cells, now time.Time) (string, []any) {
	inner, args := counting(func(day string) []key { return []key{{day, "day"}, {"c.unit_id", "unit_id"}} }, which, now)
	return "INSERT INTO figures_day (day, unit_id, " + strings.Join(columns, ", ") + ")\nSELECT day, unit_id, " + sums("") +
		" FROM (" + inner + ") counted GROUP BY day, unit_id", args
}

// dimensions of the monthly cells and the column that each groups by.
var dimensions = []struct{ name, column, item string }{
	{"matter", "matter_id", "COALESCE(CAST(matter_id AS text), '')"},
	{"district", "district_id", "COALESCE(CAST(district_id AS text), '')"},
	{"channel", "channel", "channel"},
	{"kind", "kind", "kind"},
}

// countMonths is the INSERT of the monthly cells: cases are read once and then
// added up along each dimension.
func countMonths(e db.Engine, which cells, now time.Time) (string, []any) {
	inner, args := counting(func(day string) []key {
		return []key{{monthOf(e, day), "month"}, {"c.unit_id", "unit_id"}, {"c.matter_id", "matter_id"},
			{"c.district_id", "district_id"}, {"c.channel", "channel"}, {"c.kind", "kind"}}
	}, which, now)
	var selects []string
	for _, d := range dimensions {
		selects = append(selects, "SELECT month, '"+d.name+"', "+d.item+", unit_id, "+sums("")+
			" FROM counted GROUP BY month, unit_id, "+d.column)
	}
	return "WITH counted AS (" + inner + ")\nINSERT INTO figures_month (month, dimension, item, unit_id, " + strings.Join(columns, ", ") + ")\n" +
		strings.Join(selects, "\nUNION ALL "), args
}

// monthOf is the first day of a date column's month.
func monthOf(e db.Engine, column string) string {
	if e == db.SQLite {
		return "date(" + column + ", 'start of month')"
	}
	return "CAST(date_trunc('month', " + column + ") AS date)"
}

// dimension says whether reports along it read the monthly cells.
func dimension(g Group) bool {
	return slices.ContainsFunc(dimensions, func(d struct{ name, column, item string }) bool { return d.name == string(g) })
}
