package portal

import (
	"net/http"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"minqing/internal/access"
	"minqing/internal/actor"
	"minqing/internal/calendar"
	"minqing/internal/catalogue"
	"minqing/internal/fault"
	"minqing/internal/i18n"
	"minqing/internal/outreach"
	"minqing/internal/outreach/offers"
	"minqing/internal/web"
)

// OfferDeps are what the pages of offers work with.
type OfferDeps struct {
	Kit       *web.Kit
	Offers    *offers.Service
	Outreach  *outreach.Service
	Catalogue *catalogue.Service
	Zone      *time.Location
}

// RegisterOffers mounts what is offered to whom, and what somebody says to it.
func RegisterOffers(d OfferDeps) {
	k, e := d.Kit, d.Kit.Engine()
	slow, own := web.Throttle(30, time.Minute, web.ByIP), web.Throttle(30, time.Minute, web.ByActor)
	list, mine, link := &offersPage{d}, &ownOffersPage{d}, &offerLinkPage{d}
	k.GET(e, "/offers", web.Public, list.show)
	k.GET(e, "/offers/:code", web.Public, list.one)
	k.GET(e, "/me/offers", access.OwnRead, mine.show)
	k.POST(e, "/me/offers/:id", access.OwnRead, mine.send, slow, own)
	k.GET(e, "/offer/:token", web.Public, link.show, slow)
	k.POST(e, "/offer/:token", web.Public, link.send, slow)
}

// offersPage says what is offered, and to whoever is signed in whether it fits.
type offersPage struct{ OfferDeps }

type offersView struct {
	web.Page
	Rows  []mineRow
	Own   *web.Link
	More  web.Words // what Rows leave out
	Empty web.Empty
}

func (p *offersPage) show(c *gin.Context) error {
	ctx := c.Request.Context()
	list, err := p.Offers.Catalogued(ctx)
	if err != nil {
		return err
	}
	v := &offersView{Page: p.Kit.Page(c, web.Say("offer.public.title"))}
	if actor.From(ctx).ConstituentID != "" {
		v.Own = &web.Link{Href: "/me/offers", Words: web.Say("offer.own.title")}
	}
	v.Empty = web.Empty{Title: web.Say("offer.public.none"), Words: web.Say("offer.public.none.text"), Do: &web.Button{Words: web.Say("nav.matters"), Href: "/matters"}}
	if len(list) > offers.CataloguedMost {
		list, v.More = list[:offers.CataloguedMost], web.Say("offer.older", "Count", offers.CataloguedMost)
	}
	for i := range list {
		b := &list[i]
		v.Rows = append(v.Rows, mineRow{Href: "/offers/" + b.Code, Title: web.Data(b.Name), Chip: moneyChip(b.MovesMoney), Facts: []web.Words{web.Data(b.Gives)}})
	}
	return p.Kit.Show(c, "portal/offers", v)
}

func moneyChip(moves bool) web.Chip {
	if moves {
		return web.Chip{Tone: web.ToneInfo, Words: web.Say("offer.chip.agree")}
	}
	return web.Chip{Tone: web.ToneDone, Words: web.Say("offer.chip.silent")}
}

// reasonView is a condition with what it came to.
type reasonView struct {
	Says web.Words
	Chip web.Chip
	Of   []*reasonView
}

var heldChips = map[outreach.Held]web.Chip{outreach.Yes: {Tone: web.ToneDone, Words: web.Say("offer.held.yes")}, outreach.No: {Tone: web.ToneOver, Words: web.Say("offer.held.no")},
	outreach.Unknown: {Tone: web.ToneDue, Words: web.Say("offer.held.unknown")}}

func shownReason(r *outreach.Reason) *reasonView {
	out := &reasonView{Says: web.Plain(r.Says), Chip: heldChips[r.Held]}
	if r.Op != outreach.Cond {
		out.Says = web.Say("segment.why." + string(r.Op))
	}
	for _, part := range r.Of {
		out.Of = append(out.Of, shownReason(part))
	}
	return out
}

type offerView struct {
	web.Page
	Benefit *offers.Benefit
	About   []string
	Says    string
	Facts   []web.SummaryRow
	Mine    *web.Notice
	Root    *reasonView
	Verdict web.Words
	Explain web.Words
	Correct web.Button
	SignIn  *web.Button
	Staff   bool
}

func (p *offersPage) one(c *gin.Context) error {
	ctx := c.Request.Context()
	b, err := p.Offers.Public(ctx, c.Param("code"))
	if err != nil {
		return err
	}
	v := &offerView{Page: p.Kit.Page(c, web.Data(b.Name)), Benefit: b}
	v.Back = &web.Link{Href: "/offers", Words: web.Say("offer.public.title")}
	terms, err := p.Offers.Terms(ctx, b)
	if err != nil {
		return err
	}
	v.Says = p.Outreach.Sentence(terms, v.Lang)
	for _, line := range strings.Split(b.About.In(v.Lang), "\n") {
		if line = strings.TrimSpace(line); line != "" {
			v.About = append(v.About, line)
		}
	}
	if err := p.facts(c, v); err != nil {
		return err
	}
	why, err := p.Offers.WhyNot(ctx, b, v.Lang)
	if err != nil {
		return err
	}
	if why == nil {
		v.Staff = actor.From(ctx).Kind == actor.Staff
		if !v.Staff {
			v.SignIn = &web.Button{Words: web.Say("offer.sign_in"), Href: "/sign-in?next=/offers/" + b.Code}
		}
		return p.Kit.Show(c, "portal/offer", v)
	}
	v.Root = shownReason(why.Reason)
	v.Verdict, v.Explain = web.Say("offer.verdict."+string(why.Reason.Held)), web.Say("offer.verdict."+string(why.Reason.Held)+".text")
	if why.Off != "" && why.Reason.Held == outreach.Yes {
		v.Verdict, v.Explain = web.Say("offer.verdict.off"), web.Say("offer.verdict.off.text", "Reason", i18n.Key("offer.off."+why.Off))
	}
	if o := why.Offer; o != nil {
		v.Mine = &web.Notice{Tone: offerTones[o.State], Title: web.Say("offer.state." + string(o.State)), Words: web.Say("offer.mine.text"), Link: &web.Link{Href: "/me/offers", Words: web.Say("offer.own.title")}}
	}
	return p.Kit.Show(c, "portal/offer", v)
}

func (p *offersPage) facts(c *gin.Context, v *offerView) error {
	snap, err := p.Catalogue.Snapshot(c.Request.Context())
	if err != nil {
		return err
	}
	b := v.Benefit
	unit := web.Plain("")
	if u, err := snap.Unit(b.UnitID); err == nil {
		unit = web.Data(u.Name)
	}
	how := web.Say("offer.how.silent", "Count", b.WindowDays)
	if b.MovesMoney {
		how = web.Say("offer.how.agree", "Count", b.WindowDays)
	}
	v.Facts = []web.SummaryRow{{Key: web.Say("offer.how"), Value: how}, {Key: web.Say("offer.per"), Value: web.Say("offer.per." + string(b.Per))}}
	if b.Amount > 0 {
		v.Facts = append(v.Facts, web.SummaryRow{Key: web.Say("offer.amount"), Value: web.Say("offer.amount.is", "Amount", p.Kit.Format(v.Lang).Number(b.Amount))})
	}
	v.Facts = append(v.Facts, web.SummaryRow{Key: web.Say("offer.law"), Value: web.Data(b.Law)}, web.SummaryRow{Key: web.Say("offer.unit"), Value: unit})
	v.Correct = web.Button{Words: web.Say("offer.wrong.do"), Href: "/file"}
	if m, err := snap.Matter(b.MatterID); err == nil {
		v.Correct.Href = "/file/" + m.Code
	}
	return nil
}

// ownOffersPage is what was offered to the signed-in person.
type ownOffersPage struct{ OfferDeps }

type ownOffersView struct {
	web.Page
	Items []*offeredView
	Empty web.Empty
}

// offeredView is one offer as its person sees it.
type offeredView struct {
	ID         string
	Benefit    *offers.Benefit
	Law        i18n.Text
	Chip       web.Chip
	Status     web.Words
	WhyTitle   web.Words
	Shown      bool // the reasons are open: they say why nothing came of it
	Root       *reasonView
	CaseHref   string
	Open       bool
	Objected   bool
	AgreeWords web.Words
	Action     string
	Note       web.Field
}

var offerTones = map[offers.State]web.Tone{offers.Offered: web.ToneDue, offers.Agreed: web.ToneInfo, offers.Granted: web.ToneDone, offers.Refused: web.ToneOver}

func (d OfferDeps) offered(p *web.Page, m *offers.Mine, action, typed string) *offeredView {
	f := p.Lang
	o := &offeredView{ID: m.ID, Benefit: m.Benefit, Law: m.Law, Chip: web.Chip{Tone: offerTones[m.State], Words: web.Say("offer.state." + string(m.State))}, Root: shownReason(m.Reason),
		Open: m.Open, Objected: m.State == offers.Objected, Action: action, WhyTitle: web.Say("offer.own.why"), AgreeWords: web.Say("offer.own.agree")}
	if !m.MovesMoney {
		o.AgreeWords = web.Say("offer.own.now")
	}
	if m.CaseNo != "" {
		o.CaseHref = "/cases/" + m.CaseNo
	}
	key := "offer.status." + string(m.State)
	switch m.State {
	case offers.Offered:
		if m.MovesMoney {
			key += ".money"
		}
		if !m.Open {
			key = "offer.status.over"
		}
	case offers.Refused:
		key += "." + m.Offer.Reason
		o.Shown, o.WhyTitle = true, web.Say("offer.own.why_not")
	}
	o.Status = web.Say(key, "Day", localDay(f, m.RespondOn), "CaseNo", m.CaseNo)
	o.Note = p.Bind(web.Field{Name: noteOf(m.ID), Label: web.Say("offer.own.note"), Value: typed, Rows: 2, Optional: true, Max: offers.NoteMost})
	return o
}

func localDay(l i18n.Lang, d *calendar.Date) string {
	if d == nil {
		return ""
	}
	return i18n.Format{Lang: l}.Date(d.UTC())
}

func (p *ownOffersPage) show(c *gin.Context) error { return p.page(c, nil) }

func (p *ownOffersPage) page(c *gin.Context, failed error) error {
	v := &ownOffersView{Page: p.Kit.Page(c, web.Say("offer.own.title"))}
	if rest := v.Fail(failed); rest != nil {
		return rest
	}
	list, err := p.Offers.Own(c.Request.Context(), v.Lang)
	if err != nil {
		return err
	}
	for i := range list {
		v.Items = append(v.Items, p.offered(&v.Page, &list[i], "/me/offers/"+list[i].ID, c.PostForm(noteOf(list[i].ID))))
	}
	v.Empty = web.Empty{Title: web.Say("offer.own.none"), Words: web.Say("offer.own.none.text"), Do: &web.Button{Words: web.Say("offer.own.all"), Href: "/offers"}}
	return p.Kit.Show(c, "portal/offer-own", v)
}

type offerAnswer struct {
	Do string `form:"do"`
}

// noteOf is the field in which somebody says why they object: each offer of a page
// has its own.
func noteOf(offerID string) string { return "note." + offerID }

// atNote shows what is wrong with a note at its field.
func atNote(err error, offerID string) error {
	if e, ok := fault.As(err); ok && len(e.Fields) == 1 && e.Fields[0].Name == "note" {
		f := e.Fields[0]
		f.Name = noteOf(offerID)
		return fault.InvalidInput(f)
	}
	return err
}

func (p *ownOffersPage) send(c *gin.Context) error {
	var in offerAnswer
	id, err := c.Param("id"), web.Decode(c, &in)
	if err == nil {
		err = p.Offers.Answer(c.Request.Context(), id, offers.Response(in.Do), c.PostForm(noteOf(id)))
	}
	if err != nil {
		return p.page(c, atNote(err, id))
	}
	return p.answered(c, in.Do, "/me/offers")
}

func (d OfferDeps) answered(c *gin.Context, do, to string) error {
	if err := d.Kit.Flash(c, web.Notice{Tone: web.ToneDone, Words: web.Say("offer.answered." + do)}); err != nil {
		return err
	}
	c.Redirect(http.StatusSeeOther, to)
	return nil
}

// offerLinkPage is an offer for whoever has the link of a message, without an
// account.
type offerLinkPage struct{ OfferDeps }

type offerLinkView struct {
	web.Page
	Item *offeredView
}

func (p *offerLinkPage) show(c *gin.Context) error { return p.page(c, nil) }

func (p *offerLinkPage) page(c *gin.Context, failed error) error {
	page := p.Kit.Page(c, web.Say("offer.own.title"))
	m, err := p.Offers.ByToken(c.Request.Context(), c.Param("token"), page.Lang)
	if err != nil {
		return err
	}
	v := &offerLinkView{Page: page}
	v.Title = web.Data(m.Benefit.Name)
	if rest := v.Fail(failed); rest != nil {
		return rest
	}
	v.Item = p.offered(&v.Page, m, c.Request.URL.Path, c.PostForm(noteOf(m.ID)))
	v.Item.CaseHref = "" // a case has a code of its own
	return p.Kit.Show(c, "portal/offer-link", v)
}

func (p *offerLinkPage) send(c *gin.Context) error {
	var in offerAnswer
	err := web.Decode(c, &in)
	token := c.Param("token")
	id := token[:min(len(token), 36)]
	if err == nil {
		err = p.Offers.AnswerByToken(c.Request.Context(), token, offers.Response(in.Do), c.PostForm(noteOf(id)))
	}
	if err != nil {
		return p.page(c, atNote(err, id))
	}
	return p.answered(c, in.Do, c.Request.URL.Path)
}
