package cases

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"minqing/internal/access"
	"minqing/internal/db"
)

// Earlier are cases that are over and stand beside one: of the same person, and
// about the same place.
type Earlier struct {
	Person []Item
	Place  []Item // others than those of the person
	Point  bool   // the case says where it is to the metre
}

const (
	earlierOf    = 5    // of each sort
	earlierAmong = 2000 // newest cases of the area that are looked through
	earlierYears = 5
)

// Earlier lists closed cases of the actor's scope that have to do with one, the
// newest first. Only open names are linked: a case whose person is hidden,
// anonymous or a whistle-blower has none beside it and stands beside none.
func (s *Service) Earlier(ctx context.Context, c *Case) (e Earlier, err error) {
	if c.Confidentiality != Normal || c.FrozenAt != nil {
		return e, nil
	}
	scope, err := s.Access.Scope(ctx, access.CaseList)
	if err != nil {
		return e, err
	}
	inScope, args := seen(scope)
	over := "c.id <> ? AND c.confidentiality = 'normal' AND c.frozen_at IS NULL AND c.status IN ? AND " + inScope
	args = append([]any{c.ID, []Status{Concluded, Archived, NotAccepted, Withdrawn, Transferred}}, args...)
	if e.Person, err = s.earlierOfPerson(ctx, c, over, args); err != nil {
		return e, err
	}
	e.Point = c.Lat != nil && c.Lng != nil && c.DistrictID != nil
	if e.Point {
		e.Place, err = s.earlierNearby(ctx, c, e.Person, over, args)
	}
	return e, err
}

// earlierOfPerson takes all records that belong together for one person; records
// that only share a number or a mailbox are not.
func (s *Service) earlierOfPerson(ctx context.Context, c *Case, over string, args []any) ([]Item, error) {
	asks, err := s.Requester(ctx, c.ID)
	if err != nil || asks == "" {
		return nil, err
	}
	heads, err := s.Constituents.Heads(ctx, []string{asks})
	if err != nil || len(heads) == 0 {
		return nil, err
	}
	family, err := s.Constituents.Whole(ctx, heads[0])
	if err != nil {
		return nil, err
	}
	var ids []string
	err = s.DB.Reader(ctx).Raw("SELECT c.id FROM cases c WHERE c.id IN (SELECT case_id FROM case_parties WHERE role = 'requester' AND constituent_id IN ?) AND "+over+
		" ORDER BY c.id DESC LIMIT ?", slices.Concat([]any{family}, args, []any{earlierOf})...).Scan(&ids).Error
	if err != nil {
		return nil, fmt.Errorf("read earlier cases of a person: %w", db.Fault(err, "", ""))
	}
	return s.items(ctx, ids)
}

// earlierNearby looks through the newest cases of the same area: one on the other
// side of its border is not found.
func (s *Service) earlierNearby(ctx context.Context, c *Case, but []Item, over string, args []any) ([]Item, error) {
	const metres = 111_320.0 // of a degree of latitude
	dLat := nearBy / metres
	dLng := dLat / max(0.01, math.Cos(*c.Lat*math.Pi/180))
	var found []struct {
		ID       string
		Lat, Lng *float64
	}
	list := slices.Concat([]any{*c.DistrictID, db.FirstID(s.Now().AddDate(-earlierYears, 0, 0).UTC().Truncate(time.Hour)), earlierAmong,
		*c.Lat - dLat, *c.Lat + dLat, *c.Lng - dLng, *c.Lng + dLng}, args, []any{4 * earlierOf})
	err := s.DB.Reader(ctx).Raw(`SELECT c.id, c.lat, c.lng FROM (SELECT * FROM cases WHERE district_id = ? AND id > ? ORDER BY id DESC LIMIT ?) c
 WHERE c.lat BETWEEN ? AND ? AND c.lng BETWEEN ? AND ? AND `+over+" ORDER BY c.id DESC LIMIT ?", list...).Scan(&found).Error
	if err != nil {
		return nil, fmt.Errorf("read earlier cases of a place: %w", db.Fault(err, "", ""))
	}
	var ids []string
	for _, one := range found {
		known := slices.ContainsFunc(but, func(it Item) bool { return it.ID == one.ID })
		if !known && samePlace(c, nil, one.Lat, one.Lng) && len(ids) < earlierOf {
			ids = append(ids, one.ID)
		}
	}
	return s.items(ctx, ids)
}
