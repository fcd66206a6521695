package cases

import (
	"context"
	"fmt"

	"minqing/internal/db"
)

// facetsOf is how many cases that a search finds are counted: the newest.
const facetsOf = 200

// Facets say of what kinds the newest cases are that a search found.
type Facets struct {
	Of     int  // so many were counted
	More   bool // and there are others
	Status map[Status]int
	Kind   map[Kind]int
	Unit   map[string]int // by id
}

// facets counts the cases of a search by what narrows it.
func (s *Service) facets(ctx context.Context, ids []string) (*Facets, error) {
	f := &Facets{Of: min(len(ids), facetsOf), More: len(ids) > facetsOf, Status: map[Status]int{}, Kind: map[Kind]int{}, Unit: map[string]int{}}
	if f.Of == 0 {
		return f, nil
	}
	var rows []struct {
		Status Status
		Kind   Kind
		UnitID string
		N      int
	}
	err := s.DB.Reader(ctx).Raw("SELECT status, kind, unit_id, count(*) AS n FROM cases WHERE id IN ? GROUP BY status, kind, unit_id", ids[:f.Of]).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("count what a search found: %w", db.Fault(err, "", ""))
	}
	for _, r := range rows {
		f.Status[r.Status] += r.N
		f.Kind[r.Kind] += r.N
		f.Unit[r.UnitID] += r.N
	}
	return f, nil
}
