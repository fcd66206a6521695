package identity

import (
	"context"
	"errors"
	"fmt"

	"minqing/internal/db"
	"minqing/internal/vault"
)

// Subjects are the keyed hashes by which the people of a provider are found.
type Subjects struct{ *Service }

// Reindex brings the hashes of the next people under the current ring key.
func (s Subjects) Reindex(ctx context.Context, after string, most int) (last string, n int, stuck []string, err error) {
	var rows []struct {
		ID            string
		SubjectIndex  []byte
		SubjectCipher []byte
	}
	err = s.DB.From(ctx).Raw("SELECT id, subject_index, subject_cipher FROM external_identities WHERE id > ? ORDER BY id LIMIT ?", after, most).Scan(&rows).Error
	if err != nil {
		return after, 0, nil, fmt.Errorf("read the people of providers: %w", db.Fault(err, "", ""))
	}
	for _, r := range rows {
		last = r.ID
		if s.Vault.IsCurrentIndex(r.SubjectIndex) {
			continue
		}
		subject, err := s.Vault.Open(ctx, purposeSubject, r.SubjectCipher)
		if err != nil && !errors.Is(err, vault.ErrErased) {
			stuck = append(stuck, r.ID)
			continue
		}
		if err == nil {
			err = s.DB.From(ctx).Exec("UPDATE external_identities SET subject_index = ? WHERE id = ? AND subject_index = ?",
				s.Vault.BlindIndex(purposeSubject, string(subject)), r.ID, r.SubjectIndex).Error
		} else { // nobody comes back as somebody erased
			err = s.DB.From(ctx).Exec("DELETE FROM external_identities WHERE id = ?", r.ID).Error
		}
		if err != nil {
			return after, 0, nil, fmt.Errorf("index a person of a provider anew: %w", db.Fault(err, "", ""))
		}
	}
	return last, len(rows), stuck, nil
}

// IndexedUnder counts the hashes that stand under a ring key.
func (s Subjects) IndexedUnder(ctx context.Context, ringKey string) (n int64, err error) {
	err = s.DB.From(ctx).Raw("SELECT count(*) FROM external_identities WHERE substr(subject_index, 1, 2) = ?", vault.IndexMark(ringKey)).Scan(&n).Error
	if err != nil {
		return 0, fmt.Errorf("count keyed hashes: %w", db.Fault(err, "", ""))
	}
	return n, nil
}
