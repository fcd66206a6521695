package editor

import (
	"strings"

	"minqing/internal/i18n"
	"minqing/internal/web"
)

// saying is what a field of a form says: as it is stored, and in words.
type saying struct {
	name, field string
	lang        i18n.Lang // of a text that is written in one language
	raw, text   string
}

func (r reader) sayings(inputs []input) (all []saying) {
	for _, in := range inputs {
		label := in.Field.Label.In(r.words, r.lang)
		switch in.Kind {
		case "texts":
			for i, f := range in.Fields {
				all = append(all, saying{name: f.Name, field: label + " · " + in.Langs[i].Name(), lang: in.Langs[i], raw: f.Value, text: f.Value})
			}
		case "pair":
			all = append(all, r.pair(in, label))
		case "rule":
			all = append(all, saying{name: in.Field.Name, field: label, raw: in.Field.Value, text: r.or(in.Says, in.Field.Value)})
		case "rows":
			all = append(all, r.table(in, label)...)
		case "boxes":
			all = append(all, r.ticked(in, label))
		default:
			s := saying{name: in.Field.Name, field: label, raw: in.Field.Value, text: in.Field.Value}
			if s.raw != "" {
				s.text = r.or(optionWords(in.Field.Options, s.raw), s.raw)
			}
			all = append(all, s)
		}
	}
	return all
}

func (r reader) or(w web.Words, raw string) string {
	if text := w.In(r.words, r.lang); text != "" {
		return text
	}
	return raw
}

// pair is a number with what it counts; without a number only a unit that stands alone
// says something.
func (r reader) pair(in input, label string) saying {
	n, u := in.Fields[0], in.Fields[1]
	s := saying{name: n.Name, field: label}
	switch counts := u.Value == "wd" || u.Value == "d" || u.Value == "m" || u.Value == "y"; {
	case n.Value != "":
		s.raw = n.Value + u.Value
		s.text = n.Value + " " + r.or(optionWords(u.Options, u.Value), u.Value)
	case !counts && u.Value != "":
		s.raw, s.text = u.Value, r.or(optionWords(u.Options, u.Value), u.Value)
	}
	return s
}

// ticked are the boxes that are ticked.
func (r reader) ticked(in input, label string) saying {
	var raw, text []string
	for _, v := range in.Field.Values {
		if v != "" {
			raw, text = append(raw, v), append(text, r.or(optionWords(in.Field.Options, v), v))
		}
	}
	return saying{name: in.Field.Name, field: label, raw: strings.Join(raw, ","), text: strings.Join(text, r.words.T(r.lang, "permitedit.listed", nil))}
}

// table is one column of rows after the other: the values, then each language.
func (r reader) table(in input, label string) []saying {
	all := []saying{{name: "options.value", field: label + " · " + r.words.T(r.lang, "permitedit.option.values", nil)}}
	for _, l := range i18n.Langs {
		all = append(all, saying{name: "options." + string(l), field: label + " · " + l.Name(), lang: l})
	}
	for _, row := range in.Rows {
		for i, f := range row.Fields {
			if f.Value == "" {
				continue
			}
			if all[i].raw != "" {
				all[i].raw += " · "
			}
			all[i].raw += f.Value
			all[i].text = all[i].raw
		}
	}
	return all
}
