package notify

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"minqing/internal/db"
	"minqing/internal/jobs"
)

// TooMany is the reason of a text beyond what a number gets on a day.
const TooMany = "too_many"

// How many texts about cases a number gets on a day, unless an operator says
// otherwise; and one that somebody only typed, who may have typed a stranger's.
const (
	textsADay      = 10
	textsUntrusted = 2
)

// textsFrom is when texts leave that were too many the day before.
const textsFrom = 8

const purposeTexts = "notify.texts"

// countText counts a text to a number, and says whether it is one too many. The
// number is counted, not the person: guests with one number are many persons.
func (s *Service) countText(ctx context.Context, d *delivery) (over bool, err error) {
	number, err := s.Vault.Open(ctx, purposeAddress, d.AddressCipher)
	if err != nil || len(number) == 0 { // erased: composing finds that out
		return false, nil
	}
	most := s.TextsADay
	if most == 0 {
		most = textsADay
	}
	if !d.Proven {
		most = min(most, textsUntrusted)
	}
	var n int
	err = s.DB.From(ctx).Raw(`INSERT INTO text_counts (day, key, n) VALUES (?, ?, 1)
 ON CONFLICT (key, day) DO UPDATE SET n = text_counts.n + 1 WHERE text_counts.n < ? RETURNING n`,
		s.today().Format(time.DateOnly), s.Vault.BlindIndex(purposeTexts, string(number)), most).Row().Scan(&n)
	if errors.Is(err, sql.ErrNoRows) {
		return true, nil
	}
	if err != nil {
		return false, fmt.Errorf("count a text: %w", db.Fault(err, "", ""))
	}
	return false, nil
}

func (s *Service) today() time.Time { return s.Now().In(s.zone()) }

// tooMany lets a text that is always sent wait for the next morning; the rest is
// not sent, and nothing more goes to a number that somebody only typed.
func (s *Service) tooMany(ctx context.Context, d *delivery) error {
	if d.Kind.Always() == "" || !d.Proven {
		if err := s.change(ctx, d, Suppressed, TooMany); err != nil {
			return err
		}
		return s.instead(ctx, d)
	}
	now := s.today()
	at := time.Date(now.Year(), now.Month(), now.Day()+1, textsFrom, 0, 0, 0, now.Location())
	if err := s.change(ctx, d, Queued, TooMany); err != nil {
		return err
	}
	if err := s.DB.From(ctx).Exec("UPDATE deliveries SET send_after = ? WHERE id = ?", at.UTC(), d.ID).Error; err != nil {
		return fmt.Errorf("let a text wait: %w", db.Fault(err, "", ""))
	}
	return s.Jobs.Add(ctx, Send{DeliveryID: d.ID}, jobs.On(jobs.QueueMail), jobs.At(at))
}

// SweepTexts is the job that forgets old counts.
type SweepTexts struct{}

// Kind names the job.
func (SweepTexts) Kind() string { return "notify.sweep_texts" }

const sweepTextsEvery = 6 * time.Hour

func (s *Service) sweepTexts(ctx context.Context, _ SweepTexts) error {
	err := s.DB.From(ctx).Exec("DELETE FROM text_counts WHERE day < ?", s.today().AddDate(0, 0, -2).Format(time.DateOnly)).Error
	if err != nil {
		return fmt.Errorf("forget old counts of texts: %w", db.Fault(err, "", ""))
	}
	return nil
}
