package place

import (
	"database/sql/driver"
	"encoding/json"
	"fmt"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/geojson"
	"github.com/paulmach/orb/planar"
)

// Shape is an area of one or more polygons, longitude before latitude in WGS 84
// degrees; a GeoJSON MultiPolygon in the database.
type Shape struct{ orb.MultiPolygon }

// Contains says whether the point lies in the shape or on its border.
func (s Shape) Contains(p orb.Point) bool { return planar.MultiPolygonContains(s.MultiPolygon, p) }

// MarshalJSON writes a GeoJSON geometry.
func (s Shape) MarshalJSON() ([]byte, error) {
	return json.Marshal(geojson.NewGeometry(s.MultiPolygon))
}

// UnmarshalJSON reads a GeoJSON Polygon or MultiPolygon.
func (s *Shape) UnmarshalJSON(raw []byte) error {
	g, err := geojson.UnmarshalGeometry(raw)
	if err != nil {
		return fmt.Errorf("read the shape of an area: %w", err)
	}
	switch v := g.Geometry().(type) {
	case orb.Polygon:
		s.MultiPolygon = orb.MultiPolygon{v}
	case orb.MultiPolygon:
		s.MultiPolygon = v
	default:
		return fmt.Errorf("read the shape of an area: %s is not a polygon", g.Type)
	}
	return nil
}

// Value writes the GeoJSON.
func (s Shape) Value() (driver.Value, error) {
	raw, err := s.MarshalJSON()
	return string(raw), err
}

// Scan reads the GeoJSON.
func (s *Shape) Scan(src any) error {
	switch v := src.(type) {
	case []byte:
		return s.UnmarshalJSON(v)
	case string:
		return s.UnmarshalJSON([]byte(v))
	}
	return fmt.Errorf("read the shape of an area: unexpected %T", src)
}

// Join unites areas that share their borders point by point, by dropping the
// edges that two of them have in common. Rings must run the same way round.
func Join(shapes ...Shape) Shape {
	type edge struct{ from, to orb.Point }
	edges := map[edge]bool{}
	for _, s := range shapes {
		for _, polygon := range s.MultiPolygon {
			for _, ring := range polygon {
				for i := 0; i+1 < len(ring); i++ {
					edges[edge{ring[i], ring[i+1]}] = true
				}
			}
		}
	}
	next := map[orb.Point][]orb.Point{}
	var starts []orb.Point
	for _, s := range shapes { // in the order of the input, so that the result is fixed
		for _, polygon := range s.MultiPolygon {
			for _, ring := range polygon {
				for i := 0; i+1 < len(ring); i++ {
					if !edges[edge{ring[i+1], ring[i]}] {
						next[ring[i]] = append(next[ring[i]], ring[i+1])
						starts = append(starts, ring[i])
					}
				}
			}
		}
	}
	return Shape{assemble(walkRings(next, starts))}
}

func walkRings(next map[orb.Point][]orb.Point, starts []orb.Point) []orb.Ring {
	var rings []orb.Ring
	for _, start := range starts {
		if len(next[start]) == 0 {
			continue
		}
		ring := orb.Ring{start}
		for at := start; len(next[at]) > 0; {
			to := next[at][0]
			next[at] = next[at][1:]
			ring = append(ring, to)
			if at = to; at == start {
				break
			}
		}
		rings = append(rings, ring)
	}
	return rings
}

// assemble makes polygons of rings: those that run against the clock are
// borders, the others are holes in the border around them.
func assemble(rings []orb.Ring) orb.MultiPolygon {
	var shape orb.MultiPolygon
	for _, r := range rings {
		if r.Orientation() == orb.CCW {
			shape = append(shape, orb.Polygon{r})
		}
	}
	for _, r := range rings {
		if r.Orientation() == orb.CCW {
			continue
		}
		for i := range shape {
			if planar.RingContains(shape[i][0], r[0]) {
				shape[i] = append(shape[i], r)
				break
			}
		}
	}
	return shape
}
