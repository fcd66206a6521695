package people

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"minqing/internal/access"
	"minqing/internal/i18n"
	"minqing/internal/outreach"
	"minqing/internal/outreach/offers"
	"minqing/internal/record"
	"minqing/internal/web"
)

// benefitsPage says to staff who talk with somebody why a benefit is, or is not, for
// them: what the person would see of it when signed in.
type benefitsPage struct{ Deps }

type benefitsView struct {
	web.Page
	Who   web.Words
	Rows  []listRow
	More  web.Words
	Empty *web.Empty
}

func (d Deps) registerBenefits(g gin.IRouter, often web.RouteOption) {
	if d.Offers == nil {
		return
	}
	page := &benefitsPage{d}
	d.Kit.GET(g, "/:id/benefits", access.RecordBenefits, page.list, often)
	d.Kit.GET(g, "/:id/benefits/:code", access.RecordBenefits, page.one, often)
}

// opened opens the record; nil when it leads to that of who stands for them.
func (p *benefitsPage) opened(c *gin.Context, of, rest string) (*record.Sheet, error) {
	sheet, err := p.Record.ForBenefits(c.Request.Context(), c.Param("id"), of)
	if err != nil {
		return nil, err
	}
	c.Header("Cache-Control", "no-store")
	if sheet.ID != c.Param("id") {
		c.Redirect(http.StatusSeeOther, "/people/"+sheet.ID+"/benefits"+rest)
		return nil, nil //nolint:nilnil // the answer is written
	}
	return sheet, nil
}

func (p *benefitsPage) list(c *gin.Context) error {
	sheet, err := p.opened(c, "", "")
	if err != nil || sheet == nil {
		return err
	}
	list, err := p.Offers.Catalogued(c.Request.Context())
	if err != nil {
		return err
	}
	v := &benefitsView{Page: p.Kit.Page(c, web.Say("people.benefits.title")), Who: named(sheet.View)}
	v.Back = &web.Link{Href: "/people/" + sheet.ID, Words: named(sheet.View)}
	list, v.More = cut(list, offers.CataloguedMost, "people.older")
	for i := range list {
		b := &list[i]
		v.Rows = append(v.Rows, listRow{Href: "/people/" + sheet.ID + "/benefits/" + b.Code, Title: web.Data(b.Name), Chip: standings[b.State], Facts: []web.Words{web.Data(b.Gives), p.unit(c, b.UnitID)}})
	}
	if len(list) == 0 {
		v.Empty = &web.Empty{Icon: "users", Title: web.Say("people.benefits.none"), Words: web.Say("people.benefits.none.text")}
	}
	return p.Kit.Show(c, "people/benefits", v)
}

type benefitView struct {
	web.Page
	Who     web.Words
	Gives   i18n.Text
	Says    string
	Verdict web.Words
	Chip    *web.Chip // how an offer of theirs stands
	Root    *reason
	Hidden  bool // what some conditions came to is not for the reader
	Public  web.Link
}

func (p *benefitsPage) one(c *gin.Context) error {
	ctx := c.Request.Context()
	b, err := p.Offers.Public(ctx, c.Param("code"))
	if err != nil {
		return err
	}
	sheet, err := p.opened(c, b.Name.In(i18n.En), "/"+b.Code)
	if err != nil || sheet == nil {
		return err
	}
	v := &benefitView{Page: p.Kit.Page(c, web.Data(b.Name)), Who: named(sheet.View), Gives: b.Gives, Public: web.Link{Href: "/offers/" + b.Code, Words: web.Say("people.benefit.public")}}
	v.Back = &web.Link{Href: "/people/" + sheet.ID + "/benefits", Words: web.Say("people.benefits.title")}
	terms, err := p.Offers.Terms(ctx, b)
	if err != nil {
		return err
	}
	v.Says = p.Segments.Sentence(terms, v.Lang)
	why, err := p.Offers.WhyNotOf(ctx, b, sheet.Family, v.Lang)
	if err != nil {
		return err
	}
	shown := why.Reason.Veiled(sheet.Hides)
	v.Root, v.Hidden, v.Verdict = reasoned(shown, p.Kit.Format(v.Lang)), veiled(shown), verdictOf(why, shown)
	if why.Offer != nil {
		v.Chip = offerChip(why.Offer.State)
	}
	return p.Kit.Show(c, "people/benefit", v)
}

// verdictOf is the answer to "why not me?" as staff may give it.
func verdictOf(why *offers.WhyNot, shown *outreach.Reason) web.Words {
	if why.Off != "" && shown.Held == outreach.Yes {
		return web.Say("people.benefit.off", "Reason", i18n.Key("people.benefit.off."+why.Off))
	}
	return web.Say("people.benefit." + string(shown.Held))
}

func veiled(r *outreach.Reason) bool {
	if r.Op == outreach.Cond {
		return r.Held == outreach.Hidden
	}
	for _, part := range r.Of {
		if veiled(part) {
			return true
		}
	}
	return false
}
