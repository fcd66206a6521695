package duties

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"minqing/internal/access"
	"minqing/internal/actor"
	"minqing/internal/audit"
	"minqing/internal/calendar"
	"minqing/internal/db"
	"minqing/internal/fault"
	"minqing/internal/files"
	"minqing/internal/permittypes"
	"minqing/internal/register"
	"minqing/internal/text"
)

// statementMost is the longest statement, and reason, in characters.
const statementMost = 2000

// OfPermits are the duties of permits, by the ids of these. Whoever calls has made
// sure that the permits are the actor's.
func (s *Service) OfPermits(ctx context.Context, list []register.Permit) (map[string][]View, error) {
	ids, by := make([]string, len(list)), map[string]*register.Permit{}
	for i := range list {
		ids[i], by[list[i].ID] = list[i].ID, &list[i]
	}
	all, err := s.of(ctx, ids...)
	if err != nil {
		return nil, err
	}
	out := map[string][]View{}
	for i := range all {
		p := by[all[i].PermitID]
		v, err := s.view(ctx, &all[i], p)
		if fault.KindOf(err) == fault.NotFound && err != nil {
			continue
		}
		if err != nil {
			return nil, err
		}
		out[p.ID] = append(out[p.ID], *v)
	}
	return out, nil
}

// Pressing says that the holder has to do something soon, or should have.
func (v *View) Pressing(today calendar.Date) bool {
	return v.State == Due && v.Def.Kind != permittypes.DutyInspection && today >= v.DueOn.Add(-v.Def.WarnDays())
}

// Waiting are the duties of permits in force that press on their holder, the nearest
// day first and without papers. Whoever calls has made sure that the permits are the
// actor's.
func (s *Service) Waiting(ctx context.Context, list []register.Permit) (out []View, err error) {
	today := s.Today()
	var ids []string
	by := map[string]*register.Permit{}
	for i := range list {
		if stands := list[i].On(today); stands == register.Valid || stands == register.Suspended {
			ids, by[list[i].ID] = append(ids, list[i].ID), &list[i]
		}
	}
	if len(ids) == 0 {
		return nil, nil
	}
	var owed []Duty
	err = s.DB.From(ctx).Where("permit_id IN ? AND state = ?", ids, Due).Order("due_on, code, id").Limit(ofMost).Find(&owed).Error
	if err != nil {
		return nil, fmt.Errorf("list the duties that wait: %w", db.Fault(err, "", ""))
	}
	for i := range owed {
		v, err := s.bare(ctx, &owed[i], by[owed[i].PermitID])
		if fault.KindOf(err) == fault.NotFound && err != nil {
			continue
		}
		if err != nil {
			return nil, err
		}
		if v.Pressing(today) {
			out = append(out, *v)
		}
	}
	return out, nil
}

// Own is a duty of whom the actor acts for.
func (s *Service) Own(ctx context.Context, permitNo, id string) (*View, error) {
	p, writes, err := s.Held(ctx, permitNo)
	if err != nil {
		return nil, err
	}
	d, err := s.one(ctx, p, id)
	if err != nil {
		return nil, err
	}
	v, err := s.view(ctx, d, p)
	if err == nil {
		v.Writes = writes
	}
	return v, err
}

// Takes says that the holder's side may hand something in now.
func (v *View) Takes() bool {
	return v.Writes && v.State == Due && v.Def.Kind != permittypes.DutyInspection
}

// takes refuses what may not be handed in, and says why.
func (v *View) takes() error {
	switch {
	case !v.Writes:
		return fault.New(fault.Forbidden, "access.forbidden")
	case v.Def.Kind == permittypes.DutyInspection:
		return fault.New(fault.Conflict, "duty.inspection")
	case v.State != Due:
		return fault.New(fault.Conflict, "duty.handed")
	}
	return nil
}

// Attach keeps a paper that belongs to a duty. The same file twice is kept once.
func (s *Service) Attach(ctx context.Context, permitNo, id string, u files.Upload) error {
	v, err := s.Own(ctx, permitNo, id)
	if err != nil {
		return err
	}
	if err := v.takes(); err != nil {
		return err
	}
	if slices.ContainsFunc(v.Files, func(f files.File) bool { return f.Name == strings.TrimSpace(u.Name) && f.Size == u.Size }) {
		return nil
	}
	u.Owner = v.Owner()
	_, err = s.Files.Add(ctx, u)
	return err
}

// Detach takes a paper away that is not handed in yet.
func (s *Service) Detach(ctx context.Context, permitNo, id, fileID string) error {
	v, err := s.Own(ctx, permitNo, id)
	if err != nil {
		return err
	}
	if err := v.takes(); err != nil {
		return err
	}
	if !db.IsID(fileID) {
		return fault.New(fault.NotFound, "files.missing")
	}
	return s.Files.Remove(ctx, v.Owner(), fileID)
}

// HandIn meets a duty from the holder's side: with a statement, with papers, or both;
// a paper that ran out is a paper. version is the one that the page showed.
func (s *Service) HandIn(ctx context.Context, permitNo, id string, version int64, statement string) error {
	statement = text.Lines(statement)
	return s.DB.Tx(ctx, func(ctx context.Context) error {
		v, err := s.Own(ctx, permitNo, id)
		if err != nil {
			return err
		}
		if err := v.takes(); err != nil {
			return err
		}
		if v.Version != version {
			return errChanged
		}
		if stands := v.Permit.On(s.Today()); stands != register.Valid && stands != register.Suspended {
			return fault.New(fault.Conflict, "register.state."+string(stands))
		}
		var c fault.Check
		c.That(v.Def.Kind != permittypes.DutyReport || statement != "" || len(v.Files) > 0, "statement", "duty.statement.required")
		c.That(utf8.RuneCountInString(statement) <= statementMost, "statement", "case.text.long", "Max", statementMost)
		c.That(!v.Def.Files() || len(v.Files) > 0, "files", "duty.files.required")
		if err := c.Err(); err != nil {
			return err
		}
		err = s.save(ctx, &v.Duty, map[string]any{"state": Received, "statement": statement, "stated_by_id": db.Ref(actor.From(ctx).AccountID), "received_at": s.now(), "received_on": s.Today(), "reason": ""})
		if err != nil {
			return err
		}
		return s.record(ctx, v.Permit, &v.Duty, audit.Entry{Action: "permit.duty_received", Fields: []audit.Change{{Field: "state", Before: string(Due), After: string(Received)}}})
	})
}

var errNoFile = fault.New(fault.NotFound, "files.missing")

// OwnFile opens a paper for the holder's side.
func (s *Service) OwnFile(ctx context.Context, permitNo, id, fileID string) (*files.Content, error) {
	v, err := s.Own(ctx, permitNo, id)
	if err != nil {
		return nil, err
	}
	if !db.IsID(fileID) {
		return nil, errNoFile
	}
	return s.Files.Open(ctx, v.Owner(), fileID)
}

// File opens a paper for staff of the unit.
func (s *Service) File(ctx context.Context, permitNo, id, fileID string) (*files.Content, error) {
	v, err := s.Read(ctx, permitNo, id)
	if err != nil {
		return nil, err
	}
	if !db.IsID(fileID) {
		return nil, errNoFile
	}
	return s.Files.OpenFor(ctx, files.Belongs{Kind: "permit", No: v.Permit.PermitNo}, v.Owner(), fileID)
}

// may says whether the actor may settle duties of a permit.
func (s *Service) may(ctx context.Context, p *register.Permit) error {
	return s.Access.CanOn(ctx, access.PermitDuty, access.Object{UnitPaths: []string{p.UnitPath}})
}
