package document

import (
	"bytes"
	"fmt"
	"strings"

	qr "github.com/piglig/go-qr"
)

// look is how text is drawn.
type look struct {
	size float64
	bold bool
	grey bool
}

// leading is the height of a line.
func (l look) leading() float64 { return l.size * 1.5 }

// row is one line across the page.
type row struct {
	height       float64
	above, below float64 // room; none above the first of a page
	spans        []span
	bar, dotted  bool // at the left
	glued        bool // no page ends before it
	mark         string
	code         *qr.QrCode // at the left, from its top
}

// span is text at one place of a row.
type span struct {
	x      float64
	look   look
	glyphs []glyph
}

// rows breaks text into lines between a left edge and a width.
func (p *PDF) rows(words string, l look, x, width float64) (rows []row) {
	for para := range strings.SplitSeq(strings.ReplaceAll(words, "\r\n", "\n"), "\n") {
		for _, line := range fill(p.shaper.shape(para), int(width*1000/l.size)) {
			rows = append(rows, row{height: l.leading(), spans: []span{{x: x, look: l, glyphs: line}}})
		}
	}
	return rows
}

// place draws rows, over as many pages as they need. The first of them stay
// together, and neither the first nor the last line of a paragraph stands alone.
func (p *PDF) place(rows []row, keep int) {
	if len(rows) == 0 {
		return
	}
	if len(p.pending) > 0 {
		rows, keep = append(p.pending, rows...), keep+len(p.pending)
		p.pending = nil
	}
	for i := range rows {
		rows[i].glued = rows[i].glued || i < keep || i == len(rows)-1
	}
	for len(rows) > 0 {
		fits := p.fitting(rows)
		n := fits
		for n > 0 && n < len(rows) && rows[n].glued {
			n--
		}
		if n == 0 && !p.started { // more stays together than a page holds
			n = max(1, fits)
		}
		for _, r := range rows[:n] {
			p.draw(r)
		}
		if rows = rows[n:]; len(rows) > 0 {
			p.turn()
		}
	}
}

// fitting counts the rows that this page still has room for.
func (p *PDF) fitting(rows []row) int {
	y, started := p.y, p.started
	for i, r := range rows {
		if started {
			y -= r.above
		}
		if y-r.height < bottom {
			return i
		}
		y -= r.height + r.below
		started = true
	}
	return len(rows)
}

// turn ends the page.
func (p *PDF) turn() {
	if !p.started && len(p.pages) > 0 {
		return
	}
	content, err := p.out.stream("", p.page.Bytes())
	if err != nil {
		p.err = err
	}
	p.pages = append(p.pages, page{id: p.out.reserve(), content: content})
	p.page.Reset()
	p.y, p.started = paperHeight-margin, false
}

func (p *PDF) draw(r row) {
	above := 0.0
	if p.started {
		above = r.above
	}
	p.y -= above
	if r.mark != "" {
		p.marks = append(p.marks, mark{title: r.mark, page: len(p.pages), y: p.y})
	}
	if r.bar {
		bar(&p.page, p.y, r.height, r.dotted)
	}
	if r.code != nil {
		drawCode(&p.page, r.code, p.y)
	}
	for _, s := range r.spans {
		p.write(&p.page, s, margin+s.x, p.y-r.height/2-s.look.size*0.36)
	}
	p.y -= r.height + r.below
	p.started = true
}

// bar stands beside what was said: whole where the citizen saw it, dotted where
// it stayed inside.
func bar(w *bytes.Buffer, y, height float64, dotted bool) {
	if !dotted {
		fmt.Fprintf(w, "0.13 0.37 0.6 rg %s %s 2 %s re f\n", num(margin), num(y-height), num(height))
		return
	}
	for at := y - 3; at > y-height; at -= 5 {
		fmt.Fprintf(w, "0.45 g %s %s 2 2 re f\n", num(margin), num(at))
	}
}

// write draws one span; bold letters are the same with a thicker pen.
func (p *PDF) write(w *bytes.Buffer, s span, x, y float64) {
	if len(s.glyphs) == 0 {
		return
	}
	shade := "0.1"
	if s.look.grey {
		shade = "0.35"
	}
	w.WriteString("BT " + shade + " g ")
	if s.look.bold {
		w.WriteString(shade + " G 2 Tr " + num(s.look.size*0.035) + " w ")
	} else {
		w.WriteString("0 Tr ")
	}
	w.WriteString("1 0 0 1 " + num(x) + " " + num(y) + " Tm\n")
	p.show(w, s)
	w.WriteString("ET\n")
}

// show writes the glyphs of a span, in runs of one font.
func (p *PDF) show(w *bytes.Buffer, s span) {
	font, inside, written := -1, false, w.AvailableBuffer()
	for i, g := range s.glyphs {
		ends, begins := inside && !g.glued, g.instead != 0
		if i > 0 && (g.font != font || ends || begins) {
			written = append(written, ">Tj\n"...)
		}
		if ends {
			written, inside = append(written, "EMC\n"...), false
		}
		if begins { // read aloud, searched and copied as what it stands for
			written = fmt.Appendf(written, "/Span<</ActualText%s>>BDC\n", text(string(g.instead)))
			inside = true
		}
		if g.font != font {
			written = fmt.Appendf(written, "/%s %s Tf\n", p.shaper.fonts[g.font].key, num(s.look.size))
		}
		if i == 0 || g.font != font || ends || begins {
			written = append(written, '<')
		}
		font = g.font
		written = hex16(written, g.number)
	}
	written = append(written, ">Tj\n"...)
	if inside {
		written = append(written, "EMC\n"...)
	}
	w.Write(written)
}

// furniture is what stands at the edges of a page.
func (p *PDF) furniture(i int) []byte {
	var w bytes.Buffer
	small := look{size: 8, grey: true}
	number := p.shaper.shape(fmt.Sprintf("%d / %d", i+1, len(p.pages)))
	wide := float64(widthOf(number)) * small.size / 1000
	p.write(&w, span{look: small, glyphs: number}, paperWidth-margin-wide, edge)
	p.write(&w, span{look: small, glyphs: p.cut(p.about.Foot, int((textWidth-wide-12)*1000/small.size))}, margin, edge)
	if i > 0 {
		p.write(&w, span{look: small, glyphs: p.cut(p.about.Head, int(textWidth*1000/small.size))}, margin, paperHeight-edge-6)
	}
	return w.Bytes()
}

// cut shortens text to a width in thousandths of the size.
func (p *PDF) cut(words string, width int) []glyph {
	line := p.shaper.shape(strings.ReplaceAll(words, "\n", " "))
	if widthOf(line) <= width {
		return line
	}
	dots := p.shaper.shape("…")
	for len(line) > 0 && widthOf(line)+widthOf(dots) > width {
		line = line[:len(line)-1]
	}
	return append(line, dots...)
}
