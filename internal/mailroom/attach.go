package mailroom

import (
	"bytes"
	"context"

	"minqing/internal/fault"
	"minqing/internal/files"
	"minqing/internal/i18n"
)

// attach keeps the files of a mail under its row until the case takes them, and
// gives a note for each that may not be kept. whole asks for the text of the
// mail as a file too; so does one that is too long for its place. most is how
// many files there is room for.
func (s *Service) attach(ctx context.Context, row *mail, l *letter, whole bool, most int) (notes []string, err error) {
	lang := l.Lang
	say := func(key string, args i18n.Args) { notes = append(notes, s.Words.T(lang, key, args)) }
	list := l.Files
	if whole || long(l.Text) {
		list = append([]attached{{Name: s.Words.T(lang, "mailroom.whole.name", nil), Content: []byte(l.Text)}}, list...)
		say("mailroom.whole.note", nil)
	}
	if l.Garbled {
		say("mailroom.garbled", nil)
	}
	for i, f := range list {
		if i >= most {
			say("mailroom.left_out", i18n.Args{"Name": cut(f.Name, 80), "Why": s.Words.T(lang, "files.too_many", i18n.Args{"Count": files.MaxFiles})})
			continue
		}
		_, err := s.Files.Add(ctx, files.Upload{Owner: draftOf(row), Name: f.Name, Content: bytes.NewReader(f.Content), Size: int64(len(f.Content))})
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
		say("mailroom.left_out", i18n.Args{"Name": cut(f.Name, 80), "Why": why})
	}
	return notes, nil
}
