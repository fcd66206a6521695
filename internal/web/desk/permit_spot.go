package desk

import (
	"net/http"
	"slices"
	"strconv"

	"github.com/gin-gonic/gin"

	"minqing/internal/access"
	"minqing/internal/catalogue"
	"minqing/internal/fault"
	"minqing/internal/i18n"
	"minqing/internal/permits"
	"minqing/internal/text"
	"minqing/internal/web"
)

// spotPage corrects small mistakes in the answers with the applicant there or on the
// telephone (行政許可法 art. 32 (3)).
type spotPage struct{ *permitPage }

func registerSpot(d Deps, p *permitPage) {
	g := d.Kit.Group("/desk")
	one := &spotPage{p}
	d.Kit.GET(g, "/cases/:case_no/permit/answers", access.CaseRead, one.show)
	d.Kit.POST(g, "/cases/:case_no/permit/answers", access.CaseRead, one.send, web.Keeps(typedOnTheSpot))
}

// typedOnTheSpot labels the texts of the page.
func typedOnTheSpot(name string) web.Words {
	if name == "who" {
		return web.Say("permit.spot.who")
	}
	return web.Words{}
}

type spotView struct {
	web.Page
	CaseNo  string
	Version int64
	Asked   []web.Asked
	Agreed  web.Field
	Who     web.Field
}

// show asks for what has to be put right, where that is possible.
func (p *spotPage) show(c *gin.Context) error {
	part, err := p.permits.Part(c.Request.Context(), c.Param("case_no"))
	if err != nil {
		return err
	}
	if part.Application.State != permits.Submitted || part.View.May(access.PermitReview) != nil {
		c.Redirect(http.StatusSeeOther, "/desk/cases/"+part.Case.CaseNo+"/permit")
		return nil
	}
	return p.ask(c, part, nil, nil)
}

// ask shows every answer as it stands, or as it was typed. Numbers of people are masked
// here too: their fields are empty, and stay as they are unless something is typed.
func (p *spotPage) ask(c *gin.Context, part *permits.Part, sent map[string][]string, problem error) error {
	v := &spotView{Page: p.Kit.Page(c, web.Say("permit.spot.title")), CaseNo: part.Case.CaseNo, Version: part.Case.Version}
	v.Back = &web.Link{Href: "/desk/cases/" + v.CaseNo + "/permit", Words: web.Plain(v.CaseNo)}
	if err := v.Fail(problem); err != nil {
		return err
	}
	answers := part.Application.Answers
	if sent != nil {
		answers = catalogue.Answers(part.Questions, func(name string) []string {
			if values, typed := sent[name]; typed {
				return values
			}
			return permits.AnswerValues(part.Application.Answers[name])
		})
	}
	for _, q := range catalogue.ToAsk(part.Questions, answers) {
		stands := part.Application.Answers[q.Name]
		values, typed := sent[q.Name]
		if !typed {
			values = permits.AnswerValues(stands)
		}
		masked := hidden(q, stands)
		if masked && !typed {
			values = nil
		}
		asked := v.Ask(q, values)
		if masked {
			asked.Field.Hint = web.Say("permit.spot.masked", "Value", maskedAnswer(q, stands))
		}
		v.Asked = append(v.Asked, asked)
	}
	v.Agreed = v.Bind(web.Field{Name: "agreed", Label: web.Say("permit.spot.agreed"), Hint: web.Say("permit.spot.agreed.hint"), Value: c.PostForm("agreed")})
	for _, how := range permits.Agreements {
		v.Agreed.Options = append(v.Agreed.Options, web.Option{Value: how, Words: web.Say("permit.spot.agreed." + how)})
	}
	v.Who = v.Bind(web.Field{Name: "who", Label: web.Say("permit.spot.who"), Hint: web.Say("permit.spot.who.hint"), Value: c.PostForm("who"), Width: "20"})
	return p.Kit.Show(c, "desk/spot", v)
}

// hidden says that the desk shows an answer masked.
func hidden(q catalogue.Question, answer any) bool {
	said := permits.AnswerText(q, answer).In(i18n.ZhHant)
	return text.MaskFree(said) != said
}

// send writes what was corrected, with who agreed.
func (p *spotPage) send(c *gin.Context) error {
	part, err := p.permits.Part(c.Request.Context(), c.Param("case_no"))
	if err != nil {
		return err
	}
	if err := c.Request.ParseForm(); err != nil {
		return fault.New(fault.Invalid, "fault.malformed").Because(err)
	}
	version, err := strconv.ParseInt(c.PostForm("version"), 10, 64)
	if err != nil || version <= 0 {
		return fault.New(fault.Invalid, "fault.malformed")
	}
	sent, given := map[string][]string{}, map[string]any{}
	for _, q := range part.Questions {
		if !slices.Contains(c.PostFormArray("asked"), q.Name) {
			continue
		}
		values := web.Sent(c, q)
		if hidden(q, part.Application.Answers[q.Name]) && !slices.ContainsFunc(values, func(s string) bool { return s != "" }) {
			continue // it stays
		}
		sent[q.Name] = values
		alone := q
		alone.ShowIf = nil // it was shown
		given[q.Name] = catalogue.Answers([]catalogue.Question{alone}, func(string) []string { return values })[q.Name]
	}
	_, err = p.permits.CorrectOnTheSpot(c.Request.Context(), part.Case.CaseNo, version, permits.OnTheSpot{Answers: given, Agreed: c.PostForm("agreed"), Who: c.PostForm("who")})
	if err != nil {
		if k := fault.KindOf(err); k != fault.Invalid && k != fault.Conflict {
			return err
		}
		now, loadErr := p.permits.Part(c.Request.Context(), part.Case.CaseNo)
		if loadErr != nil {
			return loadErr
		}
		return p.ask(c, now, sent, err)
	}
	if err := p.Kit.Flash(c, web.Notice{Tone: web.ToneDone, Words: web.Say("permit.spot.done")}); err != nil {
		return err
	}
	c.Redirect(http.StatusSeeOther, "/desk/cases/"+part.Case.CaseNo+"/permit")
	return nil
}
