package demo

import (
	"fmt"
	"io/fs"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"unicode"

	"minqing/internal/i18n"
)

// About is what a text may name besides invented words.
type About struct {
	Code     string    // of the matter
	Field    string    // code of the matter's field
	Kind     string    // of the case
	Matter   i18n.Text // names
	District i18n.Text
	Unit     i18n.Text
}

// Text is what a person wrote to file a case.
type Text struct {
	Title   string
	Body    string
	Address string // street and number, or estate and building, as named in the body
}

// body is one written text of a matter.
type body struct {
	Kind  string `yaml:"kind"`
	Title string `yaml:"title"`
	Body  string `yaml:"body"`

	title, text template
}

// bodies are the texts of one matter by language.
type bodies map[i18n.Lang][]*body

type replyFile struct {
	Kinds      map[string]map[i18n.Lang][]string `yaml:"kinds"`
	Resolved   map[string]map[i18n.Lang][]string `yaml:"resolved"`
	Partly     map[i18n.Lang][]string            `yaml:"partly"`
	Unresolved map[i18n.Lang][]string            `yaml:"unresolved"`
	Comments   map[string]map[i18n.Lang][]string `yaml:"comments"`
	Reasons    map[i18n.Lang][]string            `yaml:"reasons"`
}

// Writer writes the texts of the demo city's cases. It is safe to share; a
// caller brings its own source of chance, and the same source gives the same
// texts.
type Writer struct {
	words   words
	texts   map[string]bodies // by matter
	generic map[string]bodies // by kind
	replies map[string]map[i18n.Lang][]template
}

// NewWriter reads the texts, once per process.
var NewWriter = sync.OnceValues(func() (*Writer, error) {
	w := &Writer{texts: map[string]bodies{}, replies: map[string]map[i18n.Lang][]template{}}
	if err := read("texts/words.yaml", &w.words); err != nil {
		return nil, err
	}
	if err := read("texts/generic.yaml", &w.generic); err != nil {
		return nil, err
	}
	paths, err := fs.Glob(cityFiles, "city/texts/[0-9]*.yaml")
	if err != nil {
		return nil, fmt.Errorf("list the texts of the demo city: %w", err)
	}
	for _, path := range paths {
		part := map[string]bodies{}
		if err := read(strings.TrimPrefix(path, "city/"), &part); err != nil {
			return nil, err
		}
		for matter, texts := range part {
			w.texts[matter] = texts
		}
	}
	for _, all := range []map[string]bodies{w.texts, w.generic} {
		for _, texts := range all {
			if err := texts.cut(); err != nil {
				return nil, err
			}
		}
	}
	return w, w.cutReplies()
})

func (b bodies) cut() error {
	for _, list := range b {
		for _, one := range list {
			var err error
			if one.title, err = cut(one.Title); err != nil {
				return err
			}
			if one.text, err = cut(one.Body); err != nil {
				return err
			}
		}
	}
	return nil
}

func (w *Writer) cutReplies() error {
	var f replyFile
	if err := read("texts/replies.yaml", &f); err != nil {
		return err
	}
	groups := map[string]map[i18n.Lang][]string{"partly": f.Partly, "unresolved": f.Unresolved, "reason": f.Reasons}
	for code, texts := range f.Resolved {
		groups["resolved."+code] = texts
	}
	for kind, texts := range f.Kinds {
		groups["kind."+kind] = texts
	}
	for grade, texts := range f.Comments {
		groups["comment."+grade] = texts
	}
	said := map[string]map[i18n.Lang][]string{}
	if err := read("texts/dialogue.yaml", &said); err != nil {
		return err
	}
	maps.Copy(groups, said)
	for name, texts := range groups {
		w.replies[name] = map[i18n.Lang][]template{}
		for lang, list := range texts {
			for _, text := range list {
				t, err := cut(text)
				if err != nil {
					return err
				}
				w.replies[name][lang] = append(w.replies[name][lang], t)
			}
		}
	}
	return nil
}

// Case writes what a person files: a text of the matter and kind, else one
// that serves any matter.
func (w *Writer) Case(r *rand.Rand, matter, kind string, lang i18n.Lang, about About) (Text, error) {
	var fitting []*body
	for _, b := range w.texts[matter][lang] {
		if b.Kind == kind {
			fitting = append(fitting, b)
		}
	}
	if len(fitting) == 0 {
		fitting = w.generic[kind][lang]
	}
	if len(fitting) == 0 {
		return Text{}, fmt.Errorf("demo city: no text for %s of %s in %s", kind, matter, lang)
	}
	chosen := pick(r, fitting)
	f := w.filler(r, lang, about)
	text := Text{Body: f.write(chosen.text), Title: f.write(chosen.title)}
	text.Address = f.address()
	return text, nil
}

// Kinds lists the kinds of cases that the matter has written texts for.
func (w *Writer) Kinds(matter string) []string {
	var kinds []string
	for _, list := range w.texts[matter] {
		for _, b := range list {
			if !slices.Contains(kinds, b.Kind) {
				kinds = append(kinds, b.Kind)
			}
		}
	}
	slices.Sort(kinds)
	return kinds
}

// Bodies counts the written texts.
func (w *Writer) Bodies() int {
	n := 0
	for _, texts := range w.texts {
		for _, list := range texts {
			n += len(list)
		}
	}
	return n
}

// Reply writes a unit's answer; outcome is "resolved", "partly" or
// "unresolved". A question, an idea or praise is answered as such, a matter by
// its own words or else by those of its field. street is the place that the
// case named; without it one is drawn.
func (w *Writer) Reply(r *rand.Rand, outcome, street string, lang i18n.Lang, about About) (string, error) {
	name := outcome
	if outcome == "resolved" {
		for _, name = range []string{"kind." + about.Kind, "resolved." + about.Code, "resolved." + about.Field} {
			if len(w.replies[name][lang]) > 0 {
				break
			}
		}
	}
	return w.sentence(r, name, street, lang, about)
}

// Comment writes what someone says beside a grade from 1 to 5.
func (w *Writer) Comment(r *rand.Rand, grade int, lang i18n.Lang, about About) (string, error) {
	return w.sentence(r, fmt.Sprintf("comment.%d", grade), "", lang, about)
}

// ReturnReason writes why a unit returns a case that was dispatched to it.
func (w *Writer) ReturnReason(r *rand.Rand, lang i18n.Lang, about About) (string, error) {
	return w.sentence(r, "reason", "", lang, about)
}

func (w *Writer) sentence(r *rand.Rand, name, street string, lang i18n.Lang, about About) (string, error) {
	list := w.replies[name][lang]
	if len(list) == 0 {
		return "", fmt.Errorf("demo city: no sentence %s in %s", name, lang)
	}
	f := w.filler(r, lang, about)
	if street != "" {
		f.drawn["street"] = street
	}
	return f.write(pick(r, list)), nil
}

// filler fills the slots of one text: a slot says the same wherever it stands.
type filler struct {
	words *words
	r     *rand.Rand
	lang  i18n.Lang
	drawn map[string]string
}

func (w *Writer) filler(r *rand.Rand, lang i18n.Lang, about About) *filler {
	return &filler{words: &w.words, r: r, lang: lang, drawn: map[string]string{
		"matter": about.Matter.In(lang), "district": about.District.In(lang), "unit": about.Unit.In(lang),
	}}
}

func (f *filler) write(t template) string {
	var b strings.Builder
	t.write(&b, f.r, f.value)
	text := strings.TrimSpace(b.String())
	if f.lang == i18n.En {
		text = capitals(text)
	}
	return text
}

func (f *filler) value(slot string) string {
	if v, ok := f.drawn[slot]; ok {
		return v
	}
	v, _ := f.words.value(f.r, slot, f.lang)
	f.drawn[slot] = v
	return v
}

// address is the place that the text named; a street is drawn when it named none.
func (f *filler) address() string {
	place, number := "street", "number"
	if f.drawn["street"] == "" && f.drawn["estate"] != "" {
		place, number = "estate", "building"
	}
	at, no := f.value(place), f.value(number)
	switch {
	case f.lang == i18n.En && place == "estate":
		return "building " + no + ", " + at
	case f.lang == i18n.En:
		return no + " " + at
	case place == "estate" && f.lang == i18n.ZhHant:
		return at + no + "棟"
	case place == "estate":
		return at + no + "栋"
	case f.lang == i18n.ZhHant:
		return at + no + "號"
	}
	return at + no + "号"
}

// capitals begins each English sentence with a capital letter.
func capitals(text string) string {
	runes := []rune(text)
	begin := true
	for i, r := range runes {
		switch {
		case begin && unicode.IsLetter(r):
			runes[i] = unicode.ToUpper(r)
			begin = false
		case unicode.IsDigit(r):
			begin = false
		case (r == '.' || r == '?' || r == '!') && i+1 < len(runes) && runes[i+1] == ' ':
			begin = true
		}
	}
	return string(runes)
}
