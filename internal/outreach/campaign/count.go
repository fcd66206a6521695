package campaign

import (
	"context"
	"slices"
	"time"
)

// count notes now and then who took up what was offered, until the window is over.
func (s *Service) count(ctx context.Context, c *Campaign) error {
	now := s.moment()
	switch {
	case c.State == Done, c.CountedAt != nil && !c.CountedAt.Before(*c.WindowEndsAt), c.CountedAt != nil && now.Sub(*c.CountedAt) < countEvery && now.Before(*c.WindowEndsAt):
		return nil
	}
	return s.countNow(ctx, c)
}

// countNow counts anew, never on top: who of the members asked for the matter
// within the window, under whichever of their records, and which rows are the same
// person since records were merged or parted.
func (s *Service) countNow(ctx context.Context, c *Campaign) error {
	now := s.moment()
	return s.DB.Tx(ctx, func(ctx context.Context) error {
		if _, err := s.exec(ctx, "hold a campaign", "UPDATE campaigns SET counted_at = ? WHERE id = ?", now, c.ID); err != nil {
			return err
		}
		merged, err := s.same(ctx, c)
		if err != nil {
			return err
		}
		c.CountedAt = &now
		if c.MatterID == nil {
			return nil
		}
		takers, err := s.takers(ctx, c)
		if err != nil {
			return err
		}
		for head, rows := range merged {
			if at, took := takers[head]; took {
				for _, row := range rows {
					takers[row] = at
				}
			}
		}
		return s.note(ctx, c, takers)
	})
}

// assigned is a row of the campaign.
type assigned struct {
	ConstituentID string
	Status        Status
	DeliveryID    *string
	TakenAt       *time.Time
}

// same finds the rows whose record was merged since, notes which row stands for
// each person, and gives them by the record that stands for the person now.
func (s *Service) same(ctx context.Context, c *Campaign) (map[string][]string, error) {
	if _, err := s.exec(ctx, "part what was parted again", "UPDATE campaign_assignments SET same_as = NULL WHERE campaign_id = ? AND same_as IS NOT NULL", c.ID); err != nil {
		return nil, err
	}
	var moved []struct{ ConstituentID, HeadID string }
	err := s.DB.From(ctx).Raw(`SELECT a.constituent_id, x.head_id FROM campaign_assignments a JOIN constituents x ON x.id = a.constituent_id
 WHERE a.campaign_id = ? AND x.head_id IS NOT NULL ORDER BY a.constituent_id`, c.ID).Scan(&moved).Error
	if err != nil {
		return nil, fail("find who was merged", err)
	}
	of := map[string][]string{}
	for _, m := range moved {
		of[m.HeadID] = append(of[m.HeadID], m.ConstituentID)
	}
	for head, ids := range of {
		var rows []assigned
		err := s.DB.From(ctx).Raw("SELECT constituent_id, status, delivery_id, taken_at FROM campaign_assignments WHERE campaign_id = ? AND constituent_id IN ? ORDER BY constituent_id",
			c.ID, append(slices.Clone(ids), head)).Scan(&rows).Error
		if err != nil {
			return nil, fail("find the same person", err)
		}
		stands := standing(rows)
		for _, r := range rows {
			if r.ConstituentID == stands {
				continue
			}
			if _, err := s.exec(ctx, "note the same person", "UPDATE campaign_assignments SET same_as = ? WHERE campaign_id = ? AND constituent_id = ?", stands, c.ID, r.ConstituentID); err != nil {
				return nil, err
			}
		}
	}
	return of, nil
}

// standing is the row that stands for a person with several: the one that was
// written to, else one that is held back, else the first.
func standing(rows []assigned) string {
	for _, fits := range []func(assigned) bool{
		func(r assigned) bool { return r.DeliveryID != nil },
		func(r assigned) bool { return r.Status == Kept },
		func(r assigned) bool { return r.Status != Skipped },
		func(assigned) bool { return true },
	} {
		if i := slices.IndexFunc(rows, fits); i >= 0 {
			return rows[i].ConstituentID
		}
	}
	return ""
}

// takers are those of the campaign who asked for the matter within the window and since
// when, by the record that stands for them. What was filed in confidence tells nothing.
func (s *Service) takers(ctx context.Context, c *Campaign) (map[string]time.Time, error) {
	var rows []struct {
		HeadID     string
		ReceivedAt time.Time
	}
	err := s.DB.From(ctx).Raw(`SELECT COALESCE(x.head_id, x.id) AS head_id, k.received_at FROM cases k JOIN case_parties p ON p.case_id = k.id JOIN constituents x ON x.id = p.constituent_id
 WHERE k.matter_id = ? AND k.received_at >= ? AND k.received_at < ? AND k.confidentiality = 'normal' AND p.role IN ('requester', 'beneficiary')
 AND COALESCE(x.head_id, x.id) IN (SELECT COALESCE(y.head_id, y.id) FROM campaign_assignments a JOIN constituents y ON y.id = a.constituent_id WHERE a.campaign_id = ?)
 ORDER BY k.received_at, p.constituent_id`, *c.MatterID, *c.StartedAt, *c.WindowEndsAt, c.ID).Scan(&rows).Error
	if err != nil {
		return nil, fail("find who took up what was offered", err)
	}
	took := map[string]time.Time{}
	for _, r := range rows {
		if _, known := took[r.HeadID]; !known { // the first counts
			took[r.HeadID] = r.ReceivedAt.UTC()
		}
	}
	return took, nil
}

// note writes down who took it up, and takes back whom it was written of wrongly.
func (s *Service) note(ctx context.Context, c *Campaign, took map[string]time.Time) error {
	var rows []assigned
	err := s.DB.From(ctx).Raw("SELECT constituent_id, taken_at FROM campaign_assignments WHERE campaign_id = ? AND taken_at IS NOT NULL", c.ID).Scan(&rows).Error
	if err != nil {
		return fail("read who took it up", err)
	}
	for _, r := range rows {
		if at, still := took[r.ConstituentID]; still && at.Equal(*r.TakenAt) {
			delete(took, r.ConstituentID) // nothing to write
			continue
		} else if still {
			continue
		}
		if _, err := s.exec(ctx, "note who took it up", "UPDATE campaign_assignments SET taken_at = NULL WHERE campaign_id = ? AND constituent_id = ?", c.ID, r.ConstituentID); err != nil {
			return err
		}
	}
	for id, at := range took {
		if _, err := s.exec(ctx, "note who took it up", "UPDATE campaign_assignments SET taken_at = ? WHERE campaign_id = ? AND constituent_id = ?", at, c.ID, id); err != nil {
			return err
		}
	}
	return nil
}
