package desk

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"minqing/internal/cases"
	"minqing/internal/catalogue"
	"minqing/internal/fault"
	"minqing/internal/i18n"
	"minqing/internal/replies"
	"minqing/internal/web"
)

// reply asks for the answer. Once one was typed, there is advice on it, and a
// place to say why it is sent as it is.
func (b *asking) reply() {
	b.write("text", "reply").Rows = 8
	b.f.Aside = "/desk/cases/" + b.one.CaseNo + "/reply"
	written, sent := b.c.GetPostForm(string(cases.ActReply) + ".text")
	if !sent || strings.TrimSpace(written) == "" {
		return
	}
	b.f.Advice = adviceOn(&b.one.Case, written)
	if len(b.f.Advice) > 0 {
		why := b.write("note", "anyway")
		why.Hint, why.Rows = web.Say("desk.field.anyway.hint"), 2
	}
}

func adviceOn(c *cases.Case, written string) []web.Words {
	var list []web.Words
	for _, code := range c.Advice(written) {
		list = append(list, web.Say("desk.advice."+code))
	}
	return list
}

// replyPage helps to write a reply: templates to fill in, articles to quote, and
// advice on what is written. It sends nothing; its form goes to the case.
type replyPage struct{ *casePage }

type replyView struct {
	web.Page
	CaseNo    string
	Version   int64
	About     string
	Form      form
	Checked   bool
	Must      []web.Words
	Templates *web.Field
	Articles  []quotable
}

type quotable struct {
	ID     string
	Title  string
	Body   string
	Basis  string
	Lang   i18n.Lang
	Chips  []web.Chip
	Href   string
	Button web.Words
}

// show is the page with what was typed so far, and what a button adds to it.
func (p *replyPage) show(c *gin.Context) error {
	ctx := c.Request.Context()
	one, err := p.Cases.View(ctx, c.Param("case_no"))
	if err != nil {
		return err
	}
	offered, err := p.Cases.Offered(ctx, one)
	if err != nil {
		return err
	}
	if !contains(offered, cases.ActReply) {
		return fault.New(fault.Conflict, "case.action.impossible").With("Action", string(cases.ActReply)).With("Status", string(one.Status))
	}
	n, err := p.names(ctx)
	if err != nil {
		return err
	}
	v := &replyView{Page: p.Kit.Page(c, web.Say("desk.reply.title")), CaseNo: one.CaseNo, Version: one.Version, About: one.ShownTitle()}
	v.Wide = true
	v.Back = &web.Link{Href: "/desk/cases/" + one.CaseNo, Words: web.Plain(one.CaseNo)}
	if typed, err := strconv.ParseInt(c.PostForm("version"), 10, 64); err == nil && typed > 0 {
		v.Version = typed // who wrote meanwhile is told of when it is sent
	}
	written, err := p.offer(ctx, v, one, n, c)
	if err != nil {
		return err
	}
	if c.Request.Method == http.MethodPost {
		c.Request.PostForm.Set(string(cases.ActReply)+".text", written)
	}
	b := asking{p: p.casePage, c: c, one: one, n: n}
	v.Form = b.form(cases.ActReply)
	v.Form.Fields[0].Rows = 14
	v.Checked = c.PostForm("do") == "check"
	if v.Checked {
		for _, f := range replies.Must(written) {
			v.Must = append(v.Must, web.Say("case.reply."+string(f.Code), "Found", f.Found))
		}
	}
	return p.Kit.Show(c, "desk/reply", v)
}

// offer lists what fits the case and gives the text with what was chosen added.
func (p *replyPage) offer(ctx context.Context, v *replyView, one *cases.View, n names, c *gin.Context) (string, error) {
	written := typed(c, cases.ActReply, "text")
	unit, err := n.snap.Unit(one.UnitID)
	if err != nil {
		return "", err
	}
	day, err := p.Cases.LocalDay(ctx, &one.Case, p.Now())
	if err != nil {
		return "", err
	}
	reader, _ := i18n.ParseLang(one.Locale)
	seek := replies.Seek{Unit: unit, MatterID: one.MatterID, Reader: reader, Day: day}
	templates, err := p.Replies.For(ctx, replies.Template, seek)
	if err != nil {
		return "", err
	}
	articles, err := p.Replies.For(ctx, replies.Article, seek)
	if err != nil {
		return "", err
	}
	if len(templates) > 0 {
		v.Templates = &web.Field{Name: "template", Label: web.Say("desk.reply.template"), Value: c.PostForm("template"), Options: []web.Option{{Words: web.Say("desk.choose")}}}
	}
	for _, t := range templates {
		v.Templates.Options = append(v.Templates.Options, web.Option{Value: t.ID, Words: web.Plain(t.Title + " · " + t.Locale.Name())})
		if c.PostForm("do") == "fill" && c.PostForm("template") == t.ID {
			written = joined(written, replies.Fill(t.Body, p.values(one, n, unit, t.Locale)))
		}
	}
	for i := range articles {
		a := &articles[i]
		v.Articles = append(v.Articles, quotable{ID: a.ID, Title: a.Title, Body: a.Body, Basis: a.LegalBasis, Lang: a.Locale, Chips: textChips(a, day),
			Href: "/desk/knowledge/" + a.ID, Button: web.Say("desk.reply.quote.do")})
		if c.PostForm("do") == "quote:"+a.ID {
			written = joined(written, a.Quote())
		}
	}
	return written, nil
}

// joined puts a text behind what is written already.
func joined(written, more string) string {
	if written == "" {
		return more
	}
	return written + "\n\n" + more
}

// values are what the case knows, in the words of the template's language. A name
// stays masked, and nobody who asked to be hidden is named at all.
func (p *replyPage) values(one *cases.View, n names, unit *catalogue.Unit, l i18n.Lang) map[string]string {
	f := i18n.Format{Lang: l, Zone: n.zone}
	values := map[string]string{"citizen": p.Words.T(l, "desk.reply.citizen", nil), "case_no": one.CaseNo, "title": one.ShownTitle(), "unit": unit.Name.In(l), "phone": unit.Phone,
		"received": f.Day(one.ReceivedAt), "today": f.Day(p.Now())}
	if m := n.matterOf(&one.Case); m != nil {
		values["matter"] = m.Name.In(l)
	}
	if one.DueAt != nil {
		values["due"] = f.Day(*one.DueAt)
	}
	for up := n.snap.Parent(unit); values["phone"] == "" && up != nil; up = n.snap.Parent(up) {
		values["phone"] = up.Phone
	}
	if one.Confidentiality != cases.Normal {
		return p.gaps(values, l, "title")
	}
	i := slices.IndexFunc(one.Parties, func(x cases.Party) bool { return x.Role == cases.RoleRequester && x.ConstituentID != nil })
	if i >= 0 {
		if name := strings.TrimSpace(one.People[*one.Parties[i].ConstituentID].Name); name != "" {
			values["citizen"] = name
		}
	}
	return p.gaps(values, l)
}

// gaps leaves what the case does not know, or must not say, to fill by hand.
func (p *replyPage) gaps(values map[string]string, l i18n.Lang, not ...string) map[string]string {
	for _, f := range replies.Fields {
		if values[f] == "" || slices.Contains(not, f) {
			values[f] = "〔" + p.Words.T(l, "desk.texts.field."+f, nil) + "〕"
		}
	}
	return values
}
