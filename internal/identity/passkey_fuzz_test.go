package identity

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"testing"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"
	"github.com/stretchr/testify/require"

	"minqing/internal/identity/passkeytest"
)

// What a browser says of passkeys, whole and in its parts: nothing that an
// authenticator did not make for this challenge, this site and a person who was
// there makes a passkey or opens an account.

const fuzzSite = "https://portal.city.test"

// enrolment is somebody who makes a passkey, and then signs in by it.
type enrolment struct {
	s    *Service
	h    *holder
	key  *passkeytest.Key
	made string // the answer of the authenticator

	making, asking webauthn.SessionData
	asked          []byte
}

func newEnrolment(t testing.TB) *enrolment {
	t.Helper()
	site, err := relyingParty(fuzzSite)
	require.NoError(t, err)
	e := &enrolment{s: &Service{passkeys: site}, key: passkeytest.New(t, "portal.city.test", fuzzSite),
		h: &holder{row: row{ID: "01a222ab-0000-7000-8000-000000000001"}, email: "lin@home.test", name: "林"}}
	options, session, err := site.BeginRegistration(e.h)
	require.NoError(t, err)
	asked, err := json.Marshal(options)
	require.NoError(t, err)
	e.making, e.made = *session, e.key.Make(asked)
	cred, err := e.make(e.made)
	require.NoError(t, err)
	e.h.keys = []webauthn.Credential{*cred}
	assertion, session, err := site.BeginDiscoverableLogin(webauthn.WithUserVerification(protocol.VerificationRequired))
	require.NoError(t, err)
	e.asking = *session
	e.asked, err = json.Marshal(assertion)
	require.NoError(t, err)
	return e
}

// make is what AddPasskey does with an answer.
func (e *enrolment) make(made string) (*webauthn.Credential, error) {
	parsed, err := protocol.ParseCredentialCreationResponseBody(bytes.NewReader([]byte(made)))
	if err != nil {
		return nil, err
	}
	return e.s.passkeys.CreateCredential(e.h, e.making, parsed)
}

// enter is what SignInPasskey does with an answer.
func (e *enrolment) enter(answer string) (*webauthn.Credential, error) {
	parsed, err := protocol.ParseCredentialRequestResponseBody(bytes.NewReader([]byte(answer)))
	if err != nil {
		return nil, err
	}
	return e.s.verifyPasskey(e.h, e.asking, parsed)
}

// said is what an authenticator says, in its parts.
type said struct {
	ID       string
	RawID    string `json:"rawId"`
	Response struct {
		ClientDataJSON, AttestationObject, AuthenticatorData, Signature, UserHandle string
	}
}

func partsOf(answer string) (s said) {
	_ = json.Unmarshal([]byte(answer), &s)
	return s
}

func plain(s string) []byte {
	b, _ := base64.RawURLEncoding.DecodeString(s)
	return b
}

func whole(id string, response map[string][]byte) string {
	coded := map[string]string{}
	for name, b := range response {
		coded[name] = base64.RawURLEncoding.EncodeToString(b)
	}
	raw, _ := json.Marshal(map[string]any{"id": id, "rawId": id, "type": "public-key", "clientExtensionResults": map[string]any{}, "response": coded})
	return string(raw)
}

// FuzzPasskeyMade reads answers to the making of a passkey.
func FuzzPasskeyMade(f *testing.F) {
	e := newEnrolment(f)
	for _, seed := range []string{e.made, "", "null", "[]", `{"id":"","rawId":"","type":"public-key","response":{}}`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, made string) { e.kept(t, made) })
}

// FuzzPasskeyObject reads the attestation objects (CBOR) in them.
func FuzzPasskeyObject(f *testing.F) {
	e := newEnrolment(f)
	good := partsOf(e.made)
	object, client := plain(good.Response.AttestationObject), plain(good.Response.ClientDataJSON)
	f.Add(object, client)
	f.Add(bytes.Replace(object, []byte("none"), []byte("tpm\x00"), 1), client)
	for _, kind := range []string{"packed", "fido-u2f", "android-key", "apple", "android-safetynet", "tpm"} {
		f.Add(bytes.Replace(object, []byte("\x64none"), append([]byte{0x60 + byte(len(kind))}, kind...), 1), client)
	}
	f.Add(object[:len(object)-1], client)
	f.Add(object, bytes.Replace(client, []byte("create"), []byte("get"), 1))
	f.Fuzz(func(t *testing.T, object, client []byte) {
		e.kept(t, whole(good.ID, map[string][]byte{"attestationObject": object, "clientDataJSON": client}))
	})
}

// kept holds what is kept of an answer against what was asked for.
func (e *enrolment) kept(t *testing.T, made string) {
	t.Helper()
	cred, err := e.make(made)
	if err != nil {
		return
	}
	if !cred.Flags.UserPresent || !cred.Flags.UserVerified || len(cred.ID) == 0 || len(cred.PublicKey) == 0 {
		t.Fatalf("kept without a person or a key: %s", made)
	}
	e.forUs(t, made, "webauthn.create", e.making.Challenge)
	raw, err := json.Marshal(cred)
	require.NoError(t, err)
	var again webauthn.Credential
	require.NoError(t, json.Unmarshal(raw, &again), "what is kept can be read")
}

// forUs checks what the browser signed along.
func (e *enrolment) forUs(t *testing.T, answer, kind, challenge string) {
	t.Helper()
	var client struct{ Type, Challenge, Origin string }
	require.NoError(t, json.Unmarshal(plain(partsOf(answer).Response.ClientDataJSON), &client))
	if client.Type != kind || client.Challenge != challenge || client.Origin != fuzzSite {
		t.Fatalf("an answer to something else: %+v", client)
	}
}

// FuzzPasskeyAnswer reads answers to a sign-in.
func FuzzPasskeyAnswer(f *testing.F) {
	e := newEnrolment(f)
	good := e.key.Answer(e.asked)
	_, err := e.enter(good)
	require.NoError(f, err)
	for _, seed := range []string{good, e.made, "", "null", `{"id":"AA","rawId":"AA","type":"public-key","response":{"authenticatorData":"","clientDataJSON":"","signature":""}}`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, answer string) { e.opened(t, answer) })
}

// FuzzPasskeyProof reads the parts of such answers.
func FuzzPasskeyProof(f *testing.F) {
	e := newEnrolment(f)
	good := partsOf(e.key.Answer(e.asked))
	data, client := plain(good.Response.AuthenticatorData), plain(good.Response.ClientDataJSON)
	sig, handle := plain(good.Response.Signature), plain(good.Response.UserHandle)
	f.Add(data, client, sig, handle)
	f.Add(data, client, []byte{0x30, 0x06, 2, 1, 0, 2, 1, 0}, handle)
	f.Add(append(bytes.Clone(data[:32]), 0xc5, 0, 0, 0, 1), client, sig, handle)
	f.Add(data, client, sig, []byte{})
	f.Fuzz(func(t *testing.T, data, client, sig, handle []byte) {
		e.opened(t, whole(good.ID, map[string][]byte{"authenticatorData": data, "clientDataJSON": client, "signature": sig, "userHandle": handle}))
	})
}

// opened holds what opens an account against what the key signed.
func (e *enrolment) opened(t *testing.T, answer string) {
	t.Helper()
	if _, err := e.enter(answer); err != nil {
		return
	}
	e.forUs(t, answer, "webauthn.get", e.asking.Challenge)
	r := partsOf(answer).Response
	data, host := plain(r.AuthenticatorData), sha256.Sum256([]byte("portal.city.test"))
	if len(data) < 37 || !bytes.Equal(data[:32], host[:]) || data[32]&0x05 != 0x05 || !bytes.Equal(plain(r.UserHandle), e.h.WebAuthnID()) {
		t.Fatalf("opened without the person, for another site or another account: %s", answer)
	}
	if !e.key.Signed(data, plain(r.ClientDataJSON), plain(r.Signature)) {
		t.Fatalf("opened by what the key did not sign: %s", answer)
	}
}
