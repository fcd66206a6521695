package insight

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"minqing/internal/access"
	"minqing/internal/audit"
	"minqing/internal/calendar"
	"minqing/internal/db"
	"minqing/internal/fault"
	"minqing/internal/permittypes"
	"minqing/internal/stats"
)

// Groupings of figures about permits.
const (
	ByPermitType Group = "permit_type"
)

// PermitGroups lists them in the order in which forms show them.
var PermitGroups = []Group{ByPermitType, ByUnit}

// PermitTypes gives a version of a permit type, for its limits.
type PermitTypes interface {
	Version(ctx context.Context, code string, version int64) (*permittypes.Type, error)
}

// PermitReport is a table of figures about permits. Times count what was decided in
// the period, first-time-right and corrections what was received in it.
type PermitReport struct {
	From, To calendar.Date
	GroupBy  Group
	Rows     []PermitRow
	Total    PermitRow
	Causes   []Cause // by type and item, the most frequent first
}

// PermitRow is one line. Key is the code of a type or the id of a unit.
type PermitRow struct {
	Key        string
	Decided    Count
	Examined   Count
	Gross      Days
	Suspended  Days
	Net        Days
	FirstRight Rate
	// Compression is 1 − promised ÷ statutory, the mean of what was decided; nil
	// where nothing may be told.
	Compression *float64
	counts      permitCounts
}

// Days is how long something took, in days. Nothing is told of fewer than five,
// and no ninth decile of fewer than thirty.
type Days struct {
	Median, P90 *int64
	Suppressed  bool
}

// Cause is an item that applicants had to correct: a material, or an answer of the form.
type Cause struct {
	TypeCode string
	Code     string // of the material, FurtherMaterial, or the name of the question
	Answer   bool   // it is the answer to a question
	Asked    Rate   // of the examined applications of the type
}

// permitCounts are what a row counts.
type permitCounts struct {
	gross, suspended, net map[int64]int64 // how many took so many days
	decided               int64
	examined, first       int64
	kept                  float64 // the sum of promised ÷ statutory over what was decided
}

func (c *permitCounts) took(gross, suspended, n int64) {
	for _, h := range []struct {
		of   *map[int64]int64
		days int64
	}{{&c.gross, gross}, {&c.suspended, suspended}, {&c.net, gross - suspended}} {
		if *h.of == nil {
			*h.of = map[int64]int64{}
		}
		(*h.of)[h.days] += n
	}
}

// Permits makes the report on permits, narrowed to the units that the actor may see
// and with small cells hidden.
func (s *Service) Permits(ctx context.Context, q Query) (PermitReport, error) {
	var c fault.Check
	c.That(slices.Contains(PermitGroups, q.GroupBy), "group_by", "insight.group.unknown")
	c.That(q.From <= q.To, "to", "insight.period.reversed")
	c.That(q.To-q.From < LongestPeriod, "from", "insight.period.long")
	if err := c.Err(); err != nil {
		return PermitReport{}, err
	}
	verb := access.ReportRead
	if q.Export {
		verb = access.ReportExport
	}
	scope, err := s.Access.Scope(ctx, verb)
	if err != nil {
		return PermitReport{}, err
	}
	units, whole, err := s.covered(ctx, scope, false)
	if err != nil {
		return PermitReport{}, err
	}
	g := &permitCounting{s: s, q: q, rows: map[string]*permitCounts{}, examined: map[string]int64{}}
	g.narrow(units, whole)
	for _, count := range []func(context.Context) error{g.times, g.pauses, g.verdicts, g.causes} {
		if err := count(ctx); err != nil {
			return PermitReport{}, err
		}
	}
	r := g.report(units)
	if q.Export {
		err = s.DB.Tx(ctx, func(ctx context.Context) error {
			return s.Audit.Record(ctx, audit.Entry{Action: "export.permits", Kind: "report", ID: string(q.GroupBy), Fields: []audit.Change{
				{Field: "from", After: q.From.String()}, {Field: "to", After: q.To.String()}}})
		})
	}
	return r, err
}

// permitCounting is one report under way.
type permitCounting struct {
	s        *Service
	q        Query
	within   string
	named    []any
	rows     map[string]*permitCounts
	total    permitCounts
	examined map[string]int64 // by type
	found    []Cause
}

func (g *permitCounting) narrow(units map[string]string, whole bool) {
	g.within = "1 = 1"
	if whole {
		return
	}
	g.within = "c.unit_id IN (NULL" + strings.Repeat(", ?", len(units)) + ")"
	for _, id := range slices.Sorted(maps.Keys(units)) {
		g.named = append(g.named, id)
	}
}

func (g *permitCounting) row(typeCode, unitID string) *permitCounts {
	key := typeCode
	if g.q.GroupBy == ByUnit {
		key = unitID
	}
	if g.rows[key] == nil {
		g.rows[key] = &permitCounts{}
	}
	return g.rows[key]
}

func (g *permitCounting) scan(ctx context.Context, into any, what, sql string) error {
	args := append([]any{g.q.From, g.q.To}, g.named...)
	if err := g.s.DB.Reader(ctx).Raw(sql, args...).Scan(into).Error; err != nil {
		return fmt.Errorf("count %s: %w", what, db.Fault(err, "", ""))
	}
	return nil
}

const decidedFrom = ` FROM permit_decisions d JOIN permit_applications a ON a.id = d.application_id JOIN cases c ON c.id = a.case_id`

// times counts how long decisions took, as if no clock had stood still.
func (g *permitCounting) times(ctx context.Context) error {
	var found []struct {
		TypeCode    string
		TypeVersion int64
		UnitID      string
		Days, N     int64
	}
	days := daysBetween(g.s.DB.Engine(), "a.received_on", "d.decided_on")
	err := g.scan(ctx, &found, "decided applications", `SELECT a.type_code, a.type_version, CAST(c.unit_id AS text) AS unit_id, `+days+` AS days, COUNT(*) AS n`+decidedFrom+
		` WHERE d.decided_on BETWEEN ? AND ? AND `+g.within+` GROUP BY a.type_code, a.type_version, c.unit_id, 4`)
	if err != nil {
		return err
	}
	for _, f := range found {
		t, err := g.s.PermitTypes.Version(ctx, f.TypeCode, f.TypeVersion)
		if err != nil {
			return err
		}
		for _, c := range []*permitCounts{g.row(f.TypeCode, f.UnitID), &g.total} {
			c.took(f.Days, 0, f.N)
			c.decided += f.N
			c.kept += float64(f.N) * float64(t.Promised.Number()) / float64(max(t.Statutory.Number(), 1)) // both count in the same unit
		}
	}
	return nil
}

// pauses takes out of these the days on which the clock of the decision stood still.
func (g *permitCounting) pauses(ctx context.Context) error {
	var found []struct {
		TypeCode  string
		UnitID    string
		Days      int64
		DecidedOn calendar.Date
		Pauses    string
	}
	days := daysBetween(g.s.DB.Engine(), "a.received_on", "d.decided_on")
	err := g.scan(ctx, &found, "suspensions", `SELECT a.type_code, CAST(c.unit_id AS text) AS unit_id, `+days+` AS days, d.decided_on, CAST(k.pauses AS text) AS pauses`+decidedFrom+
		` JOIN case_clocks k ON k.case_id = c.id AND k.kind = 'conclusion' WHERE d.decided_on BETWEEN ? AND ? AND CAST(k.pauses AS text) <> '[]' AND `+g.within)
	if err != nil {
		return err
	}
	for _, f := range found {
		stood, err := g.stood(f.Pauses, f.DecidedOn)
		if err != nil {
			return err
		}
		stood = min(stood, f.Days)
		for _, c := range []*permitCounts{g.row(f.TypeCode, f.UnitID), &g.total} {
			c.took(f.Days, 0, -1)
			c.took(f.Days, stood, 1)
		}
	}
	return nil
}

// stood adds up the local days of pauses, the open one up to the decision.
func (g *permitCounting) stood(pauses string, decided calendar.Date) (days int64, err error) {
	var list []struct {
		From time.Time  `json:"from"`
		To   *time.Time `json:"to"`
	}
	if err := json.Unmarshal([]byte(pauses), &list); err != nil {
		return 0, fmt.Errorf("read when a clock stood still: %w", err)
	}
	for _, p := range list {
		end := decided
		if p.To != nil {
			end = min(end, calendar.DateOf(*p.To, g.s.Zone))
		}
		days += int64(max(0, end-calendar.DateOf(p.From, g.s.Zone)))
	}
	return days, nil
}

// examined says which applications somebody has found complete, incomplete or not
// acceptable, or counts as accepted because nobody spoke.
const examined = `a.received_on BETWEEN ? AND ? AND (a.accepted_on IS NOT NULL OR a.state = 'not_accepted' OR EXISTS (SELECT 1 FROM permit_notices n WHERE n.application_id = a.id))`

func (g *permitCounting) verdicts(ctx context.Context) error {
	var found []struct {
		TypeCode string
		UnitID   string
		N, First int64
	}
	err := g.scan(ctx, &found, "examined applications", `SELECT a.type_code, CAST(c.unit_id AS text) AS unit_id, COUNT(*) AS n, `+
		`SUM(CASE WHEN a.accepted_on IS NOT NULL AND NOT EXISTS (SELECT 1 FROM permit_notices n WHERE n.application_id = a.id) THEN 1 ELSE 0 END) AS first
 FROM permit_applications a JOIN cases c ON c.id = a.case_id WHERE `+examined+` AND `+g.within+` GROUP BY a.type_code, c.unit_id`)
	for _, f := range found {
		g.examined[f.TypeCode] += f.N
		for _, c := range []*permitCounts{g.row(f.TypeCode, f.UnitID), &g.total} {
			c.examined, c.first = c.examined+f.N, c.first+f.First
		}
	}
	return err
}

// FurtherMaterial is the code of a cause: materials that no checklist had.
const FurtherMaterial = "further_"

const correctedCode = "CASE WHEN SUBSTR(i.code, 1, 8) = '" + FurtherMaterial + "' THEN '" + FurtherMaterial + "' ELSE i.code END"

const (
	ofMaterials = `SELECT a.type_code, ` + correctedCode + ` AS code, COUNT(DISTINCT a.id) AS n FROM permit_applications a JOIN cases c ON c.id = a.case_id
 JOIN permit_notices p ON p.application_id = a.id JOIN permit_notice_items i ON i.notice_id = p.id WHERE ` + examined + ` AND %s GROUP BY a.type_code, ` + correctedCode
	ofAnswers = `SELECT a.type_code, w.name AS code, COUNT(DISTINCT a.id) AS n FROM permit_applications a JOIN cases c ON c.id = a.case_id
 JOIN permit_notices p ON p.application_id = a.id JOIN permit_notice_answers w ON w.notice_id = p.id WHERE ` + examined + ` AND %s GROUP BY a.type_code, w.name`
)

// causes counts for each material, and for each answer of the form, how many applications
// had to correct it.
func (g *permitCounting) causes(ctx context.Context) error {
	for _, of := range []struct {
		answer    bool
		what, sql string
	}{{false, "corrected materials", ofMaterials}, {true, "corrected answers", ofAnswers}} {
		var found []struct {
			TypeCode, Code string
			N              int64
		}
		if err := g.scan(ctx, &found, of.what, fmt.Sprintf(of.sql, g.within)); err != nil {
			return err
		}
		for _, f := range found {
			rate := stats.Rate{Numerator: f.N, Denominator: g.examined[f.TypeCode]}
			few := f.N < stats.FloorInside || rate.Denominator-f.N > 0 && rate.Denominator-f.N < stats.FloorInside
			g.found = append(g.found, Cause{TypeCode: f.TypeCode, Code: f.Code, Answer: of.answer, Asked: told(rate, few)})
		}
	}
	return nil
}

// daysBetween counts days from one date column to another.
func daysBetween(e db.Engine, from, to string) string {
	if e == db.SQLite {
		return "CAST(julianday(" + to + ") - julianday(" + from + ") AS INTEGER)"
	}
	return "(" + to + " - " + from + ")"
}

// report arranges and protects what was counted.
func (g *permitCounting) report(units map[string]string) PermitReport {
	r := PermitReport{From: g.q.From, To: g.q.To, GroupBy: g.q.GroupBy, Total: PermitRow{counts: g.total}}
	for _, key := range slices.Sorted(maps.Keys(g.rows)) {
		r.Rows = append(r.Rows, PermitRow{Key: key, counts: *g.rows[key]})
	}
	if g.q.GroupBy == ByUnit {
		slices.SortStableFunc(r.Rows, func(a, b PermitRow) int { return strings.Compare(units[a.Key], units[b.Key]) })
	}
	r.protect()
	r.Causes = slices.DeleteFunc(g.found, func(c Cause) bool { return c.Asked.Suppressed })
	slices.SortStableFunc(r.Causes, func(a, b Cause) int {
		return cmp.Or(cmp.Compare(*b.Asked.Numerator, *a.Asked.Numerator), strings.Compare(a.TypeCode, b.TypeCode), strings.Compare(a.Code, b.Code))
	})
	return r
}

// protect hides cells from fewer than five, with others so that the total does not
// give them away.
func (r *PermitReport) protect() {
	hidden := func(people func(permitCounts) int64) ([]bool, bool) {
		behind := make([]int64, len(r.Rows))
		for i := range r.Rows {
			behind[i] = people(r.Rows[i].counts)
		}
		return stats.Suppress(behind, stats.FloorInside)
	}
	decided, decidedTotal := hidden(func(c permitCounts) int64 { return c.decided })
	examined, examinedTotal := hidden(func(c permitCounts) int64 { return c.examined })
	for i := range r.Rows {
		r.Rows[i].tell(decided[i], examined[i])
	}
	r.Total.tell(decidedTotal, examinedTotal)
}

func (r *PermitRow) tell(hideDecided, hideExamined bool) {
	c := &r.counts
	r.Decided, r.Examined = count(c.decided, hideDecided), count(c.examined, hideExamined)
	r.Gross, r.Suspended, r.Net = spread(c.gross, c.decided, hideDecided), spread(c.suspended, c.decided, hideDecided), spread(c.net, c.decided, hideDecided)
	r.FirstRight = told(stats.Rate{Numerator: c.first, Denominator: c.examined}, hideExamined)
	if c.decided > 0 && !hideDecided {
		x := 1 - c.kept/float64(c.decided)
		r.Compression = &x
	}
}

// spread gives the median and the ninth decile of how many took how long: the
// smallest number of days within which half, and nine in ten, were done.
func spread(of map[int64]int64, n int64, hide bool) Days {
	if hide || n == 0 {
		return Days{Suppressed: hide}
	}
	at := func(share int64) *int64 { // in tenths
		var sum int64
		for _, days := range slices.Sorted(maps.Keys(of)) {
			if sum += of[days]; sum*10 >= n*share {
				return &days
			}
		}
		return nil
	}
	d := Days{Median: at(5)}
	if stats.ReliabilityOf(n) != stats.TooFew {
		d.P90 = at(9)
	}
	return d
}
