package mailroom

import (
	"context"
	"errors"
	"fmt"
	"time"

	"minqing/internal/db"
)

// Health is how the last looks into the mailbox went.
type Health struct {
	Address      string
	LookedAt     *time.Time // that went well; nil when none did
	FailingSince *time.Time // nil when the last one went well
	Problem      Problem
	Tries        int
	NextAt       *time.Time
}

// Health tells whoever keeps the portal running of the mailbox.
func (s *Service) Health(ctx context.Context) (Health, error) {
	h := Health{}
	err := s.DB.From(ctx).Raw("SELECT looked_at, failing_since, problem, tries, next_at FROM mailboxes WHERE box = ?", s.Box.key).Scan(&h).Error
	if err != nil {
		return Health{}, fmt.Errorf("read how the mailbox is: %w", db.Fault(err, "", ""))
	}
	h.Address = s.Box.Address
	return h, nil
}

// errRests ends a try while a mailbox that failed is left alone.
var errRests = errors.New("the mailbox failed; it is tried again later")

// visit opens the mailbox, unless it failed a moment ago, and notes how that
// went. A server that is gone holds up no worker, and is asked ever more rarely,
// but so often that its return is soon seen.
func (s *Service) visit(ctx context.Context) (*session, error) {
	h, err := s.Health(ctx)
	if err != nil {
		return nil, err
	}
	now := s.Now().UTC()
	if h.NextAt != nil && now.Before(*h.NextAt) {
		return nil, errRests
	}
	box, err := s.Box.open(ctx)
	if err == nil {
		return box, nil
	}
	h.Tries++
	rest := now.Add(restAfter(h.Tries))
	noting, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	noted := s.DB.Tx(noting, func(ctx context.Context) error {
		return s.DB.From(ctx).Exec(`INSERT INTO mailboxes (box, failing_since, tries, problem, next_at) VALUES (?, ?, ?, ?, ?)
 ON CONFLICT (box) DO UPDATE SET failing_since = COALESCE(mailboxes.failing_since, excluded.failing_since), tries = excluded.tries,
 problem = excluded.problem, next_at = excluded.next_at`, s.Box.key, now, h.Tries, problemOf(err), rest).Error
	})
	return nil, errors.Join(err, noted)
}

// restMost is the longest that a mailbox which failed is left alone.
const restMost = 5 * time.Minute

func restAfter(tries int) time.Duration {
	rest := 30 * time.Second
	for ; tries > 1 && rest < restMost; tries-- {
		rest *= 2
	}
	return min(rest, restMost)
}

// looked notes in the open transaction that the mailbox could be looked into.
// It says whether it was failing before.
func (s *Service) looked(ctx context.Context) (failing bool, err error) {
	h, err := s.Health(ctx)
	if err != nil {
		return false, err
	}
	err = s.DB.From(ctx).Exec(`INSERT INTO mailboxes (box, looked_at) VALUES (?, ?)
 ON CONFLICT (box) DO UPDATE SET looked_at = excluded.looked_at, failing_since = NULL, tries = 0, problem = '', next_at = NULL`, s.Box.key, s.Now().UTC()).Error
	if err != nil {
		return false, fmt.Errorf("note that the mailbox was looked into: %w", db.Fault(err, "", ""))
	}
	return h.FailingSince != nil, nil
}
