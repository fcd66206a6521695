package admin

import (
	"strings"

	"github.com/gin-gonic/gin"

	"minqing/internal/catalogue"
	"minqing/internal/web"
)

type hoursListPage struct{ TimingDeps }

type hoursListView struct {
	timingView
	Units web.Table
}

// show lists units with their calendars and office hours; those that have their own
// say so.
func (p *hoursListPage) show(c *gin.Context) error {
	snap, _, today, err := p.now(c.Request.Context())
	if err != nil {
		return err
	}
	v := &hoursListView{timingView: p.view(c, web.Say("timing.hours.title"), hoursPath)}
	v.Units = web.Table{ID: "hours", Caption: web.Say("timing.hours.title"), Columns: columns("timing.own.unit", "timing.calendar", "timing.hours.own", "timing.hours.whose")}
	for _, u := range snap.Units {
		if !u.On(today) {
			continue
		}
		cal, err := p.Clocks.Of(snap, u)
		if err != nil {
			return err
		}
		hours := catalogue.OfficeHours(cal.Shifts())
		whose := web.Say("timing.hours.inherited")
		if len(u.OfficeHours) > 0 || u.Calendar != nil {
			whose = web.Say("timing.hours.set")
		}
		v.Units.Rows = append(v.Units.Rows, web.Row{Href: hoursPath + "/" + u.Code, Cells: []web.Cell{{Words: web.Data(u.Name)}, {Words: web.Plain(cal.Code())},
			{Words: web.Plain(hours.String())}, {Words: whose}}})
	}
	return p.Kit.Show(c, "admin/hours", v)
}

type hoursPage struct{ TimingDeps }

type hoursView struct {
	timingView
	Action   string
	Version  int64
	Calendar web.Field
	Hours    web.Field
	Reason   web.Field
	Effect   *web.Notice
}

type hoursForm struct {
	Do       string `form:"do"`
	Version  int64  `form:"version"`
	Calendar string `form:"calendar"`
	Hours    string `form:"hours"`
	Reason   string `form:"reason"`
}

// show is by what one unit counts.
func (p *hoursPage) show(c *gin.Context) error { return p.page(c, nil, false, nil) }

func (p *hoursPage) page(c *gin.Context, typed *hoursForm, look bool, failed error) error {
	ctx := c.Request.Context()
	snap, _, _, err := p.now(ctx)
	if err != nil {
		return err
	}
	u, err := snap.Unit(c.Param("unit"))
	if err != nil {
		return err
	}
	v := &hoursView{timingView: p.view(c, web.Data(u.Name), hoursPath), Action: hoursPath + "/" + u.Code, Version: u.Version}
	v.Back = &web.Link{Href: hoursPath, Words: web.Say("timing.hours.title")}
	if err := v.Fail(failed); err != nil {
		return err
	}
	if typed == nil {
		typed = &hoursForm{Calendar: deref(u.Calendar), Hours: strings.ReplaceAll(u.OfficeHours.String(), ", ", "\n")}
	}
	calendars := web.Field{Name: "calendar", Label: web.Say("timing.calendar"), Value: typed.Calendar, Options: []web.Option{{Words: web.Say("timing.hours.above")}}}
	for _, code := range codesOf(snap) {
		calendars.Options = append(calendars.Options, web.Option{Value: code, Words: web.Plain(code)})
	}
	v.Calendar = v.Bind(calendars)
	v.Hours = v.Bind(web.Field{Name: "hours", Label: web.Say("timing.hours.own"), Hint: web.Say("timing.hours.hint"), Value: typed.Hours, Rows: 4, Optional: true})
	v.Reason = v.Bind(web.Field{Name: "reason", Label: web.Say("timing.reason"), Hint: web.Say("timing.reason.hint"), Value: typed.Reason, Rows: 3, Max: 500})
	if look {
		n, err := p.Cases.Running(ctx, "", time0)
		if err != nil {
			return err
		}
		v.Effect = effect(p.Kit.Format(v.Lang), "timing.effect.hours", n)
	}
	return p.Kit.Show(c, "admin/hours-unit", v)
}

// send shows what is touched, or sets it.
func (p *hoursPage) send(c *gin.Context) error {
	var in hoursForm
	if err := web.Decode(c, &in); err != nil {
		return p.page(c, &in, false, err)
	}
	a := catalogue.HoursChange{Unit: c.Param("unit"), Version: in.Version, Calendar: in.Calendar, Hours: in.Hours, Reason: in.Reason}
	ctx := c.Request.Context()
	if in.Do != "set" {
		snap, _, _, err := p.now(ctx)
		if err != nil {
			return err
		}
		_, err = a.Check(snap)
		return p.page(c, &in, err == nil, err)
	}
	if err := p.Catalogue.SetHours(ctx, a); retyped(err) {
		return p.page(c, &in, false, err)
	} else if err != nil {
		return err
	}
	return Deps{Kit: p.Kit}.told(c, "timing.set.done", hoursPath)
}
