package vault

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"github.com/tink-crypto/tink-go/v2/aead/subtle"

	"minqing/internal/db"
)

// Key is a data key ready for use.
type Key struct {
	ID   string
	raw  [16]byte
	aead *subtle.AESGCM
}

// KeyRow is a wrapped data key as it stands in vault_keys.
type KeyRow struct {
	ID          string
	OwnerKind   string
	Suite       string
	RingKey     string
	Wrapped     []byte
	CreatedAt   time.Time
	DestroyedAt *time.Time

	ReplacedByID *string
	ReplacedAt   *time.Time
	OwnerID      string // of one that is replaced
}

// TableName names the table for gorm.
func (KeyRow) TableName() string { return "vault_keys" }

// Insert stores the row; it goes before what is sealed under the key.
func (r KeyRow) Insert() db.Stmt {
	return db.Insert("vault_keys", "id, owner_kind, suite, ring_key, wrapped, created_at",
		r.ID, r.OwnerKind, r.Suite, r.RingKey, r.Wrapped, r.CreatedAt)
}

// Mint makes a data key without touching the database: store the row in the
// same transaction as the first value that is sealed under it.
func (v *Vault) Mint(ownerKind string) (*Key, KeyRow, error) {
	now := v.now().UTC()
	id := db.NewID(now)
	secret := make([]byte, 32)
	if _, err := rand.Read(secret); err != nil {
		return nil, KeyRow{}, err
	}
	ring := v.Ring()
	wrapped, err := ring.wrap(secret, id)
	if err != nil {
		return nil, KeyRow{}, err
	}
	k, err := newKey(id, secret)
	if err != nil {
		return nil, KeyRow{}, err
	}
	return k, KeyRow{ID: id, OwnerKind: ownerKind, Suite: suiteAESName, RingKey: ring.current.id, Wrapped: wrapped, CreatedAt: now}, nil
}

func newKey(id string, secret []byte) (*Key, error) {
	a, err := subtle.NewAESGCM(secret)
	if err != nil {
		return nil, fmt.Errorf("use a data key: %w", err)
	}
	k := &Key{ID: id, aead: a}
	raw, err := hex.DecodeString(strings.ReplaceAll(id, "-", ""))
	if err != nil || len(raw) != 16 {
		return nil, fmt.Errorf("data key id %q is no UUID", id)
	}
	copy(k.raw[:], raw)
	return k, nil
}

// Seal encrypts a value. The purpose ("contact.phone") is authenticated: a
// value moved to another column does not open there. Empty values stay nil.
func (k *Key) Seal(purpose string, plain []byte) ([]byte, error) {
	if len(plain) == 0 {
		return nil, nil
	}
	body, err := k.aead.Encrypt(plain, []byte(purpose))
	if err != nil {
		return nil, fmt.Errorf("seal a value: %w", err)
	}
	out := make([]byte, 0, headerLen+len(body))
	out = append(out, suiteAES)
	out = append(out, k.raw[:]...)
	return append(out, body...), nil
}
