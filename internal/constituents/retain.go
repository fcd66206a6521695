package constituents

import (
	"context"
	"fmt"
	"time"

	"minqing/internal/db"
)

// Idle lists people and enterprises (whose ways to be reached are those of people
// too) from before a time that have neither an account nor a case
// left, nor anybody who is the same person who has. An enterprise that keeps house in the
// portal stays.
func (s *Service) Idle(ctx context.Context, before time.Time, after string, most int) (ids []string, err error) {
	err = s.DB.From(ctx).Raw(`SELECT c.id FROM constituents c WHERE c.id > ? AND c.created_at < ? AND c.erased_at IS NULL
 AND NOT EXISTS (SELECT 1 FROM accounts a WHERE a.constituent_id = c.id OR a.constituent_id = c.head_id)
 AND NOT EXISTS (SELECT 1 FROM constituents r JOIN accounts a ON a.constituent_id = r.id WHERE r.head_id = COALESCE(c.head_id, c.id))
 AND NOT EXISTS (SELECT 1 FROM case_parties p WHERE p.constituent_id = c.id)
 AND NOT EXISTS (SELECT 1 FROM enterprises e WHERE e.id = c.id OR e.id = c.head_id)
 AND NOT EXISTS (SELECT 1 FROM constituents r JOIN enterprises e ON e.id = r.id WHERE r.head_id = COALESCE(c.head_id, c.id))
 AND NOT EXISTS (SELECT 1 FROM constituents j WHERE j.merged_into_id = c.id AND j.erased_at IS NULL AND (EXISTS (SELECT 1 FROM case_parties p WHERE p.constituent_id = j.id)
  OR EXISTS (SELECT 1 FROM accounts a WHERE a.constituent_id = j.id) OR EXISTS (SELECT 1 FROM constituents k WHERE k.merged_into_id = j.id AND k.erased_at IS NULL))) ORDER BY c.id LIMIT ?`, after, before.UTC(), most).Scan(&ids).Error
	if err != nil {
		return nil, fmt.Errorf("find people without cases: %w", db.Fault(err, "", ""))
	}
	return ids, nil
}
