package identity

import (
	"context"
	"crypto/rand"
	"fmt"
	"strings"

	"minqing/internal/audit"
	"minqing/internal/db"
	"minqing/internal/fault"
)

var errCode = fault.InvalidInput(fault.Field{Name: "code", Key: "identity.second.refused"})

// recoveryAlphabet has 32 signs, none of which looks like another.
const (
	recoveryAlphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
	recoveryLength   = 24 // 120 bits: ASVS 6.5.2 lets a plain hash keep a secret of 112 and more
	recoveryGroup    = 4  // signs that are read at once
	recoveryShort    = 12 // of codes that were made before
)

func (s *Service) codeFits(ctx context.Context, f factorRow, code string) (step int64, ok bool, err error) {
	secret, err := s.Vault.Open(ctx, purposeSecond, f.SecretCipher)
	if err != nil {
		return 0, false, err
	}
	step, ok = totpStep(secret, code, s.Now(), f.LastStep)
	return step, ok, nil
}

// spend takes a code of the app or a recovery code of a confirmed second factor.
// Each works once, also when two come at the same time. Call it in a
// transaction with what the code allows; it is refused by errCode.
func (s *Service) spend(ctx context.Context, r row, code string) error {
	f, err := s.factor(ctx, r.ID)
	if err != nil {
		return err
	}
	if !f.on() {
		return errCode
	}
	step, ok, err := s.codeFits(ctx, f, code)
	if err != nil {
		return err
	}
	if !ok {
		return s.spendRecovery(ctx, r.ID, code)
	}
	res := s.DB.From(ctx).Exec("UPDATE second_factors SET last_step = ? WHERE account_id = ? AND last_step < ?", step, r.ID, step)
	if res.Error != nil {
		return fmt.Errorf("spend a code: %w", db.Fault(res.Error, "", ""))
	}
	if res.RowsAffected == 0 {
		return errCode
	}
	return nil
}

func (s *Service) spendRecovery(ctx context.Context, accountID, code string) error {
	plain := strings.ToUpper(bare(code))
	if len(plain) != recoveryLength && len(plain) != recoveryShort {
		return errCode
	}
	res := s.DB.From(ctx).Exec("UPDATE recovery_codes SET used_at = ? WHERE account_id = ? AND code_hash IN ? AND used_at IS NULL",
		s.Now().UTC(), accountID, s.Vault.BlindIndexes(purposeRecovery, accountID+plain))
	if res.Error != nil {
		return fmt.Errorf("spend a recovery code: %w", db.Fault(res.Error, "", ""))
	}
	if res.RowsAffected == 0 {
		return errCode
	}
	return s.Audit.Record(ctx, audit.Entry{Action: "identity.recovery_used", Kind: "account", ID: accountID})
}

// newRecovery makes recovery codes; the table keeps their keyed hashes.
func (s *Service) newRecovery(ctx context.Context, accountID string) ([]string, error) {
	codes := make([]string, recoveryCodes)
	for i := range codes {
		raw := make([]byte, recoveryLength)
		_, _ = rand.Read(raw) // never fails
		for j, b := range raw {
			raw[j] = recoveryAlphabet[b%32]
		}
		plain := string(raw)
		err := s.DB.From(ctx).Exec("INSERT INTO recovery_codes (account_id, code_hash) VALUES (?, ?)",
			accountID, s.Vault.BlindIndex(purposeRecovery, accountID+plain)).Error
		if err != nil {
			return nil, fmt.Errorf("store a recovery code: %w", db.Fault(err, "", ""))
		}
		for ; len(plain) > recoveryGroup; plain = plain[recoveryGroup:] {
			codes[i] += plain[:recoveryGroup] + "-"
		}
		codes[i] += plain
	}
	return codes, nil
}
