package vault

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/tink-crypto/tink-go/v2/aead/subtle"
)

// Ring holds the master keys: one current, which wraps and derives, and older
// ones, which still unwrap.
type Ring struct {
	current *master
	all     map[string]*master
}

type master struct {
	id                 string
	wrap               *subtle.AESGCM
	indexKey, codesKey []byte
	backupKey          []byte
}

type ringFile struct {
	Current string    `json:"current"`
	Keys    []ringKey `json:"keys"`
}

type ringKey struct {
	ID     string `json:"id"`
	Suite  string `json:"suite"`
	Secret string `json:"secret"` // 32 bytes, base64
}

// LoadRing reads a key file.
func LoadRing(path string) (*Ring, error) {
	body, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the key file: %w", err)
	}
	return ParseRing(body)
}

// CreateRing makes a key file with one fresh key, readable by its owner only.
// It never overwrites: losing the keys loses the personal data.
func CreateRing(path string) (*Ring, error) {
	secret := make([]byte, 32)
	if _, err := rand.Read(secret); err != nil {
		return nil, err
	}
	body, err := json.MarshalIndent(ringFile{Current: "k1", Keys: []ringKey{
		{ID: "k1", Suite: suiteAESName, Secret: base64.StdEncoding.EncodeToString(secret)}}}, "", "  ")
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		return nil, fmt.Errorf("make the folder of the key file: %w", err)
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, fmt.Errorf("make the key file: %w", err)
	}
	if _, err = f.Write(append(body, '\n')); err == nil {
		err = f.Sync()
	}
	err = errors.Join(err, f.Close(), syncFolder(filepath.Dir(path)))
	if err != nil {
		os.Remove(path) // nothing is sealed under it yet, and half a file would stand in the way
		return nil, fmt.Errorf("write the key file: %w", err)
	}
	return ParseRing(body)
}

// syncFolder makes the name of a new file survive a power cut.
func syncFolder(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// ParseRing reads the content of a key file.
func ParseRing(body []byte) (*Ring, error) {
	var f ringFile
	if err := json.Unmarshal(body, &f); err != nil {
		return nil, fmt.Errorf("key file: %w", err)
	}
	r := &Ring{all: map[string]*master{}}
	for _, k := range f.Keys {
		if k.ID == "" || r.all[k.ID] != nil {
			return nil, fmt.Errorf("key file: the id %q is empty or stands there twice", k.ID)
		}
		if k.Suite != suiteAESName {
			return nil, fmt.Errorf("key file: key %q has the unknown suite %q", k.ID, k.Suite)
		}
		secret, err := base64.StdEncoding.DecodeString(k.Secret)
		if err != nil || len(secret) != 32 {
			return nil, fmt.Errorf("key file: key %q is not 32 bytes of base64", k.ID)
		}
		if r.all[k.ID], err = newMaster(k.ID, secret); err != nil {
			return nil, err
		}
	}
	if r.current = r.all[f.Current]; r.current == nil {
		return nil, fmt.Errorf("key file: the current key %q is not in it", f.Current)
	}
	return r, nil
}

func newMaster(id string, secret []byte) (*master, error) {
	part := func(use string) ([]byte, error) { return hkdf.Key(sha256.New, secret, nil, "minqing "+use, 32) }
	wrapKey, err := part("wrap")
	if err != nil {
		return nil, err
	}
	m := &master{id: id}
	if m.indexKey, err = part("index"); err != nil {
		return nil, err
	}
	if m.codesKey, err = part("codes"); err != nil {
		return nil, err
	}
	if m.backupKey, err = part("backup"); err != nil {
		return nil, err
	}
	m.wrap, err = subtle.NewAESGCM(wrapKey)
	return m, err
}

func (r *Ring) wrap(secret []byte, keyID string) ([]byte, error) {
	return r.current.wrap.Encrypt(secret, []byte("key|"+keyID))
}

func (r *Ring) unwrap(ringKey string, wrapped []byte, keyID string) ([]byte, error) {
	m := r.all[ringKey]
	if m == nil {
		return nil, fmt.Errorf("the key ring has no key %q, which data key %s needs", ringKey, keyID)
	}
	secret, err := m.wrap.Decrypt(wrapped, []byte("key|"+keyID))
	if err != nil {
		return nil, fmt.Errorf("unwrap data key %s: %w", keyID, err)
	}
	return secret, nil
}

// BackupKey is what archives are sealed under: its ring key's id and 32 bytes.
func (r *Ring) BackupKey() (id string, key []byte) { return r.current.id, r.current.backupKey }

// BackupKeyOf is BackupKey of a ring key by its id; nil when it is not there.
func (r *Ring) BackupKeyOf(id string) []byte {
	if m := r.all[id]; m != nil {
		return m.backupKey
	}
	return nil
}

// Fingerprints name each key of the ring by a short hash, to compare two
// machines' rings without showing the keys.
func (r *Ring) Fingerprints() map[string]string {
	out := make(map[string]string, len(r.all))
	for id, m := range r.all {
		h := hmac.New(sha256.New, m.codesKey)
		h.Write([]byte("fingerprint"))
		out[id] = fmt.Sprintf("%x", h.Sum(nil)[:8])
	}
	return out
}
