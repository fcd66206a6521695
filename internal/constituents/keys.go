package constituents

import (
	"context"
	"errors"
	"fmt"

	"minqing/internal/db"
	"minqing/internal/vault"
)

// KeyOwner says what a constituent's data key seals in the tables of this package.
func KeyOwner() vault.Owner {
	return vault.Owner{Kind: "person", Table: "constituents", Sealed: []vault.Sealed{
		{Table: "constituents", ID: "id", Owner: "id", Column: "name_cipher", Purpose: "'" + purposeName + "'"},
		{Table: "contact_points", ID: "id", Owner: "constituent_id", Column: "value_cipher", Purpose: "'contact.' || kind"},
		{Table: "constituent_ids", ID: "id", Owner: "constituent_id", Column: "value_cipher", Purpose: "'identity.' || kind"},
		{Table: "constituent_notes", ID: "id", Owner: "constituent_id", Column: "body_cipher", Purpose: "'" + purposeOfNote + "'"},
		{Table: "constituent_merge_changes", ID: "id", Owner: "constituent_id", Column: "before_cipher", Purpose: "'" + purposeName + "'"},
		{Table: "constituent_merge_changes", ID: "id", Owner: "constituent_id", Column: "after_cipher", Purpose: "'" + purposeName + "'"},
	}}
}

// Reindex brings the keyed hashes of the next contact points under the current
// ring key, in the open transaction: it gives the last that it looked at, how
// many those were and which could not be read. Hashes of the erased are blanked.
func (s *Service) Reindex(ctx context.Context, after string, most int) (last string, n int, stuck []string, err error) {
	var rows []point
	if err := s.DB.From(ctx).Where("id > ?", after).Order("id").Limit(most).Find(&rows).Error; err != nil {
		return after, 0, nil, fmt.Errorf("read contact points: %w", db.Fault(err, "", ""))
	}
	sealed := make([][]byte, len(rows))
	for i, p := range rows {
		sealed[i] = p.ValueCipher
	}
	if err := s.Vault.Warm(ctx, sealed...); err != nil {
		sealed = nil // one by one it shows which
	}
	for _, p := range rows {
		last = p.ID
		if s.Vault.IsCurrentIndex(p.BlindIndex) || len(p.BlindIndex) == 0 {
			continue
		}
		index := []byte{}
		value, err := s.Vault.Open(ctx, p.Kind.purpose(), p.ValueCipher)
		switch {
		case err == nil:
			index = s.Vault.BlindIndex(p.Kind.purpose(), string(value))
		case !errors.Is(err, vault.ErrErased):
			stuck = append(stuck, p.ID)
			continue
		}
		err = s.DB.From(ctx).Exec("UPDATE contact_points SET blind_index = ? WHERE id = ? AND blind_index = ?", index, p.ID, p.BlindIndex).Error
		if err != nil {
			return after, 0, nil, fmt.Errorf("index a contact point anew: %w", db.Fault(err, "", ""))
		}
	}
	return last, len(rows), stuck, nil
}

// IndexedUnder counts the hashes of this package that stand under a ring key.
func (s *Service) IndexedUnder(ctx context.Context, ringKey string) (n int64, err error) {
	from, to := vault.IndexRange(ringKey)
	err = s.DB.From(ctx).Raw("SELECT count(*) FROM contact_points WHERE blind_index >= ? AND blind_index < ?", from, to).Scan(&n).Error
	if err != nil {
		return 0, fmt.Errorf("count keyed hashes: %w", db.Fault(err, "", ""))
	}
	return n, nil
}

// CodesUnder counts the links of this package that hang on a ring key.
func (s *Service) CodesUnder(ctx context.Context, ringKey string) (n int64, err error) {
	err = s.DB.From(ctx).Raw("SELECT count(*) FROM contact_points WHERE link_key = ? AND verified_at IS NULL", ringKey).Scan(&n).Error
	if err != nil {
		return 0, fmt.Errorf("count links: %w", db.Fault(err, "", ""))
	}
	return n, nil
}

// RenewCodes gives up to most rows links of the current ring key; links that were
// sent and not opened are worthless from then on.
func (s *Service) RenewCodes(ctx context.Context, ringKey string, most int) (int64, error) {
	r := s.DB.From(ctx).Exec(`UPDATE contact_points SET link_key = ?, generation = generation + 1
 WHERE id IN (SELECT id FROM contact_points WHERE link_key = ? ORDER BY id LIMIT ?)`, s.Vault.CurrentKey(), ringKey, most)
	if r.Error != nil {
		return 0, fmt.Errorf("renew links: %w", db.Fault(r.Error, "", ""))
	}
	return r.RowsAffected, nil
}
