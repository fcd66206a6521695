package demo

import (
	"math"
	"strings"
	"time"

	"minqing/internal/catalogue"
	"minqing/internal/place"
)

// popular are the matters that people file most about, the first the most; the
// others follow in the catalogue's order.
var popular = []string{"noise-living", "illegal-parking", "property-service", "street-light", "road-damage", "noise-construction", "rubbish",
	"consumer-dispute", "parking-place", "water-outage", "drain-blocked", "unpaid-wages", "policy-question", "power-outage", "cooking-fumes",
	"medical-insurance", "bus-service", "street-vendors", "illegal-building", "property-fee", "school-enrolment", "household-registration",
	"prepaid-card", "utility-bill", "social-insurance", "food-safety", "shared-bikes", "air-odour", "dog-keeping", "tree-danger"}

// seasons are the days of the year about which a matter comes up most.
var seasons = map[string]int{"school-enrolment": 195, "tutoring-refund": 225, "cooking-fumes": 200, "noise-living": 210, "noise-construction": 160,
	"water-outage": 205, "power-outage": 205, "drain-blocked": 180, "river-pollution": 190, "travel-complaint": 280, "unpaid-wages": 15, "gas-supply": 10,
	"tree-danger": 200, "campus-meals": 265, "air-odour": 215}

// enacted are matters whose cases are not drawn: what happens to them in the city is done by
// the acts of the pages, once it stands.
var enacted = map[string]bool{"information-disclosure": true}

// pickMatters sorts out what people file about, and what a storm brings up.
func (r *run) pickMatters() {
	all := r.snap.MattersOn(r.o.From, "")
	taken := map[string]bool{}
	take := func(m *catalogue.Matter) {
		if m.Track != catalogue.TrackHotline || taken[m.Code] || enacted[m.Code] {
			return
		}
		taken[m.Code] = true
		rank := float64(len(r.matters))
		r.weights += 1 / (rank + 6)
		r.matters, r.upTo = append(r.matters, m), append(r.upTo, r.weights)
		for _, part := range []string{"water", "drain", "flood", "tree", "power", "light", "road"} {
			if m.NeedsPlace && strings.Contains(m.Code, part) {
				r.wet = append(r.wet, m)
				break
			}
		}
	}
	for _, code := range popular {
		if m, err := r.snap.MatterOn(code, r.o.From); err == nil {
			take(m)
		}
	}
	for _, m := range all {
		take(m)
	}
	if len(r.wet) == 0 {
		r.wet = r.matters
	}
}

// topic draws matter and place; a few matters make most of the cases.
func (g *generator) topic(a arrival) (*catalogue.Matter, *place.District) {
	if a.storm > 0 {
		return pick(g.r, g.wet), pick(g.r, g.flooded[a.storm-1])
	}
	m := g.matter()
	for range 2 {
		if g.inSeason(m, a.at) {
			break
		}
		m = g.matter()
	}
	d := int(g.r.ExpFloat64() * float64(len(g.streets)) / 2)
	return m, g.streets[d%len(g.streets)]
}

func (g *generator) matter() *catalogue.Matter {
	x := g.r.Float64() * g.weights
	for i, up := range g.upTo {
		if x < up {
			return g.matters[i]
		}
	}
	return g.matters[0]
}

// inSeason lets most cases of a matter come in its season.
func (g *generator) inSeason(m *catalogue.Matter, at time.Time) bool {
	peak, ok := seasons[m.Code]
	if !ok {
		return true
	}
	return g.chance(0.6 + 0.4*math.Cos(2*math.Pi*float64(at.YearDay()-peak)/365))
}
