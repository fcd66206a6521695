package seven

import (
	"math"

	"minqing/internal/stats"
)

// Line is a figure's value, of everything or of one item, as it may be shown. A
// number that is not there is nil: hidden, lacking an input, or of nothing.
type Line struct {
	Figure      string
	Item        string // empty: of everything asked for
	Part        string // a second item: the next channel, a stage
	Numerator   *float64
	Denominator *float64
	Value       *float64
	Low, High   *float64
	Suppressed  bool
	Few         bool   // of too few for a rate: only its parts are told
	Marked      bool   // stands out, or is past its limit
	Note        string // a message on what is special about it
	Missing     []Need
}

func of(x float64) *float64 {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return nil
	}
	return &x
}

func whole(n int64) *float64 { return of(float64(n)) }

// few says that a number tells of so few people that it is hidden.
func few(n int64) bool { return n > 0 && n < stats.FloorInside }

// share makes the line of a rate: hidden from fewer than five, only its parts from
// fewer than thirty.
func share(figure, item string, numerator, denominator int64) Line {
	l := Line{Figure: figure, Item: item}
	if few(denominator) {
		l.Suppressed = true
		return l
	}
	l.Numerator, l.Denominator = whole(numerator), whole(denominator)
	r := stats.Rate{Numerator: numerator, Denominator: denominator}
	switch {
	case !r.Defined():
	case stats.ReliabilityOf(denominator) == stats.TooFew:
		l.Few = true
	default:
		l.Value, l.Low, l.High = of(r.Value()), of(r.Low()), of(r.High())
	}
	return l
}

// perMille makes the line of so many people, or cases, of a population.
func perMille(figure, item string, n int64, population *Input, cases bool) Line {
	l := Line{Figure: figure, Item: item}
	if few(n) {
		l.Suppressed = true
		return l
	}
	l.Numerator = whole(n)
	if population == nil {
		l.Missing = []Need{{Kind: Population, Item: item}}
		return l
	}
	all := population.Amount / 100
	l.Denominator = whole(all)
	l.Value = of(float64(n) / float64(all) * 1000)
	switch {
	case cases: // one person may bring several: a count of events
		low, high := stats.Poisson(n)
		l.Low, l.High = of(low/float64(all)*1000), of(high/float64(all)*1000)
	case n <= all:
		low, high := stats.Rate{Numerator: n, Denominator: all}.Interval(stats.Z95)
		l.Low, l.High = of(low*1000), of(high*1000)
	default:
		l.Note = "seven.note.more_than_all"
	}
	return l
}

// difference makes the line of two shares with the Newcombe interval; nothing is
// told unless both rest on enough.
func difference(figure, item string, a, b stats.Rate) Line {
	l := Line{Figure: figure, Item: item}
	if few(a.Denominator) || few(b.Denominator) {
		l.Suppressed = true
		return l
	}
	if stats.ReliabilityOf(a.Denominator) == stats.TooFew || stats.ReliabilityOf(b.Denominator) == stats.TooFew {
		l.Few = a.Defined() && b.Defined()
		return l
	}
	value, low, high := stats.Difference(a, b)
	l.Value, l.Low, l.High = of(value), of(low), of(high)
	return l
}

// protect hides the small ones of lines that add up to a total, and others with
// them, so that the total gives none away. It says whether the total must go too.
func protect(lines []Line, people []int64) bool {
	hide, total := stats.Suppress(people, stats.FloorInside)
	for i := range lines {
		if hide[i] {
			l := lines[i]
			lines[i] = Line{Figure: l.Figure, Item: l.Item, Part: l.Part, Suppressed: true}
		}
	}
	return total
}
