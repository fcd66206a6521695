package campaign

import (
	"context"

	"minqing/internal/constituents"
	"minqing/internal/notify"
	"minqing/internal/outreach"
)

// Somebody is contactable (P7 of docs/7p.md) when by one channel of a campaign at least
// there is a ground in law to tell them (where it is consent, they gave it), they did
// not refuse it, and a contact point of theirs takes messages: a proven address or
// number that has not bounced, or an account that reads the portal.

// hasWay is SQL that is true for a record x with a proven contact point that takes
// messages. It asks for the present time once.
func hasWay(kind string) string {
	return "EXISTS (SELECT 1 FROM contact_points p WHERE p.constituent_id = x.id AND p.kind = '" + kind + "' AND p.verified_at IS NOT NULL AND p.bounced_at IS NULL AND (p.valid_to IS NULL OR p.valid_to > ?))"
}

// said is SQL for somebody's newest word on a channel, or what else holds where they
// said none.
func said(channel, otherwise string) string {
	return "COALESCE((SELECT s.given FROM consents s WHERE s.constituent_id = x.id AND s.purpose = '" + constituents.Outreach + "' AND s.channel = '" + channel + "' ORDER BY s.id DESC LIMIT 1), " + otherwise + ")"
}

// mayTell is SQL that is true for a record x that may be told of a campaign by a
// channel, by constituents.MayReach: a refusal of both mail and text is one of the
// portal too, unless they spoke of it.
func mayTell(c *Campaign, channel string) string {
	switch {
	case c.Basis == outreach.Consented:
		return said(channel, "false")
	case channel == constituents.ChannelPortal:
		return said(channel, "("+said(constituents.ChannelMail, "true")+" OR "+said(constituents.ChannelSMS, "true")+")")
	}
	return said(channel, "true")
}

// fixContactable notes of everybody in a campaign whether they are contactable at this
// moment, in the open transaction, by the channels that carries says to be set up. Who
// has several records is looked at by all of them.
func (s *Service) fixContactable(ctx context.Context, c *Campaign, carries func(notify.Channel) bool) error {
	texts, err := s.Texts(ctx, c.ID)
	if err != nil {
		return err
	}
	way, args := "1 = 0", []any(nil)
	for _, by := range channels {
		if texts[by].Body.Empty() || !carries(by) {
			continue
		}
		switch by {
		case notify.InApp:
			way += " OR (" + notify.ComesIn + ") AND " + mayTell(c, constituents.ChannelPortal)
		case notify.Mail:
			way, args = way+" OR "+hasWay("email")+" AND "+mayTell(c, constituents.ChannelMail), append(args, s.moment())
		case notify.SMS:
			way, args = way+" OR "+hasWay("phone")+" AND "+mayTell(c, constituents.ChannelSMS), append(args, s.moment())
		}
	}
	_, err = s.exec(ctx, "note who can be written to", `UPDATE campaign_assignments SET contactable = EXISTS (SELECT 1 FROM constituents x WHERE x.id = campaign_assignments.constituent_id AND (`+way+`)) WHERE campaign_id = ?`,
		append(args, c.ID)...)
	if err != nil {
		return err
	}
	var several []string
	err = s.DB.From(ctx).Raw(`SELECT a.constituent_id FROM campaign_assignments a WHERE a.campaign_id = ? AND EXISTS (SELECT 1 FROM constituents m WHERE m.merged_into_id = a.constituent_id) ORDER BY a.constituent_id`, c.ID).Scan(&several).Error
	if err != nil {
		return fail("find who has several records", err)
	}
	for _, id := range several {
		family, err := s.Constituents.Whole(ctx, id)
		if err != nil {
			return err
		}
		_, why, err := s.way(ctx, c, texts, family)
		if err != nil {
			return err
		}
		if _, err := s.exec(ctx, "note who can be written to", "UPDATE campaign_assignments SET contactable = ? WHERE campaign_id = ? AND constituent_id = ?", why == "", c.ID, id); err != nil {
			return err
		}
	}
	return nil
}
