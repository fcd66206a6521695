// Package vault encrypts personal fields under a data key of their person, each
// wrapped by a ring of master keys; makes the keyed hashes by which encrypted
// values are found; and derives codes and links. Destroying a data key erases
// its person in every table, event, audit entry and backup at once.
package vault

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"minqing/internal/db"
	"minqing/internal/fault"
)

// suiteAES is the first byte of every ciphertext: AES-256-GCM. Another suite
// gets another byte, so both can stand side by side.
const (
	suiteAES     = 0x01
	suiteAESName = "aes256gcm"
	headerLen    = 1 + 16
)

// Owner kinds of a data key.
const (
	OwnerConstituent = "constituent"
	OwnerAccount     = "account"
	OwnerCase        = "case"
	OwnerDraft       = "draft"
	OwnerSystem      = "system"
)

// ErrErased is the fault behind a value whose key was destroyed.
var ErrErased = fault.New(fault.NotFound, "vault.erased")

// Vault seals and opens.
type Vault struct {
	db    *db.DB
	ring  atomic.Pointer[Ring]
	now   func() time.Time
	cache *cache
	again again
}

// New makes a vault over a key ring.
func New(d *db.DB, ring *Ring, now func() time.Time) *Vault {
	v := &Vault{db: d, now: now, cache: newCache(8192, now)}
	v.ring.Store(ring)
	return v
}

// NewKey mints a data key and stores it in the open transaction.
func (v *Vault) NewKey(ctx context.Context, ownerKind string) (string, error) {
	k, row, err := v.Mint(ownerKind)
	if err != nil {
		return "", err
	}
	if err := v.db.InsertAll(ctx, row.Insert()); err != nil {
		return "", fmt.Errorf("store a data key: %w", err)
	}
	// Not cached before the commit: the row may yet be rolled back.
	v.db.AfterCommit(ctx, func() { v.cache.put(k) })
	return k.ID, nil
}

// Seal encrypts under a stored data key.
func (v *Vault) Seal(ctx context.Context, keyID, purpose string, plain []byte) ([]byte, error) {
	k, err := v.key(ctx, keyID)
	if err != nil {
		return nil, err
	}
	return k.Seal(purpose, plain)
}

// Open decrypts. A value whose key was destroyed is ErrErased; one whose key is
// not there is NotFound; one that was changed, or moved from another purpose or
// key, is an Internal error. nil opens to nil.
func (v *Vault) Open(ctx context.Context, purpose string, sealed []byte) ([]byte, error) {
	if len(sealed) == 0 {
		return nil, nil
	}
	id, err := KeyOf(sealed)
	if err != nil {
		return nil, err
	}
	k, err := v.key(ctx, id)
	if err != nil {
		return nil, err
	}
	plain, err := k.aead.Decrypt(sealed[headerLen:], []byte(purpose))
	if err != nil {
		return nil, fmt.Errorf("open a value sealed under key %s for %s: %w", id, purpose, err)
	}
	return plain, nil
}

// KeyOf says which data key a ciphertext needs.
func KeyOf(sealed []byte) (string, error) {
	if len(sealed) < headerLen || sealed[0] != suiteAES {
		return "", errors.New("vault: not a ciphertext of a known suite")
	}
	h := hex.EncodeToString(sealed[1:headerLen])
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:], nil
}

// warmMost bounds the keys that one query names.
const warmMost = 500

// Warm loads the keys of many ciphertexts with one query, before a list opens
// them one by one. Keys that are missing or destroyed are left for Open to say.
func (v *Vault) Warm(ctx context.Context, sealed ...[]byte) error {
	var missing []string
	asked := map[string]bool{}
	for _, s := range sealed {
		if len(s) == 0 {
			continue
		}
		id, err := KeyOf(s)
		if err != nil {
			return err
		}
		if _, known := v.cache.get(id); !known && !asked[id] {
			missing, asked[id] = append(missing, id), true
		}
	}
	for some := range slices.Chunk(missing, warmMost) {
		var rows []KeyRow
		if err := v.db.From(ctx).Where("id IN ?", some).Find(&rows).Error; err != nil {
			return fmt.Errorf("load data keys: %w", db.Fault(err, "", ""))
		}
		for _, r := range rows {
			if _, err := v.unwrap(ctx, r); err != nil && !errors.Is(err, ErrErased) {
				return err
			}
		}
	}
	return nil
}

func (v *Vault) key(ctx context.Context, id string) (*Key, error) {
	if k, known := v.cache.get(id); k != nil {
		return k, nil
	} else if known {
		return nil, ErrErased
	}
	var r KeyRow
	if err := v.db.From(ctx).Where("id = ?", id).Take(&r).Error; err != nil {
		return nil, db.Fault(err, "vault.key_missing", "")
	}
	return v.unwrap(ctx, r)
}

func (v *Vault) unwrap(ctx context.Context, r KeyRow) (*Key, error) {
	open := v.db.SQLTx(ctx) != nil
	if r.DestroyedAt != nil || len(r.Wrapped) == 0 {
		if !open { // a destruction that this transaction sees may yet be undone
			v.cache.bury(r.ID)
		}
		return nil, ErrErased
	}
	if r.Suite != suiteAESName {
		return nil, fmt.Errorf("data key %s has the unknown suite %q", r.ID, r.Suite)
	}
	ring := v.Ring()
	if !ring.Wraps(r.RingKey) {
		ring = v.reloaded()
	}
	secret, err := ring.unwrap(r.RingKey, r.Wrapped, r.ID)
	if err != nil {
		return nil, err
	}
	k, err := newKey(r.ID, secret)
	if err != nil {
		return nil, err
	}
	if open && v.now().Sub(r.CreatedAt) < cacheLife { // its own creation may yet be undone
		v.db.AfterCommit(ctx, func() { v.cache.put(k) })
	} else {
		v.cache.put(k)
	}
	return k, nil
}

// Destroy erases a data key for ever, and those that it replaced; what was sealed
// under them never opens again. Other processes forget it within the cache's
// minute. To destroy it twice is no error; to destroy what is not there is
// NotFound, so that nobody believes an erasure that hit nothing.
func (v *Vault) Destroy(ctx context.Context, keyID string) error {
	return v.db.Tx(ctx, func(ctx context.Context) error {
		r := v.db.From(ctx).Exec(`UPDATE vault_keys SET wrapped = NULL, destroyed_at = COALESCE(destroyed_at, ?) WHERE id = ?`, v.now().UTC(), keyID)
		if r.Error != nil {
			return fmt.Errorf("destroy a data key: %w", db.Fault(r.Error, "vault.key_missing", ""))
		}
		if r.RowsAffected == 0 {
			return fault.New(fault.NotFound, "vault.key_missing")
		}
		v.cache.drop(keyID)
		v.db.AfterCommit(ctx, func() { v.cache.bury(keyID) })
		var older []string
		if err := v.db.From(ctx).Raw("SELECT id FROM vault_keys WHERE replaced_by_id = ? AND destroyed_at IS NULL", keyID).Scan(&older).Error; err != nil {
			return fmt.Errorf("find the keys that a data key replaced: %w", db.Fault(err, "", ""))
		}
		for _, id := range older {
			if err := v.Destroy(ctx, id); err != nil {
				return err
			}
		}
		return nil
	})
}
