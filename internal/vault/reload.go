package vault

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"minqing/internal/db"
)

// again is how a vault reads its ring anew.
type again struct {
	mu   sync.Mutex
	load func() (*Ring, error)
	last time.Time
}

// reloadGap is how soon one unknown key after another lets the ring be read anew.
const reloadGap = time.Second

// Ring is the key ring in force.
func (v *Vault) Ring() *Ring { return v.ring.Load() }

// ReloadBy says how to read the ring anew, for a process that outlives changes
// of the key file.
func (v *Vault) ReloadBy(load func() (*Ring, error)) {
	v.again.mu.Lock()
	defer v.again.mu.Unlock()
	v.again.load = load
}

// Reload reads the ring anew and says whether it changed. One that cannot be
// read leaves the old one in force.
func (v *Vault) Reload() (changed bool, err error) {
	v.again.mu.Lock()
	defer v.again.mu.Unlock()
	return v.reload()
}

func (v *Vault) reload() (changed bool, err error) {
	if v.again.load == nil {
		return false, nil
	}
	v.again.last = time.Now()
	r, err := v.again.load()
	if err != nil || r.sum == v.Ring().sum {
		return false, err
	}
	v.ring.Store(r)
	return true, nil
}

// reloaded is the ring after another look, for a key that it lacks: another
// process may have been quicker to promote a new one.
func (v *Vault) reloaded() *Ring {
	v.again.mu.Lock()
	defer v.again.mu.Unlock()
	if time.Since(v.again.last) > reloadGap {
		_, _ = v.reload() // what is missing stays missing, and the caller says so
	}
	return v.Ring()
}

// RingKeysInUse lists the ring keys under which data keys lie, destroyed ones
// too, by steps through the index however many there are.
func (v *Vault) RingKeysInUse(ctx context.Context) ([]string, error) {
	var ids []string
	for last := ""; ; {
		var next []string
		err := v.db.From(ctx).Raw("SELECT ring_key FROM vault_keys WHERE ring_key > ? ORDER BY ring_key LIMIT 1", last).Scan(&next).Error
		if err != nil {
			return nil, fmt.Errorf("list the ring keys in use: %w", db.Fault(err, "", ""))
		}
		if len(next) == 0 {
			return ids, nil
		}
		last = next[0]
		ids = append(ids, last)
	}
}

// CheckRing says which keys the ring lacks, and whether its current key was
// retired: then this machine has an old key file, and what it wraps would be
// lost.
func (v *Vault) CheckRing(ctx context.Context) error {
	used, err := v.RingKeysInUse(ctx)
	if err != nil {
		return err
	}
	var wrong []string
	for _, id := range used {
		var rows []KeyRow
		if err := v.db.From(ctx).Where("ring_key = ? AND destroyed_at IS NULL", id).Limit(1).Find(&rows).Error; err != nil {
			return fmt.Errorf("look for data keys: %w", db.Fault(err, "", ""))
		}
		if len(rows) == 0 {
			continue
		}
		if !v.Ring().Wraps(id) {
			wrong = append(wrong, fmt.Sprintf("the key ring lacks %q", id))
		} else if _, err := v.Ring().unwrap(id, rows[0].Wrapped, rows[0].ID); err != nil {
			wrong = append(wrong, fmt.Sprintf("%q of the key ring is another key than it was", id))
		}
	}
	if len(wrong) > 0 {
		return fmt.Errorf("%s: personal data of this database lie under it; put the key back from the copy of the key file", strings.Join(wrong, " and "))
	}
	gone, err := v.RetiredKeys(ctx)
	if err == nil && slices.Contains(gone, v.CurrentKey()) {
		err = fmt.Errorf("the current key %q of the key ring was retired: bring the newest key file to this machine", v.CurrentKey())
	}
	return err
}

// RetiredKeys lists the ring keys under which nothing may be wrapped any more.
func (v *Vault) RetiredKeys(ctx context.Context) (ids []string, err error) {
	if err := v.db.From(ctx).Raw("SELECT id FROM ring_keys_retired ORDER BY id").Scan(&ids).Error; err != nil {
		return nil, fmt.Errorf("list the retired keys: %w", db.Fault(err, "", ""))
	}
	return ids, nil
}
