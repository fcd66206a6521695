package keys

import (
	"context"
	"fmt"
	"strings"
	"time"

	"minqing/internal/audit"
	"minqing/internal/db"
	"minqing/internal/vault"
)

// Uses is what hangs on a ring key.
type Uses struct {
	DataKeys int64 // wrapped under it, and those of the erased that name it
	Indexes  int64 // keyed hashes by which rows are found
	Codes    int64 // codes and links that people may hold
}

// CountMost bounds what a page counts.
const CountMost = 100_000

// UsedBy counts what hangs on a ring key: every row, or for a page only data
// keys, up to CountMost.
func (s *Service) UsedBy(ctx context.Context, id string, all bool) (u Uses, err error) {
	if !all {
		err := s.DB.From(ctx).Raw("SELECT count(*) FROM (SELECT 1 FROM vault_keys WHERE ring_key = ? LIMIT ?) AS few", id, CountMost).Scan(&u.DataKeys).Error
		return u, db.Fault(err, "", "")
	}
	return u, s.DB.Patiently(ctx, func(ctx context.Context) error {
		if err := s.DB.From(ctx).Raw("SELECT count(*) FROM vault_keys WHERE ring_key = ?", id).Scan(&u.DataKeys).Error; err != nil {
			return fmt.Errorf("count data keys: %w", db.Fault(err, "", ""))
		}
		for _, x := range s.Indexes {
			n, err := x.IndexedUnder(ctx, id)
			if err != nil {
				return err
			}
			u.Indexes += n
		}
		for _, c := range s.Codes {
			n, err := c.CodesUnder(ctx, id)
			if err != nil {
				return err
			}
			u.Codes += n
		}
		return nil
	})
}

// Retire takes from a ring key, in the file and for every process, all that wraps
// and opens. It refuses while a data key or a keyed hash stands under it. Codes
// that people hold go on: the file keeps the part that recognises them.
func (s *Service) Retire(ctx context.Context, path, id string) (Uses, error) {
	print, held := s.Vault.Ring().Fingerprints()[id]
	if !held {
		return Uses{}, fmt.Errorf("the key ring has no key %q", id)
	}
	if id == s.Vault.CurrentKey() {
		return Uses{}, fmt.Errorf("%q is the current key: promote another first", id)
	}
	u, err := s.UsedBy(ctx, id, true)
	if err != nil {
		return u, err
	}
	still := func(u Uses) error {
		if u.DataKeys == 0 && u.Indexes == 0 {
			return nil
		}
		return fmt.Errorf("%d data keys and %d keyed hashes still stand under %q: minqing keys run brings them under the current key", u.DataKeys, u.Indexes, id)
	}
	if err := still(u); err != nil {
		return u, err
	}
	err = s.DB.Tx(ctx, func(ctx context.Context) (err error) {
		if err := s.DB.Freeze(ctx, "vault_keys"); err != nil {
			return err
		}
		now, err := s.UsedBy(ctx, id, false) // nobody can write one any more
		if err != nil {
			return err
		}
		if err := still(now); err != nil {
			return err
		}
		res := s.DB.From(ctx).Exec("INSERT INTO ring_keys_retired (id, fingerprint, retired_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
			id, strings.TrimPrefix(print, "retired:"), s.Now().UTC())
		if res.Error != nil {
			return fmt.Errorf("retire a ring key: %w", db.Fault(res.Error, "", ""))
		}
		if res.RowsAffected == 0 { // a start that died before it changed the file
			return nil
		}
		return s.Audit.Record(ctx, audit.Entry{Action: "keys.retired", Kind: "ring_key", ID: id, Fields: []audit.Change{{Field: "fingerprint", Before: print}}})
	})
	if err != nil {
		return u, err
	}
	if err := vault.RetireKey(path, id); err != nil {
		return u, err
	}
	_, err = s.Vault.Reload()
	return u, err
}

// Drop takes a retired ring key out of the file for good. It refuses while people
// may hold codes of it, unless renew says to give them others.
func (s *Service) Drop(ctx context.Context, path, id string, renew bool) (renewed int64, err error) {
	u, err := s.UsedBy(ctx, id, true)
	if err != nil {
		return 0, err
	}
	if u.Codes > 0 && !renew {
		return 0, fmt.Errorf("%d codes and links that people may hold come from %q: leave it retired, or give them other ones with --renew-codes", u.Codes, id)
	}
	if s.Vault.Ring().Wraps(id) {
		return 0, fmt.Errorf("the key %q is not retired", id)
	}
	for _, c := range s.Codes {
		for {
			var n int64
			err := s.DB.Tx(ctx, func(ctx context.Context) (err error) {
				if n, err = c.RenewCodes(ctx, id, batch); err != nil || n == 0 {
					return err
				}
				return s.Audit.Record(ctx, audit.Entry{Action: "keys.codes_renewed", Kind: "ring_key", ID: id, Fields: []audit.Change{{Field: "rows", After: fmt.Sprint(n)}}})
			})
			if err != nil {
				return renewed, err
			}
			if n == 0 {
				break
			}
			renewed += n
		}
	}
	if u, err = s.UsedBy(ctx, id, true); err != nil {
		return renewed, err
	}
	if u.Codes > 0 {
		return renewed, fmt.Errorf("%d answers to repeated requests still hang on %q; they end by themselves within a day: try again after %s", u.Codes, id, s.Now().UTC().Add(24*time.Hour).Format(time.RFC3339))
	}
	if err := vault.DropKey(path, id); err != nil {
		return renewed, err
	}
	if _, err := s.Vault.Reload(); err != nil {
		return renewed, err
	}
	return renewed, s.DB.Tx(ctx, func(ctx context.Context) error {
		return s.Audit.Record(ctx, audit.Entry{Action: "keys.dropped", Kind: "ring_key", ID: id})
	})
}
