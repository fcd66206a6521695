package desk

import (
	"context"
	"net/url"

	"github.com/gin-gonic/gin"

	"minqing/internal/calendar"
	"minqing/internal/cases"
	"minqing/internal/clocks"
	"minqing/internal/web"
)

// order is what the unit above wants, as the case page shows it on top.
type order struct {
	Form     web.Words
	Ground   web.Words
	By       web.Words
	Unit     web.Words
	Due      cases.Order
	Left     web.Chip
	Required string
	Answer   string
}

// order is the one that is open; nil when there is none.
func (p *casePage) order(ctx context.Context, one *cases.View, n names) (*order, error) {
	if one.SupervisedDue == nil || len(one.Orders) == 0 {
		return nil, nil //nolint:nilnil // most cases have none
	}
	last := one.Orders[len(one.Orders)-1]
	o := &order{Form: web.Say("case.order_form." + last.Form), Ground: web.Say("case.supervise." + last.Ground), By: n.unit(last.ByUnitID),
		Unit: n.unit(last.UnitID), Due: last}
	var err error
	if o.Left, err = p.orderChip(ctx, &one.Case, &last); err != nil {
		return nil, err
	}
	for _, e := range one.Events {
		switch e.Action {
		case cases.ActSupervise:
			o.Required, o.Answer = e.Text, ""
		case cases.ActAnswerOrder:
			o.Answer = e.Text
		}
	}
	return o, nil
}

// orderChip says what is left of the time that an order gives.
func (d Deps) orderChip(ctx context.Context, c *cases.Case, o *cases.Order) (web.Chip, error) {
	due := o.DueAt
	return d.leftChip(ctx, c, clocks.Clock{TimeLimit: o.TimeLimit, DueAt: &due})
}

// supervisedPage lists what is supervised, what is due first first.
type supervisedPage struct{ Deps }

type supervisedView struct {
	web.Page
	Rows  []inboxRow
	Pager web.Pager
	Empty web.Empty
}

func (p *supervisedPage) show(c *gin.Context) error {
	ctx := c.Request.Context()
	v := &supervisedView{Page: p.Kit.Page(c, web.Say("desk.supervised.title"))}
	v.Wide = true
	v.Back = &web.Link{Href: "/desk", Words: web.Say("desk.inbox.title")}
	list, next, err := p.Cases.Supervised(ctx, c.Query("cursor"), rowsUsual)
	if err != nil {
		return err
	}
	v.Pager.Shown = len(list)
	if c.Query("cursor") != "" {
		v.Pager.First = "/desk/supervised"
	}
	if next != "" {
		v.Pager.Next = "/desk/supervised?cursor=" + url.QueryEscape(next)
	}
	n, err := p.names(ctx)
	if err != nil {
		return err
	}
	items := make([]cases.Item, len(list))
	for i := range list {
		items[i] = list[i].Item
		items[i].SupervisedDue = nil // all of them are
	}
	if v.Rows, err = (&inboxPage{Deps: p.Deps}).rows(ctx, n, items); err != nil {
		return err
	}
	for i := range v.Rows {
		o := &list[i].Order
		if v.Rows[i].Due, err = p.orderChip(ctx, &list[i].Case, o); err != nil {
			return err
		}
		chips := []web.Chip{{Tone: web.ToneWatch, Words: web.Say("case.order_form." + o.Form)}, {Words: web.Say("case.supervise." + o.Ground)}}
		if o.AnsweredAt != nil {
			chips = append(chips, web.Chip{Tone: web.ToneDone, Words: web.Say("desk.chip.answered", "Day", dayText(calendar.DateOf(*o.AnsweredAt, n.zone)))})
		}
		v.Rows[i].Chips = append(chips, v.Rows[i].Chips...)
		v.Rows[i].add(web.Say("desk.supervised.by", "Unit", argument(n.unit(o.ByUnitID))))
	}
	v.Empty = web.Empty{Title: web.Say("desk.supervised.none"), Words: web.Say("desk.supervised.none.words")}
	return p.Kit.Show(c, "desk/supervised", v)
}

// order asks for what the acts about an order need.
func (b *asking) order(a cases.Action) {
	days := func(label string) {
		f := b.line("days")
		f.Mode, f.Width, f.Label = "numeric", "5", web.Say(label)
	}
	switch a {
	case cases.ActSupervise:
		options := choices("case.order_form.", cases.OrderForms)[1:]
		for i := range options {
			options[i].Hint = web.Say("case.order_form." + options[i].Value + ".hint")
		}
		b.choose("form", options)
		b.pick("reason", "", choices("case.supervise.", cases.OrderGrounds)).Label = web.Say("desk.field.order_ground")
		days("desk.field.order_days")
		b.write("text", "order_text")
	case cases.ActAnswerOrder:
		b.write("text", "order_answer")
	case cases.ActExtendOrder:
		days("desk.field.order_more")
		b.write("note", "order_note").Rows = 2
	case cases.ActCloseOrder:
		b.write("note", "order_note").Rows = 2
	}
}
