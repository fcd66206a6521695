package outreach

import (
	"context"

	"minqing/internal/calendar"
	"minqing/internal/i18n"
)

// Placed is a segment that somebody is in, or was fixed in or out of by hand.
type Placed struct {
	Name      i18n.Text
	Purpose   Purpose
	Basis     Basis
	BasisText i18n.Text
	Since     *calendar.Date // in it; nil when they are not
	Way       Way            // empty when the definition alone says so
	Reason    string
}

// Own tells which segments people are in and why, in the clear: for nobody but
// themselves.
func (s *Service) Own(ctx context.Context, ids []string) (list []Placed, err error) {
	var rows []struct {
		Placed
		ReasonCipher []byte
	}
	err = s.DB.From(ctx).Raw(`SELECT g.name, g.purpose, g.basis, g.basis_text, m.since, f.way, f.reason_cipher
 FROM constituents x CROSS JOIN segments g
 LEFT JOIN segment_members m ON m.segment_id = g.id AND m.constituent_id = x.id
 LEFT JOIN segment_fixed f ON f.segment_id = g.id AND f.constituent_id = x.id
 WHERE x.id IN ? AND g.retired_at IS NULL AND (m.constituent_id IS NOT NULL OR f.constituent_id IS NOT NULL) ORDER BY g.created_at, g.id, x.id`, ids).Scan(&rows).Error
	if err != nil {
		return nil, fail("read the segments of somebody", err)
	}
	for _, r := range rows {
		reason, err := s.Vault.Open(ctx, purposeReason, r.ReasonCipher)
		if err != nil {
			return nil, err
		}
		r.Reason = string(reason)
		list = append(list, r.Placed)
	}
	return list, nil
}
