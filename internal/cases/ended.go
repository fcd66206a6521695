package cases

import (
	"context"
	"fmt"
	"strconv"

	"minqing/internal/access"
	"minqing/internal/db"
	"minqing/internal/fault"
)

// every lists cases of the scope in every status, or those that ended in one way,
// the newest first. It walks a key in that order and stops after a page: the one
// of all cases, or that of a matter or a place.
func (s *Service) every(ctx context.Context, f Filter, scope access.Scope) (*Page, error) {
	after, err := db.DecodeCursor(f.Cursor, 1)
	if err == nil && after != nil && !db.IsID(after[0]) {
		err = fault.InvalidInput(fault.Field{Name: "cursor", Key: "fault.cursor"})
	}
	if err != nil {
		return nil, err
	}
	snap, err := s.Catalogue.Snapshot(ctx)
	if err != nil {
		return nil, err
	}
	further, err := s.narrowings(ctx, f, snap)
	if err != nil {
		return nil, err
	}
	if scope, err = narrowed(f, scope, snap); err != nil || !scope.Everything && len(scope.Prefixes) == 0 {
		return &Page{}, err
	}
	var q search
	q.narrow(f, scope, snap)
	q.also(further)
	first := after == nil
	if !first {
		q.where += " AND c.id < ?"
		q.args = append(q.args, after[0])
	}
	page, err := s.newest(ctx, &q, f.Limit)
	if err == nil && first && f.Facets && f.Broad {
		err = s.countNewest(ctx, &q, page)
	}
	if err != nil {
		return nil, fmt.Errorf("list cases in every status: %w", db.Fault(err, "", ""))
	}
	return page, s.unsealItems(ctx, page.Items)
}

// newest is a page of cases under a condition.
func (s *Service) newest(ctx context.Context, q *search, limit int) (*Page, error) {
	rows, err := s.readItems(ctx, limit+1, "0, c.received_at, ''", "cases c WHERE "+q.where+" ORDER BY c.id DESC LIMIT "+strconv.Itoa(limit+1), q.args)
	if err != nil {
		return nil, err
	}
	page := &Page{Items: rows}
	if len(rows) > limit {
		page.Items = rows[:limit]
		page.Next = db.EncodeCursor(rows[limit-1].ID)
	}
	return page, nil
}

// countNewest counts the first cases under a condition, where the page has not
// all of them.
func (s *Service) countNewest(ctx context.Context, q *search, page *Page) (err error) {
	ids := make([]string, len(page.Items))
	for i := range page.Items {
		ids[i] = page.Items[i].ID
	}
	if page.Next != "" {
		ids = nil
		err := s.DB.Reader(ctx).Raw("SELECT c.id FROM cases c WHERE "+q.where+" ORDER BY c.id DESC LIMIT "+strconv.Itoa(facetsOf+1), q.args...).Scan(&ids).Error
		if err != nil {
			return err
		}
	}
	page.Facets, err = s.facets(ctx, ids, true)
	return err
}
