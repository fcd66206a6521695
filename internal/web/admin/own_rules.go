package admin

import (
	"context"
	"strconv"

	"github.com/gin-gonic/gin"

	"minqing/internal/calendar"
	"minqing/internal/catalogue"
	"minqing/internal/i18n"
	"minqing/internal/web"
)

// ownView is a form for the limits and clock rules of a matter or a unit.
type ownView struct {
	timingView
	Action     string
	About      web.Words
	Version    int64
	Limits     []pairOfFields
	Share      web.Field
	Extensions web.Field
	Returns    web.Field
	Reason     web.Field
	Effect     *web.Notice // shown before it is set
}

// pairOfFields is a limit: how many of what.
type pairOfFields struct {
	Title  web.Words
	About  web.Words
	Number web.Field
	Unit   web.Field
}

type ownForm struct {
	Do         string            `form:"do"`
	Version    int64             `form:"version"`
	Numbers    map[string]string `form:"number"`
	Units      map[string]string `form:"unit"`
	Share      string            `form:"share"`
	Extensions string            `form:"extensions"`
	Returns    string            `form:"returns"`
	Reason     string            `form:"reason"`
}

func (in ownForm) change(code string) catalogue.RulesChange {
	return catalogue.RulesChange{Code: code, Version: in.Version, Numbers: in.Numbers, Units: in.Units, Share: in.Share,
		Extensions: in.Extensions, Returns: in.Returns, Reason: in.Reason}
}

// typedRules is the form as the rules stand.
func typedRules(limits map[string]calendar.Limit, r catalogue.ClockRules) *ownForm {
	f := &ownForm{Numbers: map[string]string{}, Units: map[string]string{}, Extensions: numberOf(r.Extensions), Returns: numberOf(r.Returns)}
	if r.WarnShare > 0 {
		f.Share = strconv.Itoa(r.WarnShare)
	}
	for code, l := range map[string]calendar.Limit{catalogue.StdAcceptance: r.Acceptance, catalogue.StdWarnBefore: r.WarnBefore, catalogue.StdWarnAfter: r.WarnAfter,
		catalogue.SetExtensionMost: r.ExtensionMost, catalogue.StdReturn: r.Return, catalogue.StdArchive: r.Archive, catalogue.SetCorrection: r.Correction} {
		limits[code] = l
	}
	for code, l := range limits {
		if !l.IsZero() {
			f.Numbers[code], f.Units[code] = strconv.Itoa(l.Number()), string(l.Unit())
		}
	}
	return f
}

func numberOf(n *int) string {
	if n == nil {
		return ""
	}
	return strconv.Itoa(*n)
}

// fields puts what was typed into the form; unset are the words for what counts
// where a limit is empty.
func (v *ownView) fields(codes []string, track string, typed *ownForm, unset func(code string) web.Words) {
	for _, code := range codes {
		name := web.Say("timing.standard." + code)
		one := pairOfFields{Title: name, About: unset(code)}
		one.Number = v.Bind(web.Field{Name: "number[" + code + "]", Label: web.Say("timing.number"), Value: typed.Numbers[code], Mode: "numeric", Width: "5"})
		unit := web.Field{Name: "unit[" + code + "]", Label: web.Say("timing.unit"), Value: typed.Units[code]}
		for _, u := range catalogue.CountsOf(code, track) {
			unit.Options = append(unit.Options, web.Option{Value: string(u), Words: web.Say("timing.unit." + string(u))})
		}
		one.Unit = v.Bind(unit)
		v.Limits = append(v.Limits, one)
	}
	v.Share = v.Bind(web.Field{Name: "share", Label: web.Say("timing.rules.share"), Hint: web.Say("timing.rules.share.hint"), Value: typed.Share, Mode: "numeric", Width: "5", Optional: true})
	v.Extensions = v.Bind(web.Field{Name: "extensions", Label: web.Say("timing.rules.extensions"), Hint: web.Say("timing.rules.extensions.hint"), Value: typed.Extensions, Mode: "numeric", Width: "5", Optional: true})
	v.Returns = v.Bind(web.Field{Name: "returns", Label: web.Say("timing.rules.returns"), Hint: web.Say("timing.rules.returns.hint"), Value: typed.Returns, Mode: "numeric", Width: "5", Optional: true})
	v.Reason = v.Bind(web.Field{Name: "reason", Label: web.Say("timing.reason"), Hint: web.Say("timing.reason.hint"), Value: typed.Reason, Rows: 3, Max: 500})
}

// unsetLimit says what counts where a limit is left empty: what the rules from
// above say, or the government's standard.
func unsetLimit(snap *catalogue.Snapshot, today calendar.Date, above catalogue.ClockRules) func(code string) web.Words {
	of := map[string]calendar.Limit{catalogue.StdAcceptance: above.Acceptance, catalogue.StdWarnBefore: above.WarnBefore, catalogue.StdWarnAfter: above.WarnAfter,
		catalogue.SetExtensionMost: above.ExtensionMost, catalogue.StdReturn: above.Return, catalogue.StdArchive: above.Archive}
	return func(code string) web.Words {
		limit := of[code]
		if s := snap.Standards.On(code, today); limit.IsZero() && s != nil {
			limit = s.TimeLimit
		}
		if code == catalogue.SetCorrection {
			return web.Say("timing.rules.unset.correction")
		}
		if limit.IsZero() {
			return web.Say("timing.rules.unset.itself")
		}
		return web.Say("timing.rules.unset", "Limit", value(long(limit)))
	}
}

type matterRulesPage struct{ TimingDeps }

// show is the limits and rules of one matter.
func (p *matterRulesPage) show(c *gin.Context) error { return p.page(c, nil, false, nil) }

func (p *matterRulesPage) page(c *gin.Context, typed *ownForm, look bool, failed error) error {
	ctx := c.Request.Context()
	snap, _, today, err := p.now(ctx)
	if err != nil {
		return err
	}
	m, err := snap.Matter(c.Param("matter"))
	if err != nil {
		return err
	}
	v := &ownView{timingView: p.view(c, web.Data(m.Name), limitsPath), Action: mattersPath + "/" + m.Code, About: web.Say("timing.rules.matter.about"), Version: m.Version}
	if m.Track != catalogue.TrackHotline {
		v.About = web.Say("timing.rules." + m.Track + ".about")
	}
	v.Back = &web.Link{Href: limitsPath + "#own", Words: web.Say("timing.limits.title")}
	if err := v.Fail(failed); err != nil {
		return err
	}
	if look {
		if v.Effect, err = p.effect(ctx, p.Kit.Format(v.Lang), m, typed); err != nil {
			return err
		}
	}
	if typed == nil {
		typed = typedRules(map[string]calendar.Limit{catalogue.StdConclusion: m.HandlingLimit, catalogue.StdContact: m.ResponseLimit, catalogue.StdSignIn: m.SigninLimit}, m.ClockRules)
	}
	var unit *catalogue.Unit
	if m.UnitID != nil {
		unit, _ = snap.Unit(*m.UnitID)
	}
	v.fields(catalogue.LimitsOf(m.Track), m.Track, typed, unsetLimit(snap, today, snap.ClockRules(unit, nil)))
	return p.Kit.Show(c, "admin/own-rules", v)
}

// effect says how many open clocks get another limit.
func (p *matterRulesPage) effect(ctx context.Context, f i18n.Format, m *catalogue.Matter, typed *ownForm) (*web.Notice, error) {
	next, err := typed.change(m.Code).Matter(m)
	if err != nil {
		return nil, err
	}
	n, err := p.Cases.WouldMove(ctx, next)
	if err != nil {
		return nil, err
	}
	return effect(f, "timing.effect.matter", n), nil
}

// send looks at what would change, or sets it.
func (p *matterRulesPage) send(c *gin.Context) error {
	var in ownForm
	if err := web.Decode(c, &in); err != nil {
		return p.page(c, &in, false, err)
	}
	ctx := c.Request.Context()
	snap, _, _, err := p.now(ctx)
	if err != nil {
		return err
	}
	m, err := snap.Matter(c.Param("matter"))
	if err != nil {
		return err
	}
	a := in.change(m.Code)
	if in.Do != "set" {
		_, err = a.Matter(m)
		return p.page(c, &in, err == nil, err)
	}
	if err := p.Catalogue.SetMatterRules(ctx, a); retyped(err) {
		return p.page(c, &in, false, err)
	} else if err != nil {
		return err
	}
	return Deps{Kit: p.Kit}.told(c, "timing.set.done", limitsPath)
}

type unitRulesPage struct{ TimingDeps }

// show is the rules of one unit.
func (p *unitRulesPage) show(c *gin.Context) error { return p.page(c, nil, false, nil) }

func (p *unitRulesPage) page(c *gin.Context, typed *ownForm, look bool, failed error) error {
	ctx := c.Request.Context()
	snap, _, today, err := p.now(ctx)
	if err != nil {
		return err
	}
	u, err := snap.Unit(c.Param("unit"))
	if err != nil {
		return err
	}
	v := &ownView{timingView: p.view(c, web.Data(u.Name), limitsPath), Action: unitsPath + "/" + u.Code, About: web.Say("timing.rules.unit.about"), Version: u.Version}
	v.Back = &web.Link{Href: limitsPath + "#units", Words: web.Say("timing.limits.title")}
	if err := v.Fail(failed); err != nil {
		return err
	}
	if look {
		n, err := p.Cases.Running(ctx, "", time0)
		if err != nil {
			return err
		}
		v.Effect = effect(p.Kit.Format(v.Lang), "timing.effect.hours", n)
	}
	if typed == nil {
		typed = typedRules(map[string]calendar.Limit{}, u.ClockRules)
	}
	v.fields(catalogue.RuleLimits, "", typed, unsetLimit(snap, today, snap.ClockRules(snap.Parent(u), nil)))
	return p.Kit.Show(c, "admin/own-rules", v)
}

// send looks at what would change, or sets it.
func (p *unitRulesPage) send(c *gin.Context) error {
	var in ownForm
	if err := web.Decode(c, &in); err != nil {
		return p.page(c, &in, false, err)
	}
	ctx := c.Request.Context()
	snap, _, _, err := p.now(ctx)
	if err != nil {
		return err
	}
	u, err := snap.Unit(c.Param("unit"))
	if err != nil {
		return err
	}
	a := in.change(u.Code)
	if in.Do != "set" {
		_, err = a.Unit(u)
		return p.page(c, &in, err == nil, err)
	}
	if err := p.Catalogue.SetUnitRules(ctx, a); retyped(err) {
		return p.page(c, &in, false, err)
	} else if err != nil {
		return err
	}
	return Deps{Kit: p.Kit}.told(c, "timing.set.done", limitsPath)
}
