package desk

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"minqing/internal/access"
	"minqing/internal/actor"
	"minqing/internal/calendar"
	"minqing/internal/cases"
	"minqing/internal/constituents"
	"minqing/internal/fault"
	"minqing/internal/files"
	"minqing/internal/idcode"
	"minqing/internal/text"
	"minqing/internal/web"
)

type casePage struct{ Deps }

type caseView struct {
	web.Page
	CaseNo      string
	Version     int64
	Chips       []web.Chip
	Due         *dueLine
	Trace       []web.Words
	Facts       []web.SummaryRow
	Answers     []web.SummaryRow
	Description string
	Parties     []web.SummaryRow
	Story       web.Story
	First       *form // the one next act
	More        []form
	Route       []web.Words
	Files       []files.File
	Reveal      *web.Field // asks why, where somebody can be shown in the clear
	Revealed    bool
}

type dueLine struct {
	At          time.Time
	Left        web.Words
	Provisional bool
	Limit       string
}

// show is the case as this member of staff may see it.
func (p *casePage) show(c *gin.Context) error {
	v, err := p.view(c, c.Param("case_no"))
	if err != nil {
		return err
	}
	return p.Kit.Show(c, "desk/case", v)
}

func (p *casePage) view(c *gin.Context, caseNo string) (*caseView, error) {
	ctx := c.Request.Context()
	one, err := p.Cases.View(ctx, caseNo)
	if err != nil {
		return nil, err
	}
	n, err := p.names(ctx)
	if err != nil {
		return nil, err
	}
	v := &caseView{Page: p.Kit.Page(c, web.Plain(one.Title)), CaseNo: one.CaseNo, Version: one.Version, Description: text.MaskFree(one.Description)}
	v.Wide = true
	v.Back = &web.Link{Href: "/desk", Words: web.Say("desk.inbox.title")}
	if err := p.head(ctx, v, one); err != nil {
		return nil, err
	}
	p.facts(v, one, n)
	p.parties(v, one, n)
	if v.Files, err = p.Files.List(ctx, files.Owner{Kind: files.Case, ID: one.ID}); err != nil {
		return nil, err
	}
	if len(one.People) > 0 && p.Access.Can(ctx, access.CaseReveal) == nil {
		v.Reveal = &web.Field{Name: "reveal_reason", Label: web.Say("desk.reveal.reason"), Width: "full"}
	}
	if err := p.story(ctx, v, one, n); err != nil {
		return nil, err
	}
	for i, a := range one.Actions {
		f := p.form(c, v, one, n, a)
		if i == 0 {
			v.First = &f
		} else {
			v.More = append(v.More, f)
		}
	}
	return v, nil
}

func (p *casePage) head(ctx context.Context, v *caseView, one *cases.View) error {
	due, err := p.dueChip(ctx, &one.Case)
	if err != nil {
		return err
	}
	v.Chips = []web.Chip{due}
	if !one.Status.Ended() { // else the first chip says it
		v.Chips = append(v.Chips, web.Chip{Tone: web.ToneInfo, Words: web.Say("case.status." + string(one.Status))})
	}
	v.Chips = append(v.Chips, web.Chip{Words: web.Say("case.kind." + string(one.Kind))})
	if one.Urgent {
		v.Chips = append(v.Chips, web.Chip{Tone: web.ToneOver, Words: web.Say("desk.chip.urgent")})
	}
	if one.Confidentiality != cases.Normal {
		v.Chips = append(v.Chips, web.Chip{Icon: "lock", Words: web.Say("case.confidentiality." + string(one.Confidentiality))})
	}
	if one.ReturnedCount > 0 {
		v.Chips = append(v.Chips, web.Chip{Tone: web.ToneDue, Words: web.Say("desk.chip.returned")})
	}
	if one.Appealed {
		v.Chips = append(v.Chips, web.Chip{Tone: web.ToneWatch, Words: web.Say("desk.chip.appealed")})
	}
	if one.DueAt == nil {
		return nil
	}
	v.Due = &dueLine{At: *one.DueAt, Provisional: one.DueProvisional, Limit: one.HandlingLimit.String(), Left: due.Words}
	if one.HandlingLimit.IsZero() || one.DueFixed {
		return nil
	}
	r, err := p.Cases.Trace(ctx, &one.Case)
	if err != nil {
		return err
	}
	for _, s := range r.Trace {
		v.Trace = append(v.Trace, traceWords(s))
	}
	return nil
}

func traceWords(s calendar.Step) web.Words {
	return web.Say("desk.trace."+string(s.Kind), "Day", s.On.String(), "Count", s.Count)
}

func (p *casePage) facts(v *caseView, one *cases.View, n names) {
	add := func(key string, value web.Words) {
		if !value.IsZero() {
			v.Facts = append(v.Facts, web.SummaryRow{Key: web.Say(key), Value: value})
		}
	}
	add("desk.fact.matter", n.matter(one.MatterID))
	add("desk.fact.unit", n.unit(one.UnitID))
	add("desk.fact.district", n.district(one.DistrictID))
	add("desk.fact.address", web.Plain(one.Address))
	add("desk.fact.channel", web.Say("case.channel."+one.Channel))
	if one.Outcome != "" {
		add("desk.fact.outcome", web.Say("case.outcome."+string(one.Outcome)))
	}
	if !one.RouteReason.Empty() {
		v.Route = append(v.Route, web.Data(one.RouteReason))
	} else {
		v.Route = append(v.Route, web.Say("desk.route.fallback"))
	}
	if one.MatterID == nil {
		return
	}
	m, err := n.snap.Matter(*one.MatterID)
	if err != nil {
		return
	}
	questions, err := n.snap.Questions(m)
	if err != nil {
		return
	}
	answers := one.AnswerMap()
	for _, q := range questions {
		if a, ok := answers[q.Name]; ok {
			v.Answers = append(v.Answers, web.SummaryRow{Key: web.Data(q.Title), Value: answerWords(q, a)})
		}
	}
}

func (p *casePage) parties(v *caseView, one *cases.View, n names) {
	for _, party := range one.Parties {
		var who web.Words
		switch {
		case party.ConstituentID != nil:
			who = web.Plain(maskedLine(one.People[*party.ConstituentID]))
		case party.UnitID != nil:
			who = n.unit(*party.UnitID)
		case party.Name != "":
			who = web.Plain(idcode.MaskName(party.Name) + " " + party.Relation)
		default:
			continue
		}
		v.Parties = append(v.Parties, web.SummaryRow{Key: web.Say("desk.party." + party.Role), Value: who})
	}
	if len(v.Parties) == 0 {
		v.Parties = []web.SummaryRow{{Key: web.Say("desk.party.requester"), Value: web.Say("desk.party.unknown")}}
	}
}

func maskedLine(p constituents.View) string {
	line := p.Name
	for _, more := range []string{p.Phone, p.Email} {
		if more != "" {
			if line != "" {
				line += "\n"
			}
			line += more
		}
	}
	return line
}

// act does one act and comes back to the case; what was typed stays on errors.
func (p *casePage) act(c *gin.Context) error {
	if err := c.Request.ParseForm(); err != nil {
		return fault.New(fault.Invalid, "fault.malformed").Because(err)
	}
	action := cases.Action(c.PostForm("action"))
	cmd := command(action, func(name string) string { return strings.TrimSpace(c.PostForm(string(action) + "." + name)) })
	if cmd == nil {
		return fault.New(fault.NotFound, "case.action.unknown")
	}
	version, err := strconv.ParseInt(c.PostForm("version"), 10, 64)
	if err != nil || version <= 0 {
		return fault.New(fault.Invalid, "fault.malformed")
	}
	done, err := p.Cases.Act(c.Request.Context(), c.Param("case_no"), version, cmd)
	if err == nil {
		p.Kit.Flash(c, web.Notice{Tone: web.ToneDone, Words: web.Say("desk.done." + string(action))})
		return p.after(c, done)
	}
	e, ours := fault.As(err)
	if !ours || (e.Kind != fault.Invalid && e.Kind != fault.Conflict) {
		return err
	}
	for i := range e.Fields {
		e.Fields[i].Name = string(action) + "." + e.Fields[i].Name
	}
	v, loadErr := p.view(c, c.Param("case_no"))
	if loadErr != nil {
		return loadErr
	}
	if rest := v.Fail(err); rest != nil {
		return rest
	}
	v.rebind(action)
	return p.Kit.Show(c, "desk/case", v)
}

// after goes back to the case while the actor may still see it, else to the inbox.
func (p *casePage) after(c *gin.Context, done *cases.Case) error {
	to := "/desk/cases/" + done.CaseNo
	if _, err := p.Cases.View(c.Request.Context(), done.CaseNo); err != nil {
		if fault.KindOf(err) != fault.NotFound {
			return err
		}
		to = "/desk"
	}
	c.Redirect(303, to)
	return nil
}

func me(ctx context.Context) string { return actor.From(ctx).AccountID }
