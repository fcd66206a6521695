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
	"minqing/internal/i18n"
)

// Happening is one line of the story of somebody: what became of a case, of a permit
// or a fee, what somebody was told and offered unasked, and what they consented to.
type Happening struct {
	What   string // the kind: one of sources
	At     time.Time
	ID     string
	CaseID *string
	Detail string // the direction of a message, the outcome of a call, how a notice, or a message about a permit or a fee, fared, what was done to a permit, the currency of a fee, …
	Number int64  // a grade; of a consent 1 for given; of a fee the amount in the smallest coin
	Ref    string // the number of a permit or a fee, the id of a campaign, the way to an offer
	Name   i18n.Text
	Case   *cases.Item
}

// Page is a page of a story; Next is empty at its end.
type Page struct {
	List []Happening
	Next string
}

// StoryMost is how many lines a page has.
const StoryMost = 30

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
		if err := scan(&h.What, &h.At, &h.ID, &h.CaseID, &h.Detail, &h.Number, &h.Ref, &h.Name); err != nil {
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
	var behind []any
	if after != nil {
		at, _ := time.Parse(time.RFC3339Nano, after[0]) // looked at before
		behind = []any{at, after[1], after[2]}
	}
	var parts []string
	var args []any
	ids := s.cases.IDs()
	for _, one := range sources {
		if !s.shows(one) {
			continue
		}
		sql, values := s.selects(one, ids, behind)
		parts, args = append(parts, "SELECT * FROM ("+sql+") AS one"), append(args, values...)
	}
	if len(parts) == 0 {
		return "", nil
	}
	return "SELECT what, at, id, case_id, detail, number, ref, name FROM (" + columnsFirst + strings.Join(parts, " UNION ALL ") +
		fmt.Sprintf(") AS story ORDER BY at DESC, id DESC, what DESC LIMIT %d", StoryMost+1), args
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
	known := slices.Contains(StoryKinds(), after[2])
	if badTime != nil || !idForm.MatchString(after[1]) || !known {
		return nil, fault.InvalidInput(fault.Field{Name: "cursor", Key: "fault.cursor"})
	}
	return after, nil
}
