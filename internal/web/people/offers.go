package people

import (
	"time"

	"github.com/gin-gonic/gin"

	"minqing/internal/access"
	"minqing/internal/calendar"
	"minqing/internal/i18n"
	"minqing/internal/outreach/offers"
	"minqing/internal/web"
)

func (d Deps) registerOffers(g *gin.RouterGroup) {
	if d.Offers == nil {
		return
	}
	often := web.Throttle(60, time.Minute, web.ByActor)
	list, write, one, people := &offersPage{d}, &offerWritePage{d}, &offerPage{d}, &offerListPage{d}
	d.Kit.GET(g, "/offers", access.OfferRead, list.show)
	d.Kit.GET(g, "/offers/new", access.OfferWrite, write.blank)
	d.Kit.POST(g, "/offers/new", access.OfferWrite, write.post, web.Timeout(counting), often)
	d.Kit.GET(g, "/offers/:id", access.OfferRead, one.show)
	d.Kit.POST(g, "/offers/:id", access.OfferWrite, one.act)
	d.Kit.GET(g, "/offers/:id/edit", access.OfferWrite, write.edit)
	d.Kit.POST(g, "/offers/:id/edit", access.OfferWrite, write.post, web.Timeout(counting), often)
	d.Kit.GET(g, "/offers/:id/lists/:list", access.OfferRead, people.show, often)
	d.Kit.POST(g, "/offers/:id/lists/:list", access.OfferRead, people.act)
	d.Kit.GET(g, "/offers/:id/lists/:list/:offer", access.OfferRead, people.one, often)
	d.Kit.POST(g, "/offers/:id/lists/:list/:offer", access.OfferRead, people.trim)
}

// offersPage lists the benefits of the units that the reader answers for.
type offersPage struct{ Deps }

type offersView struct {
	web.Page
	Areas []web.Link
	New   *web.Button
	Rows  []listRow
	Pager web.Pager
	Empty *web.Empty
}

var standings = map[offers.Standing]web.Chip{offers.Draft: {Words: web.Say("offer.standing.draft")}, offers.Published: {Tone: web.ToneDone, Words: web.Say("offer.standing.published")},
	offers.Ended: {Tone: web.ToneInfo, Words: web.Say("offer.standing.ended")}}

func (p *offersPage) show(c *gin.Context) error {
	ctx := c.Request.Context()
	v := &offersView{Page: p.Kit.Page(c, web.Say("offer.list.title")), Areas: p.areas(c, "/people/offers")}
	list, next, err := p.Offers.List(ctx, c.Query("cursor"))
	if err != nil {
		return err
	}
	if p.Access.Can(ctx, access.OfferWrite) == nil {
		v.New = &web.Button{Words: web.Say("offer.new"), Href: "/people/offers/new"}
	}
	if len(list) == 0 {
		v.Empty = &web.Empty{Icon: "users", Title: web.Say("offer.list.none"), Words: web.Say("offer.list.none.text")}
		return p.Kit.Show(c, "people/offers", v)
	}
	f := p.Kit.Format(v.Lang)
	for _, b := range list {
		row := listRow{Href: "/people/offers/" + b.ID, Title: web.Data(b.Name), Chip: standings[b.State], Facts: []web.Words{p.unit(c, b.UnitID)}}
		for _, one := range []struct {
			key string
			n   int64
		}{{"offer.waiting", b.Waiting}, {"offer.open", b.Open}, {"offer.granted", b.Granted}} {
			if one.n > 0 {
				row.Facts = append(row.Facts, web.Say("offer.list.count", "What", i18n.Key(one.key), "Count", f.Number(one.n)))
			}
		}
		v.Rows = append(v.Rows, row)
	}
	v.Pager = pager(c, &v.Page, len(v.Rows), next)
	return p.Kit.Show(c, "people/offers", v)
}

// offerPage is one benefit: what it says, whom it fits, and its lists.
type offerPage struct{ Deps }

type offerView struct {
	web.Page
	Benefit *offers.Benefit
	Chip    web.Chip
	Says    string
	Facts   []web.SummaryRow
	Write   bool
	Draft   bool
	Edit    *web.Button
	Match   bool
	End     bool
	Public  *web.Link
	Lists   *web.Table
	More    web.Words // what Lists leave out
	Empty   *web.Empty
}

func (p *offerPage) show(c *gin.Context) error { return p.page(c, nil) }

func (p *offerPage) page(c *gin.Context, failed error) error {
	ctx := c.Request.Context()
	b, err := p.Offers.Get(ctx, c.Param("id"))
	if err != nil {
		return err
	}
	v := &offerView{Page: p.Kit.Page(c, web.Data(b.Name)), Benefit: b, Chip: standings[b.State], Write: p.Offers.May(ctx, b, access.OfferWrite)}
	v.Back = &web.Link{Href: "/people/offers", Words: web.Say("offer.list.title")}
	if rest := v.Fail(failed); rest != nil {
		return rest
	}
	terms, err := p.Offers.Terms(ctx, b)
	if err != nil {
		return err
	}
	v.Says = p.Segments.Sentence(terms, v.Lang)
	if v.Facts, err = p.benefitFacts(c, &v.Page, b); err != nil {
		return err
	}
	v.Draft, v.Match, v.End = v.Write && b.State == offers.Draft, v.Write && b.State == offers.Published, v.Write && b.State == offers.Published
	if v.Write && b.State != offers.Ended {
		v.Edit = &web.Button{Words: web.Say("offer.edit"), Href: "/people/offers/" + b.ID + "/edit", Kind: "secondary"}
	}
	if b.State == offers.Published {
		v.Public = &web.Link{Href: "/offers/" + b.Code, Words: web.Say("offer.public")}
	}
	lists, err := p.Offers.Lists(ctx, b.ID)
	if err != nil {
		return err
	}
	lists, v.More = cut(lists, offers.ListsMost, "people.older")
	for _, l := range lists {
		v.Match = v.Match && l.State != offers.Matching && l.State != offers.Open
	}
	if len(lists) == 0 {
		v.Empty = &web.Empty{Icon: "users", Title: web.Say("offer.lists.none"), Words: web.Say("offer.lists.none.text")}
		return p.Kit.Show(c, "people/offer", v)
	}
	f := p.Kit.Format(v.Lang)
	v.Lists = &web.Table{ID: "lists", Caption: web.Say("offer.lists"), Columns: []web.Column{{Words: web.Say("offer.matched_on")}, {Words: web.Say("offer.standing")}, {Words: web.Say("offer.found"), Numeric: true}}}
	for _, l := range lists {
		v.Lists.Rows = append(v.Lists.Rows, web.Row{Href: "/people/offers/" + b.ID + "/lists/" + l.ID, Cells: []web.Cell{{Words: civil(l.MatchedOn, f)}, {Words: web.Say("offer.liststate." + l.State)}, {Words: web.Plain(f.Number(l.Found))}}})
	}
	return p.Kit.Show(c, "people/offer", v)
}

// benefitFacts is what a benefit says beside its conditions.
func (d Deps) benefitFacts(c *gin.Context, page *web.Page, b *offers.Benefit) ([]web.SummaryRow, error) {
	snap, err := d.Catalogue.Snapshot(c.Request.Context())
	if err != nil {
		return nil, err
	}
	matter := web.Plain("")
	if m, err := snap.Matter(b.MatterID); err == nil {
		matter = web.Data(m.Name)
	}
	authors, err := d.Accounts.Names(c.Request.Context(), b.AuthorID)
	if err != nil {
		return nil, err
	}
	money := web.Say("offer.money.no")
	if b.MovesMoney {
		money = web.Say("offer.money.yes")
	}
	rows := []web.SummaryRow{{Key: web.Say("offer.gives"), Value: web.Data(b.Gives)}}
	if b.Amount > 0 {
		rows = append(rows, web.SummaryRow{Key: web.Say("offer.amount"), Value: web.Say("offer.amount.is", "Amount", d.Kit.Format(page.Lang).Number(b.Amount))})
	}
	return append(rows, web.SummaryRow{Key: web.Say("offer.money"), Value: money}, web.SummaryRow{Key: web.Say("offer.window"), Value: web.Say("offer.window.is", "Count", b.WindowDays)},
		web.SummaryRow{Key: web.Say("offer.per"), Value: web.Say("offer.per." + string(b.Per))}, web.SummaryRow{Key: web.Say("offer.law"), Value: web.Data(b.Law)},
		web.SummaryRow{Key: web.Say("offer.unit"), Value: d.unit(c, b.UnitID)}, web.SummaryRow{Key: web.Say("offer.matter"), Value: matter},
		web.SummaryRow{Key: web.Say("offer.author"), Value: web.Plain(authors[b.AuthorID])}), nil
}

// act publishes a benefit, ends it, or has whom it fits found.
func (p *offerPage) act(c *gin.Context) error {
	ctx, id := c.Request.Context(), c.Param("id")
	var in struct {
		Do      string `form:"do"`
		Version int64  `form:"version"`
	}
	if err := web.Decode(c, &in); err != nil {
		return p.page(c, err)
	}
	to, err := "/people/offers/"+id, error(nil)
	switch in.Do {
	case "publish":
		err = p.Offers.Publish(ctx, id, in.Version)
	case "end":
		err = p.Offers.End(ctx, id, in.Version)
	case "match":
		var list string
		if list, err = p.Offers.Match(ctx, id); err == nil {
			to += "/lists/" + list
		}
	default:
		return errUnknownAct
	}
	if err != nil {
		return p.page(c, err)
	}
	return p.done(c, "offer.done."+in.Do, to)
}

func dayOr(d *calendar.Date) calendar.Date {
	if d == nil {
		return 0
	}
	return *d
}
