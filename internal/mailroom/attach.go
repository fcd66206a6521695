package mailroom

import (
	"bytes"
	"context"
	"strings"

	"minqing/internal/fault"
	"minqing/internal/files"
	"minqing/internal/i18n"
)

// attach keeps the files of a mail under its row until the case takes them, and
// gives a note for each that may not be kept. most is how many there is room for.
func (s *Service) attach(ctx context.Context, row *mail, l *letter, most int) (notes []string, err error) {
	lang := l.Lang
	say := func(key string, args i18n.Args) { notes = append(notes, s.Words.T(lang, key, args)) }
	if l.Garbled {
		say("mailroom.garbled", nil)
	}
	for i, f := range l.Files {
		if i >= most {
			say("mailroom.left_out", i18n.Args{"Name": s.named(l, i, f.Name), "Why": s.Words.T(lang, "files.too_many", i18n.Args{"Count": files.MaxFiles})})
			continue
		}
		_, err := s.Files.Add(ctx, files.Upload{Owner: draftOf(row), Name: f.Name, Content: bytes.NewReader(f.Content), Size: int64(len(f.Content)), Discreet: l.Secret})
		if err == nil {
			continue
		}
		bad, ok := fault.As(err)
		if !ok || bad.Kind != fault.Invalid {
			return nil, err
		}
		why := s.Words.T(lang, bad.Key, nil)
		if len(bad.Fields) > 0 {
			why = s.Words.T(lang, bad.Fields[0].Key, bad.Fields[0].Args)
		}
		say("mailroom.left_out", i18n.Args{"Name": s.named(l, i, f.Name), "Why": why})
	}
	return notes, nil
}

// named is how a note calls the file of a mail: staff read it, so in a case that
// does not tell who filed it only by its place.
func (s *Service) named(l *letter, i int, name string) string {
	if l.Secret {
		return cut(files.Neutral(s.Words, l.Lang, i+1, name), 80)
	}
	return cut(l.unnamed(name), 80)
}

// attachWhole keeps subject and text of a mail as a file, and says whether that
// could be: a text may look like something that a browser would run.
func (s *Service) attachWhole(ctx context.Context, row *mail, l *letter) (kept bool, err error) {
	content := []byte(strings.TrimSpace(l.Subject + "\n\n" + l.Text))
	_, err = s.Files.Add(ctx, files.Upload{Owner: draftOf(row), Name: s.Words.T(l.Lang, "mailroom.whole.name", nil),
		Content: bytes.NewReader(content), Size: int64(len(content)), Beside: true})
	if bad, ok := fault.As(err); ok && bad.Kind == fault.Invalid {
		return false, nil
	}
	return err == nil, err
}
