package campaign

import (
	"context"

	"minqing/internal/access"
	"minqing/internal/actor"
	"minqing/internal/audit"
	"minqing/internal/db"
	"minqing/internal/fault"
	"minqing/internal/i18n"
	"minqing/internal/notify"
)

// Try sends the mail of a campaign in one language to the one who asks, and to
// nobody else.
func (s *Service) Try(ctx context.Context, id string, l i18n.Lang) error {
	c, err := s.may(ctx, id, access.CampaignWrite)
	if err != nil {
		return err
	}
	texts, err := s.Texts(ctx, id)
	if err != nil {
		return err
	}
	if texts[notify.Mail].Body.Empty() {
		return fault.New(fault.Conflict, "campaign.try.no_mail")
	}
	if !s.Messages.Carries(notify.Mail) {
		return fault.New(fault.Conflict, "campaign.try.no_transport")
	}
	return s.DB.Tx(ctx, func(ctx context.Context) error {
		_, err := s.Messages.Invite(ctx, notify.Inviting{Kind: notify.OutreachTest, CampaignID: c.ID, To: notify.Recipient{AccountID: actor.From(ctx).AccountID},
			By: notify.Mail, Lang: l, Cause: db.NewID(s.Now())})
		if err != nil {
			return err
		}
		return s.Audit.Record(ctx, audit.Entry{Action: "campaign.try", Kind: "campaign", ID: c.ID, Fields: []audit.Change{{Field: "locale", After: string(l)}}})
	})
}

// Preview is what a member reads, by channel, in one language.
type Preview struct {
	Channel notify.Channel
	Lang    i18n.Lang
	Other   bool // the words are in another language: there are none in this one
	notify.Invitation
}

// Previews are the messages in every language.
func (s *Service) Previews(ctx context.Context, c *Campaign) (list []Preview, err error) {
	texts, err := s.Texts(ctx, c.ID)
	if err != nil {
		return nil, err
	}
	code, err := s.matterCode(ctx, c)
	if err != nil {
		return nil, err
	}
	for _, by := range channels {
		if texts[by].Body.Empty() {
			continue
		}
		for _, l := range i18n.Langs {
			said, err := s.invitation(c, texts[by], code, l, "…")
			if err != nil {
				return nil, err
			}
			list = append(list, Preview{Channel: by, Lang: l, Other: said.Lang != l, Invitation: said})
		}
	}
	return list, nil
}
