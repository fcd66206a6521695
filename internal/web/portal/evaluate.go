package portal

import (
	"github.com/gin-gonic/gin"

	"minqing/internal/cases"
	"minqing/internal/fault"
	"minqing/internal/satisfaction"
	"minqing/internal/web"
)

// judgeForm asks for grade, solved, reasons and a comment.
type judgeForm struct {
	Grade, Resolved, Reasons, Comment web.Field
}

func newJudgeForm(j satisfaction.Judgement) judgeForm {
	f := judgeForm{
		Grade:    web.Field{Name: "grade", Label: web.Say("follow.judge.grade")},
		Resolved: web.Field{Name: "resolved", Label: web.Say("follow.judge.resolved"), Value: j.Resolved, Inline: true},
		Reasons:  web.Field{Name: "reasons", Label: web.Say("follow.judge.reasons"), Values: j.Reasons, Optional: true},
		Comment:  web.Field{Name: "comment", Label: web.Say("follow.judge.comment"), Value: j.Comment, Optional: true, Rows: 3, Max: satisfaction.CommentMost},
	}
	for g := 5; g >= 1; g-- {
		digit := string(rune('0' + g))
		if j.Grade == g {
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

func (f *judgeForm) bind(p *web.Page) {
	f.Grade, f.Resolved, f.Reasons, f.Comment = p.Bind(f.Grade), p.Bind(f.Resolved), p.Bind(f.Reasons), p.Bind(f.Comment)
}

type evaluatePage struct{ Following }

// errNoJudgement is said of a link that is cut off, or older than the newest
// conclusion.
var errNoJudgement = fault.New(fault.NotFound, "follow.judge.bad_link")

type evaluateView struct {
	web.Page
	CaseNo string
	Form   *judgeForm
	Done   bool
	Thanks web.Notice
}

// show opens the single-use link. A used one says thank you, not "error".
func (p *evaluatePage) show(c *gin.Context) error {
	found, err := p.Satisfaction.Open(c.Request.Context(), c.Param("token"))
	v := p.view(c, found)
	if e, ok := fault.As(err); ok && e.Key == "satisfaction.used" {
		v.Done, v.Title = true, web.Say("follow.judge.done")
		return p.Kit.Show(c, "portal/evaluate", v)
	}
	if fault.KindOf(err) == fault.NotFound && err != nil {
		return errNoJudgement
	}
	if err != nil {
		return err
	}
	f := newJudgeForm(satisfaction.Judgement{})
	v.Form = &f
	return p.Kit.Show(c, "portal/evaluate", v)
}

func (p *evaluatePage) view(c *gin.Context, found *cases.Case) *evaluateView {
	v := &evaluateView{Page: p.Kit.Page(c, web.Say("follow.judge.title"))}
	v.Thanks = web.Notice{Tone: web.ToneDone, Words: web.Say("follow.judge.thanks")}
	if found != nil {
		v.CaseNo = found.CaseNo
	}
	return v
}

func (p *evaluatePage) send(c *gin.Context) error {
	var in ownInput
	err := web.Decode(c, &in)
	if err != nil && len(fieldsOf(err)) == 0 {
		return err
	}
	j := in.judgement()
	j.Channel = "link"
	ctx, token := c.Request.Context(), c.Param("token")
	if err == nil {
		err = p.Satisfaction.ByLink(ctx, token, j)
	}
	if err == nil {
		c.Redirect(303, "/evaluate/"+token)
		return nil
	}
	found, loadErr := p.Satisfaction.Open(ctx, token)
	if loadErr != nil {
		return err
	}
	v := p.view(c, found)
	if rest := v.Fail(err); rest != nil {
		return rest
	}
	f := newJudgeForm(j)
	f.bind(&v.Page)
	v.Form = &f
	return p.Kit.Show(c, "portal/evaluate", v)
}
