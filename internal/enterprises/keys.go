package enterprises

import (
	"context"
	"fmt"

	"minqing/internal/db"
)

// codeTables are where links and codes are derived from.
var codeTables = []string{"enterprise_invitations", "enterprise_claims"}

// CodesUnder counts the links and codes that hang on a ring key.
func (s *Service) CodesUnder(ctx context.Context, ringKey string) (n int64, err error) {
	for _, table := range codeTables {
		var one int64
		if err := s.DB.From(ctx).Raw("SELECT count(*) FROM "+table+" WHERE link_key = ? AND state = 'open'", ringKey).Scan(&one).Error; err != nil {
			return 0, fmt.Errorf("count links: %w", db.Fault(err, "", ""))
		}
		n += one
	}
	return n, nil
}

// RenewCodes gives up to most rows of each table links of the current ring key;
// those that were sent and not opened are worthless from then on.
func (s *Service) RenewCodes(ctx context.Context, ringKey string, most int) (n int64, err error) {
	for _, table := range codeTables {
		r := s.DB.From(ctx).Exec("UPDATE "+table+" SET link_key = ?, generation = generation + 1 WHERE id IN (SELECT id FROM "+table+" WHERE link_key = ? AND state = 'open' ORDER BY id LIMIT ?)",
			s.Vault.CurrentKey(), ringKey, most)
		if r.Error != nil {
			return 0, fmt.Errorf("renew links: %w", db.Fault(r.Error, "", ""))
		}
		n += r.RowsAffected
	}
	return n, nil
}
