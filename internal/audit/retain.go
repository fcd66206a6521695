package audit

import (
	"context"
	"fmt"
	"slices"
	"time"

	"minqing/internal/db"
)

// OldReads lists entries of the log of reads from before a time. The trail itself
// is a chain and is never shortened.
func (s *Service) OldReads(ctx context.Context, before time.Time, after string, most int) (ids []string, err error) {
	err = s.db.From(ctx).Raw("SELECT id FROM audit_reads WHERE id > ? AND at < ? ORDER BY id LIMIT ?", after, before.UTC(), most).Scan(&ids).Error
	if err != nil {
		return nil, fmt.Errorf("find old reads: %w", db.Fault(err, "", ""))
	}
	return ids, nil
}

// DeleteReads takes sealed entries out of the log of reads and says how many were
// there. The trail keeps up to which day, or the chain of reads would look broken.
func (s *Service) DeleteReads(ctx context.Context, ids []string) (n int64, err error) {
	err = s.db.Tx(ctx, func(ctx context.Context) error {
		r := s.db.From(ctx).Exec("DELETE FROM audit_reads WHERE id IN ? AND id IN (SELECT read_id FROM read_seals)", ids)
		if n = r.RowsAffected; r.Error != nil || n == 0 {
			return r.Error
		}
		_, through, err := readsTold(s.db.From(ctx), actReadsGone)
		day := db.IDTime(slices.Max(ids)).UTC().Truncate(24 * time.Hour)
		if goes := db.FirstID(day.Add(24 * time.Hour)); err == nil && goes > through {
			err = s.Record(ctx, Entry{Action: actReadsGone, Kind: kindReads, ID: idReads, Fields: []Change{{Field: "through", After: goes}}})
		}
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("delete old reads: %w", db.Fault(err, "", ""))
	}
	return n, nil
}
