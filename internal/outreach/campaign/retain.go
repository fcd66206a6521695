package campaign

import (
	"context"
	"encoding/json"
	"time"

	"minqing/internal/notify"
)

// Old lists campaigns that were over before a time and still know their members.
func (s *Service) Old(ctx context.Context, before time.Time, after string, most int) (ids []string, err error) {
	err = s.DB.From(ctx).Raw(`SELECT id FROM campaigns WHERE id > ? AND state IN ('stopped', 'done') AND ended_at < ? AND result IS NULL ORDER BY id LIMIT ?`, after, before.UTC(), most).Scan(&ids).Error
	if err != nil {
		return nil, fail("find old campaigns", err)
	}
	return ids, nil
}

// Forget keeps the figures of a campaign that is over, and lets go whom they are
// of. It says whether this call did, of two at once.
func (s *Service) Forget(ctx context.Context, id string) (went bool, err error) {
	err = s.DB.Tx(ctx, func(ctx context.Context) error {
		held, err := s.exec(ctx, "hold a campaign", "UPDATE campaigns SET targeted = targeted WHERE id = ? AND result IS NULL AND state IN ('stopped', 'done')", id)
		if err != nil || held == 0 {
			return err
		}
		c, err := s.load(ctx, id)
		if err != nil {
			return err
		}
		r, err := s.Result(ctx, c)
		if err != nil {
			return err
		}
		kept, err := json.Marshal(r)
		if err != nil {
			return err
		}
		if _, err := s.exec(ctx, "keep the figures of a campaign", "UPDATE campaigns SET result = ? WHERE id = ?", string(kept), id); err != nil {
			return err
		}
		_, err = s.exec(ctx, "let the members of a campaign go", "DELETE FROM campaign_assignments WHERE campaign_id = ?", id)
		went = err == nil
		return err
	})
	return went, err
}

// forgotten are the results that were kept of campaigns whose members went, by the
// campaigns' ids. What was kept before it was noted to whom a message went is taken
// from what became of the messages.
func (s *Service) forgotten(ctx context.Context, ids []string) (map[string]*Result, error) {
	var kept []struct{ ID, Result string }
	if err := s.DB.From(ctx).Raw("SELECT id, CAST(result AS TEXT) AS result FROM campaigns WHERE id IN ? AND result IS NOT NULL", ids).Scan(&kept).Error; err != nil {
		return nil, fail("read the figures of campaigns", err)
	}
	out := make(map[string]*Result, len(ids))
	for _, k := range kept {
		r := &Result{Ways: []Way{}}
		if err := json.Unmarshal([]byte(k.Result), r); err != nil {
			return nil, fail("read the figures of campaigns", err)
		}
		r.Wrote = max(r.Wrote, r.Delivered+r.Laid+r.Failed+r.Uncertain)
		out[k.ID] = r
	}
	return out, nil
}

// Membership is what a campaign was to one of its members.
type Membership struct {
	Campaign
	Arm          Arm
	Status       Status
	Reason       string
	Channel      *notify.Channel
	QueuedAt     *time.Time
	OpenedAt     *time.Time // in the portal
	TakenAt      *time.Time
	RefusedAt    *time.Time
	ComplainedAt *time.Time
}

// Of lists the campaigns that people were in, for nobody but themselves, the newest
// first.
func (s *Service) Of(ctx context.Context, ids []string) (list []Membership, err error) {
	err = s.DB.Reader(ctx).Raw(`SELECT k.id, k.name, k.purpose, k.basis, k.basis_text, k.approved_at, a.arm, a.status, a.reason, a.channel, a.queued_at, a.opened_at, a.taken_at, a.refused_at, a.complained_at
 FROM campaign_assignments a JOIN campaigns k ON k.id = a.campaign_id WHERE a.constituent_id IN ? ORDER BY k.approved_at DESC, k.id, a.constituent_id`, ids).Scan(&list).Error
	if err != nil {
		return nil, fail("list the campaigns of somebody", err)
	}
	return list, nil
}
