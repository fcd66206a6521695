package constituents

import (
	"context"
	"errors"
	"fmt"

	"minqing/internal/db"
	"minqing/internal/vault"
)

// Numbers are the keyed hashes by which people are found by a number of identity.
type Numbers struct{ s *Service }

// Numbers gives them to a change of keys.
func (s *Service) Numbers() Numbers { return Numbers{s} }

// Reindex brings the hashes of the next numbers under the current ring key, as
// Service.Reindex does those of contact points.
func (n Numbers) Reindex(ctx context.Context, after string, most int) (last string, seen int, stuck []string, err error) {
	s := n.s
	var rows []idRow
	if err := s.DB.From(ctx).Where("id > ?", after).Order("id").Limit(most).Find(&rows).Error; err != nil {
		return after, 0, nil, fmt.Errorf("read numbers of identity: %w", db.Fault(err, "", ""))
	}
	for _, r := range rows {
		last = r.ID
		if s.Vault.IsCurrentIndex(r.BlindIndex) || len(r.BlindIndex) == 0 {
			continue
		}
		index := []byte{}
		value, err := s.Vault.Open(ctx, r.Kind.purpose(), r.ValueCipher)
		switch {
		case err == nil:
			index = s.Vault.BlindIndex(r.Kind.purpose(), string(value))
		case !errors.Is(err, vault.ErrErased):
			stuck = append(stuck, r.ID)
			continue
		}
		err = s.DB.From(ctx).Exec("UPDATE constituent_ids SET blind_index = ? WHERE id = ? AND blind_index = ?", index, r.ID, r.BlindIndex).Error
		if err != nil {
			return after, 0, nil, fmt.Errorf("index a number of identity anew: %w", db.Fault(err, "", ""))
		}
	}
	return last, len(rows), stuck, nil
}

// IndexedUnder counts the hashes that stand under a ring key.
func (n Numbers) IndexedUnder(ctx context.Context, ringKey string) (count int64, err error) {
	from, to := vault.IndexRange(ringKey)
	err = n.s.DB.From(ctx).Raw("SELECT count(*) FROM constituent_ids WHERE blind_index >= ? AND blind_index < ?", from, to).Scan(&count).Error
	if err != nil {
		return 0, fmt.Errorf("count keyed hashes of numbers: %w", db.Fault(err, "", ""))
	}
	return count, nil
}
