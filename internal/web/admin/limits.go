package admin

import (
	"github.com/gin-gonic/gin"

	"minqing/internal/calendar"
	"minqing/internal/catalogue"
	"minqing/internal/i18n"
	"minqing/internal/web"
)

type limitsPage struct{ TimingDeps }

type limitsView struct {
	timingView
	Limits   web.Table
	Warnings web.Table
	Own      web.Table
	Units    web.Table
	Recount  *recountView
}

// show lists the limits and warnings in force, what comes, and who has others.
func (p *limitsPage) show(c *gin.Context) error {
	ctx := c.Request.Context()
	snap, _, today, err := p.now(ctx)
	if err != nil {
		return err
	}
	v := &limitsView{timingView: p.view(c, web.Say("timing.limits.title"), limitsPath)}
	f := p.Kit.Format(v.Lang)
	v.Limits = standardsTable(f, snap, today, catalogue.StandardLimits)
	v.Limits.ID, v.Limits.Caption = "limits", web.Say("timing.limits.title")
	v.Warnings = standardsTable(f, snap, today, catalogue.StandardWarnings)
	v.Warnings.ID, v.Warnings.Caption = "warnings", web.Say("timing.warnings.title")
	v.Own, v.Units = ownLimits(snap, today), ownRules(snap, today)
	if v.Recount, err = p.recounting(ctx, f); err != nil {
		return err
	}
	return p.Kit.Show(c, "admin/limits", v)
}

func standardsTable(f i18n.Format, snap *catalogue.Snapshot, today calendar.Date, codes []string) web.Table {
	t := web.Table{Columns: columns("timing.limit", "timing.value", "timing.from", "timing.next", "timing.basis")}
	for _, code := range codes {
		now := snap.Standards.On(code, today)
		if now == nil {
			continue
		}
		next := web.Plain("–")
		for _, s := range snap.Standards[code] {
			if s.ValidFrom > today {
				next = web.Say("timing.next.value", "Value", value(valueOf(s)), "Day", i18n.Format{Lang: f.Lang, ROC: f.ROC}.Date(s.ValidFrom.UTC()))
				break
			}
		}
		t.Rows = append(t.Rows, web.Row{Href: limitsPath + "/limits/" + code, Cells: []web.Cell{{Words: web.Say("timing.standard." + code)},
			{Words: valueOf(now)}, {Words: onDate(f, now.ValidFrom)}, {Words: next}, {Words: basisOf(now)}}})
	}
	return t
}

func basisOf(s *catalogue.Standard) web.Words {
	if s.Basis == "" {
		return web.Plain("–")
	}
	return web.Plain(s.Basis)
}

// valueOf says what a standard sets.
func valueOf(s *catalogue.Standard) web.Words {
	if len(s.Told) == 0 {
		return long(s.TimeLimit)
	}
	told := web.Say("timing.told." + s.Told[len(s.Told)-1])
	for i := len(s.Told) - 2; i >= 0; i-- {
		told = web.Say("timing.and", "First", i18n.Key("timing.told."+s.Told[i]), "Then", value(told))
	}
	switch s.Code {
	case catalogue.StdWarnBefore:
		return web.Say("timing.value.before", "Limit", value(long(s.TimeLimit)), "Share", int(s.Share), "Told", value(told))
	case catalogue.StdWarnAfter:
		return web.Say("timing.value.after", "Limit", value(long(s.TimeLimit)), "Told", value(told))
	}
	return web.Say("timing.value.due", "Told", value(told))
}
