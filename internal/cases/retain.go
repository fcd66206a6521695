package cases

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"minqing/internal/actor"
	"minqing/internal/audit"
	"minqing/internal/db"
	"minqing/internal/fault"
	"minqing/internal/text"
)

// Kept is a file whose term is over.
type Kept struct {
	ID     string
	CaseNo string
	Held   bool // a legal hold keeps it
}

// Over lists files that were closed before a time and not anonymised yet, by id
// after the one given.
func (s *Service) Over(ctx context.Context, before time.Time, after string, most int) (list []Kept, err error) {
	err = s.DB.From(ctx).Raw(`SELECT c.id, c.case_no, EXISTS (SELECT 1 FROM case_holds h WHERE h.case_id = c.id AND h.lifted_at IS NULL) AS held
 FROM cases c WHERE c.id > ? AND c.id < ? AND c.anonymised_at IS NULL AND (c.status IN ? OR c.status = 'merged' AND c.concluded_at IS NOT NULL) AND COALESCE(c.concluded_at, c.updated_at) < ? ORDER BY c.id LIMIT ?`,
		after, db.FirstID(before), Ends, before.UTC(), most).Scan(&list).Error
	if err != nil {
		return nil, fmt.Errorf("find files whose term is over: %w", db.Fault(err, "", ""))
	}
	return list, nil
}

// Owners are the ids of what files may be attached to within a case, apart from
// the case itself.
func (s *Service) Owners(ctx context.Context, id string) (ids []string, err error) {
	if err := s.DB.From(ctx).Raw("SELECT id FROM case_events WHERE case_id = ? ORDER BY id", id).Scan(&ids).Error; err != nil {
		return nil, fmt.Errorf("read what a file holds: %w", db.Fault(err, "", ""))
	}
	return ids, nil
}

// Anonymise takes out of a closed file everything that somebody wrote and whoever
// took part, in the open transaction; kind, unit, dates and outcome stay for the
// figures. It says whether the file was still there to be anonymised: one that
// is held, or open again, is left alone.
func (s *Service) Anonymise(ctx context.Context, id string, at time.Time) (bool, error) {
	var c Case
	if err := s.DB.From(ctx).Where("id = ?", id).Take(&c).Error; err != nil {
		return false, db.Fault(err, "case.missing", "")
	}
	res := s.DB.From(ctx).Exec(`UPDATE cases SET anonymised_at = ?, frozen_at = COALESCE(frozen_at, ?), title = case_no, description = '', answers = '{}',
 text_cipher = NULL, address_cipher = NULL, lat = NULL, lng = NULL, code_generation = code_generation + 1, version = version + 1
 WHERE id = ? AND anonymised_at IS NULL AND (status IN ? OR status = 'merged' AND concluded_at IS NOT NULL) AND NOT EXISTS (SELECT 1 FROM case_holds h WHERE h.case_id = cases.id AND h.lifted_at IS NULL)`,
		at.UTC(), at.UTC(), id, Ends)
	if res.Error != nil {
		return false, fmt.Errorf("anonymise a file: %w", db.Fault(res.Error, "", ""))
	}
	if res.RowsAffected == 0 {
		return false, nil
	}
	for _, sql := range []string{"DELETE FROM case_messages WHERE case_id = ?", "UPDATE case_events SET text = '', text_cipher = NULL WHERE case_id = ?",
		"UPDATE case_joints SET task = '', task_cipher = NULL, answer = '', answer_cipher = NULL WHERE case_id = ?",
		"DELETE FROM case_parties WHERE case_id = ? AND (unit_id IS NULL OR role <> 'subject')", "UPDATE case_parties SET name_cipher = NULL, relation = '' WHERE case_id = ?",
		"INSERT INTO case_search_due (case_id) VALUES (?)"} {
		if err := s.DB.From(ctx).Exec(sql, id).Error; err != nil {
			return false, fmt.Errorf("anonymise a file: %w", db.Fault(err, "", ""))
		}
	}
	if c.VaultKeyID != nil {
		if err := s.Vault.Destroy(ctx, *c.VaultKeyID); err != nil {
			return false, err
		}
	}
	if err := s.isGone(ctx, id); err != nil {
		return false, err
	}
	return true, s.Audit.Record(ctx, audit.Entry{Action: "case.anonymised", Kind: "case", ID: c.CaseNo})
}

// Hold is a file that must stay as it is, for a court or an inquiry.
type Hold struct {
	CaseNo   string
	Reason   string
	PlacedAt time.Time
}

// holdReasonMost is the longest reason in characters.
const holdReasonMost = 500

// PlaceHold keeps a file from being anonymised, and whoever asked from being
// erased, until the hold is lifted. Personal numbers in the reason are masked.
func (s *Service) PlaceHold(ctx context.Context, caseNo, reason string) error {
	reason = text.MaskFree(text.Line(reason))
	var check fault.Check
	check.That(reason != "", "reason", "case.hold.reason")
	check.That(utf8.RuneCountInString(reason) <= holdReasonMost, "reason", "case.hold.long", "Max", holdReasonMost)
	check.That(strings.TrimSpace(caseNo) != "", "case_no", "case.hold.number")
	if err := check.Err(); err != nil {
		return err
	}
	c, err := s.find(ctx, caseNo)
	if fault.KindOf(err) == fault.NotFound && err != nil {
		return fault.InvalidInput(fault.Field{Name: "case_no", Key: "case.hold.unknown"})
	}
	if err != nil {
		return err
	}
	now := s.Now().UTC()
	return s.DB.Tx(ctx, func(ctx context.Context) error {
		stmt := db.Insert("case_holds", "id, case_id, reason, placed_by_id, placed_at", db.NewID(now), c.ID, reason, db.Ref(actor.From(ctx).AccountID), now)
		if err := s.DB.From(ctx).Exec(stmt.SQL, stmt.Args...).Error; err != nil {
			return db.Fault(fmt.Errorf("hold a file: %w", err), "", "case.hold.already")
		}
		return s.Audit.Record(ctx, audit.Entry{Action: "case.hold", Kind: "case", ID: c.CaseNo, Reason: reason})
	})
}

// LiftHold ends a hold.
func (s *Service) LiftHold(ctx context.Context, caseNo, reason string) error {
	reason = text.MaskFree(text.Line(reason))
	if reason == "" {
		return fault.InvalidInput(fault.Field{Name: "reason", Key: "case.hold.reason"})
	}
	c, err := s.find(ctx, caseNo)
	if err != nil {
		return err
	}
	return s.DB.Tx(ctx, func(ctx context.Context) error {
		res := s.DB.From(ctx).Exec("UPDATE case_holds SET lifted_at = ?, lifted_by_id = ? WHERE case_id = ? AND lifted_at IS NULL",
			s.Now().UTC(), db.Ref(actor.From(ctx).AccountID), c.ID)
		if res.Error != nil {
			return fmt.Errorf("lift a hold: %w", db.Fault(res.Error, "", ""))
		}
		if res.RowsAffected == 0 {
			return fault.New(fault.Conflict, "case.hold.none")
		}
		return s.Audit.Record(ctx, audit.Entry{Action: "case.hold_lifted", Kind: "case", ID: c.CaseNo, Reason: reason})
	})
}

// Holds lists the holds in force, the newest first.
func (s *Service) Holds(ctx context.Context) (list []Hold, err error) {
	err = s.DB.Reader(ctx).Raw(`SELECT c.case_no, h.reason, h.placed_at FROM case_holds h JOIN cases c ON c.id = h.case_id
 WHERE h.lifted_at IS NULL ORDER BY h.placed_at DESC, h.id LIMIT 500`).Scan(&list).Error
	if err != nil {
		return nil, fmt.Errorf("list holds: %w", db.Fault(err, "", ""))
	}
	return list, nil
}

// HeldOf says whether a hold keeps one of the cases of people.
func (s *Service) HeldOf(ctx context.Context, constituentIDs []string) (bool, error) {
	var n int64
	err := s.DB.From(ctx).Raw("SELECT count(*) FROM case_holds WHERE lifted_at IS NULL AND case_id IN ("+ofPeople+")", constituentIDs).Scan(&n).Error
	if err != nil {
		return false, fmt.Errorf("look for holds: %w", db.Fault(err, "", ""))
	}
	return n > 0, nil
}
