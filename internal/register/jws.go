package register

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
)

// Algorithm is how credentials are signed: EdDSA with Ed25519 (RFC 8037).
const Algorithm = "EdDSA"

// The types of what is signed, so that one cannot be given out as the other.
const (
	typeCredential = "permit+jwt"
	typeStatus     = "permit-status+jwt"
)

// protected is the header that the signature covers.
type protected struct {
	Algorithm string `json:"alg"`
	KeyID     string `json:"kid"`
	Type      string `json:"typ"`
}

// Reasons why a credential is none of ours.
var (
	ErrNoCredential = errors.New("register: not a credential")
	ErrUnknownKey   = errors.New("register: signed under a key that is not ours")
	ErrForged       = errors.New("register: the signature is wrong")
)

// credentialMost bounds what is read, in bytes.
const credentialMost = 16 << 10

var b64 = base64.RawURLEncoding.Strict()

// signer signs in the name of the register.
type signer struct {
	id   string
	sign func([]byte) []byte
}

// parts signs claims: header, payload and signature as JWS has them (RFC 7515).
func (k signer) parts(typ string, claims any) (head, body, signature string, err error) {
	h, err := json.Marshal(protected{Algorithm: Algorithm, KeyID: k.id, Type: typ})
	if err != nil {
		return "", "", "", err
	}
	c, err := json.Marshal(claims)
	if err != nil {
		return "", "", "", err
	}
	head, body = b64.EncodeToString(h), b64.EncodeToString(c)
	return head, body, b64.EncodeToString(k.sign([]byte(head + "." + body))), nil
}

// readJWS opens a compact JWS of a type and gives its payload, if one of the keys
// signed it. No header decides how it is checked: there is one algorithm.
func readJWS(token, typ string, keyOf func(id string) ed25519.PublicKey) ([]byte, error) {
	if len(token) > credentialMost {
		return nil, ErrNoCredential
	}
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return nil, ErrNoCredential
	}
	head, err1 := b64.DecodeString(parts[0])
	body, err2 := b64.DecodeString(parts[1])
	signature, err3 := b64.DecodeString(parts[2])
	if errors.Join(err1, err2, err3) != nil || len(signature) != ed25519.SignatureSize {
		return nil, ErrNoCredential
	}
	var h protected
	d := json.NewDecoder(bytes.NewReader(head))
	d.DisallowUnknownFields() // "crit", "jwk", "b64" and the like are not ours
	if d.Decode(&h) != nil || d.More() || h.Algorithm != Algorithm || h.Type != typ {
		return nil, ErrNoCredential
	}
	key := keyOf(h.KeyID)
	if key == nil {
		return nil, ErrUnknownKey
	}
	if !ed25519.Verify(key, []byte(parts[0]+"."+parts[1]), signature) {
		return nil, ErrForged
	}
	return body, nil
}
