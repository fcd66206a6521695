package vault

import (
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/base64"
	"fmt"

	"github.com/tink-crypto/tink-go/v2/aead/subtle"
)

// Cover encrypts a short text that stands in an address for a while and in no
// table: under the current ring key, without a key of its own. Whoever reads the
// address in a log or a history learns nothing from it.
func (v *Vault) Cover(purpose string, plain []byte) (string, error) {
	a, err := v.Ring().current.cover()
	if err != nil {
		return "", err
	}
	sealed, err := a.Encrypt(plain, []byte(purpose))
	if err != nil {
		return "", fmt.Errorf("cover a text: %w", err)
	}
	return base64.RawURLEncoding.EncodeToString(sealed), nil
}

// Uncover gives back what was covered for the purpose, under whatever key of the
// ring; nil for anything else.
func (v *Vault) Uncover(purpose, covered string) []byte {
	sealed, err := base64.RawURLEncoding.DecodeString(covered)
	if err != nil {
		return nil
	}
	ring := v.Ring()
	for _, id := range ring.IDs() {
		a, err := ring.all[id].cover()
		if err != nil {
			continue
		}
		if plain, err := a.Decrypt(sealed, []byte(purpose)); err == nil {
			return plain
		}
	}
	return nil
}

func (m *master) cover() (*subtle.AESGCM, error) {
	secret, err := hkdf.Key(sha256.New, m.codesKey, nil, "minqing.cover", 32)
	if err != nil {
		return nil, fmt.Errorf("derive the key that covers: %w", err)
	}
	a, err := subtle.NewAESGCM(secret)
	if err != nil {
		return nil, fmt.Errorf("use the key that covers: %w", err)
	}
	return a, nil
}
