package demo

import (
	"fmt"
	"strings"

	"minqing/internal/catalogue"
	"minqing/internal/i18n"
)

type unitFile struct {
	Root    catalogue.UnitDef `yaml:"root"`
	Bureaus []struct {
		catalogue.UnitDef `yaml:",inline"`
		Sections          []catalogue.UnitDef `yaml:"sections"`
	} `yaml:"bureaus"`
	DistrictGovernment i18n.Text           `yaml:"district_government"`
	DistrictBureaus    []catalogue.UnitDef `yaml:"district_bureaus"`
	SubdistrictOffice  i18n.Text           `yaml:"subdistrict_office"`
	TownGovernment     i18n.Text           `yaml:"town_government"`
}

// units are all units of the city: bureaus and their sections, district
// governments with their bureaus, offices of sub-districts and towns.
func units() ([]catalogue.UnitDef, error) {
	var f unitFile
	if err := read("units.yaml", &f); err != nil {
		return nil, err
	}
	list := []catalogue.UnitDef{f.Root}
	for _, b := range f.Bureaus {
		b.Parent = f.Root.Code
		if b.Kind == "" {
			b.Kind = catalogue.UnitBureau
		}
		list = append(list, b.UnitDef)
		for i, s := range b.Sections {
			s.Code, s.Parent, s.Kind = fmt.Sprintf("%s%02d", b.Code, i+1), b.Code, catalogue.UnitSection
			list = append(list, s)
		}
	}
	local, err := f.local()
	return append(list, local...), err
}

// local are the units that serve one district: government D01 with its bureaus
// D01-CG, offices S0101.
func (f unitFile) local() ([]catalogue.UnitDef, error) {
	districts, err := readDistricts()
	if err != nil {
		return nil, err
	}
	var list []catalogue.UnitDef
	for _, d := range districts.Districts {
		number := strings.TrimPrefix(d.Code, districts.City.Code)
		government := catalogue.UnitDef{
			Life: catalogue.Life{Code: "D" + number}, Name: named(f.DistrictGovernment, d.Name),
			Parent: f.Root.Code, Kind: catalogue.UnitDistrict, District: d.Code, Phone: "0000-5580" + number + "0",
		}
		list = append(list, government)
		for _, b := range f.DistrictBureaus {
			b.Name, b.Code = named(b.Name, d.Name), government.Code+"-"+b.Code
			b.Parent, b.Kind, b.District = government.Code, catalogue.UnitBureau, d.Code
			list = append(list, b)
		}
		for _, s := range d.Subdistricts {
			name := f.SubdistrictOffice
			if strings.HasSuffix(s.Name[i18n.ZhHant], "鎮") {
				name = f.TownGovernment
			}
			list = append(list, catalogue.UnitDef{
				Life: catalogue.Life{Code: "S" + strings.TrimPrefix(s.Code, districts.City.Code)}, Name: named(name, s.Name),
				Parent: government.Code, Kind: catalogue.UnitSubdistrict, District: s.Code,
			})
		}
	}
	return list, nil
}

// named puts the district's name into the pattern of a unit's name.
func named(pattern, district i18n.Text) i18n.Text {
	name := i18n.Text{}
	for lang, p := range pattern {
		name[lang] = strings.ReplaceAll(p, "{district}", district.In(lang))
	}
	return name
}
