package desk

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"minqing/internal/access"
	"minqing/internal/calendar"
	"minqing/internal/fault"
	"minqing/internal/i18n"
	"minqing/internal/replies"
	"minqing/internal/web"
)

// textsPage keeps the prepared texts of one kind: templates or articles.
type textsPage struct {
	Deps
	kind replies.Kind
	base string
}

type textsView struct {
	web.Page
	Base   string
	Kind   replies.Kind
	Search *web.Field
	New    *web.Button
	Rows   []textRow
}

type textRow struct {
	Href    string
	Title   string
	Unit    web.Words
	Matter  web.Words
	Chips   []web.Chip
	Updated time.Time
}

func registerTexts(d Deps) {
	t := &textsPage{d, replies.Template, "/desk/templates"}
	k := &textsPage{d, replies.Article, "/desk/knowledge"}
	g := d.Kit.Group("/desk")
	for _, p := range []*textsPage{t, k} {
		write, name, read := p.kind.Verb(), strings.TrimPrefix(p.base, "/desk"), access.DeskEnter
		if p.kind == replies.Template {
			read = write
		}
		d.Kit.GET(g, name, read, p.list)
		d.Kit.GET(g, name+"/new", write, p.edit)
		d.Kit.POST(g, name+"/new", write, p.save, web.Keeps(typedInText))
		d.Kit.GET(g, name+"/:id", read, p.show)
		d.Kit.GET(g, name+"/:id/edit", write, p.edit)
		d.Kit.POST(g, name+"/:id/edit", write, p.save, web.Keeps(typedInText))
	}
}

func typedInText(name string) web.Words {
	if name == "body" {
		return web.Say("desk.texts.body")
	}
	return web.Words{}
}

// list shows the texts, those that hold the words that are looked for.
func (p *textsPage) list(c *gin.Context) error {
	ctx := c.Request.Context()
	v := &textsView{Page: p.Kit.Page(c, web.Say("desk.texts.title."+string(p.kind))), Base: p.base, Kind: p.kind}
	v.Wide = true
	query := strings.TrimSpace(c.Query("q"))
	v.Search = &web.Field{Name: "q", Label: web.Say("desk.texts.search"), Value: query, Width: "20", Complete: "off"}
	found, err := p.Replies.Search(ctx, p.kind, query)
	if err != nil {
		return err
	}
	n, err := p.names(ctx)
	if err != nil {
		return err
	}
	day, err := p.today(ctx)
	if err != nil {
		return err
	}
	if p.Access.Can(ctx, p.kind.Verb()) == nil {
		v.New = &web.Button{Words: web.Say("desk.texts.new." + string(p.kind)), Href: p.base + "/new", Icon: "pencil"}
	}
	for i := range found {
		if p.kind == replies.Template && !p.keeps(ctx, n, &found[i]) {
			continue
		}
		v.Rows = append(v.Rows, p.row(&found[i], n, day))
	}
	return p.Kit.Show(c, "desk/texts", v)
}

// keeps says whether the reader may change a text.
func (p *textsPage) keeps(ctx context.Context, n names, t *replies.Text) bool {
	u, err := n.snap.Unit(t.UnitID)
	return err == nil && p.Access.CanOn(ctx, p.kind.Verb(), access.Object{UnitPaths: []string{u.Path}}) == nil
}

func (p *textsPage) row(t *replies.Text, n names, day calendar.Date) textRow {
	return textRow{Href: p.base + "/" + t.ID, Title: t.Title, Unit: n.unit(t.UnitID), Matter: textMatter(t, n), Chips: textChips(t, day), Updated: t.UpdatedAt}
}

func textMatter(t *replies.Text, n names) web.Words {
	if t.MatterID == nil {
		return web.Say("desk.texts.any")
	}
	return n.matter(t.MatterID)
}

func textChips(t *replies.Text, day calendar.Date) []web.Chip {
	chips := []web.Chip{{Words: web.Plain(t.Locale.Name())}}
	switch {
	case t.Retired:
		chips = append(chips, web.Chip{Words: web.Say("desk.texts.retired")})
	case t.ValidTo != nil && *t.ValidTo < day:
		chips = append(chips, web.Chip{Tone: web.ToneOver, Words: web.Say("desk.texts.expired")})
	case !t.On(day):
		chips = append(chips, web.Chip{Tone: web.ToneDue, Words: web.Say("desk.texts.later")})
	}
	if t.Public {
		chips = append(chips, web.Chip{Tone: web.ToneInfo, Words: web.Say("desk.texts.public")})
	}
	return chips
}

// today is the local day of the government.
func (d Deps) today(ctx context.Context) (calendar.Date, error) {
	n, err := d.names(ctx)
	if err != nil {
		return 0, err
	}
	zone := n.zone
	if zone == nil {
		zone = time.UTC
	}
	return calendar.DateOf(d.Now(), zone), nil
}

type textView struct {
	web.Page
	Base     string
	Text     *replies.Text
	Chips    []web.Chip
	Facts    []web.SummaryRow
	Edit     *web.Button
	Versions []textVersion
}

type textVersion struct {
	No      int64
	At      time.Time
	By      string
	Changes []replies.Stretch
}

// show is one text with what it was before.
func (p *textsPage) show(c *gin.Context) error {
	ctx := c.Request.Context()
	t, err := p.Replies.Get(ctx, p.kind, c.Param("id"))
	if err != nil {
		return err
	}
	n, err := p.names(ctx)
	if err != nil {
		return err
	}
	mine := p.keeps(ctx, n, t)
	if !mine && p.kind == replies.Template {
		return fault.New(fault.NotFound, "replies.missing")
	}
	day, err := p.today(ctx)
	if err != nil {
		return err
	}
	v := &textView{Page: p.Kit.Page(c, web.Plain(t.Title)), Base: p.base, Text: t, Chips: textChips(t, day)}
	v.Back = &web.Link{Href: p.base, Words: web.Say("desk.texts.title." + string(p.kind))}
	if mine {
		v.Edit = &web.Button{Words: web.Say("desk.texts.edit"), Href: p.base + "/" + t.ID + "/edit", Icon: "pencil"}
	}
	if err := p.past(ctx, v, t); err != nil {
		return err
	}
	v.facts(t, n)
	return p.Kit.Show(c, "desk/text", v)
}

func (v *textView) facts(t *replies.Text, n names) {
	add := func(key string, value web.Words) {
		if !value.IsZero() {
			v.Facts = append(v.Facts, web.SummaryRow{Key: web.Say(key), Value: value})
		}
	}
	f := i18n.Format{Lang: v.Lang, Zone: n.zone}
	add("desk.texts.unit", n.unit(t.UnitID))
	add("desk.texts.matter", textMatter(t, n))
	add("desk.texts.basis", web.Plain(t.LegalBasis))
	if t.ValidFrom != nil {
		add("desk.texts.from", web.Plain(f.CivilDate(t.ValidFrom.UTC().Date())))
	}
	if t.ValidTo != nil {
		add("desk.texts.to", web.Plain(f.CivilDate(t.ValidTo.UTC().Date())))
	}
	if len(v.Versions) > 0 {
		add("desk.texts.owner", web.Plain(v.Versions[0].By))
	}
}

// past puts each version beside the one before it.
func (p *textsPage) past(ctx context.Context, v *textView, t *replies.Text) error {
	list, err := p.Replies.Versions(ctx, t.ID)
	if err != nil {
		return err
	}
	var ids []string
	for _, one := range list {
		if one.AccountID != nil {
			ids = append(ids, *one.AccountID)
		}
	}
	known, err := p.People.Names(ctx, ids...)
	if err != nil {
		return err
	}
	for i, one := range list {
		r := textVersion{No: one.Version, At: one.At}
		if one.AccountID != nil {
			r.By = known[*one.AccountID]
		}
		if i+1 < len(list) {
			r.Changes = replies.Diff(list[i+1].Body, one.Body)
		}
		v.Versions = append(v.Versions, r)
	}
	return nil
}

// done says that a text is kept, and shows it.
func (p *textsPage) done(c *gin.Context, id string) error {
	if err := p.Kit.Flash(c, web.Notice{Tone: web.ToneDone, Words: web.Say("desk.texts.done")}); err != nil {
		return err
	}
	c.Redirect(http.StatusSeeOther, p.base+"/"+id)
	return nil
}
