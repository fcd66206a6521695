package notify

import (
	"context"
	"errors"
	"fmt"
	"time"

	"minqing/internal/db"
	"minqing/internal/fault"
	"minqing/internal/jobs"
)

// NoAddress is the reason of a gathered message to somebody who has no address
// any more.
const NoAddress = "no_address"

// Gather is the job that gathers what is held for somebody until a time. There
// is one for every message that is held, since each must come after the
// transaction of its message; the first takes all, and the others find nothing.
type Gather struct {
	ConstituentID string `json:"constituent_id,omitempty"`
	AccountID     string `json:"account_id,omitempty"`
	Until         int64  `json:"until"` // Unix seconds
}

// Kind names the job.
func (Gather) Kind() string { return "notify.gather" }

// SendDigest is the job that sends one gathered mail.
type SendDigest struct {
	DigestID string `json:"digest_id"`
}

// Kind names the job.
func (SendDigest) Kind() string { return "notify.send_digest" }

// gather binds what is held for somebody to one mail, together with the job that
// sends it.
func (s *Service) gather(ctx context.Context, job Gather) error {
	whose, who := Recipient{ConstituentID: job.ConstituentID, AccountID: job.AccountID}.whose()
	return s.DB.Tx(ctx, func(ctx context.Context) error {
		id := db.NewID(s.Now())
		res := s.DB.From(ctx).Exec("UPDATE deliveries SET digest_id = ?, message_id = ?, version = version + 1 WHERE "+held+whose+" AND send_after <= ?",
			id, s.messageID(id), who, time.Unix(job.Until, 0).UTC())
		if res.Error != nil {
			return fmt.Errorf("gather messages: %w", db.Fault(res.Error, "", ""))
		}
		if res.RowsAffected == 0 {
			return nil
		}
		return s.Jobs.Add(ctx, SendDigest{DigestID: id}, jobs.On(jobs.QueueMail))
	})
}

// sendDigest works one gathered mail as send does a single one.
func (s *Service) sendDigest(ctx context.Context, job SendDigest) error {
	list, to, err := s.takeDigest(ctx, job.DigestID)
	if err != nil || len(list) == 0 {
		return err
	}
	m, list, err := s.composeDigest(ctx, job.DigestID, list, to)
	if err != nil {
		return errors.Join(err, s.settleAll(ctx, list, s.again(ctx), "compose"))
	}
	if len(list) == 0 { // all its cases are gone
		return nil
	}
	status, reason, again := s.became(ctx, s.Transport.Send(ctx, m))
	return errors.Join(again, s.settleAll(ctx, list, status, reason))
}

// takeDigest claims what still is to be sent of a gathered mail, and says where
// it goes by now: the address and the wishes may have changed since.
func (s *Service) takeDigest(ctx context.Context, id string) (taken []delivery, to Contact, err error) {
	err = s.DB.Tx(ctx, func(ctx context.Context) error {
		var all []delivery
		if err := s.DB.From(ctx).Where("digest_id = ? AND status IN ?", id, []Status{Queued, Sending}).Order("id").Find(&all).Error; err != nil {
			return fmt.Errorf("read a gathered mail: %w", db.Fault(err, "", ""))
		}
		if len(all) == 0 {
			return nil
		}
		var why string
		if to, why, err = s.reachable(ctx, recipientOf(&all[0])); err != nil {
			return err
		}
		for i := range all {
			d := &all[i]
			if err := s.claim(ctx, d, why); err != nil {
				return err
			}
			if d.Status == Sending {
				taken = append(taken, *d)
			}
		}
		return s.readdress(ctx, id, to, len(taken) > 0)
	})
	if err != nil {
		return nil, Contact{}, fmt.Errorf("take a gathered mail: %w", err)
	}
	return taken, to, nil
}

// reachable is how to reach somebody now, or why no mail may go there.
func (s *Service) reachable(ctx context.Context, r Recipient) (to Contact, why string, err error) {
	if !s.carries(Mail) {
		return to, NoTransport, nil
	}
	to, err = s.Directory.Contact(ctx, r)
	switch {
	case err != nil && fault.KindOf(err) == fault.NotFound:
		return to, Erased, nil
	case err != nil:
		return to, "", fmt.Errorf("look up how to reach somebody: %w", err)
	case to.Mail == "":
		return to, NoAddress, nil
	case to.Bounced:
		return to, BouncedReason, nil
	case to.NoNews:
		return to, Refused, nil
	}
	return to, "", nil
}

// claim marks one message of a gathered mail as being sent, or says why it is
// not.
func (s *Service) claim(ctx context.Context, d *delivery, why string) error {
	if d.Status == Sending { // by a process that died over it
		return s.change(ctx, d, Uncertain, Interrupted)
	}
	if why == "" {
		wish, err := s.wished(ctx, d.Kind, d.Channel, recipientOf(d))
		if err != nil {
			return err
		}
		if wish == NotAtAll {
			why = Refused
		}
	}
	if why != "" {
		return s.change(ctx, d, Suppressed, why)
	}
	d.Attempts++
	return s.change(ctx, d, Sending, "")
}

// readdress notes in the log where a gathered mail goes.
func (s *Service) readdress(ctx context.Context, id string, to Contact, goes bool) error {
	if !goes {
		return nil
	}
	sealed, err := s.Vault.Seal(ctx, to.VaultKeyID, purposeAddress, []byte(to.Mail))
	if err != nil {
		return fmt.Errorf("seal the address of a message: %w", err)
	}
	err = s.DB.From(ctx).Exec("UPDATE deliveries SET address_cipher = ?, proven = ?, locale = ? WHERE digest_id = ? AND status = ?",
		sealed, to.MailProven, string(langOf(to.Locale)), id, Sending).Error
	if err != nil {
		return fmt.Errorf("note where a gathered mail goes: %w", db.Fault(err, "", ""))
	}
	return nil
}

// settleAll writes down what became of a gathered mail.
func (s *Service) settleAll(ctx context.Context, list []delivery, to Status, reason string) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleTime)
	defer cancel()
	err := s.DB.Tx(ctx, func(ctx context.Context) error {
		for i := range list {
			if err := s.change(ctx, &list[i], to, reason); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("write down what became of a gathered mail: %w", err)
	}
	return nil
}
