package demo

import (
	"hash/fnv"

	"minqing/internal/catalogue"
)

// traits are what makes units differ, each from 0, the best of the city, to 1.
type traits struct {
	slow   float64 // how much of the time that a case may take is used
	late   float64 // share of cases that are concluded too late
	silent float64 // share of people who are not reached within the response limit
	rough  float64 // how little people like what is done
	bad    float64 // above 0 in few units: those that an official should look at
}

// traitsOf are a unit's own and stay the same for every load.
func traitsOf(u *catalogue.Unit) traits {
	draw := func(what string) float64 {
		h := fnv.New32a()
		h.Write([]byte(what + u.Code))
		return float64(h.Sum32()%1000) / 1000
	}
	t := traits{slow: draw("speed"), rough: draw("care")}
	if x := draw("trouble"); x > 0.9 {
		t.bad = (x - 0.9) / 0.1
	}
	t.late = 0.012 + 0.025*t.slow + 0.2*t.bad
	t.silent = 0.006 + 0.012*t.slow + 0.1*t.bad
	return t
}
