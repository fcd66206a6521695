package constituents

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"minqing/internal/db"
	"minqing/internal/vault"
)

// Reach says how to write to a constituent, in the clear, for the sender of
// messages only. EmailProven says that the address was confirmed; until then
// nothing but the case number and a link to confirm may go there.
type Reach struct {
	Locale       string
	VaultKeyID   string // the person's data key
	Email        string
	EmailProven  bool
	EmailToken   string // of the link that proves it; empty when it is proven
	EmailBounces bool
	Phone        string
	PhoneProven  bool
	PhoneToken   string
	PhoneBounces bool              // no text gets through
	Pending      map[string]string // unproven addresses by which nobody is written to, and the tokens of their links
}

// Reach gives the preferred or newest way of each kind; an address that was never
// proven does not take the place of one that was. A person whose key was
// destroyed cannot be reached: vault.ErrErased.
func (s *Service) Reach(ctx context.Context, id string) (Reach, error) {
	var who []struct {
		Locale     string
		VaultKeyID string
		ErasedAt   *time.Time
	}
	var points []point
	err := s.DB.TogetherNow(ctx, db.Rows(&who, "SELECT locale, vault_key_id, erased_at FROM constituents WHERE id = ?", id),
		db.Rows(&points, "SELECT id, kind, value_cipher, verified_at, link_key, generation FROM contact_points"+
			" WHERE constituent_id = ? AND (valid_to IS NULL OR valid_to > ?) ORDER BY preferred, valid_from, id", id, s.Now().UTC()))
	if err != nil {
		return Reach{}, fmt.Errorf("read how to reach somebody: %w", db.Fault(err, "", ""))
	}
	if len(who) == 0 {
		return Reach{}, errMissing
	}
	if who[0].ErasedAt != nil {
		return Reach{}, vault.ErrErased
	}
	out := Reach{Locale: who[0].Locale, VaultKeyID: who[0].VaultKeyID}
	for _, p := range points { // the preferred and newest come last
		value, err := s.Vault.Open(ctx, p.Kind.purpose(), p.ValueCipher)
		if err != nil {
			return Reach{}, err
		}
		out.add(string(value), p, s.token)
	}
	return out, s.bounces(ctx, &out)
}

func (r *Reach) add(value string, p point, token func(point) string) {
	proven, link := p.VerifiedAt != nil, ""
	if !proven {
		link = token(p)
	}
	switch {
	case p.Kind == Email && r.EmailProven && !proven:
		if r.Pending == nil {
			r.Pending = map[string]string{}
		}
		r.Pending[value] = link
	case p.Kind == Email:
		r.Email, r.EmailProven, r.EmailToken = value, proven, link
	case p.Kind == Phone && (proven || !r.PhoneProven):
		r.Phone, r.PhoneProven, r.PhoneToken = value, proven, link
	}
}

// bounces says whether nothing gets through to the address or the number, whoever gave it.
func (s *Service) bounces(ctx context.Context, r *Reach) error {
	var asked []string
	var args []any
	for _, p := range []struct {
		kind  PointKind
		value string
	}{{Email, r.Email}, {Phone, r.Phone}} {
		if p.value != "" {
			asked = append(asked, "SELECT kind FROM contact_points WHERE blind_index IN ? AND kind = ? AND bounced_at IS NOT NULL")
			args = append(args, s.indexes(p.kind, p.value), p.kind)
		}
	}
	if len(asked) == 0 {
		return nil
	}
	var dead []PointKind
	if err := s.DB.From(ctx).Raw(strings.Join(asked, " UNION ALL "), args...).Scan(&dead).Error; err != nil {
		return fmt.Errorf("look whether anything gets through to an address: %w", db.Fault(err, "", ""))
	}
	r.EmailBounces, r.PhoneBounces = slices.Contains(dead, Email), slices.Contains(dead, Phone)
	return nil
}
