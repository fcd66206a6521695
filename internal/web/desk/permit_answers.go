package desk

import (
	"net/url"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"minqing/internal/cases"
	"minqing/internal/catalogue"
	"minqing/internal/i18n"
	"minqing/internal/permits"
	"minqing/internal/text"
	"minqing/internal/web"
)

// objectForm says of answers of the form what is wrong with them.
type objectForm struct {
	Rows []objectRow
	Open bool // something was typed
}

type objectRow struct {
	Title web.Words
	Said  web.Words
	Why   web.Field
	Lies  *web.Field // where the fault lies, of an answer that was corrected since
}

// objects is the form with what was typed.
func (v *permitView) objects(c *gin.Context, p *permits.Part) *objectForm {
	f := &objectForm{}
	for _, q := range catalogue.ToAsk(p.Questions, p.Application.Answers) {
		row := objectRow{Title: web.Data(q.Title), Said: web.Data(maskedAnswer(q, p.Application.Answers[q.Name]))}
		row.Why = v.Bind(web.Field{Name: "why." + q.Name, Label: web.Say("permit.desk.object.why", "Question", q.Title), Value: c.PostForm("why." + q.Name), Rows: 2, Optional: true, Max: cases.TextMost / 5})
		if ch := p.AnswerSince(q.Name); ch != nil && ch.Before != nil {
			options := []web.Option{{Value: permits.LiesNew, Words: web.Say("permit.lies.new")}}
			if p.AnswerAskedBefore(q.Name) {
				options = append(options, web.Option{Value: permits.LiesAsked, Words: web.Say("permit.lies.asked")})
			}
			options = append(options, web.Option{Value: permits.LiesSeen, Words: web.Say("permit.lies.seen")})
			name := "lies.answers." + q.Name
			lies := v.Bind(web.Field{Name: name, Label: web.Say("permit.lies"), Hint: web.Say("permit.lies.hint"), Value: c.PostForm(name), Options: options})
			row.Lies = &lies
		}
		f.Open = f.Open || row.Why.Value != "" || row.Why.Error != nil || row.Lies != nil && row.Lies.Error != nil
		f.Rows = append(f.Rows, row)
	}
	if len(f.Rows) == 0 {
		return nil
	}
	return f
}

// objections are those that were typed: an answer without a reason is in order.
func objections(form url.Values, typed func(name string) string) map[string]permits.Objection {
	out := map[string]permits.Objection{}
	for name := range form {
		if question, ok := strings.CutPrefix(name, "why."); ok && typed(name) != "" {
			out[question] = permits.Objection{Reason: typed(name), Lies: typed("lies.answers." + question)}
		}
	}
	return out
}

// maskedAnswer is an answer as the desk shows it: numbers of people are masked.
func maskedAnswer(q catalogue.Question, answer any) i18n.Text {
	said := permits.AnswerText(q, answer)
	for l, words := range said {
		said[l] = text.MaskFree(words)
	}
	return said
}

// changed says of answers that were corrected what they were and what they are, when,
// and on whose word.
func (p *permitPage) changed(lang i18n.Lang, part *permits.Part) (rows []web.SummaryRow) {
	f := p.Kit.Format(lang)
	for i := range slices.Backward(part.Changes) {
		ch := &part.Changes[i]
		at := slices.IndexFunc(part.Questions, func(q catalogue.Question) bool { return q.Name == ch.Name })
		if at < 0 {
			continue
		}
		q := part.Questions[at]
		args := []any{"Before", maskedAnswer(q, ch.Before), "After", maskedAnswer(q, ch.After), "At", f.DateTime(ch.ChangedAt)}
		key := "permit.changes.row"
		switch {
		case ch.Agreed != "":
			key, args = "permit.changes.row.spot", append(args, "How", i18n.Phrase{Key: "permit.spot.by." + ch.Agreed, Args: map[string]any{"Who": ch.Who}})
		case !ch.Differs():
			key = "permit.changes.row.same"
		}
		rows = append(rows, web.SummaryRow{Key: web.Data(q.Title), Value: web.Say(key, args...)})
	}
	return rows
}
