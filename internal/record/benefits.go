package record

import (
	"context"

	"minqing/internal/access"
	"minqing/internal/constituents"
)

// ForBenefits opens the record of somebody who asks a member of staff why they are, or
// are not, among those whom a benefit is for: who they are, masked, and all records that
// are them. of is the benefit as the log of reads names it; empty on the way to one.
func (s *Service) ForBenefits(ctx context.Context, id, of string) (*Sheet, error) {
	if err := s.Access.Can(ctx, access.RecordBenefits); err != nil {
		return nil, err
	}
	sheet, err := s.begin(ctx, id)
	if err != nil {
		return nil, err
	}
	if sheet.View, err = s.Constituents.Masked(ctx, sheet.Family[0]); err != nil {
		return nil, err
	}
	if sheet.Erased {
		return nil, errMissing
	}
	return sheet, s.Audit.Read(ctx, "constituent", sheet.Family[0], []string{"benefits"}, of)
}

// factParts are the parts of a record by which conditions on people go; of those that
// are none here everybody knows who opens the record.
var factParts = map[string]Part{"age": Needs, "district": Needs, "need": Needs, "stage": Needs, "industry": Needs, "established": Needs, "relation": Relations}

// Hides says whether a condition of some kind rests on a part that is not shown.
func (s *Sheet) Hides(leaf string) bool {
	part, known := factParts[leaf]
	return known && !s.Sees(part)
}

// explains says whether the actor may ask how benefits stand to somebody.
func (s *Service) explains(ctx context.Context, v constituents.View) bool {
	return !v.Erased && s.Access.Can(ctx, access.RecordBenefits) == nil
}
