package admin

import (
	"strconv"

	"github.com/gin-gonic/gin"

	"minqing/internal/calendar"
	"minqing/internal/catalogue"
	"minqing/internal/i18n"
	"minqing/internal/web"
)

type suspensionsPage struct{ TimingDeps }

type suspensionsView struct {
	timingView
	Types web.Table
	Add   web.Button
}

// newCode stands for a reason that is not there yet.
const newCode = "new"

// show lists the reasons for which clocks may stand still.
func (p *suspensionsPage) show(c *gin.Context) error {
	snap, _, today, err := p.now(c.Request.Context())
	if err != nil {
		return err
	}
	v := &suspensionsView{timingView: p.view(c, web.Say("timing.suspensions.title"), suspensionsPath),
		Add: web.Button{Words: web.Say("timing.suspension.add"), Href: suspensionsPath + "/" + newCode}}
	f := p.Kit.Format(v.Lang)
	v.Types = web.Table{ID: "types", Caption: web.Say("timing.suspensions.title"), Columns: columns("timing.suspension.name", "timing.suspension.ground",
		"timing.suspension.notice", "timing.suspension.longest", "timing.from", "timing.to", "timing.state")}
	for _, t := range snap.Suspensions {
		ground, longest, to := web.Data(t.Ground), long(t.Longest), web.Plain("–")
		if t.Ground.Empty() {
			ground = web.Say("timing.suspension.ground.typed")
		}
		if t.Longest.IsZero() {
			longest = web.Say("timing.suspension.unbound")
		}
		if t.ValidTo != nil {
			to = onDate(f, *t.ValidTo)
		}
		notice := web.Say("timing.no")
		if t.Notice {
			notice = web.Say("timing.yes")
		}
		v.Types.Rows = append(v.Types.Rows, web.Row{Href: suspensionsPath + "/" + t.Code, Cells: []web.Cell{{Words: web.Data(t.Name)}, {Words: ground}, {Words: notice},
			{Words: longest}, {Words: onDate(f, t.ValidFrom)}, {Words: to}, {Chip: inForce(t.Record, today)}}})
	}
	return p.Kit.Show(c, "admin/suspensions", v)
}

func inForce(r catalogue.Record, today calendar.Date) *web.Chip {
	switch {
	case r.On(today):
		return &web.Chip{Tone: web.ToneDone, Words: web.Say("timing.state.now")}
	case r.ValidFrom > today:
		return &web.Chip{Tone: web.ToneInfo, Words: web.Say("timing.state.later")}
	}
	return &web.Chip{Words: web.Say("timing.state.over")}
}

type suspensionPage struct{ TimingDeps }

type suspensionView struct {
	timingView
	Action  string
	Version int64
	Code    *web.Field // of one that is new
	Names   []web.Field
	Grounds []web.Field
	Notice  web.Field
	Number  web.Field
	Unit    web.Field
	From    web.Field
	To      web.Field
	Place   web.Field
	Reason  web.Field
}

type suspensionForm struct {
	Version   int64                `form:"version"`
	Code      string               `form:"code"`
	Name      map[i18n.Lang]string `form:"name"`
	Ground    map[i18n.Lang]string `form:"ground"`
	Notice    string               `form:"notice"`
	Number    string               `form:"number"`
	Unit      string               `form:"unit"`
	ValidFrom string               `form:"valid_from"`
	ValidTo   string               `form:"valid_to"`
	Position  string               `form:"position"`
	Reason    string               `form:"reason"`
}

// show is one reason, or the form for a new one.
func (p *suspensionPage) show(c *gin.Context) error { return p.page(c, nil, nil) }

func (p *suspensionPage) page(c *gin.Context, typed *suspensionForm, failed error) error {
	snap, _, today, err := p.now(c.Request.Context())
	if err != nil {
		return err
	}
	code := c.Param("code")
	v := &suspensionView{timingView: p.view(c, web.Say("timing.suspension.new"), suspensionsPath), Action: suspensionsPath + "/" + code}
	v.Back = &web.Link{Href: suspensionsPath, Words: web.Say("timing.suspensions.title")}
	now := &catalogue.SuspensionType{Notice: true, Position: int64(len(snap.Suspensions) + 1)}
	now.ValidFrom = today
	if code != newCode {
		if now, err = snap.Suspension(code); err != nil {
			return err
		}
		v.Title, v.Version = web.Data(now.Name), now.Version
	}
	if err := v.Fail(failed); err != nil {
		return err
	}
	if typed == nil {
		typed = typedOf(now)
	}
	p.fields(v, code == newCode, typed)
	return p.Kit.Show(c, "admin/suspension", v)
}

func typedOf(t *catalogue.SuspensionType) *suspensionForm {
	f := &suspensionForm{Name: t.Name, Ground: t.Ground, ValidFrom: t.ValidFrom.String(), Position: strconv.FormatInt(t.Position, 10), Notice: "no"}
	if t.Notice {
		f.Notice = "yes"
	}
	if !t.Longest.IsZero() {
		f.Number, f.Unit = strconv.Itoa(t.Longest.Number()), string(t.Longest.Unit())
	}
	if t.ValidTo != nil {
		f.ValidTo = t.ValidTo.String()
	}
	return f
}

func (p *suspensionPage) fields(v *suspensionView, fresh bool, typed *suspensionForm) {
	if fresh {
		code := v.Bind(web.Field{Name: "code", Label: web.Say("timing.suspension.code"), Hint: web.Say("timing.suspension.code.hint"), Value: typed.Code, Width: "20"})
		v.Code = &code
	}
	for _, l := range i18n.Langs {
		in := i18n.Key("admin.text.lang." + string(l))
		v.Names = append(v.Names, v.Bind(web.Field{Name: "name[" + string(l) + "]", Label: web.Say("timing.in", "What", i18n.Key("timing.suspension.name"), "Lang", in), Value: typed.Name[l], Width: "full"}))
		v.Grounds = append(v.Grounds, v.Bind(web.Field{Name: "ground[" + string(l) + "]", Label: web.Say("timing.in", "What", i18n.Key("timing.suspension.ground"), "Lang", in),
			Value: typed.Ground[l], Rows: 2, Optional: true}))
	}
	v.Notice = v.Bind(web.Field{Name: "notice", Label: web.Say("timing.suspension.notice"), Hint: web.Say("timing.suspension.notice.hint"), Value: typed.Notice, Inline: true,
		Options: []web.Option{{Value: "yes", Words: web.Say("timing.yes")}, {Value: "no", Words: web.Say("timing.no")}}})
	v.Number = v.Bind(web.Field{Name: "number", Label: web.Say("timing.suspension.longest"), Hint: web.Say("timing.suspension.longest.hint"), Value: typed.Number,
		Mode: "numeric", Width: "5", Optional: true})
	v.Unit = v.Bind(web.Field{Name: "unit", Label: web.Say("timing.unit"), Value: typed.Unit, Options: []web.Option{
		{Value: string(calendar.WorkingDays), Words: web.Say("timing.unit.wd")}, {Value: string(calendar.Days), Words: web.Say("timing.unit.d")}}})
	v.From = v.Bind(web.Field{Name: "valid_from", Label: web.Say("timing.from"), Value: typed.ValidFrom, Type: "date", Width: "10"})
	v.To = v.Bind(web.Field{Name: "valid_to", Label: web.Say("timing.to"), Hint: web.Say("timing.to.hint"), Value: typed.ValidTo, Type: "date", Width: "10", Optional: true})
	v.Place = v.Bind(web.Field{Name: "position", Label: web.Say("timing.suspension.position"), Value: typed.Position, Mode: "numeric", Width: "5"})
	v.Reason = v.Bind(web.Field{Name: "reason", Label: web.Say("timing.reason"), Hint: web.Say("timing.reason.hint"), Value: typed.Reason, Rows: 3, Max: 500})
}

// send stores the reason.
func (p *suspensionPage) send(c *gin.Context) error {
	var in suspensionForm
	if err := web.Decode(c, &in); err != nil {
		return p.page(c, &in, err)
	}
	code := c.Param("code")
	if code == newCode {
		code, in.Version = in.Code, 0
	}
	a := catalogue.SuspensionChange{Code: code, Version: in.Version, Name: in.Name, Ground: in.Ground, Notice: in.Notice != "no", Number: in.Number, Unit: in.Unit,
		ValidFrom: in.ValidFrom, ValidTo: in.ValidTo, Position: in.Position, Reason: in.Reason}
	if c.Param("code") != newCode && in.Version == 0 {
		a.Version = -1 // of a form that was taken apart
	}
	if err := p.Catalogue.SetSuspension(c.Request.Context(), a); retyped(err) {
		return p.page(c, &in, err)
	} else if err != nil {
		return err
	}
	return Deps{Kit: p.Kit}.told(c, "timing.set.done", suspensionsPath)
}
