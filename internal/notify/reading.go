package notify

import (
	"context"
	"fmt"
	"time"

	"minqing/internal/db"
	"minqing/internal/fault"
)

var errNote = fault.New(fault.NotFound, "notify.missing")

// Open gives a message in the portal that is to one of the constituents, and notes
// that they have opened it. Anybody else's is NotFound.
func (s *Service) Open(ctx context.Context, constituentIDs []string, id string) (n Note, err error) {
	if !db.IsID(id) || len(constituentIDs) == 0 {
		return n, errNote
	}
	gone := false
	err = s.DB.Tx(ctx, func(ctx context.Context) error {
		var d delivery
		err := s.DB.From(ctx).Where("id = ? AND constituent_id IN ? AND channel = ? AND status IN ?", id, constituentIDs, InApp, []Status{Sent, Read}).Take(&d).Error
		if err != nil {
			return db.Fault(err, "notify.missing", "")
		}
		n = noteOf(&d)
		if n.Read {
			return nil // looking again writes nothing
		}
		stand, err := s.standing(ctx, []Note{n})
		if gone = len(stand) == 0; gone || err != nil {
			return err
		}
		n.Read = true
		return s.read(ctx, "id = ?", id)
	})
	if err == nil && gone { // what was taken back is kept so
		err = errNote
	}
	return n, err
}

// OpenAll notes that somebody has seen all that the portal told them up to a time.
func (s *Service) OpenAll(ctx context.Context, constituentIDs []string, upTo time.Time) error {
	if len(constituentIDs) == 0 {
		return nil
	}
	return s.read(ctx, "constituent_id IN ? AND created_at <= ?", constituentIDs, upTo.UTC())
}

// read marks messages in the portal as read that were not, whoever else does it at
// the same time.
func (s *Service) read(ctx context.Context, which string, args ...any) error {
	args = append([]any{Read, s.Now().UTC(), InApp, Sent}, args...)
	err := s.DB.From(ctx).Exec("UPDATE deliveries SET status = ?, read_at = ?, version = version + 1 WHERE channel = ? AND status = ? AND "+which, args...).Error
	if err != nil {
		return fmt.Errorf("mark messages as read: %w", db.Fault(err, "", ""))
	}
	return nil
}
