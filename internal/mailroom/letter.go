package mailroom

import (
	"bytes"
	"mime"
	netmail "net/mail"
	"path"
	"strings"
	"unicode/utf8"

	"github.com/inbucket/html2text"
	"github.com/jhillyerd/enmime/v2"

	"minqing/internal/i18n"
	"minqing/internal/idcode"
	"minqing/internal/text"
)

// letter is a mail that was understood as far as it could be.
type letter struct {
	MessageID string
	From      netmail.Address
	To        []string // every address that it went to, in lower case
	Subject   string
	Text      string
	Files     []attached
	Charset   string // of the text, in lower case
	Garbled   bool   // part of it could not be read
	Reports   []*enmime.Part
	Lang      i18n.Lang // to answer in
	Secret    bool      // it answers a case that does not tell who filed it

	header netmail.Header
	kind   string // media type
	params map[string]string
}

type attached struct {
	Name    string
	Content []byte
}

const (
	depthMost = 3  // mails within mails
	partsMost = 50 // attachments that are looked at
)

var parser = enmime.NewParser(enmime.SkipMalformedParts(true), enmime.MultipartWOBoundaryAsSinglePart(true),
	enmime.MaxStoredPartErrors(20), enmime.StripMediaTypeInvalidCharacters(true), enmime.DisableTextConversion(true),
	enmime.DisableCharacterDetection(true)) // what a mail says of itself is more often right than a guess

// parse reads a mail, or only its header. It never fails: what cannot be read
// is left out, and Garbled says so.
func parse(raw []byte, headerOnly bool) *letter {
	l := &letter{header: headerOf(raw)}
	l.kind, l.params, _ = mime.ParseMediaType(l.get("Content-Type"))
	l.MessageID = strings.Trim(strings.TrimSpace(l.get("Message-Id")), "<>")
	l.Subject = text.Line(decoded(l.eightBit(l.get("Subject"))))
	l.From = sender(l.eightBit(l.get("From")))
	l.To = recipients(l.header)
	if !headerOnly {
		l.open(raw, 0)
		if l.Text == "" && len(l.Files) == 0 && l.Reports == nil { // better as it stands than not at all
			l.Text = text.Lines(valid(string(bodyOf(raw))))
			l.Garbled = l.Garbled || l.Text != ""
		}
	}
	return l
}

// bodyOf is what follows the first empty line.
func bodyOf(raw []byte) []byte {
	_, body, ok := bytes.Cut(raw, []byte("\n\r\n"))
	if !ok {
		_, body, _ = bytes.Cut(raw, []byte("\n\n"))
	}
	return body
}

// headerOf reads what stands before the first empty line, and goes over lines
// that are none.
func headerOf(raw []byte) netmail.Header {
	head := raw
	for _, end := range []string{"\r\n\r\n", "\n\n"} {
		if i := bytes.Index(head, []byte(end)); i >= 0 {
			head = head[:i]
		}
	}
	h, name := netmail.Header{}, ""
	for line := range strings.Lines(string(head)) {
		line = strings.TrimRight(line, "\r\n")
		if line != "" && (line[0] == ' ' || line[0] == '\t') {
			if list := h[name]; len(list) > 0 {
				list[len(list)-1] += " " + strings.TrimSpace(line)
			}
			continue
		}
		before, value, ok := strings.Cut(line, ":")
		if name = canonical(before); ok && name != "" {
			h[name] = append(h[name], strings.TrimSpace(value))
		}
	}
	return h
}

func canonical(name string) string { return strings.ToLower(strings.TrimSpace(name)) }

func (l *letter) get(name string) string {
	if list := l.header[canonical(name)]; len(list) > 0 {
		return list[0]
	}
	return ""
}

// eightBit reads a header that somebody wrote in another character set without
// saying so: most likely in the one of the text.
func (l *letter) eightBit(value string) string {
	if utf8.ValidString(value) {
		return value
	}
	for _, charset := range []string{l.params["charset"], "big5", "gb18030"} {
		if out, err := converted(charset, value); err == nil && !strings.ContainsRune(out, utf8.RuneError) {
			return out
		}
	}
	return value
}

func (l *letter) has(name string) bool { return len(l.header[canonical(name)]) > 0 }

// report says whether the mail is a report of a mail system (RFC 6522).
func (l *letter) report(kind string) bool {
	return l.kind == "multipart/report" && strings.EqualFold(l.params["report-type"], kind)
}

func sender(value string) netmail.Address {
	list, err := (&netmail.AddressParser{WordDecoder: words}).ParseList(value)
	var one netmail.Address
	if err == nil && len(list) > 0 {
		one = *list[0]
	} else if i, j := strings.LastIndexByte(value, '<'), strings.LastIndexByte(value, '>'); i >= 0 && i < j {
		one = netmail.Address{Name: decoded(strings.Trim(value[:i], ` "`)), Address: value[i+1 : j]}
	} else {
		one.Address = value
	}
	address, err := idcode.NormaliseEmail(one.Address)
	if err != nil {
		address = ""
	}
	return netmail.Address{Name: text.Line(valid(one.Name)), Address: address}
}

// recipients gathers where a mail went, also as the mail system noted it.
func recipients(h netmail.Header) (all []string) {
	for _, name := range []string{"to", "cc", "delivered-to", "x-original-to", "envelope-to", "x-envelope-to", "resent-to"} {
		for _, value := range h[name] {
			for part := range strings.SplitSeq(value, ",") {
				if i := strings.LastIndexByte(part, '<'); i >= 0 {
					part, _, _ = strings.Cut(part[i+1:], ">")
				}
				if part = strings.ToLower(strings.TrimSpace(part)); strings.Contains(part, "@") && len(all) < 100 {
					all = append(all, part)
				}
			}
		}
	}
	return all
}

// open reads the body of a mail, and of mails within it.
func (l *letter) open(raw []byte, depth int) {
	e, err := parser.ReadEnvelope(bytes.NewReader(raw))
	if err != nil || e == nil || e.Root == nil {
		l.Garbled = true
		return
	}
	for _, p := range e.Errors {
		l.Garbled = l.Garbled || p.Severe || p.Name == enmime.ErrorCharsetConversion
	}
	if depth == 0 && l.report("delivery-status") {
		l.Reports = e.Root.BreadthMatchAll(func(*enmime.Part) bool { return true })
	}
	body := text.Lines(valid(e.Text))
	if body == "" && e.HTML != "" {
		plain, err := html2text.FromString(valid(e.HTML), html2text.Options{OmitLinks: false})
		l.Garbled = l.Garbled || err != nil
		body = text.Lines(valid(plain))
	}
	if p := e.Root.BreadthMatchFirst(func(p *enmime.Part) bool { return strings.HasPrefix(p.ContentType, "text/") }); p != nil && depth == 0 {
		l.Charset = strings.ToLower(p.Charset)
	}
	l.keepUnread(raw, e.Root)
	if depth > 0 && body != "" {
		body = forwarded(raw, body)
	}
	l.Text = strings.TrimSpace(l.Text + "\n\n" + body)
	for _, list := range [][]*enmime.Part{e.Attachments, e.Inlines, e.OtherParts} {
		for _, p := range list {
			l.add(p, depth)
		}
	}
}

// forwarded puts the head of a mail within a mail before its text.
func forwarded(raw []byte, body string) string {
	h := headerOf(raw)
	var b strings.Builder
	for _, name := range []string{"From", "Date", "Subject"} {
		if list := h[canonical(name)]; len(list) > 0 {
			b.WriteString("> " + name + ": " + text.Line(decoded(list[0])) + "\n")
		}
	}
	return b.String() + "\n" + body
}

// add keeps an attachment; a mail within the mail is opened.
func (l *letter) add(p *enmime.Part, depth int) {
	switch {
	case p.ContentType == "message/rfc822" && depth < depthMost && !l.report("delivery-status"):
		l.open(p.Content, depth+1)
		return
	case strings.HasPrefix(p.ContentType, "multipart/"): // one that does not say where its parts end
		l.Text = strings.TrimSpace(l.Text + "\n\n" + text.Lines(valid(string(p.Content))))
		l.Garbled = true
		return
	case p.ContentType == "" && p.FileName == "" && utf8.Valid(p.Content): // a part without a header is text (RFC 2046, 5.1)
		l.Text = strings.TrimSpace(l.Text + "\n\n" + text.Lines(valid(string(p.Content))))
		return
	case strings.HasPrefix(p.ContentType, "message/delivery-status"):
		return
	case len(p.Content) == 0 || len(l.Files) >= partsMost:
		return
	}
	name := text.Line(valid(p.FileName))
	if name == "" && p.ContentID != "" && len(p.Content) < 20<<10 {
		return // the small pictures of a letterhead
	}
	if name == "" {
		name = "file" + extension(p.ContentType)
	}
	l.Files = append(l.Files, attached{Name: path.Base(name), Content: p.Content})
}

func extension(media string) string {
	switch media { // those that attachments may have; the first of mime's list is often odd
	case "image/jpeg":
		return ".jpg"
	case "text/plain":
		return ".txt"
	}
	if list, err := mime.ExtensionsByType(media); err == nil && len(list) > 0 {
		return list[0]
	}
	return ".bin"
}

// valid is a text with what is no character taken out.
func valid(s string) string {
	if !utf8.ValidString(s) {
		s = strings.ToValidUTF8(s, "\uFFFD")
	}
	return strings.ReplaceAll(s, "\x00", "")
}
