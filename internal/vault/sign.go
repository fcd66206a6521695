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

// CredentialKey signs what people carry away and others check without us: permits
// as credentials. It is derived from a ring key and stored nowhere; who checks
// needs its public half only, which stays known when the ring key is gone.
type CredentialKey struct {
	RingKey string
	Public  ed25519.PublicKey
	private ed25519.PrivateKey
}

// CredentialKey is that of the current ring key.
func (r *Ring) CredentialKey() CredentialKey {
	m := r.current
	public, _ := m.credential.Public().(ed25519.PublicKey)
	return CredentialKey{RingKey: m.id, Public: public, private: m.credential}
}

// Sign signs exactly the text, as RFC 8037 has it for JWS.
func (k CredentialKey) Sign(text []byte) []byte { return ed25519.Sign(k.private, text) }
