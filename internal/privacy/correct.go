package privacy

import (
	"context"
	"time"

	"minqing/internal/constituents"
	"minqing/internal/db"
	"minqing/internal/fault"
	"minqing/internal/idcode"
	"minqing/internal/notify"
)

// mailsMost bounds how many other addresses somebody may name within a day, for
// each gets a mail that its owner may not want.
const mailsMost = 3

// CorrectPhone puts another number in the place of the one that stands; an empty
// one takes it away.
func (s *Service) CorrectPhone(ctx context.Context, number string) error {
	id, err := s.me(ctx)
	if err != nil {
		return err
	}
	return s.Constituents.Instead(ctx, id, constituents.Phone, number)
}

// CanMail says whether another address can be proven here.
func (s *Service) CanMail() bool { return s.Notify.Transport != nil }

// CorrectMail names another address for messages. It gets a link; until that is
// opened, messages go where they went. Signing in is another matter.
func (s *Service) CorrectMail(ctx context.Context, mail string) error {
	id, err := s.me(ctx)
	if err != nil {
		return err
	}
	if !s.CanMail() {
		return fault.New(fault.Conflict, "privacy.mail.closed")
	}
	normal, err := idcode.NormaliseEmail(mail)
	if err != nil {
		return fault.InvalidInput(fault.Field{Name: "email", Key: "identity.email.form"})
	}
	own, err := s.Constituents.Own(ctx, id)
	if err != nil {
		return err
	}
	lately, again := 0, false
	for _, p := range own.Points {
		if p.Kind != constituents.Email || p.Replaced {
			continue
		}
		if p.Value == normal && p.Proven {
			return fault.InvalidInput(fault.Field{Name: "email", Key: "privacy.mail.same"})
		}
		again = again || p.Value == normal && p.Bounced
		if !p.Proven && p.Since.After(s.Now().Add(-24*time.Hour)) {
			lately++
		}
	}
	if lately >= mailsMost {
		return fault.InvalidInput(fault.Field{Name: "email", Key: "privacy.mail.often"})
	}
	return s.DB.Tx(ctx, func(ctx context.Context) error {
		point, err := s.Constituents.Attach(ctx, id, constituents.Email, normal, false)
		if err != nil {
			return err
		}
		cause := point
		if again { // it had a link before: another, but one an hour
			cause = db.NewID(s.Now().UTC().Truncate(time.Hour))[:13] + point[13:]
		}
		return s.Notify.Tell(ctx, notify.Telling{Kind: notify.ConfirmAddress, To: notify.Recipient{ConstituentID: id}, Cause: cause, Mail: normal})
	})
}
