package cases

import (
	"context"
	"fmt"

	"minqing/internal/actor"
	"minqing/internal/catalogue"
	"minqing/internal/db"
	"minqing/internal/fault"
	"minqing/internal/i18n"
)

// echo lets the cases that follow one hear what everybody who asked must hear:
// replies, results and what becomes of them. Each is told under its own number.
func (s *Service) echo(ctx context.Context, ch *change, a Action) error {
	if ch.was.MergedCount == 0 {
		return nil
	}
	switch a {
	case ActReply, ActReviewReply:
		if !ch.public {
			return nil
		}
	case ActConclude, ActRework, ActReopen, ActDecideAppeal:
	case ActWithdraw:
		return s.release(ctx, ch)
	default:
		return nil
	}
	said, err := s.lastReply(ctx, ch.c.ID)
	if err != nil {
		return err
	}
	return s.eachFollower(ctx, ch.c.ID, func(f *change) (Action, error) {
		switch a {
		case ActConclude:
			f.concluded(ch.c.Outcome)
			return ActConclude, nil
		case ActRework, ActReopen:
			f.takenBack()
			f.public = ch.public
			return ActRework, nil
		case ActDecideAppeal:
			return f.appealDecided(ctx, ch, said)
		}
		return ActReply, f.replied(ctx, said, ch.unitID)
	})
}

// eachFollower changes every case that follows one. What their citizens wrote or
// are stays theirs: only the act goes over.
func (s *Service) eachFollower(ctx context.Context, leadID string, do func(f *change) (Action, error)) error {
	var list []Case
	err := s.DB.From(ctx).Where("merged_into_id = ? AND frozen_at IS NULL", leadID).Order("id").Find(&list).Error
	if err != nil {
		return fmt.Errorf("read the cases that follow: %w", db.Fault(err, "", ""))
	}
	for i := range list {
		if err := s.oneFollower(ctx, &list[i], do); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) oneFollower(ctx context.Context, c *Case, do func(f *change) (Action, error)) error {
	units, err := s.unitsOf(ctx, c.ID)
	if err != nil {
		return err
	}
	f, err := s.begin(ctx, c, units, &Transition{Public: true})
	if err != nil {
		return err
	}
	a, err := do(f)
	if err != nil || a == "" {
		return err
	}
	return s.store(ctx, f, a)
}

// lastReply is the newest answer that the citizen of a case may read.
func (s *Service) lastReply(ctx context.Context, caseID string) (string, error) {
	var found []Message
	err := s.DB.From(ctx).Raw(`SELECT text, text_cipher FROM case_messages WHERE case_id = ? AND kind = 'reply' AND direction = 'out'
 ORDER BY id DESC LIMIT 1`, caseID).Scan(&found).Error
	if err != nil {
		return "", fmt.Errorf("read the reply: %w", db.Fault(err, "", ""))
	}
	if len(found) == 0 {
		return "", nil
	}
	return s.opened(ctx, purposeMessage, found[0].Text, found[0].TextCipher)
}

func (f *change) replied(ctx context.Context, said, unitID string) error {
	f.c.RepliedAt, f.tell, f.unitID = &f.now, true, unitID
	f.contacted()
	return f.say(ctx, "out", "reply", said, true)
}

func (f *change) concluded(o Outcome) {
	c := f.c
	c.ConcludedAt, c.ConcludedOn, c.Outcome, c.AppealDeclined = &f.now, &f.today, o, false
	c.ConclusionNo++
	c.unjudged()
	f.tell = true
	f.data["outcome"] = o
	f.note("outcome", "", string(o))
}

// takenBack is again for a case that follows.
func (f *change) takenBack() {
	f.again()
	f.c.Appealed = false
}

// appealDecided tells those who appealed; upheld, nobody's result stands.
func (f *change) appealDecided(ctx context.Context, lead *change, said string) (Action, error) {
	upheld, appealed := lead.to != lead.from, f.c.Appealed
	f.c.Appealed = false
	if upheld {
		f.takenBack()
	}
	if !appealed {
		if !upheld {
			return "", nil
		}
		return ActRework, nil
	}
	f.c.AppealDeclined = !upheld
	f.data["upheld"], f.tell, f.unitID = upheld, true, lead.unitID
	return ActDecideAppeal, f.say(ctx, "out", "reply", said, true)
}

// welcome passes on to a case that has just been merged what was replied already.
func (s *Service) welcome(ctx context.Context, lead *change, caseID string) error {
	var n int
	err := s.DB.From(ctx).Raw(`SELECT count(*) FROM case_messages WHERE case_id = ? AND kind = 'reply' AND direction = 'out' AND published`, lead.c.ID).Scan(&n).Error
	if err != nil {
		return fmt.Errorf("look for a reply: %w", db.Fault(err, "", ""))
	}
	if n == 0 || lead.c.RepliedAt == nil {
		return nil
	}
	said, err := s.lastReply(ctx, lead.c.ID)
	if err != nil {
		return err
	}
	c, err := s.byID(ctx, caseID)
	if err != nil {
		return err
	}
	return s.oneFollower(ctx, c, func(f *change) (Action, error) { return ActReply, f.replied(ctx, said, lead.c.UnitID) })
}

// release gives every case that follows one back to itself, because the citizen
// of the leading case withdrew: the others still wait for their answer.
func (s *Service) release(ctx context.Context, ch *change) error {
	ctx = actor.AsSystem(ctx, noteSystem)
	err := s.eachFollower(ctx, ch.c.ID, func(f *change) (Action, error) {
		f.tell = true
		return ActUnmerge, f.restore(ctx, endedLead)
	})
	if err != nil {
		return err
	}
	ch.c.MergedCount = 0
	if err := s.DB.From(ctx).Exec("UPDATE cases SET merged_count = 0 WHERE id = ?", ch.c.ID).Error; err != nil {
		return fmt.Errorf("let the followers of a case go: %w", err)
	}
	return nil
}

// toLead tells the leading case that somebody of a case that follows it wrote or
// appealed. What was said stays with them: those who have the case read it there.
func (ch *change) toLead(ctx context.Context, a Action) error {
	c := ch.c
	if c.MergedIntoID == nil || a == ActMessage && c.ConcludedAt != nil || a == ActAppeal && c.ConcludedAt == nil {
		return ch.refuse("case.action.impossible", a)
	}
	lead, err := ch.s.byID(ctx, *c.MergedIntoID)
	if err != nil {
		return err
	}
	if a == ActAppeal && lead.Status != Concluded {
		return fault.New(fault.Conflict, "case.changed")
	}
	if err := ch.s.inOrder(ctx, c.ID, lead.ID); err != nil {
		return err
	}
	ch.after = append(ch.after, func(ctx context.Context) error {
		ctx = actor.AsSystem(ctx, noteSystem)
		units, err := ch.s.unitsOf(ctx, lead.ID)
		if err != nil {
			return err
		}
		l, err := ch.s.begin(ctx, lead, units, &Transition{Action: a})
		if err != nil {
			return err
		}
		l.data["case"] = c.CaseNo
		if a == ActAppeal {
			if err := l.joinAppeal(ctx, c); err != nil {
				return err
			}
		}
		return ch.s.store(ctx, l, a)
	})
	return nil
}

// joinAppeal puts the leading case before the unit above, for somebody whose case
// follows it; that unit may read what they say.
func (l *change) joinAppeal(ctx context.Context, f *Case) error {
	above, err := l.above(ctx)
	if err != nil {
		return err
	}
	l.data["unit"] = above.Code
	if err := l.s.share(ctx, f, l.snap, above); err != nil {
		return err
	}
	if l.c.Appealed {
		return nil // it waits there already
	}
	l.c.Appealed = true
	if above.ID == l.lead.UnitID {
		l.leadDecides = true
		return nil
	}
	l.after = append(l.after, func(ctx context.Context) error { return l.supervise(ctx, above) })
	return nil
}

// share lets a unit that handles the leading case read one that follows it, unless
// that complains about it.
func (s *Service) share(ctx context.Context, f *Case, snap *catalogue.Snapshot, u *catalogue.Unit) error {
	conflict, err := s.conflict(ctx, f, snap, u)
	if err != nil || conflict {
		return err
	}
	var n int
	if err := s.DB.From(ctx).Raw("SELECT count(*) FROM case_units WHERE case_id = ? AND unit_id = ?", f.ID, u.ID).Scan(&n).Error; err != nil {
		return fmt.Errorf("look who may read a case: %w", db.Fault(err, "", ""))
	}
	if n > 0 {
		return nil
	}
	row := unitRow(f, u, "past", false)
	if err := s.DB.From(ctx).Exec(row.SQL, row.Args...).Error; err != nil {
		return fmt.Errorf("let a unit read a case: %w", err)
	}
	return nil
}

// shareLead lets the units that have the leading case now read a new follower.
func (s *Service) shareLead(ctx context.Context, lead *change, caseID string) error {
	f, err := s.byID(ctx, caseID)
	if err != nil {
		return err
	}
	for _, u := range lead.units {
		if u.Role == "past" {
			continue
		}
		unit, err := lead.snap.Unit(u.UnitID)
		if err != nil {
			return err
		}
		if err := s.share(ctx, f, lead.snap, unit); err != nil {
			return err
		}
	}
	return nil
}

// shareWith is share for every case that follows and every part, when the leading one goes to
// another unit: one that somebody complains about never gets it.
func (ch *change) shareWith(ctx context.Context, u *catalogue.Unit) error {
	if ch.c.MergedCount == 0 && ch.c.PartsOpen == 0 {
		return nil
	}
	var list []Case
	if err := ch.s.DB.From(ctx).Where("merged_into_id = ? OR parent_id = ?", ch.c.ID, ch.c.ID).Order("id").Find(&list).Error; err != nil {
		return fmt.Errorf("read the cases that follow: %w", db.Fault(err, "", ""))
	}
	for i := range list {
		conflict, err := ch.s.conflict(ctx, &list[i], ch.snap, u)
		if err != nil {
			return err
		}
		if conflict {
			return fault.InvalidInput(fault.Field{Name: "unit_code", Key: "case.unit.conflict", Args: map[string]any{"Unit": u.Name.In(i18n.Lang(ch.c.Locale))}})
		}
		if err := ch.s.share(ctx, &list[i], ch.snap, u); err != nil {
			return err
		}
	}
	return nil
}

// followLead shows a citizen how the case stands that leads theirs: how far it
// is, and by when it is answered.
func (s *Service) followLead(ctx context.Context, v *View) error {
	lead, err := s.byID(ctx, *v.MergedIntoID)
	if err != nil {
		return err
	}
	v.Follows = lead.Status
	v.DueAt, v.DueOn, v.DueProvisional, v.UnitID = lead.DueAt, lead.DueOn, lead.DueProvisional, lead.UnitID
	v.SuspendedAt, v.SuspendedUntil, v.Suspension = lead.SuspendedAt, lead.SuspendedUntil, lead.Suspension
	return nil
}

// Standing is how far a case is, to its citizen: that of the case it follows.
func (v *View) Standing() Status {
	if v.Follows != "" {
		return v.Follows
	}
	return v.Status
}

// appealedItself says whether the citizen of a leading case appealed against its
// newest result, and not only somebody whose case follows it.
func (ch *change) appealedItself(ctx context.Context) (bool, error) {
	var found []Event
	err := ch.s.DB.From(ctx).Raw("SELECT data FROM case_events WHERE case_id = ? AND action = ? AND at >= ?", ch.c.ID, ActAppeal, ch.c.ConcludedAt).Scan(&found).Error
	if err != nil {
		return false, fmt.Errorf("read who appealed: %w", db.Fault(err, "", ""))
	}
	for _, e := range found {
		if e.Facts().Case == "" {
			return true, nil
		}
	}
	return false, nil
}
