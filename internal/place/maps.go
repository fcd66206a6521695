package place

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"time"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/geojson"

	"minqing/internal/calendar"
	"minqing/internal/fault"
	"minqing/internal/i18n"
)

// Map is all districts at one revision, immutable and safe to share.
type Map struct {
	Revision  string
	Districts []*District // by code

	known  map[string]*District // by id and by code
	bounds orb.Bound
}

const (
	placeArea    = "place"
	recheckAfter = time.Second
)

// Map gives the districts as they stand. It asks the database for the revision
// at most once a second and reads again only when that changed.
func (s *Service) Map(ctx context.Context) (*Map, error) {
	now := s.now().UnixNano()
	if m := s.fresh(now); m != nil {
		return m, nil
	}
	s.loading.Lock()
	defer s.loading.Unlock()
	if m := s.fresh(now); m != nil {
		return m, nil
	}
	var revision string
	if err := s.db.From(ctx).Raw("SELECT revision FROM reference_state WHERE area = ?", placeArea).Scan(&revision).Error; err != nil {
		return nil, fmt.Errorf("read the map's revision: %w", err)
	}
	m := s.current.Load()
	if m == nil || m.Revision != revision {
		m = &Map{Revision: revision}
		if err := s.db.From(ctx).Order("code").Find(&m.Districts).Error; err != nil {
			return nil, fmt.Errorf("read the districts: %w", err)
		}
		m.arrange()
	}
	if s.db.SQLTx(ctx) == nil { // what a transaction sees may yet be undone
		s.current.Store(m)
		s.checked.Store(now)
	}
	return m, nil
}

func (s *Service) fresh(now int64) *Map {
	if age := now - s.checked.Load(); age < 0 || age >= int64(recheckAfter) || now < s.uncertain.Load() {
		return nil
	}
	return s.current.Load()
}

func (m *Map) arrange() {
	m.known = make(map[string]*District, 2*len(m.Districts))
	for i, d := range m.Districts {
		m.known[d.ID], m.known[d.Code] = d, d
		d.bound = d.Geometry.Bound()
		if i == 0 {
			m.bounds = d.bound
		}
		m.bounds = m.bounds.Union(d.bound)
	}
}

// District finds a district by id or code.
func (m *Map) District(idOrCode string) (*District, error) {
	if d := m.known[idOrCode]; d != nil {
		return d, nil
	}
	return nil, fault.New(fault.NotFound, "place.district.missing")
}

// Locate finds the smallest area around a WGS 84 point on the day: the
// sub-district. A point on a border belongs to the area with the first code.
// Outside the city it is NotFound.
func (m *Map) Locate(lat, lng float64, day calendar.Date) (*District, error) {
	if math.IsNaN(lat) || math.IsNaN(lng) || math.Abs(lat) > 90 || math.Abs(lng) > 180 {
		return nil, fault.InvalidInput(fault.Field{Name: "location", Key: "place.point.invalid"})
	}
	p := orb.Point{lng, lat}
	for _, d := range m.Districts {
		if d.Level == Subdistrict && d.On(day) && d.bound.Contains(p) && d.Geometry.Contains(p) {
			return d, nil
		}
	}
	return nil, fault.New(fault.NotFound, "place.outside")
}

// Parent is the area around the district; nil for the city.
func (m *Map) Parent(d *District) *District {
	if d.ParentID == nil {
		return nil
	}
	return m.known[*d.ParentID]
}

// Chain is the district and the areas around it, smallest first.
func (m *Map) Chain(d *District) []*District {
	var chain []*District
	for range len(m.Districts) {
		if d == nil {
			break
		}
		chain = append(chain, d)
		d = m.Parent(d)
	}
	return chain
}

// At lists the districts of a level in force on the day, by code; inside the
// parent (id or code) when one is named.
func (m *Map) At(level Level, parent string, day calendar.Date) []*District {
	var within *District
	if parent != "" {
		if within = m.known[parent]; within == nil {
			return nil
		}
	}
	var list []*District
	for _, d := range m.Districts {
		if d.Level == level && d.On(day) && (within == nil || (d.ParentID != nil && *d.ParentID == within.ID)) {
			list = append(list, d)
		}
	}
	return list
}

// Bounds are the corners of the whole city: south, west, north, east in degrees.
func (m *Map) Bounds() (south, west, north, east float64) {
	return m.bounds.Min[1], m.bounds.Min[0], m.bounds.Max[1], m.bounds.Max[0]
}

// GeoJSON is a feature collection of a level's districts on the day, for the
// map of a page: code, name in the reader's language, parent's code and centre;
// coordinates to about a metre. Rounding moves a corner that two areas share in
// both alike, so no gap opens.
func (m *Map) GeoJSON(level Level, lang i18n.Lang, day calendar.Date) ([]byte, error) {
	features := geojson.NewFeatureCollection()
	for _, d := range m.At(level, "", day) {
		f := geojson.NewFeature(rounded(d.Geometry.MultiPolygon))
		f.ID = d.Code
		f.Properties = geojson.Properties{
			"code": d.Code, "name": d.Name.In(lang), "centre": []float64{round5(d.CentreLat), round5(d.CentreLng)},
		}
		if p := m.Parent(d); p != nil {
			f.Properties["parent"] = p.Code
		}
		features.Append(f)
	}
	raw, err := json.Marshal(features)
	if err != nil {
		return nil, fmt.Errorf("write the districts for a map: %w", err)
	}
	return raw, nil
}

func rounded(shape orb.MultiPolygon) orb.MultiPolygon {
	out := shape.Clone()
	for _, polygon := range out {
		for i, ring := range polygon {
			kept := ring[:0]
			for _, p := range ring {
				q := orb.Point{round5(p[0]), round5(p[1])}
				if len(kept) == 0 || kept[len(kept)-1] != q {
					kept = append(kept, q)
				}
			}
			polygon[i] = kept
		}
	}
	return out
}

func round5(v float64) float64 { return math.Round(v*1e5) / 1e5 }
