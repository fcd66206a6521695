package permits

import (
	"context"
	"fmt"

	"minqing/internal/actor"
	"minqing/internal/audit"
	"minqing/internal/calendar"
	"minqing/internal/db"
	"minqing/internal/fault"
	"minqing/internal/i18n"
)

// What a clerk at a counter did with an original on paper.
const (
	OriginalTaken = "taken" // it was taken in, and lies with the papers of the case
	OriginalSeen  = "seen"  // it was seen, and given back
)

// NoOriginal takes the mark of an original away.
const NoOriginal = "none"

// Original is what a clerk did with an original on paper, when and where.
type Original struct {
	Way  string // OriginalTaken or OriginalSeen
	On   calendar.Date
	Unit i18n.Text // the desk
	By   string    // the name of the clerk; empty for the applicant
}

// MarkOriginal notes that a clerk took an original on paper in, or saw it and gave it back;
// NoOriginal takes that away again. From then on the paper stands for the material, with a
// scan or without, as a version of its own that is sent with the application or the
// correction. Only a desk can do so, of what it wrote down; the statement is kept as it was
// signed, so that it needs its scan.
func (s *Service) MarkOriginal(ctx context.Context, id, code, way string) error {
	a, _, err := s.editable(ctx, id, code)
	if err != nil {
		return err
	}
	if a.Counter == nil || actor.From(ctx).Kind != actor.Staff || code == StatementPaper {
		return fault.New(fault.NotFound, "permit.material.missing")
	}
	if way != OriginalTaken && way != OriginalSeen && way != NoOriginal {
		return fault.InvalidInput(fault.Field{Name: "material." + code, Key: "counter.original.required"})
	}
	unit, err := s.desk(ctx)
	if err != nil {
		return err
	}
	err = s.DB.Tx(ctx, func(ctx context.Context) error {
		m, err := s.version(ctx, a, code)
		if err != nil {
			return err
		}
		before := m.Original
		if err := s.unmark(ctx, m); err != nil {
			return err
		}
		change := audit.Change{Field: code, Before: before}
		if way != NoOriginal {
			change.After = way
			err := s.DB.From(ctx).Exec(`UPDATE permit_materials SET original = ?, original_at = ?, original_on = ?, original_by_id = ?, original_unit_id = ?, reuses_id = NULL
 WHERE id = ? AND sent_at IS NULL`, way, s.now(), s.today(ctx), db.Ref(actor.From(ctx).AccountID), unit.ID, m.ID).Error
			if err != nil {
				return fmt.Errorf("note an original: %w", err)
			}
		}
		return s.Audit.Record(ctx, audit.Entry{Action: "permit.original", Kind: "application", ID: a.ID, Fields: []audit.Change{change}})
	})
	return db.Fault(err, "", "permit.changed")
}

// unmark takes the mark of an original from a version that was not sent, in the open
// transaction.
func (s *Service) unmark(ctx context.Context, m *Material) error {
	err := s.DB.From(ctx).Exec(`UPDATE permit_materials SET original = '', original_at = NULL, original_on = NULL, original_by_id = NULL, original_unit_id = NULL
 WHERE id = ? AND sent_at IS NULL AND original <> ''`, m.ID).Error
	if err != nil {
		return fmt.Errorf("forget an original: %w", err)
	}
	m.Original = ""
	return nil
}

// original is what a page says of the original of a version; nil where nobody had one in
// hand. Staff read who did, the applicant where and when.
func (s *Service) original(ctx context.Context, m *Material) (*Original, error) {
	if m.Original == "" || m.OriginalOn == nil {
		return nil, nil //nolint:nilnil // there was none
	}
	o := &Original{Way: m.Original, On: *m.OriginalOn}
	snap, err := s.Catalogue.Snapshot(ctx)
	if err != nil {
		return nil, err
	}
	if m.OriginalUnitID != nil {
		if u, err := snap.Unit(*m.OriginalUnitID); err == nil {
			o.Unit = u.Name
		}
	}
	if actor.From(ctx).Kind != actor.Staff || m.OriginalByID == nil {
		return o, nil
	}
	names, err := s.People.Names(ctx, *m.OriginalByID)
	o.By = names[*m.OriginalByID]
	return o, err
}
