package people

import (
	"github.com/gin-gonic/gin"

	"minqing/internal/access"
	"minqing/internal/fault"
	"minqing/internal/outreach"
	"minqing/internal/outreach/offers"
	"minqing/internal/web"
)

// offerListPage is a list of those whom a benefit fits, and one person on it.
type offerListPage struct{ Deps }

type offerListView struct {
	web.Page
	List     *offers.List
	Notice   *web.Notice
	Facts    []web.SummaryRow
	Counts   *web.Table
	People   *web.Table
	Next     string
	Confirm  bool
	Drop     bool
	Standing int64 // on the list and not taken off it
	Refresh  bool
	Action   string
}

var offerChips = map[offers.State]web.Tone{offers.Offered: web.ToneDue, offers.Agreed: web.ToneInfo, offers.Objected: web.ToneOver, offers.Granted: web.ToneDone, offers.Refused: web.ToneOver}

func offerChip(s offers.State) *web.Chip {
	return &web.Chip{Tone: offerChips[s], Words: web.Say("offer.state." + string(s))}
}

// listed is the list of the address: one of this benefit.
func (p *offerListPage) listed(c *gin.Context) (*offers.List, *offers.Benefit, error) {
	l, b, err := p.Offers.ListOf(c.Request.Context(), c.Param("list"))
	if err == nil && b.ID != c.Param("id") {
		return nil, nil, fault.New(fault.NotFound, "offer.missing")
	}
	return l, b, err
}

func (p *offerListPage) show(c *gin.Context) error { return p.page(c, nil) }

func (p *offerListPage) page(c *gin.Context, failed error) error {
	ctx := c.Request.Context()
	l, b, err := p.listed(c)
	if err != nil {
		return err
	}
	v := &offerListView{Page: p.Kit.Page(c, web.Say("offer.list_of", "Name", b.Name)), List: l, Action: "/people/offers/" + b.ID + "/lists/" + l.ID}
	v.Wide = true
	v.Back = &web.Link{Href: "/people/offers/" + b.ID, Words: web.Data(b.Name)}
	if rest := v.Fail(failed); rest != nil {
		return rest
	}
	f := p.Kit.Format(v.Lang)
	counts, err := p.Offers.Counts(ctx, l)
	if err != nil {
		return err
	}
	v.Standing = counts[offers.Matched]
	if err := p.about(c, v, b); err != nil {
		return err
	}
	if l.State == offers.Matching {
		v.Refresh = true
		v.Notice = &web.Notice{Tone: web.ToneInfo, Title: web.Say("offer.matching"), Words: web.Say("offer.matching.text", "Done", f.Number(l.Done), "Found", f.Number(l.Found))}
		return p.Kit.Show(c, "people/offer-list", v)
	}
	v.Counts = &web.Table{ID: "counts", Caption: web.Say("offer.counts"), Columns: []web.Column{{Words: web.Say("offer.standing")}, {Words: web.Say("offer.people"), Numeric: true}}}
	for _, s := range offers.States {
		if counts[s] > 0 {
			v.Counts.Rows = append(v.Counts.Rows, web.Row{Cells: []web.Cell{{Words: web.Say("offer.state." + string(s))}, {Words: web.Plain(f.Number(counts[s]))}}})
		}
	}
	page, err := p.Offers.Rows(ctx, l, "", c.Query("cursor"))
	if err != nil {
		return err
	}
	v.People = &web.Table{ID: "people", Caption: web.Say("offer.who"), Columns: []web.Column{{Words: web.Say("people.who")}, {Words: web.Say("people.kind")}, {Words: web.Say("offer.standing")}, {Words: web.Say("offer.respond_on")}, {Words: web.Say("offer.case")}}}
	for _, r := range page.Items {
		until := web.Plain("—")
		if r.RespondOn != nil {
			until = civil(*r.RespondOn, f)
		}
		number := web.Plain("—")
		if r.CaseNo != "" {
			number = web.Plain(r.CaseNo)
		}
		v.People.Rows = append(v.People.Rows, web.Row{Href: v.Action + "/" + r.ID, Cells: []web.Cell{{Words: named(r.Person)}, {Words: web.Say("people.kind." + string(r.Person.Kind))},
			{Chip: offerChip(r.State)}, {Words: until}, {Words: number}}})
	}
	if page.Next != "" {
		v.Next = v.With("cursor", page.Next)
	}
	return p.Kit.Show(c, "people/offer-list", v)
}

// gives is what somebody on the list gets and by which conditions, those with which the
// list was made: whoever confirms it decides on that.
func (p *offerListPage) gives(c *gin.Context, v *offerListView, b *offers.Benefit) error {
	root, err := outreach.Parse([]byte(v.List.Definition))
	if err != nil {
		return err
	}
	terms, err := p.Segments.Terms(c.Request.Context(), root)
	if err != nil && fault.KindOf(err) != fault.Invalid { // a district of it went: nobody is matched by it any more
		return err
	}
	if err == nil {
		v.Facts = append(v.Facts, web.SummaryRow{Key: web.Say("offer.whom"), Value: web.Plain(p.Segments.Sentence(terms, v.Lang))})
	}
	money := web.Say("offer.money.no")
	if b.MovesMoney {
		money = web.Say("offer.money.yes")
	}
	v.Facts = append(v.Facts, web.SummaryRow{Key: web.Say("offer.gives"), Value: web.Data(b.Gives)}, web.SummaryRow{Key: web.Say("offer.money"), Value: money},
		web.SummaryRow{Key: web.Say("offer.law"), Value: web.Data(b.Law)})
	return nil
}

// about is who made and who confirmed a list, and what the reader may do with it.
func (p *offerListPage) about(c *gin.Context, v *offerListView, b *offers.Benefit) error {
	ctx, l, f := c.Request.Context(), v.List, p.Kit.Format(v.Lang)
	ids := []string{l.AuthorID}
	if l.ConfirmerID != nil {
		ids = append(ids, *l.ConfirmerID)
	}
	names, err := p.Accounts.Names(ctx, ids...)
	if err != nil {
		return err
	}
	if err := p.gives(c, v, b); err != nil {
		return err
	}
	v.Facts = append(v.Facts, []web.SummaryRow{{Key: web.Say("offer.matched_on"), Value: civil(l.MatchedOn, f)}, {Key: web.Say("offer.matched_by"), Value: web.Plain(names[l.AuthorID])},
		{Key: web.Say("offer.standing"), Value: web.Say("offer.liststate." + l.State)}}...)
	if l.ConfirmerID != nil && l.ConfirmedAt != nil {
		v.Facts = append(v.Facts, web.SummaryRow{Key: web.Say("offer.confirmed_by"), Value: web.Say("offer.confirmed_by.is", "Name", names[*l.ConfirmerID], "Day", f.DayTime(*l.ConfirmedAt))})
	}
	v.Drop = p.Offers.May(ctx, b, access.OfferWrite) && (l.State == offers.Open || l.State == offers.Matching)
	if l.State != offers.Open {
		return nil
	}
	switch err := p.Offers.MayConfirm(ctx, l, b); {
	case err == nil && v.Standing == 0:
		v.Notice = &web.Notice{Tone: web.ToneInfo, Title: web.Say("offer.nobody"), Words: web.Say("offer.nobody.text")}
	case err == nil:
		v.Confirm = true
	case fault.KindOf(err) == fault.Forbidden:
		v.Notice = &web.Notice{Tone: web.ToneDue, Title: web.Say("offer.second"), Words: web.Say("offer.second.text")}
	default:
		return err
	}
	return nil
}

func (p *offerListPage) act(c *gin.Context) error {
	ctx := c.Request.Context()
	var in struct {
		Do      string `form:"do"`
		Version int64  `form:"version"`
	}
	if err := web.Decode(c, &in); err != nil {
		return p.page(c, err)
	}
	l, b, err := p.listed(c)
	if err != nil {
		return err
	}
	to := "/people/offers/" + b.ID
	switch in.Do {
	case "confirm":
		err = p.Offers.Confirm(ctx, l.ID, in.Version)
		to += "/lists/" + l.ID
	case "drop":
		err = p.Offers.Drop(ctx, l.ID, in.Version)
	default:
		return errUnknownAct
	}
	if err != nil {
		return p.page(c, err)
	}
	return p.done(c, "offer.done."+in.Do, to)
}

type offerOneView struct {
	web.Page
	Who    web.Words
	Record string
	Chip   *web.Chip
	Facts  []web.SummaryRow
	Root   *reason
	Note   string
	Trim   bool
	Untrim bool
	Reason web.Field
	Text   web.Field
	Action string
}

func (p *offerListPage) one(c *gin.Context) error { return p.onePage(c, nil) }

func (p *offerListPage) onePage(c *gin.Context, failed error) error {
	ctx := c.Request.Context()
	if _, _, err := p.listed(c); err != nil {
		return err
	}
	page := p.Kit.Page(c, web.Say("offer.why.title"))
	e, l, b, err := p.Offers.Explain(ctx, c.Param("list"), c.Param("offer"), page.Lang)
	if err != nil {
		return err
	}
	v := &offerOneView{Page: page, Who: named(e.Person), Record: "/people/" + e.Person.ID, Chip: offerChip(e.State), Note: e.Note, Root: reasons(e.Reason), Action: c.Request.URL.Path}
	v.Back = &web.Link{Href: "/people/offers/" + b.ID + "/lists/" + l.ID, Words: web.Say("offer.list_of", "Name", b.Name)}
	if rest := v.Fail(failed); rest != nil {
		return rest
	}
	f := p.Kit.Format(v.Lang)
	if e.ToldAt != nil {
		v.Facts = append(v.Facts, web.SummaryRow{Key: web.Say("offer.told_at"), Value: web.Plain(f.DayTime(*e.ToldAt))}, web.SummaryRow{Key: web.Say("offer.respond_on"), Value: civil(dayOr(e.RespondOn), f)})
	}
	if e.Offer.Reason != "" {
		v.Facts = append(v.Facts, web.SummaryRow{Key: web.Say("offer.reason"), Value: web.Say("offer.reason." + e.Offer.Reason)})
	}
	if e.CaseNo != "" {
		v.Facts = append(v.Facts, web.SummaryRow{Key: web.Say("offer.case"), Value: web.Plain(e.CaseNo), Change: "/desk/cases/" + e.CaseNo})
	}
	may := l.State == offers.Open && (p.Offers.May(ctx, b, access.OfferWrite) || p.Offers.May(ctx, b, access.OfferConfirm))
	v.Trim, v.Untrim = may && e.State == offers.Matched, may && e.State == offers.Trimmed
	v.Reason = web.Field{Name: "reason", Label: web.Say("offer.trim.why"), Value: c.PostForm("reason")}
	for _, r := range offers.TrimReasons {
		v.Reason.Options = append(v.Reason.Options, web.Option{Value: r, Words: web.Say("offer.reason." + r)})
	}
	v.Reason = v.Bind(v.Reason)
	v.Text = v.Bind(web.Field{Name: "note", Label: web.Say("offer.trim.text"), Hint: web.Say("offer.trim.text.hint"), Value: c.PostForm("note"), Rows: 2, Optional: true, Max: offers.NoteMost})
	return p.Kit.Show(c, "people/offer-one", v)
}

// reasons shows what every condition came to.
func reasons(r *outreach.Reason) *reason {
	out := &reason{Says: web.Plain(r.Says), Chip: verdicts[r.Held]}
	if r.Op != outreach.Cond {
		out.Says = web.Say("segment.why." + string(r.Op))
	}
	for _, part := range r.Of {
		out.Of = append(out.Of, reasons(part))
	}
	return out
}

func (p *offerListPage) trim(c *gin.Context) error {
	ctx := c.Request.Context()
	var in struct {
		Do     string `form:"do"`
		Reason string `form:"reason"`
		Note   string `form:"note"`
	}
	if err := web.Decode(c, &in); err != nil {
		return p.onePage(c, err)
	}
	l, b, err := p.listed(c)
	if err != nil {
		return err
	}
	switch in.Do {
	case "trim":
		err = p.Offers.Trim(ctx, l.ID, c.Param("offer"), in.Reason, in.Note)
	case "untrim":
		err = p.Offers.Untrim(ctx, l.ID, c.Param("offer"))
	default:
		return errUnknownAct
	}
	if err != nil {
		return p.onePage(c, err)
	}
	return p.done(c, "offer.done."+in.Do, "/people/offers/"+b.ID+"/lists/"+l.ID)
}
