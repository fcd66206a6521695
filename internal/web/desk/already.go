package desk

import (
	"slices"

	"minqing/internal/catalogue"
	"minqing/internal/i18n"
	"minqing/internal/permits"
	"minqing/internal/web"
)

// alreadyRows says of answers and papers that were held already from where they came,
// as of which day, and what the applicant corrected and why.
func alreadyRows(p *permits.Part) (rows []web.SummaryRow) {
	for i := range p.Already {
		h := &p.Already[i]
		row := web.SummaryRow{Key: web.Plain(h.Code)}
		text := i18n.Text{i18n.ZhHant: h.Value, i18n.ZhHans: h.Value, i18n.En: h.Value}
		if j := slices.IndexFunc(p.Questions, func(q catalogue.Question) bool { return q.Name == h.Code }); j >= 0 {
			row.Key, text = web.Data(p.Questions[j].Title), permits.AnswerText(p.Questions[j], h.Value)
		}
		key := "already.desk.kept"
		switch {
		case h.Corrected && h.Reason != "":
			key = "already.desk.corrected.why"
		case h.Corrected:
			key = "already.desk.corrected"
		}
		row.Value = web.Say(key, "Value", text, "Source", i18n.Phrase{Key: "already.source." + h.Source}, "Ref", h.Ref, "Day", dayText(h.AsOf), "Why", h.Reason)
		rows = append(rows, row)
	}
	for i := range p.Items {
		if h := p.Items[i].Held; h != nil {
			rows = append(rows, web.SummaryRow{Key: web.Data(p.Items[i].Name), Value: web.Say("already.words", "Source", i18n.Phrase{Key: "already.source." + h.Source}, "Ref", h.Ref, "Day", dayText(h.AsOf))})
		}
	}
	return rows
}
