package files

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"time"

	"minqing/internal/audit"
	"minqing/internal/db"
	"minqing/internal/fault"
)

// Finish makes a file of what has come in whole, by add, which takes an upload like
// any other. However often it is asked and wherever a crash falls, it is one file:
// that it is made is written in the transaction that confirms it. What add refuses
// is thrown away; after any other failure it can be asked for again.
func (s *Service) Finish(ctx context.Context, p *Partial, add func(context.Context, Upload) error) error {
	claimed, err := s.claim(ctx, p)
	if err != nil || !claimed {
		return err
	}
	err = s.become(ctx, p, add)
	if err == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	if fault.KindOf(err) == fault.Invalid {
		return errors.Join(err, s.forget(ctx, *p))
	}
	release := s.db.From(ctx).Exec("UPDATE file_uploads SET finishing_at = NULL WHERE id = ? AND file_id IS NULL", p.ID).Error
	if release != nil {
		return errors.Join(err, fmt.Errorf("let go of an upload: %w", release))
	}
	return err
}

// claim says whether this request is the one that makes the file. Of two, the
// second hears a Conflict until the first is through.
func (s *Service) claim(ctx context.Context, p *Partial) (bool, error) {
	at := s.now().UTC().Truncate(time.Microsecond)
	res := s.db.From(ctx).Exec("UPDATE file_uploads SET finishing_at = ? WHERE id = ? AND received = size AND file_id IS NULL AND (finishing_at IS NULL OR finishing_at < ?)",
		at, p.ID, at.Add(-finishing))
	if res.Error != nil {
		return false, fmt.Errorf("claim an upload: %w", db.Fault(res.Error, "", ""))
	}
	if res.RowsAffected == 1 {
		return true, nil
	}
	now, err := s.Partial(ctx, p.ID, p.AccountID, p.OwnerID)
	if err != nil {
		return false, err
	}
	*p = *now
	if p.Done() {
		return false, nil
	}
	return false, fault.New(fault.Conflict, "files.upload.offset")
}

func (s *Service) become(ctx context.Context, p *Partial, add func(context.Context, Upload) error) error {
	name, err := s.vault.Open(ctx, purposeName, p.NameCipher)
	if err != nil {
		return fmt.Errorf("decrypt the name of an upload: %w", err)
	}
	in := &parts{ctx: ctx, s: s, p: p, held: -1}
	if p.Digest != nil {
		sum := sha256.New()
		if _, err := io.Copy(sum, io.NewSectionReader(in, 0, p.Size)); err != nil {
			return err
		}
		if string(s.vault.BlindIndex(purposeDigest, hex.EncodeToString(sum.Sum(nil)))) != string(p.Digest) {
			return refuse("files.upload.broken")
		}
	}
	return add(ctx, Upload{Name: string(name), Content: in, Size: p.Size, then: func(ctx context.Context, fileID string) error {
		res := s.db.From(ctx).Exec("UPDATE file_uploads SET file_id = ? WHERE id = ? AND file_id IS NULL", fileID, p.ID)
		if res.Error != nil {
			return fmt.Errorf("end an upload: %w", res.Error)
		}
		if res.RowsAffected == 0 {
			return fault.New(fault.Conflict, "files.upload.offset")
		}
		p.FileID = &fileID
		if err := s.db.From(ctx).Exec("DELETE FROM file_upload_parts WHERE upload_id = ?", p.ID).Error; err != nil {
			return fmt.Errorf("delete the parts of an upload: %w", err)
		}
		return s.vault.Destroy(ctx, p.VaultKeyID)
	}})
}

// parts reads what has come as one content, and keeps the last part open.
type parts struct {
	ctx  context.Context //nolint:containedctx // of the one request that reads
	s    *Service
	p    *Partial
	held int64
	open []byte
}

func (r *parts) ReadAt(into []byte, at int64) (n int, err error) {
	for n < len(into) {
		if at >= r.p.Size {
			return n, io.EOF
		}
		if no := at / PartSize; no != r.held {
			if r.open, err = r.s.part(r.ctx, r.p.ID, no); err != nil {
				r.held = -1
				return n, err
			}
			r.held = no
		}
		from := at % PartSize
		if from >= int64(len(r.open)) {
			return n, fmt.Errorf("part %d of upload %s is cut off", r.held, r.p.ID)
		}
		m := copy(into[n:], r.open[from:])
		n, at = n+m, at+int64(m)
	}
	return n, nil
}

// Forget throws away what is on its way to an owner, in the open transaction.
func (s *Service) Forget(ctx context.Context, ownerID string) error {
	var list []Partial
	if err := s.db.From(ctx).Where("owner_id = ?", ownerID).Order("id").Find(&list).Error; err != nil {
		return fmt.Errorf("find uploads: %w", db.Fault(err, "", ""))
	}
	for _, p := range list {
		if err := s.forget(ctx, p); err != nil {
			return err
		}
	}
	return nil
}

// forget deletes an upload with its parts and its key. What became a file stays.
func (s *Service) forget(ctx context.Context, p Partial) error {
	err := s.db.Tx(ctx, func(ctx context.Context) error {
		res := s.db.From(ctx).Exec("DELETE FROM file_uploads WHERE id = ?", p.ID)
		if res.Error != nil {
			return fmt.Errorf("delete an upload: %w", res.Error)
		}
		if res.RowsAffected == 0 || p.Done() {
			return nil
		}
		if err := s.vault.Destroy(ctx, p.VaultKeyID); err != nil {
			return fmt.Errorf("destroy the key of an upload: %w", err)
		}
		return s.audit.Record(ctx, audit.Entry{Action: "file.cut_off", Kind: "file", ID: p.ID})
	})
	return db.Fault(err, "", "")
}

// sweepPartial deletes uploads past their life.
func (s *Service) sweepPartial(ctx context.Context) error {
	for {
		var list []Partial
		err := s.db.From(ctx).Where("created_at <= ?", s.now().UTC().Add(-PartialLife)).Order("id").Limit(200).Find(&list).Error
		if err != nil {
			return fmt.Errorf("find old uploads: %w", db.Fault(err, "", ""))
		}
		for _, p := range list {
			if err := s.forget(ctx, p); err != nil {
				return err
			}
		}
		if len(list) < 200 {
			return nil
		}
	}
}
