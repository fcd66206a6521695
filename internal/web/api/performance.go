package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"minqing/internal/access"
	"minqing/internal/calendar"
	"minqing/internal/fault"
	"minqing/internal/insight"
)

type groupCode string

// Schema lists the groupings of the report.
func (groupCode) Schema(huma.Registry) *huma.Schema { return choice(insight.Groups) }

// Performance is the report's table.
type Performance struct {
	From              string           `json:"from"`
	To                string           `json:"to"`
	WholeMonths       bool             `json:"whole_months"`
	GroupBy           groupCode        `json:"group_by"`
	DefinitionVersion int              `json:"definition_version"`
	Rows              []PerformanceRow `json:"rows" nullable:"false"`
	Total             PerformanceRow   `json:"total"`
}

// Tally is a number of cases; null where it is too small to tell.
type Tally struct {
	Count      *int64 `json:"count"`
	Suppressed bool   `json:"suppressed"`
}

func tally(n insight.Count) Tally {
	if n.Suppressed {
		return Tally{Suppressed: true}
	}
	return Tally{Count: &n.N}
}

// PerformanceRow is one line. Key is null for cases that have none.
type PerformanceRow struct {
	Key       Maybe                   `json:"key"`
	Filed     Tally                   `json:"filed"`
	Concluded Tally                   `json:"concluded"`
	Rates     map[string]insight.Rate `json:"rates"`
}

func (a *described) reports() {
	add(a, call{id: "read_performance", method: http.MethodGet, path: "/reports/performance", verb: access.ReportRead, status: http.StatusOK,
		security: []string{bearer}}, a.performance)
}

type performanceInput struct {
	Spoken
	From    string    `query:"from" maxLength:"10"`
	To      string    `query:"to" maxLength:"10"`
	GroupBy groupCode `query:"group_by"`
	Whistle bool      `query:"whistle"`
}

type performanceOutput struct{ Body Performance }

// aYear is the period of a report that names none: up to today.
const aYear = 364

func (in performanceInput) query(today calendar.Date) (insight.Query, error) {
	q := insight.Query{To: today, GroupBy: insight.Group(in.GroupBy), Whistle: in.Whistle}
	if q.GroupBy == "" {
		q.GroupBy = insight.ByUnit
	}
	var c fault.Check
	day := func(name, typed string, into *calendar.Date) {
		if typed == "" {
			return
		}
		d, err := calendar.ParseDate(typed)
		c.That(err == nil, name, "api.field.day")
		*into = d
	}
	day("to", in.To, &q.To)
	q.From = q.To.Add(-aYear)
	day("from", in.From, &q.From)
	return q, c.Err()
}

func (d Deps) performance(ctx context.Context, in *performanceInput) (*performanceOutput, error) {
	q, err := in.query(d.Insight.Today())
	if err != nil {
		return nil, err
	}
	r, err := d.Insight.Performance(ctx, q)
	if err != nil {
		return nil, err
	}
	city, err := d.city(ctx)
	if err != nil {
		return nil, err
	}
	out := Performance{From: r.From.String(), To: r.To.String(), WholeMonths: r.WholeMonths, GroupBy: groupCode(r.GroupBy),
		DefinitionVersion: r.DefinitionVersion, Rows: []PerformanceRow{}, Total: rowOf(r.Total, Maybe{})}
	for _, row := range r.Rows {
		out.Rows = append(out.Rows, rowOf(row, d.keyOf(city, r.GroupBy, row.Key)))
	}
	return &performanceOutput{out}, nil
}

func rowOf(r insight.Row, key Maybe) PerformanceRow {
	one := PerformanceRow{Key: key, Filed: tally(r.Filed), Concluded: tally(r.Concluded), Rates: map[string]insight.Rate{}}
	for i, f := range insight.Figures {
		one.Rates[f.ID] = r.Rates[i]
	}
	return one
}

// keyOf gives a row's key its code and its name.
func (d Deps) keyOf(city city, by insight.Group, key string) Maybe {
	if key == "" {
		return Maybe{}
	}
	switch by {
	case insight.ByUnit:
		return city.unit(key)
	case insight.ByMatter:
		return city.matter(&key)
	case insight.ByDistrict:
		return city.district(&key)
	case insight.ByChannel, insight.ByKind:
		return Maybe{&Named{key, d.Words.T(city.lang, "case."+string(by)+"."+key, nil)}}
	}
	month := key[:min(len(key), len("2026-11"))]
	return Maybe{&Named{month, month}}
}
