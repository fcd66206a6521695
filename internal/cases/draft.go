package cases

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"minqing/internal/db"
	"minqing/internal/fault"
	"minqing/internal/files"
	"minqing/internal/jobs"
	"minqing/internal/vault"
)

// DraftLife is how long a draft is kept after its last change.
const DraftLife = 7 * 24 * time.Hour

// draftMost is the largest draft, in bytes; many times the longest filing.
const draftMost = 512 << 10

const purposeDraft = "draft.data"

// Drafts keeps what somebody has typed so far, encrypted under a key of its
// own. A draft is found by a token that only the browser has: the row's id is
// derived from it and does not lead back.
type Drafts struct {
	db    *db.DB
	vault *vault.Vault
	files *files.Service
	now   func() time.Time
}

// NewDrafts makes the keeper of drafts.
func NewDrafts(d *db.DB, v *vault.Vault, f *files.Service, now func() time.Time) *Drafts {
	return &Drafts{db: d, vault: v, files: f, now: now}
}

// Draft is one state of a draft. Data is in the page's own format.
type Draft struct {
	ID        string // owner of its attachments
	Step      string
	Data      []byte
	ExpiresAt time.Time
}

type draftRow struct {
	ID         string `gorm:"primaryKey"`
	VaultKeyID string
	Cipher     []byte
	Step       string
	Version    int64
	UpdatedAt  time.Time
	ExpiresAt  time.Time
}

// TableName names the table for gorm.
func (draftRow) TableName() string { return "drafts" }

var errNoDraft = fault.New(fault.NotFound, "draft.missing")

const tokenLength = 43

// NewToken makes the token of a new draft: 256 random bits.
func (s *Drafts) NewToken() string {
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	raw := make([]byte, tokenLength)
	_, _ = rand.Read(raw) // never fails
	for i := range raw {
		raw[i] = letters[raw[i]&63]
	}
	return string(raw)
}

func wellFormed(token string) bool {
	return len(token) == tokenLength && !strings.ContainsFunc(token, func(r rune) bool {
		return r != '-' && r != '_' && (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z')
	})
}

// ID is the id of a token's draft, a UUID of version 8 made from its hash.
func (s *Drafts) ID(token string) string {
	sum := sha256.Sum256([]byte("minqing draft\x00" + token))
	sum[6] = sum[6]&0x0f | 0x80
	sum[8] = sum[8]&0x3f | 0x80
	h := hex.EncodeToString(sum[:16])
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}

// Load opens a draft; an unknown or expired one is NotFound.
func (s *Drafts) Load(ctx context.Context, token string) (*Draft, error) {
	r, err := s.row(ctx, token)
	if err != nil {
		return nil, err
	}
	data, err := s.vault.Open(ctx, purposeDraft, r.Cipher)
	if err != nil {
		return nil, err
	}
	return &Draft{ID: r.ID, Step: r.Step, Data: data, ExpiresAt: r.ExpiresAt}, nil
}

func (s *Drafts) row(ctx context.Context, token string) (*draftRow, error) {
	if !wellFormed(token) {
		return nil, errNoDraft
	}
	var r draftRow
	err := s.db.From(ctx).Where("id = ? AND expires_at > ?", s.ID(token), s.now().UTC()).Limit(1).Find(&r).Error
	if err != nil {
		return nil, db.Fault(fmt.Errorf("read a draft: %w", err), "", "")
	}
	if r.ID == "" {
		return nil, errNoDraft
	}
	return &r, nil
}

// Save keeps a state of the token's draft, the first or a later one.
func (s *Drafts) Save(ctx context.Context, token, step string, data []byte) error {
	if !wellFormed(token) {
		return errNoDraft
	}
	if len(data) > draftMost {
		return fault.New(fault.Invalid, "fault.too_large")
	}
	err := s.db.Tx(ctx, func(ctx context.Context) error {
		id, now := s.ID(token), s.now().UTC()
		var r draftRow
		if err := s.db.From(ctx).Where("id = ?", id).Limit(1).Find(&r).Error; err != nil {
			return fmt.Errorf("read a draft: %w", err)
		}
		if r.ID == "" {
			return s.create(ctx, id, step, data, now)
		}
		cipher, err := s.vault.Seal(ctx, r.VaultKeyID, purposeDraft, data)
		if err != nil {
			return err
		}
		return s.db.From(ctx).Exec(`UPDATE drafts SET cipher = ?, step = ?, version = version + 1, updated_at = ?, expires_at = ? WHERE id = ?`,
			filled(cipher), step, now, now.Add(DraftLife), id).Error
	})
	return db.Fault(err, "", "")
}

func (s *Drafts) create(ctx context.Context, id, step string, data []byte, now time.Time) error {
	keyID, err := s.vault.NewKey(ctx, vault.OwnerDraft)
	if err != nil {
		return err
	}
	cipher, err := s.vault.Seal(ctx, keyID, purposeDraft, data)
	if err != nil {
		return err
	}
	return s.db.From(ctx).Create(&draftRow{ID: id, VaultKeyID: keyID, Cipher: filled(cipher), Step: step, Version: 1,
		UpdatedAt: now, ExpiresAt: now.Add(DraftLife)}).Error
}

// filled is the stored form of nothing: the column is never NULL.
func filled(cipher []byte) []byte {
	if cipher == nil {
		return []byte{}
	}
	return cipher
}

// Delete erases a draft with the attachments that still belong to it. A draft
// that is not there is no error.
func (s *Drafts) Delete(ctx context.Context, token string) error {
	if !wellFormed(token) {
		return nil
	}
	var rows []draftRow
	if err := s.db.From(ctx).Where("id = ?", s.ID(token)).Find(&rows).Error; err != nil {
		return db.Fault(fmt.Errorf("read a draft: %w", err), "", "")
	}
	return s.erase(ctx, rows)
}

// Forget is the job that erases drafts past their life.
type Forget struct{}

// Kind names the job.
func (Forget) Kind() string { return "case.forget_drafts" }

// Register makes the queue erase old drafts every hour.
func (s *Drafts) Register(q *jobs.Queue) {
	jobs.Work(q, func(ctx context.Context, _ Forget) error { return s.Purge(ctx) })
	q.Every(time.Hour, Forget{})
}

// Purge erases drafts past their life.
func (s *Drafts) Purge(ctx context.Context) error {
	for {
		var rows []draftRow
		err := s.db.From(ctx).Where("expires_at <= ?", s.now().UTC()).Order("expires_at, id").Limit(200).Find(&rows).Error
		if err != nil {
			return db.Fault(fmt.Errorf("find old drafts: %w", err), "", "")
		}
		if err := s.erase(ctx, rows); err != nil || len(rows) < 200 {
			return err
		}
	}
}

func (s *Drafts) erase(ctx context.Context, rows []draftRow) error {
	for i := range rows {
		err := s.db.Tx(ctx, func(ctx context.Context) error {
			if err := s.files.RemoveAll(ctx, files.Owner{Kind: files.Draft, ID: rows[i].ID}); err != nil {
				return err
			}
			if err := s.vault.Destroy(ctx, rows[i].VaultKeyID); err != nil {
				return err
			}
			return s.db.From(ctx).Where("id = ?", rows[i].ID).Delete(&draftRow{}).Error
		})
		if err != nil {
			return db.Fault(fmt.Errorf("erase a draft: %w", err), "", "")
		}
	}
	return nil
}
