package editor

import (
	"net/url"
	"slices"
	"strconv"

	"github.com/gin-gonic/gin"

	"minqing/internal/fault"
	"minqing/internal/web"
)

// formView is one form of a draft: a part that is a single form, or a thing of a list.
type formView struct {
	web.Page
	Action  string
	Version int64
	Was     string // what the thing was called when the form was opened
	Lead    web.Words
	Inputs  []input
	Extra   []web.Button // more buttons of the form that keep nothing yet
	Remove  bool
}

// show is the form of a part, or of a thing of a list, as it is stored.
func (d *desk[T]) showForm(c *gin.Context) error { return d.form(c, nil, nil) }

func (d *desk[T]) form(c *gin.Context, typed url.Values, failed error) error {
	ctx := c.Request.Context()
	p, err := d.part(c)
	if err != nil {
		return err
	}
	x, version, err := d.load(ctx, c.Param("code"))
	if err != nil {
		return err
	}
	at := 0
	v := &formView{Page: d.kit.Page(c, web.Say("permitedit.part."+p.Name())), Action: c.Request.URL.Path, Version: version}
	v.Wide = true
	v.Back = &web.Link{Href: d.at(c), Words: web.Say("permitedit.draft.title", "Name", d.name(x))}
	if p.List() {
		if at, err = place(c, p, x); err != nil && !conflict(failed) {
			return err
		}
		if conflict(failed) {
			at = again(typed.Get("was"), p.Lines(x))
			v.Action = d.at(c) + "/" + p.Name() + "/" + address(at, len(p.Lines(x)))
		}
		d.heading(c, v, p, x, at)
	}
	s := &sheet{part: p.Name(), words: d.words, lang: v.Lang, typed: typed}
	if key := "permitedit.lead." + p.Name(); d.words.Has(key) {
		v.Lead = web.Say(key)
	}
	stored := d.stored(c, p, x, at, failed)
	p.Fill(s, x, at)
	if err := v.Fail(failed); err != nil {
		return err
	}
	s.bind(&v.Page)
	v.Inputs = s.inputs
	compare(v.Inputs, stored)
	for _, in := range s.inputs {
		if in.Kind == "rows" {
			v.Extra = append(v.Extra, web.Button{Words: web.Say("permitedit.rows.more"), Kind: "secondary", Name: "do", Value: moreRows})
		}
	}
	return d.kit.Show(c, "admin/edit-form", v)
}

// heading titles the form of a thing of a list by what it is called.
func (d *desk[T]) heading(c *gin.Context, v *formView, p part[T], x *T, at int) {
	lines := p.Lines(x)
	v.Back = &web.Link{Href: d.at(c) + "/" + p.Name(), Words: web.Say("permitedit.part." + p.Name())}
	if v.Remove = at < len(lines); v.Remove {
		v.Was = lines[at].Code
		v.Title = lines[at].Title
		if lines[at].Title.IsZero() {
			v.Title = web.Plain(lines[at].Code)
		}
		return
	}
	v.Title = web.Say("permitedit.new." + p.Name())
}

// again is where a thing stands after somebody else changed the draft: behind all
// others where it is gone.
func again(was string, lines []line) int {
	for i, l := range lines {
		if was != "" && l.Code == was {
			return i
		}
	}
	return len(lines)
}

// address is a place in a list as addresses write it.
func address(at, length int) string {
	if at >= length {
		return "new"
	}
	return strconv.Itoa(at + 1)
}

// stored is the form as it is stored now, where somebody else was quicker; nil else.
func (d *desk[T]) stored(c *gin.Context, p part[T], x *T, at int, failed error) []input {
	if !conflict(failed) {
		return nil
	}
	now := &sheet{part: p.Name(), words: d.words, lang: web.Lang(c)}
	p.Fill(now, x, at)
	return now.inputs
}

// compare writes beside each input that differs what is stored now.
func compare(shown, stored []input) {
	for i := range shown {
		if i >= len(stored) || stored[i].Kind != shown[i].Kind {
			return
		}
		if a, b := plain(shown[i]), plain(stored[i]); a != b {
			shown[i].Before = b
			if b == "" {
				shown[i].Before = "–"
			}
		}
	}
}

// plain is what an input says, in one line.
func plain(in input) string {
	out := in.Field.Value
	join := func(v string) {
		if v != "" && out != "" {
			out += " · "
		}
		out += v
	}
	for _, v := range in.Field.Values {
		join(v)
	}
	if in.Kind == "rule" {
		return out
	}
	for _, f := range in.Fields {
		join(f.Value)
	}
	for _, r := range in.Rows {
		for _, f := range r.Fields {
			join(f.Value)
		}
	}
	return out
}

// send takes over what was typed, or says what is wrong with it.
func (d *desk[T]) sendForm(c *gin.Context) error {
	ctx := c.Request.Context()
	typed, err := web.Typed(c)
	if err != nil {
		if typed == nil {
			return err
		}
		return d.form(c, typed, err)
	}
	p, err := d.part(c)
	if err != nil {
		return err
	}
	version, err := seen(c)
	if err != nil {
		return err
	}
	x, now, err := d.load(ctx, c.Param("code"))
	if err != nil {
		return err
	}
	if now != version {
		return d.form(c, typed, fault.New(fault.Conflict, "permitedit.changed"))
	}
	back := d.at(c)
	at := 0
	if p.List() {
		if at, err = place(c, p, x); err != nil {
			return err
		}
		back += "/" + p.Name()
	}
	if typed.Get("do") == "remove" && p.List() {
		p.Remove(x, at)
		if err := d.keep(ctx, x, version); err != nil {
			return d.form(c, nil, dependent(err))
		}
		return d.told(c, "permitedit.removed", back)
	}
	s := &sheet{part: p.Name(), words: d.words, lang: web.Lang(c), typed: typed}
	p.Fill(s, x, at)
	if do := typed.Get("do"); do == addRule || do == moreRows {
		failed := s.bad.Err()
		return d.form(c, composed(typed), failed)
	}
	return d.take(c, p, x, taking{s, at, version, back})
}

// taking is a form on its way into the draft.
type taking struct {
	sheet   *sheet
	at      int
	version int64
	back    string
}

func (d *desk[T]) take(c *gin.Context, p part[T], x *T, t taking) error {
	ctx := c.Request.Context()
	all, err := d.troubles(ctx, x)
	if err != nil {
		return err
	}
	mine, _ := t.sheet.told(within(all, p.Prefix(x, t.at)))
	if wrong := together(t.sheet, mine); len(wrong) > 0 {
		return d.form(c, t.sheet.typed, fault.InvalidInput(wrong...))
	}
	err = d.keep(ctx, x, t.version)
	if conflict(err) {
		return d.form(c, t.sheet.typed, fault.New(fault.Conflict, "permitedit.changed"))
	}
	if found, rest := fields(err); rest != nil {
		return rest
	} else if len(found) > 0 {
		return d.form(c, t.sheet.typed, dependent(err))
	}
	return d.told(c, "permitedit.kept", t.back)
}

// together are the troubles of a form in the order of its inputs, one for each: what
// cannot be read says more than what follows from it.
func together(s *sheet, domain []fault.Field) []fault.Field {
	typed, _ := fields(s.bad.Err())
	var out []fault.Field
	for _, name := range s.order() {
		for _, f := range append(slices.Clone(typed), domain...) {
			if f.Name == name {
				out = append(out, f)
				break
			}
		}
	}
	return out
}

// composed is what was typed once a button of the form has been served.
func composed(typed url.Values) url.Values {
	if typed.Get("do") == addRule {
		typed.Del("do")
	}
	return typed
}

// dependent says that something else rests on what would be changed.
func dependent(err error) error {
	if found, rest := fields(err); rest == nil && len(found) > 0 && found[0].Name == "questions" {
		return fault.New(fault.Conflict, "permitedit.depends")
	}
	if conflict(err) {
		return fault.New(fault.Conflict, "permitedit.changed")
	}
	return err
}
