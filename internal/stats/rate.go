// Package stats holds the arithmetic that keeps figures honest: rates that carry
// their interval, the interval of a difference and of a count, and the hiding of
// cells so small that they would show a person. It is pure.
package stats

import "math"

// Z95 and Z998 are the normal quantiles of two-sided 95 % and 99.8 % intervals:
// the first to show beside a figure, the second before acting on one of many
// units, of which some would stand out at 95 % by chance.
const (
	Z95  = 1.959964
	Z998 = 3.090232
)

// Rate is a proportion with its parts. A denominator of zero means that there
// is no rate; Value, Low and High are then NaN.
type Rate struct {
	Numerator   int64
	Denominator int64
}

// Defined reports whether there is a rate at all.
func (r Rate) Defined() bool { return r.Denominator > 0 }

// Value is numerator by denominator, from 0 to 1.
func (r Rate) Value() float64 {
	if !r.Defined() {
		return math.NaN()
	}
	return float64(r.Numerator) / float64(r.Denominator)
}

// Low is the lower end of the 95 % Wilson interval.
func (r Rate) Low() float64 { low, _ := r.Interval(Z95); return low }

// High is the upper end of the 95 % Wilson interval.
func (r Rate) High() float64 { _, high := r.Interval(Z95); return high }

// Interval is the Wilson score interval for a normal quantile. It stays between
// 0 and 1, holds the value, and is honest for small samples and extreme rates.
func (r Rate) Interval(z float64) (low, high float64) {
	if !r.Defined() {
		return math.NaN(), math.NaN()
	}
	n, p := float64(r.Denominator), r.Value()
	z2 := z * z / n
	middle := p + z2/2
	half := z * math.Sqrt(p*(1-p)/n+z2/(4*n))
	low = max(0, (middle-half)/(1+z2))
	high = min(1, (middle+half)/(1+z2))
	if r.Numerator == 0 { // exact where rounding would leave a trace
		low = 0
	}
	if r.Numerator == r.Denominator {
		high = 1
	}
	return low, high
}

// Plus adds the parts of two rates, as the total row of a report does.
func (r Rate) Plus(o Rate) Rate {
	return Rate{r.Numerator + o.Numerator, r.Denominator + o.Denominator}
}

// Difference is a minus b with its 95 % Newcombe interval (his method 10): a
// change between periods is real when the interval leaves 0 out, not when two
// intervals do not overlap. NaN when either rate is undefined.
func Difference(a, b Rate) (value, low, high float64) {
	pa, pb := a.Value(), b.Value()
	aLow, aHigh := a.Interval(Z95)
	bLow, bHigh := b.Interval(Z95)
	value = pa - pb
	low = value - math.Hypot(pa-aLow, bHigh-pb)
	high = value + math.Hypot(aHigh-pa, pb-bLow)
	return value, low, high
}

// z80 is the normal quantile of a chance of 0.8 to find what is there.
const z80 = 0.841621

// PerArm is how many people each of two groups needs so that a rise from one share
// to another is found with a chance of 0.8 by a two-sided test at 0.05, by
// the variances of the two shares. Zero where the shares are the same or are
// none.
func PerArm(from, to float64) int64 {
	if from == to || !(from >= 0 && from <= 1 && to >= 0 && to <= 1) {
		return 0
	}
	return int64(math.Ceil(math.Pow((Z95+z80)/(to-from), 2) * (from*(1-from) + to*(1-to))))
}

// Detectable is the smallest rise above a share that groups of two sizes find with
// a chance of 0.8 by a two-sided test at 0.05; NaN where there is none up to
// certainty. Groups of unlike sizes find what two of their harmonic mean do.
func Detectable(share float64, a, b int64) float64 {
	if a <= 0 || b <= 0 || !(share >= 0 && share < 1) {
		return math.NaN()
	}
	each := int64(2 / (1/float64(a) + 1/float64(b)))
	low, high := 0.0, 1-share
	if PerArm(share, 1) > each {
		return math.NaN()
	}
	for range 40 { // to a billionth
		middle := (low + high) / 2
		if PerArm(share, share+middle) > each {
			low = middle
		} else {
			high = middle
		}
	}
	return high
}

// Poisson is the 95 % interval of a count of rare events (Byar's
// approximation), for figures such as bad reviews per 10,000: divide both ends
// by the exposure. A negative count gives NaN.
func Poisson(count int64) (low, high float64) {
	if count < 0 {
		return math.NaN(), math.NaN()
	}
	end := func(k, sign float64) float64 {
		return k * math.Pow(1-1/(9*k)+sign*Z95/(3*math.Sqrt(k)), 3)
	}
	if count > 0 {
		low = end(float64(count), -1)
	}
	return low, end(float64(count)+1, 1)
}
