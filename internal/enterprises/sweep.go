package enterprises

import (
	"context"
	"fmt"
	"time"

	"minqing/internal/db"
	"minqing/internal/fault"
	"minqing/internal/jobs"
	"minqing/internal/notify"
)

// Sweeping is the job that ends what lapsed: it counts no more from its day on in
// any case; the job brings the relations along and forgets addresses.
type Sweeping struct{}

// Kind names the job.
func (Sweeping) Kind() string { return "enterprises.sweep" }

// Register has the queue end what lapsed.
func (s *Service) Register(q *jobs.Queue) {
	jobs.Work(q, func(ctx context.Context, _ Sweeping) error { return s.Sweep(ctx) })
	q.Every(time.Hour, Sweeping{})
}

const atOnce = 200

// Sweep ends claims, invitations and authorities that lapsed.
func (s *Service) Sweep(ctx context.Context) error {
	now := s.Now().UTC()
	err := each(ctx, s, lapsed{"state = 'open' AND expires_at <= ?", now}, func(ctx context.Context, c *Claim) error { return s.close(ctx, c, "lapsed", "") })
	if err != nil {
		return err
	}
	err = each(ctx, s, lapsed{"state = 'open' AND expires_at <= ?", now}, func(ctx context.Context, v *Invitation) error {
		v.ExpiresAt = now.Add(time.Minute) // so that it can be answered as lapsed
		return s.answer(ctx, v, "lapsed")
	})
	if err != nil {
		return err
	}
	return each(ctx, s, lapsed{"ended_at IS NULL AND valid_until < ?", s.today()}, func(ctx context.Context, a *Agent) error {
		if err := s.endAgent(ctx, a); err != nil || s.Left == nil {
			return err
		}
		return s.Left(ctx, a.EnterpriseID)
	})
}

// lapsed is which rows are over: a condition on one moment or day.
type lapsed struct {
	where string
	at    any
}

// each does something to rows until none is left, each in a transaction of its own.
// What somebody else ended meanwhile is done.
func each[T any](ctx context.Context, s *Service, over lapsed, do func(context.Context, *T) error) error {
	for {
		var rows []T
		if err := s.DB.From(ctx).Where(over.where, over.at).Order("id").Limit(atOnce).Find(&rows).Error; err != nil {
			return fmt.Errorf("read what lapsed: %w", db.Fault(err, "", ""))
		}
		for i := range rows {
			err := s.DB.Tx(ctx, func(ctx context.Context) error { return do(ctx, &rows[i]) })
			if err != nil && fault.KindOf(err) != fault.Conflict {
				return err
			}
		}
		if len(rows) < atOnce {
			return nil
		}
	}
}

// Letter says where a mail goes and what it says, for notify.Followers.
func (s *Service) Letter(ctx context.Context, k notify.Kind, id string) (notify.Follower, error) {
	gone := fault.New(fault.NotFound, "enterprises.missing")
	var out notify.Follower
	var sealed []byte
	switch k {
	case notify.EnterpriseInvite:
		v, err := s.invitation(ctx, id)
		if err != nil {
			return out, err
		}
		if v.State != "open" || !s.Now().Before(v.ExpiresAt) {
			return out, gone
		}
		names, err := s.Names(ctx, v.EnterpriseID)
		if err != nil {
			return out, err
		}
		sealed = v.AddressCipher
		out = notify.Follower{Locale: v.Locale, VaultKeyID: v.VaultKeyID, Title: names[v.EnterpriseID], LinkPath: s.Link(v)}
	case notify.EnterpriseProof:
		var list []Claim
		if err := s.DB.From(ctx).Where("id = ? AND way = 'code' AND state = 'open' AND expires_at > ?", id, s.Now().UTC()).Find(&list).Error; err != nil {
			return out, fmt.Errorf("read a claim: %w", db.Fault(err, "", ""))
		}
		if len(list) == 0 || list[0].VaultKeyID == nil {
			return out, gone
		}
		c := &list[0]
		code := s.codeOf(c)
		sealed = c.AddressCipher
		out = notify.Follower{Locale: c.Locale, VaultKeyID: *c.VaultKeyID, Title: c.Name, Code: code[:4] + "-" + code[4:]}
	default:
		return out, gone
	}
	mail, err := s.Vault.Open(ctx, purposeAddress, sealed)
	out.Mail = string(mail)
	return out, err
}
