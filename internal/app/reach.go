package app

import (
	"context"
	"slices"

	"minqing/internal/cases"
	"minqing/internal/constituents"
	"minqing/internal/idcode"
	"minqing/internal/notify"
)

// directory tells notify how to reach somebody.
type directory struct{ a *App }

// Contact reads the preferred address. Unproven ones get a link to prove them.
func (d directory) Contact(ctx context.Context, r notify.Recipient) (notify.Contact, error) {
	if r.ConstituentID == "" {
		to, err := d.a.Identity.Reach(ctx, r.AccountID)
		return notify.Contact{Locale: to.Locale, Mail: to.Email, MailProven: to.Proven, ConfirmToken: to.ConfirmToken, Bounced: to.Bounces, VaultKeyID: to.VaultKeyID}, err
	}
	reach, err := d.a.Constituents.Reach(ctx, r.ConstituentID)
	if err != nil {
		return notify.Contact{}, err
	}
	c := notify.Contact{Locale: reach.Locale, Mail: reach.Email, MailProven: reach.EmailProven, ConfirmToken: reach.EmailToken, Bounced: reach.EmailBounces,
		Pending: reach.Pending, VaultKeyID: reach.VaultKeyID}
	agrees, err := d.a.Constituents.Agrees(ctx, r.ConstituentID, constituents.CaseMail, constituents.ChannelMail)
	c.NoNews = !agrees
	d.phone(reach, &c)
	return c, err
}

// phone adds the number if texts get through to it.
func (d directory) phone(reach constituents.Reach, c *notify.Contact) {
	p, wrong := idcode.ParsePhone(reach.Phone, d.a.Constituents.Region)
	if reach.PhoneBounces || wrong != nil || p.Extension != "" || !p.Mobile && p.Region != "" {
		return
	}
	c.Phone, c.PhoneProven, c.PhoneToken = p.E164, reach.PhoneProven, reach.PhoneToken
}

// facts tells notify what messages say of a case.
type facts struct{ a *App }

// Facts derives the codes anew.
func (f facts) Facts(ctx context.Context, caseID string) (notify.Facts, error) {
	c, err := f.a.Cases.ByID(ctx, caseID)
	if err != nil {
		return notify.Facts{}, err
	}
	snap, err := f.a.Catalogue.Snapshot(ctx)
	if err != nil {
		return notify.Facts{}, err
	}
	out := notify.Facts{CaseNo: c.CaseNo, QueryCode: f.a.Cases.QueryCode(c), ReplyCode: f.a.Cases.ReplyCode(c), ByMail: c.Channel == cases.ChannelEmail, Urgent: c.Urgent,
		Spoken: slices.Contains(cases.StaffChannels, c.Channel), Silent: c.Confidentiality == cases.Whistle}
	if root := snap.Root(); root != nil {
		out.Hotline = root.Phone
	}
	if c.Judging() > 0 {
		out.EvaluationToken = f.a.Cases.EvaluationToken(c)
	}
	return out, nil
}
