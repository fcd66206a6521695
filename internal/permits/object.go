package permits

import (
	"slices"
	"strconv"

	"minqing/internal/cases"
	"minqing/internal/catalogue"
	"minqing/internal/fault"
	"minqing/internal/i18n"
	"minqing/internal/text"
)

// Objection is what the unit finds wrong with an answer of the form.
type Objection struct {
	Reason string // why it has to be corrected, for the applicant
	Lies   string // LiesNew, LiesAsked or LiesSeen, of an answer that was corrected since the unit last looked; else empty
}

// objections checks those to answers, and gives them in the order of the questions.
// Mistakes are named why.QUESTION and lies.answers.QUESTION.
func (p *Part) objections(to map[string]Objection, c *fault.Check) (list []NoticeAnswer) {
	asked := catalogue.ToAsk(p.Questions, p.Application.Answers)
	for _, q := range asked {
		o, found := to[q.Name]
		if !found {
			continue
		}
		field, reason := "why."+q.Name, text.Lines(o.Reason)
		c.That(reason != "", field, "permit.reason.required")
		c.That(len([]rune(reason)) <= cases.TextMost/5, field, "case.text.long", "Max", cases.TextMost/5)
		list = append(list, NoticeAnswer{Name: q.Name, Reason: reason, Lies: p.placeAnswer(q.Name, o.Lies, c)})
	}
	for name := range to {
		known := slices.ContainsFunc(asked, func(q catalogue.Question) bool { return q.Name == name })
		c.That(known, "why."+name, "permit.answers.unknown")
	}
	return list
}

// asks are the lines of a notice: what has to be corrected and why.
func (p *Part) asks(lang i18n.Lang, wrong *faults) (lines []string) {
	add := func(name, why string) { lines = append(lines, strconv.Itoa(len(lines)+1)+". "+name+": "+why) }
	for _, it := range wrong.items {
		add(it.Name.In(lang), it.Asked)
	}
	for _, a := range wrong.answers {
		add(p.titleOf(a.Name).In(lang), a.Reason)
	}
	return lines
}

// titleOf is what a question asks; its name where the type has it no more.
func (p *Part) titleOf(question string) i18n.Text {
	if i := slices.IndexFunc(p.Questions, func(q catalogue.Question) bool { return q.Name == question }); i >= 0 {
		return p.Questions[i].Title
	}
	return everywhere(question)
}

// AnswerSince is how an answer was corrected since the unit last looked; nil where it
// stands as it lay there then.
func (p *Part) AnswerSince(question string) *AnswerChange {
	at := p.lookedAt()
	if at == nil {
		return nil
	}
	for i := len(p.Changes) - 1; i >= 0; i-- {
		if ch := &p.Changes[i]; ch.Name == question && ch.ChangedAt.After(*at) && ch.Differs() {
			return ch
		}
	}
	return nil
}

// AnswerAskedBefore says whether an earlier notice asked for an answer.
func (p *Part) AnswerAskedBefore(question string) bool {
	return slices.ContainsFunc(p.Notices, func(n Notice) bool { return n.why(question) != "" })
}

// placeAnswer says where the fault in an answer lies, of a notice after the unit has
// looked before. An answer that was not there then is new as a whole; one that stands as
// it did could be seen.
func (p *Part) placeAnswer(question, said string, c *fault.Check) string {
	if p.lookedAt() == nil {
		return ""
	}
	ch, field := p.AnswerSince(question), "lies.answers."+question
	switch {
	case ch == nil:
		c.That(said == "" || said == LiesSeen, field, "permit.lies.answer.unchanged")
		return LiesSeen
	case ch.Before == nil:
		return LiesNew
	case said == LiesAsked:
		c.That(p.AnswerAskedBefore(question), field, "permit.lies.answer.not_asked")
	default:
		c.That(said == LiesNew || said == LiesSeen, field, "permit.lies.required")
	}
	return said
}
