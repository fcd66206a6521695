package register

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"gorm.io/gorm"

	"minqing/internal/access"
	"minqing/internal/calendar"
	"minqing/internal/db"
	"minqing/internal/fault"
)

// ByNo reads a permit for everybody: what stands in it is public.
func (s *Service) ByNo(ctx context.Context, no string) (*Permit, error) {
	canonical, err := ParseNumber(no)
	if err != nil {
		return nil, errMissing
	}
	var found []Permit
	if err := s.DB.Together(ctx, db.Rows(&found, byNumber, canonical)); err != nil {
		return nil, fmt.Errorf("read a permit: %w", db.Fault(err, "", ""))
	}
	if len(found) == 0 {
		return nil, errMissing
	}
	return &found[0], s.renewing(ctx, found)
}

// renewing marks those of permits that are past their last day and count as renewed. Of
// others nothing is asked: the job is late for few, and not for long.
func (s *Service) renewing(ctx context.Context, list []Permit) error {
	if s.Renewals == nil {
		return nil
	}
	var late []string
	today := s.Today()
	for i := range list {
		p := &list[i]
		if p.NextOn != nil && p.ValidUntil != nil && today > *p.ValidUntil && (p.State == Valid || p.State == Suspended) {
			late = append(late, p.PermitNo)
		}
	}
	if len(late) == 0 {
		return nil
	}
	waits, err := s.Renewals.Undecided(ctx, late)
	for i := range list {
		list[i].renewing = waits[list[i].PermitNo]
	}
	return err
}

// Ends are the last days of permits, by their numbers; of those that have one.
func (s *Service) Ends(ctx context.Context, nos []string) (map[string]calendar.Date, error) {
	var rows []struct {
		PermitNo   string
		ValidUntil calendar.Date
	}
	err := s.DB.From(ctx).Raw("SELECT permit_no, valid_until FROM permits WHERE permit_no IN ? AND valid_until IS NOT NULL", nos).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("read when permits end: %w", db.Fault(err, "", ""))
	}
	out := make(map[string]calendar.Date, len(rows))
	for _, r := range rows {
		out[r.PermitNo] = r.ValidUntil
	}
	return out, nil
}

var byNumber = "SELECT " + db.Columns[Permit]() + " FROM permits WHERE permit_no = ?"

// byNo is ByNo that sees what the open transaction has changed.
func (s *Service) byNo(ctx context.Context, no string) (*Permit, error) {
	canonical, err := ParseNumber(no)
	if err != nil {
		return nil, errMissing
	}
	var p Permit
	if err := s.DB.From(ctx).Where("permit_no = ?", canonical).Take(&p).Error; err != nil {
		return nil, db.Fault(err, "register.missing", "")
	}
	return &p, nil
}

// Read gives a permit to staff, within their scope.
func (s *Service) Read(ctx context.Context, no string) (*Permit, error) {
	p, err := s.byNo(ctx, no)
	if err != nil {
		return nil, err
	}
	if s.Access.CanOn(ctx, access.PermitRead, access.Object{UnitPaths: []string{p.UnitPath}}) != nil {
		return nil, errMissing
	}
	one := []Permit{*p}
	return &one[0], s.renewing(ctx, one)
}

// Own gives a permit to one of its holders.
func (s *Service) Own(ctx context.Context, holderIDs []string, no string) (*Permit, error) {
	p, err := s.ByNo(ctx, no)
	if err != nil {
		return nil, err
	}
	for _, id := range holderIDs {
		if id == p.HolderID {
			return p, nil
		}
	}
	return nil, errMissing
}

// Successor is the number of the permit that took the place of one; empty when
// none did.
func (s *Service) Successor(ctx context.Context, p *Permit) (no string, err error) {
	if p.Ground != GroundReplaced && p.On(s.Today()) != Expired {
		return "", nil
	}
	var found []string
	err = s.DB.Reader(ctx).Raw("SELECT permit_no FROM permits WHERE replaces_id = ? ORDER BY issued_at DESC, id DESC LIMIT 1", p.ID).Scan(&found).Error
	if err != nil {
		return "", fmt.Errorf("look for what replaced a permit: %w", db.Fault(err, "", ""))
	}
	if len(found) > 0 {
		no = found[0]
	}
	return no, nil
}

// Story lists what was done to a permit, newest first.
func (s *Service) Story(ctx context.Context, p *Permit) ([]Event, error) {
	var list []Event
	if err := s.DB.Reader(ctx).Where("permit_id = ?", p.ID).Order("id DESC").Limit(storyMost).Find(&list).Error; err != nil {
		return nil, fmt.Errorf("read the story of a permit: %w", db.Fault(err, "", ""))
	}
	return list, nil
}

const storyMost = 200

// Filter narrows a list of permits.
type Filter struct {
	Unit   string // id or code, with the units below
	Type   string
	State  State
	Within int // days to the end; 0: whenever
	Cursor string
	Limit  int
}

// Page is a part of a list.
type Page struct {
	Permits []Permit
	Next    string
}

const pageSize = 50

// List shows the permits that the actor may read. Those that end within some days
// come by their end, all others newest first.
func (s *Service) List(ctx context.Context, f Filter) (Page, error) {
	today := s.Today()
	q, err := s.narrowed(ctx, f, today)
	if err != nil {
		return Page{}, err
	}
	cursor, err := db.DecodeCursor(f.Cursor, 2)
	if err != nil {
		return Page{}, err
	}
	byEnd := f.Within > 0
	if byEnd {
		q = q.Where("valid_until BETWEEN ? AND ?", today, today.Add(f.Within)).Order("valid_until, id")
	} else {
		q = q.Order("issued_at DESC, id DESC")
	}
	if cursor != nil {
		if q, err = after(q, byEnd, cursor); err != nil {
			return Page{}, err
		}
	}
	limit := f.Limit
	if limit <= 0 || limit > pageSize {
		limit = pageSize
	}
	var page Page
	if err := q.Limit(limit + 1).Find(&page.Permits).Error; err != nil {
		return Page{}, fmt.Errorf("list permits: %w", db.Fault(err, "fault.cursor", ""))
	}
	if len(page.Permits) > limit {
		page.Permits = page.Permits[:limit]
		last := &page.Permits[limit-1]
		at := strconv.FormatInt(last.IssuedAt.UnixMicro(), 10)
		if byEnd {
			at = last.ValidUntil.String()
		}
		page.Next = db.EncodeCursor(at, last.ID)
	}
	return page, nil
}

// narrowed asks for the permits of a filter, of those that the actor may read; in
// no order yet.
func (s *Service) narrowed(ctx context.Context, f Filter, today calendar.Date) (*gorm.DB, error) {
	scope, err := s.Access.Scope(ctx, access.PermitRead)
	if err != nil {
		return nil, err
	}
	where, args := scope.Where("unit_path")
	q := s.DB.Reader(ctx).Where(where, args...)
	if f.Unit != "" {
		snap, err := s.Catalogue.Snapshot(ctx)
		if err != nil {
			return nil, err
		}
		u, err := snap.Unit(f.Unit)
		if err != nil {
			return nil, fault.InvalidInput(fault.Field{Name: "unit", Key: "register.list.unit"})
		}
		below, args := access.Scope{Prefixes: []string{u.Path}}.Where("unit_path")
		q = q.Where(below, args...)
	}
	if f.Type != "" {
		q = q.Where("type_code = ?", f.Type)
	}
	switch f.State {
	case "":
	case Expired: // also those that the daily job has not met yet
		q = q.Where("(state = ? OR state IN ? AND valid_until < ?)", Expired, []State{Valid, Suspended}, today)
	case Valid, Suspended:
		q = q.Where("state = ? AND (valid_until IS NULL OR valid_until >= ?)", f.State, today)
	default:
		q = q.Where("state = ?", f.State)
	}
	return q, nil
}

// after goes on behind the last row of a page.
func after(q *gorm.DB, byEnd bool, cursor []string) (*gorm.DB, error) {
	bad := fault.InvalidInput(fault.Field{Name: "cursor", Key: "fault.cursor"})
	if !db.IsID(cursor[1]) {
		return nil, bad
	}
	if byEnd {
		day, err := calendar.ParseDate(cursor[0])
		if err != nil {
			return nil, bad
		}
		return q.Where("(valid_until, id) > (?, ?)", day, cursor[1]), nil
	}
	micro, err := strconv.ParseInt(cursor[0], 10, 64)
	if err != nil {
		return nil, bad
	}
	return q.Where("(issued_at, id) < (?, ?)", time.UnixMicro(micro).UTC(), cursor[1]), nil
}
