package constituents

import (
	"context"
	"fmt"
	"strings"
	"time"

	"minqing/internal/audit"
	"minqing/internal/db"
	"minqing/internal/fault"
	"minqing/internal/vault"
)

// FindByContact lists the constituents that may be reached at the value, the
// oldest first. A shared phone or mailbox has several; none of this proves who
// somebody is.
func (s *Service) FindByContact(ctx context.Context, kind PointKind, value string) ([]string, error) {
	if strings.TrimSpace(value) == "" {
		return nil, nil
	}
	var ids []string
	err := s.DB.From(ctx).Raw(`SELECT constituent_id FROM contact_points WHERE blind_index IN ? AND kind = ? AND (valid_to IS NULL OR valid_to > ?)
 GROUP BY constituent_id ORDER BY constituent_id`, s.indexes(kind, value), kind, s.Now()).Scan(&ids).Error
	if err != nil {
		return nil, fmt.Errorf("find constituents by contact: %w", db.Fault(err, "", ""))
	}
	return ids, nil
}

// Attach adds a way to reach a constituent, or gives the one that stands. A
// proven one counts from now; an unproven one stays so until its link is opened.
func (s *Service) Attach(ctx context.Context, id string, kind PointKind, value string, proven bool) (pointID string, err error) {
	if strings.TrimSpace(value) == "" {
		return "", fault.InvalidInput(fault.Field{Name: string(kind), Key: "constituents.contact.empty"})
	}
	now := s.Now().UTC()
	err = s.DB.Tx(ctx, func(ctx context.Context) error {
		var r row
		if err := s.DB.From(ctx).Where("id = ?", id).Take(&r).Error; err != nil {
			return db.Fault(err, "constituents.missing", "")
		}
		var there []point
		if err := s.DB.From(ctx).Where("blind_index IN ? AND constituent_id = ? AND kind = ? AND valid_to IS NULL", s.indexes(kind, value), id, kind).
			Order("id").Limit(1).Find(&there).Error; err != nil {
			return db.Fault(err, "", "")
		}
		if len(there) > 0 {
			pointID = there[0].ID
			if !proven || there[0].VerifiedAt != nil {
				return nil
			}
			return s.prove(ctx, there[0], now)
		}
		cipher, err := s.Vault.Seal(ctx, r.VaultKeyID, kind.purpose(), []byte(s.normal(kind, value)))
		if err != nil {
			return err
		}
		p := point{ID: db.NewID(now), ConstituentID: id, Kind: kind, ValueCipher: cipher, BlindIndex: s.index(kind, value), MatchIndex: s.placeIndex(kind, value),
			ValidFrom: now, LinkKey: s.Vault.CurrentKey(), Generation: 1, Version: 1}
		if proven {
			p.VerifiedAt = &now
		}
		pointID = p.ID
		if err := s.DB.InsertAll(ctx, p.insert()); err != nil {
			return fmt.Errorf("store a contact point: %w", err)
		}
		return s.Audit.Record(ctx, audit.Entry{Action: "constituent.attach", Kind: "constituent", ID: id, Fields: []audit.Change{{Field: string(kind)}}})
	})
	return pointID, err
}

func (s *Service) prove(ctx context.Context, p point, now time.Time) error {
	res := s.DB.From(ctx).Exec(`UPDATE contact_points SET verified_at = ?, version = version + 1 WHERE id = ? AND verified_at IS NULL`, now, p.ID)
	if res.Error != nil {
		return fmt.Errorf("note that a contact point is proven: %w", res.Error)
	}
	if res.RowsAffected == 0 {
		return nil
	}
	if err := s.DB.From(ctx).Exec("UPDATE contact_points SET bounced_at = NULL WHERE blind_index = ? AND bounced_at IS NOT NULL", p.BlindIndex).Error; err != nil {
		return fmt.Errorf("note that an address takes mail again: %w", err)
	}
	return s.Audit.Record(ctx, audit.Entry{Action: "constituent.prove", Kind: "constituent", ID: p.ConstituentID, Fields: []audit.Change{{Field: string(p.Kind)}}})
}

// token is what the link carries that proves a contact point: its id and a derived
// code, never stored. A new generation makes the old link worthless.
func (s *Service) token(p point) string { return p.ID + "." + s.code(p) }

func (s *Service) code(p point) string {
	return s.Vault.DeriveWith(p.LinkKey, purposeLink, p.ID, p.Generation, vault.LinkLength)
}

// Proven is a contact point whose owner opened its link.
type Proven struct {
	ConstituentID string
	Kind          PointKind
	Value         string // in the clear, to find the account that it belongs to
}

// Confirm takes the token of a confirm link: the mailbox or phone is proven.
// Opening a link twice does no harm.
func (s *Service) Confirm(ctx context.Context, token string) (Proven, error) {
	p, err := s.linked(ctx, token)
	if err != nil {
		return Proven{}, err
	}
	value, err := s.Vault.Open(ctx, p.Kind.purpose(), p.ValueCipher)
	if err != nil {
		return Proven{}, err
	}
	err = s.DB.Tx(ctx, func(ctx context.Context) error { return s.prove(ctx, p, s.Now().UTC()) })
	return Proven{ConstituentID: p.ConstituentID, Kind: p.Kind, Value: string(value)}, err
}

// LinkKind says what a confirm link proves.
func (s *Service) LinkKind(ctx context.Context, token string) (PointKind, error) {
	p, err := s.linked(ctx, token)
	return p.Kind, err
}

func (s *Service) linked(ctx context.Context, token string) (p point, err error) {
	id, code, ok := strings.Cut(token, ".")
	bad := fault.New(fault.NotFound, "constituents.link.invalid")
	if !ok || !db.IsID(id) {
		return p, bad
	}
	if err := s.DB.From(ctx).Where("id = ?", id).Take(&p).Error; err != nil {
		return p, db.Fault(err, "constituents.link.invalid", "")
	}
	if !vault.Matches(code, s.code(p)) {
		return point{}, bad
	}
	return p, nil
}

// HasProven says whether somebody has proven that they are reached at the value.
func (s *Service) HasProven(ctx context.Context, id string, kind PointKind, value string) (bool, error) {
	var n int
	err := s.DB.From(ctx).Raw(`SELECT count(*) FROM contact_points WHERE blind_index IN ? AND constituent_id = ? AND kind = ? AND verified_at IS NOT NULL
 AND (valid_to IS NULL OR valid_to > ?)`, s.indexes(kind, value), id, kind, s.Now()).Scan(&n).Error
	if err != nil {
		return false, fmt.Errorf("look whether a contact is proven: %w", db.Fault(err, "", ""))
	}
	return n > 0, nil
}
