package demo

import "minqing/internal/i18n"

// Segment is a segment of the city as the file has it: a definition in JSON, and
// its purpose and ground in law by the names that segments have for them.
type Segment struct {
	Code       string    `yaml:"code"`
	Name       i18n.Text `yaml:"name"`
	Purpose    string    `yaml:"purpose"`
	Basis      string    `yaml:"basis"`
	BasisText  i18n.Text `yaml:"basis_text"`
	Definition string    `yaml:"definition"`
}

// Segments are those of the city, beside those that any authority has use for.
func Segments() (list []Segment, err error) {
	err = read("segments.yaml", &list)
	return list, err
}
