package enterprise

import (
	"minqing/internal/document"
	"minqing/internal/permits"
	"minqing/internal/web"
)

// declinedView is why an application was not accepted, for its page and its receipt.
type declinedView struct {
	*permits.Declined
	Ground   web.Words
	Remedies web.Words
}

func declinedOf(d *permits.Declined) *declinedView {
	if d == nil {
		return nil
	}
	return &declinedView{Declined: d, Ground: web.Say("permit.declined.ground." + d.Reason), Remedies: web.Data(d.Remedies)}
}

// declined is the refusal to accept, which the law wants in writing, with its ground,
// the body that is the right one, and what can be done against it (行政許可法 art. 32).
func (w *receiptPaper) declined(d *declinedView, until *permits.Remedy) {
	if d == nil {
		return
	}
	w.Heading(w.Key("permit.declined.title"))
	list := []document.Pair{w.Fact("permit.result.on", w.Day(d.On)), w.Fact("permit.declined.ground", w.Say(d.Ground))}
	for _, part := range [][2]string{{"permit.letter.reasons", d.Reasons}, {"permit.declined.body", d.Body}, {"permit.letter.remedies", w.Say(d.Remedies)}} {
		if part[1] != "" {
			list = append(list, w.Fact(part[0], part[1]))
		}
	}
	w.Pairs(append(list, w.remedy(until)...))
}
