package identity

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"

	"minqing/internal/db"
	"minqing/internal/vault"
)

// KeyOwner says what an account's data key seals in the tables of this package.
func KeyOwner() vault.Owner {
	return vault.Owner{Kind: "account", Table: "accounts", Sealed: []vault.Sealed{
		{Table: "accounts", ID: "id", Owner: "id", Column: "email_cipher", Purpose: "'" + purposeEmail + "'"},
		{Table: "accounts", ID: "id", Owner: "id", Column: "name_cipher", Purpose: "'" + purposeName + "'"},
		{Table: "sessions", ID: "id", Owner: "account_id", Column: "address_cipher", Purpose: "'" + purposePlace + "'"},
		{Table: "sessions", ID: "id", Owner: "account_id", Column: "hint_cipher", Purpose: "'" + purposeHint + "'"},
		{Table: "half_sign_ins", ID: "id", Owner: "account_id", Column: "hint_cipher", Purpose: "'" + purposeHint + "'"},
		{Table: "external_identities", ID: "id", Owner: "account_id", Column: "subject_cipher", Purpose: "'" + purposeSubject + "'"},
		{Table: "account_phones", ID: "account_id", Owner: "account_id", Column: "phone_cipher", Purpose: "'" + purposePhone + "'"},
		{Table: "passkeys", ID: "id", Owner: "account_id", Column: "record_cipher", Purpose: "'" + purposePasskey + "'"},
		{Table: "passkeys", ID: "id", Owner: "account_id", Column: "name_cipher", Purpose: "'" + purposePasskeyName + "'"},
		{Table: "second_factors", ID: "account_id", Owner: "account_id", Column: "secret_cipher", Purpose: "'" + purposeSecond + "'"},
	}}
}

// Reindex brings the hashes by which the next accounts are found under the
// current ring key, as constituents.Reindex does.
func (s *Service) Reindex(ctx context.Context, after string, most int) (last string, n int, stuck []string, err error) {
	var rows []row
	if err := s.DB.From(ctx).Where("id > ?", after).Order("id").Limit(most).Find(&rows).Error; err != nil {
		return after, 0, nil, fmt.Errorf("read accounts: %w", db.Fault(err, "", ""))
	}
	for _, r := range rows {
		last = r.ID
		if s.Vault.IsCurrentIndex(r.LoginIndex) || erasedIndex(r.LoginIndex) {
			continue
		}
		index := lastIndex(r.ID)
		email, err := s.Vault.Open(ctx, purposeEmail, r.EmailCipher)
		if err == nil && s.foundBy(r, string(email)) {
			index = s.login(string(email))
		} else if err != nil && !errors.Is(err, vault.ErrErased) {
			stuck = append(stuck, r.ID)
			continue
		}
		taken, err := s.byLogin(ctx, index) // of two that were made while machines had different keys
		if err != nil {
			return after, 0, nil, err
		}
		if taken.ID != "" {
			stuck = append(stuck, r.ID)
			continue
		}
		err = s.DB.From(ctx).Exec("UPDATE accounts SET login_index = ? WHERE id = ? AND login_index = ?", index, r.ID, r.LoginIndex).Error
		if err != nil {
			return after, 0, nil, fmt.Errorf("index an account anew: %w", db.Fault(err, "", ""))
		}
	}
	return last, len(rows), stuck, nil
}

// foundBy says whether an account is found by its address today: one that is not
// must not be tomorrow.
func (s *Service) foundBy(r row, email string) bool {
	return email != "" && slices.ContainsFunc(s.logins(email), func(login []byte) bool { return bytes.Equal(login, r.LoginIndex) })
}

// lastIndex stands where the hash of an erased account's address stood: nobody
// is found by it, and no two are alike.
func lastIndex(accountID string) []byte { return append([]byte{0}, accountID...) }

func erasedIndex(index []byte) bool { return len(index) > 0 && index[0] == 0 }

// IndexedUnder counts the hashes of this package that stand under a ring key.
func (s *Service) IndexedUnder(ctx context.Context, ringKey string) (n int64, err error) {
	from, to := vault.IndexRange(ringKey)
	err = s.DB.From(ctx).Raw("SELECT count(*) FROM accounts WHERE login_index >= ? AND login_index < ?", from, to).Scan(&n).Error
	if err != nil {
		return 0, fmt.Errorf("count keyed hashes: %w", db.Fault(err, "", ""))
	}
	return n, nil
}

// CodesUnder counts the links and recovery codes that hang on a ring key.
func (s *Service) CodesUnder(ctx context.Context, ringKey string) (n int64, err error) {
	from, to := vault.IndexRange(ringKey)
	err = s.DB.From(ctx).Raw(`SELECT (SELECT count(*) FROM accounts WHERE link_key = ? AND status = ?)
 + (SELECT count(*) FROM recovery_codes WHERE used_at IS NULL AND code_hash >= ? AND code_hash < ?)`, ringKey, Unconfirmed, from, to).Scan(&n).Error
	if err != nil {
		return 0, fmt.Errorf("count links and recovery codes: %w", db.Fault(err, "", ""))
	}
	return n, nil
}

// RenewCodes gives up to most accounts links of the current ring key, and drops
// recovery codes of the old one: they cannot be hashed anew, and their owners
// make new ones with their app.
func (s *Service) RenewCodes(ctx context.Context, ringKey string, most int) (int64, error) {
	r := s.DB.From(ctx).Exec(`UPDATE accounts SET link_key = ?, generation = generation + 1
 WHERE id IN (SELECT id FROM accounts WHERE link_key = ? ORDER BY id LIMIT ?)`, s.Vault.CurrentKey(), ringKey, most)
	if r.Error != nil {
		return 0, fmt.Errorf("renew links: %w", db.Fault(r.Error, "", ""))
	}
	if r.RowsAffected > 0 {
		return r.RowsAffected, nil
	}
	from, to := vault.IndexRange(ringKey)
	r = s.DB.From(ctx).Exec("DELETE FROM recovery_codes WHERE code_hash >= ? AND code_hash < ?", from, to)
	if r.Error != nil {
		return 0, fmt.Errorf("drop recovery codes: %w", db.Fault(r.Error, "", ""))
	}
	return r.RowsAffected, nil
}
