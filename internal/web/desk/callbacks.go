package desk

import (
	"github.com/gin-gonic/gin"

	"minqing/internal/calendar"
	"minqing/internal/web"
)

// callbacksPage lists the results about which somebody is to be rung.
type callbacksPage struct{ Deps }

type callbacksView struct {
	web.Page
	Rows  []inboxRow
	More  *web.Words // there are more than are shown
	Empty web.Empty
}

func (p *callbacksPage) show(c *gin.Context) error {
	ctx := c.Request.Context()
	v := &callbacksView{Page: p.Kit.Page(c, web.Say("callback.list.title"))}
	v.Wide = true
	v.Back = &web.Link{Href: "/desk", Words: web.Say("desk.inbox.title")}
	list, more, err := p.Callbacks.Callbacks(ctx)
	if err != nil {
		return err
	}
	n, err := p.names(ctx)
	if err != nil {
		return err
	}
	today := calendar.DateOf(p.Now(), n.zone)
	for i := range list {
		one, k := &list[i].Item.Case, &list[i].Callback
		row := inboxRow{Href: "/desk/callbacks/" + one.CaseNo, CaseNo: one.CaseNo, Title: web.Plain(one.ShownTitle())}
		row.Due = web.Chip{Icon: "phone", Words: web.Say("callback.chip.today")}
		if days := int(today - *k.DueOn); days > 0 {
			row.Due = web.Chip{Tone: web.ToneDue, Icon: "phone", Words: web.Say("callback.chip.waits", "Count", days)}
		}
		if k.Wished {
			row.Chips = append(row.Chips, web.Chip{Tone: web.ToneInfo, Words: web.Say("desk.chip.callback")})
		}
		if k.AgainAt != nil {
			row.Chips = append(row.Chips, web.Chip{Tone: web.ToneInfo, Icon: "clock", Words: web.Say("callback.chip.again")})
		}
		if k.RingsOn != nil {
			row.Chips = append(row.Chips, ringsChip(*k.RingsOn, today))
		}
		if k.Mine(ctx, p.Now()) {
			row.Chips = append(row.Chips, web.Chip{Tone: web.ToneWatch, Words: web.Say("callback.chip.mine")})
		} else if k.Taken(p.Now()) {
			row.Chips = append(row.Chips, web.Chip{Icon: "lock", Words: web.Say("callback.chip.taken")})
		}
		row.add(web.Say("case.status."+string(one.Status)), n.unit(one.UnitID), n.district(one.DistrictID), n.matter(one.MatterID))
		if k.Attempts > 0 {
			row.add(web.Say("callback.attempts", "Count", int(k.Attempts)))
		}
		v.Rows = append(v.Rows, row)
	}
	if more {
		v.More = new(web.Say("callback.list.more", "Count", len(list)))
	}
	v.Empty = web.Empty{Icon: "circle-check", Title: web.Say("callback.list.none"), Words: web.Say("callback.list.none.words")}
	return p.Kit.Show(c, "desk/callbacks", v)
}

// ringsChip says on which day the person was told that they are rung again.
func ringsChip(on, today calendar.Date) web.Chip {
	chip := web.Chip{Tone: web.ToneInfo, Icon: "phone", Words: web.Say("callback.chip.rings_on", "Day", dayText(on))}
	if on <= today {
		chip.Tone = web.ToneDue
	}
	return chip
}
