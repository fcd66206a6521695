package identity

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"minqing/internal/cookie"
	"minqing/internal/db"
	"minqing/internal/fault"
)

// halfLife is how long one may take between the password and the code.
const halfLife = 5 * time.Minute

// SecondStep is SignIn's answer to a right password where a code is asked for
// too. Its token opens nothing but SignInSecond or, when Enrol says that a second
// factor has to be set up first, EnrolSecond.
type SecondStep struct {
	Token string
	Enrol bool
}

// Error makes it an error, so that whoever forgets it lets nobody in.
func (*SecondStep) Error() string { return "identity: a second step is needed" }

var errHalfOver = fault.New(fault.Unauthenticated, "identity.second.over")

type halfRow struct {
	ID         string
	AccountID  string
	ExpiresAt  time.Time
	Provider   string
	HintCipher []byte
}

// openHalf notes that the password was right, or that a provider knows them.
func (s *Service) openHalf(ctx context.Context, r row, enrol bool) error {
	token, digest := newSecret()
	now := s.Now().UTC()
	by := viaFrom(ctx)
	stmt := db.Insert("half_sign_ins", "id, token_hash, account_id, expires_at, provider, hint_cipher",
		db.NewID(now), digest[:], r.ID, now.Add(halfLife), by.provider, by.hint)
	err := s.DB.Tx(ctx, func(ctx context.Context) error {
		if err := s.stands(ctx, r); err != nil {
			return err
		}
		return s.DB.From(ctx).Exec(stmt.SQL, stmt.Args...).Error
	})
	if err != nil {
		return fmt.Errorf("note half of a sign-in: %w", db.Fault(err, "", ""))
	}
	return &SecondStep{Token: token, Enrol: enrol}
}

func (s *Service) half(ctx context.Context, token string) (halfRow, row, error) {
	digest := sha256.Sum256([]byte(token))
	var halves []halfRow
	err := s.DB.From(ctx).Raw("SELECT id, account_id, expires_at, provider, hint_cipher FROM half_sign_ins WHERE token_hash = ?", digest[:]).Scan(&halves).Error
	if err != nil {
		return halfRow{}, row{}, fmt.Errorf("read half of a sign-in: %w", db.Fault(err, "", ""))
	}
	if len(halves) == 0 || !s.Now().Before(halves[0].ExpiresAt) {
		return halfRow{}, row{}, errHalfOver
	}
	var r row
	if err := s.DB.From(ctx).Where("id = ?", halves[0].AccountID).Take(&r).Error; err != nil {
		return halfRow{}, row{}, db.Fault(err, "identity.account.missing", "")
	}
	if !s.allowed(r.Status, r.Demo) {
		return halfRow{}, row{}, errHalfOver
	}
	return halves[0], r, nil
}

// via keeps in mind how the sign-in began.
func (h halfRow) via(ctx context.Context) context.Context {
	return withVia(ctx, via{provider: h.Provider, hint: h.HintCipher})
}

// Halfway says whether a half sign-in still waits for its code.
func (s *Service) Halfway(ctx context.Context, token string) error {
	_, _, err := s.half(ctx, token)
	return err
}

// SignInSecond opens the session after the code. Wrong codes count as wrong
// passwords do; a half sign-in that is unknown, over or used is Unauthenticated.
func (s *Service) SignInSecond(ctx context.Context, half, code string) (token string, _ *Account, err error) {
	h, r, err := s.half(ctx, half)
	if err != nil {
		return "", nil, err
	}
	if strings.TrimSpace(code) == "" {
		return "", nil, fault.InvalidInput(fault.Field{Name: "code", Key: "identity.second.code_required"})
	}
	counted, err := s.counted(ctx, r.LoginIndex)
	if err != nil {
		return "", nil, err
	}
	locked, err := s.count(ctx, counted, nameMost)
	if err != nil {
		return "", nil, err
	}
	if locked {
		return "", nil, s.refuseCode(ctx, r)
	}
	err = s.DB.Tx(ctx, func(ctx context.Context) error {
		if err := s.useHalf(ctx, h); err != nil {
			return err
		}
		if err := s.spend(ctx, r, code); err != nil {
			return err
		}
		token, err = s.open(h.via(ctx), r)
		return err
	})
	if errors.Is(err, errCode) {
		return "", nil, s.refuseCode(ctx, r)
	}
	return token, r.account(), err
}

// useHalf takes a half sign-in away; only one of two at once can.
func (s *Service) useHalf(ctx context.Context, h halfRow) error {
	res := s.DB.From(ctx).Exec("DELETE FROM half_sign_ins WHERE id = ?", h.ID)
	if res.Error != nil {
		return fmt.Errorf("use half of a sign-in: %w", db.Fault(res.Error, "", ""))
	}
	if res.RowsAffected == 0 {
		return errHalfOver
	}
	return nil
}

// endHalves ends what a changed password began.
func (s *Service) endHalves(ctx context.Context, accountID string) error {
	if err := s.DB.From(ctx).Exec("DELETE FROM half_sign_ins WHERE account_id = ?", accountID).Error; err != nil {
		return fmt.Errorf("end half sign-ins: %w", db.Fault(err, "", ""))
	}
	return s.endSteps(ctx, accountID)
}

// HalfCookie carries a half sign-in; an empty token takes the cookie away.
func (s *Service) HalfCookie(token string) *http.Cookie { return s.jar().Make(cookie.Half, token) }
