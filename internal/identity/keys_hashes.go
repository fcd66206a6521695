package identity

import (
	"context"
	"errors"
	"fmt"

	"minqing/internal/db"
	"minqing/internal/vault"
)

// Hashes are a table whose rows are found by a keyed hash of what they hold
// sealed: the people of providers and the phones of accounts.
type Hashes struct {
	s                          *Service
	table, id, hash, value, as string // columns, and what hash and value are for
}

// Subjects are the hashes by which the people of providers are found.
func (s *Service) Subjects() Hashes {
	return Hashes{s, "external_identities", "id", "subject_index", "subject_cipher", purposeSubject}
}

// Phones are the hashes by which accounts are found by their phone.
func (s *Service) Phones() Hashes {
	return Hashes{s, "account_phones", "account_id", "phone_index", "phone_cipher", purposePhone}
}

// Reindex brings the hashes of the next rows under the current ring key.
func (h Hashes) Reindex(ctx context.Context, after string, most int) (last string, n int, stuck []string, err error) {
	var rows []struct {
		ID          string
		Hash, Value []byte
	}
	sql := fmt.Sprintf("SELECT %s AS id, %s AS hash, %s AS value FROM %s WHERE %s > ? ORDER BY %s LIMIT ?", h.id, h.hash, h.value, h.table, h.id, h.id)
	if err := h.s.DB.From(ctx).Raw(sql, after, most).Scan(&rows).Error; err != nil {
		return after, 0, nil, fmt.Errorf("read %s: %w", h.table, db.Fault(err, "", ""))
	}
	for _, r := range rows {
		last = r.ID
		if h.s.Vault.IsCurrentIndex(r.Hash) {
			continue
		}
		value, err := h.s.Vault.Open(ctx, h.as, r.Value)
		if err != nil && !errors.Is(err, vault.ErrErased) {
			stuck = append(stuck, r.ID)
			continue
		}
		if err == nil {
			sql := fmt.Sprintf("UPDATE %s SET %s = ? WHERE %s = ? AND %s = ?", h.table, h.hash, h.id, h.hash)
			err = h.s.DB.From(ctx).Exec(sql, h.s.Vault.BlindIndex(h.as, string(value)), r.ID, r.Hash).Error
		} else { // nobody comes back as somebody erased
			err = h.s.DB.From(ctx).Exec(fmt.Sprintf("DELETE FROM %s WHERE %s = ?", h.table, h.id), r.ID).Error
		}
		if err != nil {
			return after, 0, nil, fmt.Errorf("index %s anew: %w", h.table, db.Fault(err, "", ""))
		}
	}
	return last, len(rows), stuck, nil
}

// IndexedUnder counts the hashes that stand under a ring key.
func (h Hashes) IndexedUnder(ctx context.Context, ringKey string) (n int64, err error) {
	from, to := vault.IndexRange(ringKey)
	sql := fmt.Sprintf("SELECT count(*) FROM %s WHERE %s >= ? AND %s < ?", h.table, h.hash, h.hash)
	if err := h.s.DB.From(ctx).Raw(sql, from, to).Scan(&n).Error; err != nil {
		return 0, fmt.Errorf("count keyed hashes: %w", db.Fault(err, "", ""))
	}
	return n, nil
}

// standsUnder is the one of some hashes under which a row stands, while keys change, or
// the first when there is none: the same work either way.
func (s *Service) standsUnder(ctx context.Context, table, column string, hashes [][]byte) ([]byte, error) {
	var found [][]byte
	sql := fmt.Sprintf("SELECT %s FROM %s WHERE %s IN ? LIMIT 1", column, table, column)
	if err := s.DB.From(ctx).Raw(sql, hashes).Scan(&found).Error; err != nil {
		return nil, fmt.Errorf("look for a keyed hash: %w", db.Fault(err, "", ""))
	}
	return append(found, hashes[0])[0], nil
}
