package register

import (
	"context"
	"fmt"

	"minqing/internal/calendar"
	"minqing/internal/db"
	"minqing/internal/fault"
)

// holderMost is how many permits of one holder are looked at for what presses, or is held
// already: those that end first.
const holderMost = 500

// soonest sorts permits of a holder: what is in force first, that by its end, and what has no
// end behind it.
const (
	inForce = "CASE WHEN state IN ('valid', 'suspended') THEN 0 ELSE 1 END"
	soonest = inForce + ", CASE WHEN valid_until IS NULL THEN 1 ELSE 0 END, valid_until, id"
)

// OfHolder gives the permits of constituents, those first that end first; of somebody who
// has very many not those behind, which HolderPage lists.
func (s *Service) OfHolder(ctx context.Context, holderIDs []string) ([]Permit, error) {
	if len(holderIDs) == 0 {
		return nil, nil
	}
	var list []Permit
	if err := s.DB.Reader(ctx).Where("holder_id IN ?", holderIDs).Order(soonest).Limit(holderMost).Find(&list).Error; err != nil {
		return nil, fmt.Errorf("list the permits of somebody: %w", db.Fault(err, "", ""))
	}
	return list, s.renewing(ctx, list)
}

// HolderTypes are the types of which constituents hold or held permits.
func (s *Service) HolderTypes(ctx context.Context, holderIDs []string) (types []string, err error) {
	if len(holderIDs) == 0 {
		return nil, nil
	}
	if err := s.DB.Reader(ctx).Raw("SELECT DISTINCT type_code FROM permits WHERE holder_id IN ? ORDER BY type_code", holderIDs).Scan(&types).Error; err != nil {
		return nil, fmt.Errorf("list what somebody holds: %w", db.Fault(err, "", ""))
	}
	return types, nil
}

// HolderPage gives a page of the permits of some types that constituents hold or held, in
// force first and by their end. A mangled cursor is Invalid.
func (s *Service) HolderPage(ctx context.Context, holderIDs, types []string, cursor string) (page Page, err error) {
	after, args, err := holderAfter(cursor)
	if err != nil || len(holderIDs) == 0 || len(types) == 0 {
		return page, err
	}
	err = s.DB.Reader(ctx).Where("holder_id IN ? AND type_code IN ?", holderIDs, types).Where(after, args...).Order(soonest).Limit(pageSize + 1).Find(&page.Permits).Error
	if err != nil {
		return page, fmt.Errorf("list the permits of somebody: %w", db.Fault(err, "", ""))
	}
	if len(page.Permits) > pageSize {
		page.Permits = page.Permits[:pageSize]
		last, turn, end := &page.Permits[pageSize-1], "1", ""
		if last.State == Valid || last.State == Suspended {
			turn = "0"
		}
		if last.ValidUntil != nil {
			end = last.ValidUntil.String()
		}
		page.Next = db.EncodeCursor(turn, end, last.ID)
	}
	return page, s.renewing(ctx, page.Permits)
}

// holderAfter is the condition by which HolderPage goes on after a cursor, and its values.
func holderAfter(cursor string) (where string, args []any, err error) {
	parts, err := db.DecodeCursor(cursor, 3)
	if err != nil || parts == nil {
		return "1 = 1", nil, err
	}
	mangled := fault.InvalidInput(fault.Field{Name: "cursor", Key: "fault.cursor"})
	if !db.IsID(parts[2]) || parts[0] != "0" && parts[0] != "1" {
		return "", nil, mangled
	}
	turn := 0
	if parts[0] == "1" {
		turn = 1
	}
	if parts[1] == "" {
		return "(" + inForce + " > ? OR " + inForce + " = ? AND valid_until IS NULL AND id > ?)", []any{turn, turn, parts[2]}, nil
	}
	end, wrong := calendar.ParseDate(parts[1])
	if wrong != nil {
		return "", nil, mangled
	}
	return "(" + inForce + " > ? OR " + inForce + " = ? AND (valid_until IS NULL OR valid_until > ? OR valid_until = ? AND id > ?))", []any{turn, turn, end, end, parts[2]}, nil
}

// EveryOfHolder gives all permits that constituents hold or held, however many.
func (s *Service) EveryOfHolder(ctx context.Context, holderIDs []string) (list []Permit, err error) {
	types, err := s.HolderTypes(ctx, holderIDs)
	if err != nil {
		return nil, err
	}
	for cursor := ""; ; {
		page, err := s.HolderPage(ctx, holderIDs, types, cursor)
		if err != nil {
			return nil, err
		}
		list = append(list, page.Permits...)
		if cursor = page.Next; cursor == "" {
			return list, nil
		}
	}
}
