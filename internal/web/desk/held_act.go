package desk

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"minqing/internal/actor"
	"minqing/internal/calendar"
	"minqing/internal/fault"
	"minqing/internal/register"
	"minqing/internal/text"
	"minqing/internal/web"
)

// heldReasonMost is the longest reason, in characters.
const heldReasonMost = 1000

// acts are the forms that the reader may send, and what waits for them.
func (p *heldOnePage) acts(c *gin.Context, v *heldOneView) error {
	ctx := c.Request.Context()
	open, err := p.Register.Open(ctx, v.Permit)
	if err != nil {
		return err
	}
	list := p.Register.Possible(ctx, v.Permit)
	if open == nil {
		list = append(list, p.Register.Proposable(ctx, v.Permit)...)
	} else if v.Proposal, err = p.proposal(ctx, c, v, open); err != nil {
		return err
	}
	for _, a := range list {
		v.Acts = append(v.Acts, p.form(c, v, a))
	}
	return nil
}

func (p *heldOnePage) proposal(ctx context.Context, c *gin.Context, v *heldOneView, open *register.Proposal) (*heldProposal, error) {
	one := &heldProposal{ID: open.ID, Title: web.Say("held.proposed." + string(open.Act)), Ground: web.Say("held.ground." + open.Ground), Reason: open.Reason, On: open.ProposedOn,
		Decides: p.Register.MayDecide(ctx, v.Permit, open)}
	if open.ProposedByID != nil {
		names, err := p.People.Names(ctx, *open.ProposedByID)
		if err != nil {
			return nil, err
		}
		one.By, one.Own = web.Plain(names[*open.ProposedByID]), *open.ProposedByID == actor.From(ctx).AccountID
	}
	p.hearing(ctx, c, v, open, one)
	one.Note = v.Bind(web.Field{Name: "note", Label: web.Say("held.desk.note"), Hint: web.Say("held.desk.note.hint"), Value: c.PostForm("note"), Rows: 2, Optional: true, Max: heldReasonMost})
	return one, nil
}

// hearing says how far the hearing of the holder is, and what can be done for it.
func (p *heldOnePage) hearing(ctx context.Context, c *gin.Context, v *heldOneView, open *register.Proposal, one *heldProposal) {
	one.Hears, one.Told, one.AnswerBy, one.Statement, one.Stated = open.Hears(), open.ToldOn, open.AnswerBy, text.MaskFree(open.Statement), open.StatedAt
	one.Waits = !open.Heard(p.Register.Today())
	if !one.Hears || !p.Register.MayPropose(ctx, v.Permit) {
		return
	}
	if one.Told == nil {
		from := p.Register.AnswerFrom(ctx, v.Permit)
		day := c.PostForm("answer_by")
		if day == "" {
			day = from.String()
		}
		f := v.Bind(web.Field{Name: "answer_by", Label: web.Say("held.hear.by"), Hint: web.Say("held.hear.by.hint", "Day", dayText(from)), Value: day, Type: "date", Width: "10"})
		one.Ask = &f
	} else if one.Stated == nil {
		f := v.Bind(web.Field{Name: "statement", Label: web.Say("held.hear.enter"), Hint: web.Say("held.hear.enter.hint"), Value: c.PostForm("statement"), Rows: 3, Max: heldReasonMost})
		one.Enter = &f
	}
}

// form is the form of an act. Its inputs carry the name of the act, so that what
// was typed in another stays there.
func (p *heldOnePage) form(c *gin.Context, v *heldOneView, a register.Act) heldAct {
	typed := func(name, usual string) string {
		if value, ok := c.GetPostForm(string(a) + "." + name); ok {
			return value
		}
		return usual
	}
	bind := func(f web.Field) web.Field {
		f.Name = string(a) + "." + f.Name
		return v.Bind(f)
	}
	f := heldAct{Act: a, Title: web.Say("held.act." + string(a)), Effect: web.Say("held.act." + string(a) + ".effect"), Do: web.Say("held.act." + string(a) + ".do"),
		Warns: a.NeedsTwo() || a == register.Suspend, Open: v.Failing() && c.PostForm("do") == string(a), Changes: a == register.Change}
	var grounds []web.Option
	for _, g := range a.Grounds() {
		if g != register.GroundReplaced {
			grounds = append(grounds, web.Option{Value: g, Words: web.Say("held.ground." + g)})
		}
	}
	f.Ground = bind(web.Field{Name: "ground", Label: web.Say("held.desk.ground"), Value: typed("ground", ""), Options: grounds})
	f.Reason = bind(web.Field{Name: "reason", Label: web.Say("held.desk.reason"), Hint: web.Say("held.desk.reason.hint"), Value: typed("reason", ""), Rows: 3, Max: heldReasonMost})
	if !f.Changes {
		return f
	}
	last := ""
	if v.Permit.ValidUntil != nil {
		last = v.Permit.ValidUntil.String()
	}
	f.Until = bind(web.Field{Name: "valid_until", Label: web.Say("held.last"), Hint: web.Say("held.desk.until.hint"), Value: typed("valid_until", last), Type: "date", Width: "10", Optional: true})
	for _, s := range v.Says {
		f.Facts = append(f.Facts, bind(web.Field{Name: "fact." + s.Name, Label: web.Data(s.Label), Value: typed("fact."+s.Name, v.Permit.Particulars[s.Name]), Width: "full", Optional: true}))
	}
	return f
}

// act does what one of the page's forms asks for.
func (p *heldOnePage) act(c *gin.Context) error {
	if _, err := p.Register.Read(c.Request.Context(), c.Param("no")); err != nil {
		return err // whatever was sent
	}
	version, err := strconv.ParseInt(c.PostForm("version"), 10, 64)
	if err != nil || version <= 0 {
		return fault.New(fault.Invalid, "fault.malformed")
	}
	do := c.PostForm("do")
	one, err := p.do(c, do, version)
	if err != nil {
		for _, name := range []string{"ground", "reason", "valid_until"} {
			err = renamedField(err, name, do+"."+name)
		}
		if k := fault.KindOf(err); k != fault.Invalid && k != fault.Conflict {
			return err
		}
		v, loadErr := p.view(c, err)
		if loadErr != nil {
			return loadErr
		}
		return p.Kit.Show(c, "desk/held_one", v)
	}
	if err := p.Kit.Flash(c, web.Notice{Tone: web.ToneDone, Words: web.Say("held.done." + do)}); err != nil {
		return err
	}
	c.Redirect(http.StatusSeeOther, "/desk/permits/"+one.PermitNo)
	return nil
}

func (p *heldOnePage) do(c *gin.Context, do string, version int64) (*register.Permit, error) {
	ctx, no := c.Request.Context(), c.Param("no")
	typed := func(name string) string { return strings.TrimSpace(lineEnds.Replace(c.PostForm(name))) }
	switch do {
	case "ask_holder":
		return p.Register.Ask(ctx, no, typed("proposal"), typed("answer_by"))
	case "holder_said":
		return p.Register.Enter(ctx, no, typed("proposal"), typed("statement"))
	}
	if do == "agree" || do == "refuse" {
		return p.Register.Decide(ctx, no, register.Verdict{ProposalID: typed("proposal"), Agrees: do == "agree", Note: typed("note"), Version: version})
	}
	d := register.Do{Act: register.Act(do), Ground: typed(do + ".ground"), Reason: typed(do + ".reason"), Version: version}
	if !slices.Contains(register.Acts, d.Act) || d.Ground == register.GroundReplaced {
		return nil, fault.New(fault.NotFound, "register.act.unknown")
	}
	if d.Act.NeedsTwo() {
		return p.Register.Propose(ctx, no, d)
	}
	if d.Act != register.Change {
		return p.Register.Act(ctx, no, d)
	}
	if day := typed(do + ".valid_until"); day != "" {
		last, err := calendar.ParseDate(day)
		if err != nil {
			return nil, fault.InvalidInput(fault.Field{Name: "valid_until", Key: "register.change.until"})
		}
		d.ValidUntil = &last
	}
	d.Particulars = map[string]string{}
	for name := range c.Request.PostForm {
		if fact, ok := strings.CutPrefix(name, do+".fact."); ok && typed(name) != "" {
			d.Particulars[fact] = typed(name)
		}
	}
	return p.Register.Act(ctx, no, d)
}
