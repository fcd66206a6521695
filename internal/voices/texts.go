package voices

import (
	"slices"
	"strings"
	"unicode/utf8"

	"minqing/internal/cases"
	"minqing/internal/fault"
	"minqing/internal/idcode"
	"minqing/internal/text"
)

// Lengths in characters.
const (
	TitleMost  = cases.TitleMost
	TextMost   = 5000
	ReasonMost = 300
)

// Texts are what is published of a case, and all of it.
type Texts struct{ Title, Question, Answer string }

func (t Texts) tidy() Texts {
	return Texts{Title: text.MaskFree(text.Line(t.Title)), Question: text.MaskFree(text.Lines(t.Question)), Answer: text.MaskFree(text.Lines(t.Answer))}
}

// Validate checks what was typed.
func (t Texts) Validate() error {
	var c fault.Check
	for _, one := range []struct {
		name, value string
		most        int
	}{{"title", t.Title, TitleMost}, {"question", t.Question, TextMost}, {"answer", t.Answer, TextMost}} {
		c.That(!blank(one.value), one.name, "voices."+one.name+".required")
		c.That(utf8.RuneCountInString(one.value) <= one.most, one.name, "voices.text.long", "Max", one.most)
	}
	return c.Err()
}

func checkedReason(reason string) (string, error) {
	reason = text.MaskFree(text.Line(reason))
	var c fault.Check
	c.That(reason != "", "reason", "voices.reason.required")
	c.That(utf8.RuneCountInString(reason) <= ReasonMost, "reason", "voices.text.long", "Max", ReasonMost)
	return reason, c.Err()
}

// check refuses texts into which somebody has written again what must not stand
// there.
func (m masker) check(t Texts) error {
	var c fault.Check
	for _, one := range []struct{ name, value string }{{"title", t.Title}, {"question", t.Question}, {"answer", t.Answer}} {
		c.That(!slices.ContainsFunc(m.names, func(n string) bool { return whole(text.Fold(n)).MatchString(text.Fold(one.value)) }), one.name, "voices.text.name")
		known := m.address != "" && m.address != idcode.MaskAddress(m.address) && strings.Contains(one.value, m.address)
		c.That(!known && !strings.Contains(one.value, m.number), one.name, "voices.text.place")
	}
	return c.Err()
}
