package campaign

import "minqing/internal/stats"

// What stops a campaign by itself: more than one in two hundred who refuse, or
// more than one in a thousand who complain. Chance alone stops none: the lower end
// of the 95 % Wilson interval must be above, from railLeast people.
const (
	RefusedMost    = 0.005
	ComplainedMost = 0.001
	railLeast      = 3
)

// Why a campaign was stopped by itself.
const (
	ByRefusals   = "refusals"
	ByComplaints = "complaints"
)

// rail says why a campaign is to be stopped; empty when it may go on.
func rail(sent, refused, complained int64) string {
	over := func(n int64, most float64) bool {
		return n >= railLeast && (stats.Rate{Numerator: n, Denominator: max(sent, n)}).Low() > most
	}
	switch {
	case over(complained, ComplainedMost):
		return ByComplaints
	case over(refused, RefusedMost):
		return ByRefusals
	}
	return ""
}
