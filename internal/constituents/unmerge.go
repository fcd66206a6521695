package constituents

import (
	"context"
	"fmt"
	"strconv"

	"minqing/internal/actor"
	"minqing/internal/audit"
	"minqing/internal/db"
	"minqing/internal/fault"
)

// field is a column in the clear as the journal keeps it; nil when it is empty.
func (r row) field(name string) *string {
	switch name {
	case "locale":
		return &r.Locale
	case "birth_year":
		if r.BirthYear == nil {
			return nil
		}
		year := strconv.Itoa(*r.BirthYear)
		return &year
	case "district_code":
		return r.DistrictCode
	case "established_on":
		if r.EstablishedOn == nil {
			return nil
		}
		day := r.EstablishedOn.String()
		return &day
	case "stage":
		return r.Stage
	case "industry":
		return r.Industry
	}
	return nil
}

func number64(s string) (int64, error) {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return 0, fmt.Errorf("a year in the journal of merges: %w", err)
	}
	return n, nil
}

// Unmerge lets a merged record stand for itself again and gives back to the
// survivor what stood there before, unless somebody has changed it since. Cases
// stay with whom they named, so that those of each come back by themselves. The
// two are remembered as not the same.
func (m *Merging) Unmerge(ctx context.Context, mergeID string, version int64, reason string) error {
	reason, err := m.reason(reason)
	if err != nil {
		return err
	}
	if !uuidLike(mergeID) {
		return errMissing
	}
	return m.DB.Tx(ctx, func(ctx context.Context) error {
		var r mergeRow
		if err := m.DB.From(ctx).Where("id = ?", mergeID).Take(&r).Error; err != nil {
			return db.Fault(err, "constituents.missing", "")
		}
		if err := m.both(ctx, r.SurvivorID, r.MergedID); err != nil {
			return err
		}
		if err := m.oneAtATime(ctx); err != nil {
			return err
		}
		if err := m.holdChain(ctx, r); err != nil {
			return err
		}
		if err := m.DB.From(ctx).Where("id = ?", mergeID).Take(&r).Error; err != nil {
			return db.Fault(err, "constituents.missing", "")
		}
		if r.UndoneAt != nil || r.Version != version {
			return fault.New(fault.Conflict, "duplicates.unmerge.done")
		}
		sealed, err := m.sealTwice(ctx, r.SurvivorID, r.MergedID, reason)
		if err != nil {
			return err
		}
		if err := m.unmerge(ctx, r, sealed); err != nil {
			return err
		}
		return m.setApart(ctx, r.SurvivorID, r.MergedID, sealed, r.Score)
	})
}

// oneAtATime lets staff merge and take apart one after the other: a merge writes the head of every
// record below it, so that two in chains that meet would wait for each other.
func (m *Merging) oneAtATime(ctx context.Context) error {
	return m.DB.Freeze(ctx, "constituent_merges")
}

// holdChain holds both records of a merge and, before them, that which stands for
// them: nobody merges or takes apart anything else of the chain meanwhile. Whoever
// writes what stands for a record holds that one first too, so that nobody waits for
// each other.
func (s *Service) holdChain(ctx context.Context, r mergeRow) error {
	if _, err := s.Hold(ctx, r.SurvivorID); err != nil {
		return err
	}
	return s.holdTwo(ctx, r.SurvivorID, r.MergedID)
}

// unmerge takes a merge back. Its chain is held by the open transaction.
func (s *Service) unmerge(ctx context.Context, r mergeRow, sealed string) error {
	res := s.DB.From(ctx).Exec("UPDATE constituents SET merged_into_id = NULL, merged_how = NULL, version = version + 1 WHERE id = ? AND merged_into_id = ? AND merged_how IS NOT NULL",
		r.MergedID, r.SurvivorID)
	if res.Error != nil {
		return fmt.Errorf("take back a merge: %w", db.Fault(res.Error, "", ""))
	}
	if res.RowsAffected == 0 { // the person has proven since that both are theirs
		return fault.New(fault.Conflict, "duplicates.unmerge.proven")
	}
	if err := s.rehead(ctx, r.MergedID); err != nil {
		return err
	}
	entry := audit.Entry{Action: "constituent.unmerge", Kind: "constituent", ID: r.SurvivorID, Reason: sealed,
		Fields: []audit.Change{{Field: "merged", Before: r.MergedID}}}
	var changes []changeRow
	if err := s.DB.From(ctx).Where("merge_id = ?", r.ID).Order("id").Find(&changes).Error; err != nil {
		return fmt.Errorf("read what a merge wrote: %w", db.Fault(err, "", ""))
	}
	for _, c := range changes {
		back, err := s.giveBack(ctx, c)
		if err != nil {
			return err
		}
		if back {
			entry.Fields = append(entry.Fields, audit.Change{Field: c.Field})
		}
	}
	now := s.Now().UTC()
	res = s.DB.From(ctx).Exec("UPDATE constituents SET version = version + 1 WHERE id = ?", r.SurvivorID)
	if res.Error == nil {
		res = s.DB.From(ctx).Exec("DELETE FROM constituent_merge_changes WHERE merge_id = ?", r.ID) // it may hold what the other said
	}
	if res.Error == nil {
		res = s.DB.From(ctx).Exec("UPDATE constituent_merges SET undone_at = ?, undone_by_id = ?, undo_reason = ?, version = version + 1 WHERE id = ? AND undone_at IS NULL",
			now, db.Ref(actor.From(ctx).AccountID), sealed, r.ID)
	}
	if res.Error != nil {
		return fmt.Errorf("close a merge: %w", db.Fault(res.Error, "", ""))
	}
	return s.Audit.Record(ctx, entry)
}

// giveBack puts what stood in a field before a merge back into it: into the
// survivor's record if the merge's value still stands there, or into what a later
// merge found, so that merges may be taken back in any order. What somebody has
// changed since stays as it is.
func (s *Service) giveBack(ctx context.Context, c changeRow) (bool, error) {
	if c.PointID != nil {
		res := s.DB.From(ctx).Exec("DELETE FROM contact_points WHERE id = ? AND constituent_id = ? AND verified_at IS NULL AND valid_to IS NULL", *c.PointID, c.ConstituentID)
		if res.Error != nil {
			return false, fmt.Errorf("take back a contact point: %w", db.Fault(res.Error, "", ""))
		}
		return res.RowsAffected > 0, nil
	}
	var later []changeRow
	err := s.DB.From(ctx).Where("constituent_id = ? AND field = ? AND at_version > ?", c.ConstituentID, c.Field, c.AtVersion).Order("at_version").Limit(1).Find(&later).Error
	if err != nil {
		return false, fmt.Errorf("read what a later merge wrote: %w", db.Fault(err, "", ""))
	}
	if len(later) > 0 {
		stands, err := s.stands(ctx, c, later[0].BeforeCipher, later[0].BeforeValue)
		if err != nil || !stands {
			return false, err
		}
		err = s.DB.From(ctx).Exec("UPDATE constituent_merge_changes SET before_cipher = ?, before_value = ? WHERE id = ?", c.BeforeCipher, c.BeforeValue, later[0].ID).Error
		if err != nil {
			return false, fmt.Errorf("correct what a later merge found: %w", db.Fault(err, "", ""))
		}
		return true, nil
	}
	var now row
	if err := s.DB.From(ctx).Where("id = ?", c.ConstituentID).Take(&now).Error; err != nil {
		return false, db.Fault(err, "constituents.missing", "")
	}
	stands, err := s.stands(ctx, c, now.NameCipher, now.field(c.Field))
	if err != nil || !stands {
		return false, err
	}
	if c.Field != "name" {
		return true, s.setField(ctx, c.ConstituentID, c.Field, c.BeforeValue)
	}
	name, err := s.Vault.Open(ctx, purposeName, c.BeforeCipher)
	if err != nil {
		return false, err
	}
	return true, s.setName(ctx, c.ConstituentID, now.Kind, c.BeforeCipher, string(name))
}

// stands says whether a value is that which a change wrote. Names are compared as
// they read: a change of keys seals them anew.
func (s *Service) stands(ctx context.Context, c changeRow, cipher []byte, value *string) (bool, error) {
	if c.Field != "name" {
		return same(c.AfterValue, value), nil
	}
	wrote, err := s.Vault.Open(ctx, purposeName, c.AfterCipher)
	if err != nil {
		return false, err
	}
	is, err := s.Vault.Open(ctx, purposeName, cipher)
	return err == nil && string(wrote) == string(is), err
}
