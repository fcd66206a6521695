package discover

import (
	"cmp"
	"math"
	"slices"
)

// Entry is how many cases of one matter, named by its place in a list.
type Entry struct {
	Matter int
	Cases  int
}

// Profile is what somebody needed, by matter in rising order, and how many people
// needed exactly that. People are clustered by their profile alone, so that those
// of one profile are always in one group, a million people come to some ten
// thousand profiles, and it does not matter who comes first.
type Profile struct {
	Needs  []Entry
	People int
}

// Clusters is a partition of profiles.
type Clusters struct {
	Of         []int // the group of each profile, in the order of the profiles
	K          int
	Silhouette float64 // between -1 and 1: how clearly people belong to their group
}

// The most groups that are tried, and how often they are mended at most.
const (
	GroupsMost = 12
	rounds     = 40
)

// point is a profile on the unit sphere: shares of matters, of length 1.
type point struct {
	at     []int
	x      []float64
	weight float64
}

func pointOf(p Profile) point {
	out := point{weight: float64(p.People)}
	sum := 0.0
	for _, e := range p.Needs {
		out.at = append(out.at, e.Matter)
		out.x = append(out.x, float64(e.Cases))
		sum += float64(e.Cases) * float64(e.Cases)
	}
	for i := range out.x {
		out.x[i] /= math.Sqrt(sum)
	}
	return out
}

// near is the cosine between a profile and the middle of a group.
func (p point) near(centre []float64) (cos float64) {
	for i, m := range p.at {
		cos += p.x[i] * centre[m]
	}
	return cos
}

// Cluster parts profiles into groups by spherical k-means: by which matters people
// need, not by how many cases they filed. Nothing in it is drawn by lot: it begins
// with the profile that most people have, then with whatever lies farthest from
// all that it has, weighed by people. The number of groups is the one with the
// best silhouette, measured from the middles of the groups. Tried is told how many
// numbers were tried, and stops the work by an error.
func Cluster(profiles []Profile, matters int, tried func(done, all int) error) (Clusters, error) {
	points, order := sorted(profiles)
	most := min(GroupsMost, len(points))
	best := Clusters{Of: make([]int, len(profiles)), K: min(1, len(points))}
	var centres [][]float64
	for k := 2; k <= most; k++ {
		if centres = seeds(points, k, matters); len(centres) < k { // fewer different profiles than groups
			break
		}
		of := make([]int, len(points))
		mend(points, centres, of)
		if s := silhouette(points, centres, of); k == 2 || s > best.Silhouette+1e-9 {
			best.K, best.Silhouette = k, s
			for i, at := range order {
				best.Of[at] = of[i]
			}
		}
		if err := tried(k-1, most-1); err != nil {
			return Clusters{}, err
		}
	}
	best.number(profiles)
	return best, nil
}

// sorted gives the points in an order that depends on what they are alone, and the
// place that each came from.
func sorted(profiles []Profile) (points []point, order []int) {
	order = make([]int, len(profiles))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return compare(profiles[a], profiles[b]) })
	for _, i := range order {
		points = append(points, pointOf(profiles[i]))
	}
	return points, order
}

func compare(a, b Profile) int {
	if c := cmp.Compare(b.People, a.People); c != 0 {
		return c
	}
	return slices.CompareFunc(a.Needs, b.Needs, func(x, y Entry) int {
		return cmp.Or(cmp.Compare(x.Matter, y.Matter), cmp.Compare(x.Cases, y.Cases))
	})
}

// seeds are the first middles: most people's profile, then the farthest.
func seeds(points []point, k, matters int) (centres [][]float64) {
	nearest := make([]float64, len(points))
	for i := range nearest {
		nearest[i] = -1
	}
	at := 0
	for len(centres) < k {
		c := make([]float64, matters)
		for i, m := range points[at].at {
			c[m] = points[at].x[i]
		}
		centres = append(centres, c)
		far, next := 1e-9, -1
		for i, p := range points {
			nearest[i] = max(nearest[i], p.near(c))
			if d := p.weight * (1 - nearest[i]); d > far {
				far, next = d, i
			}
		}
		if at = next; at < 0 {
			break
		}
	}
	return centres
}

// mend moves people to the nearest middle and middles to their people until
// nobody moves.
func mend(points []point, centres [][]float64, of []int) {
	for round := range rounds {
		moved := false
		for i, p := range points {
			own, _, _ := p.nearest(centres)
			moved = moved || own != of[i]
			of[i] = own
		}
		if !moved && round > 0 {
			return
		}
		for _, c := range centres {
			clear(c)
		}
		for i, p := range points {
			for j, m := range p.at {
				centres[of[i]][m] += p.weight * p.x[j]
			}
		}
		for _, c := range centres {
			sum := 0.0
			for _, x := range c {
				sum += x * x
			}
			if sum > 0 { // else nobody is in it, and it stays empty
				for m := range c {
					c[m] /= math.Sqrt(sum)
				}
			}
		}
	}
	for i, p := range points {
		of[i], _, _ = p.nearest(centres)
	}
}

// nearest finds the nearest middle, the first of several, with its cosine and that
// of the second.
func (p point) nearest(centres [][]float64) (own int, first, second float64) {
	first, second = -2, -2
	for k, c := range centres {
		switch cos := p.near(c); {
		case cos > first:
			own, first, second = k, cos, first
		case cos > second:
			second = cos
		}
	}
	return own, first, second
}

// silhouette is the mean over people of how much nearer they are to the middle of
// their own group than to the next.
func silhouette(points []point, centres [][]float64, of []int) float64 {
	sum, people := 0.0, 0.0
	for i, p := range points {
		own, next := max(1-p.near(centres[of[i]]), 0), 2.0 // rounding may leave less than nothing
		for k, c := range centres {
			if k != of[i] {
				next = min(next, max(1-p.near(c), 0))
			}
		}
		if most := max(own, next); most > 0 {
			sum += p.weight * (next - own) / most
		}
		people += p.weight
	}
	return min(max(sum/people, -1), 1) // rounding may have left a little more
}

// number names groups by how many people they have, the largest first, and leaves
// out those that have none.
func (c *Clusters) number(profiles []Profile) {
	people := make([]int, GroupsMost+1)
	first := make([]int, GroupsMost+1) // the least profile of each, for groups alike in size
	for i := range first {
		first[i] = -1
	}
	for i, g := range c.Of {
		people[g] += profiles[i].People
		if first[g] < 0 || compare(profiles[i], profiles[first[g]]) < 0 {
			first[g] = i
		}
	}
	var groups []int
	for g, at := range first {
		if at >= 0 {
			groups = append(groups, g)
		}
	}
	slices.SortFunc(groups, func(a, b int) int {
		return cmp.Or(cmp.Compare(people[b], people[a]), compare(profiles[first[a]], profiles[first[b]]))
	})
	for i := range c.Of {
		c.Of[i] = slices.Index(groups, c.Of[i])
	}
	c.K = len(groups)
}
