package desk

import (
	"context"
	"strings"

	"github.com/gin-gonic/gin"

	"minqing/internal/calendar"
	"minqing/internal/fault"
	"minqing/internal/i18n"
	"minqing/internal/replies"
	"minqing/internal/web"
)

type textForm struct {
	web.Page
	Base    string
	Action  string
	Article bool
	Version int64
	Fields  []string // that a template may leave to the case
	Sample  string   // how the text reads with an example
	Gaps    []string

	Title, Unit, Matter, Locale, Body, Basis, From, To, Marks web.Field
}

// textInput is the form as it was sent.
type textInput struct {
	Title   string   `form:"title"`
	Unit    string   `form:"unit"`
	Matter  string   `form:"matter"`
	Locale  string   `form:"locale"`
	Body    string   `form:"body"`
	Basis   string   `form:"legal_basis"`
	From    string   `form:"valid_from"`
	To      string   `form:"valid_to"`
	Marks   []string `form:"marks"`
	Version int64    `form:"version"`
	Do      string   `form:"do"`
}

// edit shows the form: empty, or with the text as it stands.
func (p *textsPage) edit(c *gin.Context) error {
	in := textInput{Locale: string(p.Kit.Page(c, web.Words{}).Lang)}
	if id := c.Param("id"); id != "" {
		n, err := p.names(c.Request.Context())
		if err != nil {
			return err
		}
		t, err := p.Replies.Get(c.Request.Context(), p.kind, id)
		if err != nil {
			return err
		}
		if !p.keeps(c.Request.Context(), n, t) {
			return fault.New(fault.NotFound, "replies.missing")
		}
		in = textInput{Title: t.Title, Unit: unitCode(&t.UnitID, n), Locale: string(t.Locale), Body: t.Body, Basis: t.LegalBasis, Version: t.Version}
		if t.MatterID != nil {
			if m, err := n.snap.Matter(*t.MatterID); err == nil {
				in.Matter = m.Code
			}
		}
		in.From, in.To = typedDay(t.ValidFrom), typedDay(t.ValidTo)
		for mark, on := range map[string]bool{"public": t.Public, "retired": t.Retired} {
			if on {
				in.Marks = append(in.Marks, mark)
			}
		}
	}
	return p.form(c, in, nil)
}

func typedDay(d *calendar.Date) string {
	if d == nil {
		return ""
	}
	return d.String()
}

// save keeps what was typed, or shows how it reads.
func (p *textsPage) save(c *gin.Context) error {
	var in textInput
	err := web.Decode(c, &in)
	in.Body = strings.TrimSpace(lineEnds.Replace(c.PostForm("body")))
	if err == nil && in.Do == "preview" {
		return p.form(c, in, nil)
	}
	var t replies.Text
	if err == nil {
		t, err = p.read(c.Request.Context(), in, c.Param("id"))
	}
	var kept *replies.Text
	if err == nil {
		kept, err = p.Replies.Put(c.Request.Context(), t)
	}
	if err == nil {
		return p.done(c, kept.ID)
	}
	if e, ours := fault.As(err); !ours || e.Kind != fault.Invalid && e.Kind != fault.Conflict {
		return err
	}
	return p.form(c, in, err)
}

// read turns what was typed into a text; codes are looked up.
func (p *textsPage) read(ctx context.Context, in textInput, id string) (replies.Text, error) {
	t := replies.Text{ID: id, Kind: p.kind, Title: in.Title, Body: in.Body, Locale: i18n.Lang(in.Locale), LegalBasis: in.Basis, Version: in.Version}
	n, err := p.names(ctx)
	if err != nil {
		return t, err
	}
	var check fault.Check
	if u, err := n.snap.Unit(in.Unit); err == nil {
		t.UnitID = u.ID
	}
	if in.Matter != "" {
		m, err := n.snap.Matter(in.Matter)
		check.That(err == nil, "matter", "replies.matter.unknown")
		if err == nil {
			t.MatterID = &m.ID
		}
	}
	for name, typed := range map[string]string{"valid_from": in.From, "valid_to": in.To} {
		if typed == "" {
			continue
		}
		day, err := calendar.ParseDate(typed)
		check.That(err == nil, name, "replies.valid.date")
		if name == "valid_from" {
			t.ValidFrom = &day
		} else {
			t.ValidTo = &day
		}
	}
	for _, mark := range in.Marks {
		t.Retired = t.Retired || mark == "retired"
		t.Public = t.Public || mark == "public" && p.kind == replies.Article
	}
	return t, check.Err()
}

func (p *textsPage) form(c *gin.Context, in textInput, failed error) error {
	ctx := c.Request.Context()
	title := "desk.texts.new." + string(p.kind)
	if c.Param("id") != "" {
		title = "desk.texts.edit"
	}
	v := &textForm{Page: p.Kit.Page(c, web.Say(title)), Base: p.base, Action: c.Request.URL.Path, Article: p.kind == replies.Article, Version: in.Version}
	v.Back = &web.Link{Href: p.base, Words: web.Say("desk.texts.title." + string(p.kind))}
	if rest := v.Fail(failed); rest != nil {
		return rest
	}
	n, err := p.names(ctx)
	if err != nil {
		return err
	}
	p.fields(ctx, v, in, n)
	if !v.Article {
		v.Fields = replies.Fields
	}
	if in.Do == "preview" {
		l, _ := i18n.ParseLang(in.Locale)
		v.Sample = in.Body
		if !v.Article {
			v.Sample = replies.Fill(in.Body, p.example(l))
		}
		v.Gaps = replies.Gaps(v.Sample)
	}
	return p.Kit.Show(c, "desk/text-edit", v)
}

// example fills the fields as some case might.
func (p *textsPage) example(l i18n.Lang) map[string]string {
	values := map[string]string{}
	for _, f := range replies.Fields {
		values[f] = p.Words.T(l, "desk.texts.example."+f, nil)
	}
	return values
}

func (p *textsPage) fields(ctx context.Context, v *textForm, in textInput, n names) {
	v.Title = v.Bind(web.Field{Name: "title", Label: web.Say("desk.texts.name"), Value: in.Title, Max: 120})
	v.Unit = web.Field{Name: "unit", Label: web.Say("desk.texts.unit"), Hint: web.Say("desk.texts.unit.hint"), Value: in.Unit, Options: []web.Option{{Words: web.Say("desk.choose")}}}
	for _, u := range n.snap.Units {
		if u.ValidTo == nil && p.keeps(ctx, n, &replies.Text{UnitID: u.ID}) {
			v.Unit.Options = append(v.Unit.Options, web.Option{Value: u.Code, Words: indented(u, depth(u))})
		}
	}
	v.Unit = v.Bind(v.Unit)
	v.Matter = web.Field{Name: "matter", Label: web.Say("desk.texts.matter"), Value: in.Matter, Options: []web.Option{{Words: web.Say("desk.texts.any")}}}
	for _, m := range n.snap.Matters {
		if m.ValidTo == nil {
			v.Matter.Options = append(v.Matter.Options, web.Option{Value: m.Code, Words: web.Data(m.Name)})
		}
	}
	v.Matter = v.Bind(v.Matter)
	v.Locale = web.Field{Name: "locale", Label: web.Say("desk.texts.locale"), Value: in.Locale, Inline: true}
	for _, l := range []i18n.Lang{i18n.ZhHant, i18n.ZhHans, i18n.En} {
		v.Locale.Options = append(v.Locale.Options, web.Option{Value: string(l), Words: web.Plain(l.Name())})
	}
	v.Locale = v.Bind(v.Locale)
	v.Body = v.Bind(web.Field{Name: "body", Label: web.Say("desk.texts.body"), Value: in.Body, Rows: 10, Max: 4000})
	v.Basis = v.Bind(web.Field{Name: "legal_basis", Label: web.Say("desk.texts.basis"), Hint: web.Say("desk.texts.basis.hint"), Value: in.Basis, Optional: true})
	day := web.Say("desk.texts.day.hint")
	v.From = v.Bind(web.Field{Name: "valid_from", Label: web.Say("desk.texts.from"), Hint: day, Value: in.From, Width: "10", Optional: true})
	v.To = v.Bind(web.Field{Name: "valid_to", Label: web.Say("desk.texts.to"), Hint: day, Value: in.To, Width: "10", Optional: true})
	v.Marks = web.Field{Name: "marks", Label: web.Say("desk.texts.marks"), Values: in.Marks, Optional: true}
	if v.Article {
		v.Marks.Options = append(v.Marks.Options, web.Option{Value: "public", Words: web.Say("desk.texts.public"), Hint: web.Say("desk.texts.public.hint")})
	}
	v.Marks.Options = append(v.Marks.Options, web.Option{Value: "retired", Words: web.Say("desk.texts.retired"), Hint: web.Say("desk.texts.retired.hint")})
}
