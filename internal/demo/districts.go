package demo

import (
	"encoding/json"
	"fmt"
	"sync"

	"github.com/paulmach/orb"

	"minqing/internal/i18n"
	"minqing/internal/place"
)

type districtFile struct {
	City struct {
		Code string    `yaml:"code"`
		Name i18n.Text `yaml:"name"`
	} `yaml:"city"`
	Districts []struct {
		Code         string    `yaml:"code"`
		Name         i18n.Text `yaml:"name"`
		Subdistricts []struct {
			Code       string    `yaml:"code"`
			Population int64     `yaml:"population"` // thousands
			Name       i18n.Text `yaml:"name"`
		} `yaml:"subdistricts"`
	} `yaml:"districts"`
}

// mesh is the city's map: corners that neighbours share.
type mesh struct {
	Points []orb.Point      `json:"points"`
	Areas  map[string][]int `json:"areas"`
	River  []int            `json:"river"`
}

func (m mesh) shape(code string) (place.Shape, error) {
	corners := m.Areas[code]
	if len(corners) < 3 {
		return place.Shape{}, fmt.Errorf("demo city: %s has no shape", code)
	}
	ring := make(orb.Ring, 0, len(corners)+1)
	for _, i := range corners {
		ring = append(ring, m.Points[i])
	}
	ring = append(ring, ring[0])
	return place.Shape{MultiPolygon: orb.MultiPolygon{{ring}}}, nil
}

var readMesh = sync.OnceValues(func() (mesh, error) {
	var m mesh
	raw, err := cityFiles.ReadFile("city/mesh.json")
	if err == nil {
		err = json.Unmarshal(raw, &m)
	}
	if err != nil {
		return m, fmt.Errorf("read the map of the demo city: %w", err)
	}
	return m, nil
})

var readDistricts = sync.OnceValues(func() (districtFile, error) {
	var f districtFile
	return f, read("districts.yaml", &f)
})

// Districts are the city, its districts and sub-districts, larger ones first.
func Districts() ([]place.DistrictDef, error) {
	f, err := readDistricts()
	if err != nil {
		return nil, err
	}
	m, err := readMesh()
	if err != nil {
		return nil, err
	}
	city := place.DistrictDef{Code: f.City.Code, Level: place.City, Name: f.City.Name}
	var boroughs, subdistricts []place.DistrictDef
	var whole []place.Shape
	for _, d := range f.Districts {
		borough := place.DistrictDef{Code: d.Code, Parent: city.Code, Level: place.Borough, Name: d.Name}
		var parts []place.Shape
		for _, s := range d.Subdistricts {
			shape, err := m.shape(s.Code)
			if err != nil {
				return nil, err
			}
			parts = append(parts, shape)
			borough.Population += s.Population * 1000
			subdistricts = append(subdistricts, place.DistrictDef{
				Code: s.Code, Parent: d.Code, Level: place.Subdistrict, Name: s.Name, Shape: shape, Population: s.Population * 1000,
			})
		}
		borough.Shape = place.Join(parts...)
		city.Population += borough.Population
		boroughs = append(boroughs, borough)
		whole = append(whole, parts...)
	}
	city.Shape = place.Join(whole...)
	return append(append([]place.DistrictDef{city}, boroughs...), subdistricts...), nil
}

// River is the line of the river through the city, west to east, longitude
// before latitude; the borders of both banks run along it.
func River() (orb.LineString, error) {
	m, err := readMesh()
	if err != nil {
		return nil, err
	}
	var line orb.LineString
	for _, i := range m.River {
		line = append(line, m.Points[i])
	}
	return line, nil
}
