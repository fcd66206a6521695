// Package passkeytest is an authenticator in software, for tests: it makes one
// passkey and answers by it, well or badly.
package passkeytest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"testing"
)

// Key is an authenticator that holds one passkey.
type Key struct {
	Host     string
	Origin   string
	Verified bool   // it asked for finger, face or PIN
	Counter  uint32 // of the next answer; stays at zero where it is zero

	t      testing.TB
	key    *ecdsa.PrivateKey
	id     []byte
	handle []byte
}

// New makes an authenticator that finds itself on the page of an origin.
func New(t testing.TB, host, origin string) *Key {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	id := make([]byte, 32)
	_, _ = rand.Read(id)
	return &Key{t: t, Host: host, Origin: origin, Verified: true, key: key, id: id}
}

type asked struct {
	PublicKey struct {
		Challenge string
		User      struct{ ID string }
	}
}

func (k *Key) read(options []byte) asked {
	var a asked
	if err := json.Unmarshal(options, &a); err != nil {
		k.t.Fatal(err)
	}
	return a
}

func code(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

func (k *Key) client(kind, challenge string) []byte {
	raw, _ := json.Marshal(map[string]any{"type": kind, "challenge": challenge, "origin": k.Origin, "crossOrigin": false})
	return raw
}

func (k *Key) data(flags byte) []byte {
	host := sha256.Sum256([]byte(k.Host))
	if k.Verified {
		flags |= 0x04
	}
	return binary.BigEndian.AppendUint32(append(host[:], flags|0x01), k.Counter)
}

func (k *Key) json(response map[string]any) string {
	raw, _ := json.Marshal(map[string]any{"id": code(k.id), "rawId": code(k.id), "type": "public-key", "clientExtensionResults": map[string]any{}, "response": response})
	return string(raw)
}

// Make makes the passkey that the options ask for.
func (k *Key) Make(options []byte) string {
	a := k.read(options)
	k.handle, _ = base64.RawURLEncoding.DecodeString(a.PublicKey.User.ID)
	point, _ := k.key.PublicKey.Bytes()
	data := append(k.data(0x40), make([]byte, 16)...)
	data = append(binary.BigEndian.AppendUint16(data, uint16(len(k.id))), k.id...)
	data = append(data, 0xa5, 1, 2, 3, 0x26, 0x20, 1, 0x21, 0x58, 32) // a COSE key: EC2, ES256, P-256
	data = append(append(append(data, point[1:33]...), 0x22, 0x58, 32), point[33:]...)
	object := append([]byte{0xa3, 0x63}, "fmt\x64none\x67attStmt\xa0\x68authData\x58"...)
	object = append(append(object, byte(len(data))), data...)
	k.count()
	return k.json(map[string]any{"clientDataJSON": code(k.client("webauthn.create", a.PublicKey.Challenge)), "attestationObject": code(object), "transports": []string{"internal"}})
}

// Answer signs the challenge that the options hold.
func (k *Key) Answer(options []byte) string {
	client, data := k.client("webauthn.get", k.read(options).PublicKey.Challenge), k.data(0)
	sum := sha256.Sum256(client)
	digest := sha256.Sum256(append(append([]byte{}, data...), sum[:]...))
	sig, err := ecdsa.SignASN1(rand.Reader, k.key, digest[:])
	if err != nil {
		k.t.Fatal(err)
	}
	k.count()
	return k.json(map[string]any{"clientDataJSON": code(client), "authenticatorData": code(data), "signature": code(sig), "userHandle": code(k.handle)})
}

func (k *Key) count() {
	if k.Counter > 0 {
		k.Counter++
	}
}

// As answers with somebody else's handle from then on.
func (k *Key) As(handle []byte) { k.handle = handle }

// Signed says whether the key signed what an authenticator and a browser said.
func (k *Key) Signed(data, client, sig []byte) bool {
	sum := sha256.Sum256(client)
	digest := sha256.Sum256(append(append([]byte{}, data...), sum[:]...))
	return ecdsa.VerifyASN1(&k.key.PublicKey, digest[:], sig)
}
