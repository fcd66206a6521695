package notify

import (
	"context"
	"fmt"

	"minqing/internal/fault"
	"minqing/internal/i18n"
)

// tellFollower notes a mail to somebody who follows a published question. It may
// be repeated, and nothing goes to who follows no more.
func (s *Service) tellFollower(ctx context.Context, t Telling) error {
	f, err := s.Followers.Follower(ctx, t.Kind, t.About)
	if err != nil {
		if fault.KindOf(err) == fault.NotFound {
			return nil
		}
		return fmt.Errorf("look up who follows: %w", err)
	}
	to := Contact{Locale: f.Locale, Mail: f.Mail, MailProven: true, VaultKeyID: f.VaultKeyID}
	return s.DB.Tx(ctx, func(ctx context.Context) error { return s.queue(ctx, t, to, Mail) })
}

// composeFollower makes a mail that can be stopped by its header (RFC 8058) and
// by a link. Who stopped following since it was queued gets none.
func (s *Service) composeFollower(ctx context.Context, d *delivery, address string, p mailPage) (Message, error) {
	f, err := s.Followers.Follower(ctx, d.Kind, deref(d.AboutID))
	if err != nil {
		return Message{}, fmt.Errorf("look up who follows: %w", err)
	}
	lang := i18n.Lang(d.Locale)
	p.Follower, p.Title, p.Subject = true, f.Title, s.Subject(lang, d.Kind, "")
	p.Code = f.Code
	if f.LinkPath != "" {
		p.LinkURL = s.BaseURL + f.LinkPath
	}
	m := Message{ID: d.MessageID, To: address, Lang: d.Locale, Subject: p.Subject, Date: s.Now(), Return: s.returnAddress(d.ID)}
	if f.StopPath != "" {
		p.StopURL = s.BaseURL + f.StopPath
		m.Stop = p.StopURL
	}
	m.HTML, m.Text, err = s.fill(lang, d.Kind, p)
	return m, err
}
