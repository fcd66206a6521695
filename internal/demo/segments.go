package demo

import (
	"fmt"
	"strings"

	"minqing/internal/calendar"
	"minqing/internal/i18n"
	"minqing/internal/place"
)

// Segment is a segment of the city as the file has it: a definition in JSON, and
// its purpose and ground in law by the names that segments have for them.
type Segment struct {
	Code       string    `yaml:"code"`
	Name       i18n.Text `yaml:"name"`
	Purpose    string    `yaml:"purpose"`
	Basis      string    `yaml:"basis"`
	BasisText  string    `yaml:"basis_text"`
	Definition string    `yaml:"definition"`
}

// Segments are those of the city. Where one speaks of the district with
// works it is the first of the map.
func Segments(areas *place.Map, on calendar.Date) (list []Segment, err error) {
	if err := read("segments.yaml", &list); err != nil {
		return nil, err
	}
	works := areas.At(place.Borough, "", on)
	if len(works) == 0 {
		return nil, fmt.Errorf("the demo city has no districts on %s", on)
	}
	for i := range list {
		list[i].Definition = strings.ReplaceAll(list[i].Definition, "{works}", works[0].Code)
	}
	return list, nil
}
