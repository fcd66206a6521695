package insight

import (
	"fmt"
	"strings"

	"minqing/internal/i18n"
	"minqing/internal/insight"
	"minqing/internal/stats"
	"minqing/internal/web"
)

// stat is one figure of the total: its value with interval where there are
// enough cases, a sentence in any case, how it was before, the line of the last
// months, and its definition.
type stat struct {
	web.Stat
	Figure insight.Figure
	Firm   bool
	Weak   bool
	Change *web.Chip
	Trend  *trend
}

// trend is a line in a box of 100 by 24 and the words for who does not see it.
type trend struct {
	Points string
	Words  web.Words
}

func newStat(i int, r, before, months insight.Report, f i18n.Format) stat {
	figure, rate := insight.Figures[i], r.Total.Rates[i]
	s := stat{Figure: figure, Firm: rate.Firm(), Weak: rate.Reliability() == stats.Weak, Change: change(rate, before.Total.Rates[i], f), Trend: line(months, i, f)}
	s.Name, s.Suppressed = web.Say(figure.Name), rate.Suppressed
	s.tell(figure, rate, f)
	return s
}

func (s *stat) tell(figure insight.Figure, r insight.Rate, f i18n.Format) {
	switch {
	case r.Suppressed:
	case r.Value == nil:
		s.Note = web.Say("insight.rate.none")
	case r.Firm():
		s.Value, s.Low, s.High = *r.Value, *r.Low, *r.High
		s.Note = sentence(figure.Sentence, r, f)
	default:
		s.Note = sentence("insight.rate.few", r, f)
	}
}

// change says whether a figure moved since the period before by more than
// chance: only then it is called better or worse.
func change(now, was insight.Rate, f i18n.Format) *web.Chip {
	if !now.Firm() || !was.Firm() {
		return nil
	}
	before := f.Percent(*was.Value)
	switch {
	case *now.Low > *was.High:
		return &web.Chip{Tone: web.ToneDone, Icon: "trending-up", Words: web.Say("insight.change.better", "Was", before)}
	case *now.High < *was.Low:
		return &web.Chip{Tone: web.ToneOver, Icon: "trending-down", Words: web.Say("insight.change.worse", "Was", before)}
	}
	return &web.Chip{Icon: "equal", Words: web.Say("insight.change.same", "Was", before)}
}

func sentence(key string, r insight.Rate, f i18n.Format) web.Words {
	return web.Say(key, "Numerator", *r.Numerator, "Denominator", *r.Denominator, "Low", f.Percent(*r.Low), "High", f.Percent(*r.High))
}

// line draws the months of a figure that have a rate, each in its place.
func line(months insight.Report, figure int, f i18n.Format) *trend {
	low, high, n := 1.0, 0.0, 0
	for _, row := range months.Rows {
		if r := row.Rates[figure]; r.Firm() {
			low, high, n = min(low, *r.Value), max(high, *r.Value), n+1
		}
	}
	if n < 2 {
		return nil
	}
	span := max(high-low, 0.05) // a flat line stays flat
	var points []string
	for i, row := range months.Rows {
		if r := row.Rates[figure]; r.Firm() {
			x := float64(i) / float64(len(months.Rows)-1) * 100
			points = append(points, fmt.Sprintf("%.1f,%.1f", x, 22-(*r.Value-low)/span*20))
		}
	}
	return &trend{Points: strings.Join(points, " "), Words: web.Say("insight.trend.words", "Count", n, "Low", f.Percent(low), "High", f.Percent(high))}
}
