package portal

import (
	"github.com/gin-gonic/gin"

	"minqing/internal/actor"
	"minqing/internal/cases"
	"minqing/internal/i18n"
	"minqing/internal/web"
)

// mineMost is how many of one's own cases the page lists.
const mineMost = 50

type minePage struct{ Following }

type mineView struct {
	web.Page
	Rows  []mineRow
	Full  bool // there may be older ones
	Most  int
	Empty web.Empty
}

type mineRow struct {
	Href  string
	Title web.Words
	Chip  web.Chip
	Facts []web.Words
}

// show lists what the signed-in person has filed, newest first.
func (p *minePage) show(c *gin.Context) error {
	if actor.From(c.Request.Context()).ConstituentID == "" { // staff have none of their own
		c.Redirect(303, "/")
		return nil
	}
	list, err := p.Cases.Mine(c.Request.Context(), mineMost)
	if err != nil {
		return err
	}
	v := &mineView{Page: p.Kit.Page(c, web.Say("follow.mine.title")), Full: len(list) == mineMost, Most: mineMost}
	for i := range list {
		row, err := p.row(c, v.Lang, &list[i])
		if err != nil {
			return err
		}
		v.Rows = append(v.Rows, row)
	}
	v.Empty = web.Empty{Title: web.Say("follow.mine.empty.title"), Words: web.Say("follow.mine.empty.words"),
		Do: &web.Button{Words: web.Say("nav.file"), Href: "/file"}}
	return p.Kit.Show(c, "portal/mine", v)
}

// row says where a case stands and, while it is open, by when we answer.
func (p *minePage) row(c *gin.Context, lang i18n.Lang, one *cases.Case) (mineRow, error) {
	zone, err := p.Cases.Zone(c.Request.Context(), one)
	if err != nil {
		return mineRow{}, err
	}
	f := i18n.Format{Lang: lang, Zone: zone}
	row := mineRow{Href: "/cases/" + one.CaseNo, Title: web.Plain(one.Title), Chip: web.Chip{Tone: web.ToneInfo, Words: web.Say("case.status." + string(one.Status))},
		Facts: []web.Words{web.Plain(one.CaseNo), web.Say("case.kind." + string(one.Kind)), web.Say("follow.filed_on", "Day", f.Date(one.ReceivedAt))}}
	switch {
	case one.Status.Ended():
		row.Chip.Tone = web.ToneDone
		return row, nil
	case one.Status == cases.NeedInfo:
		row.Chip.Tone = web.ToneDue
	}
	if one.SuspendedAt != nil {
		row.Facts = append(row.Facts, web.Say("follow.stands.row"))
	}
	if one.DueAt != nil && one.Status.Stage() < 4 {
		left, err := p.Cases.DaysLeft(c.Request.Context(), one)
		if err != nil {
			return mineRow{}, err
		}
		key, args := i18n.DaysLeft(left)
		row.Facts = append(row.Facts, web.Words{Key: key, Args: args})
	}
	return row, nil
}
