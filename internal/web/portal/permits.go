package portal

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"minqing/internal/catalogue"
	"minqing/internal/fault"
	"minqing/internal/i18n"
	"minqing/internal/permittypes"
	"minqing/internal/web"
)

const permitsPath = "/permits"

// PermitDeps are what the pages about permits work with.
type PermitDeps struct {
	Deps
	Words *i18n.Bundle
}

// RegisterPermits mounts the pages that say which permits there are, what each
// wants, and whether somebody needs one.
func RegisterPermits(d PermitDeps) {
	k, e := d.Kit, d.Kit.Engine()
	list, one, guide := &permitsPage{d}, &permitPage{d}, &permitGuidePage{d}
	k.GET(e, permitsPath, web.Public, list.show)
	k.GET(e, permitsPath+"/:code", web.Public, one.show)
	k.GET(e, permitsPath+"/:code/guide", web.Public, guide.show)
}

// permitHref is the page of the permit that a matter of the permit track stands for.
func (d Deps) permitHref(ctx context.Context, m *catalogue.Matter) (string, error) {
	if d.Permits == nil {
		return permitsPath, nil
	}
	types, err := d.Permits.Types(ctx)
	if err != nil {
		return "", err
	}
	for _, t := range types {
		if t.MatterCode == m.Code {
			return permitsPath + "/" + t.Code, nil
		}
	}
	return permitsPath, nil
}

// toPermit leads from a matter that is a permit to the permit's page.
func (d Deps) toPermit(c *gin.Context, m *catalogue.Matter) error {
	href, err := d.permitHref(c.Request.Context(), m)
	if err != nil {
		return err
	}
	c.Redirect(http.StatusSeeOther, href)
	return nil
}

type permitsPage struct{ PermitDeps }

type permitsView struct {
	web.Page
	Query  string
	Search web.Field
	Found  []permittypes.Type
	Events []permittypes.Event // what wants several of them, where nothing was searched
	None   web.Empty
}

// show lists the permits, all or those that words describe.
func (p *permitsPage) show(c *gin.Context) error {
	ctx := c.Request.Context()
	var q struct {
		Q string `form:"q"`
	}
	if err := web.DecodeQuery(c, &q); err != nil {
		return err
	}
	types, err := p.Permits.Types(ctx)
	if err != nil {
		return err
	}
	v := &permitsView{Page: p.Kit.Page(c, web.Say("permittype.types.title")), Query: q.Q, Found: types,
		Search: web.Field{Name: "q", Label: web.Say("permittype.types.search"), Hint: web.Say("permittype.types.search.hint"), Value: q.Q, Type: "search"}}
	if v.Events, err = p.Permits.Events(ctx); err != nil {
		return err
	}
	if strings.TrimSpace(q.Q) != "" {
		v.Events = nil
		if v.Found, err = p.found(ctx, q.Q, v.Lang, types); err != nil {
			return err
		}
		v.Back = &web.Link{Href: permitsPath, Words: web.Say("permittype.types.all")}
	}
	v.None = web.Empty{Icon: "search", Title: web.Say("portal.matters.none"), Words: web.Say("permittype.types.none"),
		Do: &web.Button{Words: web.Say("permittype.types.all"), Href: permitsPath}}
	return p.Kit.Show(c, "portal/permits", v)
}

// found are the types of the matters that the words describe, the best first.
func (p *permitsPage) found(ctx context.Context, query string, lang i18n.Lang, types []permittypes.Type) ([]permittypes.Type, error) {
	city, err := p.city(ctx)
	if err != nil {
		return nil, err
	}
	var list []permittypes.Type
	for _, m := range city.search(query, lang) {
		for _, t := range types {
			if t.MatterCode == m.Code {
				list = append(list, t)
			}
		}
	}
	return list, nil
}

type permitPage struct{ PermitDeps }

type permitView struct {
	web.Page
	Type      *permittypes.Type
	Unit      *catalogue.Unit
	Materials []paperLine
	Held      []paperLine
	Fees      []feeLine
	Limits    []limitLine
	Validity  web.Words
	Renewal   web.Words
	Audience  []web.Words
	Guide     web.Button
	Apply     *web.Button
	Draft     bool // nobody may apply: it is looked at before it is published
	Asked     []catalogue.Question
}

// paperLine is a paper that is wanted, and when.
type paperLine struct {
	Name, Hint i18n.Text
	If         string
	Optional   bool
	Reuse      web.Words
}

type feeLine struct {
	Name   i18n.Text
	Amount string
	When   web.Words
	If     string
}

type limitLine struct{ Name, Limit web.Words }

// show is one permit: what, for whom, papers, fees, limits and the law.
func (p *permitPage) show(c *gin.Context) error {
	t, err := p.Permits.Type(c.Request.Context(), c.Param("code"))
	if err != nil {
		return err
	}
	v := &permitView{Page: p.Kit.Page(c, web.Data(t.Name)), Type: t,
		Guide: web.Button{Words: web.Say("permittype.guide.start"), Href: permitsPath + "/" + t.Code + "/guide", Kind: "secondary"}, Apply: p.apply(t)}
	v.Back = &web.Link{Href: permitsPath, Words: web.Say("permittype.types.title")}
	return p.tell(c, v)
}

// tell fills the page of a type and shows it.
func (p *permitPage) tell(c *gin.Context, v *permitView) (err error) {
	ctx, t := c.Request.Context(), v.Type
	v.Validity = validityWords(t.Validity)
	if v.Unit, err = p.unit(ctx, t); err != nil {
		return err
	}
	for _, a := range t.Audience {
		v.Audience = append(v.Audience, web.Say("permittype.audience."+a))
	}
	for _, m := range t.Materials {
		line := paperLine{Name: m.Name, Hint: m.Hint, If: t.InWords(m.If, p.Words, v.Lang), Optional: !m.Required}
		switch {
		case m.HeldFrom != "":
			v.Held = append(v.Held, line)
			continue
		case m.Reusable && m.ValidMonths > 0:
			line.Reuse = web.Say("permittype.paper.reuse.months", "Count", m.ValidMonths)
		case m.Reusable:
			line.Reuse = web.Say("permittype.paper.reuse")
		}
		v.Materials = append(v.Materials, line)
	}
	for _, f := range t.Fees {
		v.Fees = append(v.Fees, feeLine{Name: f.Name, Amount: money(f), When: web.Say("permittype.fee." + f.When), If: t.InWords(f.If, p.Words, v.Lang)})
	}
	v.Limits = []limitLine{{web.Say("permittype.limit.completeness"), limitWords(t.Completeness)}, {web.Say("permittype.limit.promised"), limitWords(t.Promised)},
		{web.Say("permittype.limit.statutory"), limitWords(t.Statutory)}, {web.Say("permittype.limit.issue"), limitWords(t.Issue)}}
	if t.OfTaiwan() {
		v.Limits[2].Name = web.Say("permittype.limit.statutory.tw")
	}
	switch {
	case t.RenewalWindow > 0 && t.OfTaiwan():
		v.Renewal = web.Say("permittype.renewal.tw", "Count", t.RenewalWindow)
	case t.RenewalWindow > 0:
		v.Renewal = web.Say("permittype.renewal", "Count", t.RenewalWindow)
	}
	if v.Draft {
		if v.Asked, err = catalogue.QuestionsOf(t.Questions); err != nil {
			return err
		}
	}
	return p.Kit.Show(c, "portal/permit", v)
}

// unit is who decides: the unit of the type's matter.
func (p *permitPage) unit(ctx context.Context, t *permittypes.Type) (*catalogue.Unit, error) {
	city, err := p.city(ctx)
	if err != nil {
		return nil, err
	}
	m, err := city.snap.Matter(t.MatterCode)
	if err != nil || m.UnitID == nil {
		return nil, err
	}
	return city.snap.Unit(*m.UnitID)
}

// apply is the button that begins an application, where applications are taken.
func (d PermitDeps) apply(t *permittypes.Type) *web.Button {
	taken := slices.ContainsFunc(d.Kit.Engine().Routes(), func(r gin.RouteInfo) bool {
		rest, ok := strings.CutPrefix(r.Path, "/enterprise/apply/:")
		return ok && r.Method == http.MethodGet && !strings.Contains(rest, "/")
	})
	if !taken {
		return nil
	}
	return &web.Button{Words: web.Say("permittype.apply"), Icon: "pencil", Href: "/enterprise/apply/" + t.Code}
}

// money writes an amount with the sign of its currency.
func money(f permittypes.Fee) string {
	sign := "¥"
	if f.Currency == "TWD" {
		sign = "NT$"
	}
	return fmt.Sprintf("%s%d.%02d", sign, f.Amount/100, f.Amount%100)
}

func validityWords(v string) web.Words {
	switch {
	case v == "":
		return web.Say("permittype.validity.endless")
	case v == "event":
		return web.Say("permittype.validity.event")
	}
	n, err := strconv.Atoi(v[:len(v)-1])
	if err != nil {
		return web.Plain(v)
	}
	return web.Say("permittype.validity."+v[len(v)-1:], "Count", n)
}

type permitGuidePage struct{ PermitDeps }

type permitGuideView struct {
	web.Page
	Type    *permittypes.Type
	Action  string
	Trail   []guideStep
	Next    *permittypes.GuideQuestion
	Answer  web.Field
	Answers string
	Outcome *permittypes.Outcome
	Needs   []needLine
	Renewed bool // the answers were given to another version
	Again   web.Link
}

type guideStep struct {
	Question *permittypes.GuideQuestion
	Yes      bool
	Change   string
}

type needLine struct {
	Type  permittypes.Type
	Apply *web.Button
}

type guideForm struct {
	Version int64  `form:"v"`
	Answers string `form:"a"`
	Next    string `form:"next"`
	Asked   string `form:"asked"`
}

// show asks one question, or says what the answers lead to. The address holds
// the answers and the version that they were given to.
func (p *permitGuidePage) show(c *gin.Context) error {
	ctx := c.Request.Context()
	t, err := p.Permits.Type(ctx, c.Param("code"))
	if err != nil {
		return err
	}
	return p.walk(c, t, permitsPath+"/"+t.Code)
}

// walk leads through the guide of a type whose own page is at here.
func (p *permitGuidePage) walk(c *gin.Context, t *permittypes.Type, here string) error {
	ctx := c.Request.Context()
	var in guideForm
	if err := web.DecodeQuery(c, &in); err != nil {
		return err
	}
	v := &permitGuideView{Page: p.Kit.Page(c, web.Say("permittype.guide.title", "Permit", t.Name)), Type: t, Action: here + "/guide"}
	v.Back = &web.Link{Href: here, Words: web.Data(t.Name)}
	if v.Renewed = in.Answers != "" && in.Version != t.Version; v.Renewed {
		in.Answers, in.Next = "", ""
	}
	if in.Next == "y" || in.Next == "n" {
		c.Redirect(http.StatusSeeOther, guideHref(v.Action, t.Version, t.Guide.Walk(in.Answers).Answers+in.Next))
		return nil
	}
	path := t.Guide.Walk(in.Answers)
	v.Answers, v.Next, v.Outcome = path.Answers, path.Next, path.Outcome
	v.Again = web.Link{Href: guideHref(v.Action, t.Version, ""), Words: web.Say("permittype.guide.again")}
	for _, a := range path.Trail {
		v.Trail = append(v.Trail, guideStep{a.Question, a.Yes, guideHref(v.Action, t.Version, a.Before)})
	}
	if v.Next != nil {
		if in.Asked != "" {
			if err := v.Fail(fault.InvalidInput(fault.Field{Name: "next", Key: "permittype.guide.choose"})); err != nil {
				return err
			}
		}
		v.Title = web.Data(v.Next.Text)
		v.Answer = v.Bind(web.Field{Name: "next", Label: web.Data(v.Next.Text), Hint: web.Data(v.Next.Hint), Big: true, Inline: true,
			Options: []web.Option{{Value: "y", Words: web.Say("permittype.say.yes")}, {Value: "n", Words: web.Say("permittype.say.no")}}})
		return p.Kit.Show(c, "portal/permit_guide", v)
	}
	if v.Outcome != nil {
		for _, code := range v.Outcome.Needs {
			if code == t.Code {
				v.Needs = append(v.Needs, needLine{*t, p.apply(t)})
			} else if need, err := p.Permits.Type(ctx, code); err == nil {
				v.Needs = append(v.Needs, needLine{*need, p.apply(need)})
			}
		}
	}
	return p.Kit.Show(c, "portal/permit_guide", v)
}

func guideHref(guide string, version int64, answers string) string {
	return fmt.Sprintf("%s?v=%d&a=%s", guide, version, answers)
}
