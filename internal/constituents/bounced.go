package constituents

import (
	"context"
	"fmt"

	"minqing/internal/audit"
	"minqing/internal/db"
)

// Bounced notes that nothing gets through to a mail address or number: whoever
// has it must prove it again, and until then nothing but what proves it goes there.
func (s *Service) Bounced(ctx context.Context, id string, kind PointKind, value string) error {
	return s.DB.Tx(ctx, func(ctx context.Context) error {
		err := s.DB.From(ctx).Exec(`UPDATE contact_points SET bounced_at = ?, verified_at = NULL, version = version + 1 WHERE blind_index IN ? AND kind = ?`,
			s.Now().UTC(), s.indexes(kind, value), kind).Error
		if err != nil {
			return fmt.Errorf("note that nothing gets through to an address: %w", db.Fault(err, "", ""))
		}
		return s.Audit.Record(ctx, audit.Entry{Action: "constituent.bounced", Kind: "constituent", ID: id, Fields: []audit.Change{{Field: string(kind)}}})
	})
}
