package admin

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"minqing/internal/calendar"
	"minqing/internal/catalogue"
	"minqing/internal/fault"
	"minqing/internal/i18n"
	"minqing/internal/web"
)

type calendarsPage struct{ TimingDeps }

type calendarsView struct {
	timingView
	Years   web.Table
	Import  web.Button
	Recount *recountView
}

// codesOf are the calendars that are known: those that come with the program and
// those that were imported.
func codesOf(snap *catalogue.Snapshot) []string {
	codes := []string{"CN", "TW"}
	for _, y := range snap.Years {
		if !slices.Contains(codes, y.Code) && y.File() != "" {
			codes = append(codes, y.Code)
		}
	}
	return codes
}

// show lists calendars year by year, and how far open clocks are counted by them.
func (p *calendarsPage) show(c *gin.Context) error {
	ctx := c.Request.Context()
	snap, own, today, err := p.now(ctx)
	if err != nil {
		return err
	}
	v := &calendarsView{timingView: p.view(c, web.Say("timing.calendars.title"), calendarsPath),
		Import: web.Button{Words: web.Say("timing.calendar.import"), Href: calendarsPath + "/import"}}
	f := p.Kit.Format(v.Lang)
	v.Years = web.Table{ID: "years", Caption: web.Say("timing.calendars.years"), Columns: columns("timing.calendar.year", "timing.calendar.zone", "timing.state",
		"timing.calendar.version", "timing.calendar.source", "timing.calendar.used")}
	for _, code := range codesOf(snap) {
		cal, err := snap.CalendarOf(code)
		if err != nil {
			return err
		}
		used := p.usedBy(snap, own.Code(), code)
		first, last := today.Year(), today.Year()+1
		for _, y := range cal.Years() {
			first, last = min(first, y), max(last, y)
		}
		for y := last; y >= first; y-- {
			v.Years.Rows = append(v.Years.Rows, yearRow(f, snap, cal, y, used))
		}
	}
	if v.Recount, err = p.recounting(ctx, f); err != nil {
		return err
	}
	return p.Kit.Show(c, "admin/calendars", v)
}

// usedBy says how many units count by a calendar of their own; the government's own
// is everybody's else.
func (p *calendarsPage) usedBy(snap *catalogue.Snapshot, own, code string) web.Words {
	n := 0
	for _, u := range snap.Units {
		if deref(u.Calendar) == code {
			n++
		}
	}
	switch {
	case own == code:
		return web.Say("timing.calendar.used.all")
	case n == 0:
		return web.Plain("–")
	}
	return web.Say("timing.calendar.used.units", "Count", n)
}

func imported(snap *catalogue.Snapshot, code string, year int) *catalogue.CalendarYear {
	for _, y := range snap.Years {
		if y.Code == code && y.Year == year && y.File() != "" {
			return y
		}
	}
	return nil
}

func yearRow(f i18n.Format, snap *catalogue.Snapshot, cal *calendar.Calendar, year int, used web.Words) web.Row {
	chip, version := &web.Chip{Tone: web.ToneDue, Words: web.Say("timing.calendar.unpublished")}, web.Plain("–")
	switch y := imported(snap, cal.Code(), year); {
	case y != nil:
		chip = &web.Chip{Tone: web.ToneDone, Words: web.Say("timing.calendar.published")}
		version = web.Say("timing.calendar.imported", "Version", y.Version, "At", f.DateTime(y.ImportedAt))
	case cal.Published(year):
		chip = &web.Chip{Tone: web.ToneDone, Words: web.Say("timing.calendar.published")}
		version = web.Say("timing.builtin")
	}
	return web.Row{Href: calendarsPath + "/years/" + cal.Code() + "/" + strconv.Itoa(year), Cells: []web.Cell{{Words: web.Plain(cal.Code() + " " + strconv.Itoa(year))},
		{Words: web.Plain(cal.Zone().String())}, {Chip: chip}, {Words: version}, {Words: sourceOf(cal, year)}, {Words: used}}}
}

func sourceOf(cal *calendar.Calendar, year int) web.Words {
	if s := cal.SourceOf(year); s != "" {
		return web.Plain(s)
	}
	return web.Plain("–")
}

type yearPage struct{ TimingDeps }

type yearView struct {
	timingView
	Published bool
	Facts     []fact
	Off       web.Table
	Work      web.Table
}

type fact struct{ Name, Words web.Words }

// show is one year: its days off and the weekend days that are worked.
func (p *yearPage) show(c *gin.Context) error {
	snap, _, _, err := p.now(c.Request.Context())
	if err != nil {
		return err
	}
	cal, err := snap.CalendarOf(c.Param("code"))
	if err != nil {
		return err
	}
	year, err := strconv.Atoi(c.Param("year"))
	if err != nil || year < 1900 || year > 2200 {
		return fault.New(fault.NotFound, "catalogue.calendar.missing")
	}
	v := &yearView{timingView: p.view(c, web.Plain(cal.Code()+" "+c.Param("year")), calendarsPath), Published: cal.Published(year)}
	v.Back = &web.Link{Href: calendarsPath, Words: web.Say("timing.calendars.title")}
	f := p.Kit.Format(v.Lang)
	off, work, working := daysOf(cal, year)
	v.Off = web.Table{ID: "off", Caption: web.Say("timing.calendar.off"), Columns: columns("timing.calendar.holiday", "timing.calendar.first", "timing.calendar.last", "timing.calendar.days")}
	v.Off.Columns[3].Numeric = true
	for _, o := range off {
		v.Off.Rows = append(v.Off.Rows, web.Row{Cells: []web.Cell{{Words: web.Data(o.name)}, {Words: onDate(f, o.from)}, {Words: onDate(f, o.to)}, {Words: web.Plain(f.Number(int64(o.to-o.from) + 1))}}})
	}
	v.Work = web.Table{ID: "work", Caption: web.Say("timing.calendar.work"), Columns: columns("timing.calendar.day")}
	for _, d := range work {
		v.Work.Rows = append(v.Work.Rows, web.Row{Cells: []web.Cell{{Words: onDate(f, d)}}})
	}
	hours := make([]string, 0, 2)
	for _, s := range cal.Shifts() {
		hours = append(hours, s.String())
	}
	v.Facts = []fact{{web.Say("timing.calendar.zone"), web.Plain(cal.Zone().String())}, {web.Say("timing.calendar.working"), web.Plain(f.Number(int64(working)))},
		{web.Say("timing.hours.own"), web.Plain(strings.Join(hours, ", "))}, {web.Say("timing.calendar.source"), sourceOf(cal, year)}}
	if y := imported(snap, cal.Code(), year); y != nil {
		v.Facts = append(v.Facts, fact{web.Say("timing.calendar.version"), web.Say("timing.calendar.imported", "Version", y.Version, "At", f.DateTime(y.ImportedAt))})
	}
	return p.Kit.Show(c, "admin/calendar-year", v)
}

type stretchOff struct {
	name     i18n.Text
	from, to calendar.Date
}

// daysOf are the holidays of a year, each in one stretch, its make-up workdays, and
// how many days are worked.
func daysOf(cal *calendar.Calendar, year int) (off []stretchOff, work []calendar.Date, working int) {
	for d := calendar.NewDate(year, time.January, 1); d.Year() == year; d++ {
		day := cal.Day(d)
		if cal.WorkingDay(d) {
			working++
		}
		switch day.Kind {
		case calendar.Makeup:
			work = append(work, d)
		case calendar.Holiday:
			name := nameOf(day.Name)
			if n := len(off); n > 0 && off[n-1].to == d-1 && off[n-1].name.In(i18n.En) == name.In(i18n.En) && off[n-1].name.In(i18n.ZhHant) == name.In(i18n.ZhHant) {
				off[n-1].to = d
				continue
			}
			off = append(off, stretchOff{name, d, d})
		}
	}
	return off, work, working
}

func nameOf(n calendar.Names) i18n.Text {
	t := i18n.Text{}
	for l, s := range n {
		t[i18n.Lang(l)] = s
	}
	return t
}
