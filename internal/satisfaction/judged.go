package satisfaction

import (
	"context"
	"fmt"

	"minqing/internal/cases"
	"minqing/internal/db"
)

// Unjudged are those of the cases whose newest conclusion nobody has judged
// yet, in their order. Cases that are not concluded are left out.
func (s *Service) Unjudged(ctx context.Context, list []cases.Case) ([]cases.Case, error) {
	var ids []string
	for i := range list {
		if list[i].ConcludedAt != nil {
			ids = append(ids, list[i].ID)
		}
	}
	if len(ids) == 0 {
		return nil, nil
	}
	var given []struct {
		CaseID       string
		ConclusionNo int64
	}
	err := s.DB.Reader(ctx).Raw("SELECT case_id, conclusion_no FROM evaluations WHERE case_id IN ?", ids).Scan(&given).Error
	if err != nil {
		return nil, fmt.Errorf("read which cases were judged: %w", db.Fault(err, "", ""))
	}
	judged := map[string]int64{}
	for _, g := range given {
		judged[g.CaseID] = max(judged[g.CaseID], g.ConclusionNo)
	}
	var out []cases.Case
	for i := range list {
		if list[i].ConcludedAt != nil && judged[list[i].ID] < list[i].ConclusionNo {
			out = append(out, list[i])
		}
	}
	return out, nil
}
