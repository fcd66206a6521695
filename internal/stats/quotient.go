package stats

import "math"

// Quotient is a location quotient with its 95 % interval: how much more often
// something is found in a part than in the whole.
type Quotient struct{ Value, Low, High float64 }

// LocationQuotient is (nsm/ns)/(nm/n) of nsm out of ns in a part, of nm out of n in
// the whole that the part belongs to. The interval is that of its logarithm, with
// se = √(1/nsm − 1/ns + 1/nm − 1/n). ok is false where a count is missing or no
// part of its whole.
func LocationQuotient(nsm, ns, nm, n int64) (q Quotient, ok bool) {
	if nsm <= 0 || ns < nsm || nm < nsm || n < ns || n < nm {
		return Quotient{}, false
	}
	a, b, c, d := float64(nsm), float64(ns), float64(nm), float64(n)
	log := math.Log(a) - math.Log(b) - math.Log(c) + math.Log(d)
	se := math.Sqrt(max(1/a-1/b+1/c-1/d, 0))
	return Quotient{Value: math.Exp(log), Low: math.Exp(log - Z95*se), High: math.Exp(log + Z95*se)}, true
}

// Marks says whether a quotient of nsm is worth telling: at least half as much
// again, of 20 at least, and surely above 1.
func (q Quotient) Marks(nsm int64) bool { return q.Value >= 1.5 && nsm >= 20 && q.Low > 1 }
