package i18n

import (
	"sync/atomic"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"
)

// plurals choose the form of a message for a count. go-i18n knows the rules of
// the languages: it is asked by a message that names its own form, and about
// small counts only once.
type plurals struct {
	rules *i18n.Localizer
	small [128]atomic.Pointer[string]
}

const (
	formAsked = "form"
	formOther = "other"
)

func newPlurals(l Lang) (*plurals, error) {
	b := i18n.NewBundle(language.Make(string(l)))
	err := b.AddMessages(language.Make(string(l)),
		&i18n.Message{ID: formAsked, Zero: "zero", One: "one", Two: "two", Few: "few", Many: "many", Other: formOther})
	return &plurals{rules: i18n.NewLocalizer(b, string(l))}, err
}

// form is the form for a count, and why go-i18n could not take it as one.
func (p *plurals) form(count any) (string, error) {
	n, small := count.(int)
	small = small && n >= 0 && n < len(p.small)
	if small {
		if known := p.small[n].Load(); known != nil {
			return *known, nil
		}
	}
	form, err := p.rules.Localize(&i18n.LocalizeConfig{MessageID: formAsked, PluralCount: count})
	if err != nil {
		return formOther, err
	}
	if small {
		p.small[n].Store(&form)
	}
	return form, nil
}
