package cases

import (
	"strconv"

	"minqing/internal/text"
)

// ShownTitle is the title as staff and their programs read it: the phones,
// numbers and mails that somebody wrote into it are masked. Title is as it was
// written, for the person who wrote it, for search and for what is sealed.
func (c *Case) ShownTitle() string { return text.MaskFree(c.Title) }

// ShownDescription is the description as staff and their programs read it.
func (c *Case) ShownDescription() string { return text.MaskFree(c.Description) }

// ShownAnswers are the answers to the matter's questions as staff and their
// programs read them: every text in them is masked, at whatever depth.
func (c *Case) ShownAnswers() map[string]any {
	answers := c.AnswerMap()
	for name, a := range answers {
		answers[name] = masked(a)
	}
	return answers
}

// ShownAddress is where the trouble is, as staff read it: in full, for they have
// to go there, but without the phones that somebody wrote beside it.
func (v *View) ShownAddress() string { return text.MaskFree(v.Address) }

// ShownRelation is what somebody said to be to whom they file for.
func (p *Party) ShownRelation() string { return text.MaskFree(p.Relation) }

// ShownTitle is the title as whoever publishes reads it.
func (v *VoiceItem) ShownTitle() string { return text.MaskFree(v.Title) }

func masked(answer any) any {
	switch a := answer.(type) {
	case string:
		return text.MaskFree(a)
	case float64: // a phone was typed where a number was asked for
		s := strconv.FormatFloat(a, 'f', -1, 64)
		if shown := text.MaskFree(s); shown != s {
			return shown
		}
	case []any:
		for i := range a {
			a[i] = masked(a[i])
		}
	case map[string]any:
		for k := range a {
			a[k] = masked(a[k])
		}
	}
	return answer
}
