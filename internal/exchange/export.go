package exchange

import (
	"context"
	"fmt"
	"io"
	"time"

	"minqing/internal/actor"
	"minqing/internal/audit"
	"minqing/internal/cases"
)

const pageRows = 1000

// firstKey stands before every id.
const firstKey = "00000000-0000-0000-0000-000000000000"

// Tables that may be exported.
const (
	TableCases        = "cases"
	TableEvaluations  = "evaluations"
	TableConstituents = "constituents"
)

// Export writes a table page by page and gives the number of its rows. It
// holds codes, states and times only: no texts and nothing that says who
// somebody is. Cases of whistle-blowers stay out. The audit entry comes first.
func (s *Service) Export(ctx context.Context, table, format string, out io.Writer) (int64, error) {
	w, err := newWriter(format, out)
	if err != nil {
		return 0, err
	}
	var columns []string
	var page func(context.Context, string) ([][]any, string, error)
	switch table {
	case TableCases:
		columns, page = caseColumns, s.casePage
	case TableEvaluations:
		columns, page = evaluationColumns, s.evaluationPage
	case TableConstituents:
		columns, page = constituentColumns, s.constituentPage
	default:
		return 0, fmt.Errorf("there is no export of %q", table)
	}
	err = s.DB.Tx(ctx, func(ctx context.Context) error {
		return s.Audit.Record(ctx, audit.Entry{Action: "export." + table, Kind: table, ID: actor.From(ctx).Job,
			Fields: []audit.Change{{Field: "format", After: format}}})
	})
	if err != nil {
		return 0, err
	}
	if err := w.header(columns); err != nil {
		return 0, fmt.Errorf("write the export: %w", err)
	}
	var n int64
	for after := firstKey; after != ""; {
		rows, next, err := page(ctx, after)
		if err != nil {
			return n, fmt.Errorf("read %s for the export: %w", table, err)
		}
		for _, row := range rows {
			if err := w.row(row); err != nil {
				return n, fmt.Errorf("write the export: %w", err)
			}
			n++
		}
		after = next
	}
	if err := w.close(); err != nil {
		return n, fmt.Errorf("write the export: %w", err)
	}
	return n, nil
}

// next is the key after which the following page begins; empty after the last.
func next(rows int, last string) string {
	if rows < pageRows {
		return ""
	}
	return last
}

var caseColumns = []string{"case_no", "source", "source_id", "kind", "matter_code", "unit_code", "district_code", "channel", "status",
	"received_at", "due_at", "replied_at", "concluded_at", "outcome", "on_time"}

type caseRow struct {
	cases.Case `gorm:"embedded"`
	MatterCode string
	UnitCode   string
	AreaCode   string
}

func (s *Service) casePage(ctx context.Context, after string) ([][]any, string, error) {
	var list []caseRow
	err := s.DB.Reader(ctx).Raw(`SELECT c.id, c.case_no, c.source, c.source_id, c.kind, c.channel, c.status, c.received_at, c.due_at,
 c.replied_at, c.concluded_at, c.outcome, COALESCE(m.code, '') AS matter_code, u.code AS unit_code, COALESCE(d.code, '') AS area_code
 FROM cases c JOIN units u ON u.id = c.unit_id LEFT JOIN matters m ON m.id = c.matter_id LEFT JOIN districts d ON d.id = c.district_id
 WHERE c.id > ? AND c.confidentiality <> ? ORDER BY c.id LIMIT ?`, after, cases.Whistle, pageRows).Scan(&list).Error
	if err != nil {
		return nil, "", err
	}
	now := s.Now()
	rows := make([][]any, len(list))
	last := ""
	for i := range list {
		c := &list[i]
		last = c.ID
		rows[i] = []any{c.CaseNo, c.Source, c.SourceID, string(c.Kind), c.MatterCode, c.UnitCode, c.AreaCode, c.Channel, string(c.Status),
			&c.ReceivedAt, c.DueAt, c.RepliedAt, c.ConcludedAt, string(c.Outcome), c.OnTime(now)}
	}
	return rows, next(len(list), last), nil
}

var evaluationColumns = []string{"case_no", "conclusion_no", "grade", "resolved", "reasons", "channel", "form_version", "matter_code", "unit_code", "evaluated_at"}

type evaluationRow struct {
	ID, CaseNo, Resolved, Reasons, Channel, MatterCode, UnitCode string
	ConclusionNo, Grade, FormVersion                             int64
	EvaluatedAt                                                  time.Time
}

func (s *Service) evaluationPage(ctx context.Context, after string) ([][]any, string, error) {
	var found []evaluationRow
	err := s.DB.Reader(ctx).Raw(`SELECT e.id, c.case_no, e.conclusion_no, e.grade, e.resolved, e.reasons, e.channel, e.form_version,
 COALESCE(m.code, '') AS matter_code, u.code AS unit_code, e.evaluated_at
 FROM evaluations e JOIN cases c ON c.id = e.case_id JOIN units u ON u.id = c.unit_id LEFT JOIN matters m ON m.id = c.matter_id
 WHERE e.id > ? AND c.confidentiality <> ? ORDER BY e.id LIMIT ?`, after, cases.Whistle, pageRows).Scan(&found).Error
	if err != nil {
		return nil, "", err
	}
	rows := make([][]any, len(found))
	last := ""
	for i := range found {
		e := &found[i]
		last = e.ID
		rows[i] = []any{e.CaseNo, e.ConclusionNo, e.Grade, e.Resolved, list(e.Reasons), e.Channel, e.FormVersion, e.MatterCode, e.UnitCode, &e.EvaluatedAt}
	}
	return rows, next(len(found), last), nil
}

var constituentColumns = []string{"id", "kind", "locale", "created_at"}

type constituentRow struct {
	ID, Kind, Locale string
	CreatedAt        time.Time
}

func (s *Service) constituentPage(ctx context.Context, after string) ([][]any, string, error) {
	var list []constituentRow
	err := s.DB.Reader(ctx).Raw(`SELECT id, kind, locale, created_at FROM constituents WHERE id > ? AND merged_into_id IS NULL AND erased_at IS NULL
 ORDER BY id LIMIT ?`, after, pageRows).Scan(&list).Error
	if err != nil {
		return nil, "", err
	}
	rows := make([][]any, len(list))
	last := ""
	for i := range list {
		c := &list[i]
		last = c.ID
		rows[i] = []any{c.ID, c.Kind, c.Locale, &c.CreatedAt}
	}
	return rows, next(len(list), last), nil
}
