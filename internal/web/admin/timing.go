package admin

import (
	"context"
	"time"

	"github.com/gin-gonic/gin"

	"minqing/internal/access"
	"minqing/internal/calendar"
	"minqing/internal/cases"
	"minqing/internal/catalogue"
	"minqing/internal/clocks"
	"minqing/internal/fault"
	"minqing/internal/i18n"
	"minqing/internal/web"
)

// TimingDeps are what the pages need by which time is counted: limits, warnings,
// reasons for suspensions, calendars and office hours.
type TimingDeps struct {
	Kit       *web.Kit
	Catalogue *catalogue.Service
	Cases     *cases.Service
	Clocks    *clocks.Service
	People    People
	Now       func() time.Time
}

const (
	limitsPath      = "/admin/clocks"
	suspensionsPath = "/admin/clocks/suspensions"
	calendarsPath   = "/admin/clocks/calendars"
	hoursPath       = "/admin/clocks/calendars/hours"
)

// RegisterTiming mounts the pages.
func RegisterTiming(d TimingDeps) {
	g := d.Kit.Group("/admin")
	limits, limit, waits, wait := &limitsPage{d}, &limitPage{d}, &suspensionsPage{d}, &suspensionPage{d}
	d.Kit.GET(g, "/clocks", access.CatalogueWrite, limits.show)
	d.Kit.GET(g, "/clocks/limits/:code", access.CatalogueWrite, limit.show)
	d.Kit.POST(g, "/clocks/limits/:code", access.CatalogueWrite, limit.send)
	matter, one := &matterRulesPage{d}, &unitRulesPage{d}
	d.Kit.GET(g, "/clocks/matters/:matter", access.CatalogueWrite, matter.show)
	d.Kit.POST(g, "/clocks/matters/:matter", access.CatalogueWrite, matter.send)
	d.Kit.GET(g, "/clocks/units/:unit", access.CatalogueWrite, one.show)
	d.Kit.POST(g, "/clocks/units/:unit", access.CatalogueWrite, one.send)
	d.Kit.GET(g, "/clocks/suspensions", access.CatalogueWrite, waits.show)
	d.Kit.GET(g, "/clocks/suspensions/:code", access.CatalogueWrite, wait.show)
	d.Kit.POST(g, "/clocks/suspensions/:code", access.CatalogueWrite, wait.send)
	years, year, publish, hours, unit := &calendarsPage{d}, &yearPage{d}, &publishPage{d}, &hoursListPage{d}, &hoursPage{d}
	d.Kit.GET(g, "/clocks/calendars", access.CatalogueWrite, years.show)
	d.Kit.GET(g, "/clocks/calendars/import", access.CatalogueWrite, publish.show)
	d.Kit.POST(g, "/clocks/calendars/import", access.CatalogueWrite, publish.send, web.Body(3<<20))
	d.Kit.GET(g, "/clocks/calendars/hours", access.CatalogueWrite, hours.show)
	d.Kit.GET(g, "/clocks/calendars/hours/:unit", access.CatalogueWrite, unit.show)
	d.Kit.POST(g, "/clocks/calendars/hours/:unit", access.CatalogueWrite, unit.send)
	d.Kit.GET(g, "/clocks/calendars/years/:code/:year", access.CatalogueWrite, year.show)
}

// timingAreas leads between the pages.
func timingAreas(current string) []web.Link {
	var list []web.Link
	for _, one := range []struct{ href, key string }{{limitsPath, "timing.limits.title"}, {suspensionsPath, "timing.suspensions.title"},
		{calendarsPath, "timing.calendars.title"}, {hoursPath, "timing.hours.title"}} {
		list = append(list, web.Link{Href: one.href, Words: web.Say(one.key), Current: one.href == current})
	}
	return list
}

// timingView is what every page about time has.
type timingView struct {
	web.Page
	Areas []web.Link
}

func (d TimingDeps) view(c *gin.Context, title web.Words, area string) timingView {
	v := timingView{Page: d.Kit.Page(c, title), Areas: timingAreas(area)}
	v.Wide = true
	return v
}

// now is the catalogue and the day of the government.
func (d TimingDeps) now(ctx context.Context) (*catalogue.Snapshot, *calendar.Calendar, calendar.Date, error) {
	snap, err := d.Catalogue.Snapshot(ctx)
	if err != nil {
		return nil, nil, 0, err
	}
	cal, err := d.Clocks.Of(snap, snap.Root())
	if err != nil {
		return nil, nil, 0, err
	}
	return snap, cal, cal.ReceivedOn(d.Now()), nil
}

// retyped says whether a page is shown once more after err, with what was typed.
func retyped(err error) bool {
	k := fault.KindOf(err)
	return err != nil && (k == fault.Invalid || k == fault.Conflict)
}

// long says how long a limit is.
func long(l calendar.Limit) web.Words {
	if l.IsZero() {
		return web.Plain("–")
	}
	return web.Say("portal.limit."+string(l.Unit()), "Count", l.Number())
}

func onDate(f i18n.Format, d calendar.Date) web.Words {
	return web.Plain(i18n.Format{Lang: f.Lang, ROC: f.ROC}.Date(d.UTC()))
}

// value is words as they stand inside others.
func value(w web.Words) any {
	switch {
	case w.Key != "":
		return i18n.Phrase{Key: w.Key, Args: w.Args}
	case w.Text != nil:
		return w.Text
	}
	return w.Plain
}

// recountView tells how far open clocks are counted.
type recountView struct {
	Waiting bool
	Running *cases.RecountRun
	Open    int64
	Many    bool // more than are counted for a page
	Runs    web.Table
}

func (d TimingDeps) recounting(ctx context.Context, f i18n.Format) (*recountView, error) {
	r, err := d.Cases.Recounting(ctx)
	if err != nil {
		return nil, err
	}
	v := &recountView{Waiting: r.Waiting, Open: r.Open, Many: r.Open >= cases.RunningMost}
	if len(r.Runs) > 0 && r.Runs[0].FinishedAt == nil {
		v.Running = &r.Runs[0]
	}
	v.Runs = web.Table{ID: "recounts", Caption: web.Say("timing.recount.runs"), Columns: columns("timing.recount.began", "timing.recount.ended",
		"timing.recount.seen", "timing.recount.moved")}
	v.Runs.Columns[2].Numeric, v.Runs.Columns[3].Numeric = true, true
	for _, one := range r.Runs {
		ended := web.Say("timing.recount.running")
		if one.FinishedAt != nil {
			ended = web.Plain(f.DateTime(*one.FinishedAt))
		}
		var moved int64
		for _, k := range one.Kinds {
			moved += k.Moved
		}
		v.Runs.Rows = append(v.Runs.Rows, web.Row{Cells: []web.Cell{{Words: web.Plain(f.DateTime(one.StartedAt))}, {Words: ended},
			{Words: web.Plain(f.Number(one.Seen))}, {Words: web.Plain(f.Number(max(moved, one.Moved)))}}})
	}
	return v, nil
}

// time0 is before every clock.
var time0 time.Time

// effect is what a change would touch, in numbers.
func effect(f i18n.Format, key string, n int64) *web.Notice {
	count := f.Number(n)
	if n >= cases.RunningMost {
		return &web.Notice{Tone: web.ToneDue, Title: web.Say("timing.effect"), Words: web.Say("timing.effect.many", "Count", count)}
	}
	return &web.Notice{Tone: web.ToneDue, Title: web.Say("timing.effect"), Words: web.Say(key, "Number", count, "Count", int(n))}
}
