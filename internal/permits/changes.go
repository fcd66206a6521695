package permits

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"minqing/internal/actor"
	"minqing/internal/catalogue"
	"minqing/internal/db"
)

// AnswerChange is an answer that was corrected after the application was sent: what it
// was, and what it is. Of an answer that the applicant was asked to look at and left as
// it was, both are alike.
type AnswerChange struct {
	ID            string
	ApplicationID string
	NoticeID      *string // the notice that asked for it; nil: the office wrote it on the spot
	Name          string  // of the question
	BeforeCipher  []byte
	AfterCipher   []byte
	ChangedAt     time.Time
	ChangedByID   *string // the applicant's side, or who wrote it at the office
	Agreed        string  // on the spot, how the applicant agreed: one of Agreements
	AgreedCipher  []byte  // who agreed

	Before, After any    `gorm:"-"` // nil: no answer
	Who           string `gorm:"-"` // agreed
}

// TableName names the table for gorm.
func (AnswerChange) TableName() string { return "permit_answer_changes" }

// Differs says whether the answer is another one.
func (c *AnswerChange) Differs() bool { return !sameAnswer(c.Before, c.After) }

// Purposes that bind the ciphertexts of corrected answers to their place.
const (
	purposeTyped  = "permit.answers.typed" // not sent yet
	purposeBefore = "permit.answer.before"
	purposeAfter  = "permit.answer.after"
	purposeAgreed = "permit.answer.agreed"
)

// sameAnswer compares two answers as JSON has them.
func sameAnswer(a, b any) bool {
	x, errX := json.Marshal(a)
	y, errY := json.Marshal(b)
	return errX == nil && errY == nil && bytes.Equal(x, y)
}

// answerChanges reads the corrected answers of an application, the oldest first.
func (s *Service) answerChanges(ctx context.Context, applicationID string) (list []AnswerChange, err error) {
	if err := s.DB.From(ctx).Where("application_id = ?", applicationID).Order("id").Find(&list).Error; err != nil {
		return nil, fmt.Errorf("read corrected answers: %w", db.Fault(err, "", ""))
	}
	for i := range list {
		c := &list[i]
		for _, one := range []struct {
			purpose string
			cipher  []byte
			to      any
		}{{purposeBefore, c.BeforeCipher, &c.Before}, {purposeAfter, c.AfterCipher, &c.After}, {purposeAgreed, c.AgreedCipher, &c.Who}} {
			if err := s.openJSON(ctx, one.purpose, one.cipher, one.to); err != nil {
				return nil, err
			}
		}
	}
	return list, nil
}

// openJSON reads what sealJSON wrote; of somebody erased nothing is left, and to stays.
func (s *Service) openJSON(ctx context.Context, purpose string, cipher []byte, to any) error {
	if len(cipher) == 0 {
		return nil
	}
	body, err := s.Vault.Open(ctx, purpose, cipher)
	if err != nil || len(body) == 0 {
		return err
	}
	if err := json.Unmarshal(body, to); err != nil {
		return fmt.Errorf("read %s of an application: %w", purpose, err)
	}
	return nil
}

func (s *Service) sealJSON(ctx context.Context, a *Application, purpose string, what any) ([]byte, error) {
	body, err := json.Marshal(what)
	if err != nil {
		return nil, fmt.Errorf("write %s of an application: %w", purpose, err)
	}
	return s.Vault.Seal(ctx, a.VaultKeyID, purpose, body)
}

// rewriting is how the answers of an application are about to change.
type rewriting struct {
	questions []catalogue.Question
	after     map[string]any
	asked     []string     // by name: kept also where they stay as they are
	as        AnswerChange // what all rows have alike
}

// rewrite writes new answers into an application, and keeps those before, in the open
// transaction. It gives the questions whose answers were looked at, in their order.
func (s *Service) rewrite(ctx context.Context, a *Application, w rewriting) (of []catalogue.Question, err error) {
	for _, q := range w.questions {
		was, is := a.Answers[q.Name], w.after[q.Name]
		if sameAnswer(was, is) && !slices.Contains(w.asked, q.Name) {
			continue
		}
		row := w.as
		row.ID, row.ApplicationID, row.Name, row.ChangedByID = db.NewID(row.ChangedAt), a.ID, q.Name, db.Ref(actor.From(ctx).AccountID)
		if row.BeforeCipher, err = s.sealJSON(ctx, a, purposeBefore, was); err != nil {
			return nil, err
		}
		if row.AfterCipher, err = s.sealJSON(ctx, a, purposeAfter, is); err != nil {
			return nil, err
		}
		if row.Who != "" {
			if row.AgreedCipher, err = s.sealJSON(ctx, a, purposeAgreed, row.Who); err != nil {
				return nil, err
			}
		}
		if err := s.DB.From(ctx).Create(&row).Error; err != nil {
			return nil, fmt.Errorf("keep a corrected answer: %w", db.Fault(err, "", "permit.changed"))
		}
		of = append(of, q)
	}
	return of, s.keepAnswers(ctx, a, w.after)
}
