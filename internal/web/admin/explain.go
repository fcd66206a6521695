package admin

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"minqing/internal/access"
	"minqing/internal/cases"
	"minqing/internal/catalogue"
	"minqing/internal/fault"
	"minqing/internal/idcode"
	"minqing/internal/identity"
	"minqing/internal/web"
)

type explainPage struct{ AccessDeps }

type explainView struct {
	web.Page
	Areas               []web.Link
	Email, Verb, CaseNo web.Field

	Empty   *web.Empty
	Verdict *web.Notice
	Case    []web.SummaryRow
	Rule    string
	Through *grantRow // the grant that allows
	More    []web.Words
	Grants  []grantRow
	Bare    bool // the account never held anything
}

// grantRow is a grant as it bears on the question.
type grantRow struct {
	Role, Unit web.Words
	From       time.Time
	Until      *time.Time
	Deputy     string // the absent colleague
	Chip       web.Chip
}

type explainInput struct {
	Email  string      `form:"email"`
	Verb   access.Verb `form:"verb"`
	CaseNo string      `form:"case_no"`
}

func (p *explainPage) show(c *gin.Context) error {
	v := p.view(c)
	v.Empty = &web.Empty{Icon: "search", Title: web.Say("access.explain.empty.title"), Words: web.Say("access.explain.empty.text")}
	p.form(v, explainInput{Verb: access.CaseRead})
	return p.Kit.Show(c, "admin/explain", v)
}

// tells answers why somebody may or may not do something with a case. Who that is
// stands in no address: the question is sent, not linked.
func (p *explainPage) tells(c *gin.Context) error {
	v := p.view(c)
	in := explainInput{Verb: access.CaseRead}
	err := web.Decode(c, &in)
	if err == nil {
		err = p.answer(c.Request.Context(), v, in)
	}
	if rest := v.Fail(err); rest != nil {
		return rest
	}
	p.form(v, in)
	c.Header("Cache-Control", "no-store")
	return p.Kit.Show(c, "admin/explain", v)
}

func (p *explainPage) view(c *gin.Context) *explainView {
	v := &explainView{Page: p.Kit.Page(c, web.Say("access.explain.title")), Areas: accessAreas("/admin/access/explain")}
	v.Wide = true
	return v
}

func (p *explainPage) form(v *explainView, in explainInput) {
	v.Email = v.Bind(web.Field{Name: "email", Label: web.Say("access.explain.email"), Value: in.Email, Type: "email", Complete: "off", Width: "20"})
	v.CaseNo = v.Bind(web.Field{Name: "case_no", Label: web.Say("access.explain.case_no"), Value: in.CaseNo, Complete: "off", Width: "20"})
	v.Verb = web.Field{Name: "verb", Label: web.Say("access.explain.verb"), Value: string(in.Verb)}
	for _, verb := range cases.ExplainedVerbs() {
		v.Verb.Options = append(v.Verb.Options, web.Option{Value: string(verb), Words: verbWords(verb)})
	}
	v.Verb = v.Bind(v.Verb)
}

// verbWords says a verb as the pages of cases and reports say it.
func verbWords(verb access.Verb) web.Words {
	switch verb {
	case access.ReportRead, access.ReportExport:
		return web.Say("access.verb." + string(verb))
	case access.CaseRead, access.CaseList, access.CaseReveal, access.CaseFile, access.CaseExport, access.CaseCallback, access.CasePublish, access.CaseBlackOut, access.CaseSegment:
		return web.Say("access.verb." + strings.TrimPrefix(string(verb), "case."))
	}
	return web.Say("case.action." + strings.TrimPrefix(string(verb), "case."))
}

// answer looks the person and the case up and tells the decision.
func (p *explainPage) answer(ctx context.Context, v *explainView, in explainInput) error {
	var c fault.Check
	c.That(in.Email != "", "email", "access.explain.email.required")
	c.That(slices.Contains(cases.ExplainedVerbs(), in.Verb), "verb", "case.action.unknown")
	_, err := idcode.ParseCaseNumber(in.CaseNo)
	c.That(err == nil, "case_no", "access.explain.case_no.form")
	if err := c.Err(); err != nil {
		return err
	}
	who, err := p.People.ByEmail(ctx, in.Email)
	switch {
	case err != nil && fault.KindOf(err) != fault.NotFound:
		return err
	case err != nil || who.Kind != identity.Staff:
		return fault.InvalidInput(fault.Field{Name: "email", Key: "access.explain.nobody"})
	}
	e, err := p.Cases.Explain(ctx, who.ID, in.Verb, in.CaseNo)
	if err != nil && fault.KindOf(err) == fault.NotFound {
		return fault.InvalidInput(fault.Field{Name: "case_no", Key: "access.explain.case_no.missing"})
	}
	if err != nil {
		return err
	}
	return p.tell(ctx, v, in, who, e)
}

func (p *explainPage) tell(ctx context.Context, v *explainView, in explainInput, who *identity.Account, e *cases.Reasoning) error {
	snap, err := p.Catalogue.Snapshot(ctx)
	if err != nil {
		return err
	}
	ids := []string{who.ID}
	for _, g := range e.Grants {
		if g.DeputyFor != nil {
			ids = append(ids, *g.DeputyFor)
		}
	}
	names, err := p.People.Names(ctx, ids...)
	if err != nil {
		return err
	}
	disabled := who.Status != identity.Active
	v.Verdict = verdict(names[who.ID], in.Verb, e, disabled)
	v.about(snap, e)
	if e.By != nil {
		v.Rule = e.By.Rule.String()
		row := rowOfGrant(snap, *e.By, names)
		v.Through = &row
	}
	for _, g := range e.Grants {
		v.Grants = append(v.Grants, rowOfGrant(snap, g, names))
	}
	v.Bare = len(v.Grants) == 0
	for key, holds := range map[string]bool{"access.more.now": e.Now, "access.more.hidden": e.Hidden && e.Allowed,
		"access.more.status": !e.Possible, "access.more.disabled": disabled} {
		if holds {
			v.More = append(v.More, web.Say(key))
		}
	}
	slices.SortFunc(v.More, func(a, b web.Words) int { return strings.Compare(a.Key, b.Key) })
	return nil
}

// verdict is the answer in a sentence. Reading comes before every act, so what
// keeps somebody from reading is told as that.
func verdict(name string, asked access.Verb, e *cases.Reasoning, disabled bool) *web.Notice {
	n := &web.Notice{Tone: web.ToneDone, Title: web.Say("access.verdict.allowed", "Name", name)}
	switch {
	case !e.Allowed:
		n.Tone, n.Title = web.ToneOver, web.Say("access.verdict.refused", "Name", name)
		n.Words = web.Say("access.obstacle." + string(e.Obstacle))
		if e.Verb != asked {
			n.Words = web.Say("access.obstacle.reading." + string(e.Obstacle))
		}
	case disabled:
		n.Tone, n.Title, n.Words = web.ToneOver, web.Say("access.verdict.refused", "Name", name), web.Say("access.obstacle.disabled")
	}
	return n
}

func (v *explainView) about(snap *catalogue.Snapshot, e *cases.Reasoning) {
	add := func(key, value web.Words) { v.Case = append(v.Case, web.SummaryRow{Key: key, Value: value}) }
	add(web.Say("access.explain.case_no"), web.Plain(e.Case.CaseNo))
	add(web.Say("access.explain.status"), web.Say("case.status."+string(e.Case.Status)))
	add(web.Say("access.explain.privacy"), web.Say("case.confidentiality."+string(e.Case.Confidentiality)))
	for _, u := range e.Units {
		if unit, err := snap.Unit(u.UnitID); err == nil {
			add(web.Say("case.unit_role."+u.Role), web.Data(unit.Name))
		}
	}
	for _, path := range e.About {
		add(web.Say("case.role.subject"), unitNamed(snap, path))
	}
}

func rowOfGrant(snap *catalogue.Snapshot, g access.Weighed, names map[string]string) grantRow {
	r := grantRow{Role: roleWords(g.Role), Unit: unitNamed(snap, g.UnitPath), From: g.ValidFrom, Until: g.ValidUntil}
	if g.DeputyFor != nil {
		r.Deputy = names[*g.DeputyFor]
	}
	bears := func(tone web.Tone, key string) { r.Chip = web.Chip{Tone: tone, Words: web.Say("access.bears." + key)} }
	switch {
	case g.When != access.InForce:
		bears(web.ToneNone, string(g.When))
	case !g.Carries():
		bears(web.ToneNone, "role")
	case !g.Covers:
		bears(web.ToneDue, "elsewhere")
	default:
		bears(web.ToneDone, "covers")
	}
	return r
}
