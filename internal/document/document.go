// Package document writes papers as PDF: titles, facts, paragraphs and entries of
// a story, in Chinese and Latin letters, on numbered pages. Its text can be
// searched and copied; the fonts are part of the program, and a document holds
// only the glyphs that it uses.
package document

import (
	"bytes"
	"fmt"
	"strings"
	"time"

	"minqing/internal/i18n"
)

// About is what stands on every page, and what readers' programs are told.
type About struct {
	Title string
	Lang  i18n.Lang // whose forms of the characters come first
	Head  string    // on top of every page but the first
	Foot  string    // below every page, beside its number
	Maker string
	At    time.Time

	Lasting bool // made to be kept: PDF/A-2b
}

// PDF is a document that is being written, from the top to the end.
type PDF struct {
	about   About
	shaper  *shaper
	out     *output
	err     error
	pages   []page
	page    bytes.Buffer // what is drawn on this page
	y       float64      // where it goes on
	started bool         // something stands on this page
	pending []row        // headings that wait for what they head
	marks   []mark
}

type page struct{ id, content int }

// mark is a heading, for the list that readers' programs show beside the pages.
type mark struct {
	title string
	page  int
	y     float64
}

// A4, and where text stands on it.
const (
	paperWidth  = 595.28
	paperHeight = 841.89
	margin      = 56.0
	textWidth   = paperWidth - 2*margin
	bottom      = 62.0
	edge        = 34.0 // of what stands on every page
)

// New begins a document.
func New(about About) (*PDF, error) {
	all, err := fontsFor(about.Lang)
	if err != nil {
		return nil, err
	}
	return &PDF{about: about, shaper: newShaper(all), out: newOutput(), y: paperHeight - margin}, nil
}

// Pair is a fact: what it is, and its value, which may have several lines.
type Pair struct{ Key, Value string }

// Entry is one step of a story.
type Entry struct {
	Title string
	When  string
	Who   string
	Marks []string // small facts
	Text  string
	Aside string // said beside it, for eyes inside only
	Inner bool   // all of it stays inside
	Word  string // for what stays inside
}

// Title writes a line above and the name of the document.
func (p *PDF) Title(above, title string) {
	rows := p.rows(above, look{size: 10, grey: true}, 0, textWidth)
	p.place(append(rows, p.rows(title, look{size: 18, bold: true}, 0, textWidth)...), 2)
}

// Heading begins a part. It stays on the page of what follows.
func (p *PDF) Heading(words string) {
	rows := p.rows(words, look{size: 13, bold: true}, 0, textWidth)
	rows[0].above, rows[0].mark = 14, words
	rows[len(rows)-1].below = 3
	p.pending = append(p.pending, rows...)
}

// Lead writes something small below a heading, and stays with it.
func (p *PDF) Lead(words string) {
	rows := p.rows(words, look{size: 9, grey: true}, 0, textWidth)
	rows[len(rows)-1].below = 4
	p.pending = append(p.pending, rows...)
}

// Text writes paragraphs.
func (p *PDF) Text(words string) { p.place(p.rows(words, look{size: 10.5}, 0, textWidth), 2) }

// Note writes something small.
func (p *PDF) Note(words string) {
	rows := p.rows(words, look{size: 9, grey: true}, 0, textWidth)
	rows[0].above, rows[len(rows)-1].below = 3, 4
	p.place(rows, 2)
}

const (
	keyWidth  = 118.0
	wholeRows = 4 // a fact of so many lines is not parted
)

// Pairs writes facts, one below the other; the first two stay together.
func (p *PDF) Pairs(list []Pair) {
	var all []row
	keep := 0
	for i, one := range list {
		rows := p.rows(one.Value, look{size: 10.5}, keyWidth, textWidth-keyWidth)
		for i, key := range p.rows(one.Key, look{size: 10.5, grey: true}, 0, keyWidth-8) {
			if i < len(rows) {
				rows[i].spans = append(key.spans, rows[i].spans...)
			} else {
				rows = append(rows, key)
			}
		}
		rows[0].above = 2
		for j := 1; j < len(rows); j++ {
			rows[j].glued = len(rows) <= wholeRows || j == 1 || j == len(rows)-1
		}
		if i < 2 {
			keep = len(all) + min(2, len(rows))
		}
		all = append(all, rows...)
	}
	p.place(all, keep)
}

// Gap leaves room between facts.
func (p *PDF) Gap() { p.y -= 6 }

const inset = 12.0

// Entry writes one step of a story: its head stays with the first lines of what
// was said.
func (p *PDF) Entry(e Entry) {
	var rows []row
	say := func(words string, l look, inner bool) {
		if words == "" {
			return
		}
		for _, r := range p.rows(words, l, inset, textWidth-inset) {
			r.bar, r.dotted = true, inner
			rows = append(rows, r)
		}
	}
	body, small := look{size: 10.5}, look{size: 9, grey: true}
	about := []string{e.When, e.Who}
	if e.Inner {
		about = append(about, e.Word)
	}
	say(e.Title, look{size: 10.5, bold: true}, e.Inner)
	say(strings.Join(about, " · "), small, e.Inner)
	say(strings.Join(e.Marks, " · "), small, e.Inner)
	keep := len(rows)
	say(e.Text, body, e.Inner)
	if e.Aside != "" {
		say(e.Word, small, true)
		say(e.Aside, body, true)
	}
	if len(rows) > keep {
		keep += 2
	}
	rows[0].above = 7
	p.place(rows, keep)
}

// Bytes ends the document and gives it.
func (p *PDF) Bytes() ([]byte, error) {
	if last := p.pending; len(last) > 0 { // headings of nothing
		p.pending = nil
		p.place(last, len(last))
	}
	p.turn()
	tree, resources := p.out.reserve(), p.out.reserve()
	for i, one := range p.pages {
		furniture, err := p.out.stream("", p.furniture(i))
		if err != nil {
			return nil, err
		}
		p.out.object(one.id, fmt.Sprintf("<</Type/Page/Parent %d 0 R/MediaBox[0 0 %s %s]/Resources %d 0 R/Contents[%d 0 R %d 0 R]>>",
			tree, num(paperWidth), num(paperHeight), resources, one.content, furniture))
	}
	var names, kids strings.Builder
	for _, f := range p.shaper.fonts {
		id, err := p.out.font(f)
		if err != nil {
			return nil, err
		}
		fmt.Fprintf(&names, "/%s %d 0 R", f.key, id)
	}
	for _, one := range p.pages {
		fmt.Fprintf(&kids, "%d 0 R ", one.id)
	}
	p.out.object(resources, "<</Font<<"+names.String()+">>>>")
	p.out.object(tree, fmt.Sprintf("<</Type/Pages/Count %d/Kids[%s]>>", len(p.pages), kids.String()))
	lasting, err := p.lasting()
	if err != nil {
		return nil, err
	}
	catalog := p.out.add(fmt.Sprintf("<</Type/Catalog/Pages %d 0 R/Lang%s/ViewerPreferences<</DisplayDocTitle true>>%s%s>>", tree, text(string(p.about.Lang)), lasting, p.outline()))
	info := p.out.add(fmt.Sprintf("<</Title%s/Creator%s/CreationDate(D:%s)>>", text(p.about.Title), text(p.about.Maker), p.about.At.UTC().Format("20060102150405Z")))
	return p.out.finish(catalog, info), p.err
}

// outline lists the headings.
func (p *PDF) outline() string {
	if len(p.marks) == 0 {
		return ""
	}
	list := p.out.reserve()
	ids := make([]int, len(p.marks))
	for i := range ids {
		ids[i] = p.out.reserve()
	}
	for i, m := range p.marks {
		beside := ""
		if i > 0 {
			beside += fmt.Sprintf("/Prev %d 0 R", ids[i-1])
		}
		if i < len(ids)-1 {
			beside += fmt.Sprintf("/Next %d 0 R", ids[i+1])
		}
		p.out.object(ids[i], fmt.Sprintf("<</Title%s/Parent %d 0 R%s/Dest[%d 0 R/XYZ 0 %s null]>>", text(m.title), list, beside, p.pages[m.page].id, num(m.y)))
	}
	p.out.object(list, fmt.Sprintf("<</Type/Outlines/First %d 0 R/Last %d 0 R/Count %d>>", ids[0], ids[len(ids)-1], len(ids)))
	return fmt.Sprintf("/Outlines %d 0 R", list)
}
