package desk

import (
	"context"

	"minqing/internal/calendar"
	"minqing/internal/cases"
	"minqing/internal/web"
)

// inboxRow is a case in two lines: when it is due and what it is; then its
// number, place, matter, stage, handler and age.
type inboxRow struct {
	Href   string
	CaseNo string
	Title  web.Words
	Due    web.Chip
	Chips  []web.Chip
	Facts  []web.Words
	Marked *cases.Passage // what a search found in it
}

// factsMost is how many facts a row has: place, matter, stage, unit, handler, age.
const factsMost = 6

func (p *inboxPage) rows(ctx context.Context, n names, items []cases.Item) ([]inboxRow, error) {
	var handlers []string
	several := false // units
	for i := range items {
		several = several || items[i].UnitID != items[0].UnitID
		if h := items[i].HandlerID; h != nil {
			handlers = append(handlers, *h)
		}
	}
	known, err := p.People.Names(ctx, handlers...)
	if err != nil {
		return nil, err
	}
	rows := make([]inboxRow, 0, len(items))
	for i := range items {
		one := &items[i].Case
		due, err := p.dueChip(ctx, one)
		if err != nil {
			return nil, err
		}
		age, err := p.age(ctx, one)
		if err != nil {
			return nil, err
		}
		r := inboxRow{Href: "/desk/cases/" + one.CaseNo, CaseNo: one.CaseNo, Title: web.Plain(one.ShownTitle()), Due: due, Chips: flags(one),
			Facts: make([]web.Words, 0, factsMost)}
		r.add(n.district(one.DistrictID), n.matter(one.MatterID), web.Say("case.status."+string(one.Status)))
		if several { // else every row would say the same
			r.add(n.unit(one.UnitID))
		}
		r.add(handlerOf(one, known), age)
		rows = append(rows, r)
	}
	return rows, p.markLate(ctx, rows, items)
}

func (r *inboxRow) add(facts ...web.Words) {
	for _, f := range facts {
		if !f.IsZero() {
			r.Facts = append(r.Facts, f)
		}
	}
}

// handlerOf names who handles the case; nothing where nobody is expected yet.
func handlerOf(c *cases.Case, known map[string]string) web.Words {
	switch {
	case c.HandlerID != nil:
		return web.Plain(known[*c.HandlerID])
	case c.SignedInAt != nil && !c.Status.Ended():
		return web.Say("desk.handler.none")
	}
	return web.Words{}
}

// age counts local days since the receipt.
func (d Deps) age(ctx context.Context, c *cases.Case) (web.Words, error) {
	zone, err := d.Cases.Zone(ctx, c)
	if err != nil {
		return web.Words{}, err
	}
	days := int(calendar.DateOf(d.Now(), zone) - c.ReceivedOn)
	if days <= 0 {
		return web.Say("desk.age.today"), nil
	}
	return web.Say("desk.age.days", "Count", days), nil
}

// flags are the facts about a case that change how one handles it.
func flags(c *cases.Case) []web.Chip {
	var chips []web.Chip
	if c.Urgent {
		chips = append(chips, web.Chip{Tone: web.ToneOver, Words: web.Say("desk.chip.urgent")})
	}
	if c.Confidentiality != cases.Normal {
		chips = append(chips, web.Chip{Icon: "lock", Words: web.Say("case.confidentiality." + string(c.Confidentiality))})
	}
	if !c.ExtensionAsked.IsZero() {
		chips = append(chips, web.Chip{Tone: web.ToneDue, Icon: "clock", Words: web.Say("desk.chip.extension", "By", limitWords(c.ExtensionAsked))})
	}
	if c.SupervisedDue != nil {
		chips = append(chips, web.Chip{Tone: web.ToneWatch, Words: web.Say("desk.chip.supervised")})
	}
	chips = append(chips, returns(c)...)
	if c.ReworkCount > 0 && !c.Status.Ended() {
		chips = append(chips, web.Chip{Tone: web.ToneDue, Icon: "refresh", Words: web.Say("desk.chip.rework")})
	}
	chips = append(chips, reviewed(c)...)
	if c.ReopenedCount > 0 && !c.Status.Ended() {
		chips = append(chips, web.Chip{Tone: web.ToneDue, Icon: "refresh", Words: web.Say("desk.chip.reopened")})
	}
	if c.Appealed {
		chips = append(chips, web.Chip{Tone: web.ToneWatch, Words: web.Say("desk.chip.appealed")})
	}
	return chips
}
