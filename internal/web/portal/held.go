package portal

import (
	"context"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"minqing/internal/access"
	"minqing/internal/calendar"
	"minqing/internal/catalogue"
	"minqing/internal/duties"
	"minqing/internal/fault"
	"minqing/internal/i18n"
	"minqing/internal/permits"
	"minqing/internal/register"
	"minqing/internal/web"
)

// HeldDeps are what the pages of somebody's permits work with.
type HeldDeps struct {
	Kit       *web.Kit
	Permits   *permits.Service
	Register  *register.Service
	Catalogue *catalogue.Service
	Duties    *duties.Service
	Name      func(ctx context.Context) (string, error) // of the person who is signed in
	Waits     func(ctx context.Context, caseID string) (bool, error)
}

// RegisterHeld mounts what somebody holds, and asking for it to be renewed or
// changed.
func RegisterHeld(d HeldDeps) {
	k, e := d.Kit, d.Kit.Engine()
	list, one := &heldPage{d}, &heldOnePage{d}
	k.GET(e, "/me/permits", access.OwnRead, list.show)
	k.GET(e, "/me/permits/:no", access.OwnRead, one.show)
	k.POST(e, "/me/permits/:no", access.OwnRead, one.ask, web.Throttle(30, time.Minute, web.ByActor), web.Keeps(typedInHeld))
	registerDuties(d)
}

// typedInHeld labels the texts of the page of a permit.
func typedInHeld(name string) web.Words {
	if name == "statement" {
		return web.Say("held.hear.own")
	}
	return web.Words{}
}

// heldChip says where a permit stands.
func heldChip(s register.State) web.Chip {
	tone := map[register.State]web.Tone{register.Valid: web.ToneDone, register.Suspended: web.ToneDue, register.Future: web.ToneInfo, register.Revoked: web.ToneOver}[s]
	return web.Chip{Tone: tone, Words: web.Say("held.state." + string(s))}
}

// holder says for whom somebody looks, on the page too.
func (d HeldDeps) holder(ctx context.Context, on *web.Page, id string) (web.Words, error) {
	if d.Permits.Holders != nil {
		names, err := d.Permits.Holders.Names(ctx, id)
		if err != nil {
			return web.Words{}, err
		}
		on.About(id, names[id])
		if names[id] != "" {
			return web.Plain(names[id]), nil
		}
	}
	name, err := d.Name(ctx)
	if err != nil || name == "" {
		return web.Say("permit.for.you"), err
	}
	return web.Plain(name), nil
}

// heldPage lists the permits of whom one acts for.
type heldPage struct{ HeldDeps }

type heldView struct {
	web.Page
	For    web.Words
	Groups []heldGroup
	Pager  web.Pager
	Empty  web.Empty
}

type heldGroup struct {
	Title web.Words
	Rows  []mineRow
}

func (p *heldPage) show(c *gin.Context) error {
	ctx := c.Request.Context()
	holder, _, err := p.Permits.Applicant(ctx)
	if fault.KindOf(err) == fault.Unauthenticated && err != nil { // staff hold none here
		c.Redirect(http.StatusSeeOther, "/")
		return nil
	}
	if err != nil {
		return err
	}
	v := &heldView{Page: p.Kit.Page(c, web.Say("held.title"))}
	if v.For, err = p.holder(ctx, &v.Page, holder); err != nil {
		return err
	}
	cursor := c.Query("cursor")
	list, next, err := p.Permits.Permits(ctx, cursor)
	if err != nil {
		return err
	}
	permits := make([]register.Permit, len(list))
	for i := range list {
		permits[i] = list[i].Permit
	}
	owed, err := p.Duties.OfPermits(ctx, permits)
	if err != nil {
		return err
	}
	now, over := heldGroup{Title: web.Say("held.now")}, heldGroup{Title: web.Say("held.over")}
	for i := range list {
		row := p.row(v.Lang, &list[i])
		if live(list[i].Stands) {
			p.owed(&row, owed[list[i].ID])
			now.Rows = append(now.Rows, row)
		} else {
			over.Rows = append(over.Rows, row)
		}
	}
	for _, g := range []heldGroup{now, over} {
		if len(g.Rows) > 0 {
			v.Groups = append(v.Groups, g)
		}
	}
	v.Empty = web.Empty{Icon: "certificate", Title: web.Say("held.none"), Words: web.Say("held.none.text"), Do: &web.Button{Words: web.Say("permit.list.empty.do"), Href: permitsPath}}
	v.Pager = web.Pager{Shown: len(list)}
	if cursor != "" {
		v.Pager.First = v.With("cursor", "")
		v.Empty.Title, v.Empty.Words, v.Empty.Do = web.Say("permit.list.end"), web.Say("held.end.words"), &web.Button{Words: web.Say("common.pager.first"), Href: v.Pager.First}
	}
	if next != "" {
		v.Pager.Next = v.With("cursor", next)
	}
	return p.Kit.Show(c, "portal/held", v)
}

// owed says in a row that something has to be handed in.
func (p *heldPage) owed(row *mineRow, list []duties.View) {
	today := p.Duties.Today()
	for i := range list {
		if d := &list[i]; d.Pressing(today) {
			key := "duty.row.soon"
			if d.Overdue(today) {
				key = "duty.row.overdue"
			}
			row.Facts = append(row.Facts, web.Say(key, "Name", d.Def.Name))
		}
	}
}

func live(s register.State) bool {
	return s == register.Valid || s == register.Suspended || s == register.Future
}

func (p *heldPage) row(l i18n.Lang, m *permits.Mine) mineRow {
	row := mineRow{Href: "/me/permits/" + m.PermitNo, Title: web.Data(m.TypeName), Chip: heldChip(m.Stands), Facts: []web.Words{web.Plain(m.PermitNo)}}
	if place := m.Particulars["place"]; place != "" {
		row.Facts = append(row.Facts, web.Plain(place))
	} else if place := m.Particulars["address"]; place != "" {
		row.Facts = append(row.Facts, web.Plain(place))
	}
	row.Facts = append(row.Facts, endWords(l, m))
	if live(m.Stands) && m.ValidUntil != nil {
		row.Facts = append(row.Facts, daysLeft(int(*m.ValidUntil-p.Register.Today())))
	}
	switch {
	case m.Next != "" && live(m.Stands):
		row.Facts = append(row.Facts, web.Say("held.row.next"))
	case m.Pending != nil:
		row.Facts = append(row.Facts, web.Say("held.row.pending."+string(m.Pending.Purpose)))
	case m.Renews() && m.Timing == permits.Open:
		row.Facts = append(row.Facts, web.Say("held.row.renew"))
	case m.Renews():
		row.Facts = append(row.Facts, web.Say("held.row.late"))
	}
	return row
}

func endWords(l i18n.Lang, m *permits.Mine) web.Words {
	switch {
	case m.ValidUntil == nil:
		return web.Say("held.endless")
	case m.Stands == register.Revoked || m.Stands == register.Cancelled:
		return web.Say("held.until.was", "Day", localDay(l, m.ValidUntil))
	}
	return web.Say("held.until", "Day", localDay(l, m.ValidUntil))
}

// daysLeft counts days of the calendar; the last day is one that is left.
func daysLeft(n int) web.Words {
	if n == 0 {
		return web.Say("held.left.today")
	}
	return web.Say("held.left", "Count", n)
}

// everyDay is a day in every language.
func everyDay(d calendar.Date) i18n.Text {
	t := make(i18n.Text, len(i18n.Langs))
	for _, l := range i18n.Langs {
		t[l] = localDay(l, &d)
	}
	return t
}
