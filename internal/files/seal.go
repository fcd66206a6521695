package files

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"

	"github.com/tink-crypto/tink-go/v2/streamingaead/subtle"
)

// suite names how contents are encrypted, kept with each file so that another
// can be added beside it: AES-256-GCM in segments of 64 KiB whose keys come
// from the file's key by HKDF-SHA256, bound to the file's id.
const suite = "aes256-gcm-hkdf-64k"

const (
	keySize     = 32
	segmentSize = 64 << 10
)

func newKey() []byte {
	key := make([]byte, keySize)
	_, _ = rand.Read(key) // never fails
	return key
}

func cipherOf(name string, key []byte) (*subtle.AESGCMHKDF, error) {
	if name != suite {
		return nil, fmt.Errorf("files: unknown suite %q", name)
	}
	c, err := subtle.NewAESGCMHKDF(key, "SHA256", keySize, segmentSize, 0)
	if err != nil {
		return nil, fmt.Errorf("set up the cipher: %w", err)
	}
	return c, nil
}

// seal encrypts what fill writes into w.
func seal(w io.Writer, key []byte, id string, fill func(io.Writer) error) error {
	c, err := cipherOf(suite, key)
	if err != nil {
		return err
	}
	out, err := c.NewEncryptingWriter(w, []byte(id))
	if err != nil {
		return fmt.Errorf("begin to encrypt: %w", err)
	}
	if err := fill(out); err != nil {
		return err
	}
	return out.Close()
}

// unseal decrypts r. A changed, shortened or exchanged content is an error of
// the read that meets it.
func unseal(r io.Reader, suiteName string, key []byte, id string) (io.Reader, error) {
	if len(key) != keySize {
		return nil, errors.New("files: the key has a wrong length")
	}
	c, err := cipherOf(suiteName, key)
	if err != nil {
		return nil, err
	}
	return c.NewDecryptingReader(r, []byte(id))
}
