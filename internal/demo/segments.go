package demo

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"

	"minqing/internal/calendar"
	"minqing/internal/constituents"
	"minqing/internal/db"
	"minqing/internal/i18n"
	"minqing/internal/place"
)

// Segment is a ready-made segment as the file has it: a definition in JSON, and
// its purpose and ground in law by the names that segments have for them.
type Segment struct {
	Code       string    `yaml:"code"`
	Name       i18n.Text `yaml:"name"`
	Purpose    string    `yaml:"purpose"`
	Basis      string    `yaml:"basis"`
	BasisText  string    `yaml:"basis_text"`
	Definition string    `yaml:"definition"`
}

// Segments are the ready-made segments. Where one speaks of the district with
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

// What the city knows of its people beside their cases, so that segments have
// somebody to find.
const (
	knownPeople = 240
	knownFirms  = 40
)

// LoadKnown writes down of people of the city when they were born, where they
// live and what they need, and brings enterprises of every age.
func LoadKnown(ctx context.Context, d *db.DB, people *constituents.Service, areas *place.Map, on calendar.Date) error {
	w, err := NewWriter()
	if err != nil {
		return err
	}
	r := rand.New(rand.NewPCG(firstKnown, knownPeople))
	streets := areas.At(place.Subdistrict, "", on)
	if len(streets) == 0 {
		return fmt.Errorf("the demo city has no districts on %s", on)
	}
	return d.Tx(ctx, func(ctx context.Context) error {
		var rows []struct {
			ID, Locale string
			Version    int64
		}
		err := d.From(ctx).Raw(`SELECT x.id, x.locale, x.version FROM constituents x WHERE x.kind = 'person' AND x.birth_year IS NULL AND x.erased_at IS NULL AND x.merged_into_id IS NULL
 AND EXISTS (SELECT 1 FROM case_parties p WHERE p.constituent_id = x.id) ORDER BY x.id LIMIT ?`, knownPeople).Scan(&rows).Error
		if err != nil {
			return fmt.Errorf("read the people of the demo city: %w", db.Fault(err, "", ""))
		}
		for _, x := range rows {
			age := 18 + r.IntN(70)
			p := constituents.Profile{BirthYear: on.Year() - age, DistrictCode: pick(r, streets).Code, Source: constituents.FromSelf, Locale: x.Locale, Version: x.Version}
			if err := people.SetProfile(ctx, x.ID, p); err != nil {
				return fmt.Errorf("know somebody of the demo city: %w", err)
			}
			for need, odds := range needsAt(age) {
				if r.Float64() < odds {
					if _, err := people.AddNeed(ctx, x.ID, constituents.NeedKinds[need], constituents.FromSelf); err != nil {
						return fmt.Errorf("know somebody of the demo city: %w", err)
					}
				}
			}
		}
		for range knownFirms {
			if err := firm(ctx, people, firmName(w, r), firmProfile(r, streets, on)); err != nil {
				return err
			}
		}
		return nil
	})
}

const firstKnown = 5

// needsAt is how likely each need of constituents.NeedKinds is at an age.
func needsAt(age int) []float64 {
	if age < 65 {
		return []float64{0.02, 0.01, 0.02, 0.03, 0.03}
	}
	return []float64{0.25, 0.02, 0.02, 0.15, 0.45}
}

func firmName(w *Writer, r *rand.Rand) string {
	return w.words.compound(r, w.words.Companies, i18n.ZhHant)
}

var trades = []string{"餐飲", "零售", "物流", "軟體", "製造", "居家服務"}

// firmProfile draws an enterprise: young ones are more than old ones.
func firmProfile(r *rand.Rand, streets []*place.District, on calendar.Date) constituents.Profile {
	days := r.IntN(60) * r.IntN(60)
	set, stage := on.Add(-days), constituents.Stages[1]
	if days < 180 {
		stage = constituents.Stages[0]
	}
	return constituents.Profile{DistrictCode: pick(r, streets).Code, EstablishedOn: &set, Stage: stage, Industry: pick(r, trades),
		Source: constituents.FromImport, Locale: string(i18n.ZhHant), Version: 1}
}

func firm(ctx context.Context, people *constituents.Service, name string, p constituents.Profile) error {
	id, err := people.Create(ctx, constituents.Contact{Kind: constituents.Enterprise, Name: name}, string(i18n.ZhHant))
	if err == nil {
		err = people.SetProfile(ctx, id, p)
	}
	if err != nil {
		return fmt.Errorf("bring an enterprise of the demo city: %w", err)
	}
	return nil
}
