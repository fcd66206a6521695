package portal

import (
	"context"

	"minqing/internal/calendar"
	"minqing/internal/catalogue"
	"minqing/internal/i18n"
	"minqing/internal/insight"
	"minqing/internal/web"
)

// What the home page tells of the whole city.
const (
	askedDays   = 7
	askedMost   = 6
	figureKept  = "on_time"
	monthsShown = 12
)

// news is what the home page tells everybody alike.
type news struct {
	asked  []insight.Asked
	months []insight.Month
}

func (d Deps) news() *shared[news] {
	return &shared[news]{now: d.Now, failed: func(err error) { d.Log.Error("the figures of the home page could not be read", "error", err.Error()) },
		load: func(ctx context.Context) (n news, err error) {
			if n.asked, err = d.Insight.MostAsked(ctx, askedDays, askedMost); err != nil {
				return n, err
			}
			n.months, err = d.Insight.PublicMonths(ctx, monthsShown)
			return n, err
		}}
}

// askedMatter is a matter that many ask about.
type askedMatter struct {
	*catalogue.Matter
	Filed int64
}

func (c city) asked(list []insight.Asked) []askedMatter {
	var out []askedMatter
	for _, a := range list {
		if m, err := c.snap.MatterOn(a.MatterID, c.day); err == nil {
			out = append(out, askedMatter{m, a.Filed})
		}
	}
	return out
}

// kept is last month's promise in one sentence; empty when there was nothing to
// keep or too little to tell.
func kept(months []insight.Month, today calendar.Date, lang i18n.Lang) web.Words {
	if len(months) == 0 {
		return web.Words{}
	}
	year, month := months[0].First.YearMonth()
	if y, m := today.YearMonth(); (y-year)*12+int(m-month) != 1 {
		return web.Words{} // an older month is no news
	}
	for i, figure := range insight.Figures {
		if figure.ID == figureKept {
			return rateWords("portal.kept", months[0].Rates[i], i18n.Format{Lang: lang}, "Month", i18n.Format{Lang: lang}.Month(year, month))
		}
	}
	return web.Words{}
}

// rateWords says a rate by the message of a key: with its interval where there
// are enough cases, by "key.few" where there are not, nothing where it is hidden.
func rateWords(key string, r insight.Rate, f i18n.Format, more ...any) web.Words {
	if r.Value == nil {
		return web.Words{}
	}
	if !r.Firm() {
		key += ".few"
	}
	return web.Say(key, append(more, "Rate", f.Percent(*r.Value), "Numerator", *r.Numerator, "Denominator", *r.Denominator,
		"Low", f.Percent(*r.Low), "High", f.Percent(*r.High))...)
}
