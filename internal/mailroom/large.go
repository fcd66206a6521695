package mailroom

import (
	"context"

	"minqing/internal/jobs"
	"minqing/internal/notify"
)

// Answer is the job that tells somebody once that their mail was too large. It
// reads the address from the mailbox again: jobs hold ids only.
type Answer struct {
	ID string `json:"id"`
}

// Kind names the job.
func (Answer) Kind() string { return "mailroom.answer" }

// answerLarge counts a mail that is too large to be read, and has its sender
// told. The job is tried once: better no notice than two.
func (s *Service) answerLarge(ctx context.Context, row *mail, _ *letter) error {
	return s.DB.Tx(ctx, func(ctx context.Context) error {
		if err := s.done(ctx, row, TooLarge, "", ""); err != nil {
			return err
		}
		return s.Jobs.Add(ctx, Answer{ID: row.ID}, jobs.On(jobs.QueueMail), jobs.MaxAttempts(1))
	})
}

func (s *Service) answer(ctx context.Context, job Answer) error {
	var row mail
	if err := s.DB.From(ctx).Where("id = ?", job.ID).Take(&row).Error; err != nil {
		return err
	}
	box, err := s.Box.open(ctx)
	if err != nil {
		return err
	}
	defer box.close()
	if int64(box.validity) != row.UIDValidity || row.Box != s.Box.key {
		return nil
	}
	raw, err := box.raw(uint32(row.UID), true)
	if err != nil || raw == nil {
		return err
	}
	l := parse(raw, true)
	return s.Notify.Answer(ctx, notify.Answering{ID: row.ID, Kind: notify.MailTooLarge, To: l.From.Address, Lang: s.language(l), Megabytes: SizeMost >> 20})
}
