package mailroom

import (
	"context"
	"errors"
	"fmt"
	"time"

	"minqing/internal/db"
	"minqing/internal/jobs"
)

// Poll is the job that looks for new mails.
type Poll struct{}

// Kind names the job.
func (Poll) Kind() string { return "mailroom.poll" }

// Read is the job that takes one mail in.
type Read struct {
	ID string `json:"id"`
}

// Kind names the job.
func (Read) Kind() string { return "mailroom.read" }

// rememberedFor is how long rows of mails are kept to know them again.
const rememberedFor = 400 * 24 * time.Hour

// poll takes new mails down: a row and a job each, in one transaction. A mail
// whose number is above all that were seen is new, whoever has opened it; in a
// mailbox that is new or was rebuilt, those count that nobody has opened.
func (s *Service) poll(ctx context.Context, _ Poll) error {
	box, err := s.visit(ctx)
	if errors.Is(err, errRests) {
		return nil
	}
	if err != nil {
		return err
	}
	defer box.close()
	var last int64
	err = s.DB.From(ctx).Raw("SELECT COALESCE(max(uid), 0) FROM inbound_mails WHERE box = ? AND uid_validity = ?", s.Box.key, int64(box.validity)).Scan(&last).Error
	if err != nil {
		return fmt.Errorf("read which mails are known: %w", db.Fault(err, "", ""))
	}
	list, err := box.after(uint32(last), pollMost)
	if err != nil {
		return err
	}
	now := s.Now().UTC()
	return s.DB.Tx(ctx, func(ctx context.Context) error {
		for _, m := range list {
			id := db.NewID(now)
			res := s.DB.From(ctx).Exec(`INSERT INTO inbound_mails (id, box, uid_validity, uid, size, state, found_at) VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
				id, s.Box.key, int64(box.validity), int64(m.uid), m.size, Waiting, now)
			if res.Error != nil {
				return fmt.Errorf("take a mail down: %w", res.Error)
			}
			if res.RowsAffected == 0 {
				continue
			}
			if err := s.add(ctx, id); err != nil {
				return err
			}
		}
		failing, err := s.looked(ctx)
		if err != nil {
			return err
		}
		if failing {
			if err := s.addAgain(ctx); err != nil {
				return err
			}
		}
		err = s.DB.From(ctx).Exec("DELETE FROM inbound_mails WHERE found_at < ? AND state <> ? AND uid < ?", now.Add(-rememberedFor), Waiting, last).Error
		if err != nil {
			return fmt.Errorf("forget old mails: %w", err)
		}
		return nil
	})
}

// add has a mail read, once at a time.
func (s *Service) add(ctx context.Context, id string) error {
	return s.Jobs.Add(ctx, Read{ID: id}, jobs.On(jobs.QueueMail), jobs.Unique(id))
}

// addAgain has the mails read that wait still when a mailbox is back: some of
// their jobs may have died of trying.
func (s *Service) addAgain(ctx context.Context) error {
	var ids []string
	if err := s.DB.From(ctx).Raw("SELECT id FROM inbound_mails WHERE state = ? AND box = ? ORDER BY id", Waiting, s.Box.key).Scan(&ids).Error; err != nil {
		return fmt.Errorf("find the mails that wait: %w", db.Fault(err, "", ""))
	}
	for _, id := range ids {
		if err := s.add(ctx, id); err != nil {
			return err
		}
	}
	return nil
}
