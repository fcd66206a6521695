package desk

import (
	"context"
	"math"
	"slices"
	"strconv"

	"minqing/internal/cases"
	"minqing/internal/web"
)

// bond is what a case has to do with those that are handled as one with it.
type bond struct {
	Lead      *linked
	Followers []linked
	Hidden    int
	Rest      int // that are not listed
}

// linked is another case, with the way to it where the reader may see it.
type linked struct {
	Href   string
	CaseNo string
	Title  web.Words
	Chips  []web.Chip
}

// candidate is an open case that may be merged with this one.
type candidate struct {
	linked  // with the grounds as chips
	Status  web.Chip
	Compare web.Link
}

func linkedTo(c *cases.Case) linked {
	return linked{Href: "/desk/cases/" + c.CaseNo, CaseNo: c.CaseNo, Title: web.Plain(c.ShownTitle()), Chips: []web.Chip{{Words: web.Say("case.status." + string(c.Status))}}}
}

// together shows the case that leads this one and those that follow it. Those
// that could are looked for on a page of their own: that reads hundreds of texts.
func (p *casePage) together(ctx context.Context, v *caseView, one *cases.View) error {
	b, err := p.Cases.BondOf(ctx, &one.Case)
	if err != nil {
		return err
	}
	if b.LeadNo != "" {
		v.Bond = &bond{Lead: &linked{CaseNo: b.LeadNo}}
		if b.Lead != nil {
			lead := linkedTo(&b.Lead.Case)
			v.Bond.Lead = &lead
		}
		if one.ConcludedAt == nil {
			v.Waiting = web.Say("desk.turn.merged", "CaseNo", b.LeadNo)
		}
	}
	if len(b.Followers) > 0 || b.Hidden > 0 {
		v.Bond = &bond{Hidden: b.Hidden, Rest: b.Rest}
		for i := range b.Followers {
			v.Bond.Followers = append(v.Bond.Followers, linkedTo(&b.Followers[i].Case))
		}
	}
	v.Merges = slices.ContainsFunc(v.More, func(f form) bool { return f.Action == cases.ActMerge })
	return nil
}

func (p *casePage) candidates(ctx context.Context, c *cases.Case) ([]candidate, error) {
	found, err := p.Cases.Candidates(ctx, c)
	if err != nil {
		return nil, err
	}
	list := make([]candidate, 0, len(found))
	for i := range found {
		f := &found[i]
		one := candidate{linked: linkedTo(&f.Case), Compare: web.Link{Href: "/desk/cases/" + c.CaseNo + "/merge?with=" + f.CaseNo,
			Words: web.Say("desk.candidates.compare", "CaseNo", f.CaseNo)}}
		one.Status, one.Chips = one.Chips[0], nil
		if f.SamePerson {
			one.Chips = append(one.Chips, web.Chip{Tone: web.ToneDue, Icon: "user-circle", Words: web.Say("desk.candidates.person")})
		}
		if f.SamePlace {
			one.Chips = append(one.Chips, web.Chip{Tone: web.ToneDue, Icon: "map-pin", Words: web.Say("desk.candidates.place")})
		}
		if share := int(math.Round(100 * f.Words)); share > 0 {
			one.Chips = append(one.Chips, web.Chip{Words: web.Say("desk.candidates.words", "Share", share)})
		}
		list = append(list, one)
	}
	return list, nil
}

// toFollowers adds that what is sent also goes to those whose cases follow.
func (b *asking) toFollowers(says ...web.Words) []web.Words {
	if b.one.MergedCount > 0 {
		says = append(says, web.Say("desk.says.followers", "Count", b.one.MergedCount))
	}
	return says
}

// number reads a number that a form carries; anything else is none.
func number(typed string) int64 {
	n, err := strconv.ParseInt(typed, 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// joinedCommand reads the acts on a case together with others and other units.
func joinedCommand(a cases.Action, v func(string) string) cases.Command {
	switch a {
	case cases.ActSplit:
		return cases.Split{UnitCode: v("unit_code"), Title: v("title"), Task: v("text"), Days: v("days")}
	case cases.ActRecallPart:
		return cases.RecallPart{CaseNo: v("part"), Reason: v("explanation")}
	case cases.ActAddJoint:
		return cases.AddJoint{UnitCode: v("unit_code"), Task: v("text"), Days: v("days")}
	case cases.ActJointSignIn:
		return cases.JointSignIn{UnitCode: v("unit_code")}
	case cases.ActJointAnswer:
		return cases.JointAnswer{UnitCode: v("unit_code"), Text: v("text")}
	case cases.ActReleaseJoint:
		return cases.ReleaseJoint{UnitCode: v("unit_code"), Reason: v("explanation")}
	case cases.ActMerge:
		return cases.Merge{Into: v("into"), LeadVersion: number(v("lead_version")), Note: v("note")}
	case cases.ActUnmerge:
		return cases.Unmerge{Reason: v("explanation")}
	}
	return furtherCommand(a, v)
}

// joined asks what those acts need.
func (b *asking) joined(a cases.Action) {
	switch a {
	case cases.ActSplit:
		b.pickUnit("", false)
		b.line("title").Label = web.Say("desk.field.part_title")
		b.write("text", "joint_task")
		b.jointDays()
	case cases.ActRecallPart:
		b.pick("part", "", b.openPieces()).Label = web.Say("desk.field.part")
		b.write("explanation", "part_recall")
	case cases.ActAddJoint:
		b.pickUnit("", false).Label = web.Say("desk.field.joint_unit")
		b.write("text", "joint_task")
		b.jointDays()
	case cases.ActJointSignIn:
		b.jointUnit(true)
	case cases.ActJointAnswer:
		b.jointUnit(true)
		b.write("text", "joint_answer")
	case cases.ActReleaseJoint:
		b.jointUnit(false)
		b.write("explanation", "joint_release")
	case cases.ActMerge:
		b.line("into").Width = "20"
		b.note()
	case cases.ActUnmerge:
		b.write("explanation", "unmerge")
	}
}
