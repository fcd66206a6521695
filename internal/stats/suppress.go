package stats

// RateLeast is from how many cases on a rate is shown.
const RateLeast = 30

// Reliability says how far a rate from so many cases carries.
type Reliability string

const (
	TooFew Reliability = "too_few" // below 30: show the counts, no rate
	Weak   Reliability = "weak"    // below 100: show the rate in grey
	Sound  Reliability = "sound"
)

// ReliabilityOf judges a denominator.
func ReliabilityOf(denominator int64) Reliability {
	switch {
	case denominator < RateLeast:
		return TooFew
	case denominator < 100:
		return Weak
	}
	return Sound
}

// Privacy floors: no cell from fewer people is shown.
const (
	FloorInside = 5  // to officials
	FloorPublic = 10 // on public pages
)

// Suppress says which cells of a group of rows to hide, given how many people
// stand behind each and that the group's total is shown beside them. Cells from
// 1 to below the floor are hidden (none is nobody, and shown); then the smallest
// others, until what is hidden cannot be worked out from the total: at least two
// cells with at least the floor of people between them. If there are not enough
// cells, or the total itself is below the floor, the total must be hidden too.
func Suppress(people []int64, floor int64) (hide []bool, hideTotal bool) {
	hide = make([]bool, len(people))
	cells, sum, total := 0, int64(0), int64(0)
	for i, n := range people {
		total += n
		if n > 0 && n < floor {
			hide[i] = true
			cells++
			sum += n
		}
	}
	for cells > 0 && (cells < 2 || sum < floor) {
		next := -1
		for i, n := range people {
			if !hide[i] && n > 0 && (next < 0 || n < people[next]) {
				next = i
			}
		}
		if next < 0 {
			return hide, true
		}
		hide[next] = true
		cells++
		sum += people[next]
	}
	return hide, total > 0 && total < floor
}
