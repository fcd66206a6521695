package voices

import (
	"context"
	"fmt"
	"slices"
	"time"

	"minqing/internal/cases"
	"minqing/internal/db"
	"minqing/internal/fault"
	"minqing/internal/jobs"
	"minqing/internal/notify"
)

// News is the job that tells those who follow a published case of one step.
type News struct {
	CaseID string      `json:"case_id"`
	Cause  string      `json:"cause"`
	Of     notify.Kind `json:"of"`
}

// Kind names the job.
func (News) Kind() string { return "voices.news" }

// Sweeping is the job that forgets who follows no more.
type Sweeping struct{}

// Kind names the job.
func (Sweeping) Kind() string { return "voices.sweep" }

// Register has the queue tell who follows, and forget them in time.
func (s *Service) Register(q *jobs.Queue) {
	jobs.Work(q, func(ctx context.Context, n News) error { return s.TellFollowers(ctx, n.CaseID, n.Of, n.Cause) })
	jobs.Work(q, func(ctx context.Context, _ Sweeping) error { return s.Sweep(ctx) })
	q.Every(time.Hour, Sweeping{})
}

// atOnce is how many rows one statement reads.
const atOnce = 200

// steps are the acts that those hear of who follow.
var steps = map[cases.Action]notify.Kind{cases.ActConclude: notify.FollowConcluded, cases.ActReopen: notify.FollowReopened,
	cases.ActRework: notify.FollowReopened, cases.ActDecideAppeal: notify.FollowReopened}

// Stepped tells those who follow a case of an act on it, where it is one for them.
func (s *Service) Stepped(ctx context.Context, t cases.Told) error {
	kind, ok := steps[t.Action]
	if !ok {
		return nil
	}
	return s.TellFollowers(ctx, t.CaseID, kind, t.EventID)
}

// TellFollowers notes a mail to each who follows a case. It may be repeated.
func (s *Service) TellFollowers(ctx context.Context, caseID string, kind notify.Kind, cause string) error {
	of, err := s.followed(ctx, caseID)
	if err != nil || of == nil || s.Tell == nil {
		return err
	}
	if of.Open == (kind == notify.FollowReopened) {
		return nil // it moved on meanwhile, or an appeal was not upheld: nothing was reopened
	}
	after := ""
	for {
		var ids []string
		where, args := "case_id = ? AND confirmed_at IS NOT NULL AND bounced_at IS NULL", []any{caseID}
		if after != "" {
			where, args = where+" AND id > ?", append(args, after)
		}
		if err := s.DB.From(ctx).Raw("SELECT id FROM voice_follows WHERE "+where+" ORDER BY id LIMIT ?", append(args, atOnce)...).Scan(&ids).Error; err != nil {
			return fmt.Errorf("list who follows: %w", db.Fault(err, "", ""))
		}
		for _, id := range ids {
			if err := s.tellOne(ctx, kind, id, cause); err != nil {
				return err
			}
		}
		if len(ids) < atOnce {
			return nil
		}
		after = ids[len(ids)-1]
	}
}

func (s *Service) tellOne(ctx context.Context, kind notify.Kind, id, cause string) error {
	if s.Tell == nil {
		return nil
	}
	return s.Tell(ctx, notify.Telling{Kind: kind, About: id, Cause: cause})
}

// followed is what is published of a case, out of sight or not, with Open saying
// that it is in sight; nil when it is published no more, or its matter is sensitive.
func (s *Service) followed(ctx context.Context, caseID string) (*Voice, error) {
	var list []Voice
	err := s.DB.From(ctx).Raw(`SELECT v.id, v.title, v.matter_id, c.concluded_at IS NOT NULL AS open FROM voices v JOIN cases c ON c.id = v.case_id
 WHERE v.case_id = ? AND v.state = 'published' AND c.frozen_at IS NULL`, caseID).Scan(&list).Error
	if err != nil {
		return nil, fmt.Errorf("read what is followed: %w", db.Fault(err, "", ""))
	}
	if len(list) == 0 {
		return nil, nil //nolint:nilnil // withdrawn
	}
	snap, err := s.Catalogue.Snapshot(ctx)
	if err != nil {
		return nil, err
	}
	if id := list[0].MatterID; id != nil {
		if m, err := snap.Matter(*id); err != nil || m.Sensitive {
			return nil, nil //nolint:nilnil,nilerr // out of sight for good
		}
	}
	return &list[0], nil
}

// Follower says where a mail goes and what it may say, for notify.Followers.
func (s *Service) Follower(ctx context.Context, k notify.Kind, id string) (notify.Follower, error) {
	gone := fault.New(fault.NotFound, "voices.follow.link")
	var list []following
	if err := s.DB.From(ctx).Where("id = ? AND bounced_at IS NULL", id).Find(&list).Error; err != nil {
		return notify.Follower{}, fmt.Errorf("read who follows: %w", db.Fault(err, "", ""))
	}
	if len(list) == 0 {
		return notify.Follower{}, gone
	}
	f := &list[0]
	if k == notify.FollowConfirm && !f.waits(s.Now().UTC()) || k != notify.FollowConfirm && f.ConfirmedAt == nil {
		return notify.Follower{}, gone
	}
	of, err := s.followed(ctx, f.CaseID)
	if err != nil {
		return notify.Follower{}, err
	}
	if of == nil {
		return notify.Follower{}, gone
	}
	address, err := s.Vault.Open(ctx, purposeFollow, f.AddressCipher)
	if err != nil {
		return notify.Follower{}, fmt.Errorf("open the address of who follows: %w", err)
	}
	out := notify.Follower{Locale: f.Locale, Mail: string(address), VaultKeyID: f.VaultKeyID, Title: of.Title}
	switch {
	case k == notify.FollowConfirm:
		out.LinkPath = "/voices/follow/" + s.token(f, purposeConfirm)
	default:
		out.StopPath = "/voices/stop/" + s.token(f, purposeStop)
		if of.Open {
			out.LinkPath = "/voices/" + of.ID
		}
	}
	return out, nil
}

// FollowerBounced notes that no mail gets through to an address: it is deleted,
// and its keyed hash keeps others from writing there for a while.
func (s *Service) FollowerBounced(ctx context.Context, id string) error {
	return s.DB.Tx(ctx, func(ctx context.Context) error {
		var list []following
		if err := s.DB.From(ctx).Where("id = ? AND bounced_at IS NULL", id).Find(&list).Error; err != nil {
			return fmt.Errorf("find who follows: %w", db.Fault(err, "", ""))
		}
		for _, f := range list {
			if err := s.Vault.Destroy(ctx, f.VaultKeyID); err != nil {
				return err
			}
			err := s.DB.From(ctx).Exec("UPDATE voice_follows SET bounced_at = ?, address_cipher = ?, version = version + 1 WHERE id = ?", s.Now().UTC(), []byte{}, f.ID).Error
			if err != nil {
				return fmt.Errorf("note that mails come back: %w", db.Fault(err, "", ""))
			}
		}
		return nil
	})
}

// Sweep forgets addresses that nobody proved in time, those that came back some
// time ago, and those of cases that are closed for good.
func (s *Service) Sweep(ctx context.Context) error {
	now := s.Now().UTC()
	over := slices.DeleteFunc(slices.Clone(cases.Ends), func(st cases.Status) bool { return st == cases.Concluded })
	for _, one := range []struct {
		where string
		args  []any
	}{
		{"confirmed_at IS NULL AND bounced_at IS NULL AND asked_at <= ?", []any{now.Add(-confirmLife)}},
		{"bounced_at <= ?", []any{now.Add(-bouncedLife)}},
		{"case_id IN (SELECT id FROM cases WHERE status IN ? AND updated_at <= ? AND id IN (SELECT case_id FROM voice_follows))", []any{over, now.Add(-closedFollow)}},
	} {
		err := s.DB.Tx(ctx, func(ctx context.Context) error { return s.endWhere(ctx, one.where, one.args...) })
		if err != nil {
			return err
		}
	}
	return nil
}

// endWhere ends following for all rows of a condition.
func (s *Service) endWhere(ctx context.Context, where string, args ...any) error {
	for {
		var list []following
		if err := s.DB.From(ctx).Where(where, args...).Order("id").Limit(atOnce).Find(&list).Error; err != nil {
			return fmt.Errorf("find who follows no more: %w", db.Fault(err, "", ""))
		}
		if len(list) == 0 {
			return nil
		}
		if err := s.end(ctx, list); err != nil {
			return err
		}
	}
}

// end deletes rows and the keys of their addresses, so that messages that wait
// are not sent and the log of sent ones tells no address.
func (s *Service) end(ctx context.Context, list []following) error {
	for _, f := range list {
		if err := s.DB.From(ctx).Exec("DELETE FROM voice_follows WHERE id = ?", f.ID).Error; err != nil {
			return fmt.Errorf("forget who follows: %w", db.Fault(err, "", ""))
		}
		if err := s.Vault.Destroy(ctx, f.VaultKeyID); err != nil {
			return err
		}
	}
	return nil
}
