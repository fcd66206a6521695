package offers

import (
	"context"

	"minqing/internal/vault"
)

// Sealed is what a constituent's data key seals in the tables of this package: why
// somebody was taken off a list, or objects.
func Sealed() vault.Sealed {
	return vault.Sealed{Table: "offers", ID: "id", Owner: "constituent_id", Column: "note_cipher", Purpose: "'" + purposeNote + "'"}
}

// CodesUnder counts the links of open offers that hang on a ring key.
func (s *Service) CodesUnder(ctx context.Context, ringKey string) (n int64, err error) {
	if err := s.DB.From(ctx).Raw("SELECT COUNT(*) FROM offers WHERE code_key = ?", ringKey).Scan(&n).Error; err != nil {
		return 0, fail("count links", err)
	}
	return n, nil
}

// RenewCodes gives up to most offers links of the current ring key; those in
// mails that were sent are worthless from then on.
func (s *Service) RenewCodes(ctx context.Context, ringKey string, most int) (int64, error) {
	return s.exec(ctx, "renew links", `UPDATE offers SET code_key = ?, code_generation = code_generation + 1 WHERE id IN (SELECT id FROM offers WHERE code_key = ? ORDER BY id LIMIT ?)`,
		s.Vault.CurrentKey(), ringKey, most)
}
