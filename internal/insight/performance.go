package insight

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"minqing/internal/access"
	"minqing/internal/audit"
	"minqing/internal/calendar"
	"minqing/internal/db"
	"minqing/internal/fault"
)

// Group is what a report has a row for.
type Group string

// The groupings. By unit and by month any days may be asked for; the others
// count whole months.
const (
	ByUnit     Group = "unit"
	ByMatter   Group = "matter"
	ByDistrict Group = "district"
	ByMonth    Group = "month"
	ByChannel  Group = "channel"
	ByKind     Group = "kind"
)

// Groups lists them in the order in which forms show them.
var Groups = []Group{ByUnit, ByMatter, ByDistrict, ByMonth, ByChannel, ByKind}

// LongestPeriod is how many days a report may span: ten years.
const LongestPeriod = 3660

// Query asks for a report over local days, both included.
type Query struct {
	From, To calendar.Date
	GroupBy  Group
	Export   bool // narrowed to what the actor may take away instead of only read
	Whistle  bool // of whistle-blowers' cases, which no other report counts
}

// Validate checks what was asked for.
func (q Query) Validate() error {
	var c fault.Check
	c.That(slices.Contains(Groups, q.GroupBy), "group_by", "insight.group.unknown")
	c.That(q.From <= q.To, "to", "insight.period.reversed")
	c.That(q.To-q.From < LongestPeriod, "from", "insight.period.long")
	return c.Err()
}

// Report is a table of figures. From and To are the days that were counted,
// which whole months may make more than were asked for.
type Report struct {
	From, To          calendar.Date
	WholeMonths       bool
	GroupBy           Group
	Whistle           bool // counts whistle-blowers' cases and no others
	Rows              []Row
	Total             Row
	DefinitionVersion int
}

// Row is one line. Key is the id of a unit, matter or district, a channel, a
// kind, or the first day of a month; empty for cases that have none.
type Row struct {
	Key       string
	Filed     Count
	Concluded Count
	Rates     []Rate // one for each of Figures, in that order

	counts Counts
	sort   string
}

// Performance makes the report from the roll-ups, narrowed to the units that
// the actor may see and with small cells hidden. Who may see nothing but the
// reports on whistle-blowers' cases gets those without asking for them.
func (s *Service) Performance(ctx context.Context, q Query) (Report, error) {
	if err := q.Validate(); err != nil {
		return Report{}, err
	}
	verb := access.ReportRead
	if q.Export {
		verb = access.ReportExport
	}
	scope, err := s.Access.Scope(ctx, verb)
	if err != nil {
		return Report{}, err
	}
	r := Report{From: q.From, To: q.To, GroupBy: q.GroupBy, DefinitionVersion: DefinitionVersion}
	r.Whistle = q.Whistle || scope.Closed() && !scope.Open()
	if dimension(q.GroupBy) {
		r.WholeMonths = true
		r.From, r.To = firstOfMonth(q.From), firstOfMonth(firstOfMonth(q.To).Add(31)).Add(-1)
	}
	units, whole, err := s.covered(ctx, scope, r.Whistle)
	if err != nil {
		return Report{}, err
	}
	query, args := s.reading(r, units, whole)
	var found []struct {
		Key    string
		Counts `gorm:"embedded"`
	}
	if err := s.DB.Reader(ctx).Raw(query, args...).Scan(&found).Error; err != nil {
		return Report{}, fmt.Errorf("read the roll-ups: %w", db.Fault(err, "", ""))
	}
	for _, f := range found {
		row := Row{Key: f.Key, counts: f.Counts}
		switch q.GroupBy {
		case ByUnit:
			row.sort = units[f.Key]
		case ByMonth:
			row.sort = f.Key
		}
		r.Rows = append(r.Rows, row)
		r.Total.counts.add(f.Counts)
	}
	r.arrange()
	r.protect()
	if q.Export {
		err = s.exported(ctx, r)
	}
	return r, err
}

// exported notes who took a report away, and for which days.
func (s *Service) exported(ctx context.Context, r Report) error {
	return s.DB.Tx(ctx, func(ctx context.Context) error {
		return s.Audit.Record(ctx, audit.Entry{Action: "export.performance", Kind: "report", ID: string(r.GroupBy), Fields: []audit.Change{
			{Field: "from", After: r.From.String()}, {Field: "to", After: r.To.String()}, {Field: "whistle", After: strconv.FormatBool(r.Whistle)}}})
	})
}

// Trees says which reports the actor may read: those on all cases but
// whistle-blowers', and those on these.
func (s *Service) Trees(ctx context.Context) (open, whistle bool, err error) {
	scope, err := s.Access.Scope(ctx, access.ReportRead)
	return scope.Open(), scope.Closed(), err
}

// covered gives the paths of the units that a scope covers, by id, and whether
// those are all that there are.
func (s *Service) covered(ctx context.Context, scope access.Scope, whistle bool) (units map[string]string, whole bool, err error) {
	var all []struct{ ID, Path string }
	if err := s.DB.Reader(ctx).Raw("SELECT CAST(id AS text) AS id, path FROM units").Scan(&all).Error; err != nil {
		return nil, false, fmt.Errorf("read the units: %w", db.Fault(err, "", ""))
	}
	units = make(map[string]string, len(all))
	for _, u := range all {
		path := u.Path
		if whistle {
			path = access.Sealed(path)
		}
		if scope.Covers(path) {
			units[u.ID] = u.Path
		}
	}
	return units, len(units) == len(all), nil
}

// reading is the SELECT of a report's rows. It names the units one by one, or not
// at all: PostgreSQL plans a statement that it has seen a few times without
// looking at the values, and takes a range of paths for a single unit.
func (s *Service) reading(r Report, units map[string]string, whole bool) (string, []any) {
	within, named := "1 = 1", []any(nil)
	if !whole {
		within = "f.unit_id IN (NULL" + strings.Repeat(", ?", len(units)) + ")"
		for _, id := range slices.Sorted(maps.Keys(units)) {
			named = append(named, id)
		}
	}
	if r.Whistle {
		return s.sealed(r, within, named)
	}
	if dimension(r.GroupBy) {
		return "SELECT f.item AS key, " + sums("f.") + " FROM figures_month f WHERE f.month BETWEEN ? AND ? AND f.dimension = '" + string(r.GroupBy) +
			"' AND " + within + " GROUP BY f.item", append([]any{r.From, r.To}, named...)
	}
	key := "CAST(f.unit_id AS text)"
	if r.GroupBy == ByMonth {
		key = "CAST(" + monthOf(s.DB.Engine(), "f.day") + " AS text)"
	}
	days, args := daily(r.From, r.To)
	return "SELECT " + key + " AS key, " + sums("f.") + " FROM (" + days + ") f WHERE " + within + " GROUP BY 1", append(args, named...)
}

// sealed counts whistle-blowers' cases as they stand: they are few, and what is
// counted of them is kept nowhere.
func (s *Service) sealed(r Report, within string, named []any) (string, []any) {
	which := cells{who: whistleOnly, args: append([]any{r.From, r.To}, named...), where: func(day string) string {
		return day + " BETWEEN ? AND ? AND " + strings.ReplaceAll(within, "f.", "c.")
	}}
	inner, args := counting(func(day string) []key {
		switch i := slices.IndexFunc(dimensions, func(d struct{ name, column, item string }) bool { return d.name == string(r.GroupBy) }); {
		case i >= 0:
			return []key{{"c." + dimensions[i].column, dimensions[i].column}}
		case r.GroupBy == ByMonth:
			return []key{{monthOf(s.DB.Engine(), day), "month"}}
		}
		return []key{{"c.unit_id", "unit_id"}}
	}, which, s.Now())
	item := map[Group]string{ByUnit: "CAST(unit_id AS text)", ByMonth: "CAST(month AS text)"}[r.GroupBy]
	for _, d := range dimensions {
		if d.name == string(r.GroupBy) {
			item = d.item
		}
	}
	return "SELECT " + item + " AS key, " + sums("f.") + " FROM (" + inner + ") f GROUP BY 1", args
}

// daily reads the cells of units by day. Of a long period it takes the whole
// months from the monthly cells, of which there are far fewer; by kind, for
// every case has one.
func daily(from, to calendar.Date) (string, []any) {
	read := "SELECT day, unit_id, " + strings.Join(columns, ", ") + " FROM figures_day WHERE "
	first, end := firstOfMonth(from), firstOfMonth(to.Add(1))
	if first < from {
		first = firstOfMonth(first.Add(31))
	}
	if end-first < 2*28 {
		return read + "day BETWEEN ? AND ?", []any{from, to}
	}
	return read + "(day >= ? AND day < ?) OR (day >= ? AND day <= ?) UNION ALL SELECT month, unit_id, " + strings.Join(columns, ", ") +
		" FROM figures_month WHERE dimension = 'kind' AND month >= ? AND month < ?", []any{from, first, end, to, first, end}
}

// arrange puts units and months in their own order, everything else by how
// much there is of it.
func (r *Report) arrange() {
	slices.SortFunc(r.Rows, func(a, b Row) int {
		if c := strings.Compare(a.sort, b.sort); c != 0 {
			return c
		}
		return cmp.Or(cmp.Compare(b.counts.Filed, a.counts.Filed), strings.Compare(a.Key, b.Key))
	})
}

// before is the period of the same length that ends where the report begins.
func (r Report) before() Query {
	q := Query{GroupBy: r.GroupBy, To: r.From.Add(-1), Whistle: r.Whistle}
	q.From = r.From.Add(-int(r.To-r.From) - 1)
	if r.WholeMonths {
		y, m := r.From.YearMonth()
		y2, m2 := r.To.YearMonth()
		months := (y2-y)*12 + int(m2-m) + 1
		q.From = calendar.NewDate(y, m, 1)
		for range months {
			q.From = firstOfMonth(q.From.Add(-1))
		}
	}
	return q
}

// Change is a figure of a row, or of the total, that got worse.
type Change struct {
	Key    string
	Total  bool
	Figure int // index in Figures
	Now    Rate
	Was    Rate
}

// Worse compares a report with the equal period before it and lists what got
// worse: only where both rates rest on enough cases and their intervals do not
// overlap. That asks for more than the interval of the difference would, because
// many rows are looked at together and some always move by chance.
func (s *Service) Worse(ctx context.Context, r Report) ([]Change, error) {
	was, err := s.Performance(ctx, r.before())
	if err != nil {
		return nil, err
	}
	out := worse(nil, r.Total, was.Total, true)
	if r.GroupBy == ByMonth { // each month is its own row; they are in the chart
		return out, nil
	}
	old := make(map[string]Row, len(was.Rows))
	for _, row := range was.Rows {
		old[row.Key] = row
	}
	for _, row := range r.Rows {
		if o, ok := old[row.Key]; ok {
			out = worse(out, row, o, false)
		}
	}
	return out, nil
}

func worse(out []Change, now, was Row, total bool) []Change {
	for i := range Figures {
		a, b := now.Rates[i], was.Rates[i]
		if a.Firm() && b.Firm() && *a.High < *b.Low {
			out = append(out, Change{Key: now.Key, Total: total, Figure: i, Now: a, Was: b})
		}
	}
	return out
}

// Trend is the months up to the report's last day, a year at most, for the
// lines beside its figures.
func (s *Service) Trend(ctx context.Context, r Report) (Report, error) {
	from := firstOfMonth(r.To)
	for range 11 {
		from = firstOfMonth(from.Add(-1))
	}
	return s.Performance(ctx, Query{From: from, To: r.To, GroupBy: ByMonth, Whistle: r.Whistle})
}

// Before is the period that Worse compares a report with.
func (r Report) Before() (from, to calendar.Date) {
	q := r.before()
	return q.From, q.To
}

// MayExport says whether the actor may take reports away as a file.
func (s *Service) MayExport(ctx context.Context) bool {
	return s.Access.Can(ctx, access.ReportExport) == nil
}
