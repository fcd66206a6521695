package mailroom

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"minqing/internal/cases"
	"minqing/internal/db"
	"minqing/internal/fault"
	"minqing/internal/files"
	"minqing/internal/i18n"
	"minqing/internal/idcode"
	"minqing/internal/jobs"
)

// conflictsMost is how often an answer is added again at once when somebody else
// changed its case at the same moment; after that the job waits for its turn.
const conflictsMost = 5

// marks are the words that stand between the mailbox's name and host in the
// addresses that a mail went to.
func (s *Service) marks(l *letter) (list []string) {
	name, host, _ := strings.Cut(s.Box.Address, "@")
	for _, to := range l.To {
		before, at, _ := strings.Cut(to, "@")
		box, mark, ok := strings.Cut(before, "+")
		if ok && box == name && at == host {
			list = append(list, mark)
		}
	}
	return list
}

// caseOf finds the case whose signed reply address a mail went to; nil when it
// went to none. Subjects are never looked at: anybody can write a number there.
func (s *Service) caseOf(ctx context.Context, l *letter) (*cases.Case, error) {
	for _, mark := range s.marks(l) {
		no, code, _ := strings.Cut(strings.ToUpper(mark), ".")
		if _, err := idcode.ParseCaseNumber(no); err != nil || code == "" {
			continue
		}
		c, err := s.Cases.ByReplyCode(ctx, no, code)
		if err == nil {
			return c, nil
		}
		if fault.KindOf(err) != fault.NotFound {
			return nil, err
		}
	}
	return nil, nil //nolint:nilnil // a mail about no case
}

// reply adds the mail to the case that it answers. A case that takes no more
// messages is answered by a new one.
func (s *Service) reply(ctx context.Context, row *mail, l *letter, c *cases.Case) error {
	lang := i18n.Lang(c.Locale)
	l.Lang, l.Secret = lang, c.Confidentiality.Sealed()
	if jobs.Current(ctx).Attempt > 1 {
		if err := s.Files.RemoveAll(ctx, draftOf(row)); err != nil {
			return err
		}
	}
	said, rest := unquoted(l.Text)
	there, err := s.Files.List(ctx, files.Owner{Kind: files.Case, ID: c.ID})
	if err != nil {
		return err
	}
	there = slices.DeleteFunc(there, func(f files.File) bool { return f.MadeFrom != "" }) // theirs, not what was made from it
	room, typed := 2*files.MaxFiles-len(there), l.Text
	var about []string
	if short := l.unnamed(said); room > 0 && (rest || short != said || long(said)) {
		kept, err := s.attachWhole(ctx, row, l)
		if err != nil {
			return err
		}
		if kept { // else the message says it all
			typed, about = short, []string{s.Words.T(lang, "mailroom.whole.note", nil)}
			room--
		}
	}
	notes, err := s.attach(ctx, row, l, room)
	if err != nil {
		return err
	}
	say := func(ctx context.Context) error {
		if _, err := s.Cases.Say(ctx, cases.Key{CaseNo: c.CaseNo, QueryCode: s.Cases.QueryCode(c)}, s.body(lang, typed, append(about, notes...))); err != nil {
			return err
		}
		if err := s.Files.Adopt(ctx, string(files.Draft), row.ID, string(files.Case), c.ID); err != nil {
			return err
		}
		return s.done(ctx, row, Replied, "", c.ID)
	}
	for range 1 + conflictsMost {
		err = s.DB.Tx(asGuest(ctx, lang), say)
		if bad, ok := fault.As(err); !ok || bad.Key != "case.changed" { // at the same moment by somebody else, such as the next mail
			break
		}
	}
	if bad, ok := fault.As(err); ok && bad.Kind == fault.Conflict && (bad.Key == "case.action.impossible" || bad.Key == "case.frozen") {
		if err := s.Files.RemoveAll(ctx, draftOf(row)); err != nil {
			return err
		}
		return s.file(ctx, row, l, s.Words.T(lang, "mailroom.after", i18n.Args{"CaseNo": c.CaseNo}))
	}
	return db.Fault(err, "", "")
}

// bounce notes what a mail system reports of a mail of ours.
func (s *Service) bounce(ctx context.Context, row *mail, l *letter) error {
	r := l.failure()
	id := ""
	for _, mark := range s.marks(l) {
		if id == "" {
			id = s.Notify.DeliveryOf(mark)
		}
	}
	if id == "" {
		id = s.Notify.DeliveryByMessage(r.messageID)
	}
	switch {
	case id == "":
		return s.leave(ctx, row, "report")
	case !r.failed:
		return s.leave(ctx, row, "delayed")
	}
	err := s.DB.Tx(ctx, func(ctx context.Context) error {
		known, err := s.Notify.Bounced(ctx, id, r.status, strings.HasPrefix(r.status, "5."))
		if err != nil {
			return err
		}
		if !known {
			return s.done(ctx, row, Ignored, "report", "")
		}
		return s.done(ctx, row, Bounced, "", "")
	})
	if err != nil {
		return fmt.Errorf("note a mail that came back: %w", err)
	}
	return nil
}
