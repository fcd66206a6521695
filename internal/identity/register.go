package identity

import (
	"context"
	"fmt"
	"strings"
	"time"

	"minqing/internal/actor"
	"minqing/internal/audit"
	"minqing/internal/constituents"
	"minqing/internal/db"
	"minqing/internal/fault"
	"minqing/internal/text"
	"minqing/internal/vault"
)

// CanRegister says whether people can make accounts: only where messages reach
// them.
func (s *Service) CanRegister() bool { return s.messages != nil }

// registration is a wish for an account that no job has looked at yet.
type registration struct {
	ID           string
	VaultKeyID   string
	EmailCipher  []byte
	NameCipher   []byte
	PasswordHash string
	Locale       string
	CreatedAt    time.Time
}

// RegisterCitizen takes a person's wish for an account. Whether the address has
// one already is for a job to find out, so that the answer and the work before it
// are the same. Until the link in the message is opened the account is good for
// nothing.
func (s *Service) RegisterCitizen(ctx context.Context, n NewAccount) error {
	if !s.CanRegister() {
		return fault.New(fault.Unavailable, "identity.register.closed")
	}
	var c fault.Check
	if err := s.check(ctx, &c, n); err != nil {
		return err
	}
	if err := c.Err(); err != nil {
		return err
	}
	may, err := s.asked(ctx, s.login(n.Email))
	if err != nil {
		return err
	}
	hash, err := s.hash(ctx, n.Password)
	if err != nil || !may {
		return err
	}
	key, keyRow, err := s.Vault.Mint(vault.OwnerAccount)
	if err != nil {
		return err
	}
	email, err := key.Seal(purposeEmail, []byte(normal(n.Email)))
	if err != nil {
		return err
	}
	name, err := key.Seal(purposeName, []byte(text.Line(n.Name)))
	if err != nil {
		return err
	}
	now := s.Now().UTC()
	id := db.NewID(now)
	return s.DB.Tx(ctx, func(ctx context.Context) error {
		err := s.DB.InsertAll(ctx, keyRow.Insert(), db.Insert("registrations", "id, vault_key_id, email_cipher, name_cipher, password_hash, locale, created_at",
			id, key.ID, email, name, hash, language(n.Locale), now))
		if err != nil {
			return fmt.Errorf("note a registration: %w", db.Fault(err, "", ""))
		}
		if err := s.Audit.Record(ctx, audit.Entry{Action: "identity.register", Kind: "account", ID: id}); err != nil {
			return err
		}
		return s.messages.Enrol(ctx, id)
	})
}

// Enrol makes the account that a registration asks for, or answers it if there is
// one, and forgets the registration. To do it twice does nothing more.
func (s *Service) Enrol(ctx context.Context, registrationID string) error {
	err := s.enrol(ctx, registrationID)
	if fault.KindOf(err) == fault.Conflict { // another registration of the same address was quicker
		err = s.enrol(ctx, registrationID)
	}
	return err
}

func (s *Service) enrol(ctx context.Context, registrationID string) error {
	return s.DB.Tx(ctx, func(ctx context.Context) error {
		var rows []registration
		err := s.DB.From(ctx).Raw(`DELETE FROM registrations WHERE id = ?
 RETURNING id, vault_key_id, email_cipher, name_cipher, password_hash, locale, created_at`, registrationID).Scan(&rows).Error
		if err != nil || len(rows) == 0 {
			return db.Fault(err, "", "")
		}
		w := rows[0]
		email, err := s.Vault.Open(ctx, purposeEmail, w.EmailCipher)
		if err != nil {
			return err
		}
		name, err := s.Vault.Open(ctx, purposeName, w.NameCipher)
		if err != nil {
			return err
		}
		if err := s.Vault.Destroy(ctx, w.VaultKeyID); err != nil {
			return err
		}
		n := NewAccount{Email: string(email), Name: string(name), Locale: w.Locale}
		there, err := s.byLogin(ctx, s.logins(n.Email)...)
		if err != nil {
			return err
		}
		if there.ID != "" {
			return s.again(ctx, there, w.PasswordHash, n)
		}
		id, err := s.insert(ctx, n, row{ID: w.ID, Kind: Citizen, Status: Unconfirmed}, w.PasswordHash)
		if err != nil {
			return err
		}
		return s.messages.ConfirmAccount(ctx, id)
	})
}

// dropOldRegistrations forgets those whose job never came to its end.
func (s *Service) dropOldRegistrations(ctx context.Context, before time.Time) error {
	var keys []string
	err := s.DB.From(ctx).Raw("DELETE FROM registrations WHERE created_at < ? RETURNING vault_key_id", before).Scan(&keys).Error
	if err != nil {
		return fmt.Errorf("forget registrations: %w", db.Fault(err, "", ""))
	}
	for _, key := range keys {
		if err := s.Vault.Destroy(ctx, key); err != nil {
			return err
		}
	}
	return nil
}

// again answers a registration of an address that stands: an unconfirmed one
// takes the new password and gets a new link, any other stays as it is.
func (s *Service) again(ctx context.Context, r row, hash string, n NewAccount) error {
	return s.DB.Tx(ctx, func(ctx context.Context) error {
		if err := s.Audit.Record(ctx, audit.Entry{Action: "identity.register_again", Kind: "account", ID: r.ID}); err != nil {
			return err
		}
		if r.Status != Unconfirmed {
			return nil
		}
		name, err := s.Vault.Seal(ctx, r.VaultKeyID, purposeName, []byte(text.Line(n.Name)))
		if err != nil {
			return err
		}
		err = s.DB.From(ctx).Exec(`UPDATE accounts SET password_hash = ?, name_cipher = ?, locale = ?, link_key = ?, generation = generation + 1,
 version = version + 1 WHERE id = ? AND status = ?`, hash, name, language(n.Locale), s.Vault.CurrentKey(), r.ID, Unconfirmed).Error
		if err != nil {
			return fmt.Errorf("renew a registration: %w", db.Fault(err, "", ""))
		}
		return s.messages.ConfirmAccount(ctx, r.ID)
	})
}

// accountMark begins the tokens of accounts, so that one address serves links
// for accounts and for contact points.
const accountMark = "a."

// ConfirmToken is what the link carries that proves an account's mailbox:
// derived, never stored. A new registration makes the old one worthless.
func (s *Service) ConfirmToken(ctx context.Context, accountID string) (string, error) {
	var r row
	if err := s.DB.From(ctx).Where("id = ?", accountID).Take(&r).Error; err != nil {
		return "", db.Fault(err, "identity.account.missing", "")
	}
	return accountMark + r.ID + "." + s.code(r), nil
}

func (s *Service) code(r row) string {
	return s.Vault.DeriveWith(r.LinkKey, purposeConfirm, r.ID, r.Generation, vault.LinkLength)
}

// IsAccountLink says whether a token proves an account's mailbox, which needs
// the password too; any other proves a contact point.
func IsAccountLink(token string) bool { return strings.HasPrefix(token, accountMark) }

var errNoLink = fault.New(fault.NotFound, "constituents.link.invalid")

// Confirm proves the mailbox of a new account and opens a session. The password
// is asked for once more: who registered a stranger's address does not get in by
// the stranger's click, and a stranger's click confirms nobody else's password.
func (s *Service) Confirm(ctx context.Context, token, password string) (session string, _ *Account, err error) {
	rest, _ := strings.CutPrefix(token, accountMark)
	id, code, ok := strings.Cut(rest, ".")
	if !ok || !uuidLike(id) {
		return "", nil, errNoLink
	}
	var r row
	if err := s.DB.From(ctx).Where("id = ?", id).Take(&r).Error; err != nil {
		return "", nil, db.Fault(err, "constituents.link.invalid", "")
	}
	if !vault.Matches(code, s.code(r)) || r.Status == Disabled {
		return "", nil, errNoLink
	}
	if password == "" {
		return "", nil, fault.InvalidInput(fault.Field{Name: "password", Key: "identity.password.required"})
	}
	counted := s.Vault.BlindIndex(purposeConfirm, r.ID) // who has the link: strangers who try the name do not
	locked, err := s.count(ctx, counted, nameMost)
	if err != nil {
		return "", nil, err
	}
	ok, err = s.matches(ctx, password, r.PasswordHash)
	if err != nil {
		return "", nil, err
	}
	if !ok || locked {
		if err := s.refuse(ctx, r, r.LoginIndex, s.address(ctx)); err != nil {
			return "", nil, err
		}
		return "", nil, fault.InvalidInput(fault.Field{Name: "password", Key: "identity.confirm.password"})
	}
	if r.Status == Unconfirmed {
		if err := s.activate(ctx, &r); err != nil {
			return "", nil, err
		}
	}
	if err := s.forgive(ctx, counted); err != nil {
		return "", nil, err
	}
	session, err = s.pass(ctx, r)
	return session, r.account(), err
}

// activate gives a proven account its constituent, and that the cases filed
// from the same mailbox without an account.
func (s *Service) activate(ctx context.Context, r *row) error {
	ctx = actor.With(ctx, actorOf(ctx, *r))
	email, err := s.Vault.Open(ctx, purposeEmail, r.EmailCipher)
	if err != nil {
		return err
	}
	name, err := s.Vault.Open(ctx, purposeName, r.NameCipher)
	if err != nil {
		return err
	}
	return s.DB.Tx(ctx, func(ctx context.Context) error {
		guests, err := s.guestsAt(ctx, string(email))
		if err != nil {
			return err
		}
		person, err := s.Constituents.Create(ctx, constituents.Contact{Name: string(name)}, r.Locale)
		if err != nil {
			return err
		}
		if _, err := s.Constituents.Attach(ctx, person, constituents.Email, string(email), true); err != nil {
			return err
		}
		res := s.DB.From(ctx).Exec(`UPDATE accounts SET status = ?, constituent_id = ?, version = version + 1 WHERE id = ? AND status = ?`,
			Active, person, r.ID, Unconfirmed)
		if res.Error != nil {
			return fmt.Errorf("confirm an account: %w", db.Fault(res.Error, "", ""))
		}
		if res.RowsAffected == 0 {
			return fault.New(fault.Conflict, "fault.conflict")
		}
		r.Status, r.ConstituentID = Active, &person
		if err := s.Constituents.Join(ctx, person, guests...); err != nil {
			return err
		}
		return s.Audit.Record(ctx, audit.Entry{Action: "identity.confirm", Kind: "account", ID: r.ID})
	})
}

// ConfirmContact takes the link that a guest got: the mailbox or phone is proven,
// and if an account has the mailbox, the guest's cases become that account's. A
// phone makes nothing of the kind: carriers give numbers to others.
func (s *Service) ConfirmContact(ctx context.Context, token string) (constituents.PointKind, error) {
	proven, err := s.Constituents.Confirm(ctx, token)
	if err != nil || proven.Kind != constituents.Email {
		return proven.Kind, err
	}
	r, err := s.byLogin(ctx, s.logins(proven.Value)...)
	if err != nil || r.Status != Active || r.ConstituentID == nil {
		return proven.Kind, err
	}
	return proven.Kind, s.DB.Tx(ctx, func(ctx context.Context) error {
		if err := s.getsMail(ctx, r.ID); err != nil {
			return err
		}
		guests, err := s.withoutAccount(ctx, []string{proven.ConstituentID})
		if err != nil {
			return err
		}
		return s.Constituents.Join(ctx, *r.ConstituentID, guests...)
	})
}

// IsPhoneLink says whether a link proves a phone.
func (s *Service) IsPhoneLink(ctx context.Context, token string) bool {
	kind, err := s.Constituents.LinkKind(ctx, token)
	return err == nil && kind == constituents.Phone
}

// guestsAt lists the constituents without an account who gave the address.
func (s *Service) guestsAt(ctx context.Context, email string) ([]string, error) {
	ids, err := s.Constituents.FindByContact(ctx, constituents.Email, email)
	if err != nil {
		return nil, err
	}
	return s.withoutAccount(ctx, ids)
}

func (s *Service) withoutAccount(ctx context.Context, ids []string) ([]string, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	var guests []string
	err := s.DB.From(ctx).Raw(`SELECT c.id FROM constituents c WHERE c.id IN ? AND c.kind = 'person' AND (c.merged_into_id IS NULL OR c.merged_how IS NOT NULL)
 AND NOT EXISTS (SELECT 1 FROM accounts a WHERE a.constituent_id = c.id) ORDER BY c.id`, ids).Scan(&guests).Error
	if err != nil {
		return nil, fmt.Errorf("find guests: %w", db.Fault(err, "", ""))
	}
	return guests, nil
}

func uuidLike(id string) bool {
	return len(id) == 36 && strings.Trim(id, "0123456789abcdef-") == "" && strings.Count(id, "-") == 4 &&
		id[8] == '-' && id[13] == '-' && id[18] == '-' && id[23] == '-'
}
