package constituents

import (
	"context"
	"fmt"
	"time"

	"minqing/internal/audit"
	"minqing/internal/db"
	"minqing/internal/fault"
)

// Erase destroys what says who constituents are and how to reach them, in the
// open transaction: their keys, so that copies and backups say nothing either,
// and the rows themselves. That there was somebody stays. Those who are erased
// already stay as they are.
func (s *Service) Erase(ctx context.Context, ids []string, at time.Time) error {
	if err := s.loosen(ctx, ids...); err != nil {
		return err
	}
	for _, id := range ids {
		var r row
		if err := s.DB.From(ctx).Where("id = ?", id).Take(&r).Error; err != nil {
			return db.Fault(err, "constituents.missing", "")
		}
		if r.ErasedAt != nil {
			continue
		}
		if err := s.Vault.Destroy(ctx, r.VaultKeyID); err != nil {
			return err
		}
		if r.TrailKeyID != nil {
			if err := s.Vault.Destroy(ctx, *r.TrailKeyID); err != nil {
				return err
			}
		}
		if err := s.eraseRows(ctx, id); err != nil {
			return err
		}
		err := s.DB.From(ctx).Exec(`UPDATE constituents SET name_cipher = NULL, name_index = NULL, name_parts = NULL, birth_year = NULL, district_code = NULL, established_on = NULL, stage = NULL,
 industry = NULL, erased_at = ?, version = version + 1 WHERE id = ?`, at.UTC(), id).Error
		if err != nil {
			return fmt.Errorf("erase somebody: %w", db.Fault(err, "", ""))
		}
		if err := s.Audit.Record(ctx, audit.Entry{Action: "constituent.erased", Kind: "constituent", ID: id}); err != nil {
			return err
		}
	}
	return nil
}

// eraseRows deletes what hangs on somebody's record.
func (s *Service) eraseRows(ctx context.Context, id string) error {
	for _, sql := range []string{"contact_points WHERE constituent_id = ?", "constituent_ids WHERE constituent_id = ?", "constituent_needs WHERE constituent_id = ?",
		"constituent_notes WHERE constituent_id = ?", "constituent_relations WHERE from_id = ?", "constituent_relations WHERE to_id = ?",
		"constituent_pairs WHERE a_id = ?", "constituent_pairs WHERE b_id = ?", "constituent_merge_changes WHERE constituent_id = ?"} {
		if err := s.DB.From(ctx).Exec("DELETE FROM "+sql, id).Error; err != nil {
			return fmt.Errorf("erase what is known of somebody: %w", db.Fault(err, "", ""))
		}
	}
	err := s.DB.From(ctx).Exec("UPDATE constituent_merges SET reason = '', undo_reason = '' WHERE survivor_id = ? OR merged_id = ?", id, id).Error
	if err != nil {
		return fmt.Errorf("erase why somebody was merged: %w", db.Fault(err, "", ""))
	}
	return nil
}

// Own is a constituent in the clear, for nobody but that person.
type Own struct {
	Kind      Kind
	Name      string
	Locale    string
	CreatedAt time.Time
	Version   int64
	Points    []OwnPoint
	Known     *Known // in the clear
}

// OwnPoint is one way to reach the person.
type OwnPoint struct {
	Kind     PointKind
	Value    string
	Proven   bool
	Since    time.Time
	Until    *time.Time
	ID       string
	Replaced bool // no longer used
	Bounced  bool // mails to it come back
}

// Own shows a person what is held of them. Whoever calls has made sure that it is
// them.
func (s *Service) Own(ctx context.Context, id string) (*Own, error) {
	var r row
	if err := s.DB.From(ctx).Where("id = ?", id).Take(&r).Error; err != nil {
		return nil, db.Fault(err, "constituents.missing", "")
	}
	name, err := s.Vault.Open(ctx, purposeName, r.NameCipher)
	if err != nil {
		return nil, err
	}
	own := &Own{Kind: r.Kind, Name: string(name), Locale: r.Locale, CreatedAt: r.CreatedAt, Version: r.Version}
	if own.Known, err = s.known(ctx, []string{id}); err != nil {
		return nil, err
	}
	var points []point
	if err := s.DB.From(ctx).Where("constituent_id = ?", id).Order("valid_from, id").Find(&points).Error; err != nil {
		return nil, fmt.Errorf("read how to reach somebody: %w", db.Fault(err, "", ""))
	}
	for _, p := range points {
		value, err := s.Vault.Open(ctx, p.Kind.purpose(), p.ValueCipher)
		if err != nil {
			return nil, err
		}
		own.Points = append(own.Points, OwnPoint{ID: p.ID, Kind: p.Kind, Value: string(value), Proven: p.VerifiedAt != nil, Since: p.ValidFrom,
			Until: p.ValidTo, Replaced: p.ValidTo != nil && !p.ValidTo.After(s.Now()), Bounced: p.BouncedAt != nil})
	}
	return own, nil
}

// Rename corrects a name.
func (s *Service) Rename(ctx context.Context, id, name string) error {
	return s.DB.Tx(ctx, func(ctx context.Context) error {
		var r row
		if err := s.DB.From(ctx).Where("id = ?", id).Take(&r).Error; err != nil {
			return db.Fault(err, "constituents.missing", "")
		}
		cipher, err := s.Vault.Seal(ctx, r.VaultKeyID, purposeName, []byte(name))
		if err != nil {
			return err
		}
		whole, parts := s.marks(r.Kind, name)
		res := s.DB.From(ctx).Exec("UPDATE constituents SET name_cipher = ?, name_index = ?, name_parts = ?, version = version + 1 WHERE id = ? AND version = ?",
			cipher, whole, parts, id, r.Version)
		if res.Error != nil {
			return fmt.Errorf("correct a name: %w", db.Fault(res.Error, "", ""))
		}
		if res.RowsAffected == 0 {
			return fault.New(fault.Conflict, "fault.conflict")
		}
		return s.Audit.Record(ctx, audit.Entry{Action: "constituent.correct", Kind: "constituent", ID: id, Fields: []audit.Change{{Field: "name"}}})
	})
}

// Instead gives a constituent another way to be reached in the place of those of
// its kind; an empty value only takes those away.
func (s *Service) Instead(ctx context.Context, id string, kind PointKind, value string) error {
	return s.DB.Tx(ctx, func(ctx context.Context) error {
		keep := ""
		if value != "" {
			point, err := s.Attach(ctx, id, kind, value, false)
			if err != nil {
				return err
			}
			keep = point
		}
		var ids []string
		if err := s.DB.From(ctx).Raw("SELECT id FROM contact_points WHERE constituent_id = ? AND kind = ? AND valid_to IS NULL", id, kind).Scan(&ids).Error; err != nil {
			return fmt.Errorf("read how to reach somebody: %w", db.Fault(err, "", ""))
		}
		for _, p := range ids {
			if p == keep {
				continue
			}
			if err := s.DB.From(ctx).Exec("UPDATE contact_points SET valid_to = ?, version = version + 1 WHERE id = ?", s.Now().UTC(), p).Error; err != nil {
				return fmt.Errorf("replace a contact point: %w", db.Fault(err, "", ""))
			}
			if err := s.Audit.Record(ctx, audit.Entry{Action: "constituent.detach", Kind: "constituent", ID: id, Fields: []audit.Change{{Field: string(kind)}}}); err != nil {
				return err
			}
		}
		return nil
	})
}
