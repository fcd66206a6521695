package admin

import (
	"strconv"
	"strings"

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
	v.Types = web.Table{ID: "types", Caption: web.Say("timing.suspensions.title"), Columns: columns("timing.suspension.name", "timing.suspension.ground", "timing.suspension.matters",
		"timing.suspension.notice", "timing.suspension.usual", "timing.suspension.longest", "timing.from", "timing.to", "timing.state")}
	for _, t := range snap.Suspensions {
		ground, usual, longest, to := web.Data(t.Ground), long(t.Usual), long(t.Longest), web.Plain("–")
		if t.Ground.Empty() {
			ground = web.Say("timing.suspension.ground.typed")
		}
		if t.Longest.IsZero() {
			longest = web.Say("timing.suspension.unbound")
		}
		if t.Usual.IsZero() {
			usual = web.Plain("–")
		}
		if t.ValidTo != nil {
			to = onDate(f, *t.ValidTo)
		}
		notice := web.Say("timing.no")
		if t.Notice {
			notice = web.Say("timing.yes")
		}
		v.Types.Rows = append(v.Types.Rows, web.Row{Href: suspensionsPath + "/" + t.Code, Cells: []web.Cell{{Words: web.Data(t.Name)}, {Words: ground}, {Words: mattersOf(snap, t)}, {Words: notice},
			{Words: usual}, {Words: longest}, {Words: onDate(f, t.ValidFrom)}, {Words: to}, {Chip: inForce(t.Record, today)}}})
	}
	return p.Kit.Show(c, "admin/suspensions", v)
}

// mattersOf names the matters for whose cases alone a reason may be given.
func mattersOf(snap *catalogue.Snapshot, t *catalogue.SuspensionType) web.Words {
	if len(t.Matters) == 0 {
		return web.Say("timing.suspension.all")
	}
	names := make(i18n.Text, len(i18n.Langs))
	for _, l := range i18n.Langs {
		list := make([]string, len(t.Matters))
		for i, code := range t.Matters {
			list[i] = code
			if m, err := snap.Matter(code); err == nil {
				list[i] = m.Name.In(l)
			}
		}
		names[l] = strings.Join(list, " · ")
	}
	return web.Data(names)
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
	Usually web.Field
	Counts  web.Field // what it usually takes is counted in
	Matters web.Field
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
	Usually   string               `form:"usually"`
	UsualUnit string               `form:"usual_unit"`
	Matters   string               `form:"matters"`
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
	if !t.Usual.IsZero() {
		f.Usually, f.UsualUnit = strconv.Itoa(t.Usual.Number()), string(t.Usual.Unit())
	}
	f.Matters = strings.Join(t.Matters, ", ")
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
	units := []web.Option{{Value: string(calendar.WorkingDays), Words: web.Say("timing.unit.wd")}, {Value: string(calendar.Days), Words: web.Say("timing.unit.d")}}
	v.Matters = v.Bind(web.Field{Name: "matters", Label: web.Say("timing.suspension.matters"), Hint: web.Say("timing.suspension.matters.hint"), Value: typed.Matters, Width: "full", Optional: true})
	v.Usually = v.Bind(web.Field{Name: "usually", Label: web.Say("timing.suspension.usual"), Hint: web.Say("timing.suspension.usual.hint"), Value: typed.Usually,
		Mode: "numeric", Width: "5", Optional: true})
	v.Counts = v.Bind(web.Field{Name: "usual_unit", Label: web.Say("timing.suspension.usual.unit"), Value: typed.UsualUnit, Options: units})
	v.Number = v.Bind(web.Field{Name: "number", Label: web.Say("timing.suspension.longest"), Hint: web.Say("timing.suspension.longest.hint"), Value: typed.Number,
		Mode: "numeric", Width: "5", Optional: true})
	v.Unit = v.Bind(web.Field{Name: "unit", Label: web.Say("timing.suspension.longest.unit"), Value: typed.Unit, Options: units})
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
		Usually: in.Usually, UsualUnit: in.UsualUnit, Matters: in.Matters, ValidFrom: in.ValidFrom, ValidTo: in.ValidTo, Position: in.Position, Reason: in.Reason}
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
