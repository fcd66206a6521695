package enterprise

import (
	"net/http"
	"slices"
	"time"

	"github.com/gin-gonic/gin"

	"minqing/internal/catalogue"
	"minqing/internal/fault"
	"minqing/internal/permits"
	"minqing/internal/web"
)

const answersPath = "answers" // of an application that was sent

// answerView is an answer that has to be corrected.
type answerView struct {
	Name  string // of its field
	Title web.Words
	Why   string
	Said  web.Words // as it stands, or was typed and is not sent yet
	Chip  web.Chip
	Needs bool
}

// changeView is an answer that was corrected after it was sent.
type changeView struct {
	Title         web.Words
	Before, After web.Words
	At            time.Time
	Same          bool
	How           web.Words // how the applicant agreed, where the office wrote it on the spot
}

// corrections shows what has to be corrected of the answers, and what was.
func (v *applicationView) corrections() {
	o := v.Own
	if c := o.Correction; c != nil {
		for _, q := range c.Questions {
			row := answerView{Name: "answers." + q.Name, Title: web.Data(q.Title), Why: c.Why(q.Name), Said: web.Data(permits.AnswerText(q, c.Answers[q.Name])),
				Chip: web.Chip{Tone: web.ToneInfo, Words: web.Say("permit.item.renewed")}}
			if !c.Typed(q.Name) {
				row.Needs, row.Chip = true, web.Chip{Tone: web.ToneDue, Words: web.Say("permit.item.correct")}
			}
			v.Answers = append(v.Answers, row)
		}
	}
	for i := range slices.Backward(o.Changes) {
		ch := &o.Changes[i]
		at := slices.IndexFunc(o.Questions, func(q catalogue.Question) bool { return q.Name == ch.Name })
		if at < 0 {
			continue
		}
		q := o.Questions[at]
		row := changeView{Title: web.Data(q.Title), Before: web.Data(permits.AnswerText(q, ch.Before)), After: web.Data(permits.AnswerText(q, ch.After)), At: ch.ChangedAt, Same: !ch.Differs()}
		if ch.Agreed != "" {
			row.How = web.Say("permit.spot.by."+ch.Agreed, "Who", ch.Who)
		}
		v.Changes = append(v.Changes, row)
	}
}

// correcting opens the page of the questions that a notice asks for.
func (p *applicationPage) correcting(c *gin.Context) (*applicationView, error) {
	v, err := p.load(c, "")
	if err != nil {
		return nil, err
	}
	v.Title, v.Asking = web.Say("permit.answers.title"), v.Own.Open()
	v.Back = &web.Link{Href: v.path(""), Words: web.Say("portal.back")}
	return v, nil
}

// wrong asks for the answers that have to be corrected, and for no others; where there
// are none, the page of the application is shown instead.
func (p *applicationPage) wrong(c *gin.Context) error {
	v, err := p.correcting(c)
	if err != nil {
		return err
	}
	if v.Own.Correction == nil || !v.MayWrite {
		c.Redirect(http.StatusSeeOther, v.path(""))
		return nil
	}
	return p.askAgain(c, v, nil)
}

func (p *applicationPage) askAgain(c *gin.Context, v *applicationView, sent map[string][]string) error {
	now := v.Own.Correction
	v.Reasons = map[string]string{}
	for _, q := range now.Questions {
		values, typed := sent[q.Name]
		if !typed {
			values = permits.AnswerValues(now.Answers[q.Name])
		}
		v.Asked = append(v.Asked, v.Ask(q, values))
		v.Reasons[q.Name] = now.Why(q.Name)
	}
	return p.Kit.Show(c, "enterprise/answers", v)
}

// correct keeps what was typed, well or not. Nothing is sent yet: the page of the
// application sends all corrections together.
func (p *applicationPage) correct(c *gin.Context) error {
	v, err := p.correcting(c)
	if err != nil {
		return err
	}
	var f answerForm
	if err := web.Decode(c, &f); err != nil {
		return err
	}
	sent, given := map[string][]string{}, map[string]any{}
	for _, q := range v.Own.Questions {
		if slices.Contains(f.Asked, q.Name) {
			sent[q.Name] = web.Sent(c, q)
			q.ShowIf = nil // it was shown
			given[q.Name] = catalogue.Answers([]catalogue.Question{q}, func(string) []string { return sent[q.Name] })[q.Name]
		}
	}
	problem := p.Permits.CorrectAnswers(c.Request.Context(), v.ID, f.Version, given)
	if problem != nil && fault.KindOf(problem) != fault.Invalid && fault.KindOf(problem) != fault.Conflict {
		return problem
	}
	if v, err = p.correcting(c); err != nil { // as it stands now
		return err
	}
	if v.Own.Correction == nil { // a colleague has sent it, or nothing was asked
		return p.failSent(c, problem)
	}
	more := slices.ContainsFunc(v.Own.Correction.Questions, func(q catalogue.Question) bool { return !slices.Contains(f.Asked, q.Name) })
	switch {
	case more && (problem == nil || fault.KindOf(problem) == fault.Invalid):
		c.Redirect(http.StatusSeeOther, v.path(answersPath)) // an answer calls for the next
		return nil
	case problem == nil:
		c.Redirect(http.StatusSeeOther, v.path("")+"#asking")
		return nil
	}
	if rest := v.Fail(problem); rest != nil {
		return rest
	}
	return p.askAgain(c, v, sent)
}
