package files

import (
	"bytes"
	"compress/zlib"
	"io"
	"slices"
)

// stripPDF copies a PDF without what says who made it: the document's information
// (ISO 32000-2, 14.3.3), its metadata streams (XMP, 14.3.2), who wrote comments, and
// what its photos tell. Spaces take the place of each, so that nothing else moves and
// every page stays as it is.
//
// A signed file is copied as it is, for a change would break the signature, which
// names the signer anyway; so is one that is locked or that cannot be read so far.
func stripPDF(w io.Writer, src io.ReaderAt, size int64) error {
	raw := make([]byte, size)
	if _, err := io.ReadFull(io.NewSectionReader(src, 0, size), raw); err != nil {
		return err
	}
	if out := bytes.Clone(raw); blankPDF(out) {
		raw = out
	} else if t, ok := w.(teller); ok {
		t.tell()
	}
	_, err := w.Write(raw)
	return err
}

// blankPDF blanks in place, and says whether it could.
func blankPDF(b []byte) bool {
	p := &pdfFile{left: mostRewritten, gone: map[pdfRef]bool{}}
	p.look = true
	p.whole(b)
	if p.stays {
		return false
	}
	p.look = false
	p.whole(b)
	return !p.stays
}

// pdfFile is a PDF that is read twice: at first to learn which objects go, then to
// blank them.
type pdfFile struct {
	look  bool
	stays bool // it is signed, locked, or too strange
	gone  map[pdfRef]bool
	left  int // bytes that may still be unpacked
	lost  int // bytes read in vain
}

// Entries with these names say who made what holds them, and by what.
var pdfMakers = []string{"Author", "Creator", "Producer", "Company", "Manager", "LastModifiedBy"}

// Annotations with these subtypes are comments: their /T is who wrote them. In other
// dictionaries it is the name of a field or of a chapter.
var pdfComments = []string{"Text", "FreeText", "Line", "Square", "Circle", "Polygon", "PolyLine", "Highlight", "Underline", "Squiggly", "StrikeOut",
	"Stamp", "Caret", "Ink", "Popup", "FileAttachment", "Sound", "Redact"}

// whole reads the objects and trailers of a file, in the order in which they stand.
func (p *pdfFile) whole(b []byte) {
	for at := 0; at < len(b) && !p.stays; {
		at = pdfSpace(b, at)
		ref, begin, ok := pdfObject(b, at)
		if !ok && bytes.HasPrefix(b[at:], []byte("trailer")) {
			ref, begin, ok = pdfRef{}, at+len("trailer"), true
		}
		if !ok {
			at = pdfSkip(b, at)
			continue
		}
		v, end, ok := p.value(b, pdfSpace(b, begin))
		if !ok {
			p.lost += end - begin
			if at = begin; p.endless(p.lost, b) {
				return
			}
			continue
		}
		at = p.object(b, ref, v, end)
	}
}

// endless says that more was read than an honest file takes.
func (p *pdfFile) endless(read int, b []byte) bool {
	p.stays = p.stays || read > 4*len(b)+1<<20
	return p.stays
}

// object deals with an object that was read, and with the stream behind it.
func (p *pdfFile) object(b []byte, ref pdfRef, v *pdfValue, end int) int {
	begin, stop, ok := v.stream(b, end)
	p.value1(b, ref, v)
	if !ok {
		return end
	}
	if stop < begin { // it has no end
		p.stays = true
		return len(b)
	}
	data := b[begin:stop]
	switch {
	case v.name("Type") == "ObjStm":
		p.packed(v, data)
	case p.look:
	case p.gone[ref] || v.name("Type") == "Metadata" || v.name("Subtype") == "XML":
		v.blank(b, "Filter", "DecodeParms")
		pdfBlank(data)
	case v.name("Filter") == "DCTDecode" && bytes.HasPrefix(data, []byte("\xff\xd8\xff")):
		var photo bytes.Buffer
		if stripJPEG(&photo, bytes.NewReader(data), int64(len(data))) == nil && photo.Len() <= len(data) {
			pdfBlank(data[copy(data, photo.Bytes()):])
		}
	}
	return stop
}

// value1 deals with one object, wherever it stands.
func (p *pdfFile) value1(b []byte, ref pdfRef, v *pdfValue) {
	v.each(func(d *pdfValue) { p.dictionary(b, d) })
	if !p.look && p.gone[ref] && v.kind != pdfOther && v.end-v.begin >= len("null") {
		pdfBlank(b[v.begin+copy(b[v.begin:v.end], "null") : v.end])
	}
}

// dictionary notes or blanks the entries of one.
func (p *pdfFile) dictionary(b []byte, d *pdfValue) {
	if p.look && (d.has("ByteRange") || d.has("Encrypt")) {
		p.stays = true
		return
	}
	comment, root := slices.Contains(pdfComments, d.name("Subtype")), d.has("Root")
	for _, e := range d.entries {
		info := e.name == "Info" && root
		made := slices.Contains(pdfMakers, e.name) || comment && e.name == "T"
		switch {
		case !info && e.name != "Metadata" && !(made && (e.value.kind == pdfText || e.value.kind == pdfReference)):
		case p.look && e.value.kind == pdfReference && e.name != "Metadata":
			p.gone[e.value.ref] = true
		case !p.look:
			pdfBlank(b[e.begin:e.value.end])
		}
	}
}

// packed deals with the objects that are packed into a stream. What is changed must
// fit where it was: blanks pack well.
func (p *pdfFile) packed(v *pdfValue, data []byte) {
	body, ok := p.unpack(v, data)
	n, first := v.number("N"), v.number("First")
	if !ok || n < 0 || first < 0 || first > len(body) {
		p.stays = true
		return
	}
	before, read := slices.Clone(body), 0
	for i, at := 0, 0; i < n; i++ {
		num, next, ok1 := pdfInt(body[:first], pdfSpace(body[:first], at))
		off, after, ok2 := pdfInt(body[:first], pdfSpace(body[:first], next))
		if !ok1 || !ok2 || off > len(body)-first {
			break
		}
		at = after
		one, end, ok := p.value(body, pdfSpace(body, first+off))
		if ok {
			p.value1(body, pdfRef{num: num}, one)
		}
		if read += end - first - off; p.endless(read, body) { // they lie in each other
			return
		}
	}
	if p.look || bytes.Equal(before, body) {
		return
	}
	if v.has("Filter") {
		var tight bytes.Buffer
		z, _ := zlib.NewWriterLevel(&tight, zlib.BestCompression) // a level that there is
		_, _ = z.Write(body)                                      // a buffer takes everything
		_ = z.Close()
		body = tight.Bytes()
	}
	if len(body) > len(data) {
		p.stays = true
		return
	}
	pdfBlank(data[copy(data, body):])
}

// unpack gives the content of a stream of objects, as far as we read it.
func (p *pdfFile) unpack(v *pdfValue, data []byte) ([]byte, bool) {
	if !v.has("Filter") {
		return slices.Clone(data), true
	}
	if v.name("Filter") != "FlateDecode" || v.has("DecodeParms") {
		return nil, false
	}
	z, err := zlib.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil, false
	}
	body, err := io.ReadAll(io.LimitReader(z, int64(p.left)+1))
	if err != nil || len(body) > p.left {
		return nil, false
	}
	p.left -= len(body)
	return body, true
}

func pdfBlank(b []byte) {
	for i := range b {
		b[i] = ' '
	}
}
