package people

import (
	"net/url"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"minqing/internal/fault"
	"minqing/internal/i18n"
	"minqing/internal/outreach"
	"minqing/internal/outreach/offers"
	"minqing/internal/web"
)

// offerWritePage writes a benefit: what somebody gets, on which ground, and whom
// it fits. Like that of segments it works without any script.
type offerWritePage struct{ Deps }

type offerWriteView struct {
	web.Page
	Action  string
	Version int64
	Code    *web.Field
	Names   []web.Field
	Gives   []web.Field
	About   []web.Field
	Law     langFields
	Amount  web.Field
	Money   web.Field
	Window  web.Field
	Per     web.Field
	Unit    web.Field
	Matter  web.Field
	Root    *row
	Says    string
}

// writing is the form as it was sent.
type writing struct {
	form    url.Values
	in      offers.Written
	amount  string
	window  string
	rule    *rule
	paths   map[string]string
	version int64
}

func (t *writing) root() *outreach.Node {
	t.paths = map[string]string{"definition": "definition"}
	t.in.Root = t.rule.node("n", "n", t.paths)
	return t.in.Root
}

func (p *offerWritePage) read(c *gin.Context) (*writing, error) {
	var in struct {
		Version int64 `form:"version"`
	}
	err := web.Decode(c, &in)
	form := c.Request.PostForm
	for _, values := range form {
		for i, v := range values {
			values[i] = strings.TrimSpace(strings.ToValidUTF8(v, ""))
		}
	}
	t := &writing{form: form, version: in.Version, rule: readRule(form, "n", 1), paths: map[string]string{}, amount: form.Get("amount"), window: form.Get("window")}
	t.in = offers.Written{Code: form.Get("code"), UnitCode: form.Get("unit"), MatterCode: form.Get("matter"), Name: textsOf(form, "name"), Gives: textsOf(form, "gives"), About: textsOf(form, "about"),
		Law: textsOf(form, "law"), MovesMoney: form.Get("money") == "yes", Per: offers.Per(form.Get("per"))}
	if t.rule.op != outreach.Any {
		t.rule.op = outreach.All
	}
	t.rule.not, t.rule.leaf = false, ""
	t.numbers()
	return t, err
}

// numbers reads the amount and the window. What is no number is left to be refused
// with everything else.
func (t *writing) numbers() {
	if t.amount != "" {
		n, err := strconv.ParseInt(strings.ReplaceAll(t.amount, ",", ""), 10, 64)
		if err != nil {
			n = -1
		}
		t.in.Amount = n
	}
	t.in.WindowDays, _ = strconv.Atoi(t.window)
}

func (p *offerWritePage) blank(c *gin.Context) error {
	units, err := p.Offers.Units(c.Request.Context())
	if err != nil {
		return err
	}
	t := &writing{form: url.Values{}, rule: &rule{op: outreach.All}, window: "14", in: offers.Written{Per: offers.Once}}
	if len(units) > 0 {
		t.in.UnitCode = units[0]
	}
	return p.page(c, t, nil)
}

func (p *offerWritePage) edit(c *gin.Context) error {
	ctx := c.Request.Context()
	b, err := p.Offers.Get(ctx, c.Param("id"))
	if err != nil {
		return err
	}
	root, err := b.Root()
	if err != nil {
		return err
	}
	snap, err := p.Catalogue.Snapshot(ctx)
	if err != nil {
		return err
	}
	t := &writing{form: url.Values{}, rule: rooted(root), version: b.Version, amount: strconv.FormatInt(b.Amount, 10), window: strconv.Itoa(b.WindowDays),
		in: offers.Written{Code: b.Code, Name: b.Name, Gives: b.Gives, About: b.About, Law: b.Law, MovesMoney: b.MovesMoney, Per: b.Per}}
	if u, err := snap.Unit(b.UnitID); err == nil {
		t.in.UnitCode = u.Code
	}
	if m, err := snap.Matter(b.MatterID); err == nil {
		t.in.MatterCode = m.Code
	}
	return p.page(c, t, nil)
}

// post does what the pressed button says: change the conditions, say what they
// mean, or save.
func (p *offerWritePage) post(c *gin.Context) error {
	t, err := p.read(c)
	if err != nil {
		return p.page(c, t, err)
	}
	do := t.form.Get("do")
	switch {
	case do == "save":
		return p.save(c, t)
	case do == "preview" || t.rule.change(do, t.form):
		return p.page(c, t, nil)
	}
	return errUnknownAct
}

func (p *offerWritePage) save(c *gin.Context, t *writing) error {
	ctx, id := c.Request.Context(), c.Param("id")
	t.root()
	var err error
	if id == "" {
		id, err = p.Offers.Create(ctx, t.in)
	} else {
		err = p.Offers.Change(ctx, id, t.version, t.in)
	}
	if err != nil {
		return p.page(c, t, moved(err, t.paths))
	}
	return p.done(c, "offer.done.save", "/people/offers/"+id)
}

func (p *offerWritePage) page(c *gin.Context, t *writing, failed error) error {
	ctx := c.Request.Context()
	title := web.Say("offer.new")
	if c.Param("id") != "" {
		title = web.Say("offer.edit")
	}
	v := &offerWriteView{Page: p.Kit.Page(c, title), Action: c.Request.URL.Path, Version: t.version}
	v.Back = &web.Link{Href: "/people/offers", Words: web.Say("offer.list.title")}
	if rest := v.Fail(failed); rest != nil {
		return rest
	}
	if len(t.rule.of) > 0 {
		terms, err := p.Segments.Terms(ctx, t.root())
		switch {
		case err == nil:
			v.Says = p.Segments.Sentence(terms, v.Lang)
		case failed == nil && fault.KindOf(err) == fault.Invalid:
			if rest := v.Fail(forgiving(moved(err, t.paths), t.form.Get("do"))); rest != nil {
				return rest
			}
		case fault.KindOf(err) != fault.Invalid:
			return err
		}
	}
	if err := p.fields(c, v, t); err != nil {
		return err
	}
	names, err := p.Segments.Names(ctx)
	if err != nil {
		return err
	}
	b := &builder{Deps: p.Deps, ctx: ctx, page: &v.Page, purpose: outreach.Offer, names: names, facts: true}
	v.Root = b.row(t.rule, "n", 1)
	return p.Kit.Show(c, "people/offer-write", v)
}

func (p *offerWritePage) fields(c *gin.Context, v *offerWriteView, t *writing) error {
	in := t.in
	if c.Param("id") == "" {
		f := v.Bind(web.Field{Name: "code", Label: web.Say("offer.code"), Hint: web.Say("offer.code.hint"), Value: in.Code, Width: "20", Complete: "off"})
		v.Code = &f
	}
	inAll := func(name string, text i18n.Text, rows, most int) (list []web.Field) {
		for _, l := range i18n.Langs {
			list = append(list, v.Bind(web.Field{Name: name + "." + string(l), Label: web.Say("offer."+name+".in", "Language", i18n.Key("segment.language."+string(l))), Value: text[l], Rows: rows, Max: most, Complete: "off"}))
		}
		return list
	}
	v.Names, v.Gives, v.About = inAll("name", in.Name, 0, 0), inAll("gives", in.Gives, 2, offers.GivesMost), inAll("about", in.About, 4, offers.AboutMost)
	v.Law = inSome(&v.Page, web.Field{Name: "law", Hint: web.Say("segment.basis_text.hint"), Rows: 2}, "offer.law.in", in.Law)
	v.Amount = v.Bind(web.Field{Name: "amount", Label: web.Say("offer.amount"), Hint: web.Say("offer.amount.hint"), Value: t.amount, Mode: "numeric", Width: "10", Complete: "off"})
	money := "no"
	if in.MovesMoney {
		money = "yes"
	}
	v.Money = v.Bind(web.Field{Name: "money", Label: web.Say("offer.money"), Value: money, Options: []web.Option{{Value: "no", Words: web.Say("offer.money.no")}, {Value: "yes", Words: web.Say("offer.money.yes")}}})
	v.Window = v.Bind(web.Field{Name: "window", Label: web.Say("offer.window"), Hint: web.Say("offer.window.hint"), Value: t.window, Mode: "numeric", Width: "5", Complete: "off"})
	v.Per = web.Field{Name: "per", Label: web.Say("offer.per"), Value: string(in.Per)}
	for _, one := range offers.Pers {
		v.Per.Options = append(v.Per.Options, web.Option{Value: string(one), Words: web.Say("offer.per." + string(one))})
	}
	v.Per = v.Bind(v.Per)
	return p.places(c, v, t)
}

// places are the unit that gives and the matter of the cases.
func (p *offerWritePage) places(c *gin.Context, v *offerWriteView, t *writing) error {
	ctx := c.Request.Context()
	units, err := p.Offers.Units(ctx)
	if err != nil {
		return err
	}
	matters, err := p.Offers.Matters(ctx)
	if err != nil {
		return err
	}
	snap, err := p.Catalogue.Snapshot(ctx)
	if err != nil {
		return err
	}
	v.Unit = web.Field{Name: "unit", Label: web.Say("offer.unit"), Value: t.in.UnitCode}
	for _, code := range units {
		if u, err := snap.Unit(code); err == nil {
			v.Unit.Options = append(v.Unit.Options, web.Option{Value: code, Words: web.Data(u.Name)})
		}
	}
	v.Matter = web.Field{Name: "matter", Label: web.Say("offer.matter"), Hint: web.Say("offer.matter.hint"), Value: t.in.MatterCode, Options: []web.Option{{Words: web.Say("offer.matter.choose")}}}
	for _, code := range matters {
		if m, err := snap.Matter(code); err == nil {
			v.Matter.Options = append(v.Matter.Options, web.Option{Value: code, Words: web.Data(m.Name)})
		}
	}
	v.Unit, v.Matter = v.Bind(v.Unit), v.Bind(v.Matter)
	return nil
}
