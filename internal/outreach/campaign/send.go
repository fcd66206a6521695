package campaign

import (
	"context"
	"time"

	"minqing/internal/fault"
	"minqing/internal/notify"
	"minqing/internal/outreach"
)

// wakeOf is when people may be written to again; zero when they may now.
func (s *Service) wakeOf(c *Campaign) time.Time {
	if c.Basis == outreach.Urgent {
		return time.Time{}
	}
	return wake(s.Now().In(s.Zone))
}

// release writes to as many as may be written to this minute.
func (s *Service) release(ctx context.Context, c *Campaign, delayedOnly bool) error {
	if c.State != Running {
		return nil
	}
	texts, err := s.Texts(ctx, c.ID)
	if err != nil || texts.rings() && !s.wakeOf(c).IsZero() {
		return err
	}
	most, err := s.room(ctx, c)
	if err != nil || most == 0 {
		return err
	}
	var ids []string
	only := ""
	if delayedOnly {
		only = " AND arm = 'delayed'"
	}
	err = s.DB.From(ctx).Raw("SELECT constituent_id FROM campaign_assignments WHERE campaign_id = ? AND status = 'waiting' AND (again_at IS NULL OR again_at <= ?)"+only+" ORDER BY constituent_id LIMIT ?",
		c.ID, s.moment(), most*skipsFor).Scan(&ids).Error
	if err != nil {
		return fail("find whom to write to", err)
	}
	for _, id := range ids {
		sent, err := s.one(ctx, c, texts, id)
		if err != nil {
			return err
		}
		if sent {
			if most--; most == 0 {
				return nil
			}
		}
	}
	return nil
}

// room is how many more may be written to now.
func (s *Service) room(ctx context.Context, c *Campaign) (int, error) {
	now := s.moment()
	var n struct{ LastHour, LastMinute, Outstanding int }
	err := s.DB.From(ctx).Raw(`SELECT (SELECT COUNT(*) FROM campaign_assignments WHERE campaign_id = ? AND queued_at > ?) AS last_hour,
 (SELECT COUNT(*) FROM campaign_assignments WHERE campaign_id = ? AND queued_at > ?) AS last_minute,
 (SELECT COUNT(*) FROM campaign_assignments WHERE campaign_id = ? AND status = 'queued') AS outstanding`, c.ID, now.Add(-time.Hour), c.ID, now.Add(-time.Minute), c.ID).Scan(&n).Error
	if err != nil {
		return 0, fail("count what was sent of late", err)
	}
	return quota(c.PerHour, n.LastHour, n.LastMinute, n.Outstanding), nil
}

// skipsFor is how many more are looked at than may be written to, for those among
// them who are skipped.
const skipsFor = 4

// one decides on one member, in a transaction of its own: writes to them by the
// first channel that is open, or notes why not.
func (s *Service) one(ctx context.Context, c *Campaign, texts MessagesBy, id string) (sent bool, err error) {
	err = s.DB.Tx(ctx, func(ctx context.Context) error {
		if still, err := s.exec(ctx, "hold a campaign", "UPDATE campaigns SET state = state WHERE id = ? AND state = 'running'", c.ID); err != nil || still == 0 {
			return err // somebody stopped it
		}
		if room, err := s.room(ctx, c); err != nil || room == 0 { // another process is at it too
			return err
		}
		head, err := s.Constituents.Hold(ctx, id) // nobody merges them meanwhile
		if err != nil {
			if fault.KindOf(err) == fault.NotFound {
				return s.skip(ctx, c, id, SkipErased)
			}
			return err
		}
		family, err := s.Constituents.Whole(ctx, head)
		if err != nil {
			return err
		}
		if stands, err := s.standsElsewhere(ctx, c, id, family); err != nil || stands {
			if err == nil {
				err = s.skip(ctx, c, id, SkipMerged)
			}
			return err
		}
		if wait, err := s.cap(ctx, c, family); err != nil || !wait.IsZero() {
			if err == nil {
				err = s.wait(ctx, c, id, wait)
			}
			return err
		}
		w, why, err := s.way(ctx, c, texts, family)
		if err != nil {
			return err
		}
		if why != "" {
			return s.skip(ctx, c, id, why)
		}
		sent = true
		return s.invite(ctx, c, id, w)
	})
	return sent && err == nil, err
}

// standsElsewhere says whether another row of the campaign is the same person, and
// goes first: who was written to already, then who is held back, then the first.
func (s *Service) standsElsewhere(ctx context.Context, c *Campaign, id string, family []string) (bool, error) {
	if len(family) == 1 {
		return false, nil
	}
	var n int64
	err := s.DB.From(ctx).Raw(`SELECT COUNT(*) FROM campaign_assignments WHERE campaign_id = ? AND constituent_id IN ? AND constituent_id <> ?
 AND (delivery_id IS NOT NULL OR status = 'kept' OR status = 'waiting' AND constituent_id < ?)`, c.ID, family, id, id).Scan(&n).Error
	if err != nil {
		return false, fail("look for the same person", err)
	}
	return n > 0, nil
}

// cap is until when a person is left in peace. Danger to life is told anyway.
func (s *Service) cap(ctx context.Context, c *Campaign, family []string) (time.Time, error) {
	if c.Basis == outreach.Urgent {
		return time.Time{}, nil
	}
	var got []time.Time
	now := s.moment()
	err := s.DB.From(ctx).Raw("SELECT queued_at FROM campaign_assignments WHERE constituent_id IN ? AND queued_at > ? AND status IN ('queued', 'sent', 'uncertain')", family, now.AddDate(0, 0, -CapDays)).Scan(&got).Error
	if err != nil {
		return time.Time{}, fail("count what somebody got of late", err)
	}
	return capped(got, now), nil
}

// wait puts somebody off until a time, or for good where that is too late. For those
// who are told later by design it never is.
func (s *Service) wait(ctx context.Context, c *Campaign, id string, until time.Time) error {
	if !s.windowOver(c) && !until.Before(*c.WindowEndsAt) {
		return s.skip(ctx, c, id, SkipCapped)
	}
	_, err := s.exec(ctx, "let somebody wait", "UPDATE campaign_assignments SET again_at = ?, reason = ? WHERE campaign_id = ? AND constituent_id = ? AND status = 'waiting'", until.UTC(), SkipCapped, c.ID, id)
	return err
}

func (s *Service) skip(ctx context.Context, c *Campaign, id, why string) error {
	_, err := s.exec(ctx, "note why somebody is not written to", "UPDATE campaign_assignments SET status = 'skipped', reason = ? WHERE campaign_id = ? AND constituent_id = ? AND status = 'waiting'", why, c.ID, id)
	return err
}

// channels are the ways in the order in which they are tried: a mail costs nothing
// and can be read in peace. Those who read the portal find it there besides.
var channels = []notify.Channel{notify.Mail, notify.SMS, notify.InApp}

// ways is how somebody is told: by a message that leaves the house, under which of
// their records, and in the portal, under which; one of the two may be empty.
type ways struct {
	by     notify.Channel
	to     string
	portal string
}

// way finds how somebody is told: by the first channel that is open, and in the
// portal besides where they read it and there are words for it; or why not at all.
func (s *Service) way(ctx context.Context, c *Campaign, texts MessagesBy, family []string) (w ways, why string, err error) {
	why = SkipNoWay
	for _, by := range channels {
		if w.to != "" && by != notify.InApp {
			continue
		}
		to, no, err := s.reached(ctx, c, texts, family, by)
		if err != nil {
			return w, "", err
		}
		switch {
		case to != "" && by == notify.InApp:
			w.portal = to
		case to != "":
			w.by, w.to = by, to
		case why == SkipNoWay, why == SkipUnreachable && no != SkipNoWay: // what somebody said counts before what we lack
			why = no
		}
	}
	if w.to != "" || w.portal != "" {
		why = ""
	}
	return w, why, nil
}

// reached is the record under which a channel reaches somebody, or why it does not.
func (s *Service) reached(ctx context.Context, c *Campaign, texts MessagesBy, family []string, by notify.Channel) (to, why string, err error) {
	if texts[by].Body.Empty() || !s.Messages.Carries(by) {
		return "", SkipNoWay, nil
	}
	may, err := s.Constituents.MayReach(ctx, family, string(by), c.Basis == outreach.Consented)
	if err != nil {
		return "", "", err
	}
	if !may {
		why, err = s.unwilling(ctx, family, by)
		return "", why, err
	}
	for _, to = range family {
		can, err := s.Messages.CanInvite(ctx, to, by)
		if err != nil || can {
			return to, "", err
		}
	}
	return "", SkipUnreachable, nil
}

// unwilling says whether somebody refused, or only never agreed.
func (s *Service) unwilling(ctx context.Context, family []string, by notify.Channel) (string, error) {
	refused, err := s.Constituents.MayReach(ctx, family, string(by), false)
	if err == nil && refused {
		return SkipNoConsent, nil
	}
	return SkipRefused, err
}

// invite notes the messages and whom they went to, in the open transaction: after a
// crash all are there or none. Who is told in the portal alone is told at once.
func (s *Service) invite(ctx context.Context, c *Campaign, id string, w ways) error {
	send := func(by notify.Channel, to string) (*string, error) {
		if to == "" {
			return nil, nil
		}
		delivery, err := s.Messages.Invite(ctx, notify.Inviting{Kind: notify.Outreach, CampaignID: c.ID, To: notify.Recipient{ConstituentID: to}, By: by, Cause: c.ID,
			Danger: c.Basis == outreach.Urgent})
		return &delivery, err
	}
	portal, err := send(notify.InApp, w.portal)
	if err != nil {
		return err
	}
	status, by, delivery := Sent, notify.InApp, portal
	if w.to != "" {
		status, by = Queued, w.by
		if delivery, err = send(w.by, w.to); err != nil {
			return err
		}
	}
	_, err = s.exec(ctx, "note that somebody is written to", "UPDATE campaign_assignments SET status = ?, reason = '', delivery_id = ?, channel = ?, portal_id = ?, queued_at = ? WHERE campaign_id = ? AND constituent_id = ? AND status = 'waiting'",
		status, delivery, by, portal, s.moment(), c.ID, id)
	return err
}

// MayLeave looks once more, the moment that a message leaves: a campaign may have been
// stopped, a person may have refused, and it may have become night.
func (s *Service) MayLeave(ctx context.Context, campaignID, constituentID string, by notify.Channel) (notify.Leave, error) {
	c, err := s.load(ctx, campaignID)
	if err != nil {
		if fault.KindOf(err) == fault.NotFound {
			return notify.Leave{Reason: SkipStopped}, nil
		}
		return notify.Leave{}, err
	}
	if c.State != Running {
		return notify.Leave{Reason: SkipStopped}, nil
	}
	family, err := s.family(ctx, constituentID)
	if err != nil {
		return notify.Leave{}, err
	}
	why, err := s.silent(ctx, c, family, by)
	if err != nil || why != "" {
		return notify.Leave{Reason: why}, err
	}
	return notify.Leave{After: s.wakeOf(c), Danger: c.Basis == outreach.Urgent}, nil
}

// family are all records of somebody, by any of them.
func (s *Service) family(ctx context.Context, id string) ([]string, error) {
	head, err := s.Constituents.Head(ctx, id)
	if err != nil {
		return nil, err
	}
	return s.Constituents.Whole(ctx, head)
}

// silent is why somebody is not to be told anything by a channel; empty when they may.
func (s *Service) silent(ctx context.Context, c *Campaign, family []string, by notify.Channel) (string, error) {
	may, err := s.Constituents.MayReach(ctx, family, string(by), c.Basis == outreach.Consented)
	if err != nil || may {
		return "", err
	}
	return s.unwilling(ctx, family, by)
}

// Ended says why messages in the portal that nobody has opened are shown no more, for
// notify.Campaigns. What lies there outlasts the window.
func (s *Service) Ended(ctx context.Context, asked []notify.Laid) (map[notify.Laid]string, error) {
	var ids []string
	for _, a := range asked {
		ids = append(ids, a.CampaignID)
	}
	known, err := s.loadAll(ctx, ids)
	if err != nil {
		return nil, err
	}
	type ask struct {
		who       string
		consented bool
	}
	families, answers, out := map[string][]string{}, map[ask]string{}, map[notify.Laid]string{}
	for _, a := range asked {
		c := known[a.CampaignID]
		if c == nil || c.State != Running && c.State != Done {
			out[a] = SkipStopped
			continue
		}
		if families[a.ConstituentID] == nil {
			if families[a.ConstituentID], err = s.family(ctx, a.ConstituentID); err != nil {
				return nil, err
			}
		}
		key := ask{who: a.ConstituentID, consented: c.Basis == outreach.Consented}
		why, known := answers[key]
		if !known {
			if why, err = s.silent(ctx, c, families[a.ConstituentID], notify.InApp); err != nil {
				return nil, err
			}
			answers[key] = why
		}
		if why != "" {
			out[a] = why
		}
	}
	return out, nil
}
