package constituents

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"minqing/internal/db"
	"minqing/internal/vault"
)

// sealedMark begins a reason that lies sealed in the trail.
const sealedMark = "sealed:"

// sealReason makes a typed reason fit for the trail: whoever looked may have
// written the person's name into it. It lies under a key of its own, which is
// destroyed with the person and never replaced. Of somebody erased there is
// nothing to name any more.
func (s *Service) sealReason(ctx context.Context, id, reason string) (string, error) {
	var r row
	if err := s.DB.From(ctx).Where("id = ?", id).Take(&r).Error; err != nil {
		return "", db.Fault(err, "constituents.missing", "")
	}
	if r.ErasedAt != nil {
		return "", nil
	}
	if r.TrailKeyID == nil {
		key, err := s.Vault.NewKey(ctx, vault.OwnerConstituent)
		if err != nil {
			return "", err
		}
		res := s.DB.From(ctx).Exec("UPDATE constituents SET trail_key_id = ? WHERE id = ? AND trail_key_id IS NULL", key, id)
		if res.Error != nil {
			return "", fmt.Errorf("keep the key of reasons: %w", db.Fault(res.Error, "", ""))
		}
		r.TrailKeyID = &key
		if res.RowsAffected == 0 { // somebody else looked for the first time too
			if err := s.DB.From(ctx).Raw("SELECT trail_key_id FROM constituents WHERE id = ?", id).Scan(r.TrailKeyID).Error; err != nil {
				return "", fmt.Errorf("read the key of reasons: %w", db.Fault(err, "", ""))
			}
		}
	}
	sealed, err := s.Vault.Seal(ctx, *r.TrailKeyID, purposeWhy, []byte(reason))
	if err != nil {
		return "", err
	}
	return sealedMark + base64.StdEncoding.EncodeToString(sealed), nil
}

// sealTwice is sealReason for what is said of two: it is gone when either is erased.
func (s *Service) sealTwice(ctx context.Context, a, b, reason string) (string, error) {
	once, err := s.sealReason(ctx, a, reason)
	if err != nil || once == "" {
		return "", err
	}
	return s.sealReason(ctx, b, once)
}

// Reason reads a reason of the trail, sealed or not. One whose person was erased
// is gone.
func (s *Service) Reason(ctx context.Context, kept string) (reason string, gone bool, err error) {
	rest, sealed := strings.CutPrefix(kept, sealedMark)
	if !sealed {
		return kept, false, nil
	}
	raw, err := base64.StdEncoding.DecodeString(rest)
	if err != nil {
		return kept, false, nil // somebody typed this
	}
	plain, err := s.Vault.Open(ctx, purposeWhy, raw)
	if errors.Is(err, vault.ErrErased) {
		return "", true, nil
	}
	if err != nil {
		return kept, false, nil //nolint:nilerr // what cannot be opened is shown as it stands: the trail hides nothing
	}
	if strings.HasPrefix(string(plain), sealedMark) { // of two people
		return s.Reason(ctx, string(plain))
	}
	return string(plain), false, nil
}
