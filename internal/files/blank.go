package files

import (
	"bufio"
	"bytes"
	"errors"
	"io"
)

// rule says what of a part names people, and what stands there instead.
type rule struct {
	attributes map[string]string // by local name, or by the element's and its own: "absPath url"
	only       string            // how a value begins that is replaced; empty for any
	notes      bool              // Excel's comments: authors are elements, and a note begins with its author
}

// Tags and captured texts longer than this are refused. Drawings of old Word keep
// a picture in an attribute.
const longestTag = 8 << 20

// blankXML copies an XML part byte for byte but for what its rule replaces. A part
// that is not in UTF-8, or declares entities, is none of ECMA-376.
func blankXML(w io.Writer, r io.Reader, how *rule) error {
	b := &blanker{in: bufio.NewReaderSize(r, 32<<10), out: bufio.NewWriterSize(w, 32<<10), how: how}
	if head, _ := b.in.Peek(2); len(head) == 2 && (head[0] >= 0xfe || head[0] == 0 || head[1] == 0) {
		return errBroken
	}
	for {
		found, err := b.text()
		if err != nil {
			return err
		}
		if !found {
			return b.out.Flush()
		}
		if err := b.markup(); err != nil {
			return err
		}
	}
}

type blanker struct {
	in      *bufio.Reader
	out     *bufio.Writer
	how     *rule
	tag     []byte
	authors [][]byte
}

// text copies up to the next "<", which it takes, and says whether there is one.
func (b *blanker) text() (found bool, err error) {
	for {
		s, err := b.in.ReadSlice('<')
		if err == nil {
			b.out.Write(s[:len(s)-1])
			return true, nil
		}
		b.out.Write(s)
		if errors.Is(err, io.EOF) {
			return false, nil
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return false, errBroken
		}
	}
}

// markup copies what follows a "<".
func (b *blanker) markup() error {
	head, _ := b.in.Peek(8) // fewer at the end; what is missing there the next read says
	switch {
	case hasPrefix(head, "!--"):
		return b.past("!--", "-->")
	case hasPrefix(head, "![CDATA["):
		return b.past("![CDATA[", "]]>")
	case hasPrefix(head, "?"):
		return b.past("?", "?>")
	case hasPrefix(head, "!"):
		return errBroken
	}
	if err := b.read(); err != nil {
		return err
	}
	if b.tag[0] == '/' {
		b.out.WriteByte('<')
		b.out.Write(b.tag)
		return nil
	}
	element, err := b.start()
	if err != nil || !b.how.notes || bytes.HasSuffix(b.tag, []byte("/>")) {
		return err
	}
	switch element {
	case "author":
		return b.author()
	case "t":
		return b.note()
	}
	return nil
}

// past copies markup from its beginning to its end.
func (b *blanker) past(begin, end string) error {
	b.out.WriteByte('<')
	b.out.WriteString(begin)
	_, _ = b.in.Discard(len(begin)) // they were peeked at
	matched := make([]byte, 0, len(end))
	for string(matched) != end {
		c, err := b.in.ReadByte()
		if err != nil {
			return errBroken
		}
		b.out.WriteByte(c)
		if len(matched) == len(end) {
			matched = append(matched[:0], matched[1:]...)
		}
		matched = append(matched, c)
	}
	return nil
}

// read takes a tag up to its ">", which may stand in a value too.
func (b *blanker) read() error {
	b.tag = b.tag[:0]
	quote := byte(0)
	for len(b.tag) < longestTag {
		c, err := b.in.ReadByte()
		if err != nil {
			return errBroken
		}
		b.tag = append(b.tag, c)
		switch {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case c == '>':
			return nil
		}
	}
	return errBroken
}

const xmlSpace = " \t\r\n"

// start copies a start tag with its attributes and tells the element's local name.
func (b *blanker) start() (element string, err error) {
	rest := b.tag
	end := bytes.IndexAny(rest, xmlSpace+"/>")
	element = local(rest[:end]) // there is a ">"
	b.out.WriteByte('<')
	b.out.Write(rest[:end])
	for rest = rest[end:]; ; {
		at := len(rest) - len(bytes.TrimLeft(rest, xmlSpace))
		b.out.Write(rest[:at])
		if rest = rest[at:]; rest[0] == '/' || rest[0] == '>' {
			b.out.Write(rest)
			return element, nil
		}
		equals := bytes.IndexByte(rest, '=')
		if equals < 0 {
			return "", errBroken
		}
		name := bytes.TrimRight(rest[:equals], xmlSpace)
		open := equals + 1
		for open < len(rest) && bytes.IndexByte([]byte(xmlSpace), rest[open]) >= 0 {
			open++
		}
		length := -1
		if open < len(rest) && (rest[open] == '"' || rest[open] == '\'') {
			length = bytes.IndexByte(rest[open+1:], rest[open])
		}
		if length < 0 {
			return "", errBroken
		}
		b.out.Write(rest[:open+1])
		b.out.Write(b.how.value(element, name, rest[open+1:open+1+length]))
		b.out.WriteByte(rest[open])
		rest = rest[open+length+2:]
	}
}

// value gives what stands in an attribute afterwards.
func (r *rule) value(element string, name, was []byte) []byte {
	if hasPrefix(name, "xmlns") {
		return was
	}
	is, ok := r.attributes[local(name)]
	if !ok {
		is, ok = r.attributes[element+" "+local(name)]
	}
	if !ok || len(was) == 0 || !bytes.HasPrefix(bytes.ToLower(was[:min(len(was), len(r.only))]), []byte(r.only)) {
		return was
	}
	return []byte(is)
}

func local(name []byte) string { return string(name[bytes.LastIndexByte(name, ':')+1:]) }

// author drops the name of who wrote notes and keeps it in mind. A mark that binds
// a note to its conversation is no name.
func (b *blanker) author() error {
	name, err := b.captured()
	if err != nil {
		return err
	}
	if hasPrefix(name, "tc={") {
		b.out.Write(name)
		return nil
	}
	if name = bytes.TrimSpace(name); len(name) > 0 {
		b.authors = append(b.authors, bytes.Clone(name))
	}
	b.out.WriteString(nobody)
	return nil
}

// note copies a text of a note, without the author in front that Excel puts there.
func (b *blanker) note() error {
	said, err := b.captured()
	if err != nil {
		return err
	}
	for _, name := range b.authors {
		if rest, ok := bytes.CutPrefix(bytes.TrimLeft(said, xmlSpace), name); ok && (hasPrefix(rest, ":") || hasPrefix(rest, "：")) {
			b.out.WriteString(nobody)
			said = rest
			break
		}
	}
	b.out.Write(said)
	return nil
}

// captured takes the text of an element that holds nothing else, up to its end tag.
func (b *blanker) captured() ([]byte, error) {
	b.tag = b.tag[:0]
	for len(b.tag) < longestTag {
		next, err := b.in.Peek(2)
		if err != nil {
			return nil, errBroken
		}
		if next[0] == '<' {
			if next[1] != '/' {
				return nil, errBroken
			}
			return b.tag, nil
		}
		b.tag = append(b.tag, next[0])
		_, _ = b.in.Discard(1) // it was peeked at
	}
	return nil, errBroken
}
