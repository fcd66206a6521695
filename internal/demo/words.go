package demo

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"

	"minqing/internal/i18n"
)

// words fill slots. Names are written "zh-Hant|zh-Hans|en" in the file.
type words struct {
	Stems       []trio                            `yaml:"stems"`
	Streets     []trio                            `yaml:"street_types"`
	Estates     []trio                            `yaml:"estate_types"`
	Shops       []trio                            `yaml:"shop_types"`
	Restaurants []trio                            `yaml:"restaurant_types"`
	Clubs       []trio                            `yaml:"club_types"`
	Tutors      []trio                            `yaml:"tutor_types"`
	Agencies    []trio                            `yaml:"agency_types"`
	Builders    []trio                            `yaml:"builder_types"`
	Decorators  []trio                            `yaml:"decorator_types"`
	Factories   []trio                            `yaml:"factory_types"`
	Carers      []trio                            `yaml:"carer_types"`
	Companies   []trio                            `yaml:"company_types"`
	Schools     []trio                            `yaml:"school_types"`
	Hospitals   []trio                            `yaml:"hospital_types"`
	Surnames    []trio                            `yaml:"surnames"`
	Given       []trio                            `yaml:"given"`
	Lists       map[string]map[i18n.Lang][]string `yaml:"lists"`
}

// types are the kinds of places and firms behind a slot.
func (w *words) types(slot string) []trio {
	switch slot {
	case "street":
		return w.Streets
	case "estate":
		return w.Estates
	case "shop":
		return w.Shops
	case "restaurant":
		return w.Restaurants
	case "club":
		return w.Clubs
	case "tutor":
		return w.Tutors
	case "agency":
		return w.Agencies
	case "builder":
		return w.Builders
	case "decorator":
		return w.Decorators
	case "factory":
		return w.Factories
	case "carer":
		return w.Carers
	case "company":
		return w.Companies
	case "school":
		return w.Schools
	case "hospital":
		return w.Hospitals
	}
	return nil
}

// trio is a name in the three languages.
type trio map[i18n.Lang]string

// UnmarshalYAML reads "鐘樓|钟楼|Zhonglou".
func (t *trio) UnmarshalYAML(into func(any) error) error {
	var text string
	if err := into(&text); err != nil {
		return err
	}
	parts := strings.Split(text, "|")
	if len(parts) != len(i18n.Langs) {
		return fmt.Errorf("%q is not a name in three languages", text)
	}
	*t = trio{}
	for i, lang := range i18n.Langs {
		(*t)[lang] = parts[i]
	}
	return nil
}

func pick[T any](r *rand.Rand, list []T) T { return list[r.IntN(len(list))] }

// compound joins a stem and a type: 春和路, Chunhe Road.
func (w *words) compound(r *rand.Rand, types []trio, lang i18n.Lang) string {
	stem, kind := pick(r, w.Stems)[lang], pick(r, types)[lang]
	if lang == i18n.En {
		return stem + " " + kind
	}
	return stem + kind
}

// value draws what a slot says. Numbers keep to what is plausible: {n} a few,
// {many} dozens, {price} what things cost, {amount} what bills
// come to, {large} what weighs on a family, {income} what a poor one has.
func (w *words) value(r *rand.Rand, slot string, lang i18n.Lang) (string, bool) {
	if types := w.types(slot); types != nil {
		return w.compound(r, types, lang), true
	}
	if span, ok := spans[slot]; ok {
		return strconv.Itoa(span.from + span.step*r.IntN((span.to-span.from)/span.step+1)), true
	}
	switch slot {
	case "surname":
		return pick(r, w.Surnames)[lang], true
	case "phone":
		return "12345", true
	case "plate":
		return plate(r, lang), true
	}
	list := w.Lists[slot][lang]
	if len(list) == 0 {
		return "", false
	}
	return pick(r, list), true
}

var spans = map[string]struct{ from, to, step int }{
	"number": {1, 388, 1}, "building": {1, 36, 1}, "floor": {2, 18, 1}, "route": {1, 218, 1},
	"n": {2, 9, 1}, "many": {11, 96, 1}, "age": {71, 93, 1},
	"price": {6, 88, 1}, "amount": {260, 9800, 10}, "income": {800, 3600, 50}, "large": {12_000, 260_000, 1000},
}

// plate is a number plate of a province that does not exist.
func plate(r *rand.Rand, lang i18n.Lang) string {
	const signs = "ABCDEFGHJKLMNPQRSTUVWXYZ0123456789"
	city := map[i18n.Lang]string{i18n.ZhHant: "臨A-", i18n.ZhHans: "临A·", i18n.En: "LJ A-"}[lang]
	var b strings.Builder
	b.WriteString(city)
	for range 5 {
		b.WriteByte(signs[r.IntN(len(signs))])
	}
	return b.String()
}
