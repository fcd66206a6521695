package vault

import "crypto/ed25519"

// SignatureAlgorithm names how Sign signs.
const SignatureAlgorithm = "Ed25519"

// Sign signs a text under the current ring key and names that key.
func (r *Ring) Sign(purpose string, text []byte) (keyID string, signature []byte) {
	return r.current.id, ed25519.Sign(r.current.sign, signed(purpose, text))
}

// Verify says whether a key of the ring, retired or not, signed the text; known
// is false for a key that the ring does not hold.
func (r *Ring) Verify(keyID, purpose string, text, signature []byte) (good, known bool) {
	m := r.all[keyID]
	if m == nil {
		return false, false
	}
	return ed25519.Verify(m.verify, signed(purpose, text), signature), true
}

func signed(purpose string, text []byte) []byte {
	return append(append([]byte(purpose), 0), text...)
}
