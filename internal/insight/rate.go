package insight

import "minqing/internal/stats"

// Rate is a figure's value for a row as people and programs may see it. Where
// too few cases stand behind it nothing is told; where there are none there is
// no value. Low and High are the ends of the 95 % Wilson interval.
type Rate struct {
	Value       *float64 `json:"value"`
	Numerator   *int64   `json:"numerator"`
	Denominator *int64   `json:"denominator"`
	Low         *float64 `json:"low"`
	High        *float64 `json:"high"`
	Suppressed  bool     `json:"suppressed"`
}

// Reliability says how far the rate carries; TooFew where there is none.
func (r Rate) Reliability() stats.Reliability {
	if r.Denominator == nil {
		return stats.TooFew
	}
	return stats.ReliabilityOf(*r.Denominator)
}

// Firm says whether the rate rests on enough cases to be shown as one.
func (r Rate) Firm() bool { return r.Value != nil && r.Reliability() != stats.TooFew }

func shown(r stats.Rate) Rate {
	out := Rate{Numerator: &r.Numerator, Denominator: &r.Denominator}
	if r.Defined() {
		value, low, high := r.Value(), r.Low(), r.High()
		out.Value, out.Low, out.High = &value, &low, &high
	}
	return out
}

// Count is a number of cases that may be too small to tell.
type Count struct {
	N          int64
	Suppressed bool
}

// protect writes the rates and counts of every row and of the total, and hides
// cells from fewer than five, with others so that the total does not give them
// away.
func (r *Report) protect() {
	for i := range r.Rows {
		r.Rows[i].Rates = make([]Rate, len(Figures))
	}
	r.Total.Rates = make([]Rate, len(Figures))
	for f, figure := range Figures {
		hide, hideTotal := r.hidden(func(c Counts) int64 { return figure.of(c).Denominator })
		for i := range r.Rows {
			r.Rows[i].Rates[f] = told(figure.of(r.Rows[i].counts), hide[i])
		}
		r.Total.Rates[f] = told(figure.of(r.Total.counts), hideTotal)
	}
	filed, filedTotal := r.hidden(func(c Counts) int64 { return c.Filed })
	concluded, concludedTotal := r.hidden(func(c Counts) int64 { return c.Concluded })
	for i := range r.Rows {
		row := &r.Rows[i]
		row.Filed, row.Concluded = count(row.counts.Filed, filed[i]), count(row.counts.Concluded, concluded[i])
	}
	r.Total.Filed, r.Total.Concluded = count(r.Total.counts.Filed, filedTotal), count(r.Total.counts.Concluded, concludedTotal)
}

func (r *Report) hidden(people func(Counts) int64) ([]bool, bool) {
	behind := make([]int64, len(r.Rows))
	for i, row := range r.Rows {
		behind[i] = people(row.counts)
	}
	return stats.Suppress(behind, stats.FloorInside)
}

func told(r stats.Rate, hide bool) Rate {
	if hide {
		return Rate{Suppressed: true}
	}
	return shown(r)
}

func count(n int64, hide bool) Count {
	if hide {
		return Count{Suppressed: true}
	}
	return Count{N: n}
}
