package voices

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"minqing/internal/db"
	"minqing/internal/fault"
	"minqing/internal/i18n"
	"minqing/internal/idcode"
	"minqing/internal/notify"
	"minqing/internal/vault"
)

const (
	purposeFollow  = "voice.follow"
	purposeConfirm = "voice.follow.confirm"
	purposeStop    = "voice.follow.stop"

	confirmLife  = 48 * time.Hour      // of a link that proves an address
	askedAgain   = time.Hour           // when another link may be sent to the same address
	waitingMost  = 5                   // links to one address that nobody opened: what strangers may have sent it
	bouncedLife  = 30 * 24 * time.Hour // nothing goes to an address that came back
	pressedTwice = time.Minute
	closedFollow = 7 * 24 * time.Hour // addresses stay after the case is closed: it may be appealed
)

// following is a row of voice_follows.
type following struct {
	ID            string
	CaseID        string
	VaultKeyID    string
	AddressCipher []byte
	AddressIndex  []byte
	Locale        string
	LinkKey       string
	Generation    int
	AskedAt       time.Time
	ConfirmedAt   *time.Time
	BouncedAt     *time.Time
	Version       int64
}

// TableName names the table for gorm.
func (following) TableName() string { return "voice_follows" }

func (f *following) waits(now time.Time) bool {
	return f.ConfirmedAt == nil && f.BouncedAt == nil && now.Before(f.AskedAt.Add(confirmLife))
}

var errAsked = errors.New("asked for at the same moment")

// Follow sends a link to an address, which must be opened before anything else
// goes there. It answers alike whether the address follows already, came back, or
// was given too often. No audit entry keeps who asked.
func (s *Service) Follow(ctx context.Context, id, address string, lang i18n.Lang) error {
	mail, err := idcode.NormaliseEmail(address)
	if err != nil {
		return fault.InvalidInput(fault.Field{Name: "email", Key: "voices.follow.email.wrong"})
	}
	err = s.DB.Tx(ctx, func(ctx context.Context) error {
		v, err := s.Read(ctx, id)
		if err != nil {
			return err
		}
		if !v.Open {
			return fault.New(fault.Conflict, "voices.follow.closed")
		}
		caseID, err := s.caseOf(ctx, id)
		if err != nil {
			return err
		}
		var known []following
		if err := s.DB.From(ctx).Where("address_index IN ?", s.Vault.BlindIndexes(purposeFollow, mail)).Order("id").Find(&known).Error; err != nil {
			return fmt.Errorf("find who follows: %w", db.Fault(err, "", ""))
		}
		return s.ask(ctx, known, caseID, mail, lang)
	})
	if errors.Is(err, errAsked) {
		return nil
	}
	return err
}

// ask sends the link, unless what is known of the address speaks against it.
func (s *Service) ask(ctx context.Context, known []following, caseID, mail string, lang i18n.Lang) error {
	now := s.Now().UTC()
	var mine *following
	waiting := 0
	for i := range known {
		f := &known[i]
		if f.BouncedAt != nil {
			return nil
		}
		if f.CaseID == caseID {
			mine = f
		} else if f.waits(now) {
			waiting++
		}
	}
	switch {
	case waiting >= waitingMost, mine != nil && mine.ConfirmedAt != nil, mine != nil && now.Before(mine.AskedAt.Add(askedAgain)):
		return nil
	case mine != nil:
		res := s.DB.From(ctx).Exec("UPDATE voice_follows SET generation = generation + 1, link_key = ?, locale = ?, asked_at = ?, version = version + 1 WHERE id = ? AND version = ?",
			s.Vault.CurrentKey(), lang, now, mine.ID, mine.Version)
		if res.Error != nil || res.RowsAffected == 0 {
			return db.Fault(res.Error, "", "")
		}
		return s.tellOne(ctx, notify.FollowConfirm, mine.ID, db.NewID(now))
	}
	key, err := s.Vault.NewKey(ctx, vault.OwnerConstituent)
	if err != nil {
		return err
	}
	sealed, err := s.Vault.Seal(ctx, key, purposeFollow, []byte(mail))
	if err != nil {
		return fmt.Errorf("seal the address of who follows: %w", err)
	}
	id := db.NewID(now)
	res := s.DB.From(ctx).Exec(`INSERT INTO voice_follows (id, case_id, vault_key_id, address_cipher, address_index, locale, link_key, asked_at)
 VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`, id, caseID, key, sealed, s.Vault.BlindIndex(purposeFollow, mail), lang, s.Vault.CurrentKey(), now)
	switch {
	case res.Error != nil:
		return fmt.Errorf("note who follows: %w", db.Fault(res.Error, "", ""))
	case res.RowsAffected == 0:
		return errAsked
	}
	return s.tellOne(ctx, notify.FollowConfirm, id, db.NewID(now))
}

func (s *Service) token(f *following, purpose string) string {
	return f.ID + "." + s.Vault.DeriveWith(f.LinkKey, purpose, f.ID, f.Generation, vault.LinkLength)
}

// byToken finds who follows by a link of theirs; nil when they follow no more.
func (s *Service) byToken(ctx context.Context, token, purpose string) (*following, error) {
	wrong := fault.New(fault.NotFound, "voices.follow.link")
	id, _, _ := strings.Cut(token, ".")
	if !db.IsID(id) {
		return nil, wrong
	}
	var list []following
	if err := s.DB.From(ctx).Where("id = ?", id).Find(&list).Error; err != nil {
		return nil, fmt.Errorf("find who follows: %w", db.Fault(err, "", ""))
	}
	if len(list) == 0 {
		return nil, nil //nolint:nilnil // no more
	}
	if !vault.Matches(token, s.token(&list[0], purpose)) {
		return nil, wrong
	}
	return &list[0], nil
}

// Confirm takes the link that proves an address, once, and gives what it follows;
// nothing while that is out of sight. Pressed twice at once, both presses did it.
func (s *Service) Confirm(ctx context.Context, token string) (voiceID string, err error) {
	err = s.DB.Tx(ctx, func(ctx context.Context) error {
		now := s.Now().UTC()
		f, of, err := s.waiting(ctx, token, now.Add(-pressedTwice))
		if err != nil {
			return err
		}
		if of.Open {
			voiceID = of.ID
		}
		if f.ConfirmedAt != nil {
			return nil
		}
		res := s.DB.From(ctx).Exec("UPDATE voice_follows SET confirmed_at = ?, version = version + 1 WHERE id = ? AND confirmed_at IS NULL", now, f.ID)
		if res.Error != nil {
			return fmt.Errorf("note that an address is proven: %w", db.Fault(res.Error, "", ""))
		}
		return nil
	})
	return voiceID, err
}

// Confirmable says whether the link that proves an address still works.
func (s *Service) Confirmable(ctx context.Context, token string) error {
	_, _, err := s.waiting(ctx, token, s.Now().UTC())
	return err
}

// waiting finds who waits to be confirmed, or was since a moment ago.
func (s *Service) waiting(ctx context.Context, token string, since time.Time) (*following, *Voice, error) {
	wrong := fault.New(fault.NotFound, "voices.follow.link")
	f, err := s.byToken(ctx, token, purposeConfirm)
	if err != nil {
		return nil, nil, err
	}
	if f == nil || !f.waits(s.Now().UTC()) && (f.ConfirmedAt == nil || f.BouncedAt != nil || !f.ConfirmedAt.After(since)) {
		return nil, nil, wrong
	}
	of, err := s.followed(ctx, f.CaseID)
	if err == nil && of == nil {
		err = wrong
	}
	return f, of, err
}

// Stop takes the link that ends mails; pressed twice, it stays so.
func (s *Service) Stop(ctx context.Context, token string) error {
	return s.DB.Tx(ctx, func(ctx context.Context) error {
		f, err := s.byToken(ctx, token, purposeStop)
		if err != nil || f == nil {
			return err
		}
		return s.end(ctx, []following{*f})
	})
}

// Stoppable says whether a link that ends mails is whole.
func (s *Service) Stoppable(ctx context.Context, token string) error {
	_, err := s.byToken(ctx, token, purposeStop)
	return err
}
