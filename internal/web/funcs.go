package web

import (
	"fmt"
	"html/template"
	"strings"
	"time"

	"minqing/internal/calendar"
	"minqing/internal/fault"
	"minqing/internal/i18n"
	"minqing/internal/press"
)

// funcs are the functions of templates, bound to one language.
func (v *Views) funcs(l i18n.Lang) template.FuncMap {
	b := v.o.Bundle
	f := i18n.Format{Lang: l, Zone: v.o.Zone, ROC: v.o.ROC}
	return template.FuncMap{
		"t":        func(key string, pairs ...any) string { return b.T(l, key, args(pairs)) },
		"words":    func(w Words) string { return w.In(b, l) },
		"text":     func(t i18n.Text) string { return t.In(l) },
		"tell":     func(e fault.Field) string { return b.T(l, e.Key, e.Args) },
		"say":      Say,
		"plain":    Plain,
		"has":      func(w Words) bool { return !w.IsZero() },
		"date":     onDay(f, true),
		"day":      onDay(f, false),
		"datetime": f.DateTime,
		"daytime":  f.DayTime,
		"clock":    f.Clock,
		"iso":      iso,
		"month":    func(year int, m time.Month) string { return f.Month(year, m) },
		"number":   func(n any) (string, error) { return number(f, n) },
		"decimal":  f.Decimal,
		"percent":  f.Percent,
		"icon":     v.icon,
		"asset":    v.assets.URL,
		"dict":     dict,
		"fieldid":  FieldID,
		"lang":     func() i18n.Lang { return l },
		"datebits": func() []string { return dateBits(l) },
		"lines":    func(s string) []string { return strings.Split(s, "\n") },
	}
}

// direct are the functions that pages call most, for calls without reflection.
func (v *Views) direct(l i18n.Lang) map[string]press.Direct {
	b := v.o.Bundle
	f := i18n.Format{Lang: l, Zone: v.o.Zone, ROC: v.o.ROC}
	return map[string]press.Direct{
		"words": press.Unary(func(w Words) string { return w.In(b, l) }),
		"text":  press.Unary(func(t i18n.Text) string { return t.In(l) }),
		"has":   press.Unary(func(w Words) bool { return !w.IsZero() }),
		"tell":  press.Unary(func(e fault.Field) string { return b.T(l, e.Key, e.Args) }),
		"lang":  press.Always(l),
		"iso":   press.Either(iso),
		"date":  press.Either(onDay(f, true)),
		"day":   press.Either(onDay(f, false)),

		"minqing/internal/web.Chip.Picture":    press.Unary(Chip.Picture),
		"minqing/internal/web.Field.ID":        press.Unary(Field.ID),
		"minqing/internal/web.Field.Described": press.Unary(Field.Described),
		"minqing/internal/web.Field.Chosen":    press.Binary(Field.Chosen),
		"minqing/internal/web.framed.Failing":  press.Unary(framed.Failing),
		"minqing/internal/web.framed.SignedIn": press.Unary(framed.SignedIn),
	}
}

// onDay writes an instant by its local day, or a calendar date, with its year or
// without. A nil pointer is no text.
func onDay(f i18n.Format, withYear bool) func(any) (string, error) {
	write, civil := f.Day, i18n.Format{Lang: f.Lang, ROC: f.ROC}.Day
	if withYear {
		write, civil = f.Date, i18n.Format{Lang: f.Lang, ROC: f.ROC}.Date
	}
	return func(v any) (string, error) {
		switch v := v.(type) {
		case time.Time:
			return write(v), nil
		case calendar.Date:
			return civil(v.UTC()), nil
		case *time.Time:
			if v != nil {
				return write(*v), nil
			}
		case *calendar.Date:
			if v != nil {
				return civil(v.UTC()), nil
			}
		default:
			return "", fmt.Errorf("%T is no date", v)
		}
		return "", nil
	}
}

// iso is the machine's form of an instant or date, for <time datetime>.
func iso(v any) (string, error) {
	switch v := v.(type) {
	case time.Time:
		return v.UTC().Format(time.RFC3339), nil
	case *time.Time:
		if v == nil {
			return "", nil
		}
		return v.UTC().Format(time.RFC3339), nil
	case calendar.Date:
		return v.String(), nil
	case *calendar.Date:
		if v == nil {
			return "", nil
		}
		return v.String(), nil
	default:
		return "", fmt.Errorf("%T is no date", v)
	}
}

func number(f i18n.Format, n any) (string, error) {
	switch n := n.(type) {
	case int:
		return f.Number(int64(n)), nil
	case *int:
		if n == nil {
			return "", nil
		}
		return f.Number(int64(*n)), nil
	case int32:
		return f.Number(int64(n)), nil
	case int64:
		return f.Number(n), nil
	default:
		return "", fmt.Errorf("%T is no whole number", n)
	}
}

// icon is a picture of the sprite; a second argument "large" makes it 32 px.
func (v *Views) icon(name string, size ...string) (template.HTML, error) {
	drawn, ok := v.assets.icons[name]
	if !ok {
		return "", fmt.Errorf("there is no icon %q: run make assets", name)
	}
	if len(size) > 0 && size[0] == "large" {
		return drawn[1], nil
	}
	return drawn[0], nil
}

// dict gives a component several values at once.
func dict(pairs ...any) (map[string]any, error) {
	if len(pairs)%2 != 0 {
		return nil, fmt.Errorf("dict takes pairs")
	}
	out := make(map[string]any, len(pairs)/2)
	for i := 0; i < len(pairs); i += 2 {
		name, ok := pairs[i].(string)
		if !ok {
			return nil, fmt.Errorf("dict: %v is no name", pairs[i])
		}
		out[name] = pairs[i+1]
	}
	return out, nil
}

// dateBits is the order in which readers write a date.
func dateBits(l i18n.Lang) []string {
	if l == i18n.En {
		return []string{"day", "month", "year"}
	}
	return []string{"year", "month", "day"}
}
