package admin

import (
	"context"

	"github.com/gin-gonic/gin"

	"minqing/internal/fault"
	"minqing/internal/i18n"
	"minqing/internal/notify"
	"minqing/internal/web"
)

type messageTextPage struct{ Deps }

type messageTextView struct {
	web.Page
	Areas    []web.Link
	Action   string
	Version  int64
	About    []web.Words // kind, channel and language
	Subject  *web.Field
	Body     web.Field
	Hint     *web.Words
	Must     []fieldRow
	May      []fieldRow
	Own      bool
	Previews []textPreview
	Versions []versionRow
}

type fieldRow struct {
	Mark  string
	Words web.Words
}

type textPreview struct {
	Lang    i18n.Lang
	Title   web.Words
	Subject string
	Text    string
	Count   *web.Words // of a text message
}

type versionRow struct {
	notify.TextVersion
	Title web.Words
}

type textForm struct {
	Version int64  `form:"version"`
	Subject string `form:"subject"`
	Body    string `form:"body"`
	Do      string `form:"do"`
}

func keyOf(c *gin.Context) notify.TextKey {
	return notify.TextKey{Kind: notify.Kind(c.Param("kind")), Channel: notify.Channel(c.Param("channel")), Lang: i18n.Lang(c.Param("lang"))}
}

// show is one text of messages with its fields, previews and versions.
func (p *messageTextPage) show(c *gin.Context) error { return p.page(c, nil, nil) }

func (p *messageTextPage) page(c *gin.Context, typed *textForm, failed error) error {
	ctx, k := c.Request.Context(), keyOf(c)
	now, versions, err := p.inForce(ctx, k)
	if err != nil {
		return err
	}
	v := &messageTextView{Page: p.Kit.Page(c, web.Say("admin.texts.title")), Areas: areas("texts"), Action: pathOf(k),
		About: []web.Words{web.Say("admin.message.kind." + string(k.Kind)), web.Say("admin.texts." + string(k.Channel)), web.Say("admin.text.lang." + string(k.Lang))}}
	v.Wide = true
	if err := v.Fail(failed); err != nil {
		return err
	}
	for _, one := range versions {
		row := versionRow{TextVersion: one, Title: web.Say("admin.text.version", "Version", one.Version)}
		v.Versions = append(v.Versions, row)
	}
	if len(versions) > 0 {
		v.Version, v.Own = versions[0].Version, versions[0].Own()
	}
	if typed != nil {
		now, v.Version = notify.Text{Subject: typed.Subject, Body: typed.Body}, typed.Version
	}
	v.Body = v.Bind(web.Field{Name: "body", Label: web.Say("admin.text.body"), Hint: web.Say("admin.text.body.hint"), Value: now.Body, Rows: 14, Max: 4000})
	if k.Channel == notify.SMS {
		v.Hint, v.Body.Rows = new(web.Say("admin.text.sms_hint")), 5
		v.Body.Max = 800
	} else {
		subject := v.Bind(web.Field{Name: "subject", Label: web.Say("admin.text.subject"), Value: now.Subject, Width: "full"})
		v.Subject = &subject
	}
	if err := p.fields(v, k); err != nil {
		return err
	}
	if failed == nil {
		if err := p.previews(ctx, v, k, now); err != nil {
			return err
		}
	}
	return p.Kit.Show(c, "admin/message-text", v)
}

// inForce gives the words that messages have now, and all versions.
func (p *messageTextPage) inForce(ctx context.Context, k notify.TextKey) (notify.Text, []notify.TextVersion, error) {
	t, err := p.Notify.BuiltIn(k)
	if err != nil {
		return t, nil, err
	}
	versions, err := p.Notify.TextVersions(ctx, k)
	if err == nil && len(versions) > 0 && versions[0].Own() {
		t = versions[0].Text
	}
	return t, versions, err
}

func (p *messageTextPage) fields(v *messageTextView, k notify.TextKey) error {
	must, may, err := p.Notify.Fields(k)
	if err != nil {
		return err
	}
	rows := func(names []string) (out []fieldRow) {
		for _, n := range names {
			out = append(out, fieldRow{Mark: "{{" + n + "}}", Words: web.Say("admin.field." + n)})
		}
		return out
	}
	v.Must, v.May = rows(must), rows(may)
	return nil
}

// previews writes the message in each language; what is typed, in its own.
func (p *messageTextPage) previews(ctx context.Context, v *messageTextView, k notify.TextKey, typed notify.Text) error {
	for _, l := range i18n.Langs {
		t, other := typed, k
		if l != k.Lang {
			other.Lang = l
			var err error
			if t, _, err = p.inForce(ctx, other); err != nil {
				return err
			}
		}
		m, err := p.Notify.Preview(other, t)
		if err != nil {
			return err
		}
		one := textPreview{Lang: l, Title: web.Say("admin.text.lang." + string(l)), Subject: m.Subject, Text: m.Text}
		if k.Channel == notify.SMS {
			characters, parts := notify.Segments(m.Text)
			one.Count = new(web.Say("admin.text.count", "Characters", characters, "Parts", parts))
		}
		v.Previews = append(v.Previews, one)
	}
	return nil
}

// send shows what is typed as it would look, sets it, or gives the built-in
// words back.
func (p *messageTextPage) send(c *gin.Context) error {
	var f textForm
	if err := web.Decode(c, &f); err != nil {
		return err
	}
	t, k := notify.Text{Subject: f.Subject, Body: f.Body}, keyOf(c)
	var err error
	switch f.Do {
	case "preview":
		return p.page(c, &f, p.Notify.CheckText(k, t))
	case "builtin":
		err = p.Notify.SetText(c.Request.Context(), k, notify.Text{}, f.Version)
	case "save":
		if err = p.Notify.CheckText(k, t); err == nil {
			err = p.Notify.SetText(c.Request.Context(), k, t, f.Version)
		}
	default:
		return fault.New(fault.Invalid, "fault.malformed")
	}
	if kind := fault.KindOf(err); err != nil && (kind == fault.Invalid || kind == fault.Conflict) {
		return p.page(c, &f, err)
	}
	if err != nil {
		return err
	}
	return p.told(c, "admin.text.saved", pathOf(k))
}
