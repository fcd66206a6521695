package mailroom

import (
	"fmt"
	"io"
	"mime"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding/htmlindex"

	"minqing/internal/cases"
	"minqing/internal/i18n"
	"minqing/internal/text"
)

// words decodes encoded words (RFC 2047) in the character sets that browsers know.
var words = &mime.WordDecoder{CharsetReader: func(charset string, in io.Reader) (io.Reader, error) {
	e, err := htmlindex.Get(charset)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", charset, err)
	}
	return e.NewDecoder().Reader(in), nil
}}

// converted reads a text in a character set that browsers know.
func converted(charset, value string) (string, error) {
	e, err := htmlindex.Get(charset)
	if err != nil {
		return "", fmt.Errorf("read %s: %w", charset, err)
	}
	return e.NewDecoder().String(value)
}

func decoded(value string) string {
	if out, err := words.DecodeHeader(value); err == nil {
		return valid(out)
	}
	return valid(value)
}

// language guesses in which language somebody wrote, to answer in it.
func (s *Service) language(l *letter) i18n.Lang {
	han, hant, latin := 0, 0, 0
	for i, r := range l.Subject + l.Text {
		if i > 20_000 {
			break
		}
		switch {
		case unicode.Is(unicode.Han, r):
			han++
			if text.Fold(string(r)) != string(r) {
				hant++
			}
		case unicode.Is(unicode.Latin, r):
			latin++
		}
	}
	switch {
	case han == 0 && latin > 20:
		return i18n.En
	case han == 0:
	case 10*hant >= han, l.Charset == "big5":
		return i18n.ZhHant
	case han >= 5:
		return i18n.ZhHans
	}
	if lang, ok := i18n.ParseLang(s.Locale); ok {
		return lang
	}
	return i18n.ZhHant
}

func (s *Service) title(lang i18n.Lang, l *letter) string {
	if l.Subject == "" {
		return s.Words.T(lang, "mailroom.no_subject", nil)
	}
	return cut(l.Subject, cases.TitleMost)
}

// noteRoom is kept free for the notes below a text.
const noteRoom = 1000

func long(body string) bool { return utf8.RuneCountInString(body) > cases.DescriptionMost-noteRoom }

// body is the text of a case or message, with notes of what was left out.
func (s *Service) body(lang i18n.Lang, typed string, notes []string) string {
	if typed == "" {
		typed = s.Words.T(lang, "mailroom.no_text", nil)
	}
	if long(typed) {
		typed = cut(typed, cases.DescriptionMost-noteRoom)
	}
	if len(notes) == 0 {
		return typed
	}
	return typed + "\n\n" + cut(strings.Join(notes, "\n"), noteRoom-10)
}

// cut shortens a text to a number of characters.
func cut(s string, most int) string {
	if utf8.RuneCountInString(s) <= most {
		return s
	}
	return string([]rune(s)[:most-1]) + "…"
}
