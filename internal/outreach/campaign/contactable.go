package campaign

import (
	"context"
	"fmt"
	"slices"
	"strings"

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
// moment, in the open transaction and by one statement however many they are, by the
// channels that carries says to be set up. Who has several records is looked at by all of
// them: one of them takes messages, none refused, and where the ground in law is consent one
// gave it.
func (s *Service) fixContactable(ctx context.Context, c *Campaign, carries func(notify.Channel) bool) error {
	texts, err := s.Texts(ctx, c.ID)
	if err != nil {
		return err
	}
	var asked, open []string
	var args []any
	for _, by := range channels {
		if texts[by].Body.Empty() || !carries(by) {
			continue
		}
		way, more := s.takes(by)
		asked, args = append(asked, facts(c, by, way)), append(args, more...)
		can := fmt.Sprintf("MAX(way_%[1]s) = 1 AND MAX(refused_%[1]s) = 0", by)
		if c.Basis == outreach.Consented {
			can += fmt.Sprintf(" AND MAX(agreed_%s) = 1", by)
		}
		open = append(open, "("+can+")")
	}
	if len(open) == 0 {
		_, err = s.exec(ctx, "note who can be written to", "UPDATE campaign_assignments SET contactable = false WHERE campaign_id = ?", c.ID)
		return err
	}
	each := func(which string) string {
		return "SELECT a.constituent_id AS id, " + strings.Join(asked, ", ") + " FROM campaign_assignments a JOIN constituents x ON " + which + " = a.constituent_id WHERE a.campaign_id = ?"
	}
	args = append(args, c.ID)
	_, err = s.exec(ctx, "note who can be written to", "UPDATE campaign_assignments SET contactable = p.ok FROM (SELECT r.id, ("+strings.Join(open, " OR ")+") AS ok FROM ("+
		each("x.id")+" UNION ALL "+each("x.head_id")+") r GROUP BY r.id) p WHERE campaign_assignments.campaign_id = ? AND campaign_assignments.constituent_id = p.id",
		slices.Concat(args, args, []any{c.ID})...)
	return err
}

// takes is SQL that is true for a record x that takes messages by a channel.
func (s *Service) takes(by notify.Channel) (sql string, args []any) {
	switch by {
	case notify.Mail:
		return hasWay("email"), []any{s.moment()}
	case notify.SMS:
		return hasWay("phone"), []any{s.moment()}
	}
	return "x.erased_at IS NULL AND (" + notify.ComesIn + ")", nil
}

// facts are columns of 0 and 1 on a record x and a channel: it takes messages there, a
// refusal stands on it, a consent does.
func facts(c *Campaign, by notify.Channel, way string) string {
	channel := string(by)
	unasked := *c
	unasked.Basis = "" // who said nothing has refused nothing
	one := func(name, when string) string {
		return "CASE WHEN " + when + " THEN 1 ELSE 0 END AS " + name + "_" + channel
	}
	return one("way", way) + ", " + one("refused", "NOT "+mayTell(&unasked, channel)) + ", " + one("agreed", said(channel, "false"))
}
