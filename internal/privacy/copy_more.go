package privacy

import (
	"context"
	"fmt"
	"time"

	"minqing/internal/notify"
)

// CopyWayIn is something besides a password that opens the account.
type CopyWayIn struct {
	Kind  string     `json:"kind"` // passkey, provider
	Name  string     `json:"name"`
	Since time.Time  `json:"since"`
	Used  *time.Time `json:"used,omitempty"`
}

// CopyFollow is a published question that the person follows by mail.
type CopyFollow struct {
	Title     string     `json:"title"`
	Address   string     `json:"address"`
	Asked     time.Time  `json:"asked"`
	Confirmed *time.Time `json:"confirmed,omitempty"`
}

// CopyWishes are how the person wants messages to come.
type CopyWishes struct {
	NotByMail []string `json:"not_by_mail"`
	NotByText []string `json:"not_by_text"`
	Quiet     string   `json:"quiet,omitempty"`    // from and until, of each day
	Gathered  string   `json:"gathered,omitempty"` // the time of the one mail a day
}

// CopyDelivered is one message that was sent, or was not.
type CopyDelivered struct {
	At      time.Time `json:"at"`
	Kind    string    `json:"kind"`
	Channel string    `json:"channel"`
	Status  string    `json:"status"`
}

func (s *Service) copyWaysIn(ctx context.Context, c *Copy, _ string, _ []string) error {
	c.WaysIn = []CopyWayIn{}
	keys, err := s.Identity.Passkeys(ctx)
	if err != nil {
		return err
	}
	for _, k := range keys.Passkeys {
		c.WaysIn = append(c.WaysIn, CopyWayIn{Kind: "passkey", Name: k.Name, Since: k.Made, Used: k.Used})
	}
	outside, err := s.Identity.Connections(ctx)
	for _, p := range outside {
		if p.Connected {
			c.WaysIn = append(c.WaysIn, CopyWayIn{Kind: "provider", Name: p.Name, Since: p.Since, Used: &p.Used})
		}
	}
	return err
}

// copyVoices is what the person follows, by every address that they proved, and
// what they said concerns them too.
func (s *Service) copyVoices(ctx context.Context, c *Copy, _ string, family []string) error {
	boxes, err := s.mailboxes(ctx, family)
	if err != nil {
		return err
	}
	list, err := s.Voices.FollowedBy(ctx, boxes)
	if err != nil {
		return err
	}
	c.Follows, c.Concerns = []CopyFollow{}, []string{}
	for _, f := range list {
		c.Follows = append(c.Follows, CopyFollow{Title: f.Title, Address: f.Address, Asked: f.AskedAt, Confirmed: f.ConfirmedAt})
	}
	titles, err := s.Voices.ConcernedBy(ctx)
	c.Concerns = append(c.Concerns, titles...)
	return err
}

func (s *Service) copyMessages(ctx context.Context, c *Copy, _ string, family []string) error {
	list, err := s.Notify.OfPeople(ctx, family, c.Account.ID)
	if err != nil {
		return err
	}
	c.Messages = []CopyDelivered{}
	for _, d := range list {
		c.Messages = append(c.Messages, CopyDelivered{At: d.CreatedAt, Kind: string(d.Kind), Channel: string(d.Channel), Status: string(d.Status)})
	}
	return s.copyWishes(ctx, c)
}

func (s *Service) copyWishes(ctx context.Context, c *Copy) error {
	c.Wishes.NotByMail, c.Wishes.NotByText = []string{}, []string{}
	rules, err := s.Notify.Choices(ctx)
	if err != nil {
		return err
	}
	for _, r := range rules {
		if r.Wishes[notify.Mail] == notify.NotAtAll {
			c.Wishes.NotByMail = append(c.Wishes.NotByMail, string(r.Kind))
		}
		if r.Wishes[notify.SMS] == notify.NotAtAll {
			c.Wishes.NotByText = append(c.Wishes.NotByText, string(r.Kind))
		}
	}
	quiet, err := s.Notify.Quiet(ctx)
	if err != nil {
		return err
	}
	c.Wishes.Quiet = quiet.String()
	minute, err := s.Notify.Digest(ctx)
	if minute != nil {
		c.Wishes.Gathered = fmt.Sprintf("%02d:%02d", *minute/60, *minute%60)
	}
	return err
}
