package record

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"minqing/internal/cases"
	"minqing/internal/db"
	"minqing/internal/fault"
)

// Happening is one line of the story of somebody: a case that came in or ended, a
// message of a case, a judgement, a call, a notice that was sent, a consent.
type Happening struct {
	What   string // case, concluded, message, evaluation, call, notice, consent
	At     time.Time
	ID     string
	CaseID *string
	Detail string // the direction of a message, the outcome of a call, how a notice fared, what the consent is about
	Number int    // a grade; of a consent 1 for given
	Case   *cases.Item
}

// Page is a page of a story; Next is empty at its end.
type Page struct {
	List []Happening
	Next string
}

// StoryMost is how many lines a page has.
const StoryMost = 30

// branch is one source of a story, a select of its columns.
type branch struct {
	sql     string // with %s for the ids of cases or "?" for the family
	at, id  string
	ofCases bool
}

var branches = []branch{
	{"SELECT 'case' AS what, c.received_at AS at, c.id AS id, c.id AS case_id, '' AS detail, 0 AS number FROM cases c WHERE c.id IN (%s)", "c.received_at", "c.id", true},
	{"SELECT 'concluded', c.concluded_at, c.id, c.id, c.outcome, 0 FROM cases c WHERE c.concluded_at IS NOT NULL AND c.id IN (%s)", "c.concluded_at", "c.id", true},
	{"SELECT 'message', m.at, m.id, m.case_id, m.direction, 0 FROM case_messages m WHERE m.case_id IN (%s)", "m.at", "m.id", true},
	{"SELECT 'evaluation', e.evaluated_at, e.id, e.case_id, e.resolved, e.grade FROM evaluations e WHERE e.case_id IN (%s)", "e.evaluated_at", "e.id", true},
	{"SELECT 'call', a.at, a.id, k.case_id, a.outcome, 0 FROM callback_attempts a JOIN callbacks k ON k.id = a.callback_id WHERE k.case_id IN (%s)", "a.at", "a.id", true},
	{"SELECT 'notice', d.created_at, d.id, d.case_id, d.status, 0 FROM deliveries d WHERE d.channel IN ('mail', 'sms') AND d.case_id IN (%s) AND d.constituent_id IN ?", "d.created_at", "d.id", true},
	{"SELECT 'consent', n.at, n.id, CAST(NULL AS uuid), n.purpose || '.' || n.channel, CASE WHEN n.given THEN 1 ELSE 0 END FROM consents n WHERE n.constituent_id IN ?", "n.at", "n.id", false},
}

// Story reads a page of the story of a record, the newest first: only what the
// actor may see of it.
func (s *Service) Story(ctx context.Context, sheet *Sheet, cursor string) (*Page, error) {
	after, err := storyCursor(cursor)
	if err != nil {
		return nil, err
	}
	sql, args := sheet.story(after)
	if sql == "" {
		return &Page{}, nil
	}
	var list []Happening
	err = s.DB.Together(ctx, db.Each(func(scan func(...any) error) error {
		var h Happening
		if err := scan(&h.What, &h.At, &h.ID, &h.CaseID, &h.Detail, &h.Number); err != nil {
			return err
		}
		list = append(list, h)
		return nil
	}, sql, args...))
	if err != nil {
		return nil, fmt.Errorf("read the story of somebody: %w", db.Fault(err, "", ""))
	}
	page := &Page{List: list}
	if len(list) > StoryMost {
		page.List = list[:StoryMost]
		last := page.List[StoryMost-1]
		page.Next = db.EncodeCursor(last.At.UTC().Format(time.RFC3339Nano), last.ID, last.What)
	}
	return page, s.nameCases(ctx, sheet, page.List)
}

// nameCases brings the cases that the lines are about.
func (s *Service) nameCases(ctx context.Context, sheet *Sheet, list []Happening) error {
	var ids []string
	for _, h := range list {
		if h.CaseID != nil && !slices.Contains(ids, *h.CaseID) {
			ids = append(ids, *h.CaseID)
		}
	}
	found, err := sheet.cases.Some(ctx, ids)
	for i, h := range list {
		if h.CaseID == nil {
			continue
		}
		if it, ok := found[*h.CaseID]; ok {
			list[i].Case = &it
		}
	}
	return err
}

// story merges the sources that the actor may see, each cut to one page.
func (s *Sheet) story(after []string) (string, []any) {
	var parts []string
	var args []any
	ids := s.cases.IDs()
	for _, b := range branches {
		if b.ofCases && !s.Sees(Story) || !b.ofCases && !s.Sees(Consents) {
			continue
		}
		sql, values := b.sql, []any(nil)
		if b.ofCases {
			sql, values = fmt.Sprintf(b.sql, ids.SQL), slices.Clone(ids.Args)
		}
		if strings.HasSuffix(b.sql, "?") {
			values = append(values, s.Family)
		}
		if after != nil {
			what := "'" + branchName(b) + "'"
			sql += fmt.Sprintf(" AND (%s < ? OR %s = ? AND (%s < ? OR %s = ? AND %s < ?))", b.at, b.at, b.id, b.id, what)
			at, _ := time.Parse(time.RFC3339Nano, after[0]) // looked at before
			values = append(values, at, at, after[1], after[1], after[2])
		}
		sql += fmt.Sprintf(" ORDER BY %s DESC, %s DESC LIMIT %d", b.at, b.id, StoryMost+1)
		parts, args = append(parts, "SELECT * FROM ("+sql+") AS one"), append(args, values...)
	}
	if len(parts) == 0 {
		return "", nil
	}
	return "SELECT what, at, id, case_id, detail, number FROM (" + columnsFirst + strings.Join(parts, " UNION ALL ") +
		fmt.Sprintf(") AS story ORDER BY at DESC, id DESC, what DESC LIMIT %d", StoryMost+1), args
}

// columnsFirst names the columns whichever source comes first.
const columnsFirst = "SELECT 'case' AS what, received_at AS at, id, id AS case_id, '' AS detail, 0 AS number FROM cases WHERE 1 = 0 UNION ALL "

func branchName(b branch) string {
	name, _, _ := strings.Cut(strings.TrimPrefix(b.sql, "SELECT '"), "'")
	return name
}

var idForm = regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)

// storyCursor reads time, id and source of the last line, and refuses what no page
// of ours can have written.
func storyCursor(s string) ([]string, error) {
	after, err := db.DecodeCursor(s, 3)
	if err != nil || after == nil {
		return nil, err
	}
	_, badTime := time.Parse(time.RFC3339Nano, after[0])
	known := slices.ContainsFunc(branches, func(b branch) bool { return branchName(b) == after[2] })
	if badTime != nil || !idForm.MatchString(after[1]) || !known {
		return nil, fault.InvalidInput(fault.Field{Name: "cursor", Key: "fault.cursor"})
	}
	return after, nil
}
