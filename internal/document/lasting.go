package document

import (
	"encoding/binary"
	"encoding/xml"
	"fmt"
	"math"
	"strings"
)

// lasting adds what ISO 19005-2 (PDF/A-2b) asks of a document that is kept for
// decades: metadata in the file itself, and which colours its numbers mean. Fonts
// are embedded in every document.
func (p *PDF) lasting() (entries string, err error) {
	if !p.about.Lasting {
		return "", nil
	}
	meta := p.out.plain("/Type/Metadata/Subtype/XML", []byte(p.xmp()))
	profile, err := p.out.stream("/N 3", colours())
	if err != nil {
		return "", err
	}
	intent := p.out.add(fmt.Sprintf("<</Type/OutputIntent/S/GTS_PDFA1/OutputConditionIdentifier(sRGB)/RegistryName(http://www.color.org)/Info(sRGB)/DestOutputProfile %d 0 R>>", profile))
	return fmt.Sprintf("/Metadata %d 0 R/OutputIntents[%d 0 R]", meta, intent), nil
}

// xmp says the same as the information that older programs read.
func (p *PDF) xmp() string {
	escaped := func(s string) string {
		var b strings.Builder
		_ = xml.EscapeText(&b, []byte(s)) // a builder never fails
		return b.String()
	}
	at := p.about.At.UTC().Format("2006-01-02T15:04:05Z")
	return `<?xpacket begin="` + "\uFEFF" + `" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/">
<pdfaid:part>2</pdfaid:part><pdfaid:conformance>B</pdfaid:conformance>
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">` + escaped(p.about.Title) + `</rdf:li></rdf:Alt></dc:title>
<xmp:CreatorTool>` + escaped(p.about.Maker) + `</xmp:CreatorTool><xmp:CreateDate>` + at + `</xmp:CreateDate>
</rdf:Description></rdf:RDF></x:xmpmeta>
<?xpacket end="r"?>`
}

// plain writes data as it is: metadata must be readable without unpacking.
func (o *output) plain(entries string, data []byte) int {
	id := o.reserve()
	o.places[id-1] = o.Len()
	fmt.Fprintf(o, "%d 0 obj\n<</Length %d%s>>\nstream\n", id, len(data), entries)
	o.Write(data)
	o.WriteString("\nendstream\nendobj\n")
	return id
}

// colours is an ICC profile (version 2.1, matrix and curves) with the primaries of
// sRGB (IEC 61966-2-1), adapted to D50, and its usual approximation by gamma 2.2.
func colours() []byte {
	fixed := func(x float64) uint32 { return uint32(int32(math.Round(x * 65536))) } //nolint:gosec // s15Fixed16 of small numbers
	xyz := func(x, y, z float64) []byte {
		b := append([]byte("XYZ "), 0, 0, 0, 0)
		for _, v := range []float64{x, y, z} {
			b = binary.BigEndian.AppendUint32(b, fixed(v))
		}
		return b
	}
	name := "sRGB"
	desc := append([]byte("desc"), 0, 0, 0, 0)
	desc = binary.BigEndian.AppendUint32(desc, uint32(len(name)+1)) //nolint:gosec // a short name
	desc = append(append(desc, name...), 0)
	desc = append(desc, make([]byte, 4+4+2+1+67)...) // no other scripts
	curve := append([]byte("curv"), 0, 0, 0, 0, 0, 0, 0, 1, 2, 0x33)
	tags := []struct {
		name string
		data []byte
	}{
		{"desc", desc}, {"cprt", append([]byte("text\x00\x00\x00\x00"), "No copyright\x00"...)}, {"wtpt", xyz(0.9642, 1, 0.8249)},
		{"rXYZ", xyz(0.4361, 0.2225, 0.0139)}, {"gXYZ", xyz(0.3851, 0.7169, 0.0971)}, {"bXYZ", xyz(0.1431, 0.0606, 0.7141)},
		{"rTRC", curve}, {"gTRC", curve}, {"bTRC", curve},
	}
	head := make([]byte, 128)
	copy(head[8:], []byte{2, 0x10, 0, 0})
	copy(head[12:], "mntrRGB XYZ ")
	for i, v := range []uint16{2026, 1, 1, 0, 0, 0} {
		binary.BigEndian.PutUint16(head[24+2*i:], v)
	}
	copy(head[36:], "acsp")
	copy(head[68:], xyz(0.9642, 1, 0.8249)[8:])
	table := binary.BigEndian.AppendUint32(nil, uint32(len(tags))) //nolint:gosec // nine
	var body []byte
	for _, t := range tags {
		for len(body)%4 != 0 {
			body = append(body, 0)
		}
		table = append(table, t.name...)
		table = binary.BigEndian.AppendUint32(table, uint32(128+4+12*len(tags)+len(body))) //nolint:gosec // a few hundred
		table = binary.BigEndian.AppendUint32(table, uint32(len(t.data)))                  //nolint:gosec // likewise
		body = append(body, t.data...)
	}
	for len(body)%4 != 0 {
		body = append(body, 0)
	}
	all := append(append(head, table...), body...)
	binary.BigEndian.PutUint32(all, uint32(len(all))) //nolint:gosec // likewise
	return all
}
