package cases

import (
	"context"
	"time"

	"minqing/internal/calendar"
	"minqing/internal/catalogue"
	"minqing/internal/i18n"
	"minqing/internal/place"
	"minqing/internal/routing"
)

// Promise is what a filing would get, were it sent now.
type Promise struct {
	Unit          *catalogue.Unit
	Reason        i18n.Text // the rule's own words; may be empty
	Notes         []routing.Note
	Certain       bool // a rule decided; otherwise a person looks first
	Limit         calendar.Limit
	DueAt         time.Time
	ResponseDueAt time.Time
	Provisional   bool
	Urgent        bool
}

// Preview says who would handle a filing and by when. It may be half filled in:
// what is missing or wrong counts as unknown.
func (s *Service) Preview(ctx context.Context, f Filing) (*Promise, error) {
	snap, err := s.Catalogue.Snapshot(ctx)
	if err != nil {
		return nil, err
	}
	areas, err := s.Places.Map(ctx)
	if err != nil {
		return nil, err
	}
	root, err := s.Clocks.Of(snap, snap.Root())
	if err != nil {
		return nil, err
	}
	now := s.Now().UTC()
	facts := routing.Facts{Kind: string(f.Kind), Day: root.ReceivedOn(now)}
	matter, err := snap.MatterOn(f.MatterCode, facts.Day)
	if err == nil {
		facts.MatterID = matter.ID
	} else {
		matter = nil
	}
	if d := f.Location.find(areas, facts.Day); d != nil {
		facts.DistrictID = d.ID
	}
	p := &placed{snap: snap}
	if u, err := snap.UnitOn(f.Subject.UnitCode, facts.Day); err == nil {
		facts.SubjectUnitID, p.subject = u.ID, u
	}
	unit, err := s.routed(ctx, f, p, areas, facts)
	if err != nil && f.Confidentiality == Whistle { // nobody receives it: File will say so
		f.Confidentiality = Normal
		unit, err = s.routed(ctx, f, p, areas, facts)
	}
	if err != nil {
		return nil, err
	}
	decision := p.route
	urgent := f.Danger || (matter != nil && matter.Urgent)
	started, err := s.Clocks.Start(snap, unit, matter, urgent, now)
	if err != nil {
		return nil, err
	}
	return &Promise{Unit: unit, Reason: decision.Reason, Notes: decision.Notes, Certain: !decision.Fallback, Limit: started.Limit,
		DueAt: started.Due.Due, ResponseDueAt: started.Response.Due, Provisional: started.Due.Provisional, Urgent: urgent}, nil
}

// find is the district of a point or of a code; nil when neither is known.
func (l Location) find(areas *place.Map, day calendar.Date) *place.District {
	if l.Lat != nil && l.Lng != nil {
		if d, err := areas.Locate(*l.Lat, *l.Lng, day); err == nil {
			return d
		}
	}
	if d, err := areas.District(l.DistrictCode); err == nil && d.On(day) {
		return d
	}
	return nil
}

// Check holds a filing against everything that File would, and stores nothing.
func (s *Service) Check(ctx context.Context, f Filing) error {
	if err := f.Validate(); err != nil {
		return err
	}
	_, err := s.place(ctx, f.tidy())
	return err
}
