package files

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"

	"minqing/internal/audit"
	"minqing/internal/db"
	"minqing/internal/fault"
	"minqing/internal/vault"
)

// Limits of files that come in parts.
const (
	PartSize    = 1 << 20        // bytes; also the most that one request brings
	PartialLife = 24 * time.Hour // from its beginning
	MaxPartial  = 10             // unfinished ones of one account

	finishing = 10 * time.Minute // after which a crash has left it
)

// Partial is a file on its way. It is bound to the account that sends it, and to
// what it is for: an owner by id and a place there, such as a material of an
// application.
type Partial struct {
	ID          string `gorm:"primaryKey"`
	AccountID   string
	OwnerID     string
	Place       string
	NameCipher  []byte
	Size        int64 // bytes
	Received    int64 // how many have come
	Digest      []byte
	VaultKeyID  string
	FinishingAt *time.Time
	FileID      *string // once it is a file
	CreatedAt   time.Time
}

// TableName is for gorm.
func (Partial) TableName() string { return "file_uploads" }

// Done says that it became a file.
func (p *Partial) Done() bool { return p.FileID != nil }

// Beginning announces a file that comes in parts.
type Beginning struct {
	AccountID, OwnerID, Place string

	Name   string
	Size   int64  // bytes
	Digest string // SHA-256 in hexadecimal; empty where the browser cannot say
	Kinds  []Kind
}

const purposePart = "file.part"

var errNoPartial = fault.New(fault.NotFound, "files.upload.missing")

// Begin announces a file, or finds the one that the same account has begun to send
// to the same place: with a digest, what was cut off goes on even in another browser.
func (s *Service) Begin(ctx context.Context, b Beginning) (*Partial, error) {
	if err := b.validate(); err != nil {
		return nil, err
	}
	at := s.now().UTC().Truncate(time.Microsecond)
	p := &Partial{ID: db.NewID(at), AccountID: b.AccountID, OwnerID: b.OwnerID, Place: b.Place, Size: b.Size, CreatedAt: at}
	if b.Digest != "" {
		p.Digest = s.vault.BlindIndex(purposeDigest, strings.ToLower(b.Digest))
	}
	err := s.db.Tx(ctx, func(ctx context.Context) error {
		var open []Partial
		err := s.db.From(ctx).Where("account_id = ? AND file_id IS NULL AND created_at > ?", b.AccountID, at.Add(-PartialLife)).Order("id DESC").Find(&open).Error
		if err != nil {
			return fmt.Errorf("look for uploads: %w", err)
		}
		for i := range open {
			if o := &open[i]; p.Digest != nil && string(o.Digest) == string(p.Digest) && o.OwnerID == p.OwnerID && o.Place == p.Place && o.Size == p.Size {
				p = o
				return nil
			}
		}
		if len(open) >= MaxPartial {
			return fault.InvalidInput(fault.Field{Name: "file", Key: "files.upload.many", Args: map[string]any{"Count": MaxPartial}})
		}
		if p.VaultKeyID, err = s.vault.NewKey(ctx, vault.OwnerCase); err != nil {
			return err
		}
		if p.NameCipher, err = s.vault.Seal(ctx, p.VaultKeyID, purposeName, []byte(cleanName(b.Name))); err != nil {
			return fmt.Errorf("encrypt the name of an upload: %w", err)
		}
		if err := s.db.From(ctx).Create(p).Error; err != nil {
			return fmt.Errorf("announce an upload: %w", err)
		}
		return s.audit.Record(ctx, audit.Entry{Action: "file.begun", Kind: "file", ID: p.ID})
	})
	return p, db.Fault(err, "", "")
}

// validate refuses by name and size, before anything is sent.
func (b Beginning) validate() error {
	if err := (Upload{Name: b.Name, Size: b.Size}).Validate(); err != nil {
		return err
	}
	if _, err := hex.DecodeString(b.Digest); err != nil || b.Digest != "" && len(b.Digest) != 64 {
		return fault.New(fault.Invalid, "fault.malformed")
	}
	if ext := strings.ToLower(path.Ext(b.Name)); len(b.Kinds) > 0 && !slices.Contains(strings.Split(AcceptOf(b.Kinds), ","), ext) {
		return fault.InvalidInput(fault.Field{Name: "file", Key: "files.wanted", Args: map[string]any{"Kinds": KindWords(b.Kinds)}})
	}
	return nil
}

// Partial finds what an account is sending to an owner. What is past its life is
// not there any more.
func (s *Service) Partial(ctx context.Context, id, accountID, ownerID string) (*Partial, error) {
	if !db.IsID(id) || !db.IsID(accountID) {
		return nil, errNoPartial
	}
	var p Partial
	err := s.db.From(ctx).Where("id = ? AND account_id = ? AND owner_id = ? AND created_at > ?", id, accountID, ownerID, s.now().UTC().Add(-PartialLife)).Take(&p).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return nil, errNoPartial
	}
	if err != nil {
		return nil, fmt.Errorf("find an upload: %w", db.Fault(err, "", ""))
	}
	return &p, nil
}

// Append takes bytes in that begin at an offset. Where that is not the number of
// those that have come, nothing is taken; p says how many have. Parts leave no
// entry in the audit: the file does.
func (s *Service) Append(ctx context.Context, p *Partial, offset int64, body []byte) error {
	n := int64(len(body))
	if n > PartSize || offset < 0 || offset > p.Size || n > p.Size-offset {
		return fault.New(fault.Invalid, "fault.too_large")
	}
	err := s.db.Tx(ctx, func(ctx context.Context) error {
		res := s.db.From(ctx).Exec("UPDATE file_uploads SET received = ? WHERE id = ? AND received = ? AND file_id IS NULL AND finishing_at IS NULL", offset+n, p.ID, offset)
		if res.Error != nil {
			return fmt.Errorf("hold an upload: %w", res.Error)
		}
		if res.RowsAffected == 0 {
			return fault.New(fault.Conflict, "files.upload.offset")
		}
		return s.putParts(ctx, p, offset, body)
	})
	if err == nil {
		p.Received = offset + n
		return nil
	}
	if fault.KindOf(err) == fault.Conflict {
		now, lost := s.Partial(ctx, p.ID, p.AccountID, p.OwnerID)
		if lost != nil {
			return lost
		}
		*p = *now
	}
	return db.Fault(err, "", "")
}

// putParts fills the part that is not full yet, and begins the next.
func (s *Service) putParts(ctx context.Context, p *Partial, offset int64, body []byte) error {
	no := offset / PartSize
	if held := offset % PartSize; held > 0 {
		first, err := s.part(ctx, p.ID, no)
		if err != nil {
			return err
		}
		if int64(len(first)) != held {
			return fmt.Errorf("part %d of upload %s has %d bytes instead of %d", no, p.ID, len(first), held)
		}
		body = slices.Concat(first, body)
	}
	for ; len(body) > 0; no++ {
		n := min(len(body), PartSize)
		sealed, err := s.vault.Seal(ctx, p.VaultKeyID, purposePart, body[:n])
		if err != nil {
			return fmt.Errorf("encrypt a part: %w", err)
		}
		err = s.db.From(ctx).Exec("INSERT INTO file_upload_parts (upload_id, no, cipher) VALUES (?, ?, ?) ON CONFLICT (upload_id, no) DO UPDATE SET cipher = excluded.cipher", p.ID, no, sealed).Error
		if err != nil {
			return fmt.Errorf("keep a part: %w", err)
		}
		body = body[n:]
	}
	return nil
}

func (s *Service) part(ctx context.Context, id string, no int64) ([]byte, error) {
	var found []struct{ Cipher []byte }
	if err := s.db.From(ctx).Raw("SELECT cipher FROM file_upload_parts WHERE upload_id = ? AND no = ?", id, no).Scan(&found).Error; err != nil {
		return nil, fmt.Errorf("read a part: %w", db.Fault(err, "", ""))
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("part %d of upload %s is not there", no, id)
	}
	plain, err := s.vault.Open(ctx, purposePart, found[0].Cipher)
	if err != nil {
		return nil, fmt.Errorf("decrypt a part: %w", err)
	}
	return plain, nil
}
