package permits

import (
	"context"
	"fmt"
	"slices"
	"time"

	"minqing/internal/actor"
	"minqing/internal/audit"
	"minqing/internal/calendar"
	"minqing/internal/db"
	"minqing/internal/fault"
	"minqing/internal/files"
	"minqing/internal/permittypes"
)

// Verdicts on a material.
const (
	Verified = "verified"
	Correct  = "correct" // it has to be corrected
)

// Material is one version of one material.
type Material struct {
	ID            string
	ApplicationID string
	Code          string
	Round         int64
	ReusesID      *string // a verified version of an earlier application
	SentAt        *time.Time
	Verdict       string
	VerdictAt     *time.Time
	VerdictOn     *calendar.Date
	VerdictByID   *string
	CreatedAt     time.Time

	// Of an original on paper that a clerk had in hand: OriginalTaken or OriginalSeen,
	// empty where none was; when, by which account, and at which desk.
	Original       string
	OriginalAt     *time.Time
	OriginalOn     *calendar.Date
	OriginalByID   *string
	OriginalUnitID *string
}

// TableName names the table for gorm.
func (Material) TableName() string { return "permit_materials" }

// owner is under what the files of the material lie.
func (m *Material) owner() files.Owner {
	if m.ReusesID != nil {
		return files.Owner{Kind: files.Material, ID: *m.ReusesID}
	}
	return files.Owner{Kind: files.Material, ID: m.ID}
}

// Item is a material of the checklist with the version that counts now.
type Item struct {
	permittypes.Material
	Now      *Material // nil: nothing was given yet
	Files    []files.File
	Paper    *Original // nil: a clerk had no original of it in hand
	Earlier  *Material // of the same holder, verified, may be used again
	EarlyNo  string    // the number of its case
	Lapsed   *Lapsed   // the newest earlier one, where its validity is over
	Held     *Already  // stands for it: nobody has to give it
	Asked    string    // why it has to be corrected, of the open notice
	Previous []Version // what was sent before, the newest first

	arises string // of a further one, code of what it arises from
	lies   string // where its fault lies, of a notice after the first look
}

// Lapsed is a verified material that may not be used again any more.
type Lapsed struct {
	CaseNo string
	Until  calendar.Date // its last day
}

// Version is a version of a material that counts no more.
type Version struct {
	Material
	Files []files.File
}

func (s *Service) materials(ctx context.Context, applicationID string) ([]Material, error) {
	var list []Material
	err := s.DB.From(ctx).Where("application_id = ?", applicationID).Order("code, round").Find(&list).Error
	if err != nil {
		return nil, fmt.Errorf("read the materials: %w", db.Fault(err, "", ""))
	}
	return list, nil
}

// newest is the version of each material that counts: the last one, or the last
// that was sent.
func newest(list []Material, sent bool) map[string]*Material {
	out := map[string]*Material{}
	for i := range list {
		if !sent || list[i].SentAt != nil {
			out[list[i].Code] = &list[i]
		}
	}
	return out
}

// items is the checklist of an application; staff see what was sent.
func (s *Service) items(ctx context.Context, a *Application, t *permittypes.Type, n *Notice, staff bool) ([]Item, error) {
	list, err := s.materials(ctx, a.ID)
	if err != nil {
		return nil, err
	}
	current := newest(list, staff)
	as := a
	if !staff {
		if as, err = s.asTyped(ctx, a, t, n); err != nil {
			return nil, err
		}
	}
	needed, err := s.needed(ctx, as, t)
	if err != nil {
		return nil, err
	}
	var out []Item
	for _, m := range needed {
		it := Item{Material: m, Now: current[m.Code]}
		if it.Now != nil {
			if it.Files, err = s.Files.List(ctx, it.Now.owner()); err != nil {
				return nil, err
			}
			if it.Paper, err = s.original(ctx, it.Now); err != nil {
				return nil, err
			}
		}
		if err := s.heldItem(ctx, a, &it); err != nil {
			return nil, err
		}
		if n != nil {
			it.Asked = n.reason(m.Code)
		}
		if as != a && it.Asked == "" && calls(t, a, &it.Material) && (it.Now == nil || it.Now.SentAt == nil) {
			it.Asked = s.Words.T(actorLang(ctx), "permit.answers.calls", nil)
		}
		if a.State == Draft && m.Reusable {
			if err := s.earlier(ctx, a, &it); err != nil {
				return nil, err
			}
		}
		for i := len(list) - 1; i >= 0; i-- {
			if list[i].Code != m.Code || it.Now == nil || list[i].ID == it.Now.ID || list[i].SentAt == nil {
				continue
			}
			v := Version{Material: list[i]}
			if v.Files, err = s.Files.List(ctx, v.owner()); err != nil {
				return nil, err
			}
			it.Previous = append(it.Previous, v)
		}
		out = append(out, it)
	}
	return out, nil
}

// Given says whether something stands for the material: files, or an original on paper.
func (it *Item) Given() bool {
	return it.Now != nil && (len(it.Files) > 0 || it.Now.Original != "")
}

// earlier looks for a version of the material that the same holder gave before,
// that was verified, and that is still valid: nobody is asked twice (国务院令第716号
// art. 7).
func (s *Service) earlier(ctx context.Context, a *Application, it *Item) error {
	var found []struct {
		Material
		CaseNo string
	}
	err := s.DB.From(ctx).Raw(`SELECT m.*, p.case_no FROM permit_materials m JOIN permit_applications p ON p.id = m.application_id
 WHERE p.holder_id = ? AND p.id <> ? AND m.code = ? AND m.verdict = 'verified' AND m.reuses_id IS NULL ORDER BY m.verdict_at DESC, m.id DESC LIMIT 5`,
		a.HolderID, a.ID, it.Code).Scan(&found).Error
	if err != nil {
		return fmt.Errorf("look for earlier materials: %w", db.Fault(err, "", ""))
	}
	today := s.today(ctx)
	for i := range found {
		if found[i].Original != "" {
			list, err := s.Files.List(ctx, found[i].owner())
			if err != nil {
				return err
			}
			if len(list) == 0 { // the paper lies with that application
				continue
			}
		}
		if on := found[i].VerdictOn; on != nil && Reusable(it.Material, *on, today) {
			it.Earlier, it.EarlyNo, it.Lapsed = &found[i].Material, found[i].CaseNo, nil
			return nil
		} else if on != nil && it.Lapsed == nil && it.Reusable && it.ValidMonths > 0 {
			it.Lapsed = &Lapsed{found[i].CaseNo, on.AddMonths(it.ValidMonths)}
		}
	}
	return nil
}

// zone is the government's, in which days begin.
func (s *Service) zone(ctx context.Context) *time.Location {
	if snap, err := s.Catalogue.Snapshot(ctx); err == nil {
		if cal, err := s.Cases.Clocks.Of(snap, snap.Root()); err == nil {
			return cal.Zone()
		}
	}
	return time.UTC
}

func (s *Service) today(ctx context.Context) calendar.Date {
	if snap, err := s.Catalogue.Snapshot(ctx); err == nil {
		if cal, err := s.Cases.Clocks.Of(snap, snap.Root()); err == nil {
			return cal.ReceivedOn(s.Now())
		}
	}
	return calendar.DateOf(s.Now(), time.UTC)
}

// editable is an application whose material of a code may be changed now: any in a
// draft, and what a notice asks for.
func (s *Service) editable(ctx context.Context, id, code string) (*Application, *permittypes.Material, error) {
	a, err := s.own(ctx, id, true)
	if err != nil {
		return nil, nil, err
	}
	t, err := s.typeOf(ctx, a)
	if err != nil {
		return nil, nil, err
	}
	var n *Notice
	if a.State == Correcting {
		if n, err = s.openNotice(ctx, a.ID); err != nil {
			return nil, nil, err
		}
	}
	as, err := s.asTyped(ctx, a, t, n)
	if err != nil {
		return nil, nil, err
	}
	needed, err := s.needed(ctx, as, t)
	if err != nil {
		return nil, nil, err
	}
	i := slices.IndexFunc(needed, func(m permittypes.Material) bool { return m.Code == code })
	if i < 0 {
		return nil, nil, fault.New(fault.NotFound, "permit.material.missing")
	}
	switch a.State {
	case Draft:
		return a, &needed[i], nil
	case Correcting:
		if n != nil && (n.reason(code) != "" || as != a && calls(t, a, &needed[i])) {
			return a, &needed[i], nil
		}
		return nil, nil, fault.New(fault.Conflict, "permit.material.settled")
	}
	return nil, nil, fault.New(fault.Conflict, "permit.sent")
}

// version gives the unsent version of a material, a new one where the last was sent.
func (s *Service) version(ctx context.Context, a *Application, code string) (*Material, error) {
	if err := s.DB.From(ctx).Exec("UPDATE permit_applications SET updated_at = ? WHERE id = ?", s.now(), a.ID).Error; err != nil {
		return nil, fmt.Errorf("hold an application: %w", err)
	}
	list, err := s.materials(ctx, a.ID)
	if err != nil {
		return nil, err
	}
	last := newest(list, false)[code]
	if last != nil && last.SentAt == nil {
		return last, nil
	}
	m := &Material{ID: db.NewID(s.now()), ApplicationID: a.ID, Code: code, Round: 1, CreatedAt: s.now()}
	if last != nil {
		m.Round = last.Round + 1
	}
	if err := s.DB.From(ctx).Create(m).Error; err != nil {
		return nil, fmt.Errorf("begin a material: %w", db.Fault(err, "", "permit.changed"))
	}
	return m, nil
}

// Attach adds a file to a material of the application.
func (s *Service) Attach(ctx context.Context, id, code string, u files.Upload) error {
	a, def, err := s.editable(ctx, id, code)
	if err != nil {
		return err
	}
	tie, err := s.tie(ctx, a, def)
	if err != nil {
		return err
	}
	u.Kinds = KindsOf(&tie.def)
	if err := s.Files.Examine(u); err != nil {
		return err
	}
	var m *Material
	err = s.DB.Tx(ctx, func(ctx context.Context) error {
		if err := s.holdTie(ctx, tie); err != nil {
			return err
		}
		if m, err = s.version(ctx, tie.a, tie.code); err != nil {
			return err
		}
		if m.ReusesID != nil {
			m.ReusesID = nil // a new file takes the place of the earlier one
			if err := s.DB.From(ctx).Exec("UPDATE permit_materials SET reuses_id = NULL WHERE id = ?", m.ID).Error; err != nil {
				return err
			}
		}
		return s.spreadTie(ctx, tie, m)
	})
	if err != nil {
		return db.Fault(err, "", "permit.changed")
	}
	u.Owner = m.owner()
	_, err = s.Files.Add(ctx, u)
	return err
}

// Detach takes a file away that was not sent yet.
func (s *Service) Detach(ctx context.Context, id, code, fileID string) error {
	a, def, err := s.editable(ctx, id, code)
	if err != nil {
		return err
	}
	tie, err := s.tie(ctx, a, def)
	if err != nil {
		return err
	}
	list, err := s.materials(ctx, tie.a.ID)
	if err != nil {
		return err
	}
	m := newest(list, false)[tie.code]
	if m == nil || m.SentAt != nil {
		return fault.New(fault.NotFound, "files.missing")
	}
	if m.ReusesID != nil {
		return s.reuse(ctx, tie, m, nil)
	}
	return s.Files.Remove(ctx, m.owner(), fileID)
}

// Reuse lets a verified material of an earlier application stand for this one.
func (s *Service) Reuse(ctx context.Context, id, code, materialID string) error {
	a, def, err := s.editable(ctx, id, code)
	if err != nil {
		return err
	}
	tie, err := s.tie(ctx, a, def)
	if err != nil {
		return err
	}
	it := Item{Material: tie.def}
	it.Code = tie.code
	if err := s.earlier(ctx, tie.a, &it); err != nil {
		return err
	}
	if it.Earlier == nil || it.Earlier.ID != materialID {
		return fault.New(fault.NotFound, "permit.material.missing")
	}
	var m *Material
	err = s.DB.Tx(ctx, func(ctx context.Context) error {
		m, err = s.version(ctx, tie.a, tie.code)
		return err
	})
	if err != nil {
		return db.Fault(err, "", "permit.changed")
	}
	return s.reuse(ctx, tie, m, &materialID)
}

func (s *Service) reuse(ctx context.Context, tie *tie, m *Material, from *string) error {
	err := s.DB.Tx(ctx, func(ctx context.Context) error {
		if err := s.holdTie(ctx, tie); err != nil {
			return err
		}
		if from != nil { // what was uploaded here is not needed
			if err := s.Files.RemoveAll(ctx, files.Owner{Kind: files.Material, ID: m.ID}); err != nil {
				return err
			}
		}
		if err := s.DB.From(ctx).Exec("UPDATE permit_materials SET reuses_id = ? WHERE id = ? AND sent_at IS NULL", from, m.ID).Error; err != nil {
			return fmt.Errorf("reuse a material: %w", err)
		}
		m.ReusesID = from
		if from != nil {
			if err := s.unmark(ctx, m); err != nil {
				return err
			}
		}
		if err := s.spreadTie(ctx, tie, m); err != nil {
			return err
		}
		return s.Audit.Record(ctx, audit.Entry{Action: "permit.reuse", Kind: "application", ID: tie.a.ID, Fields: []audit.Change{{Field: "material", After: m.Code}}})
	})
	return db.Fault(err, "", "")
}

// send marks what was not sent yet as sent, at the instant at which the papers count as
// complete: what lay there when an application was accepted is told by that.
func (s *Service) send(ctx context.Context, a *Application, codes []string, at time.Time) error {
	err := s.DB.From(ctx).Exec("UPDATE permit_materials SET sent_at = ? WHERE application_id = ? AND code IN ? AND sent_at IS NULL", at, a.ID, codes).Error
	if err != nil {
		return fmt.Errorf("send the materials: %w", err)
	}
	return nil
}

// judge writes the verdict on a version of a material.
func (s *Service) judge(ctx context.Context, m *Material, verdict string, on calendar.Date) error {
	err := s.DB.From(ctx).Exec("UPDATE permit_materials SET verdict = ?, verdict_at = ?, verdict_on = ?, verdict_by_id = ? WHERE id = ?",
		verdict, s.now(), on, db.Ref(actor.From(ctx).AccountID), m.ID).Error
	if err != nil {
		return fmt.Errorf("write a verdict: %w", err)
	}
	return nil
}
