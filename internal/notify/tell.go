package notify

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/url"
	"strings"
	"time"

	"minqing/internal/db"
	"minqing/internal/fault"
	"minqing/internal/i18n"
	"minqing/internal/jobs"
)

// Telling is one thing to tell one person.
type Telling struct {
	Kind   Kind
	To     Recipient
	CaseID string // empty for ConfirmAddress of an account
	About  string // the step of signing in that it carries a code or link for, who follows, or the campaign
	Cause  string // id of the event that is told of, or a fresh id; told twice, the second is dropped
	Mail   string // of ConfirmAddress: the pending address to prove, when it is not the one in use
	Danger bool   // of a campaign: about danger to life, so that nobody's quiet hours hold it back

	// ByItself says that no person caused it now, but a job that runs at any hour: what
	// leaves the house waits until wakesFrom, to staff from restsFrom on too.
	ByItself bool
	// DueAt is of a warning that came by itself when what it warns of is due: it does not
	// wait past that. Zero: it warns of nothing to come.
	DueAt time.Time
}

// delivery is a row of the table deliveries.
type delivery struct {
	ID            string `gorm:"primaryKey"`
	Kind          Kind
	Channel       Channel
	CaseID        *string
	ConstituentID *string
	AccountID     *string
	Locale        string
	AddressCipher []byte
	Proven        bool
	Status        Status
	Reason        string
	MessageID     string
	Attempts      int
	CreatedAt     time.Time
	SentAt        *time.Time
	ReadAt        *time.Time
	Version       int64
	AboutID       *string
	SendAfter     *time.Time // quiet hours end then, or the next gathered mail leaves
	DigestID      *string    // of the gathered mail that it left in
}

// TableName names the table for gorm.
func (delivery) TableName() string { return "deliveries" }

const purposeAddress = "delivery.address"

// Send is the job that sends one mail.
type Send struct {
	DeliveryID string `json:"delivery_id"`
}

// Kind names the job.
func (Send) Kind() string { return "notify.send" }

// Tell notes the messages of one happening in the open transaction, with the
// jobs that send them. It may be repeated: a message that is noted already
// stays as it is. Somebody erased is told nothing.
func (s *Service) Tell(ctx context.Context, t Telling) error {
	if t.Kind.secret() {
		return s.tellSecret(ctx, t)
	}
	if t.Kind.ofFollower() {
		return s.tellFollower(ctx, t)
	}
	to, err := s.Directory.Contact(ctx, t.To)
	if fault.KindOf(err) == fault.NotFound {
		return nil
	}
	if err != nil {
		return fmt.Errorf("look up how to reach somebody: %w", err)
	}
	if t.Mail != "" {
		to.Mail, to.MailProven, to.ConfirmToken = t.Mail, false, to.Pending[t.Mail]
	}
	return s.DB.Tx(ctx, func(ctx context.Context) error {
		if t.Kind != ConfirmAddress && !t.Kind.ofAccount() { // who has no address yet reads the portal; a confirm link there proves nothing
			if _, err := s.note(ctx, t, to, InApp); err != nil {
				return err
			}
		}
		list, trusted, err := s.ways(ctx, t, to)
		for _, by := range list {
			if err := s.queue(ctx, t, to.along(by, trusted), by); err != nil {
				return err
			}
		}
		return err
	})
}

// queue notes a message that leaves the house, with the job that sends it.
func (s *Service) queue(ctx context.Context, t Telling, to Contact, by Channel) error {
	d, err := s.note(ctx, t, to, by)
	if err != nil || d == nil || d.Status != Queued {
		return err
	}
	after, gathered, err := s.sendAfter(ctx, t, by)
	if err != nil {
		return err
	}
	if after.IsZero() {
		return s.Jobs.Add(ctx, Send{DeliveryID: d.ID}, jobs.On(jobs.QueueMail))
	}
	var job jobs.Args = Send{DeliveryID: d.ID}
	if gathered {
		d.Reason, job = Held, Gather{t.To.ConstituentID, t.To.AccountID, after.Unix()}
	}
	if err := s.DB.From(ctx).Exec("UPDATE deliveries SET send_after = ?, reason = ? WHERE id = ?", after.UTC(), d.Reason, d.ID).Error; err != nil {
		return fmt.Errorf("let a message wait: %w", db.Fault(err, "", ""))
	}
	return s.Jobs.Add(ctx, job, jobs.On(jobs.QueueMail), jobs.At(after))
}

// tellSecret sends a code or link by the one channel that it was asked for.
// Nothing is sent of a step that is over.
func (s *Service) tellSecret(ctx context.Context, t Telling) error {
	secret, err := s.Secrets.Secret(ctx, t.Kind, t.About)
	if fault.KindOf(err) == fault.NotFound && err != nil {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read what a message carries: %w", err)
	}
	to, by := Contact{Locale: secret.Locale, Mail: secret.Mail, MailProven: true, VaultKeyID: secret.VaultKeyID}, Mail
	if secret.Phone != "" {
		to.Mail, by = secret.Phone, SMS
	}
	return s.DB.Tx(ctx, func(ctx context.Context) error { return s.queue(ctx, t, to, by) })
}

// note inserts a delivery; nil when it is there already.
func (s *Service) note(ctx context.Context, t Telling, to Contact, by Channel) (*delivery, error) {
	d := &delivery{ID: deliveryID(t, by), Kind: t.Kind, Channel: by, CaseID: db.Ref(t.CaseID),
		ConstituentID: db.Ref(t.To.ConstituentID), AccountID: db.Ref(t.To.AccountID), AboutID: db.Ref(t.About), Locale: string(langOf(to.Locale)),
		Proven: by == InApp || to.MailProven, Status: Sent, CreatedAt: s.Now().UTC(), Version: 1}
	if by == InApp {
		d.SentAt = &d.CreatedAt
	} else {
		sealed, err := s.Vault.Seal(ctx, to.VaultKeyID, purposeAddress, []byte(to.Mail))
		if err != nil {
			return nil, fmt.Errorf("seal the address of a message: %w", err)
		}
		d.AddressCipher, d.MessageID, d.Status = sealed, s.messageID(d.ID), Queued
		if !s.carries(by) {
			d.Status, d.Reason = Suppressed, NoTransport
		}
		if to.Bounced && t.Kind != ConfirmAddress && !t.Kind.ofAccount() && by == Mail {
			d.Status, d.Reason = Suppressed, BouncedReason
		}
		if to.NoNews && t.Kind.Always() == "" && by == Mail {
			d.Status, d.Reason = Suppressed, Refused
		}
	}
	res := s.DB.From(ctx).Exec(`INSERT INTO deliveries (id, kind, channel, case_id, constituent_id, account_id, locale, address_cipher, proven,
 status, reason, message_id, created_at, sent_at, about_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
		d.ID, d.Kind, d.Channel, d.CaseID, d.ConstituentID, d.AccountID, d.Locale, d.AddressCipher, d.Proven,
		d.Status, d.Reason, d.MessageID, d.CreatedAt, d.SentAt, d.AboutID)
	if res.Error != nil {
		return nil, fmt.Errorf("note a message: %w", res.Error)
	}
	if res.RowsAffected == 0 {
		return nil, nil //nolint:nilnil // there already: nothing to do, and no fault
	}
	return d, nil
}

func langOf(locale string) i18n.Lang {
	if lang, ok := i18n.ParseLang(locale); ok {
		return lang
	}
	return i18n.ZhHant
}

// carries says whether messages can leave by a channel.
func (s *Service) carries(by Channel) bool {
	return by == Mail && s.Transport != nil || by == SMS && s.Texts != nil
}

// deliveryID makes the same UUIDv7 for the same message: the time of its cause,
// which is a UUIDv7 too, and a digest of the rest. So repeating a job notes
// nothing twice, and rows still sort by time and can be split by ranges of id.
func deliveryID(t Telling, by Channel) string {
	of := []string{t.Cause, string(t.Kind), string(by), t.To.ConstituentID, t.To.AccountID}
	if t.Kind.ofFollower() {
		of = append(of, t.About)
	}
	sum := sha256.Sum256([]byte(strings.Join(of, "|")))
	var u [16]byte
	copy(u[6:], sum[:10])
	if raw, err := hex.DecodeString(strings.ReplaceAll(t.Cause, "-", "")); err == nil && len(raw) == 16 {
		copy(u[:6], raw)
	}
	u[6] = 0x70 | u[6]&0x0f
	u[8] = 0x80 | u[8]&0x3f
	h := hex.EncodeToString(u[:])
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}

// messageID is the Message-ID (RFC 5322, 3.6.4) of a delivery, the same however
// often it is tried, so that a mail server can tell a repetition.
func (s *Service) messageID(id string) string { return id + "@" + host(s.BaseURL) }

func host(base string) string {
	if u, err := url.Parse(base); err == nil && u.Hostname() != "" {
		return u.Hostname()
	}
	return "localhost"
}
