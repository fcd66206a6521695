package satisfaction

import (
	"cmp"
	"context"
	"fmt"

	"minqing/internal/cases"
	"minqing/internal/db"
)

// InsertMany stores judgements that a loader brings, in the open transaction or
// one of their own. The caller has sealed what must be sealed and records one
// audit entry for its load.
func (s *Service) InsertMany(ctx context.Context, list []Evaluation) error {
	rows := db.NewBulk("evaluations")
	for _, e := range list {
		rows.Add(db.Insert("evaluations", `id, case_id, conclusion_no, grade, resolved, reasons, comment, comment_cipher, channel, form_version,
 evaluated_at, evaluated_on, round, result`, e.ID, e.CaseID, e.ConclusionNo, e.Grade, e.Resolved, e.Reasons, e.Comment, e.CommentCipher, e.Channel, e.FormVersion,
			e.EvaluatedAt, e.EvaluatedOn, max(e.Round, 1), cmp.Or(e.Result, string(cases.Concluded))))
	}
	if err := s.DB.Store(ctx, rows); err != nil {
		return fmt.Errorf("store many judgements: %w", db.Fault(err, "", "satisfaction.used"))
	}
	return nil
}
