package cases

import (
	"context"
	"encoding/json"
	"fmt"

	"minqing/internal/actor"
	"minqing/internal/calendar"
	"minqing/internal/clocks"
	"minqing/internal/db"
	"minqing/internal/fault"
)

// Unmerge takes a merge back: the case stands as it stood, with its own clock and
// in its own queue, and is handled on its own. What was said meanwhile stays said.
type Unmerge struct {
	Reason string
}

// Action names the act.
func (Unmerge) Action() Action { return ActUnmerge }

// Validate checks what was typed.
func (u Unmerge) Validate() error {
	var c fault.Check
	checkText(&c, "explanation", u.Reason)
	return c.Err()
}

func (u Unmerge) apply(ctx context.Context, ch *change) error {
	ch.text, ch.tell = u.Reason, true
	return ch.restore(ctx, "")
}

// restore sets a merged case to how it was, and takes it away from the leading
// one. Why says what ended there, where nobody decided to take the merge back.
func (ch *change) restore(ctx context.Context, why string) error {
	row, err := ch.s.mergeOf(ctx, ch.c)
	if err != nil {
		return err
	}
	var b before
	if err := json.Unmarshal([]byte(row.Before), &b); err != nil {
		return fmt.Errorf("read how the case stood: %w", err)
	}
	c := ch.c
	ch.to, c.ResumeStatus, c.HandlerID, c.RepliedAt = b.Status, b.Resume, b.HandlerID, b.RepliedAt
	c.ConcludedAt, c.ConcludedOn, c.Outcome, c.Appealed, c.AppealDeclined = nil, nil, "", false, false
	c.ExtensionByID, c.ExtensionAsID = b.AskedByID, b.AskedAsID
	if b.Asked != "" {
		if c.ExtensionAsked, err = calendar.ParseLimit(b.Asked); err != nil {
			return fmt.Errorf("read what time was asked for: %w", err)
		}
	}
	ch.restored = true
	if err := ch.restoreClocks(ctx, b.Clocks); err != nil {
		return err
	}
	ch.after = append(ch.after, func(ctx context.Context) error { return ch.restoreUnits(ctx, b.Units) })
	return ch.part(ctx, row, why)
}

func (s *Service) mergeOf(ctx context.Context, c *Case) (merged, error) {
	rows, err := s.merges(ctx, "case_id = ?", c.ID)
	if err != nil {
		return merged{}, err
	}
	if len(rows) == 0 {
		return merged{}, fault.New(fault.Conflict, "case.merge.none")
	}
	return rows[0], nil
}

// restoreClocks lets those clocks run on that ran. Their time went by meanwhile.
func (ch *change) restoreClocks(ctx context.Context, list []clocks.Clock) error {
	for _, k := range list {
		k.CaseID = ch.c.ID
		if k.Kind == clocks.Conclusion && k.No == 1 {
			ch.clock = &k
			continue
		}
		if k.Kind == clocks.Contact && ch.c.ContactedAt != nil {
			continue // the person has heard from us
		}
		cal, rules, err := ch.s.warnRules(ch.snap, warning{Clock: k, LeadID: ch.c.UnitID, RouteUnitID: ch.c.RouteUnitID, MatterID: ch.c.MatterID})
		if err != nil {
			return err
		}
		k = clocks.Armed(cal, rules, k, ch.now)
		err = ch.s.DB.From(ctx).Exec(`UPDATE case_clocks SET state = ?, stopped_at = NULL, warn_at = ?, warn_level = ? WHERE case_id = ? AND kind = ? AND no = ?`,
			clocks.Running, k.WarnAt, k.WarnLevel, k.CaseID, k.Kind, k.No).Error
		if err != nil {
			return fmt.Errorf("let a clock run on: %w", err)
		}
	}
	return nil
}

func (ch *change) restoreUnits(ctx context.Context, units []unitBefore) error {
	ids := make([]string, len(units))
	tx := ch.s.DB.From(ctx)
	for i, u := range units {
		ids[i] = u.UnitID
		err := tx.Exec("UPDATE case_units SET role = ?, open = ? WHERE case_id = ? AND unit_id = ?", u.Role, u.Open, ch.c.ID, u.UnitID).Error
		if err != nil {
			return fmt.Errorf("restore the units of a case: %w", err)
		}
	}
	if err := tx.Exec("DELETE FROM case_units WHERE case_id = ? AND unit_id NOT IN ?", ch.c.ID, ids).Error; err != nil {
		return fmt.Errorf("restore the units of a case: %w", err)
	}
	return nil
}

// part takes a case away from the one that leads it.
func (ch *change) part(ctx context.Context, row merged, why string) error {
	lead, err := ch.s.byID(ctx, row.LeadID)
	if err != nil {
		return err
	}
	if err := ch.s.inOrder(ctx, ch.c.ID, lead.ID); err != nil {
		return err
	}
	c := ch.c
	c.MergedIntoID, c.Duplicate = nil, false
	ch.data["case"] = lead.CaseNo
	ch.note("merged_into", lead.CaseNo, "")
	if why != "" {
		ch.data["ended"] = why
	}
	ch.after = append(ch.after, func(ctx context.Context) error {
		err := ch.s.DB.From(ctx).Exec("UPDATE case_merges SET undone_at = ? WHERE id = ?", ch.now, row.ID).Error
		if err != nil {
			return fmt.Errorf("take a merge back: %w", err)
		}
		if why == endedLead {
			return nil // it counts its followers itself
		}
		return ch.scatter(ctx, lead, row, why)
	})
	return nil
}

// Why a case does not follow another any more, where nobody took it back.
const (
	endedLead  = "lead_withdrawn"
	endedCase  = "withdrawn"
	noteSystem = "case.merge"
)

// scatter is the other side of un-merging, at the leading case.
func (ch *change) scatter(ctx context.Context, lead *Case, row merged, why string) error {
	s := ch.s
	if why != "" { // a citizen's act on another case: the story of this one does not say whose
		ctx = actor.AsSystem(ctx, noteSystem)
	}
	units, err := s.unitsOf(ctx, lead.ID)
	if err != nil {
		return err
	}
	l, err := s.begin(ctx, lead, units, &Transition{Action: actScatter})
	if err != nil {
		return err
	}
	var own owed
	if err := json.Unmarshal([]byte(row.LeadClock), &own); err != nil {
		return fmt.Errorf("read the clock of the leading case: %w", err)
	}
	lead.MergedCount--
	if !lead.Status.Ended() && lead.SuspendedAt == nil && lead.ExtensionCount == own.Extensions {
		if err := l.earliest(ctx, own); err != nil {
			return err
		}
	}
	l.data["case"] = ch.c.CaseNo
	l.note("follows", ch.c.CaseNo, "")
	if why != "" {
		l.data["ended"] = why
	}
	return s.store(ctx, l, actScatter)
}

// leave takes a case away whose citizen withdraws it.
func (ch *change) leave(ctx context.Context) error {
	row, err := ch.s.mergeOf(ctx, ch.c)
	if err != nil {
		return err
	}
	return ch.part(ctx, row, endedCase)
}

func (s *Service) byID(ctx context.Context, id string) (*Case, error) {
	var c Case
	if err := s.DB.From(ctx).Where("id = ?", id).Take(&c).Error; err != nil {
		return nil, fmt.Errorf("read a case: %w", db.Fault(err, "case.missing", ""))
	}
	return &c, nil
}
