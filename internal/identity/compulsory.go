package identity

import (
	"context"
	"fmt"
	"slices"

	"minqing/internal/db"
)

// mustHaveSecond says whether the account holds a role for which a second factor is
// compulsory, now or before a session that begins now must end: so no session
// reaches into the time of such a role without one.
func (s *Service) mustHaveSecond(ctx context.Context, r row) (bool, error) {
	if !mayHaveSecond(r) || len(s.o.SecondFor) == 0 {
		return false, nil
	}
	var n int64
	now := s.Now().UTC()
	err := s.DB.From(ctx).Raw(`SELECT count(*) FROM grants WHERE account_id = ? AND role IN ? AND valid_from <= ? AND (valid_until IS NULL OR valid_until > ?)`,
		r.ID, s.o.SecondFor, now.Add(longestSession), now).Scan(&n).Error
	if err != nil {
		return false, fmt.Errorf("read who needs a second factor: %w", db.Fault(err, "", ""))
	}
	return n > 0, nil
}

// demand ends the sessions of somebody who is given a role for which a second
// factor is compulsory: they were opened without one being asked for.
func (s *Service) demand(ctx context.Context, accountID, role string) error {
	if !slices.Contains(s.o.SecondFor, role) {
		return nil
	}
	return s.end(ctx, "account_id = ?", accountID)
}

// compel asks for a passkey where there is one, and else to set a second factor
// up.
func (s *Service) compel(ctx context.Context, r row) error {
	n, err := s.countPasskeys(ctx, r.ID)
	if err != nil {
		return err
	}
	if n > 0 && s.passkeys != nil {
		return s.openHalf(ctx, r, false)
	}
	if err := s.begin(ctx, r); err != nil {
		return err
	}
	return s.openHalf(ctx, r, true)
}

// HalfFactor shows the secret to whoever gave the password and has to set a
// second factor up before anything else.
func (s *Service) HalfFactor(ctx context.Context, half string) (Factor, error) {
	_, r, err := s.half(ctx, half)
	if err != nil {
		return Factor{}, err
	}
	f, err := s.factor(ctx, r.ID)
	if err != nil {
		return Factor{}, err
	}
	if f.AccountID == "" || f.on() { // a code is asked for, not set up
		return Factor{}, errHalfOver
	}
	return s.pending(ctx, r, f)
}

// EnrolSecond turns the second factor on after the password and opens the first
// session. The recovery codes are given this once.
func (s *Service) EnrolSecond(ctx context.Context, half, code string) (token string, _ *Account, recovery []string, err error) {
	h, r, err := s.half(ctx, half)
	if err != nil {
		return "", nil, nil, err
	}
	recovery, err = s.confirm(ctx, r, code, func(ctx context.Context) error {
		if err := s.useHalf(ctx, h); err != nil {
			return err
		}
		if err := s.end(ctx, "account_id = ?", r.ID); err != nil {
			return err
		}
		token, err = s.open(h.via(ctx), r)
		return err
	})
	if err != nil {
		return "", nil, nil, err
	}
	return token, r.account(), recovery, nil
}
