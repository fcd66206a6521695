package voices

import (
	"context"
	"errors"
	"fmt"

	"minqing/internal/db"
	"minqing/internal/vault"
)

// KeyOwner says what the data key of somebody who follows seals in this package.
func KeyOwner() vault.Owner {
	return vault.Owner{Kind: "follower", Table: "voice_follows", Sealed: []vault.Sealed{
		{Table: "voice_follows", ID: "id", Owner: "id", Column: "address_cipher", Purpose: "'" + purposeFollow + "'"},
	}}
}

// Reindex brings the keyed hashes of the next addresses under the current ring
// key, in the open transaction. Those that came back can be read no more and keep
// theirs until they are forgotten.
func (s *Service) Reindex(ctx context.Context, after string, most int) (last string, n int, stuck []string, err error) {
	var rows []following
	if err := s.DB.From(ctx).Where("id > ?", after).Order("id").Limit(most).Find(&rows).Error; err != nil {
		return after, 0, nil, fmt.Errorf("read who follows: %w", db.Fault(err, "", ""))
	}
	for _, f := range rows {
		last = f.ID
		if s.Vault.IsCurrentIndex(f.AddressIndex) || f.BouncedAt != nil {
			continue
		}
		address, err := s.Vault.Open(ctx, purposeFollow, f.AddressCipher)
		if errors.Is(err, vault.ErrErased) {
			continue
		}
		if err != nil {
			stuck = append(stuck, f.ID)
			continue
		}
		err = s.DB.From(ctx).Exec("UPDATE voice_follows SET address_index = ? WHERE id = ? AND address_index = ?",
			s.Vault.BlindIndex(purposeFollow, string(address)), f.ID, f.AddressIndex).Error
		if err != nil {
			return after, 0, nil, fmt.Errorf("index who follows anew: %w", db.Fault(err, "", ""))
		}
	}
	return last, len(rows), stuck, nil
}

// IndexedUnder counts the hashes of this package that stand under a ring key and
// can be brought under another.
func (s *Service) IndexedUnder(ctx context.Context, ringKey string) (n int64, err error) {
	from, to := vault.IndexRange(ringKey)
	err = s.DB.From(ctx).Raw("SELECT count(*) FROM voice_follows WHERE address_index >= ? AND address_index < ? AND bounced_at IS NULL", from, to).Scan(&n).Error
	if err != nil {
		return 0, fmt.Errorf("count keyed hashes: %w", db.Fault(err, "", ""))
	}
	return n, nil
}

// CodesUnder counts the links to prove an address or to follow no more that hang
// on a ring key.
func (s *Service) CodesUnder(ctx context.Context, ringKey string) (n int64, err error) {
	if err := s.DB.From(ctx).Raw("SELECT count(*) FROM voice_follows WHERE link_key = ?", ringKey).Scan(&n).Error; err != nil {
		return 0, fmt.Errorf("count links: %w", db.Fault(err, "", ""))
	}
	return n, nil
}

// RenewCodes gives up to most rows links of the current ring key; the next mail
// carries them.
func (s *Service) RenewCodes(ctx context.Context, ringKey string, most int) (int64, error) {
	r := s.DB.From(ctx).Exec(`UPDATE voice_follows SET link_key = ?, generation = generation + 1
 WHERE id IN (SELECT id FROM voice_follows WHERE link_key = ? ORDER BY id LIMIT ?)`, s.Vault.CurrentKey(), ringKey, most)
	if r.Error != nil {
		return 0, fmt.Errorf("renew links: %w", db.Fault(r.Error, "", ""))
	}
	return r.RowsAffected, nil
}
