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
	Of       int  // so many were counted
	More     bool // and there are others
	Status   map[Status]int
	Kind     map[Kind]int
	Unit     map[string]int // by id
	Matter   map[string]int // by id; empty: none. This and what follows: of a broad question
	District map[string]int // by id; empty: none
	Channel  map[string]int
}

// facets counts the cases of a search by what narrows it.
func (s *Service) facets(ctx context.Context, ids []string, broad bool) (*Facets, error) {
	f := &Facets{Of: min(len(ids), facetsOf), More: len(ids) > facetsOf, Status: map[Status]int{}, Kind: map[Kind]int{}, Unit: map[string]int{},
		Matter: map[string]int{}, District: map[string]int{}, Channel: map[string]int{}}
	if f.Of == 0 {
		return f, nil
	}
	by := "status, kind, unit_id"
	if broad {
		by += ", matter_id, district_id, channel"
	}
	var rows []struct {
		Status               Status
		Kind                 Kind
		UnitID, Channel      string
		MatterID, DistrictID *string
		N                    int
	}
	err := s.DB.Reader(ctx).Raw("SELECT "+by+", count(*) AS n FROM cases WHERE id IN ? GROUP BY "+by, ids[:f.Of]).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("count what a search found: %w", db.Fault(err, "", ""))
	}
	for _, r := range rows {
		f.Status[r.Status] += r.N
		f.Kind[r.Kind] += r.N
		f.Unit[r.UnitID] += r.N
		if broad {
			f.Matter[idOf(r.MatterID)] += r.N
			f.District[idOf(r.DistrictID)] += r.N
			f.Channel[r.Channel] += r.N
		}
	}
	return f, nil
}

func idOf(id *string) string {
	if id == nil {
		return ""
	}
	return *id
}
