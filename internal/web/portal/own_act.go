package portal

import (
	"strconv"

	"github.com/gin-gonic/gin"

	"minqing/internal/cookie"
	"minqing/internal/fault"
	"minqing/internal/idcode"
	"minqing/internal/satisfaction"
	"minqing/internal/web"
)

// act takes the citizen's message, withdrawal, appeal or judgement.
func (p *ownPage) act(c *gin.Context) error {
	var in ownInput
	err := web.Decode(c, &in)
	if err != nil && len(fieldsOf(err)) == 0 {
		return err
	}
	if err == nil && in.Do == "renew" {
		return p.renew(c)
	}
	if err == nil {
		err = p.do(c, in)
	}
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
	Grade    string   `form:"grade"`
	Resolved string   `form:"resolved"`
	Reasons  []string `form:"reasons"`
	Comment  string   `form:"comment"`
}

// judgement is what was answered; a grade that is no number is none, which is
// then asked for.
func (in ownInput) judgement() satisfaction.Judgement {
	grade, _ := strconv.Atoi(in.Grade)
	return satisfaction.Judgement{Grade: grade, Resolved: in.Resolved, Reasons: in.Reasons, Comment: in.Comment, Channel: "web"}
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
	case "agree", "revoke":
		err = p.Voices.Agree(ctx, k, in.Do == "agree")
	case "evaluate":
		err = p.Satisfaction.ByKey(ctx, k, in.judgement())
	default:
		err = fault.New(fault.NotFound, "case.action.unknown")
	}
	return err
}

// renew gives the requester a new query code and shows it on their page.
func (p *ownPage) renew(c *gin.Context) error {
	no := c.Param("case_no")
	code, err := p.Cases.RenewOwnCode(c.Request.Context(), no)
	if err != nil {
		return err
	}
	p.Kit.Keep(c, cookie.Code(no), code)
	notice := web.Notice{Tone: web.ToneDone, Words: web.Say("follow.done.renew", "Code", idcode.FormatQueryCode(code))}
	if err := p.Kit.Flash(c, notice); err != nil {
		return err
	}
	c.Redirect(303, "/cases/"+no)
	return nil
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
