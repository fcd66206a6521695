package permits

import (
	"context"
	"fmt"
	"slices"
	"time"

	"minqing/internal/access"
	"minqing/internal/actor"
	"minqing/internal/audit"
	"minqing/internal/calendar"
	"minqing/internal/cases"
	"minqing/internal/db"
	"minqing/internal/fault"
	"minqing/internal/permittypes"
	"minqing/internal/text"
)

// guard is the service as the track's guard.
type guard struct{ s *Service }

// owns are the acts of the permit page: each carries more than the case knows of.
var owns = []cases.Action{cases.ActAccept, cases.ActNotAccept, cases.ActRequestInfo, cases.ActReply, cases.ActConclude, cases.ActAppoint, cases.ActInspect, cases.ActHearing, cases.ActAmend, cases.ActInterested}

// Owns says which acts are done through this package alone.
func (guard) Owns(a cases.Action) bool { return slices.Contains(owns, a) }

// Before refuses what the law of permits does not allow.
func (g guard) Before(ctx context.Context, c *cases.Case, cmd cases.Command) error {
	switch cmd := cmd.(type) {
	case cases.Suspend:
		if err := g.checkSuspension(ctx, c, cmd); err != nil {
			return err
		}
		return g.hearingSuspends(ctx, c, cmd)
	case cases.Resume:
		return g.hearingResumes(ctx, c)
	case cases.RequestExtension:
		return once(c)
	case cases.Reply:
		return g.person(ctx)
	case cases.ReviewReply:
		if err := g.pair(ctx, c); err != nil || !cmd.Approve {
			return err
		}
		if err := g.unsaid(ctx, c); err != nil {
			return err
		}
		if err := g.unsilenced(ctx, c); err != nil {
			return err
		}
		return g.late(ctx, c)
	case cases.Conclude:
		if err := g.person(ctx); err != nil {
			return err
		}
		d, err := g.s.decisionOf(ctx, c.ID)
		if err == nil && (d == nil || d.ApprovedAt == nil) {
			err = fault.New(fault.Conflict, "permit.decide.unsigned")
		}
		return err
	}
	return nil
}

// checkSuspension allows the listed reasons alone, told to the applicant in writing
// (行政許可法 art. 45; of Taiwan 行政程序法 art. 51 (5)).
func (g guard) checkSuspension(ctx context.Context, of *cases.Case, cmd cases.Suspend) error {
	t, err := g.typeOf(ctx, of)
	if err != nil {
		return err
	}
	var c fault.Check
	key := "permit.suspend.listed"
	if t != nil && t.OfTaiwan() {
		key = "permit.suspend.listed.tw"
	}
	c.That(isListed(t, cmd.Type), "reason", key)
	c.That(text.Lines(cmd.Notice) != "", "text", "permit.suspend.notice")
	return c.Err()
}

// typeOf is the type that is applied for, nil of a case of the track that came from
// elsewhere.
func (g guard) typeOf(ctx context.Context, c *cases.Case) (*permittypes.Type, error) {
	a, err := g.s.read(ctx, "case_id = ?", c.ID)
	if err != nil {
		return nil, ignoreMissing(err)
	}
	return g.s.typeOf(ctx, a)
}

// Extendable is ten working days, or as many as the type says of what several authorities
// handle together, whatever was promised; and it may be asked for until the last day of
// the law, though the promise is over (行政許可法 art. 42). Of a permit of Taiwan it is the
// limit itself once more, or less where the type says so (行政程序法 art. 51 (3)).
func (g guard) Extendable(ctx context.Context, c *cases.Case) (most calendar.Limit, until time.Time, err error) {
	a, err := g.s.read(ctx, "case_id = ?", c.ID)
	if err != nil {
		return most, until, ignoreMissing(err)
	}
	t, err := g.s.typeOf(ctx, a)
	if err != nil {
		return most, until, err
	}
	if most, err = calendar.NewLimit(t.ExtensionMost(), t.Promised.Unit()); err != nil || c.DueAt == nil {
		return most, until, err
	}
	until = *c.DueAt
	from := a.counted(t)
	if from == nil {
		return most, until, nil
	}
	cal, err := g.s.calendarOf(ctx, c)
	if err != nil {
		return most, until, err
	}
	ticking, err := g.s.Cases.ClocksOf(ctx, c.ID)
	if err != nil {
		return most, until, err
	}
	if law := DecideBy(cal, t, *from, extended(c, t), spans(cal, ticking)).Due; law.After(until) {
		until = law
	}
	return most, until, nil
}

// ExtendedBy is the head of the government at the level of the unit, of what several
// authorities handle together (行政許可法 art. 42 (2)); of everything else it is the head
// of the unit.
func (g guard) ExtendedBy(ctx context.Context, c *cases.Case) (v access.Verb, unitPath string, err error) {
	a, err := g.s.read(ctx, "case_id = ?", c.ID)
	if err != nil {
		return "", "", ignoreMissing(err)
	}
	t, err := g.s.typeOf(ctx, a)
	if err != nil || !t.Joint() {
		return "", "", err
	}
	snap, err := g.s.Catalogue.Snapshot(ctx)
	if err != nil {
		return "", "", err
	}
	u, err := snap.Unit(c.UnitID)
	if err != nil {
		return "", "", err
	}
	return access.CaseExtendJoint, snap.Government(u).Path, nil
}

// once refuses a second extension, whatever the rules of the matter say.
func once(c *cases.Case) error {
	if c.ExtensionCount > 0 {
		return fault.New(fault.Conflict, "case.extension.used")
	}
	return nil
}

// person lets nobody but a member of staff decide: no permit is refused by a program.
func (g guard) person(ctx context.Context) error {
	if actor.From(ctx).Kind != actor.Staff {
		return fault.New(fault.Forbidden, "permit.decide.person")
	}
	return nil
}

// pair keeps the sign-off from who wrote the draft, themselves or as a deputy.
func (g guard) pair(ctx context.Context, c *cases.Case) error {
	if err := g.person(ctx); err != nil {
		return err
	}
	d, err := g.s.decisionOf(ctx, c.ID)
	if err != nil || d == nil {
		return err
	}
	a := actor.From(ctx)
	if d.DraftedByID != nil && (*d.DraftedByID == a.AccountID || *d.DraftedByID == a.AsAccountID) {
		return fault.New(fault.Forbidden, "permit.decide.own_draft")
	}
	return nil
}

// late keeps somebody from signing a refusal for want of a correction that has come
// since: the letter would go out.
func (g guard) late(ctx context.Context, c *cases.Case) error {
	d, err := g.s.decisionOf(ctx, c.ID)
	if err != nil || d == nil || d.Ground != NotCorrected {
		return err
	}
	if err := g.s.takeTurns(ctx, d.ApplicationID); err != nil { // whoever corrects at this moment is done, or waits
		return err
	}
	n, err := g.s.openNotice(ctx, d.ApplicationID)
	if err == nil && n == nil {
		err = fault.New(fault.Conflict, "permit.decide.corrected")
	}
	return err
}

// After writes what follows for the application.
func (g guard) After(ctx context.Context, c *cases.Case, act cases.Action) error {
	switch act {
	case cases.ActReviewReply:
		return g.signed(ctx, c)
	case cases.ActRework:
		return g.unsign(ctx, c)
	case cases.ActWithdraw:
		a, err := g.s.read(ctx, "case_id = ?", c.ID)
		if err != nil {
			return ignoreMissing(err)
		}
		if err := g.s.moved(ctx, a, Withdrawn, nil, "permit.withdraw"); err != nil || g.s.Fees == nil {
			return err
		}
		return g.s.Fees.Cancel(ctx, c.ID)
	}
	return nil
}

// ignoreMissing is for cases of the track that came from elsewhere, without an
// application here.
func ignoreMissing(err error) error {
	if fault.KindOf(err) == fault.NotFound {
		return nil
	}
	return err
}

func (g guard) signed(ctx context.Context, c *cases.Case) error {
	d, err := g.s.decisionOf(ctx, c.ID)
	if err != nil || d == nil || c.Status != cases.Reviewed {
		return err
	}
	err = g.s.DB.From(ctx).Exec("UPDATE permit_decisions SET approved_at = ?, approved_by_id = ? WHERE id = ?",
		g.s.now(), db.Ref(actor.From(ctx).AccountID), d.ID).Error
	if err != nil {
		return fmt.Errorf("sign a decision: %w", err)
	}
	return g.s.Audit.Record(ctx, audit.Entry{Action: "permit.sign", Kind: "application", ID: d.ApplicationID, Fields: []audit.Change{{Field: "case", After: c.CaseNo}}})
}

func (g guard) unsign(ctx context.Context, c *cases.Case) error {
	d, err := g.s.decisionOf(ctx, c.ID)
	if err != nil || d == nil {
		return err
	}
	if err := g.s.DB.From(ctx).Exec("UPDATE permit_decisions SET approved_at = NULL, approved_by_id = NULL WHERE id = ? AND decided_at IS NULL", d.ID).Error; err != nil {
		return fmt.Errorf("take a signature back: %w", err)
	}
	return nil
}
