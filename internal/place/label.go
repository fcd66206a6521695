package place

import (
	"slices"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"
)

// label is a point well inside the shape, where a map writes the name: the
// centroid when it lies inside, else the middle of the widest stretch of the
// shape on the centroid's parallel.
func label(s Shape) orb.Point {
	centre, _ := planar.CentroidArea(s.MultiPolygon)
	if s.Contains(centre) {
		return centre
	}
	var crossings []float64
	for _, polygon := range s.MultiPolygon {
		for _, ring := range polygon {
			for i := 0; i+1 < len(ring); i++ {
				a, b := ring[i], ring[i+1]
				if (a[1] > centre[1]) != (b[1] > centre[1]) {
					crossings = append(crossings, a[0]+(centre[1]-a[1])*(b[0]-a[0])/(b[1]-a[1]))
				}
			}
		}
	}
	slices.Sort(crossings)
	best, width := centre, 0.0
	for i := 0; i+1 < len(crossings); i += 2 {
		if w := crossings[i+1] - crossings[i]; w > width {
			best, width = orb.Point{crossings[i] + w/2, centre[1]}, w
		}
	}
	return best
}
