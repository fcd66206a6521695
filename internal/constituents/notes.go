package constituents

import (
	"context"
	"fmt"
	"slices"
	"time"
	"unicode/utf8"

	"minqing/internal/actor"
	"minqing/internal/audit"
	"minqing/internal/calendar"
	"minqing/internal/db"
	"minqing/internal/fault"
	"minqing/internal/text"
)

// NotePurpose is what a note about somebody is for. There are no others.
type NotePurpose string

// NotePurposes lists them: how to deal with the person, what support was agreed
// on, what was arranged, and what colleagues must know for everybody's safety.
var NotePurposes = []NotePurpose{"contact", "support", "arrangement", "safety"}

// How long a note may be and be kept.
const (
	NoteMost      = 1000 // characters
	NoteDaysMost  = 730
	purposeOfNote = "constituent.note"
)

// noteRow is a note as it stands in the table.
type noteRow struct {
	ID            string
	ConstituentID string
	UnitID        *string
	AccountID     *string
	BodyCipher    []byte
	Purpose       NotePurpose
	KeepUntil     calendar.Date
	CreatedAt     time.Time
	Version       int64
}

// TableName names the table for gorm.
func (noteRow) TableName() string { return "constituent_notes" }

// NewNote is a note to write down.
type NewNote struct {
	Text      string
	Purpose   NotePurpose
	KeepUntil calendar.Date // the last day on which it stands
	UnitID    string        // for whom it was written; may be empty
}

// AddNote writes a note about somebody, for a purpose and a time.
func (s *Service) AddNote(ctx context.Context, id string, n NewNote) (noteID string, err error) {
	n.Text = text.Lines(n.Text)
	var c fault.Check
	c.That(n.Text != "", "note", "constituents.note.required")
	c.That(utf8.RuneCountInString(n.Text) <= NoteMost, "note", "constituents.note.long", "Max", NoteMost)
	c.That(slices.Contains(NotePurposes, n.Purpose), "note_purpose", "constituents.note.purpose")
	c.That(n.KeepUntil >= s.today() && n.KeepUntil <= s.today().Add(NoteDaysMost), "keep_until", "constituents.note.keep_until", "Days", NoteDaysMost)
	if err := c.Err(); err != nil {
		return "", err
	}
	now := s.Now().UTC()
	err = s.DB.Tx(ctx, func(ctx context.Context) error {
		r, err := s.hold(ctx, id)
		if err != nil {
			return err
		}
		cipher, err := s.Vault.Seal(ctx, r.VaultKeyID, purposeOfNote, []byte(n.Text))
		if err != nil {
			return err
		}
		noteID = db.NewID(now)
		stmt := db.Insert("constituent_notes", "id, constituent_id, unit_id, account_id, body_cipher, purpose, keep_until, created_at, version",
			noteID, id, db.Ref(n.UnitID), db.Ref(actor.From(ctx).AccountID), cipher, n.Purpose, n.KeepUntil, now, 1)
		if err := s.DB.InsertAll(ctx, stmt); err != nil {
			return fmt.Errorf("store a note: %w", db.Fault(err, "", ""))
		}
		return s.Audit.Record(ctx, audit.Entry{Action: "constituent.note", Kind: "constituent", ID: id,
			Fields: []audit.Change{{Field: "purpose", After: string(n.Purpose)}, {Field: "keep_until", After: n.KeepUntil.String()}}})
	})
	return noteID, err
}

// DropNote deletes a note before its time.
func (s *Service) DropNote(ctx context.Context, id, noteID string, version int64) error {
	return s.DB.Tx(ctx, func(ctx context.Context) error {
		if _, err := s.hold(ctx, id); err != nil {
			return err
		}
		res := s.DB.From(ctx).Exec("DELETE FROM constituent_notes WHERE id = ? AND constituent_id = ? AND version = ?", noteID, id, version)
		if res.Error != nil {
			return fmt.Errorf("delete a note: %w", db.Fault(res.Error, "constituents.missing", ""))
		}
		if res.RowsAffected == 0 {
			return errChanged
		}
		return s.Audit.Record(ctx, audit.Entry{Action: "constituent.note_dropped", Kind: "constituent", ID: id})
	})
}

// DropOldNotes deletes up to most notes whose time is over on a day, and gives
// their number; each is in the trail of its person.
func (s *Service) DropOldNotes(ctx context.Context, today calendar.Date, most int) (int, error) {
	n := 0
	err := s.DB.Tx(ctx, func(ctx context.Context) error {
		var old []noteRow
		if err := s.DB.From(ctx).Where("keep_until < ?", today).Order("keep_until, id").Limit(most).Find(&old).Error; err != nil {
			return fmt.Errorf("find notes whose time is over: %w", db.Fault(err, "", ""))
		}
		for _, r := range old {
			res := s.DB.From(ctx).Exec("DELETE FROM constituent_notes WHERE id = ?", r.ID)
			if res.Error != nil {
				return fmt.Errorf("delete a note whose time is over: %w", db.Fault(res.Error, "", ""))
			}
			if res.RowsAffected == 0 {
				continue // somebody else did
			}
			n++
			if err := s.Audit.Record(ctx, audit.Entry{Action: "constituent.note_expired", Kind: "constituent", ID: r.ConstituentID,
				Fields: []audit.Change{{Field: "keep_until", After: r.KeepUntil.String()}}}); err != nil {
				return err
			}
		}
		return nil
	})
	return n, err
}
