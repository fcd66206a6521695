package permits

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"minqing/internal/db"
	"minqing/internal/fault"
)

// listPage is how many rows a page of the applicant's list has.
const listPage = 50

// turnOf sorts the list of an applicant: what the authority wants corrected, then what is
// not sent yet, then the rest.
const turnOf = "CASE state WHEN 'correcting' THEN 0 WHEN 'draft' THEN 1 ELSE 2 END"

// turn is the place of turnOf of one application.
func (a *Application) turn() int {
	switch a.State {
	case Correcting:
		return 0
	case Draft:
		return 1
	}
	return 2
}

// Waits says that the application waits for the applicant.
func (a *Application) Waits() bool { return a.turn() < 2 }

// List gives a page of the applications of whom the actor acts for, what waits for them
// first, then those changed last, and the cursor of the next page; it is empty after the
// last. The drafts of one bundle are one row. A mangled cursor is Invalid.
func (s *Service) List(ctx context.Context, cursor string) (list []Application, next string, err error) {
	where, args, err := s.ofMine(ctx)
	if err != nil || where == "" {
		return nil, "", err
	}
	after, values, err := listedAfter(cursor)
	if err != nil {
		return nil, "", err
	}
	err = s.DB.Reader(ctx).Where(where, args...).Where(after, values...).Order(turnOf + ", updated_at DESC, id DESC").Limit(listPage + 1).Find(&list).Error
	if err != nil {
		return nil, "", fmt.Errorf("list applications: %w", db.Fault(err, "", ""))
	}
	if len(list) > listPage {
		last := &list[listPage-1]
		list, next = list[:listPage], db.EncodeCursor(strconv.Itoa(last.turn()), strconv.FormatInt(last.UpdatedAt.UnixMicro(), 10), last.ID)
	}
	return list, next, nil
}

// listedAfter is the condition by which the list goes on after a cursor, and its values.
func listedAfter(cursor string) (where string, args []any, err error) {
	parts, err := db.DecodeCursor(cursor, 3)
	if err != nil || parts == nil {
		return "1 = 1", nil, err
	}
	turn, wrong := strconv.Atoi(parts[0])
	micro, mangled := strconv.ParseInt(parts[1], 10, 64)
	at := time.UnixMicro(micro).UTC()
	if wrong != nil || mangled != nil || at.Year() < 1 || at.Year() > 9999 || !db.IsID(parts[2]) {
		return "", nil, fault.InvalidInput(fault.Field{Name: "cursor", Key: "fault.cursor"})
	}
	return "(" + turnOf + " > ? OR " + turnOf + " = ? AND (updated_at, id) < (?, ?))", []any{turn, turn, at, parts[2]}, nil
}

// ofMine is the condition of the applications of whom the actor acts for, without what a
// desk has not sent, and without the types that an agent's authority is not for; empty
// where there are none. Of the drafts of a bundle it takes the first.
func (s *Service) ofMine(ctx context.Context) (where string, args []any, err error) {
	holder, _, err := s.Applicant(ctx)
	if err != nil {
		return "", nil, err
	}
	ids, err := s.same(ctx, holder)
	if err != nil {
		return "", nil, err
	}
	var types []string
	if err := s.DB.Reader(ctx).Raw("SELECT DISTINCT type_code FROM permit_applications WHERE holder_id IN ?", ids).Scan(&types).Error; err != nil {
		return "", nil, fmt.Errorf("list what somebody applied for: %w", db.Fault(err, "", ""))
	}
	covered, err := s.covered(ctx, holder, types)
	if err != nil || len(covered) == 0 {
		return "", nil, err
	}
	return strings.Join([]string{"holder_id IN ?", "type_code IN ?", "(counter_unit_id IS NULL OR state <> 'draft')",
		`(bundle_id IS NULL OR state <> 'draft' OR NOT EXISTS (SELECT 1 FROM permit_applications b
 WHERE b.bundle_id = permit_applications.bundle_id AND b.state = 'draft' AND b.type_code IN ? AND b.id < permit_applications.id))`}, " AND "), []any{ids, covered, covered}, nil
}

// covered are the types among some that the actor may see of a holder: all, save for an
// agent whose authority is for others.
func (s *Service) covered(ctx context.Context, holder string, types []string) (out []string, err error) {
	for _, code := range types {
		err := s.may(ctx, holder, code, false)
		if err == nil {
			out = append(out, code)
		} else if fault.KindOf(err) != fault.NotFound {
			return nil, err
		}
	}
	return out, nil
}

// Pending are the applications of whom the actor acts for that the authority has and has
// not decided, at most some: those whose clock ends first, and last those whose clock stands.
func (s *Service) Pending(ctx context.Context, most int) (list []Application, err error) {
	where, args, err := s.ofMine(ctx)
	if err != nil || where == "" {
		return nil, err
	}
	err = s.DB.Reader(ctx).Where(where, args...).Where("state IN ?", []State{Submitted, Correcting, Accepted}).
		Order(`(SELECT CASE WHEN c.suspended_at IS NOT NULL OR c.due_at IS NULL THEN 1 ELSE 0 END FROM cases c WHERE c.id = permit_applications.case_id),
 (SELECT c.due_at FROM cases c WHERE c.id = permit_applications.case_id), id`).Limit(most).Find(&list).Error
	if err != nil {
		return nil, fmt.Errorf("list applications under way: %w", db.Fault(err, "", ""))
	}
	return list, nil
}
