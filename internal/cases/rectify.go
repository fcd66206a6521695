package cases

import (
	"context"
	"slices"

	"minqing/internal/access"
	"minqing/internal/catalogue"
	"minqing/internal/clocks"
	"minqing/internal/fault"
)

// Rectifying is how far the answer to a bad review is (差評整改).
type Rectifying string

// The steps. Mended waits for the person to judge again, who may also say no more.
const (
	ToContact Rectifying = "contact"   // somebody has to speak with the person
	ToMend    Rectifying = "mend"      // it is verified: mend it and say what was done
	Contested Rectifying = "contested" // the unit says that it should not count; somebody outside decides
	Mended    Rectifying = "mended"    // the person knows what was done
	Settled   Rectifying = "settled"   // judged again
	Excluded  Rectifying = "excluded"  // found mistaken, malicious or of another unit
)

// Rectifyings lists the steps in their order.
var Rectifyings = []Rectifying{ToContact, ToMend, Contested, Mended, Settled, Excluded}

// Owed says that the unit, or who decides for it, has something to do.
func (r Rectifying) Owed() bool { return r == ToContact || r == ToMend || r == Contested }

// Findings are what a unit may find when it has verified a bad review.
var Findings = []string{"clear", "complex", "no_basis"}

// ContestReasons are why a bad review should not count.
var ContestReasons = []string{"mistaken", "malicious", "other_unit"}

// VerifyGrade says that the unit spoke with the person about the bad review, and
// what it found: clear and right, right but complex, or without a basis.
type VerifyGrade struct {
	Finding string
	Note    string // what was said; who chose complex says why it takes longer
}

// Action names the act.
func (VerifyGrade) Action() Action { return ActVerifyGrade }

// Validate checks what was typed.
func (v VerifyGrade) Validate() error {
	var c fault.Check
	c.That(slices.Contains(Findings, v.Finding), "finding", "case.finding.required")
	checkNote(&c, v.Note, true)
	return c.Err()
}

func (v VerifyGrade) apply(_ context.Context, ch *change) error {
	if ch.c.Rectify != ToContact {
		return ch.refuse("case.rectify.not_now", ActVerifyGrade)
	}
	ch.text, ch.data["reason"] = v.Note, v.Finding
	code := catalogue.StdRectification
	if v.Finding == "complex" {
		code = catalogue.StdComplex
	}
	return ch.owe(ToMend, clocks.Rectification, clocks.Standard(ch.snap, code, ch.today))
}

// Rectify tells the person what was done about the bad review, or why nothing
// can be. They are asked to judge again.
type Rectify struct {
	Text string
}

// Action names the act.
func (Rectify) Action() Action { return ActRectify }

// Validate checks what was typed.
func (r Rectify) Validate() error {
	var c fault.Check
	checkText(&c, "text", r.Text)
	return c.Err()
}

func (r Rectify) apply(ctx context.Context, ch *change) error {
	if ch.c.Rectify != ToMend {
		return ch.refuse("case.rectify.not_now", ActRectify)
	}
	ch.c.Rectify, ch.c.RectifyDueAt, ch.tell = Mended, nil, true
	return ch.say(ctx, "out", "reply", r.Text, true)
}

// ContestGrade asks somebody outside the unit to leave the bad review out of the
// figures. The clocks of the answer to it run on.
type ContestGrade struct {
	Reason      string
	Explanation string
}

// Action names the act.
func (ContestGrade) Action() Action { return ActContestGrade }

// Validate checks what was typed.
func (a ContestGrade) Validate() error {
	var c fault.Check
	c.That(slices.Contains(ContestReasons, a.Reason), "reason", "case.reason.required")
	checkText(&c, "explanation", a.Explanation)
	return c.Err()
}

func (a ContestGrade) apply(_ context.Context, ch *change) error {
	if ch.c.Rectify != ToMend {
		return ch.refuse("case.rectify.not_now", ActContestGrade)
	}
	ch.c.Rectify = Contested
	ch.text, ch.reason, ch.data["reason"] = a.Explanation, a.Reason, a.Reason
	return nil
}

// DecideContest is what somebody outside the unit decides: excluded, the review
// stays readable and counts in no rate; declined, the unit goes on mending.
type DecideContest struct {
	Exclude bool
	Note    string
}

// Action names the act.
func (DecideContest) Action() Action { return ActDecideContest }

// Validate checks what was typed.
func (d DecideContest) Validate() error {
	var c fault.Check
	checkNote(&c, d.Note, true)
	return c.Err()
}

func (d DecideContest) apply(ctx context.Context, ch *change) error {
	if ch.c.Rectify != Contested {
		return ch.refuse("case.rectify.not_now", ActDecideContest)
	}
	if err := ch.s.outside(ctx, ch.c, ch.units); err != nil {
		return err
	}
	ch.text, ch.data["upheld"] = d.Note, d.Exclude
	if !d.Exclude {
		ch.c.Rectify = ToMend
		return nil
	}
	ch.c.Rectify, ch.c.RectifyDueAt = Excluded, nil
	ch.note("excluded", "", "true")
	if ch.s.excluded != nil {
		ch.after = append(ch.after, func(ctx context.Context) error { return ch.s.excluded(ctx, ch.c.ID, ch.c.ConclusionNo) })
	}
	return nil
}

// outside says whether the actor may decide for the unit above the one that was
// judged: nobody inside it does.
func (s *Service) outside(ctx context.Context, c *Case, units []unitState) error {
	above, err := s.pathAbove(ctx, c, units)
	if err != nil {
		return err
	}
	err = s.Access.CanOn(ctx, access.CaseDecideContest, access.Object{UnitPaths: []string{above}})
	if fault.KindOf(err) == fault.Forbidden && err != nil {
		return fault.New(fault.Forbidden, "case.contest.outside")
	}
	return err
}

// pathAbove is the path of the case at the unit over the one that was judged.
// Nothing is above the root: those who decide for it do.
func (s *Service) pathAbove(ctx context.Context, c *Case, units []unitState) (string, error) {
	snap, err := s.Catalogue.Snapshot(ctx)
	if err != nil {
		return "", err
	}
	lead := c.UnitID
	for _, u := range units {
		if u.Role == "lead" {
			lead = u.UnitID
		}
	}
	unit, err := snap.Unit(lead)
	if err != nil {
		return "", err
	}
	if above := snap.Parent(unit); above != nil {
		unit = above
	}
	return c.pathAt(unit), nil
}
