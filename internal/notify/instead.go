package notify

import (
	"context"
	"fmt"

	"minqing/internal/db"
	"minqing/internal/fault"
)

// WrongNumber is the code of a gateway that says that a number takes no texts.
const WrongNumber = "wrong_number"

// failed follows up a message that did not leave for good, in the open
// transaction: a wrong number is noted, and what is always sent takes the other
// way.
func (s *Service) failed(ctx context.Context, d *delivery) error {
	if d.Status != Failed {
		return nil
	}
	if d.Channel == SMS && d.Reason == WrongNumber && s.Unreachable != nil {
		number, err := s.Vault.Open(ctx, purposeAddress, d.AddressCipher)
		if err != nil {
			return fmt.Errorf("open the number of a text: %w", err)
		}
		if err := s.Unreachable(ctx, recipientOf(d), SMS, string(number)); err != nil {
			return err
		}
	}
	return s.instead(ctx, d)
}

// instead has what is always sent about a case take the other way, unless it
// left by that already. Its cause is the message that failed, so that this may be
// repeated.
func (s *Service) instead(ctx context.Context, d *delivery) error {
	if !d.Kind.texted() || d.Kind.Always() == "" || d.CaseID == nil {
		return nil
	}
	t := Telling{Kind: d.Kind, To: recipientOf(d), CaseID: *d.CaseID, Cause: d.ID}
	to, err := s.Directory.Contact(ctx, t.To)
	if fault.KindOf(err) == fault.NotFound && err != nil {
		return nil
	}
	if err != nil {
		return fmt.Errorf("look up how to reach somebody: %w", err)
	}
	by, open := Mail, to.Mail != "" && !to.Bounced && s.carries(Mail)
	if d.Channel == Mail {
		var trusted bool
		if open, trusted, err = s.canText(ctx, t, to); err != nil {
			return err
		}
		by, to = SMS, to.along(SMS, trusted)
	}
	if !open {
		return nil
	}
	left, err := s.leftBy(ctx, d, by)
	if err != nil || left {
		return err
	}
	return s.queue(ctx, t, to, by)
}

// leftBy says whether the same happening was told by a channel, or was to be. Its
// messages begin with the same time, that of their cause.
func (s *Service) leftBy(ctx context.Context, d *delivery, by Channel) (bool, error) {
	var n int64
	err := s.DB.From(ctx).Raw(`SELECT count(*) FROM deliveries WHERE case_id = ? AND id BETWEEN ? AND ? AND kind = ? AND channel = ?`,
		d.CaseID, d.ID[:13]+"-0000-0000-000000000000", d.ID[:13]+"-ffff-ffff-ffffffffffff", d.Kind, by).Scan(&n).Error
	if err != nil {
		return false, fmt.Errorf("look which way a message took: %w", db.Fault(err, "", ""))
	}
	return n > 0, nil
}
