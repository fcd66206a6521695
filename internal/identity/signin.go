package identity

import (
	"context"
	"encoding/hex"
	"fmt"

	"minqing/internal/actor"
	"minqing/internal/audit"
	"minqing/internal/db"
	"minqing/internal/fault"
)

// errRefused is the one answer to an unknown address, a wrong password, a lock,
// an unproven mailbox and a disabled account: nobody learns who has an account.
var errRefused = fault.New(fault.Invalid, "identity.sign_in.refused")

// SignIn checks a password and opens a session. The token goes into the cookie;
// the table keeps its hash. Who has a second factor gets a *SecondStep as the
// error instead, and no session before the code. Every refusal is the same answer after the same work.
func (s *Service) SignIn(ctx context.Context, email, password string) (token string, _ *Account, err error) {
	var c fault.Check
	c.That(normal(email) != "", "email", "identity.email.required")
	c.That(password != "", "password", "identity.password.required")
	if err := c.Err(); err != nil {
		return "", nil, err
	}
	login := s.login(email)
	counted, err := s.counted(ctx, login)
	if err != nil {
		return "", nil, err
	}
	locked, err := s.count(ctx, counted, nameMost)
	if err != nil {
		return "", nil, err
	}
	r, err := s.byLogin(ctx, s.logins(email)...)
	if err != nil {
		return "", nil, err
	}
	ok, err := s.matches(ctx, password, r.PasswordHash)
	if err != nil {
		return "", nil, err
	}
	if !ok || locked || !s.allowed(r.Status, r.Demo) {
		if err := s.refuse(ctx, r, login, s.address(ctx)); err != nil {
			return "", nil, err
		}
		return "", nil, errRefused
	}
	token, err = s.pass(ctx, r)
	return token, r.account(), err
}

// pass opens a session for who gave the right password or, where there is a
// second factor, asks for its code by a *SecondStep.
func (s *Service) pass(ctx context.Context, r row) (string, error) {
	if mayHaveSecond(r) {
		f, err := s.factor(ctx, r.ID)
		if err != nil {
			return "", err
		}
		if f.on() {
			return "", s.openHalf(ctx, r, false)
		}
		must, err := s.mustHaveSecond(ctx, r)
		if err != nil {
			return "", err
		}
		if must {
			return "", s.compel(ctx, r)
		}
	}
	return s.open(ctx, r)
}

// byLogin finds an account by one of the hashes of its address; one that does
// not exist is an empty row. While keys change the row may stand under an older
// hash: it is given with the first one, under which attempts are counted.
func (s *Service) byLogin(ctx context.Context, logins ...[]byte) (row, error) {
	var rows []row
	if err := s.DB.From(ctx).Where("login_index IN ?", logins).Order("id").Limit(1).Find(&rows).Error; err != nil {
		return row{}, fmt.Errorf("find an account: %w", db.Fault(err, "", ""))
	}
	if len(rows) == 0 {
		return row{}, nil
	}
	rows[0].LoginIndex = logins[0]
	return rows[0], nil
}

// refuse leaves a trace of a failed attempt: the account's id, or the keyed
// hash of what was typed, never the address itself.
func (s *Service) refuse(ctx context.Context, r row, login, from []byte) error {
	return s.DB.Tx(ctx, func(ctx context.Context) error {
		if from != nil {
			if _, err := s.count(ctx, from, addressMost); err != nil {
				return err
			}
		}
		id := r.ID
		if id == "" {
			id = hex.EncodeToString(login)
		}
		return s.Audit.Record(ctx, audit.Entry{Action: "identity.sign_in_refused", Kind: "account", ID: id})
	})
}

// stands keeps an account as it is until the open transaction is over, and refuses
// the sign-in when its password was changed or it was locked since it was read:
// whoever does that ends its sessions, and this one would come after.
func (s *Service) stands(ctx context.Context, r row) error {
	var now row
	err := s.DB.From(ctx).Raw("SELECT password_hash, status, demo FROM accounts WHERE id = ?"+s.DB.Shared(), r.ID).Scan(&now).Error
	if err != nil {
		return fmt.Errorf("read an account: %w", db.Fault(err, "", ""))
	}
	if now.PasswordHash != r.PasswordHash || !s.allowed(now.Status, now.Demo) {
		return errRefused
	}
	return nil
}

// open starts a session under a new token and ends the one that the request
// came with.
func (s *Service) open(ctx context.Context, r row) (string, error) {
	old := actor.From(ctx).SessionID
	ctx = actor.With(ctx, actorOf(ctx, r))
	token, digest := newSecret()
	now := s.Now().UTC()
	var place []byte
	if masked := maskedAddress(ctx); masked != "" {
		var err error
		if place, err = s.Vault.Seal(ctx, r.VaultKeyID, purposePlace, []byte(masked)); err != nil {
			return "", err
		}
	}
	err := s.DB.Tx(ctx, func(ctx context.Context) error {
		if err := s.stands(ctx, r); err != nil {
			return err
		}
		counted := s.device(ctx, r.LoginIndex)
		if counted == nil { // a known browser forgives nothing that others did
			counted = r.LoginIndex
		}
		if err := s.forgive(ctx, counted); err != nil {
			return err
		}
		if old != "" {
			if err := s.end(ctx, "id = ?", old); err != nil {
				return err
			}
		}
		by := viaFrom(ctx)
		stmt := db.Insert("sessions", "id, token_hash, account_id, created_at, seen_at, expires_at, browser, address_cipher, provider, hint_cipher",
			db.NewID(now), digest[:], r.ID, now, now, now.Add(longestSession), browserFrom(ctx).label(), place, by.provider, by.hint)
		if err := s.DB.From(ctx).Exec(stmt.SQL, stmt.Args...).Error; err != nil {
			return fmt.Errorf("open a session: %w", db.Fault(err, "", ""))
		}
		return s.Audit.Record(ctx, audit.Entry{Action: "identity.sign_in", Kind: "account", ID: r.ID, Fields: by.fields()})
	})
	if err != nil {
		return "", err
	}
	return token, nil
}
