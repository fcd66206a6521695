package identity

import (
	"context"
	"fmt"
	"strings"
	"unicode/utf8"

	"minqing/internal/access"
	"minqing/internal/audit"
	"minqing/internal/constituents"
	"minqing/internal/db"
	"minqing/internal/fault"
	"minqing/internal/idcode"
	"minqing/internal/text"
	"minqing/internal/vault"
)

const nameMostRunes = 100

// NewAccount is an account to make, in the clear, as typed.
type NewAccount struct {
	Email    string
	Name     string // may be empty
	Password string
	UnitCode string // home unit of staff; may be empty
	Locale   string
}

func (s *Service) check(ctx context.Context, c *fault.Check, n NewAccount) error {
	n.checkWho(c)
	return s.checkPassword(ctx, c, n.Password, n.Email)
}

// checkWho is check before there is a password.
func (n NewAccount) checkWho(c *fault.Check) {
	_, err := idcode.NormaliseEmail(n.Email)
	switch {
	case strings.TrimSpace(n.Email) == "":
		c.That(false, "email", "identity.email.required")
	case err != nil:
		c.That(false, "email", "identity.email.form")
	}
	c.That(utf8.RuneCountInString(n.Name) <= nameMostRunes, "name", "identity.name.long", "Max", nameMostRunes)
}

// CheckNew says what keeps an account from being made and, unless role is empty,
// from holding the role for its unit. The password does not count: it is asked
// for when the rest holds.
func (s *Service) CheckNew(ctx context.Context, n NewAccount, role string) error {
	var c fault.Check
	n.checkWho(&c)
	if role != "" {
		unit, err := s.grantedFor(ctx, n.UnitCode)
		if err != nil {
			return err
		}
		if err := c.Add(s.Access.CheckGiving(ctx, access.Giving{Role: role, UnitCode: unit})); err != nil {
			return err
		}
	}
	if err := c.Err(); err != nil {
		return err
	}
	there, err := s.byLogin(ctx, s.logins(n.Email)...)
	if err == nil && there.ID != "" {
		err = fault.New(fault.Conflict, "identity.email.taken")
	}
	return err
}

// CreateStaff makes an account for a civil servant and gives its id. It may do
// nothing until it is granted a role. An address that has an account is a
// Conflict: only administrators come here.
func (s *Service) CreateStaff(ctx context.Context, n NewAccount) (string, error) {
	var c fault.Check
	if err := s.check(ctx, &c, n); err != nil {
		return "", err
	}
	unit, err := s.unit(ctx, n.UnitCode, &c)
	if err != nil {
		return "", err
	}
	if err := c.Err(); err != nil {
		return "", err
	}
	return s.create(ctx, n, row{Kind: Staff, UnitID: db.Ref(unit), Status: Active})
}

// CreateCitizen makes an account for a person whose mailbox somebody vouches
// for, and gives its id: for an administrator or a test, not for the public.
func (s *Service) CreateCitizen(ctx context.Context, n NewAccount) (id string, err error) {
	var c fault.Check
	if err := s.check(ctx, &c, n); err != nil {
		return "", err
	}
	if err := c.Err(); err != nil {
		return "", err
	}
	return s.createCitizen(ctx, n, constituents.Person, row{Status: Active})
}

// createCitizen makes a constituent with a proven mailbox and its account.
func (s *Service) createCitizen(ctx context.Context, n NewAccount, kind constituents.Kind, r row) (id string, err error) {
	hash, err := s.hash(ctx, n.Password) // first: no transaction waits for it
	if err != nil {
		return "", err
	}
	err = s.DB.Tx(ctx, func(ctx context.Context) error {
		id, err = s.insertCitizen(ctx, n, constituents.Contact{Kind: kind, Name: n.Name}, r, hash)
		return err
	})
	return id, err
}

func (s *Service) insertCitizen(ctx context.Context, n NewAccount, who constituents.Contact, r row, hash string) (string, error) {
	person, err := s.Constituents.Create(ctx, who, n.Locale)
	if err != nil {
		return "", err
	}
	if _, err := s.Constituents.Attach(ctx, person, constituents.Email, n.Email, true); err != nil {
		return "", err
	}
	r.Kind, r.ConstituentID = Citizen, &person
	return s.insert(ctx, n, r, hash)
}

func (s *Service) unit(ctx context.Context, code string, c *fault.Check) (id string, err error) {
	if code == "" {
		return "", nil
	}
	if err := s.DB.From(ctx).Raw("SELECT id FROM units WHERE code = ?", code).Scan(&id).Error; err != nil {
		return "", fmt.Errorf("find the home unit: %w", db.Fault(err, "", ""))
	}
	c.That(id != "", "unit", "access.unit.unknown", "Unit", code)
	return id, nil
}

// create hashes the password and stores an account that was checked.
func (s *Service) create(ctx context.Context, n NewAccount, r row) (string, error) {
	hash, err := s.hash(ctx, n.Password)
	if err != nil {
		return "", err
	}
	return s.insert(ctx, n, r, hash)
}

// insert seals and stores an account.
func (s *Service) insert(ctx context.Context, n NewAccount, r row, hash string) (string, error) {
	key, keyRow, err := s.Vault.Mint(vault.OwnerAccount)
	if err != nil {
		return "", err
	}
	now := s.Now().UTC()
	if r.ID == "" {
		r.ID = db.NewID(now)
	}
	r.VaultKeyID, r.PasswordHash = key.ID, hash
	if r.LoginIndex == nil {
		r.LoginIndex = s.login(n.Email)
	}
	r.Locale, r.LinkKey, r.Generation, r.Version, r.CreatedAt = language(n.Locale), s.Vault.CurrentKey(), 1, 1, now
	if r.EmailCipher, err = key.Seal(purposeEmail, []byte(normal(n.Email))); err != nil {
		return "", err
	}
	if r.EmailCipher == nil {
		r.EmailCipher = []byte{} // a person of a provider that told no address
	}
	if r.NameCipher, err = key.Seal(purposeName, []byte(text.Line(n.Name))); err != nil {
		return "", err
	}
	err = s.DB.Tx(ctx, func(ctx context.Context) error {
		if err := s.DB.InsertAll(ctx, keyRow.Insert()); err != nil {
			return fmt.Errorf("store the key of an account: %w", db.Fault(err, "", ""))
		}
		if err := s.DB.From(ctx).Create(&r).Error; err != nil {
			return fmt.Errorf("store an account: %w", db.Fault(err, "", "identity.email.taken"))
		}
		return s.Audit.Record(ctx, audit.Entry{Action: "identity.account_create", Kind: "account", ID: r.ID,
			Fields: []audit.Change{{Field: "kind", After: string(r.Kind)}, {Field: "status", After: string(r.Status)}}})
	})
	if err != nil {
		return "", err
	}
	return r.ID, nil
}

// byEmail finds an account for an administrator, who may know that there is none.
func (s *Service) byEmail(ctx context.Context, email string) (row, error) {
	r, err := s.byLogin(ctx, s.logins(email)...)
	if err == nil && r.ID == "" {
		err = fault.New(fault.NotFound, "identity.account.missing")
	}
	return r, err
}

// ByEmail finds an account for an administrator.
func (s *Service) ByEmail(ctx context.Context, email string) (*Account, error) {
	r, err := s.byEmail(ctx, email)
	if err != nil {
		return nil, err
	}
	return r.account(), nil
}

// SetPassword replaces an account's password; its sessions and access tokens
// end, and what locked its sign-in is forgiven.
func (s *Service) SetPassword(ctx context.Context, email, password string) error {
	r, err := s.byEmail(ctx, email)
	if err != nil {
		return err
	}
	var c fault.Check
	if err := s.checkPassword(ctx, &c, password, email); err != nil {
		return err
	}
	if err := c.Err(); err != nil {
		return err
	}
	hash, err := s.hash(ctx, password)
	if err != nil {
		return err
	}
	return s.DB.Tx(ctx, func(ctx context.Context) error {
		err := s.DB.From(ctx).Exec("UPDATE accounts SET password_hash = ?, version = version + 1 WHERE id = ?", hash, r.ID).Error
		if err != nil {
			return fmt.Errorf("store a password: %w", db.Fault(err, "", ""))
		}
		if err := s.end(ctx, "account_id = ?", r.ID); err != nil {
			return err
		}
		if err := s.revokeTokens(ctx, r.ID); err != nil {
			return err
		}
		if err := s.endHalves(ctx, r.ID); err != nil {
			return err
		}
		if err := s.changed(ctx, r.ID, ChangedPassword); err != nil {
			return err
		}
		if err := s.forgive(ctx, r.LoginIndex); err != nil {
			return err
		}
		return s.Audit.Record(ctx, audit.Entry{Action: "identity.password", Kind: "account", ID: r.ID, Fields: []audit.Change{{Field: "password"}}})
	})
}

// Grant lets an account hold a role for a unit and all below it; an empty unit
// is the whole government. It gives the grant's id.
func (s *Service) Grant(ctx context.Context, accountID, role, unitCode, reason string) (string, error) {
	unitCode, err := s.grantedFor(ctx, unitCode)
	if err != nil {
		return "", err
	}
	return s.Access.Give(ctx, access.Giving{AccountID: accountID, Role: role, UnitCode: unitCode, Reason: reason})
}

// grantedFor is the unit that a role is for: the root when none is named.
func (s *Service) grantedFor(ctx context.Context, unitCode string) (string, error) {
	if unitCode != "" {
		return unitCode, nil
	}
	err := s.DB.From(ctx).Raw("SELECT code FROM units WHERE parent_id IS NULL ORDER BY path LIMIT 1").Scan(&unitCode).Error
	if err != nil {
		return "", fmt.Errorf("find the root unit: %w", db.Fault(err, "", ""))
	}
	if unitCode == "" {
		return "", fault.New(fault.Conflict, "identity.grant.no_units")
	}
	return unitCode, nil
}

// Revoke ends a grant now.
func (s *Service) Revoke(ctx context.Context, grantID, reason string) error {
	return s.Access.Take(ctx, grantID, reason)
}
