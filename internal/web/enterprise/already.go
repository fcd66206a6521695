package enterprise

import (
	"slices"
	"strings"

	"minqing/internal/catalogue"
	"minqing/internal/fault"
	"minqing/internal/i18n"
	"minqing/internal/permits"
	"minqing/internal/permittypes"
	"minqing/internal/web"
)

// alreadyNote says beside a question what is held, and asks why it is corrected where
// the type wants that.
type alreadyNote struct {
	Words web.Words
	Why   *web.Field
}

// alreadyWords says what is held, from where, as of when.
func alreadyWords(h *permits.Already) web.Words {
	return web.Say("already.words", "Source", i18n.Phrase{Key: "already.source." + h.Source}, "Ref", h.Ref, "Day", web.DayText(h.AsOf))
}

// already notes what is held of an application's questions; key names a question on
// the page.
func (v *applicationView) already(o *permits.Own, key func(name string) string) {
	if v.Already == nil {
		v.Already = map[string]*alreadyNote{}
	}
	for i := range o.Already {
		h := &o.Already[i]
		name := key(h.Code)
		if v.Already[name] != nil {
			continue
		}
		value := h.Value
		text := i18n.Text{i18n.ZhHant: value, i18n.ZhHans: value, i18n.En: value}
		if j := slices.IndexFunc(o.Questions, func(q catalogue.Question) bool { return q.Name == h.Code }); j >= 0 {
			text = permits.AnswerText(o.Questions[j], h.Value)
		}
		note := &alreadyNote{Words: web.Say("already.note", "Value", text, "Source", i18n.Phrase{Key: "already.source." + h.Source}, "Ref", h.Ref, "Day", web.DayText(h.AsOf))}
		if slices.ContainsFunc(o.Type.Held, func(d permittypes.Held) bool { return d.Question == h.Code && d.Reason }) {
			f := v.Bind(web.Field{Name: "why." + name, Label: web.Say("already.why"), Hint: web.Say("already.why.hint"), Value: h.Reason, Optional: true})
			note.Why = &f
		}
		v.Already[name] = note
	}
}

// reasons are those that were typed for held answers of an application.
func reasons(o *permits.Own, key func(name string) string, typed func(field string) (string, bool)) map[string]string {
	out := map[string]string{}
	for i := range o.Already {
		if why, said := typed("why." + key(o.Already[i].Code)); said {
			out[o.Already[i].Code] = why
		}
	}
	return out
}

// renamed names the fields of missing reasons as the page does.
func renamed(err error, key func(name string) string) error {
	e, ours := fault.As(err)
	if err == nil || !ours || len(e.Fields) == 0 {
		return err
	}
	fields := slices.Clone(e.Fields)
	for i := range fields {
		if name, ok := strings.CutPrefix(fields[i].Name, "why."); ok {
			fields[i].Name = "why." + key(name)
		}
	}
	return fault.InvalidInput(fields...)
}
