package mailroom

import (
	"bytes"
	"mime/quotedprintable"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/jhillyerd/enmime/v2"
)

// asSent leaves the content of parts as it travelled.
var asSent = enmime.NewParser(enmime.SkipMalformedParts(true), enmime.MultipartWOBoundaryAsSinglePart(true),
	enmime.StripMediaTypeInvalidCharacters(true), enmime.RawContent(true))

// unread says whether a part is a text in a character set that nobody knows, or
// that is not in the one that it names.
func unread(p *enmime.Part) bool {
	if !strings.HasPrefix(p.ContentType, "text/") || p.Disposition == "attachment" {
		return false
	}
	for _, e := range p.Errors {
		if e.Name == enmime.ErrorCharsetConversion {
			return true
		}
	}
	return !utf8.Valid(p.Content) || bytes.ContainsRune(p.Content, utf8.RuneError)
}

// keepUnread attaches the texts of a mail that could not be read, as they
// travelled and in plain letters, so that somebody who knows the character set
// can still read them.
func (l *letter) keepUnread(raw []byte, root *enmime.Part) {
	list := root.BreadthMatchAll(unread)
	if len(list) == 0 {
		return
	}
	l.Garbled = true
	sent, err := asSent.ReadParts(bytes.NewReader(raw))
	if err != nil || sent == nil {
		return
	}
	for i, p := range list {
		same := sent.BreadthMatchFirst(func(q *enmime.Part) bool { return q.PartID == p.PartID })
		if same == nil || len(same.Content) == 0 || len(l.Files) >= partsMost {
			continue
		}
		l.Files = append(l.Files, attached{Name: "unread-" + strconv.Itoa(i+1) + ".txt", Content: plainly(same)})
	}
}

// plainly writes a part in ASCII: its own coding where it has one.
func plainly(p *enmime.Part) []byte {
	var b bytes.Buffer
	coding := strings.ToLower(strings.TrimSpace(p.Header.Get("Content-Transfer-Encoding")))
	own := coding == "base64" || coding == "quoted-printable"
	if !own {
		coding = "quoted-printable"
	}
	kind := strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return -1
		}
		return r
	}, p.Header.Get("Content-Type"))
	b.WriteString("Content-Type: " + kind + "\r\nContent-Transfer-Encoding: " + coding + "\r\n\r\n")
	if own {
		b.WriteString(strings.ToValidUTF8(string(p.Content), "?"))
		return b.Bytes()
	}
	w := quotedprintable.NewWriter(&b)
	_, _ = w.Write(p.Content) // into memory
	_ = w.Close()
	return b.Bytes()
}
