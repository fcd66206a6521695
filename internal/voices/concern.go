package voices

import (
	"context"
	"crypto/sha256"
	"fmt"

	"minqing/internal/actor"
	"minqing/internal/db"
	"minqing/internal/fault"
)

// Concern notes that a published question concerns whoever asks too, or no longer
// does. It counts once for an account, and without one for a browser, by a token
// that only its cookie has; pressed twice, it stays. No audit entry says who it
// was: it would keep for years what people may take back.
func (s *Service) Concern(ctx context.Context, id, browser string, yes bool) error {
	who := actor.From(ctx)
	if who.Kind == actor.Staff {
		return fault.New(fault.Forbidden, "voices.concern.staff")
	}
	if yes && who.AccountID == "" && browser == "" {
		return fault.New(fault.Invalid, "voices.concern.who")
	}
	return s.DB.Tx(ctx, func(ctx context.Context) error {
		v, err := s.Read(ctx, id)
		if err != nil {
			return err
		}
		if yes && !v.Open {
			return fault.New(fault.Conflict, "voices.concern.closed")
		}
		caseID, err := s.caseOf(ctx, id)
		if err != nil {
			return err
		}
		change := s.unconcern
		if yes {
			change = s.concern
		}
		more, err := change(ctx, caseID, who.AccountID, browser)
		if err != nil || more == 0 {
			return err
		}
		return s.Cases.CountConcern(ctx, caseID, more)
	})
}

func (s *Service) caseOf(ctx context.Context, id string) (caseID string, err error) {
	if err := s.DB.From(ctx).Raw("SELECT case_id FROM voices WHERE id = ?", id).Scan(&caseID).Error; err != nil {
		return "", fmt.Errorf("find the case of what is published: %w", db.Fault(err, "", ""))
	}
	if caseID == "" {
		return "", fault.New(fault.NotFound, "voices.missing")
	}
	return caseID, nil
}

// concern says how many more there are: none when account or browser said so
// before.
func (s *Service) concern(ctx context.Context, caseID, account, browser string) (int64, error) {
	said, err := s.said(ctx, caseID, account, browser)
	if err != nil || said {
		return 0, err
	}
	var mark []byte
	if account == "" {
		mark = browserMark(browser, caseID)
	}
	res := s.DB.From(ctx).Exec("INSERT INTO voice_concerns (id, case_id, account_id, browser) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
		db.NewID(s.Now().UTC()), caseID, db.Ref(account), mark)
	if res.Error != nil {
		return 0, fmt.Errorf("note whom a case concerns: %w", db.Fault(res.Error, "", ""))
	}
	return res.RowsAffected, nil
}

// unconcern takes back what account and browser said.
func (s *Service) unconcern(ctx context.Context, caseID, account, browser string) (int64, error) {
	res := s.DB.From(ctx).Exec("DELETE FROM voice_concerns WHERE case_id = ? AND (account_id = ? OR browser = ?)",
		caseID, db.Ref(account), browserMark(browser, caseID))
	if res.Error != nil {
		return 0, fmt.Errorf("take back whom a case concerns: %w", db.Fault(res.Error, "", ""))
	}
	return -res.RowsAffected, nil
}

// Concerned says whether account or browser said that a published question
// concerns them.
func (s *Service) Concerned(ctx context.Context, id, browser string) (bool, error) {
	account := actor.From(ctx).AccountID
	if account == "" && browser == "" {
		return false, nil
	}
	caseID, err := s.caseOf(ctx, id)
	if err != nil {
		return false, err
	}
	return s.said(ctx, caseID, account, browser)
}

func (s *Service) said(ctx context.Context, caseID, account, browser string) (bool, error) {
	var n int
	err := s.DB.From(ctx).Raw("SELECT count(*) FROM voice_concerns WHERE case_id = ? AND (account_id = ? OR browser = ?)",
		caseID, db.Ref(account), browserMark(browser, caseID)).Scan(&n).Error
	if err != nil {
		return false, fmt.Errorf("read whom a case concerns: %w", db.Fault(err, "", ""))
	}
	return n > 0, nil
}

// browserMark is one for each browser and case, so that marks do not tell which
// questions concern the same browser; nil without a token.
func browserMark(browser, caseID string) []byte {
	if browser == "" {
		return nil
	}
	sum := sha256.Sum256([]byte("voice concern\x00" + caseID + "\x00" + browser))
	return sum[:16]
}

// forget deletes who said that cases concern them too, and who follows them.
func (s *Service) forget(ctx context.Context, caseIDs []string) error {
	if err := s.endWhere(ctx, "case_id IN ?", caseIDs); err != nil {
		return err
	}
	if err := s.DB.From(ctx).Exec("DELETE FROM voice_concerns WHERE case_id IN ?", caseIDs).Error; err != nil {
		return fmt.Errorf("forget whom cases concern: %w", db.Fault(err, "", ""))
	}
	return nil
}
