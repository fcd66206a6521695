package place

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/paulmach/orb"

	"minqing/internal/calendar"
	"minqing/internal/fault"
	"minqing/internal/i18n"
)

// feature is one district in a GeoJSON file (RFC 7946).
type feature struct {
	Type       string     `json:"type"`
	Properties properties `json:"properties"`
	Geometry   *Shape     `json:"geometry"`
}

type properties struct {
	Code       string         `json:"code"`
	Parent     string         `json:"parent,omitempty"`
	Level      Level          `json:"level"`
	Name       i18n.Text      `json:"name"`
	Population int64          `json:"population,omitempty"`
	ValidFrom  *calendar.Date `json:"valid_from,omitempty"`
}

type collection struct {
	Type     string    `json:"type"`
	Features []feature `json:"features"`
}

var levels = []Level{City, Borough, Subdistrict}

// ReadGeoJSON reads districts from a FeatureCollection whose features have the
// properties code, parent (a code), level, name (by language) and perhaps
// population and valid_from. Points are of the given system. Larger areas come
// first, whatever their order in the file.
func ReadGeoJSON(raw []byte, of CRS) ([]DistrictDef, error) {
	var c collection
	if err := json.Unmarshal(raw, &c); err != nil {
		return nil, fmt.Errorf("read districts: %w", err)
	}
	if c.Type != "FeatureCollection" || len(c.Features) == 0 {
		return nil, fault.InvalidInput(fault.Field{Name: "districts", Key: "place.geojson.empty"})
	}
	defs := make([]DistrictDef, 0, len(c.Features))
	for _, f := range c.Features {
		p := f.Properties
		d := DistrictDef{Code: p.Code, Parent: p.Parent, Level: p.Level, Name: p.Name, Population: p.Population, ValidFrom: p.ValidFrom}
		if f.Geometry != nil {
			d.Shape = f.Geometry.in(of)
		}
		defs = append(defs, d)
	}
	slices.SortStableFunc(defs, func(a, b DistrictDef) int {
		return cmp.Compare(slices.Index(levels, a.Level), slices.Index(levels, b.Level))
	})
	return defs, nil
}

// in takes the points of a shape for ones of the system, and gives WGS 84.
func (s Shape) in(of CRS) Shape {
	if of == WGS84 {
		return s
	}
	out := s.MultiPolygon.Clone()
	for _, polygon := range out {
		for _, ring := range polygon {
			for i, p := range ring {
				lat, lng := of.ToWGS84(p[1], p[0])
				ring[i] = orb.Point{lng, lat}
			}
		}
	}
	return Shape{MultiPolygon: out}
}

// Describe writes all districts, of every date, as ReadGeoJSON reads them.
func (m *Map) Describe() ([]byte, error) {
	c := collection{Type: "FeatureCollection"}
	for _, d := range m.Districts {
		f := feature{Type: "Feature", Geometry: &d.Geometry,
			Properties: properties{Code: d.Code, Level: d.Level, Name: d.Name, Population: d.Population, ValidFrom: &d.ValidFrom}}
		if p := m.Parent(d); p != nil {
			f.Properties.Parent = p.Code
		}
		c.Features = append(c.Features, f)
	}
	raw, err := json.Marshal(c)
	if err != nil {
		return nil, fmt.Errorf("write the districts: %w", err)
	}
	return raw, nil
}
