package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"minqing/internal/app"
	"minqing/internal/audit"
	"minqing/internal/backup"
	"minqing/internal/config"
	"minqing/internal/db"
	"minqing/internal/files"
	"minqing/internal/vault"
)

// BackupCmd writes everything into one archive.
type BackupCmd struct {
	File string `arg:"" help:"The archive to make; it must not exist."`
}

// Help shows an example.
func (BackupCmd) Help() string {
	return `Example: minqing backup /mnt/elsewhere/minqing-2026-11-28.backup
Work goes on meanwhile. The archive is sealed under the key file, which is not in it: keep a copy of the keys elsewhere.`
}

// Run backs up.
func (cmd *BackupCmd) Run(e *env) error {
	return e.withApp("backup", func(ctx context.Context, a *app.App) (err error) {
		if _, err := os.Lstat(cmd.File); err == nil {
			return fmt.Errorf("%s exists already; name another file", cmd.File)
		}
		err = a.DB.Tx(ctx, func(ctx context.Context) error {
			return a.Audit.Record(ctx, audit.Entry{Action: "export.backup", Kind: "backup"})
		})
		if err != nil {
			return err
		}
		f, err := os.OpenFile(cmd.File+".partial", os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
		if err != nil {
			return err
		}
		defer func() {
			if err != nil {
				os.Remove(f.Name())
			}
		}()
		sum, err := backup.Write(ctx, backup.Source{DB: a.DB, Files: a.Files, Store: a.Store, Ring: a.Vault.Ring(), Program: version,
			Now: time.Now, Folder: filepath.Dir(cmd.File)}, f)
		if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
			return err
		}
		if err := os.Rename(f.Name(), cmd.File); err != nil {
			return err
		}
		info, err := os.Stat(cmd.File)
		if err != nil {
			return err
		}
		fmt.Fprintf(e.Out, "%s: %.1f MB, the database and %d attachments. Keys that open it: %s.\n", cmd.File, float64(info.Size())/1e6, sum.Contents, sum.Prints())
		return nil
	})
}

// RestoreCmd reads an archive back.
type RestoreCmd struct {
	File string `arg:"" help:"An archive that minqing backup made." type:"existingfile"`
}

// Help shows an example.
func (RestoreCmd) Help() string {
	return `Example: MINQING_DATABASE_URL=postgres://… minqing restore minqing-2026-11-28.backup
The database must be empty, and no minqing may be running on it.`
}

// Run restores: the keys are checked first, then the whole archive, and only then
// is anything written.
func (cmd *RestoreCmd) Run(e *env) error {
	c, err := config.Load(e.Environ)
	if err != nil {
		return err
	}
	ring, err := vault.LoadRing(c.Keys)
	if errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("there is no key file %s: put back the copy that belongs to this backup, or name it in MINQING_KEYS", c.Keys)
	}
	if err != nil {
		return err
	}
	if err := cmd.open(ring, (*backup.Archive).Verify); err != nil {
		return err
	}
	store, err := files.OpenStore(c.BlobURL)
	if err != nil {
		return err
	}
	var n int
	err = cmd.open(ring, func(a *backup.Archive) error {
		return a.Restore(e.Ctx, c.DatabaseURL, func() (err error) {
			n, err = a.Contents(e.Ctx, store)
			return err
		})
	})
	if errors.Is(err, db.ErrNotEmpty) {
		return fmt.Errorf("%s is not empty: restore writes over nobody's work; name a new database", db.Redact(c.DatabaseURL))
	}
	if err != nil {
		return err
	}
	return e.withApp("restore", func(ctx context.Context, a *app.App) error {
		if err := a.Migrate(ctx); err != nil {
			return err
		}
		if err := a.CheckKeys(ctx); err != nil {
			return err
		}
		err := a.DB.Tx(ctx, func(ctx context.Context) error {
			return a.Audit.Record(ctx, audit.Entry{Action: "export.restored", Kind: "backup"})
		})
		if err != nil {
			return err
		}
		if _, err := a.Audit.SealReads(ctx); err != nil {
			return err
		}
		if _, err := a.Audit.Seal(ctx); err != nil {
			return err
		}
		entries, err := a.Audit.Verify(ctx)
		if err != nil {
			return err
		}
		fmt.Fprintf(e.Out, "Restored the database and %d attachments. The audit trail holds: %d entries.\n", n, entries)
		return nil
	})
}

func (cmd *RestoreCmd) open(ring *vault.Ring, do func(*backup.Archive) error) error {
	f, err := os.Open(cmd.File)
	if err != nil {
		return err
	}
	defer f.Close()
	a, err := backup.Open(io.Reader(f), ring)
	if err != nil {
		return fmt.Errorf("%s: %w", cmd.File, err)
	}
	if err := do(a); err != nil {
		return fmt.Errorf("%s: %w", cmd.File, err)
	}
	return nil
}
