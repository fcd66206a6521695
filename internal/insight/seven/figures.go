package seven

import "slices"

// The pages, by the P that they answer. P4 to P6 are other reports.
const (
	Profiling   = "profiling"   // P1
	Persistency = "persistency" // P2
	PublicValue = "value"       // P3
	Promotion   = "promotion"   // P7
)

// Pages lists them in order.
var Pages = []string{Profiling, Persistency, PublicValue, Promotion}

// Measure says what a figure's value is.
type Measure string

// The measures.
const (
	Share      Measure = "share"      // between 0 and 1, with a Wilson interval where its parts are whole
	PerMille   Measure = "per_mille"  // in a thousand
	Quotient   Measure = "quotient"   // times as often
	Difference Measure = "difference" // of two shares, with the Newcombe interval
	Points     Measure = "points"     // percentage points a year
	Money      Measure = "money"
	Hours      Measure = "hours"
	People     Measure = "people"
)

// Figure is one figure with its definition. The words are messages under
// "seven.figure.ID": name, numerator, denominator, left (out), and how it is
// computed. Raise Version when a formula or what it leaves out changes.
type Figure struct {
	ID      string
	Page    string
	Version int
	Measure Measure
	By      string // what its lines are of; empty: it has one value only
}

// What lines are of, beside what inputs are about.
const (
	ByChannels = "channels" // from one to another
	ByReason   = "reason"
	ByPart     = "part"
	ByCampaign = "campaign"
	ByStage    = "stage" // of a campaign
)

// Registry is the only place that lists the figures of 7P.
var Registry = []Figure{
	{ID: "penetration", Page: Profiling, Version: 1, Measure: PerMille, By: OfGroup},
	{ID: "contact_rate", Page: Profiling, Version: 1, Measure: PerMille, By: OfGroup},
	{ID: "concentration", Page: Profiling, Version: 1, Measure: Quotient, By: OfMatter},
	{ID: "completeness", Page: Profiling, Version: 2, Measure: Share, By: OfField},
	{ID: "gap_on_time", Page: Profiling, Version: 1, Measure: Difference, By: OfGroup},
	{ID: "gap_satisfaction", Page: Profiling, Version: 1, Measure: Difference, By: OfGroup},

	{ID: "repeat_use", Page: Persistency, Version: 1, Measure: Share},
	{ID: "recontact", Page: Persistency, Version: 1, Measure: Share, By: OfMatter},
	{ID: "retention", Page: Persistency, Version: 1, Measure: Share, By: ByChannels},
	{ID: "fallback", Page: Persistency, Version: 1, Measure: Share, By: OfMatter},
	{ID: "trust_slope", Page: Persistency, Version: 1, Measure: Points},
	{ID: "trust_change", Page: Persistency, Version: 1, Measure: Difference},
	{ID: "enterprise_stay", Page: Persistency, Version: 1, Measure: Share},
	{ID: "consent", Page: Persistency, Version: 1, Measure: Share},

	{ID: "cost_to_serve", Page: PublicValue, Version: 1, Measure: Money, By: OfMatter},
	{ID: "cost_by_channel", Page: PublicValue, Version: 1, Measure: Money, By: OfChannel},
	{ID: "burden", Page: PublicValue, Version: 2, Measure: Money, By: OfMatter},
	{ID: "burden_total", Page: PublicValue, Version: 2, Measure: Money, By: OfMatter},
	{ID: "time_saved", Page: PublicValue, Version: 2, Measure: Money, By: OfMatter},
	{ID: "failure", Page: PublicValue, Version: 1, Measure: Share, By: ByReason},
	{ID: "avoidable_cost", Page: PublicValue, Version: 1, Measure: Money},
	{ID: "first_contact", Page: PublicValue, Version: 1, Measure: Share, By: OfMatter},
	{ID: "net_value", Page: PublicValue, Version: 2, Measure: Money, By: ByPart},

	{ID: "funnel", Page: Promotion, Version: 2, Measure: People, By: ByStage},
	{ID: "reach", Page: Promotion, Version: 2, Measure: Share, By: ByCampaign},
	{ID: "uptake", Page: Promotion, Version: 1, Measure: Share, By: ByCampaign},
	{ID: "control_uptake", Page: Promotion, Version: 1, Measure: Share, By: ByCampaign},
	{ID: "uplift", Page: Promotion, Version: 2, Measure: Difference, By: ByCampaign},
	{ID: "additional", Page: Promotion, Version: 2, Measure: People, By: ByCampaign},
	{ID: "cost_each", Page: Promotion, Version: 2, Measure: Money, By: ByCampaign},
	{ID: "opt_out", Page: Promotion, Version: 2, Measure: Share, By: ByCampaign},
	{ID: "complaints", Page: Promotion, Version: 2, Measure: Share, By: ByCampaign},
	{ID: "reach_gap", Page: Promotion, Version: 2, Measure: Difference},
}

// FigureOf finds a figure.
func FigureOf(id string) (Figure, bool) {
	i := slices.IndexFunc(Registry, func(f Figure) bool { return f.ID == id })
	if i < 0 {
		return Figure{}, false
	}
	return Registry[i], true
}
