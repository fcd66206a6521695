package constituents

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"minqing/internal/actor"
	"minqing/internal/audit"
	"minqing/internal/db"
	"minqing/internal/fault"
	"minqing/internal/vault"
)

// How a record came to be merged.
const (
	howCertain = "certain" // by a certain identifier
	howJudged  = "judged"  // by somebody
)

// Merge is what somebody decides about two records.
type Merge struct {
	Survivor        string // stands for both from now on
	Merged          string
	SurvivorVersion int64
	MergedVersion   int64
	Take            []string // the fields whose value the survivor takes from the other
	Reason          string
}

// Fields lists what a survivor may take, in the order of the form.
func Fields(kind Kind) []string {
	if kind == Enterprise {
		return []string{"name", "phone", "email", "address", "locale", "district_code", "established_on", "stage", "industry"}
	}
	return []string{"name", "phone", "email", "address", "locale", "birth_year", "district_code"}
}

// Merge lets one record stand for two. Both must stand for themselves, be of the
// same kind, and not have changed since the page was made.
func (m *Merging) Merge(ctx context.Context, d Merge) (mergeID string, err error) {
	reason, err := m.reason(d.Reason)
	if err != nil {
		return "", err
	}
	err = m.DB.Tx(ctx, func(ctx context.Context) error {
		if err := m.both(ctx, d.Survivor, d.Merged); err != nil {
			return err
		}
		if err := m.oneAtATime(ctx); err != nil {
			return err
		}
		if _, _, err := m.heads(ctx, d.Survivor, d.Merged); err != nil {
			return err // without holding what is under another: whoever writes its head would wait
		}
		if err := m.holdTwo(ctx, d.Survivor, d.Merged); err != nil {
			return err
		}
		survivor, merged, err := m.heads(ctx, d.Survivor, d.Merged)
		if err != nil {
			return err
		}
		if survivor.Version != d.SurvivorVersion || merged.Version != d.MergedVersion {
			return fault.New(fault.Conflict, "duplicates.merge.changed")
		}
		for _, f := range d.Take {
			if !slices.Contains(Fields(survivor.Kind), f) {
				return fault.InvalidInput(fault.Field{Name: f, Key: "duplicates.merge.field"})
			}
		}
		v, err := m.Compare(ctx, d.Survivor, d.Merged)
		if err != nil {
			return err
		}
		if v.Apart {
			return errNumbers
		}
		mergeID, err = m.merge(ctx, merger{survivor, merged, howJudged, v.Score, d.Take}, reason)
		return err
	})
	return mergeID, err
}

// heads reads two records that are held and stand for themselves.
func (s *Service) heads(ctx context.Context, survivor, merged string) (a, b row, err error) {
	for id, into := range map[string]*row{survivor: &a, merged: &b} {
		if err := s.DB.From(ctx).Where("id = ?", id).Take(into).Error; err != nil {
			return a, b, db.Fault(err, "constituents.missing", "")
		}
		if into.ErasedAt != nil {
			return a, b, errMissing
		}
		if into.MergedIntoID != nil {
			return a, b, fault.New(fault.Conflict, "duplicates.merge.moved")
		}
	}
	if a.Kind != b.Kind {
		return a, b, fault.New(fault.Conflict, "duplicates.merge.kinds")
	}
	return a, b, nil
}

// merger is a merge that is carried out; both rows are held by the open transaction.
type merger struct {
	survivor, merged row
	how              string
	score            int
	take             []string
}

// merge writes the journal, what the survivor takes, and the mark.
func (s *Service) merge(ctx context.Context, d merger, reason string) (string, error) {
	now, survivor, merged, how := s.Now().UTC(), d.survivor, d.merged, d.how
	sealed := reason
	if how == howJudged {
		var err error
		if sealed, err = s.sealTwice(ctx, survivor.ID, merged.ID, reason); err != nil {
			return "", err
		}
	}
	r := mergeRow{ID: db.NewID(now), SurvivorID: survivor.ID, MergedID: merged.ID, How: how, Score: d.score, At: now,
		ByID: db.Ref(actor.From(ctx).AccountID), Reason: sealed, Version: 1}
	if err := s.DB.From(ctx).Create(&r).Error; err != nil {
		return "", fmt.Errorf("write a merge: %w", db.Fault(err, "", "duplicates.merge.moved"))
	}
	entry := audit.Entry{Action: "constituent.merge", Kind: "constituent", ID: survivor.ID, Reason: sealed,
		Fields: []audit.Change{{Field: "merged", After: merged.ID}, {Field: "how", After: how}}}
	for _, field := range Fields(survivor.Kind) {
		if !slices.Contains(d.take, field) {
			continue
		}
		took, err := s.take(ctx, r.ID, d, field)
		if err != nil {
			return "", err
		}
		if took {
			entry.Fields = append(entry.Fields, audit.Change{Field: field})
		}
	}
	res := s.DB.From(ctx).Exec("UPDATE constituents SET merged_into_id = ?, merged_how = ?, version = version + 1 WHERE id = ? AND merged_into_id IS NULL", survivor.ID, how, merged.ID)
	if res.Error == nil && res.RowsAffected == 0 {
		return "", fault.New(fault.Conflict, "duplicates.merge.moved")
	}
	if res.Error == nil {
		res = s.DB.From(ctx).Exec("UPDATE constituents SET version = version + 1 WHERE id = ?", survivor.ID)
	}
	if res.Error != nil {
		return "", fmt.Errorf("merge a record: %w", db.Fault(res.Error, "", ""))
	}
	if err := s.rehead(ctx, merged.ID); err != nil {
		return "", err
	}
	// What was found not to be the same before is decided anew.
	a, b := ordered(survivor.ID, merged.ID)
	if err := s.DB.From(ctx).Exec("DELETE FROM constituent_pairs WHERE a_id = ? AND b_id = ?", a, b).Error; err != nil {
		return "", fmt.Errorf("take a pair out of the queue: %w", db.Fault(err, "", ""))
	}
	return r.ID, s.Audit.Record(ctx, entry)
}

// mergeRow is a merge as it stands in the journal.
type mergeRow struct {
	ID         string
	SurvivorID string
	MergedID   string
	How        string
	Score      int
	At         time.Time
	ByID       *string
	Reason     string
	UndoneAt   *time.Time
	UndoneByID *string
	UndoReason string
	Version    int64
}

// TableName names the table for gorm.
func (mergeRow) TableName() string { return "constituent_merges" }

// changeRow is one field that a merge wrote.
type changeRow struct {
	ID            string
	MergeID       string
	ConstituentID string
	Field         string
	BeforeCipher  []byte
	AfterCipher   []byte
	BeforeValue   *string
	AfterValue    *string
	PointID       *string
	AtVersion     int64 // of the survivor: what came first
}

// TableName names the table for gorm.
func (changeRow) TableName() string { return "constituent_merge_changes" }

// take gives the survivor the other's value of a field, sealed anew under its own
// key, and notes what stood there. It says whether there was anything to take.
func (s *Service) take(ctx context.Context, mergeID string, d merger, field string) (bool, error) {
	survivor, merged := d.survivor, d.merged
	c := changeRow{ID: db.NewID(s.Now()), MergeID: mergeID, ConstituentID: survivor.ID, Field: field, AtVersion: survivor.Version}
	var err error
	switch field {
	case "name":
		err = s.takeName(ctx, &c, survivor, merged)
	case "phone", "email", "address":
		err = s.takePoint(ctx, &c, d, PointKind(field))
	default:
		c.BeforeValue, c.AfterValue = survivor.field(field), merged.field(field)
		if same(c.BeforeValue, c.AfterValue) || c.AfterValue == nil {
			return false, nil
		}
		err = s.setField(ctx, survivor.ID, field, c.AfterValue)
	}
	if err != nil || c.AfterCipher == nil && c.AfterValue == nil && c.PointID == nil {
		return false, err
	}
	if err := s.DB.From(ctx).Create(&c).Error; err != nil {
		return false, fmt.Errorf("note what a merge wrote: %w", db.Fault(err, "", ""))
	}
	return true, nil
}

func (s *Service) takeName(ctx context.Context, c *changeRow, survivor, merged row) error {
	name, err := s.Vault.Open(ctx, purposeName, merged.NameCipher)
	if err != nil || len(name) == 0 {
		return ignoreErased(err)
	}
	was, err := s.Vault.Open(ctx, purposeName, survivor.NameCipher)
	if err != nil {
		return err
	}
	if string(was) == string(name) {
		return nil
	}
	cipher, err := s.Vault.Seal(ctx, survivor.VaultKeyID, purposeName, name)
	if err != nil {
		return err
	}
	c.BeforeCipher, c.AfterCipher = survivor.NameCipher, cipher
	return s.setName(ctx, survivor.ID, survivor.Kind, cipher, string(name))
}

func ignoreErased(err error) error {
	if errors.Is(err, vault.ErrErased) {
		return nil
	}
	return err
}

// setName writes a sealed name and its keyed hashes.
func (s *Service) setName(ctx context.Context, id string, kind Kind, cipher []byte, name string) error {
	whole, parts := s.marks(kind, name)
	err := s.DB.From(ctx).Exec("UPDATE constituents SET name_cipher = ?, name_index = ?, name_parts = ? WHERE id = ?", cipher, whole, parts, id).Error
	if err != nil {
		return fmt.Errorf("write a name: %w", db.Fault(err, "", ""))
	}
	return nil
}

// takePoint adds the other's way to be reached as the survivor's preferred one. It
// counts as not proven: nobody is written to there about a case before its owner
// has opened the link.
func (s *Service) takePoint(ctx context.Context, c *changeRow, d merger, kind PointKind) error {
	survivor, merged, now := d.survivor, d.merged, s.Now().UTC()
	points, err := s.points(ctx, []string{merged.ID})
	if err != nil {
		return err
	}
	var from *point
	for i, p := range points { // the preferred and newest comes last
		if p.Kind == kind {
			from = &points[i]
		}
	}
	if from == nil {
		return nil
	}
	value, err := s.Vault.Open(ctx, kind.purpose(), from.ValueCipher)
	if err != nil {
		return ignoreErased(err)
	}
	var there int64
	err = s.DB.From(ctx).Raw("SELECT count(*) FROM contact_points WHERE constituent_id = ? AND kind = ? AND valid_to IS NULL AND blind_index IN ?",
		survivor.ID, kind, s.indexes(kind, string(value))).Scan(&there).Error
	if err != nil || there > 0 {
		return db.Fault(err, "", "")
	}
	cipher, err := s.Vault.Seal(ctx, survivor.VaultKeyID, kind.purpose(), value)
	if err != nil {
		return err
	}
	p := point{ID: db.NewID(now), ConstituentID: survivor.ID, Kind: kind, ValueCipher: cipher, BlindIndex: s.index(kind, string(value)),
		MatchIndex: s.placeIndex(kind, string(value)), Preferred: true, ValidFrom: now, LinkKey: s.Vault.CurrentKey(), Generation: 1, Version: 1}
	if err := s.DB.InsertAll(ctx, p.insert()); err != nil {
		return fmt.Errorf("take a contact point: %w", db.Fault(err, "", ""))
	}
	c.PointID = &p.ID
	return nil
}

func same(a, b *string) bool { return a == nil && b == nil || a != nil && b != nil && *a == *b }

// plain are the fields that are a column in the clear.
var plain = []string{"locale", "birth_year", "district_code", "established_on", "stage", "industry"}

// setField writes a column in the clear; its name is one of plain.
func (s *Service) setField(ctx context.Context, id, field string, value *string) error {
	var v any = value
	if field == "birth_year" && value != nil {
		year, err := number64(*value)
		if err != nil {
			return err
		}
		v = year
	}
	if !slices.Contains(plain, field) {
		return fmt.Errorf("no field %q of a record", field)
	}
	if err := s.DB.From(ctx).Exec("UPDATE constituents SET "+field+" = ? WHERE id = ?", v, id).Error; err != nil {
		return fmt.Errorf("write %s of a record: %w", field, db.Fault(err, "", ""))
	}
	return nil
}
