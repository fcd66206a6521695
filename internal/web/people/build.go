package people

import (
	"errors"
	"net/url"
	"strings"

	"github.com/gin-gonic/gin"

	"minqing/internal/fault"
	"minqing/internal/i18n"
	"minqing/internal/outreach"
	"minqing/internal/web"
)

// buildPage writes a segment: what it is for, on which ground, and who is meant.
// Every change of the conditions is a button of the form, so that it works
// without any script.
type buildPage struct{ Deps }

type buildView struct {
	web.Page
	Action    string
	Version   int64
	Names     langFields
	Purpose   web.Field
	Basis     web.Field
	BasisText langFields
	Unit      web.Field
	Root      *row
	JSON      web.Field
	Typed     bool // the definition is being written as JSON
	Size      sizeView
	Barred    *web.Notice // nobody may count for who writes it
}

// sizeView is what the definition would come to.
type sizeView struct {
	Says   i18n.Text
	Langs  []i18n.Lang
	Size   *web.Words
	Sample *web.Table
	Nobody []nobody
	Wrong  bool // the conditions have to be mended first
}

type nobody struct {
	Says     []string
	Together bool
	Never    bool
	Href     string
}

// sizeFragment is the view of the size alone, for htmx.
type sizeFragment struct {
	web.Page
	sizeView
}

// typed is the form as it was sent.
type typed struct {
	form    url.Values
	draft   outreach.Draft
	rule    *rule
	paths   map[string]string
	version int64
}

// readable takes the form out of a request: text alone, like every form.
func (p *buildPage) read(c *gin.Context) (*typed, error) {
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
	t := &typed{form: form, version: in.Version, rule: readRule(form, "n", 1), paths: map[string]string{}}
	t.draft = outreach.Draft{Name: textsOf(form, "name"), Purpose: outreach.Purpose(form.Get("purpose")), Basis: outreach.Basis(form.Get("basis")),
		BasisText: textsOf(form, "basis_text"), UnitCode: form.Get("unit")}
	if t.rule.op != outreach.Any {
		t.rule.op = outreach.All
	}
	t.rule.not, t.rule.leaf = false, ""
	return t, err
}

func (t *typed) root() *outreach.Node {
	t.paths = map[string]string{"definition": "definition"}
	t.draft.Root = t.rule.node("n", "n", t.paths)
	return t.draft.Root
}

func (p *buildPage) blank(c *gin.Context) error {
	units, err := p.Segments.Units(c.Request.Context())
	if err != nil {
		return err
	}
	t := &typed{form: url.Values{}, rule: &rule{op: outreach.All}, draft: outreach.Draft{Purpose: outreach.Offer}}
	if len(units) > 0 {
		t.draft.UnitCode = units[0]
	}
	if id := c.Query("group"); id != "" { // what was discovered, to be named and changed
		root, err := p.grouped(c, id)
		if err != nil {
			return err
		}
		t.rule = rooted(root)
	}
	count := len(t.rule.of) > 0
	if pattern, found := outreach.PatternOf(c.Query("pattern")); found {
		d, err := pattern.Draft()
		if err != nil {
			return err
		}
		d.UnitCode = t.draft.UnitCode
		t.draft, t.rule, count = d, rooted(d.Root), d.Root.Filled() // what has to be chosen is not wrong yet
	}
	return p.page(c, t, nil, count)
}

func (p *buildPage) edit(c *gin.Context) error {
	ctx := c.Request.Context()
	g, err := p.Segments.Get(ctx, c.Param("id"))
	if err != nil {
		return err
	}
	root, err := g.Root()
	if err != nil {
		return err
	}
	snap, err := p.Catalogue.Snapshot(ctx)
	if err != nil {
		return err
	}
	t := &typed{form: url.Values{}, rule: rooted(root), version: g.Version, draft: outreach.Draft{Name: g.Name, Purpose: g.Purpose, Basis: g.Basis, BasisText: g.BasisText}}
	if u, err := snap.Unit(g.UnitID); err == nil {
		t.draft.UnitCode = u.Code
	}
	return p.page(c, t, nil, true)
}

// post does what the pressed button says: change the conditions, count, or save.
func (p *buildPage) post(c *gin.Context) error {
	t, err := p.read(c)
	if err != nil {
		return p.page(c, t, err, false)
	}
	do := t.form.Get("do")
	switch {
	case do == "save":
		return p.save(c, t)
	case do == "json":
		root, err := outreach.Parse([]byte(t.form.Get("json")))
		if err != nil {
			return p.page(c, t, renamed(err, "json"), false)
		}
		t.rule = rooted(root)
		return p.page(c, t, nil, true)
	case do == "preview" || t.rule.change(do, t.form):
		return p.page(c, t, nil, true)
	}
	return errUnknownAct
}

// renamed shows everything that is wrong with a text at its field.
func renamed(err error, name string) error {
	e, ok := fault.As(err)
	if !ok {
		return err
	}
	f := e.Fields[0]
	f.Name = name
	return fault.InvalidInput(f)
}

func (p *buildPage) save(c *gin.Context, t *typed) error {
	ctx, id := c.Request.Context(), c.Param("id")
	t.root()
	var err error
	if id == "" {
		id, err = p.Segments.Create(ctx, t.draft)
	} else {
		err = p.Segments.Change(ctx, id, t.version, t.draft)
	}
	if err != nil {
		return p.page(c, t, moved(err, t.paths), true)
	}
	if err := p.Segments.Refresh(ctx, id); err != nil && !errors.Is(err, ctx.Err()) { // else the job counts it
		return err
	}
	return p.done(c, "segment.done.save", "/people/segments/"+id)
}

func (p *buildPage) page(c *gin.Context, t *typed, failed error, count bool) error {
	ctx := c.Request.Context()
	title := web.Say("segment.build.title.new")
	if c.Param("id") != "" {
		title = web.Say("segment.build.title.edit")
	}
	v := &buildView{Page: p.Kit.Page(c, title), Action: c.Request.URL.Path, Version: t.version}
	v.Wide = true
	v.Back = &web.Link{Href: "/people/segments", Words: web.Say("segment.list.title")}
	if rest := v.Fail(failed); rest != nil {
		return rest
	}
	names, err := p.Segments.Names(ctx)
	if err != nil {
		return err
	}
	if len(t.rule.of) > 0 && count {
		if failed == nil { // what is wrong with the conditions is said at once
			wrong := moved(p.Segments.CheckRule(ctx, t.root(), t.draft.Purpose), t.paths)
			if rest := v.Fail(forgiving(wrong, t.form.Get("do"))); rest != nil {
				return rest
			}
			if wrong != nil {
				v.Size.Wrong = true
			}
		}
		if v.Size, err = p.counted(c, t, &v.Page); err != nil {
			return err
		}
	}
	if err := p.fields(c, v, t); err != nil {
		return err
	}
	counts, err := p.Segments.MayCount(ctx)
	if err != nil {
		return err
	}
	if !counts {
		v.Barred = &web.Notice{Tone: web.ToneDue, Title: web.Say("segment.build.barred"), Words: web.Say("segment.build.barred.text")}
	}
	var failing error
	b := &builder{Deps: p.Deps, ctx: ctx, page: &v.Page, purpose: t.draft.Purpose, names: names, nothing: !counts, reads: func(l *outreach.Leaf) bool {
		reads, err := p.Segments.Reads(ctx, l)
		failing = errors.Join(failing, err)
		return reads
	}}
	if v.Root = b.row(t.rule, "n", 1); failing != nil {
		return failing
	}
	return p.Kit.Show(c, "people/build", v)
}

// forgiving leaves out, while somebody still adds conditions, that they have not
// filled them in.
func forgiving(err error, do string) error {
	e, ok := fault.As(err)
	if !ok || do == "preview" || do == "" {
		return err
	}
	var kept []fault.Field
	for _, f := range e.Fields {
		switch f.Key {
		case "segment.param.required", "segment.param.none", "segment.definition.empty":
		default:
			kept = append(kept, f)
		}
	}
	if len(kept) == 0 {
		return nil
	}
	return fault.InvalidInput(kept...)
}

// fields are those of the form that are not conditions.
func (p *buildPage) fields(c *gin.Context, v *buildView, t *typed) error {
	ctx, d := c.Request.Context(), t.draft
	v.Names = inSome(&v.Page, web.Field{Name: "name", Width: "20", Complete: "off"}, "segment.name.in", d.Name)
	v.Purpose = web.Field{Name: "purpose", Label: web.Say("segment.purpose"), Value: string(d.Purpose)}
	for _, one := range outreach.Purposes {
		v.Purpose.Options = append(v.Purpose.Options, web.Option{Value: string(one), Words: web.Say("segment.purpose." + string(one)), Hint: web.Say("segment.purpose.hint." + string(one))})
	}
	v.Basis = web.Field{Name: "basis", Label: web.Say("segment.basis"), Value: string(d.Basis)}
	for _, one := range outreach.Bases {
		v.Basis.Options = append(v.Basis.Options, web.Option{Value: string(one), Words: web.Say("segment.basis." + string(one))})
	}
	v.BasisText = inSome(&v.Page, web.Field{Name: "basis_text", Hint: web.Say("segment.basis_text.hint"), Rows: 2}, "segment.basis_text.in", d.BasisText)
	v.Purpose, v.Basis = v.Bind(v.Purpose), v.Bind(v.Basis)
	units, err := p.Segments.Units(ctx)
	if err != nil {
		return err
	}
	snap, err := p.Catalogue.Snapshot(ctx)
	if err != nil {
		return err
	}
	v.Unit = web.Field{Name: "unit", Label: web.Say("segment.unit"), Value: d.UnitCode}
	for _, code := range units {
		if u, err := snap.Unit(code); err == nil {
			v.Unit.Options = append(v.Unit.Options, web.Option{Value: code, Words: web.Data(u.Name)})
		}
	}
	v.Unit = v.Bind(v.Unit)
	raw := t.form.Get("json")
	if t.form.Get("do") != "json" || !v.Failing() {
		if raw, err = t.root().JSON(); err != nil {
			return err
		}
	} else {
		v.Typed = true
	}
	v.JSON = v.Bind(web.Field{Name: "json", Label: web.Say("segment.build.json"), Hint: web.Say("segment.build.json.hint"), Value: raw, Rows: 6})
	return nil
}

// counted is what the conditions mean and whom they find. Conditions that cannot
// be used are left to the messages beside them.
func (p *buildPage) counted(c *gin.Context, t *typed, page *web.Page) (out sizeView, err error) {
	ctx := c.Request.Context()
	root := t.root()
	if p.Segments.CheckRule(ctx, root, t.draft.Purpose) != nil {
		out.Wrong = true
		return out, nil
	}
	if out.Says, err = p.Segments.Sentences(ctx, root); err != nil {
		return out, err
	}
	out.Langs = said(out.Says, page.Lang)
	found, err := p.Segments.Preview(ctx, root, t.draft.Purpose, page.Lang)
	if err != nil {
		return out, err
	}
	words := web.Say("segment.size.is", "Count", found.Size.N)
	if found.Size.Hidden {
		words = web.Say("segment.size.is_few", "Few", outreach.Few)
	}
	out.Size = &words
	for _, part := range found.Nobody {
		out.Nobody = append(out.Nobody, nobody{Says: part.Says, Together: len(part.Says) > 1, Never: part.Never, Href: "#" + web.FieldID(t.paths[part.Paths[0]])})
	}
	if len(found.Sample) > 0 {
		out.Sample = &web.Table{ID: "sample", Caption: web.Say("segment.sample"), Columns: []web.Column{{Words: web.Say("people.who")}, {Words: web.Say("people.kind")}}}
		for _, s := range found.Sample {
			out.Sample.Rows = append(out.Sample.Rows, web.Row{Cells: []web.Cell{{Words: named(s)}, {Words: web.Say("people.kind." + string(s.Kind))}}})
		}
	}
	return out, nil
}

// size answers htmx while somebody fills in the form.
func (p *buildPage) size(c *gin.Context) error {
	t, err := p.read(c)
	v := &sizeFragment{Page: p.Kit.Page(c, web.Say("segment.build.size"))}
	if err == nil {
		v.sizeView, err = p.counted(c, t, &v.Page)
	}
	if fault.KindOf(err) == fault.Invalid && err != nil {
		v.Wrong, err = true, nil
	}
	if err != nil {
		return err
	}
	return p.Kit.Fragment(c, "people/size", v)
}
