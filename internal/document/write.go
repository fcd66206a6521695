package document

import (
	"bytes"
	"compress/zlib"
	"crypto/sha256"
	"fmt"
	"math"
	"strconv"
	"unicode/utf16"
)

// output writes the objects of a PDF one after the other, and where each began.
type output struct {
	bytes.Buffer
	places []int // of object i+1
	zip    *zlib.Writer
	zipped bytes.Buffer
}

func newOutput() *output {
	o := &output{}
	o.zip = zlib.NewWriter(&o.zipped)
	o.WriteString("%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
	return o
}

// reserve numbers an object that is written later.
func (o *output) reserve() int {
	o.places = append(o.places, 0)
	return len(o.places)
}

// object writes an object that was reserved.
func (o *output) object(id int, body string) {
	o.places[id-1] = o.Len()
	fmt.Fprintf(o, "%d 0 obj\n%s\nendobj\n", id, body)
}

func (o *output) add(body string) int {
	id := o.reserve()
	o.object(id, body)
	return id
}

// stream writes data, compressed.
func (o *output) stream(entries string, data []byte) (int, error) {
	o.zipped.Reset()
	o.zip.Reset(&o.zipped)
	if _, err := o.zip.Write(data); err != nil {
		return 0, fmt.Errorf("compress: %w", err)
	}
	if err := o.zip.Close(); err != nil {
		return 0, fmt.Errorf("compress: %w", err)
	}
	id := o.reserve()
	o.places[id-1] = o.Len()
	fmt.Fprintf(o, "%d 0 obj\n<</Length %d/Filter/FlateDecode%s>>\nstream\n", id, o.zipped.Len(), entries)
	o.Write(o.zipped.Bytes())
	o.WriteString("\nendstream\nendobj\n")
	return id, nil
}

// finish writes where everything is.
func (o *output) finish(catalog, info int) []byte {
	at := o.Len()
	sum := sha256.Sum256(o.Bytes())
	fmt.Fprintf(o, "xref\n0 %d\n0000000000 65535 f \n", len(o.places)+1)
	for _, p := range o.places {
		fmt.Fprintf(o, "%010d 00000 n \n", p)
	}
	fmt.Fprintf(o, "trailer\n<</Size %d/Root %d 0 R/Info %d 0 R/ID[<%x><%x>]>>\nstartxref\n%d\n%%%%EOF\n",
		len(o.places)+1, catalog, info, sum[:16], sum[:16], at)
	return o.Bytes()
}

// text is a string as PDF wants it outside of pages: UTF-16, in hexadecimal, so
// that nothing in it means anything.
func text(s string) string {
	return "<FEFF" + units(s) + ">"
}

func units(s string) string {
	var out []byte
	for _, u := range utf16.Encode([]rune(s)) {
		out = hex16(out, int(u))
	}
	return string(out)
}

const digits = "0123456789ABCDEF"

func hex16(b []byte, n int) []byte {
	return append(b, digits[n>>12&15], digits[n>>8&15], digits[n>>4&15], digits[n&15])
}

// num writes a length with two decimals at most.
func num(x float64) string {
	return strconv.FormatFloat(math.Round(x*100)/100, 'f', -1, 64)
}

// font writes what is used of a font and gives the object that pages name.
func (o *output) font(s *subset) (int, error) {
	file := s.file()
	data, err := o.stream(fmt.Sprintf("/Length1 %d", len(file)), file)
	if err != nil {
		return 0, err
	}
	unicode, err := o.stream("", s.toUnicode())
	if err != nil {
		return 0, err
	}
	name := "MINQNG+" + s.name
	box := ""
	for i := range 4 {
		box += strconv.Itoa(i16(s.head, 36+2*i)) + " "
	}
	descriptor := o.add(fmt.Sprintf("<</Type/FontDescriptor/FontName/%s/Flags 4/FontBBox[%s]/ItalicAngle 0/Ascent %d/Descent %d/CapHeight 733/StemV 80/FontFile2 %d 0 R>>",
		name, box, s.ascent, s.descent, data))
	widths := make([]byte, 0, 5*len(s.glyphs))
	for _, g := range s.glyphs {
		widths = append(strconv.AppendInt(widths, int64(s.advance(g)), 10), ' ')
	}
	inner := o.add(fmt.Sprintf("<</Type/Font/Subtype/CIDFontType2/BaseFont/%s/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)/Supplement 0>>/FontDescriptor %d 0 R/DW 1000/W[0[%s]]/CIDToGIDMap/Identity>>",
		name, descriptor, widths))
	return o.add(fmt.Sprintf("<</Type/Font/Subtype/Type0/BaseFont/%s/Encoding/Identity-H/DescendantFonts[%d 0 R]/ToUnicode %d 0 R>>", name, inner, unicode)), nil
}

const mostPairs = 100 // in one block, says the standard

// toUnicode tells which character each glyph stands for, so that text can be
// searched and copied.
func (s *subset) toUnicode() []byte {
	var out bytes.Buffer
	out.WriteString("/CIDInit/ProcSet findresource begin\n12 dict begin\nbegincmap\n/CIDSystemInfo<</Registry(Adobe)/Ordering(UCS)/Supplement 0>>def\n" +
		"/CMapName/Adobe-Identity-UCS def\n/CMapType 2 def\n1 begincodespacerange\n<0000><FFFF>\nendcodespacerange\n")
	for from := 1; from < len(s.chars); from += mostPairs {
		to := min(from+mostPairs, len(s.chars))
		fmt.Fprintf(&out, "%d beginbfchar\n", to-from)
		for i := from; i < to; i++ {
			fmt.Fprintf(&out, "<%04X><%s>\n", i, units(string(s.chars[i])))
		}
		out.WriteString("endbfchar\n")
	}
	out.WriteString("endcmap\nCMapName currentdict/CMap defineresource pop\nend\nend\n")
	return out.Bytes()
}
