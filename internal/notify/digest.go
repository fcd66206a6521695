package notify

import (
	"context"
	"fmt"
	"time"

	"minqing/internal/actor"
	"minqing/internal/audit"
	"minqing/internal/db"
	"minqing/internal/fault"
	"minqing/internal/jobs"
)

// Held is the reason of a mail that waits to be gathered with others.
const Held = "digest"

// DigestUsual is when a gathered mail leaves unless somebody says otherwise, in
// minutes of the day.
const DigestUsual = 8 * 60

// held finds what waits to be gathered; its words are those of an index.
const held = "status = 'queued' AND reason = 'digest' AND digest_id IS NULL AND channel = 'mail' AND "

// Digest is the minute of the day at which the one who asks has what may wait
// sent in one mail; nil when each message comes by itself.
func (s *Service) Digest(ctx context.Context) (*int, error) {
	return s.digestOf(ctx, wisher(actor.From(ctx)))
}

func (s *Service) digestOf(ctx context.Context, person string) (*int, error) {
	var found []int
	if err := s.DB.From(ctx).Raw("SELECT minute FROM mail_digests WHERE person_id = ?", person).Scan(&found).Error; err != nil {
		return nil, fmt.Errorf("read when somebody wants one mail a day: %w", db.Fault(err, "", ""))
	}
	if len(found) == 0 {
		return nil, nil //nolint:nilnil // none is what most people have
	}
	return &found[0], nil
}

// KeepDigest sets the minute at which the one who asks has what may wait sent in
// one mail a day; nil lets what is held leave by itself. What is held already
// moves to a new minute.
func (s *Service) KeepDigest(ctx context.Context, minute *int) error {
	if minute != nil && (*minute < 0 || *minute >= minutesOfADay) {
		return fault.InvalidInput(fault.Field{Name: "gather_at", Key: "notify.digest.wrong"})
	}
	who := actor.From(ctx)
	return s.DB.Tx(ctx, func(ctx context.Context) error {
		before, err := s.Digest(ctx)
		if err != nil || shown(before) == shown(minute) {
			return err
		}
		tx := s.DB.From(ctx)
		if minute == nil {
			err = tx.Exec("DELETE FROM mail_digests WHERE person_id = ?", wisher(who)).Error
		} else {
			err = tx.Exec(`INSERT INTO mail_digests (person_id, minute, created_at) VALUES (?, ?, ?)
 ON CONFLICT (person_id) DO UPDATE SET minute = excluded.minute, created_at = excluded.created_at`, wisher(who), *minute, s.Now().UTC()).Error
		}
		if err != nil {
			return fmt.Errorf("note when somebody wants one mail a day: %w", db.Fault(err, "", ""))
		}
		to := Recipient{ConstituentID: who.ConstituentID}
		if to.ConstituentID == "" {
			to.AccountID = who.AccountID
		}
		if err := s.moveHeld(ctx, to, minute); err != nil {
			return err
		}
		return s.Audit.Record(ctx, audit.Entry{Action: "delivery.digest", Kind: "account", ID: who.AccountID,
			Fields: []audit.Change{{Field: "digest", Before: shown(before), After: shown(minute)}}})
	})
}

// shown is for the trail: 08:00.
func shown(minute *int) string {
	if minute == nil {
		return ""
	}
	return fmt.Sprintf("%02d:%02d", *minute/60, *minute%60)
}

// moveHeld has what is held for somebody wait for another minute, or lets it
// leave by itself, in quiet hours when they end.
func (s *Service) moveHeld(ctx context.Context, to Recipient, minute *int) error {
	quiet, err := s.quietOf(ctx, to.person())
	if err != nil {
		return err
	}
	whose, id := to.whose()
	if minute != nil {
		at := nextDigest(*minute, quiet, s.Now().In(s.zone()))
		res := s.DB.From(ctx).Exec("UPDATE deliveries SET send_after = ?, version = version + 1 WHERE "+held+whose, at.UTC(), id)
		if res.Error != nil {
			return fmt.Errorf("let messages wait for another time: %w", db.Fault(res.Error, "", ""))
		}
		if res.RowsAffected == 0 {
			return nil
		}
		return s.Jobs.Add(ctx, Gather{to.ConstituentID, to.AccountID, at.Unix()}, jobs.On(jobs.QueueMail), jobs.At(at))
	}
	var ids []string
	if err := s.DB.From(ctx).Raw("SELECT id FROM deliveries WHERE "+held+whose+" ORDER BY id", id).Scan(&ids).Error; err != nil {
		return fmt.Errorf("find what is held for somebody: %w", db.Fault(err, "", ""))
	}
	after := quiet.end(s.Now().In(s.zone()))
	opts := []jobs.Opt{jobs.On(jobs.QueueMail)}
	var until *time.Time
	if !after.IsZero() {
		at := after.UTC()
		until, opts = &at, append(opts, jobs.At(after))
	}
	for _, one := range ids {
		res := s.DB.From(ctx).Exec("UPDATE deliveries SET reason = '', send_after = ?, version = version + 1 WHERE "+held+"id = ?", until, one)
		if res.Error != nil {
			return fmt.Errorf("let go what is held: %w", db.Fault(res.Error, "", ""))
		}
		if res.RowsAffected == 0 { // it was gathered meanwhile
			continue
		}
		if err := s.Jobs.Add(ctx, Send{DeliveryID: one}, opts...); err != nil {
			return err
		}
	}
	return nil
}

// nextDigest is when the next gathered mail leaves: at the minute, and when that
// is in quiet hours, at their end.
func nextDigest(minute int, quiet *Hours, now time.Time) time.Time {
	at := time.Date(now.Year(), now.Month(), now.Day(), minute/60, minute%60, 0, 0, now.Location())
	if !now.Before(at) {
		at = time.Date(now.Year(), now.Month(), now.Day()+1, minute/60, minute%60, 0, 0, now.Location())
	}
	if end := quiet.end(at); !end.IsZero() {
		return end
	}
	return at
}

// person is by whom wishes are kept.
func (r Recipient) person() string {
	if r.ConstituentID != "" {
		return r.ConstituentID
	}
	return r.AccountID
}

// whose is the condition on deliveries to somebody, and its one argument.
func (r Recipient) whose() (condition, id string) {
	if r.ConstituentID != "" {
		return "constituent_id = ?", r.ConstituentID
	}
	return "constituent_id IS NULL AND account_id = ?", r.AccountID
}
