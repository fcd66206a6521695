package cases

import (
	"context"
	"fmt"
	"strconv"

	"minqing/internal/access"
	"minqing/internal/catalogue"
	"minqing/internal/db"
	"minqing/internal/fault"
)

// ended lists the cases of the scope that ended in one way, the newest first. It
// walks the key of the cases and stops after a page.
func (s *Service) ended(ctx context.Context, f Filter, scope access.Scope, snap *catalogue.Snapshot) (*Page, error) {
	after, err := db.DecodeCursor(f.Cursor, 1)
	if err == nil && after != nil && !caseID.MatchString(after[0]) {
		err = fault.InvalidInput(fault.Field{Name: "cursor", Key: "fault.cursor"})
	}
	if err != nil {
		return nil, err
	}
	if scope, err = narrowed(f, scope, snap); err != nil || !scope.Everything && len(scope.Prefixes) == 0 {
		return &Page{}, err
	}
	var q search
	q.narrow(f, scope, snap)
	if after != nil {
		q.where += " AND c.id < ?"
		q.args = append(q.args, after[0])
	}
	rows, err := s.readItems(ctx, f.Limit+1, "0, c.received_at, ''", "cases c WHERE "+q.where+" ORDER BY c.id DESC LIMIT "+strconv.Itoa(f.Limit+1), q.args)
	if err != nil {
		return nil, fmt.Errorf("list the cases that have ended: %w", db.Fault(err, "", ""))
	}
	page := &Page{Items: rows}
	if len(rows) > f.Limit {
		page.Items = rows[:f.Limit]
		page.Next = db.EncodeCursor(rows[f.Limit-1].ID)
	}
	return page, s.unsealItems(ctx, page.Items)
}
