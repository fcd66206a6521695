package permits

import (
	"context"
	"strings"
	"time"

	"minqing/internal/calendar"
	"minqing/internal/fault"
	"minqing/internal/i18n"
	"minqing/internal/text"
)

// Declined is a refusal to accept an application, in the parts that the law wants in
// writing (行政許可法 art. 32): the ground, the reasons, the right body and the remedies.
type Declined struct {
	At       time.Time
	On       calendar.Date
	Reason   string // one of RefusalReasons
	Reasons  string // as they were written, in the language of the case
	Body     string // the right one, where another body decides
	Remedies i18n.Text
}

// declined reads why an application was not accepted. The case keeps it as one letter
// in its language; right body and remedies, which Decline appended, are taken out again.
func (s *Service) declined(ctx context.Context, o *Own) error {
	was, err := s.Cases.DeclinedOf(ctx, o.Case.ID)
	if fault.KindOf(err) == fault.NotFound && err != nil {
		return nil // its story was erased
	}
	if err != nil {
		return err
	}
	lang := i18n.Lang(o.Case.Locale)
	d := &Declined{At: was.At, On: o.Calendar.ReceivedOn(was.At), Reason: was.Reason, Remedies: o.Type.Remedies}
	d.Reasons = strings.TrimSpace(strings.TrimSuffix(was.Text, text.Lines(o.Type.Remedies.In(lang))))
	if d.Reason == notOurs {
		names := s.Words.T(lang, "permit.decline.body", i18n.Args{"Body": ""})
		if at := strings.LastIndex(d.Reasons, "\n\n"+names); at >= 0 {
			d.Reasons, d.Body = d.Reasons[:at], d.Reasons[at+len("\n\n"+names):]
		}
	}
	o.Declined = d
	return nil
}

// notOurs is the ground that another body decides.
const notOurs = "not_ours"
