package files

import (
	"context"
	"errors"
	"fmt"
	"time"

	"minqing/internal/audit"
	"minqing/internal/fault"
	"minqing/internal/jobs"
)

// Adopt hands all files of one owner to another, as when a draft becomes a
// case. It joins the open transaction. Owners are named in plain words, so that
// a package may declare it without knowing this one.
func (s *Service) Adopt(ctx context.Context, fromKind, fromID, toKind, toID string) error {
	err := s.db.From(ctx).Model(&row{}).Where("owner_kind = ? AND owner_id = ? AND state = ?", fromKind, fromID, stateStored).
		Updates(map[string]any{"owner_kind": toKind, "owner_id": toID}).Error
	if err != nil {
		return fmt.Errorf("hand over the files: %w", err)
	}
	return nil
}

// Discreet refuses, as a mistake of the field file, when one of the files of an owner
// still says who made it.
func (s *Service) Discreet(ctx context.Context, ownerKind, ownerID string) error {
	var rows []row
	err := s.db.From(ctx).Where("owner_kind = ? AND owner_id = ? AND state = ? AND tells", ownerKind, ownerID, stateStored).Order("id").Find(&rows).Error
	if err != nil {
		return fmt.Errorf("look for files that tell who made them: %w", err)
	}
	var c fault.Check
	for i := range rows {
		f, err := s.open(ctx, &rows[i])
		if err != nil {
			return err
		}
		c.That(false, "file", "files.tells.named", "Name", f.Name)
	}
	return c.Err()
}

// Remove makes one file unreadable for good, in backups too, by destroying its
// key. Its content is deleted by the next sweep.
func (s *Service) Remove(ctx context.Context, o Owner, id string) error {
	return s.db.Tx(ctx, func(ctx context.Context) error {
		r, err := s.find(ctx, o, id)
		if err != nil {
			return err
		}
		return s.doom(ctx, r)
	})
}

// RemoveAll removes every file of an owner.
func (s *Service) RemoveAll(ctx context.Context, o Owner) error {
	return s.db.Tx(ctx, func(ctx context.Context) error {
		var rows []row
		err := s.db.From(ctx).Where("owner_kind = ? AND owner_id = ? AND state <> ?", o.Kind, o.ID, stateRemoved).
			Order("id").Find(&rows).Error
		if err != nil {
			return fmt.Errorf("find the files: %w", err)
		}
		for i := range rows {
			if err := s.doom(ctx, &rows[i]); err != nil {
				return err
			}
		}
		return nil
	})
}

func (s *Service) doom(ctx context.Context, r *row) error {
	if err := s.vault.Destroy(ctx, r.VaultKeyID); err != nil {
		return fmt.Errorf("destroy the file's key: %w", err)
	}
	err := s.db.From(ctx).Model(&row{}).Where("id = ?", r.ID).Update("state", stateRemoved).Error
	if err != nil {
		return fmt.Errorf("remove the file: %w", err)
	}
	return s.audit.Record(ctx, audit.Entry{Action: "file.removed", Kind: "file", ID: r.ID})
}

// erase deletes content, key and row, in an order that can be repeated.
func (s *Service) erase(ctx context.Context, r *row) error {
	if err := s.store.Delete(ctx, r.BlobKey); err != nil {
		return err
	}
	return s.db.Tx(ctx, func(ctx context.Context) error {
		if r.State != stateRemoved {
			if err := s.vault.Destroy(ctx, r.VaultKeyID); err != nil {
				return fmt.Errorf("destroy the file's key: %w", err)
			}
		}
		res := s.db.From(ctx).Where("id = ? AND state <> ?", r.ID, stateStored).Delete(&row{})
		if res.Error != nil {
			return fmt.Errorf("delete the file: %w", res.Error)
		}
		return s.audit.Record(ctx, audit.Entry{Action: "file.erased", Kind: "file", ID: r.ID})
	})
}

// Abandoned is how long an upload may stay pending before it counts as left
// behind by a crash. Far longer than any request lasts.
const Abandoned = time.Hour

// Sweep is the job that deletes contents which nobody can reach any more.
type Sweep struct{}

// Kind names the job.
func (Sweep) Kind() string { return "files.sweep" }

// Register makes the queue sweep every hour.
func (s *Service) Register(q *jobs.Queue) {
	jobs.Work(q, func(ctx context.Context, _ Sweep) error { return s.Sweep(ctx) })
	q.Every(time.Hour, Sweep{})
}

// Sweep deletes removed files, uploads that a crash left behind, and those that
// nobody finished in time.
func (s *Service) Sweep(ctx context.Context) error {
	problems := s.sweepPartial(ctx)
	after := ""
	for {
		var rows []row
		query := s.db.From(ctx).Where("state <> ?", stateStored).Order("id").Limit(200)
		if after != "" {
			query = query.Where("id > ?", after)
		}
		if err := query.Find(&rows).Error; err != nil {
			return fmt.Errorf("find loose files: %w", err)
		}
		for i := range rows {
			after = rows[i].ID
			if rows[i].State == statePending && s.now().Sub(rows[i].CreatedAt) < Abandoned {
				continue
			}
			if err := s.erase(ctx, &rows[i]); err != nil && fault.KindOf(err) != fault.NotFound {
				problems = errors.Join(problems, fmt.Errorf("erase file %s: %w", rows[i].ID, err))
			}
		}
		if len(rows) < 200 {
			return problems
		}
	}
}
