package mailroom

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	"minqing/internal/actor"
	"minqing/internal/cases"
	"minqing/internal/db"
	"minqing/internal/fault"
	"minqing/internal/files"
	"minqing/internal/i18n"
	"minqing/internal/jobs"
)

// read takes one mail in and then marks it as read in the mailbox. When it was
// taken in before, only the mark is left to set.
func (s *Service) read(ctx context.Context, job Read) error {
	var row mail
	if err := s.DB.From(ctx).Where("id = ?", job.ID).Take(&row).Error; err != nil {
		return db.Fault(err, "mailroom.missing", "")
	}
	if row.Size > 1<<20 {
		select {
		case s.large <- struct{}{}:
			defer func() { <-s.large }()
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	box, err := s.visit(ctx)
	if err != nil {
		return err
	}
	defer box.close()
	if int64(box.validity) != row.UIDValidity || row.Box != s.Box.key { // its number names another mail now
		return s.leave(ctx, &row, "moved")
	}
	if row.State == Waiting {
		if err := s.take(ctx, box, &row); err != nil {
			if jobs.Current(ctx).Last() {
				err = errors.Join(err, s.Files.RemoveAll(ctx, draftOf(&row)))
			}
			return err
		}
	}
	if row.Reason == "too_many" || row.Reason == "gone" { // left as new for people to look at
		return nil
	}
	return box.seen(uint32(row.UID))
}

func draftOf(row *mail) files.Owner { return files.Owner{Kind: files.Draft, ID: row.ID} }

// take decides what a mail is and does it.
func (s *Service) take(ctx context.Context, box *session, row *mail) error {
	tooLarge := row.Size > SizeMost
	raw, err := box.raw(uint32(row.UID), tooLarge)
	if err != nil {
		return err
	}
	if raw == nil {
		return s.leave(ctx, row, "gone")
	}
	l := parse(raw, tooLarge)
	known, err := s.claim(ctx, row, l, raw)
	if err != nil {
		return err
	}
	if known {
		return s.leave(ctx, row, "duplicate")
	}
	if l.report("delivery-status") && !tooLarge {
		return s.bounce(ctx, row, l)
	}
	if why := s.refusal(l); why != "" {
		return s.leave(ctx, row, why)
	}
	if much, err := s.tooMany(ctx, l.From.Address, hourly); much || err != nil {
		return s.leaveAs(ctx, row, "too_many", err)
	}
	if tooLarge {
		return s.answerLarge(ctx, row, l)
	}
	c, err := s.caseOf(ctx, l)
	if err != nil {
		return err
	}
	if c == nil {
		return s.file(ctx, row, l)
	}
	if much, err := s.tooMany(ctx, c.ID+" "+l.From.Address, hourlyAnswers); much || err != nil {
		return s.leaveAs(ctx, row, "too_many", err)
	}
	return s.reply(ctx, row, l, c)
}

// tooMany counts a mail once, however often it is tried, and says whether it is
// more than there may be within an hour.
func (s *Service) tooMany(ctx context.Context, who string, most int) (bool, error) {
	if jobs.Current(ctx).Attempt > 1 {
		return false, nil
	}
	wait, err := s.Limits.Take(ctx, "mail", who, most, time.Hour)
	return wait > 0, err
}

// claim notes a digest of the Message-ID, or of a mail that has none, and says
// whether another row has it: of a mailbox that was rebuilt, mails come again.
func (s *Service) claim(ctx context.Context, row *mail, l *letter, raw []byte) (known bool, err error) {
	name := []byte(l.MessageID)
	if len(name) == 0 {
		name = raw
	}
	sum := sha256.Sum256(append([]byte(row.Box+"\x00"), name...))
	key := hex.EncodeToString(sum[:])
	err = s.DB.Tx(ctx, func(ctx context.Context) error {
		return s.DB.From(ctx).Exec("UPDATE inbound_mails SET message_key = ? WHERE id = ?", key, row.ID).Error
	})
	if err = db.Fault(err, "", "mailroom.duplicate"); fault.KindOf(err) == fault.Conflict && err != nil {
		return true, nil
	}
	return false, err
}

// done ends the work on a mail within the open transaction. A row that is done
// already undoes the transaction: somebody else was quicker.
func (s *Service) done(ctx context.Context, row *mail, to State, reason, caseID string) error {
	at := s.Now().UTC()
	res := s.DB.From(ctx).Exec("UPDATE inbound_mails SET state = ?, reason = ?, case_id = ?, done_at = ? WHERE id = ? AND state = ?",
		to, reason, db.Ref(caseID), at, row.ID, Waiting)
	if res.Error != nil {
		return fmt.Errorf("write down what became of a mail: %w", res.Error)
	}
	if res.RowsAffected == 0 {
		return fault.New(fault.Conflict, "fault.conflict")
	}
	row.State, row.Reason = to, reason
	return nil
}

// leave does nothing about a mail but to count it.
func (s *Service) leave(ctx context.Context, row *mail, reason string) error {
	if row.State != Waiting {
		return nil
	}
	return s.DB.Tx(ctx, func(ctx context.Context) error { return s.done(ctx, row, Ignored, reason, "") })
}

// leaveAs is leave, unless something failed before.
func (s *Service) leaveAs(ctx context.Context, row *mail, reason string, err error) error {
	if err != nil {
		return err
	}
	return s.leave(ctx, row, reason)
}

// file makes the mail a new case; about is what its text says at the end.
func (s *Service) file(ctx context.Context, row *mail, l *letter, about ...string) error {
	lang := s.language(l)
	l.Lang = lang
	if jobs.Current(ctx).Attempt > 1 { // what an earlier try attached
		if err := s.Files.RemoveAll(ctx, draftOf(row)); err != nil {
			return err
		}
	}
	f := cases.Filing{Kind: kindOf(l), Title: s.title(lang, l), Confidentiality: cases.Normal, Locale: string(lang), Channel: cases.ChannelEmail,
		Contact: cases.Contact{Name: cut(l.From.Name, cases.NameMost), Email: l.From.Address}}
	hide := func(s string) string { return s }
	if long(l.Text) || l.unnamed(l.Text) != l.Text || l.unnamed(l.Subject) != l.Subject {
		kept, err := s.attachWhole(ctx, row, l)
		if err != nil {
			return err
		}
		if kept {
			hide, about = l.unnamed, append(about, s.Words.T(lang, "mailroom.whole.note", nil))
		}
	}
	notes, err := s.attach(ctx, row, l, files.MaxFiles)
	if err != nil {
		return err
	}
	f.Title, f.Description = hide(f.Title), hide(s.body(lang, l.Text, append(about, notes...)))
	f.DraftID = row.ID
	ctx = asGuest(ctx, lang)
	return s.DB.Tx(ctx, func(ctx context.Context) error {
		got, err := s.Cases.File(ctx, f)
		if fault.KindOf(err) == fault.Invalid && f.Contact.Email != "" && err != nil { // an address that we could not write to
			f.Contact = cases.Contact{}
			got, err = s.Cases.File(ctx, f)
		}
		if err != nil {
			return err
		}
		return s.done(ctx, row, Filed, "", got.CaseID)
	})
}

// asGuest is how somebody without an account writes.
func asGuest(ctx context.Context, lang i18n.Lang) context.Context {
	return actor.With(ctx, actor.Actor{Kind: actor.Anonymous, Job: "mailroom.read", Locale: string(lang)})
}

// kindOf is what the intake desk starts from: most people who write want help.
func kindOf(l *letter) cases.Kind {
	for _, word := range []string{"?", "？", "請問", "请问", "諮詢", "咨询", "詢問", "询问"} {
		if strings.Contains(l.Subject, word) {
			return cases.Enquiry
		}
	}
	return cases.HelpRequest
}
