package desk

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"minqing/internal/calendar"
	"minqing/internal/cases"
	"minqing/internal/constituents"
	"minqing/internal/fault"
	"minqing/internal/i18n"
	"minqing/internal/satisfaction"
	"minqing/internal/text"
	"minqing/internal/web"
)

// callbackPage is one call: what was asked and answered, the number for a reason,
// and what the person says.
type callbackPage struct{ *casePage }

type callbackView struct {
	web.Page
	CaseNo      string
	Chips       []web.Chip
	Description string
	Answers     []said
	Facts       []web.SummaryRow
	Parties     []web.SummaryRow
	Tried       *web.Table
	Mine        bool
	Free        bool // nobody has taken it, and it may be taken now
	Words       web.Words
	Form        *callbackForm
	Reveal      *web.Field
	Password    *web.Field
	Revealed    bool

	one *cases.View
	n   names
}

// said is something that the person was told.
type said struct {
	At   time.Time
	Text string
}

// callbackForm asks what came of an attempt. No answer is chosen beforehand.
type callbackForm struct {
	Channel, Outcome, Again, Grade, Resolved, Reasons, Comment web.Field
}

// callbackTyped is the form as sent.
type callbackTyped struct {
	Channel  string   `form:"channel"`
	Outcome  string   `form:"outcome"`
	Again    string   `form:"again"`
	Grade    int      `form:"grade"`
	Resolved string   `form:"resolved"`
	Reasons  []string `form:"reasons"`
	Comment  string   `form:"comment"`
}

// againLayout is how browsers send a day with a time.
const againLayout = "2006-01-02T15:04"

func (p *callbackPage) show(c *gin.Context) error {
	v, err := p.view(c, callbackTyped{})
	if err != nil {
		return err
	}
	return p.Kit.Show(c, "desk/callback", v)
}

func (p *callbackPage) view(c *gin.Context, t callbackTyped) (*callbackView, error) {
	ctx := c.Request.Context()
	one, k, tried, err := p.Callbacks.Callback(ctx, c.Param("case_no"))
	if err != nil {
		return nil, err
	}
	n, err := p.names(ctx)
	if err != nil {
		return nil, err
	}
	v := &callbackView{Page: p.Kit.Page(c, web.Plain(one.ShownTitle())), CaseNo: one.CaseNo, Description: one.ShownDescription(), one: one, n: n}
	v.Wide = true
	v.Back = &web.Link{Href: "/desk/callbacks", Words: web.Say("callback.list.title")}
	v.Chips = []web.Chip{{Tone: web.ToneInfo, Icon: "phone", Words: web.Say("callback.state." + string(k.State))}}
	if k.State == satisfaction.CallbackOpen && k.RingsOn != nil {
		v.Chips = append(v.Chips, ringsChip(*k.RingsOn, calendar.DateOf(p.Now(), n.zone)))
	}
	for _, m := range one.Messages {
		if m.Direction == "out" && m.Published {
			v.Answers = append(v.Answers, said{At: m.At, Text: text.MaskFree(m.Text)})
		}
	}
	v.about(one)
	shown := caseView{}
	shown.parties(one, n)
	v.Parties = shown.Parties
	if v.Tried, err = p.tried(c, tried, v.Lang, n); err != nil {
		return nil, err
	}
	v.stand(k, k.Mine(ctx, p.Now()), p.Now())
	if v.Mine {
		v.Form = newCallbackForm(t)
		if one.Reveals && len(one.People) > 0 {
			v.Reveal = &web.Field{Name: "reveal_reason", Label: web.Say("desk.reveal.reason"), Width: "full"}
		}
	}
	return v, nil
}

func (v *callbackView) about(one *cases.View) {
	add := func(key string, value web.Words) {
		if !value.IsZero() {
			v.Facts = append(v.Facts, web.SummaryRow{Key: web.Say(key), Value: value})
		}
	}
	add("desk.merge.status", web.Say("case.status."+string(one.Status)))
	add("desk.fact.unit", v.n.unit(holder(one)))
	add("desk.fact.matter", v.n.matter(one.MatterID))
	add("desk.merge.received", web.Plain(i18n.Format{Lang: v.Lang, Zone: v.n.zone}.DateTime(one.ReceivedAt)))
}

// stand says what may be done with the callback now, and why not.
func (v *callbackView) stand(k *satisfaction.Callback, mine bool, now time.Time) {
	v.Mine = mine
	switch {
	case mine:
		v.Words = web.Say("callback.mine.words")
	case k.State != satisfaction.CallbackOpen:
		v.Words = web.Say("callback.over.words")
	case k.Taken(now):
		v.Words = web.Say("callback.taken.words")
	case k.DueAt.After(now):
		v.Words = web.Say("callback.early.words")
	default:
		v.Free, v.Words = true, web.Say("callback.take.words")
	}
}

func (p *callbackPage) tried(c *gin.Context, list []satisfaction.Attempt, l i18n.Lang, n names) (*web.Table, error) {
	if len(list) == 0 {
		return nil, nil //nolint:nilnil // nobody has tried yet
	}
	var who []string
	for _, a := range list {
		if a.AccountID != nil {
			who = append(who, *a.AccountID)
		}
	}
	known, err := p.People.Names(c.Request.Context(), who...)
	if err != nil {
		return nil, err
	}
	f := i18n.Format{Lang: l, Zone: n.zone}
	t := &web.Table{ID: "tried", Caption: web.Say("callback.tried"), Columns: []web.Column{{Words: web.Say("callback.tried.at")}, {Words: web.Say("callback.channel")},
		{Words: web.Say("callback.outcome")}, {Words: web.Say("callback.tried.by")}}}
	for _, a := range list {
		name := ""
		if a.AccountID != nil {
			name = known[*a.AccountID]
		}
		what := web.Say("callback.outcome." + a.Outcome)
		if a.AgainAt != nil {
			what = web.Say("callback.outcome.again.at", "At", f.DateTime(*a.AgainAt))
		}
		t.Rows = append(t.Rows, web.Row{Cells: []web.Cell{{Words: web.Plain(f.DateTime(a.At))}, {Words: web.Say("callback.channel." + a.Channel)}, {Words: what}, {Words: web.Plain(name)}}})
	}
	return t, nil
}

func newCallbackForm(t callbackTyped) *callbackForm {
	f := &callbackForm{
		Channel:  web.Field{Name: "channel", Label: web.Say("callback.channel"), Value: t.Channel, Inline: true},
		Outcome:  web.Field{Name: "outcome", Label: web.Say("callback.outcome"), Value: t.Outcome},
		Again:    web.Field{Name: "again", Label: web.Say("callback.again"), Value: t.Again, Type: "datetime-local", Width: "20"},
		Grade:    web.Field{Name: "grade", Label: web.Say("callback.grade")},
		Resolved: web.Field{Name: "resolved", Label: web.Say("callback.resolved"), Value: t.Resolved, Inline: true, Optional: true},
		Reasons:  web.Field{Name: "reasons", Label: web.Say("callback.reasons"), Values: t.Reasons, Optional: true},
		Comment:  web.Field{Name: "comment", Label: web.Say("callback.comment"), Value: t.Comment, Optional: true, Rows: 3, Max: satisfaction.CommentMost},
	}
	for _, ch := range satisfaction.CallChannels {
		f.Channel.Options = append(f.Channel.Options, web.Option{Value: ch, Words: web.Say("callback.channel." + ch)})
	}
	for _, o := range satisfaction.Outcomes {
		option := web.Option{Value: o, Words: web.Say("callback.outcome." + o)}
		if o == "again" {
			again := f.Again
			option.Reveal = &again
		}
		f.Outcome.Options = append(f.Outcome.Options, option)
	}
	f.Grade.Optional = true
	for g := 5; g >= 1; g-- {
		digit := string(rune('0' + g))
		if t.Grade == g {
			f.Grade.Value = digit
		}
		f.Grade.Options = append(f.Grade.Options, web.Option{Value: digit, Words: web.Say("satisfaction.grade." + digit)})
	}
	for _, r := range []string{"yes", "partly", "no"} {
		f.Resolved.Options = append(f.Resolved.Options, web.Option{Value: r, Words: web.Say("satisfaction.resolved." + r)})
	}
	for _, r := range satisfaction.Reasons {
		f.Reasons.Options = append(f.Reasons.Options, web.Option{Value: r, Words: web.Say("satisfaction.reason." + r)})
	}
	return f
}

func (f *callbackForm) bind(p *web.Page) {
	for _, one := range []*web.Field{&f.Channel, &f.Outcome, &f.Grade, &f.Resolved, &f.Reasons, &f.Comment} {
		*one = p.Bind(*one)
	}
}

// take gives the call to whoever asks for it.
func (p *callbackPage) take(c *gin.Context) error {
	if err := p.Callbacks.Take(c.Request.Context(), c.Param("case_no")); err != nil {
		return p.again(c, callbackTyped{}, err)
	}
	c.Redirect(http.StatusSeeOther, "/desk/callbacks/"+url.PathEscape(c.Param("case_no")))
	return nil
}

// record writes down what came of an attempt.
func (p *callbackPage) record(c *gin.Context) error {
	var t callbackTyped
	err := web.Decode(c, &t)
	if err == nil {
		var r satisfaction.Rang
		if r, err = p.rang(c, t); err == nil {
			_, err = p.Callbacks.Record(c.Request.Context(), c.Param("case_no"), r)
		}
	}
	if err != nil {
		return p.again(c, t, err)
	}
	done := web.Say("callback.done." + t.Outcome)
	if err := p.Kit.Flash(c, web.Notice{Tone: web.ToneDone, Title: web.Plain(c.Param("case_no")), Words: done}); err != nil {
		return err
	}
	c.Redirect(http.StatusSeeOther, "/desk/callbacks")
	return nil
}

func (p *callbackPage) rang(c *gin.Context, t callbackTyped) (satisfaction.Rang, error) {
	r := satisfaction.Rang{Channel: t.Channel, Outcome: t.Outcome,
		Said: satisfaction.Judgement{Grade: t.Grade, Resolved: t.Resolved, Reasons: t.Reasons, Comment: t.Comment}}
	if t.Outcome != "again" || t.Again == "" {
		return r, nil
	}
	n, err := p.names(c.Request.Context())
	if err != nil {
		return r, err
	}
	at, err := time.ParseInLocation(againLayout, strings.Replace(t.Again, " ", "T", 1), n.zone)
	if err != nil {
		return r, fault.InvalidInput(fault.Field{Name: "again", Key: "callback.again.form"})
	}
	r.Again = &at
	return r, nil
}

// again shows the page with what was typed and what is wrong with it, or who was
// quicker.
func (p *callbackPage) again(c *gin.Context, t callbackTyped, wrong error) error {
	if e, ours := fault.As(wrong); !ours || (e.Kind != fault.Invalid && e.Kind != fault.Conflict) {
		return wrong
	}
	v, err := p.view(c, t)
	if err != nil {
		return err
	}
	if rest := v.Fail(wrong); rest != nil {
		return rest
	}
	if v.Form != nil {
		v.Form.bind(&v.Page)
	}
	return p.Kit.Show(c, "desk/callback", v)
}

// reveal shows who is to be rung in the clear, for a reason that is written down
// first, to who has taken the call.
func (p *callbackPage) reveal(c *gin.Context) error {
	v, err := p.view(c, callbackTyped{})
	if err != nil {
		return err
	}
	if v.Reveal == nil {
		return p.again(c, callbackTyped{}, fault.New(fault.Conflict, "callback.not_taken"))
	}
	reason := strings.TrimSpace(c.PostForm("reveal_reason"))
	var check fault.Check
	check.That(reason != "", "reveal_reason", "desk.reveal.required")
	check.That(len([]rune(reason)) <= 200, "reveal_reason", "case.text.long", "Max", 200)
	wrong := check.Err()
	if wrong == nil {
		wrong = p.still(c)
	}
	if rest := v.Fail(wrong); rest != nil {
		return rest
	}
	if v.Failing() {
		return p.askWhy(c, v, reason)
	}
	clear := map[string]constituents.View{}
	for id := range v.one.People {
		if clear[id], err = p.clear(c.Request.Context(), v.one, id, reason); err != nil {
			return err
		}
	}
	v.one.People = clear
	shown := caseView{}
	shown.parties(v.one, v.n)
	v.Parties, v.Revealed, v.Reveal = shown.Parties, true, nil
	c.Header("Cache-Control", "no-store")
	return p.Kit.Show(c, "desk/callback", v)
}

func (p *callbackPage) askWhy(c *gin.Context, v *callbackView, reason string) (err error) {
	if v.Reveal, v.Password, err = p.why(c, &v.Page, *v.Reveal, reason); err != nil {
		return err
	}
	return p.Kit.Show(c, "desk/callback", v)
}

// back answers a reload of what was posted.
func (p *callbackPage) back(c *gin.Context) error {
	c.Redirect(http.StatusSeeOther, "/desk/callbacks/"+url.PathEscape(c.Param("case_no")))
	return nil
}

// typedInCallback names what somebody types into the form.
func typedInCallback(name string) web.Words {
	if name == "comment" || name == "again" {
		return web.Say("callback." + name)
	}
	return web.Words{}
}
