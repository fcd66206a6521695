package worklist

import (
	"context"
	"net/url"
	"time"

	"minqing/internal/actor"
	"minqing/internal/cases"
	"minqing/internal/fault"
	"minqing/internal/vault"
)

// DraftLife is how long what was typed and not sent is kept.
const DraftLife = 3 * 24 * time.Hour

// draftMost is how many bytes of a form are kept: two of the longest texts.
const draftMost = 2 * 3 * 3 * cases.TextMost

const purposeDraft = "act.draft"

// Draft is what somebody typed and chose for an act on a case and did not send.
type Draft struct {
	Action    cases.Action
	Fields    url.Values
	UpdatedAt time.Time
}

type draftRow struct {
	AccountID  string
	CaseNo     string
	Action     string
	VaultKeyID string
	Cipher     []byte
	UpdatedAt  time.Time
}

const draftColumns = "account_id, case_no, action, vault_key_id, cipher, updated_at"

// KeepDraft keeps the fields of a form, or forgets them when there are none. The
// caller has found that the actor may read the case.
func (s *Service) KeepDraft(ctx context.Context, caseNo string, a cases.Action, fields url.Values) error {
	typed := fields.Encode()
	if len(typed) > draftMost {
		return fault.New(fault.Invalid, "fault.too_large")
	}
	if typed == "" {
		return s.DropDraft(ctx, caseNo, a)
	}
	err := s.DB.Tx(ctx, func(ctx context.Context) error {
		me, now := actor.From(ctx).AccountID, s.Now().UTC()
		rows, err := s.drafts(ctx, "account_id = ? AND case_no = ? AND action = ?", me, caseNo, string(a))
		if err != nil {
			return err
		}
		key := ""
		if len(rows) > 0 {
			key = rows[0].VaultKeyID
		} else if key, err = s.Vault.NewKey(ctx, vault.OwnerDraft); err != nil {
			return err
		}
		cipher, err := s.Vault.Seal(ctx, key, purposeDraft, []byte(typed))
		if err != nil {
			return err
		}
		// Two windows may begin at once: the later text stays, under its own key.
		return s.DB.From(ctx).Exec("INSERT INTO act_drafts ("+draftColumns+`) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (account_id, case_no, action)
 DO UPDATE SET vault_key_id = excluded.vault_key_id, cipher = excluded.cipher, updated_at = excluded.updated_at`, me, caseNo, string(a), key, cipher, now).Error
	})
	if err != nil {
		return fail("keep a draft", err)
	}
	return nil
}

// Drafts are what the actor typed for a case, the newest first.
func (s *Service) Drafts(ctx context.Context, caseNo string) ([]Draft, error) {
	rows, err := s.drafts(ctx, "account_id = ? AND case_no = ? AND updated_at > ?", actor.From(ctx).AccountID, caseNo, s.Now().UTC().Add(-DraftLife))
	if err != nil {
		return nil, err
	}
	list := make([]Draft, 0, len(rows))
	for _, r := range rows {
		plain, err := s.Vault.Open(ctx, purposeDraft, r.Cipher)
		if err != nil {
			return nil, err
		}
		fields, err := url.ParseQuery(string(plain))
		if err != nil {
			continue // a form of another make
		}
		list = append(list, Draft{Action: cases.Action(r.Action), Fields: fields, UpdatedAt: r.UpdatedAt})
	}
	return list, nil
}

// DropDraft forgets a text for good: it was sent, or is not wanted.
func (s *Service) DropDraft(ctx context.Context, caseNo string, a cases.Action) error {
	rows, err := s.drafts(ctx, "account_id = ? AND case_no = ? AND action = ?", actor.From(ctx).AccountID, caseNo, string(a))
	if err != nil {
		return err
	}
	return s.dropDrafts(ctx, rows)
}

func (s *Service) drafts(ctx context.Context, where string, args ...any) (rows []draftRow, err error) {
	if err := s.DB.From(ctx).Raw("SELECT "+draftColumns+" FROM act_drafts WHERE "+where+" ORDER BY updated_at DESC LIMIT 100", args...).Scan(&rows).Error; err != nil {
		return nil, fail("read drafts", err)
	}
	return rows, nil
}

func (s *Service) dropDrafts(ctx context.Context, rows []draftRow) error {
	for _, r := range rows {
		err := s.DB.Tx(ctx, func(ctx context.Context) error {
			gone := s.DB.From(ctx).Exec("DELETE FROM act_drafts WHERE account_id = ? AND case_no = ? AND action = ? AND vault_key_id = ?", r.AccountID, r.CaseNo, r.Action, r.VaultKeyID)
			if gone.Error != nil {
				return gone.Error
			}
			return s.Vault.Destroy(ctx, r.VaultKeyID)
		})
		if err != nil {
			return fail("forget a draft", err)
		}
	}
	return nil
}

// purgeDrafts forgets texts past their life.
func (s *Service) purgeDrafts(ctx context.Context) error {
	for {
		rows, err := s.drafts(ctx, "updated_at <= ?", s.Now().UTC().Add(-DraftLife))
		if err != nil || len(rows) == 0 {
			return err
		}
		if err := s.dropDrafts(ctx, rows); err != nil {
			return err
		}
	}
}
