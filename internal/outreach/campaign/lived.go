package campaign

import (
	"context"
	"time"
)

// Past is how a campaign went that was over before its database began: when it
// began, who approved it, and the share of each side that took up what was offered.
type Past struct {
	ApproverID string
	BeganAt    time.Time
	ToldTook   float64
	HeldTook   float64
	Unreached  float64 // the share of those to be told who had no address
}

// Lived makes of a draft a campaign that is over, for cities that are loaded with
// their past. Who was told, who took it up and who could not be reached follows by
// lot from campaign and person, so that it is the same at each load.
func (s *Service) Lived(ctx context.Context, id string, p Past) error {
	c, err := s.Get(ctx, id)
	if err != nil {
		return err
	}
	ends := p.BeganAt.AddDate(0, 0, c.WindowDays)
	return s.DB.Tx(ctx, func(ctx context.Context) error {
		n, err := s.assign(ctx, c)
		if err != nil {
			return err
		}
		_, err = s.exec(ctx, "keep a campaign of the past", `UPDATE campaigns SET state = 'done', approver_id = ?, targeted = ?, asked_at = ?, approved_at = ?, started_at = ?, window_ends_at = ?, ended_at = ?, counted_at = ?
 WHERE id = ? AND state = 'draft'`, p.ApproverID, n, p.BeganAt, p.BeganAt, p.BeganAt, ends, ends, ends, id)
		if err != nil {
			return err
		}
		var rows []assigned
		if err := s.DB.From(ctx).Raw("SELECT constituent_id, status FROM campaign_assignments WHERE campaign_id = ? ORDER BY constituent_id", id).Scan(&rows).Error; err != nil {
			return fail("read whom a campaign is for", err)
		}
		for _, r := range rows {
			if err := s.lived(ctx, c, r, p); err != nil {
				return err
			}
		}
		return nil
	})
}

func (s *Service) lived(ctx context.Context, c *Campaign, r assigned, p Past) error {
	took, status, reason, queued := p.HeldTook, Kept, "", (*time.Time)(nil)
	if r.Status == Waiting {
		took, status, queued = p.ToldTook, Sent, &p.BeganAt
		if lot(c.ID+"|reached", r.ConstituentID) < p.Unreached {
			status, reason, queued = Skipped, SkipUnreachable, nil
		}
	}
	var taken *time.Time
	if lot(c.ID+"|took", r.ConstituentID) < took {
		at := p.BeganAt.Add(time.Duration(float64(c.WindowDays) * 24 * lot(c.ID+"|when", r.ConstituentID) * float64(time.Hour)))
		taken = &at
	}
	_, err := s.exec(ctx, "keep what came of a campaign", "UPDATE campaign_assignments SET status = ?, reason = ?, queued_at = ?, taken_at = ? WHERE campaign_id = ? AND constituent_id = ?",
		status, reason, queued, taken, c.ID, r.ConstituentID)
	return err
}
