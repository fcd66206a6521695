package campaign

import (
	"context"
	"time"

	"minqing/internal/constituents"
	"minqing/internal/notify"
	"minqing/internal/stats"
)

// Estimate is whom a campaign would reach as things stand. Who gets one decides
// itself when each message leaves.
type Estimate struct {
	Members int64
	ByMail  int64
	ByText  int64  // whom no mail reaches
	Portal  int64  // whom neither reaches, and who read the portal
	Refused int64  // or, where the ground in law is consent, never agreed
	NoWay   int64  // no proven address
	Hold    Hold   // who of the members are held back or written to later
	Hours   int64  // that sending takes at least
	Hidden  []bool // which of the five are too small to be shown
	Total   bool   // and whether the members are
}

// Estimate counts the members of the segment by how they could be written to. A
// record that others were merged into is judged by itself.
func (s *Service) Estimate(ctx context.Context, c *Campaign) (*Estimate, error) {
	texts, err := s.Texts(ctx, c.ID)
	if err != nil {
		return nil, err
	}
	now := s.moment()
	word := func(channel string) string { return mayTell(c, channel) }
	var rows []struct {
		Mail, Text, Portal, MailOK, TextOK, PortalOK bool
		People                                       int64
	}
	err = s.DB.Reader(ctx).Raw("SELECT mail, text, portal, mail_ok, text_ok, portal_ok, COUNT(*) AS people FROM (SELECT "+hasWay("email")+" AS mail, "+hasWay("phone")+" AS text, "+notify.ComesIn+" AS portal, "+
		word(constituents.ChannelMail)+" AS mail_ok, "+word(constituents.ChannelSMS)+" AS text_ok, "+word(constituents.ChannelPortal)+` AS portal_ok
 FROM segment_members m JOIN constituents x ON x.id = m.constituent_id WHERE m.segment_id = ? AND x.erased_at IS NULL AND x.merged_into_id IS NULL AND `+known+") r GROUP BY 1, 2, 3, 4, 5, 6",
		now, now, c.SegmentID).Scan(&rows).Error
	if err != nil {
		return nil, fail("count whom a campaign would reach", err)
	}
	mails, sms, portal := !texts["mail"].Body.Empty(), !texts["sms"].Body.Empty(), !texts["inapp"].Body.Empty()
	e := &Estimate{}
	for _, r := range rows {
		e.Members += r.People
		switch {
		case mails && r.Mail && r.MailOK:
			e.ByMail += r.People
		case sms && r.Text && r.TextOK:
			e.ByText += r.People
		case portal && r.Portal && r.PortalOK:
			e.Portal += r.People
		case mails && !r.MailOK || sms && !r.TextOK || portal && !r.PortalOK:
			e.Refused += r.People
		default:
			e.NoWay += r.People
		}
	}
	e.Hold = c.HoldOf(e.Members)
	e.Hours = (e.ByMail + e.ByText + e.Portal + int64(c.PerHour) - 1) / int64(c.PerHour)
	e.Hidden, e.Total = stats.Suppress([]int64{e.ByMail, e.ByText, e.Portal, e.Refused, e.NoWay}, stats.FloorInside)
	return e, nil
}

// Doubt is a message of which nobody knows whether it left: the process ended, or
// the mail server fell silent, in the middle. It is not sent again by itself.
type Doubt struct {
	MessageID string // to look for in the log of the mail server
	At        time.Time
	Reason    string
}

// doubtsMost is how many messages in doubt are listed; the others are counted.
var doubtsMost = 200

// Doubts lists the messages of a campaign that may or may not have left, the oldest
// first and no more than 200, and says how many there are in total.
func (s *Service) Doubts(ctx context.Context, c *Campaign) (list []Doubt, total int, err error) {
	var rows []struct {
		Doubt
		Total int
	}
	err = s.DB.Reader(ctx).Raw(`SELECT d.message_id, a.queued_at AS at, d.reason, COUNT(*) OVER () AS total FROM campaign_assignments a JOIN deliveries d ON d.id = a.delivery_id
 WHERE a.campaign_id = ? AND d.status = 'uncertain' ORDER BY a.queued_at, d.id LIMIT ?`, c.ID, doubtsMost).Scan(&rows).Error
	if err != nil {
		return nil, 0, fail("list the messages in doubt", err)
	}
	for _, r := range rows {
		list, total = append(list, r.Doubt), r.Total
	}
	return list, total, nil
}

// known are those who asked in the open at least once, or never: whom a case names
// that was filed in confidence, and nothing else, gave their address for that alone.
const known = `(EXISTS (SELECT 1 FROM case_parties q JOIN cases k ON k.id = q.case_id WHERE q.constituent_id = x.id AND q.role = 'requester' AND k.confidentiality = 'normal')
 OR NOT EXISTS (SELECT 1 FROM case_parties q WHERE q.constituent_id = x.id AND q.role = 'requester'))`
