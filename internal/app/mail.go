package app

import (
	"context"

	"minqing/internal/constituents"
	"minqing/internal/mailroom"
	"minqing/internal/notify"
)

// mailbox is the one that people write to; nil when there is none.
func (a *App) mailbox() (*mailroom.Box, error) {
	if a.Config.IMAPURL == "" {
		return nil, nil //nolint:nilnil // most places have none
	}
	return mailroom.OpenBox(a.Config.IMAPURL)
}

// replyBox is the address to whose plus-addresses people answer; empty without one.
func replyBox(box *mailroom.Box) string {
	if box == nil {
		return ""
	}
	return box.Address
}

// wireMailroom has the workers read the mailbox, when there is one.
func (a *App) wireMailroom(box *mailroom.Box) {
	if box == nil {
		return
	}
	a.mailroom = mailroom.New(mailroom.Deps{DB: a.DB, Jobs: a.Jobs, Words: a.Bundle, Cases: a.Cases, Files: a.Files, Limits: a.Limits, Notify: a.Notify,
		Box: box, Locale: a.Config.Locale, Now: a.Options.Now})
}

// mailHealth tells administrators how the mailbox is; nil when there is none.
func (a *App) mailHealth() func(context.Context) (mailroom.Health, error) {
	if a.mailroom == nil {
		return nil
	}
	return a.mailroom.Health
}

// unreachable hears of addresses and numbers to which nothing goes through, for
// the record of a person and for the account that signs in with the address.
func (a *App) unreachable(ctx context.Context, r notify.Recipient, by notify.Channel, address string) error {
	if by == notify.SMS {
		if r.ConstituentID == "" {
			return nil
		}
		return a.Constituents.Bounced(ctx, r.ConstituentID, constituents.Phone, address)
	}
	who, err := a.Identity.Bounced(ctx, address)
	if err != nil {
		return err
	}
	if r.ConstituentID != "" {
		who = r.ConstituentID
	}
	if who == "" { // an account of staff
		return nil
	}
	return a.Constituents.Bounced(ctx, who, constituents.Email, address)
}
