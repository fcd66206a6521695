package document

import (
	_ "embed"
	"errors"
	"fmt"
	"slices"
	"sort"
	"sync"

	"minqing/internal/i18n"
)

// The fonts are strings, so that they stay where the program file lies on disk:
// only the pages that hold the glyphs of a document are ever read.
var (
	//go:embed fonts/NotoSansSC.ttf
	simplified string
	//go:embed fonts/NotoSansTC-own.ttf
	traditional string // only what it draws in another way, or alone
)

// font reads glyphs of a TrueType font; nothing of it is copied.
type font struct {
	name                               string
	cmap, glyf, head, hhea, hmtx, loca string
	maxp                               string
	groups                             int // of the cmap
	glyphs                             int
	wide                               int // glyphs with a width of their own
	long                               bool
	ascent, descent                    int
}

// fonts are read once.
var fonts = sync.OnceValues(func() (both [2]*font, err error) {
	for i, f := range []struct{ name, data string }{{"NotoSansSC", simplified}, {"NotoSansTC", traditional}} {
		if both[i], err = parse(f.name, f.data); err != nil {
			return both, fmt.Errorf("read the font %s: %w", f.name, err)
		}
	}
	return both, nil
})

// fontsFor are the fonts in the order in which a reader's language asks them.
func fontsFor(l i18n.Lang) ([]*font, error) {
	both, err := fonts()
	if l == i18n.ZhHant {
		return []*font{both[1], both[0]}, err
	}
	return both[:], err
}

func u16(s string, at int) int { return int(s[at])<<8 | int(s[at+1]) }

func u32(s string, at int) int { return u16(s, at)<<16 | u16(s, at+2) }

func i16(s string, at int) int { return int(int16(u16(s, at))) } //nolint:gosec // as the format says

var errFont = errors.New("not a font that this program was made with")

// parse finds the tables. The fonts are our own, so that their insides are
// trusted once the tables are there.
func parse(name, data string) (*font, error) {
	f := &font{name: name}
	tables := map[string]*string{"cmap": &f.cmap, "glyf": &f.glyf, "head": &f.head, "hhea": &f.hhea, "hmtx": &f.hmtx, "loca": &f.loca, "maxp": &f.maxp}
	if len(data) < 12 {
		return nil, errFont
	}
	for i := range u16(data, 4) {
		at := 12 + 16*i
		if len(data) < at+16 {
			return nil, errFont
		}
		from, length := u32(data, at+8), u32(data, at+12)
		if from+length > len(data) {
			return nil, errFont
		}
		if t := tables[data[at:at+4]]; t != nil {
			*t = data[from : from+length]
		}
	}
	for _, t := range tables {
		if *t == "" {
			return nil, errFont
		}
	}
	f.glyphs, f.wide, f.long = u16(f.maxp, 4), u16(f.hhea, 34), u16(f.head, 50) == 1
	f.ascent, f.descent = i16(f.hhea, 4), i16(f.hhea, 6)
	for i := range u16(f.cmap, 2) {
		if at := u32(f.cmap, 8+8*i); u16(f.cmap, at) == 12 {
			f.cmap = f.cmap[at:]
			f.groups = u32(f.cmap, 12)
			return f, nil
		}
	}
	return nil, errFont
}

// glyph finds the glyph of a character; 0 is none.
func (f *font) glyph(r rune) int {
	c := int(r)
	i := sort.Search(f.groups, func(i int) bool { return u32(f.cmap, 16+12*i+4) >= c })
	if i == f.groups {
		return 0
	}
	at := 16 + 12*i
	if first := u32(f.cmap, at); first <= c {
		return u32(f.cmap, at+8) + c - first
	}
	return 0
}

// advance is a glyph's width in thousandths of the size.
func (f *font) advance(glyph int) int { return u16(f.hmtx, 4*min(glyph, f.wide-1)) }

func (f *font) outline(glyph int) string {
	if f.long {
		return f.glyf[u32(f.loca, 4*glyph):u32(f.loca, 4*glyph+4)]
	}
	return f.glyf[2*u16(f.loca, 2*glyph) : 2*u16(f.loca, 2*glyph+2)]
}

// bearing is the room at the left of a glyph.
func (f *font) bearing(glyph int) int {
	if glyph < f.wide {
		return u16(f.hmtx, 4*glyph+2)
	}
	return u16(f.hmtx, 4*f.wide+2*(glyph-f.wide))
}

// subset is what a document uses of a font: its glyphs are numbered anew, in the
// order in which they came up.
type subset struct {
	*font
	key    string // in the resources of pages
	glyphs []int  // of the font, by the number here; the first is the one for nothing
	chars  []rune // by the number here
	number map[rune]int
}

func newSubset(f *font, key string) *subset {
	return &subset{font: f, key: key, glyphs: []int{0}, chars: []rune{0}, number: map[rune]int{}}
}

// use numbers the glyph of a character. Two characters with one glyph have two
// numbers: each is found and copied as itself.
func (s *subset) use(r rune, glyph int) int {
	if n, ok := s.number[r]; ok {
		return n
	}
	n := len(s.glyphs)
	s.number[r] = n
	s.glyphs, s.chars = append(s.glyphs, glyph), append(s.chars, r)
	return n
}

func put16(b []byte, n int) []byte { return append(b, byte(n>>8), byte(n)) }

func put32(b []byte, n int) []byte { return put16(put16(b, n>>16), n) }

func padded(b []byte) []byte {
	for len(b)%4 != 0 {
		b = append(b, 0)
	}
	return b
}

// file writes the glyphs that are used as a font of its own.
func (s *subset) file() []byte {
	size := 0
	for _, g := range s.glyphs {
		size += len(s.outline(g)) + 3
	}
	glyf := make([]byte, 0, size)
	var hmtx, loca []byte
	for _, g := range s.glyphs {
		loca = put32(loca, len(glyf))
		glyf = padded(append(glyf, s.outline(g)...))
		hmtx = put16(put16(hmtx, s.advance(g)), s.bearing(g))
	}
	loca = put32(loca, len(glyf))
	head, hhea, maxp := []byte(s.head), []byte(s.hhea), []byte(s.maxp)
	copy(head[8:12], []byte{0, 0, 0, 0}) // the sum over all, which nobody checks inside a document
	copy(head[50:52], []byte{0, 1})
	copy(hhea[34:36], put16(nil, len(s.glyphs)))
	copy(maxp[4:6], put16(nil, len(s.glyphs)))
	return tables([]table{{"glyf", glyf}, {"head", head}, {"hhea", hhea}, {"hmtx", hmtx}, {"loca", loca}, {"maxp", maxp}})
}

type table struct {
	tag  string
	body []byte
}

// tables writes the directory of a font and its tables, which come in the order
// of their tags.
func tables(all []table) []byte {
	power := 1
	for 2*power <= len(all) {
		power *= 2
	}
	steps := 0
	for 1<<(steps+1) <= power {
		steps++
	}
	out := put16(put32(nil, 0x00010000), len(all))
	out = put16(put16(put16(out, 16*power), steps), 16*(len(all)-power))
	at := 12 + 16*len(all)
	total := at
	for _, t := range all {
		total += len(t.body) + 3
	}
	out = slices.Grow(out, total)
	for _, t := range all {
		out = put32(put32(put32(append(out, t.tag...), checksum(t.body)), at), len(t.body))
		at += (len(t.body) + 3) &^ 3
	}
	for _, t := range all {
		out = padded(append(out, t.body...))
	}
	return out
}

func checksum(b []byte) int {
	var sum uint32
	for i := range b {
		sum += uint32(b[i]) << (24 - 8*(i%4))
	}
	return int(sum)
}
