package demo

import (
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"minqing/internal/calendar"
)

// arrival is when a case comes in, and the storm that brought it: 0 for none.
type arrival struct {
	at    time.Time
	storm int
}

// growth is how many times the cases of its first day a young portal has on its
// last one.
const growth = 9

// A storm floods a borough: for stormDays, rise times as many cases come in.
// The second one goes on until the last day, so that there is much to do.
const (
	stormDays = 7
	storms    = 2
)

var stormRise = [storms]float64{2.4, 4.8}

// byHour is how many of a thousand cases come in each hour of a day.
var byHour = [24]float64{8, 5, 3, 3, 4, 9, 20, 40, 75, 98, 92, 70, 48, 60, 82, 80, 70, 58, 48, 46, 40, 24, 12, 5}

// arrivals spreads n cases over the days: weekdays above weekends, summer above
// winter, quiet holidays with a rebound after them, more from month to month,
// and the storms.
func arrivals(o LoadOptions, cal *calendar.Calendar, until time.Time) []arrival {
	r := rand.New(rand.NewPCG(o.Seed, 0))
	days := int(o.To-o.From) + 1
	begins := [storms]int{days * 62 / 100, days - stormDays}
	sums, total := make([]float64, days), 0.0
	for i := range sums {
		w := weight(o.From.Add(i), cal) * math.Pow(growth, float64(i)/float64(days))
		if s := stormOn(i, begins); s > 0 {
			w *= stormRise[s-1]
		}
		total += w
		sums[i] = total
	}
	list := make([]arrival, o.Cases)
	for i := range list {
		n, _ := slices.BinarySearch(sums, r.Float64()*total)
		n = min(n, days-1)
		second := hour(r)*3600 + r.IntN(3600)
		at := o.From.Add(n).Start(cal.Zone()).Add(time.Duration(second) * time.Second).UTC()
		if at.After(until) {
			at = until.Add(-time.Duration(r.IntN(20*3600)) * time.Second).Truncate(time.Second)
		}
		list[i].at = at
		if s := stormOn(n, begins); r.Float64() < 0.58 {
			list[i].storm = s
		}
	}
	slices.SortStableFunc(list, func(a, b arrival) int { return a.at.Compare(b.at) })
	return list
}

func stormOn(day int, begins [storms]int) int {
	for s, begin := range begins {
		if begin >= 0 && day >= begin && day < begin+stormDays {
			return s + 1
		}
	}
	return 0
}

func weight(d calendar.Date, cal *calendar.Calendar) float64 {
	w := [7]float64{0.52, 1.26, 1.13, 1.06, 1.03, 0.98, 0.62}[d.Weekday()]
	w *= 1 + 0.16*math.Cos(2*math.Pi*float64(int(d.UTC().YearDay())-205)/365)
	weekend := d.Weekday() == time.Saturday || d.Weekday() == time.Sunday
	switch {
	case !weekend && !cal.WorkingDay(d):
		return w * 0.38
	case cal.WorkingDay(d) && !cal.WorkingDay(d.Add(-3)) && !cal.WorkingDay(d.Add(-1)):
		return w * 1.45 // the first day after three closed ones
	}
	return w
}

func hour(r *rand.Rand) int {
	x := r.Float64() * 1000
	for h, w := range byHour {
		if x -= w; x < 0 {
			return h
		}
	}
	return 10
}
