package vault

import (
	"crypto/ed25519"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/tink-crypto/tink-go/v2/aead/subtle"
)

// Ring holds the master keys: one current, which wraps and derives, older ones,
// which still unwrap, and retired ones, which only recognise what people hold.
type Ring struct {
	current *master
	all     map[string]*master
	sum     [sha256.Size]byte // of what it was read from
}

// master is one key of the ring, in parts for its uses. A retired one has
// neither wrap nor backupKey nor sign nor credential.
type master struct {
	id                 string
	wrap               *subtle.AESGCM
	indexKey, codesKey []byte
	backupKey          []byte
	sign               ed25519.PrivateKey
	verify             ed25519.PublicKey
	credential         ed25519.PrivateKey
}

// Inline says whether a setting is a ring itself rather than the path of one.
func Inline(setting string) bool { return strings.HasPrefix(strings.TrimSpace(setting), "{") }

// LoadRing reads a ring: from a key file, or from the setting itself.
func LoadRing(setting string) (*Ring, error) {
	if Inline(setting) {
		return ParseRing([]byte(setting))
	}
	body, err := readOwn(setting)
	if err != nil {
		return nil, err
	}
	return ParseRing(body)
}

// ErrOthersMayOpen refuses a key file that is not its owner's alone.
var ErrOthersMayOpen = errors.New("others than its owner may open the key file")

// readOwn reads a key file that nobody but its owner can open.
func readOwn(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read the key file: %w", err)
	}
	defer f.Close()
	is, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("read the key file: %w", err)
	}
	if mode := is.Mode().Perm(); mode&0o077 != 0 {
		return nil, fmt.Errorf("%w %s (%04o): chmod 600 %s", ErrOthersMayOpen, path, mode, path)
	}
	body, err := io.ReadAll(f)
	if err != nil {
		return nil, fmt.Errorf("read the key file: %w", err)
	}
	return body, nil
}

// CreateRing makes a key file with one fresh key, readable by its owner only.
// It never overwrites: losing the keys loses the personal data.
func CreateRing(path string) (*Ring, error) {
	f := ringFile{Current: "k1"}
	f.add(f.Current)
	body, err := f.body()
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		return nil, fmt.Errorf("make the folder of the key file: %w", err)
	}
	if err := writeNew(path, body); err != nil {
		return nil, fmt.Errorf("make the key file: %w", err)
	}
	return ParseRing(body)
}

// writeNew writes a file that must not be there yet, durably.
func writeNew(path string, body []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	if _, err = f.Write(body); err == nil {
		err = f.Sync()
	}
	err = errors.Join(err, f.Close(), syncFolder(filepath.Dir(path)))
	if err != nil {
		os.Remove(path) // nothing is sealed under it yet, and half a file would stand in the way
	}
	return err
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
	f, err := parseFile(body)
	if err != nil {
		return nil, err
	}
	r := &Ring{all: map[string]*master{}, sum: sha256.Sum256(body)}
	for _, k := range f.Keys {
		if k.ID == "" || r.all[k.ID] != nil {
			return nil, fmt.Errorf("key file: the id %q is empty or stands there twice", k.ID)
		}
		if r.all[k.ID], err = k.master(); err != nil {
			return nil, err
		}
	}
	if r.current = r.all[f.Current]; r.current == nil || r.current.wrap == nil {
		return nil, fmt.Errorf("key file: the current key %q is not in it, or is retired", f.Current)
	}
	return r, nil
}

func newMaster(id string, secret []byte) (*master, error) {
	part := func(use string) []byte {
		key, err := hkdf.Key(sha256.New, secret, nil, "minqing "+use, 32)
		if err != nil {
			panic(err) // only for lengths beyond what HKDF gives
		}
		return key
	}
	m := &master{id: id, indexKey: part("index"), codesKey: part("codes"), backupKey: part("backup"),
		sign: ed25519.NewKeyFromSeed(part("sign")), credential: ed25519.NewKeyFromSeed(part("credential"))}
	m.verify, _ = m.sign.Public().(ed25519.PublicKey)
	var err error
	m.wrap, err = subtle.NewAESGCM(part("wrap"))
	return m, err
}

func (r *Ring) wrap(secret []byte, keyID string) ([]byte, error) {
	return r.current.wrap.Encrypt(secret, []byte("key|"+keyID))
}

func (r *Ring) unwrap(ringKey string, wrapped []byte, keyID string) ([]byte, error) {
	m := r.all[ringKey]
	if m == nil || m.wrap == nil {
		return nil, fmt.Errorf("the key ring has no key %q, which data key %s needs", ringKey, keyID)
	}
	secret, err := m.wrap.Decrypt(wrapped, []byte("key|"+keyID))
	if err != nil {
		return nil, fmt.Errorf("unwrap data key %s: %w", keyID, err)
	}
	return secret, nil
}

// Current names the key that wraps and derives now.
func (r *Ring) Current() string { return r.current.id }

// Wraps says whether the ring can unwrap what lies under a key.
func (r *Ring) Wraps(id string) bool { return r.all[id] != nil && r.all[id].wrap != nil }

// Derives says whether the ring still makes the codes of a key.
func (r *Ring) Derives(id string) bool { return r.all[id] != nil }

// IDs lists the keys by name.
func (r *Ring) IDs() []string { return slices.Sorted(maps.Keys(r.all)) }

// BackupKey is what archives are sealed under: its ring key's id and 32 bytes.
func (r *Ring) BackupKey() (id string, key []byte) { return r.current.id, r.current.backupKey }

// BackupKeyOf is BackupKey of a ring key by its id; nil when it is not there.
func (r *Ring) BackupKeyOf(id string) []byte {
	if m := r.all[id]; m != nil {
		return m.backupKey
	}
	return nil
}

// retiredPrint begins the fingerprint of a retired key, which cannot do what the
// whole one can.
const retiredPrint = "retired:"

// Fingerprints name each key of the ring by a short hash, to compare two
// machines' rings without showing the keys.
func (r *Ring) Fingerprints() map[string]string {
	out := make(map[string]string, len(r.all))
	for id, m := range r.all {
		out[id] = m.print()
		if m.wrap == nil {
			out[id] = retiredPrint + out[id]
		}
	}
	return out
}

func (m *master) print() string {
	h := hmac.New(sha256.New, m.codesKey)
	h.Write([]byte("fingerprint"))
	return fmt.Sprintf("%x", h.Sum(nil)[:8])
}

// Covers says whether the ring's key of that name does all that one with the
// fingerprint does: the same key, or the whole one where a retired is enough.
func (r *Ring) Covers(id, print string) bool {
	m := r.all[id]
	if m == nil {
		return false
	}
	return print == r.Fingerprints()[id] || print == retiredPrint+m.print()
}
