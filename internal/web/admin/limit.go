package admin

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"minqing/internal/calendar"
	"minqing/internal/catalogue"
	"minqing/internal/clocks"
	"minqing/internal/fault"
	"minqing/internal/i18n"
	"minqing/internal/web"
)

type limitPage struct{ TimingDeps }

type limitView struct {
	timingView
	Action   string
	About    web.Words
	Now      web.Words
	Version  int64
	Number   *web.Field
	Unit     *web.Field
	Share    *web.Field
	Told     *web.Field
	From     web.Field
	Basis    web.Field
	Reason   web.Field
	Effect   *web.Notice // shown before it is set
	Versions web.Table
}

type limitForm struct {
	Do      string   `form:"do"`
	Version int64    `form:"version"`
	From    string   `form:"valid_from"`
	Number  string   `form:"number"`
	Unit    string   `form:"unit"`
	Share   string   `form:"share"`
	Told    []string `form:"told"`
	Basis   string   `form:"basis"`
	Reason  string   `form:"reason"`
}

// show is one limit or warning with its versions.
func (p *limitPage) show(c *gin.Context) error { return p.page(c, nil, false, nil) }

func (p *limitPage) page(c *gin.Context, typed *limitForm, look bool, failed error) error {
	ctx, code := c.Request.Context(), c.Param("code")
	snap, cal, today, err := p.now(ctx)
	if err != nil {
		return err
	}
	now := snap.Standards.On(code, today)
	if now == nil {
		return fault.New(fault.NotFound, "catalogue.standard.missing")
	}
	v := &limitView{timingView: p.view(c, web.Say("timing.standard."+code), limitsPath), Action: limitsPath + "/limits/" + code,
		About: web.Say("timing.about." + code), Now: valueOf(now), Version: snap.Standards.Version(code)}
	v.Back = &web.Link{Href: limitsPath, Words: web.Say("timing.limits.title")}
	if err := v.Fail(failed); err != nil {
		return err
	}
	if typed == nil {
		typed = &limitForm{From: today.String(), Share: strconv.FormatInt(now.Share, 10), Told: now.Told, Basis: now.Basis,
			Number: strconv.Itoa(now.TimeLimit.Number()), Unit: string(now.TimeLimit.Unit())}
	}
	p.fields(v, code, typed)
	f := p.Kit.Format(v.Lang)
	if look {
		if v.Effect, err = p.effect(ctx, f, code, typed, cal.Zone()); err != nil {
			return err
		}
	}
	if v.Versions, err = p.versions(ctx, f, snap.Standards[code]); err != nil {
		return err
	}
	return p.Kit.Show(c, "admin/limit", v)
}

func (p *limitPage) fields(v *limitView, code string, typed *limitForm) {
	field := func(f web.Field) *web.Field {
		f = v.Bind(f)
		return &f
	}
	if code != catalogue.StdWarnDue {
		v.Number = field(web.Field{Name: "number", Label: web.Say("timing.number"), Value: typed.Number, Mode: "numeric", Width: "5"})
		unit := web.Field{Name: "unit", Label: web.Say("timing.unit"), Value: typed.Unit}
		for _, u := range catalogue.UnitsOf(code) {
			unit.Options = append(unit.Options, web.Option{Value: string(u), Words: web.Say("timing.unit." + string(u))})
		}
		v.Unit = field(unit)
	}
	if code == catalogue.StdWarnBefore {
		v.Share = field(web.Field{Name: "share", Label: web.Say("timing.share.label"), Hint: web.Say("timing.share.hint"), Value: typed.Share, Mode: "numeric", Width: "5"})
	}
	if strings.HasPrefix(code, "warn_") {
		told := web.Field{Name: "told", Label: web.Say("timing.told"), Hint: web.Say("timing.told.hint"), Values: append([]string{""}, typed.Told...)}
		for _, who := range catalogue.Hearers {
			told.Options = append(told.Options, web.Option{Value: who, Words: web.Say("timing.told." + who)})
		}
		v.Told = field(told)
	}
	hint := "timing.from.hint"
	switch {
	case slices.Contains(catalogue.StandardMoves, code):
		hint = "timing.from.moves"
	case v.Told != nil:
		hint = "timing.from.warns"
	}
	v.From = *field(web.Field{Name: "valid_from", Label: web.Say("timing.from"), Hint: web.Say(hint), Value: typed.From, Type: "date", Width: "10"})
	v.Basis = *field(web.Field{Name: "basis", Label: web.Say("timing.basis"), Value: typed.Basis, Width: "full", Optional: true})
	v.Reason = *field(web.Field{Name: "reason", Label: web.Say("timing.reason"), Hint: web.Say("timing.reason.hint"), Value: typed.Reason, Rows: 3, Max: 500})
}

// effect says how many open clocks are counted anew, or that none is.
func (p *limitPage) effect(ctx context.Context, f i18n.Format, code string, typed *limitForm, zone *time.Location) (*web.Notice, error) {
	switch {
	case strings.HasPrefix(code, "warn_"):
		return &web.Notice{Tone: web.ToneDue, Title: web.Say("timing.effect"), Words: web.Say("timing.effect.warns")}, nil
	case !slices.Contains(catalogue.StandardMoves, code):
		return &web.Notice{Tone: web.ToneDue, Title: web.Say("timing.effect"), Words: web.Say("timing.effect.new")}, nil
	}
	day, err := calendar.ParseDate(typed.From)
	if err != nil {
		return nil, err // Check has read it
	}
	n, err := p.Cases.Running(ctx, clocks.Kind(code), day.Start(zone))
	if err != nil {
		return nil, err
	}
	return effect(f, "timing.effect.limit", n), nil
}

func (p *limitPage) versions(ctx context.Context, f i18n.Format, list []*catalogue.Standard) (web.Table, error) {
	t := web.Table{ID: "versions", Caption: web.Say("timing.versions"), Columns: columns("timing.from", "timing.value", "timing.basis", "timing.reason", "timing.set.by")}
	var ids []string
	for _, s := range list {
		ids = append(ids, deref(s.SetByID))
	}
	names, err := p.People.Names(ctx, ids...)
	if err != nil {
		return t, err
	}
	for _, s := range slices.Backward(list) {
		set := web.Say("timing.builtin")
		if s.SetByID != nil {
			set = web.Plain(names[*s.SetByID] + " " + f.DateTime(s.SetAt))
		}
		t.Rows = append(t.Rows, web.Row{Cells: []web.Cell{{Words: onDate(f, s.ValidFrom)}, {Words: valueOf(s)}, {Words: basisOf(s)}, {Words: web.Plain(s.Reason)}, {Words: set}}})
	}
	return t, nil
}

// send looks at what would change, or sets it.
func (p *limitPage) send(c *gin.Context) error {
	var in limitForm
	if err := web.Decode(c, &in); err != nil {
		return p.page(c, &in, false, err)
	}
	ctx := c.Request.Context()
	_, _, today, err := p.now(ctx)
	if err != nil {
		return err
	}
	a := catalogue.StandardChange{Code: c.Param("code"), Version: in.Version, ValidFrom: in.From, Number: in.Number, Unit: in.Unit, Share: in.Share,
		Told: in.Told, Basis: in.Basis, Reason: in.Reason}
	if in.Do != "set" {
		_, err = a.Check(today)
		return p.page(c, &in, err == nil, err)
	}
	if err = p.Catalogue.SetStandard(ctx, a, today); retyped(err) {
		return p.page(c, &in, false, err)
	}
	if err != nil {
		return err
	}
	return Deps{Kit: p.Kit}.told(c, "timing.set.done", limitsPath)
}
