package portal

import (
	"context"
	"slices"
	"time"

	"github.com/gin-gonic/gin"

	"minqing/internal/access"
	"minqing/internal/actor"
	"minqing/internal/cases"
	"minqing/internal/catalogue"
	"minqing/internal/fault"
	"minqing/internal/i18n"
	"minqing/internal/notify"
	"minqing/internal/satisfaction"
	"minqing/internal/web"
)

// Following is what the pages of following and judging a case work with.
type Following struct {
	Kit          *web.Kit
	Cases        *cases.Service
	Satisfaction *satisfaction.Service
	Notify       *notify.Service
	Catalogue    *catalogue.Service
	Now          func() time.Time
}

// RegisterFollowing mounts tracking, the citizen's own case and its evaluation.
func RegisterFollowing(d Following) {
	k, e := d.Kit, d.Kit.Engine()
	slow := web.Throttle(30, time.Minute, web.ByIP)
	t := &trackPage{d}
	k.GET(e, "/track", web.Public, t.show)
	k.POST(e, "/track", web.Public, t.find, slow)
	o := &ownPage{d}
	k.GET(e, "/cases/:case_no", web.Public, o.show)
	k.POST(e, "/cases/:case_no", web.Public, o.act, slow)
	v := &evaluatePage{d}
	k.GET(e, "/evaluate/:token", web.Public, v.show)
	k.POST(e, "/evaluate/:token", web.Public, v.send, slow)
	k.GET(e, "/me/cases", access.SignedIn, (&minePage{d}).show)
}

type trackPage struct{ Following }

type trackView struct {
	web.Page
	CaseNo, Code web.Field
}

func (p *trackPage) view(c *gin.Context, caseNo, code string) *trackView {
	v := &trackView{Page: p.Kit.Page(c, web.Say("follow.track.title"))}
	v.CaseNo = web.Field{Name: "case_no", Label: web.Say("follow.case_no"), Hint: web.Say("follow.case_no.hint"), Value: caseNo, Width: "20"}
	v.Code = web.Field{Name: "query_code", Label: web.Say("follow.code"), Hint: web.Say("follow.code.hint"), Value: code, Width: "20", Complete: "off"}
	return v
}

func (p *trackPage) show(c *gin.Context) error {
	return p.Kit.Show(c, "portal/track", p.view(c, c.Query("case_no"), ""))
}

// find checks number and code and keeps the code in a cookie of this case, so
// that it never stands in an address.
func (p *trackPage) find(c *gin.Context) error {
	var in struct {
		CaseNo string `form:"case_no"`
		Code   string `form:"query_code"`
	}
	err := web.Decode(c, &in)
	if err == nil {
		var check fault.Check
		check.That(in.CaseNo != "", "case_no", "follow.case_no.required")
		check.That(in.Code != "", "query_code", "follow.code.required")
		err = check.Err()
	}
	var found *cases.View
	if err == nil {
		found, err = p.Cases.Track(c.Request.Context(), cases.Key{CaseNo: in.CaseNo, QueryCode: in.Code})
	}
	if fault.KindOf(err) == fault.NotFound && err != nil {
		err = fault.InvalidInput(fault.Field{Name: "case_no", Key: "case.missing"})
	}
	if err != nil {
		v := p.view(c, in.CaseNo, in.Code)
		if rest := v.Fail(err); rest != nil {
			return rest
		}
		v.CaseNo, v.Code = v.Bind(v.CaseNo), v.Bind(v.Code)
		return p.Kit.Show(c, "portal/track", v)
	}
	p.Kit.Remember(c, codeCookie(found.CaseNo), in.Code, "/cases/"+found.CaseNo, 24*time.Hour)
	c.Redirect(303, "/cases/"+found.CaseNo)
	return nil
}

func codeCookie(caseNo string) string { return "mq_code_" + caseNo }

type ownPage struct{ Following }

type ownView struct {
	web.Page
	caseID    string
	CaseNo    string
	Steps     []web.Step
	Promise   *promise
	Notices   []web.Notice
	Facts     []web.SummaryRow
	Messages  []turn
	Text      web.Field
	CanSay    bool
	NeedsInfo bool
	Withdraw  *web.Field
	Appeal    *web.Field
	Judge     *judgeForm
	Judged    *web.Words
	What      string
}

type promise struct {
	At          time.Time
	Left        web.Words
	Provisional bool
	Done        bool
}

type turn struct {
	At   time.Time
	Mine bool
	By   web.Words
	Text string
}

func (p *ownPage) key(c *gin.Context) cases.Key {
	no := c.Param("case_no")
	code, _ := c.Cookie(codeCookie(no)) // without the cookie the account decides
	return cases.Key{CaseNo: no, QueryCode: code}
}

func (p *ownPage) show(c *gin.Context) error {
	v, err := p.view(c)
	if fault.KindOf(err) == fault.NotFound && err != nil {
		c.Redirect(303, "/track?case_no="+c.Param("case_no"))
		return nil
	}
	if err != nil {
		return err
	}
	if err := p.read(c.Request.Context(), v.caseID); err != nil {
		return err
	}
	return p.Kit.Show(c, "portal/own", v)
}

// read notes that the person who is signed in has seen what we told them of the
// case. A query code may be in other hands, so it notes nothing.
func (p *ownPage) read(ctx context.Context, caseID string) error {
	me, err := p.Cases.Constituents.Family(ctx, actor.From(ctx).ConstituentID)
	if err != nil || len(me) == 0 {
		return err
	}
	return p.Notify.MarkRead(ctx, me, caseID)
}

func (p *ownPage) view(c *gin.Context) (*ownView, error) {
	ctx := c.Request.Context()
	one, err := p.Cases.Track(ctx, p.key(c))
	if err != nil {
		return nil, err
	}
	v := &ownView{Page: p.Kit.Page(c, web.Plain(one.Title)), caseID: one.ID, CaseNo: one.CaseNo, What: one.Description}
	for i := 1; i <= 5; i++ {
		s := web.Step{Words: web.Say("case.stage." + string(rune('0'+i))), State: "next"}
		switch now := one.Status.Stage(); {
		case i < now:
			s.State = "past"
		case i == now:
			s.State = "now"
		}
		v.Steps = append(v.Steps, s)
	}
	if err := p.promise(c, v, one); err != nil {
		return nil, err
	}
	snap, err := p.Catalogue.Snapshot(ctx)
	if err != nil {
		return nil, err
	}
	p.facts(v, one, snap)
	p.talk(v, one, snap)
	p.acts(v, one)
	return v, p.judge(c, v, one)
}

func (p *ownPage) promise(c *gin.Context, v *ownView, one *cases.View) error {
	if one.Status == cases.NeedInfo {
		v.NeedsInfo = true
		v.Notices = append(v.Notices, web.Notice{Tone: web.ToneDue, Title: web.Say("follow.need_info.title"), Words: web.Say("follow.need_info.words")})
	}
	if one.DueAt == nil || one.Status.Ended() {
		return nil
	}
	left, err := p.Cases.DaysLeft(c.Request.Context(), &one.Case)
	if err != nil {
		return err
	}
	key, args := i18n.DaysLeft(left)
	v.Promise = &promise{At: *one.DueAt, Left: web.Words{Key: key, Args: args}, Provisional: one.DueProvisional, Done: one.Status.Stage() >= 4}
	return nil
}

func (p *ownPage) facts(v *ownView, one *cases.View, snap *catalogue.Snapshot) {
	add := func(key string, w web.Words) { v.Facts = append(v.Facts, web.SummaryRow{Key: web.Say(key), Value: w}) }
	add("follow.case_no", web.Plain(one.CaseNo))
	add("follow.status", web.Say("case.status."+string(one.Status)))
	add("follow.kind", web.Say("case.kind."+string(one.Kind)))
	if one.MatterID != nil {
		if m, err := snap.Matter(*one.MatterID); err == nil {
			add("follow.matter", web.Data(m.Name))
		}
	}
	if u, err := snap.Unit(one.UnitID); err == nil {
		add("follow.unit", web.Data(u.Name))
	}
	if !one.RouteReason.Empty() {
		add("follow.route", web.Data(one.RouteReason))
	}
	if one.Outcome != "" {
		add("follow.outcome", web.Say("case.outcome."+string(one.Outcome)))
	}
}

func (p *ownPage) talk(v *ownView, one *cases.View, snap *catalogue.Snapshot) {
	for _, m := range one.Messages {
		t := turn{At: m.At, Mine: m.Direction == "in", By: web.Say("follow.you"), Text: m.Text}
		if !t.Mine {
			t.By = web.Say("follow.government")
			if m.UnitID != nil {
				if u, err := snap.Unit(*m.UnitID); err == nil {
					t.By = web.Data(u.Name)
				}
			}
		}
		v.Messages = append(v.Messages, t)
	}
}

func (p *ownPage) acts(v *ownView, one *cases.View) {
	v.CanSay = slices.Contains(one.Actions, cases.ActMessage)
	v.Text = web.Field{Name: "text", Label: web.Say("follow.say.label"), Rows: 5, Max: cases.TextMost}
	if v.NeedsInfo {
		v.Text.Label = web.Say("follow.answer.label")
	}
	if slices.Contains(one.Actions, cases.ActWithdraw) {
		v.Withdraw = &web.Field{Name: "withdraw_reason", Label: web.Say("follow.withdraw.reason"), Optional: true, Rows: 3, Max: cases.TextMost}
	}
	if slices.Contains(one.Actions, cases.ActAppeal) {
		v.Appeal = &web.Field{Name: "appeal_reason", Label: web.Say("follow.appeal.reason"), Rows: 4, Max: cases.TextMost}
	}
}

// judge offers the evaluation of a concluded case, or says that it was given.
func (p *ownPage) judge(c *gin.Context, v *ownView, one *cases.View) error {
	if one.ConcludedAt == nil {
		return nil
	}
	given, err := p.Satisfaction.Of(c.Request.Context(), &one.Case)
	if err != nil {
		return err
	}
	if given != nil {
		w := web.Say("satisfaction.grade." + string(rune('0'+given.Grade)))
		v.Judged = &w
		return nil
	}
	f := newJudgeForm(satisfaction.Judgement{})
	v.Judge = &f
	return nil
}

// act takes the citizen's message, withdrawal, appeal or judgement.
func (p *ownPage) act(c *gin.Context) error {
	var in ownInput
	if err := web.Decode(c, &in); err != nil {
		return err
	}
	err := p.do(c, in)
	if err == nil {
		p.Kit.Flash(c, web.Notice{Tone: web.ToneDone, Words: web.Say("follow.done." + in.Do)})
		c.Redirect(303, "/cases/"+c.Param("case_no"))
		return nil
	}
	v, loadErr := p.view(c)
	if loadErr != nil {
		return loadErr
	}
	if rest := v.Fail(err); rest != nil {
		return rest
	}
	v.Text.Value = in.Text
	v.Text = v.Bind(v.Text)
	for _, f := range []*web.Field{v.Withdraw, v.Appeal} {
		if f != nil {
			f.Value = map[string]string{"withdraw_reason": in.Withdraw, "appeal_reason": in.Appeal}[f.Name]
			*f = v.Bind(*f)
		}
	}
	if v.Judge != nil {
		f := newJudgeForm(in.judgement())
		f.bind(&v.Page)
		v.Judge = &f
	}
	return p.Kit.Show(c, "portal/own", v)
}

type ownInput struct {
	Do       string   `form:"do"`
	Text     string   `form:"text"`
	Withdraw string   `form:"withdraw_reason"`
	Appeal   string   `form:"appeal_reason"`
	Grade    int      `form:"grade"`
	Resolved string   `form:"resolved"`
	Reasons  []string `form:"reasons"`
	Comment  string   `form:"comment"`
}

func (in ownInput) judgement() satisfaction.Judgement {
	return satisfaction.Judgement{Grade: in.Grade, Resolved: in.Resolved, Reasons: in.Reasons, Comment: in.Comment, Channel: "web"}
}

func (p *ownPage) do(c *gin.Context, in ownInput) error {
	ctx, k := c.Request.Context(), p.key(c)
	var err error
	switch in.Do {
	case "say":
		_, err = p.Cases.Say(ctx, k, in.Text)
	case "withdraw":
		_, err = p.Cases.Withdraw(ctx, k, in.Withdraw)
		return renamed(err, "reason", "withdraw_reason")
	case "appeal":
		_, err = p.Cases.Appeal(ctx, k, in.Appeal)
		return renamed(err, "reason", "appeal_reason")
	case "evaluate":
		err = p.Satisfaction.ByKey(ctx, k, in.judgement())
	default:
		err = fault.New(fault.NotFound, "case.action.unknown")
	}
	return err
}

// renamed points an error at the input of this page.
func renamed(err error, from, to string) error {
	e, ok := fault.As(err)
	if !ok {
		return err
	}
	for i := range e.Fields {
		if e.Fields[i].Name == from {
			e.Fields[i].Name = to
		}
	}
	return e
}
