package permits

import (
	"context"
	"fmt"
	"time"

	"minqing/internal/calendar"
	"minqing/internal/db"
	"minqing/internal/files"
	"minqing/internal/permittypes"
)

// OfficialsLeast is how many officials look at things on site (行政許可法 art. 34).
const OfficialsLeast = 2

// How far an inspection is.
const (
	Appointed = "appointed"
	CalledOff = "called_off" // another day took its place
	Recorded  = "recorded"
)

// Verdicts on a point of the checklist.
const (
	Met   = "met"
	Unmet = "unmet"
	None  = "none" // does not arise here
)

// Inspection is a visit to the place for which a permit is wanted.
type Inspection struct {
	ID            string
	ApplicationID string
	No            int64
	State         string
	VisitAt       time.Time
	VisitOn       calendar.Date
	Notice        string // to the applicant, beside day, time and names
	AppointedAt   time.Time
	AppointedByID *string
	ClientID      string     // of the form that was filled in, maybe without network
	Digest        string     // of what it said
	FilledAt      *time.Time // by the clock of the device, where it is believable
	RecordedAt    *time.Time // when it arrived here
	RecordedOn    *calendar.Date
	RecordedByID  *string
	Passed        bool
	Findings      string

	Officials []Official        `gorm:"-"`
	Checks    []InspectionCheck `gorm:"-"`
	Photos    []files.File      `gorm:"-"`
}

// TableName names the table for gorm.
func (Inspection) TableName() string { return "permit_inspections" }

// owner is under what the photos lie.
func (i *Inspection) owner() files.Owner { return files.Owner{Kind: files.Material, ID: i.ID} }

// Official is somebody who was to come, or came.
type Official struct {
	InspectionID string
	OfficialID   string
	Appointed    bool
	Present      bool
}

// TableName names the table for gorm.
func (Official) TableName() string { return "permit_inspection_officials" }

// InspectionCheck is what was found at one point of the checklist.
type InspectionCheck struct {
	InspectionID string
	Code         string
	Verdict      string
	Note         string
}

// TableName names the table for gorm.
func (InspectionCheck) TableName() string { return "permit_inspection_checks" }

// inspections reads those of an application, the newest first.
func (s *Service) inspections(ctx context.Context, applicationID string) ([]Inspection, error) {
	var list []Inspection
	var officials []Official
	var checks []InspectionCheck
	const of = " WHERE inspection_id IN (SELECT id FROM permit_inspections WHERE application_id = ?) "
	err := s.DB.Together(ctx,
		db.Rows(&list, `SELECT id, application_id, no, state, visit_at, visit_on, notice, appointed_at, appointed_by_id, client_id, digest, filled_at,
 recorded_at, recorded_on, recorded_by_id, passed, findings FROM permit_inspections WHERE application_id = ? ORDER BY no DESC`, applicationID),
		db.Rows(&officials, "SELECT inspection_id, official_id, appointed, present FROM permit_inspection_officials"+of+"ORDER BY official_id", applicationID),
		db.Rows(&checks, "SELECT inspection_id, code, verdict, note FROM permit_inspection_checks"+of+"ORDER BY code", applicationID))
	if err != nil {
		return nil, fmt.Errorf("read the inspections: %w", db.Fault(err, "", ""))
	}
	for i := range list {
		one := &list[i]
		for _, o := range officials {
			if o.InspectionID == one.ID {
				one.Officials = append(one.Officials, o)
			}
		}
		for _, c := range checks {
			if c.InspectionID == one.ID {
				one.Checks = append(one.Checks, c)
			}
		}
		if one.State != Recorded {
			continue
		}
		if one.Photos, err = s.Files.List(ctx, one.owner()); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// Open is the inspection that is still to come, nil where none is.
func openInspection(list []Inspection) *Inspection {
	for i := range list {
		if list[i].State == Appointed {
			return &list[i]
		}
	}
	return nil
}

// lastInspection is the newest that was recorded, nil before one was.
func lastInspection(list []Inspection) *Inspection {
	for i := range list {
		if list[i].State == Recorded {
			return &list[i]
		}
	}
	return nil
}

// Site is the inspection side of a case, as staff see it.
type Site struct {
	*Part
	Checklist   []permittypes.Check // for the answers of the application
	Inspections []Inspection        // the newest first
	Colleagues  []Person            // who may go
	Names       map[string]string   // of accounts
	Zone        *time.Location
	Goes        bool // the actor may make an appointment, or record one, as the application stands
}

// Person is a member of staff.
type Person struct{ ID, Name string }

// Open is the inspection that is still to come, nil where none is.
func (v *Site) Open() *Inspection { return openInspection(v.Inspections) }

// Officials are the names of those who were to come or, once it is recorded, came.
func (v *Site) Officials(i *Inspection) (names []string) {
	for _, o := range i.Officials {
		if i.State == Recorded && !o.Present || i.State != Recorded && !o.Appointed {
			continue
		}
		names = append(names, v.Names[o.OfficialID])
	}
	return names
}

// Site shows the inspection side of a case to staff who may read the case.
func (s *Service) Site(ctx context.Context, caseNo string) (*Site, error) {
	p, err := s.part(ctx, caseNo)
	if err != nil {
		return nil, err
	}
	return s.site(ctx, p)
}

func (s *Service) site(ctx context.Context, p *Part) (*Site, error) {
	if !p.Type.Inspection {
		return nil, errMissing
	}
	v := &Site{Part: p, Checklist: p.Type.OnSite(p.Application.Answers), Inspections: p.Inspections, Zone: p.Calendar.Zone()}
	snap, err := s.Catalogue.Snapshot(ctx)
	if err != nil {
		return nil, err
	}
	unit, err := snap.Unit(p.Case.UnitID)
	if err != nil {
		return nil, err
	}
	list, err := s.People.Colleagues(ctx, unit.Path)
	if err != nil {
		return nil, err
	}
	ids := map[string]bool{}
	for _, one := range list {
		v.Colleagues = append(v.Colleagues, Person{one.ID, one.Name})
	}
	for i := range p.Inspections {
		one := &p.Inspections[i]
		for _, o := range one.Officials {
			ids[o.OfficialID] = true
		}
		if one.RecordedByID != nil {
			ids[*one.RecordedByID] = true
		}
	}
	var all []string
	for id := range ids {
		all = append(all, id)
	}
	v.Goes = s.inspectable(ctx, v) == nil
	v.Names, err = s.People.Names(ctx, all...)
	return v, err
}

// Announced is an inspection with the names of the officials, for messages about it.
type Announced struct {
	Inspection
	Officials []string
}

// VisitsOf are inspections by their ids; those that are no more are left out.
func (s *Service) VisitsOf(ctx context.Context, ids []string) (map[string]Announced, error) {
	if len(ids) == 0 {
		return map[string]Announced{}, nil
	}
	var list []Inspection
	if err := s.DB.From(ctx).Where("id IN ?", ids).Find(&list).Error; err != nil {
		return nil, fmt.Errorf("read inspections: %w", db.Fault(err, "", ""))
	}
	var rows []struct{ InspectionID, OfficialID string }
	err := s.DB.From(ctx).Raw("SELECT inspection_id, official_id FROM permit_inspection_officials WHERE inspection_id IN ? AND appointed = ? ORDER BY official_id", ids, true).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("read who inspects: %w", db.Fault(err, "", ""))
	}
	var officials []string
	for _, r := range rows {
		officials = append(officials, r.OfficialID)
	}
	known, err := s.People.Names(ctx, officials...)
	if err != nil {
		return nil, err
	}
	out := make(map[string]Announced, len(list))
	for i := range list {
		v := Announced{Inspection: list[i]}
		for _, r := range rows {
			if r.InspectionID == v.ID {
				v.Officials = append(v.Officials, known[r.OfficialID])
			}
		}
		out[v.ID] = v
	}
	return out, nil
}

// Photo opens a photo of an inspection for staff who may read the case.
func (s *Service) Photo(ctx context.Context, caseNo, inspectionID, fileID string) (*files.Content, error) {
	p, err := s.part(ctx, caseNo)
	if err != nil {
		return nil, err
	}
	for i := range p.Inspections {
		if one := &p.Inspections[i]; one.ID == inspectionID && db.IsID(fileID) {
			return s.Files.OpenFor(ctx, files.Belongs{Kind: "case", No: p.Case.CaseNo}, one.owner(), fileID)
		}
	}
	return nil, errMissing
}
