package record

import (
	"context"

	"minqing/internal/access"
	"minqing/internal/calendar"
	"minqing/internal/constituents"
	"minqing/internal/fault"
)

// writing opens a record for a change of one of its parts. Who sees a part and may
// write changes it; nobody changes what they do not see.
func (s *Service) writing(ctx context.Context, id string, part Part) (*Sheet, error) {
	if err := s.Access.Can(ctx, access.PeopleWrite); err != nil {
		return nil, err
	}
	sheet, err := s.begin(ctx, id)
	if err != nil {
		return nil, err
	}
	if !sheet.Sees(part) {
		return nil, fault.New(fault.Forbidden, "access.forbidden")
	}
	known, err := s.Constituents.Known(ctx, sheet.Family)
	if err != nil {
		return nil, err
	}
	sheet.Known = *known
	return sheet, nil
}

// Row names a row of a record as it was read.
type Row struct {
	ID      string
	Version int64
}

// AddPoint writes down another way to reach somebody.
func (s *Service) AddPoint(ctx context.Context, id string, kind constituents.PointKind, value string) error {
	sheet, err := s.writing(ctx, id, Reach)
	if err != nil {
		return err
	}
	_, err = s.Constituents.AddPoint(ctx, sheet.Family[0], kind, value)
	return err
}

// Prefer makes a way to reach somebody the first of its kind.
func (s *Service) Prefer(ctx context.Context, id string, row Row) error {
	return s.onPoint(ctx, id, row, s.Constituents.Prefer)
}

// SeePoint notes that the actor saw a document by which somebody lives at an address.
func (s *Service) SeePoint(ctx context.Context, id string, row Row) error {
	return s.onPoint(ctx, id, row, s.Constituents.SeePoint)
}

// EndPoint says that somebody is not reached there any more.
func (s *Service) EndPoint(ctx context.Context, id string, row Row) error {
	return s.onPoint(ctx, id, row, s.Constituents.EndPoint)
}

func (s *Service) onPoint(ctx context.Context, id string, row Row, do func(ctx context.Context, id, pointID string, version int64) error) error {
	sheet, err := s.writing(ctx, id, Reach)
	if err != nil {
		return err
	}
	for _, p := range sheet.Points {
		if p.ID == row.ID {
			return do(ctx, p.ConstituentID, row.ID, row.Version)
		}
	}
	return errMissing
}

// SetProfile writes down what is known of somebody.
func (s *Service) SetProfile(ctx context.Context, id string, p constituents.Profile) error {
	sheet, err := s.writing(ctx, id, Needs)
	if err != nil {
		return err
	}
	if p.DistrictCode != "" {
		areas, err := s.Places.Map(ctx)
		if err != nil {
			return err
		}
		if _, err := areas.District(p.DistrictCode); err != nil {
			return fault.InvalidInput(fault.Field{Name: "district_code", Key: "people.district.unknown"})
		}
	}
	return s.Constituents.SetProfile(ctx, sheet.Family[0], p)
}

// AddNeed writes down what somebody needs.
func (s *Service) AddNeed(ctx context.Context, id string, kind constituents.NeedKind, source constituents.Source) error {
	sheet, err := s.writing(ctx, id, Needs)
	if err != nil {
		return err
	}
	_, err = s.Constituents.AddNeed(ctx, sheet.Family[0], kind, source)
	return err
}

// EndNeed says that somebody no longer needs it.
func (s *Service) EndNeed(ctx context.Context, id string, row Row) error {
	sheet, err := s.writing(ctx, id, Needs)
	if err != nil {
		return err
	}
	for _, n := range sheet.Known.Needs {
		if n.ID == row.ID {
			return s.Constituents.EndNeed(ctx, n.ConstituentID, row.ID, row.Version)
		}
	}
	return errMissing
}

// AddNumber writes down a number of identity.
func (s *Service) AddNumber(ctx context.Context, id string, doc constituents.Document) error {
	sheet, err := s.writing(ctx, id, Numbers)
	if err != nil {
		return err
	}
	_, err = s.Constituents.AddNumber(ctx, sheet.Family[0], doc)
	return err
}

// EndNumber says that a number no longer holds.
func (s *Service) EndNumber(ctx context.Context, id string, row Row) error {
	sheet, err := s.writing(ctx, id, Numbers)
	if err != nil {
		return err
	}
	for _, n := range sheet.Known.Numbers {
		if n.ID == row.ID {
			return s.Constituents.EndNumber(ctx, n.ConstituentID, row.ID, row.Version)
		}
	}
	return errMissing
}

// NewRelation is what somebody is to somebody else, who is named as in Find. From
// says that the other one is it to them.
type NewRelation struct {
	Other  string
	Kind   constituents.RelationKind
	From   bool
	Seen   bool
	Source constituents.Source
}

// Relate writes down a relation to somebody whom the actor finds.
func (s *Service) Relate(ctx context.Context, id string, r NewRelation) error {
	sheet, err := s.writing(ctx, id, Relations)
	if err != nil {
		return err
	}
	if r.Other == "" {
		return fault.InvalidInput(fault.Field{Name: "other", Key: "people.relation.other"})
	}
	found, err := s.Find(ctx, r.Other)
	if err != nil {
		return err
	}
	if found.More {
		return fault.InvalidInput(fault.Field{Name: "other", Key: "people.relation.many", Args: map[string]any{"Most": FoundMost}})
	}
	if len(found.List) != 1 {
		return fault.InvalidInput(fault.Field{Name: "other", Key: "people.relation.found", Args: map[string]any{"Count": len(found.List)}})
	}
	made := constituents.Relating{FromID: sheet.Family[0], ToID: found.List[0].ID, Kind: r.Kind, Seen: r.Seen, Source: r.Source}
	if r.From {
		made.FromID, made.ToID = made.ToID, made.FromID
	}
	_, err = s.Constituents.Relate(ctx, made)
	return err
}

// Unrelate ends a relation.
func (s *Service) Unrelate(ctx context.Context, id string, row Row) error {
	sheet, err := s.writing(ctx, id, Relations)
	if err != nil {
		return err
	}
	for _, r := range sheet.Known.Relations {
		if r.ID == row.ID {
			return s.Constituents.Unrelate(ctx, r.FromID, row.ID, row.Version)
		}
	}
	return errMissing
}

// AddNote writes a note about somebody.
func (s *Service) AddNote(ctx context.Context, id, text string, purpose constituents.NotePurpose, until calendar.Date) error {
	sheet, err := s.writing(ctx, id, Notes)
	if err != nil {
		return err
	}
	_, err = s.Constituents.AddNote(ctx, sheet.Family[0], constituents.NewNote{Text: text, Purpose: purpose, KeepUntil: until})
	return err
}

// DropNote deletes a note before its time.
func (s *Service) DropNote(ctx context.Context, id string, row Row) error {
	sheet, err := s.writing(ctx, id, Notes)
	if err != nil {
		return err
	}
	for _, n := range sheet.Known.Notes {
		if n.ID == row.ID {
			return s.Constituents.DropNote(ctx, n.ConstituentID, row.ID, row.Version)
		}
	}
	return errMissing
}

// ToWrite opens a record for the page on which one of its parts is changed. It
// stands in the log of reads.
func (s *Service) ToWrite(ctx context.Context, id string, part Part) (*Sheet, error) {
	sheet, err := s.writing(ctx, id, part)
	if err != nil {
		return nil, err
	}
	if sheet.Erased {
		return nil, errMissing
	}
	sheet.Parts = []Part{part}
	if err := s.fill(ctx, sheet); err != nil {
		return nil, err
	}
	return sheet, s.Audit.Read(ctx, "constituent", sheet.Family[0], sheet.names(), "")
}
