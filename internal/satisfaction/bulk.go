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
 evaluated_at, evaluated_on, round, result, callback_id, mend_due_at, mended_at`, e.ID, e.CaseID, e.ConclusionNo, e.Grade, e.Resolved, e.Reasons, e.Comment, e.CommentCipher, e.Channel, e.FormVersion,
			e.EvaluatedAt, e.EvaluatedOn, max(e.Round, 1), cmp.Or(e.Result, string(cases.Concluded)), e.CallbackID, e.MendDueAt, e.MendedAt))
	}
	if err := s.DB.Store(ctx, rows); err != nil {
		return fmt.Errorf("store many judgements: %w", db.Fault(err, "", "satisfaction.used"))
	}
	return nil
}

var (
	callbackColumns = db.Columns[Callback]()
	attemptColumns  = db.Columns[Attempt]()
)

// InsertCallbacks stores callbacks that a loader brings, with their attempts.
func (s *Service) InsertCallbacks(ctx context.Context, list []Callback, tried []Attempt) error {
	rows := db.NewBulk("callbacks")
	for _, k := range list {
		rows.Add(db.Insert("callbacks", callbackColumns, k.ID, k.CaseID, k.ConclusionNo, k.OpenedAt, k.RemindAt, k.RemindedAt, k.DueAt, k.DueOn, k.Wished,
			k.State, k.Attempts, k.AgainAt, k.ClaimedByID, k.ClaimedUntil, k.ClosedAt, k.MissedToldAt, k.RingsOn))
	}
	attempts := db.NewBulk("callback_attempts")
	for _, a := range tried {
		attempts.Add(db.Insert("callback_attempts", attemptColumns, a.ID, a.CallbackID, a.At, a.OnDay, a.AccountID, a.Channel, a.Outcome, a.AgainAt))
	}
	for _, b := range []*db.Bulk{rows, attempts} {
		if err := s.DB.Store(ctx, b); err != nil {
			return fmt.Errorf("store many callbacks: %w", db.Fault(err, "", ""))
		}
	}
	return nil
}
