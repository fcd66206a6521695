package notify

import (
	"bytes"
	"fmt"
	htmltemplate "html/template"
	"io/fs"
	texttemplate "text/template"

	"minqing/internal/i18n"
)

// page is one kind of message in one language.
type page struct {
	html *htmltemplate.Template
	text *texttemplate.Template
}

type pageKey struct {
	lang i18n.Lang
	kind Kind
}

// parsePage reads frame and body of a kind, with the language bound, so that
// sending only fills them in.
func parsePage(files fs.FS, words *i18n.Bundle, l i18n.Lang, k Kind) (page, error) {
	t := func(key string, pairs ...any) string { return words.T(l, key, argsOf(pairs)) }
	base := "templates/mail/" + string(k)
	if k.ofNews() {
		base = "templates/mail/" + newsTemplate
	}
	lead := func() string { return words.T(l, "notify."+string(k)+".text", nil) }
	html, err := htmltemplate.New("frame.html").Funcs(htmltemplate.FuncMap{"t": t, "lead": lead}).ParseFS(files, "templates/mail/frame.html", base+".html")
	if err != nil {
		return page{}, err
	}
	text, err := texttemplate.New("frame.txt").Funcs(texttemplate.FuncMap{"t": t, "lead": lead}).ParseFS(files, "templates/mail/frame.txt", base+".txt")
	return page{html: html, text: text}, err
}

// parsed gives the page of a kind. It is read when it is first used: all of them
// in all languages take a fifth of the memory of a program at rest.
func (s *Service) parsed(l i18n.Lang, k Kind) (page, error) {
	if known, ok := s.pages.Load(pageKey{l, k}); ok {
		return known.(page), nil
	}
	p, err := parsePage(s.Templates, s.Words, l, k)
	if err != nil {
		return page{}, fmt.Errorf("read the template of a message: %w", err)
	}
	s.pages.Store(pageKey{l, k}, p)
	return p, nil
}

// fill writes a message.
func (s *Service) fill(l i18n.Lang, k Kind, data mailPage) (html, text string, err error) {
	p, err := s.parsed(l, k)
	if err != nil {
		return "", "", err
	}
	var h, t bytes.Buffer
	if err := p.html.Execute(&h, data); err != nil {
		return "", "", fmt.Errorf("fill in the page of a message: %w", err)
	}
	if err := p.text.Execute(&t, data); err != nil {
		return "", "", fmt.Errorf("fill in the text of a message: %w", err)
	}
	return h.String(), t.String(), nil
}
