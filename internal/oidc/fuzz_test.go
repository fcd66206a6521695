package oidc_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"math/big"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"minqing/internal/oidc"
)

// A provider whose answers are whatever a fuzzer thinks of. Whatever it is, the
// outcome is a person whom the provider signed for, a refusal, or that it is away.

const issuer = "https://login.example.org"

// said is what the provider answers, by path.
type said map[string]string

// RoundTrip answers in the place of the network.
func (s said) RoundTrip(r *http.Request) (*http.Response, error) {
	body, ok := s[r.URL.Path]
	if !ok {
		return nil, errors.New("nobody answers there")
	}
	kind := s["kind"]
	if kind == "" {
		kind = "application/json"
	}
	return &http.Response{StatusCode: http.StatusOK, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Header: http.Header{"Content-Type": {kind}},
		Body: io.NopCloser(strings.NewReader(body)), Request: r}, nil
}

const discovery = "/.well-known/openid-configuration"

var flow = oidc.Flow{Secret: "of this browser"}

// signer is the provider's key, and who it signs for.
type signer struct{ key *ecdsa.PrivateKey }

func newSigner(t testing.TB) signer {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	return signer{key}
}

func raw(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

func (s signer) point() (x, y string) {
	b, _ := s.key.PublicKey.Bytes()
	return raw(b[1:33]), raw(b[33:])
}

func (s signer) sign(claims []byte) string {
	body := raw([]byte(`{"alg":"ES256","kid":"k"}`)) + "." + raw(claims)
	sum := sha256.Sum256([]byte(body))
	a, b, err := ecdsa.Sign(rand.Reader, s.key, sum[:])
	if err != nil {
		panic(err)
	}
	return body + "." + raw(append(a.FillBytes(make([]byte, 32)), b.FillBytes(make([]byte, 32))...))
}

// signed says whether the key signed a token, by nothing of the library's.
func (s signer) signed(token string) bool {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return false
	}
	sig, err := base64.RawURLEncoding.DecodeString(parts[2])
	if err != nil || len(sig) != 64 {
		return false
	}
	sum := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	return ecdsa.Verify(&s.key.PublicKey, sum[:], new(big.Int).SetBytes(sig[:32]), new(big.Int).SetBytes(sig[32:]))
}

// all are good answers.
func (s signer) all() said {
	x, y := s.point()
	return said{
		discovery: `{"issuer":"` + issuer + `","authorization_endpoint":"` + issuer + `/authorize","token_endpoint":"` + issuer + `/token","jwks_uri":"` + issuer +
			`/keys","userinfo_endpoint":"` + issuer + `/userinfo","end_session_endpoint":"` + issuer + `/end","id_token_signing_alg_values_supported":["ES256"]}`,
		"/keys":     `{"keys":[{"kty":"EC","crv":"P-256","alg":"ES256","use":"sig","kid":"k","x":"` + x + `","y":"` + y + `"}]}`,
		"/token":    answerOf(s.sign([]byte(goodClaims()))),
		"/userinfo": `{"sub":"42","email":"chen@lj.test","email_verified":true,"groups":["lamps"]}`,
	}
}

func answerOf(token string) string {
	b, _ := json.Marshal(map[string]any{"access_token": "access", "token_type": "Bearer", "id_token": token})
	return string(b)
}

func goodClaims() string {
	return `{"iss":"` + issuer + `","aud":"portal","sub":"42","nonce":"` + nonceOf() + `","iat":1772413200,"exp":1772413260}`
}

// state and nonce as the way there has them.
func ways() url.Values {
	p := oidc.New(oidc.Settings{Issuer: issuer, ClientID: "portal", ClientSecret: "s", Redirect: back, Now: clock,
		Client: &http.Client{Transport: said{discovery: `{"issuer":"` + issuer + `","authorization_endpoint":"` + issuer + `/authorize","token_endpoint":"` + issuer + `/token","jwks_uri":"` + issuer + `/keys"}`}}})
	address, err := p.Start(bg, flow)
	if err != nil {
		panic(err)
	}
	u, _ := url.Parse(address)
	return u.Query()
}

var (
	bg  = context.Background()
	way = ways()
)

func nonceOf() string { return way.Get("nonce") }

// finish comes back from the provider. Every error is a plain one.
func finish(t testing.TB, s said) (oidc.Person, error) {
	t.Helper()
	p := oidc.New(oidc.Settings{Issuer: issuer, ClientID: "portal", ClientSecret: "s", Redirect: back, Home: "https://portal.city.test/", Groups: "groups", Now: clock, Client: &http.Client{Transport: s}})
	who, err := p.Finish(bg, flow, oidc.Answer{State: way.Get("state"), Code: "code"})
	if _, refused := errors.AsType[*oidc.Refused](err); err != nil && !refused && !errors.Is(err, oidc.ErrAway) {
		t.Fatalf("an error of another kind: %v", err)
	}
	if err == nil && who.Email != "" && !who.Verified {
		t.Fatalf("an unproven address: %+v", who)
	}
	return who, err
}

// FuzzDiscovery reads what a provider says of itself.
func FuzzDiscovery(f *testing.F) {
	good := newSigner(f).all()[discovery]
	for _, seed := range []string{good, strings.ReplaceAll(good, issuer+"/authorize", "javascript:alert(1)"), strings.ReplaceAll(good, issuer+"/end", "//x\\r\\ny: z"),
		strings.ReplaceAll(good, "https", "http"), `{"issuer":"` + issuer + `"}`, `{}`, `[]`, `null`, ``, `{"issuer":1}`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, about string) {
		p := oidc.New(oidc.Settings{Issuer: issuer, ClientID: "portal", Redirect: back, Home: "https://portal.city.test/", Now: clock, Client: &http.Client{Transport: said{discovery: about}}})
		there, err := p.Start(bg, flow)
		if err != nil {
			if !errors.Is(err, oidc.ErrAway) {
				t.Fatalf("an error of another kind: %v", err)
			}
			return
		}
		out, err := p.Leave(bg, "hint")
		if err != nil {
			t.Fatalf("a way there and none out: %v", err)
		}
		for _, address := range []string{there, out} {
			if u, err := url.Parse(address); address != "" && (err != nil || u.Scheme != "https" || u.Host == "" || strings.ContainsAny(address, "\r\n")) {
				t.Fatalf("people are led to %q", address)
			}
		}
		var named struct{ Issuer string }
		if json.Unmarshal([]byte(about), &named) != nil || named.Issuer != issuer {
			t.Fatalf("taken for another: %s", about)
		}
	})
}

// FuzzKeys reads the keys of a provider (RFC 7517): only with the one that signed
// is anybody let in.
func FuzzKeys(f *testing.F) {
	s := newSigner(f)
	all := s.all()
	x, y := s.point()
	_, err := finish(f, all)
	require.NoError(f, err)
	for _, seed := range []string{all["/keys"], `{"keys":[]}`, `{"keys":[{"kty":"oct","kid":"k","k":"` + x + `"}]}`, `{"keys":[{"kty":"RSA","kid":"k","n":"AQAB","e":"AQAB"}]}`,
		`{"keys":[{"kty":"EC","crv":"P-256","kid":"k","x":"` + y + `","y":"` + x + `"}]}`, `{"keys":[{"kty":"EC","crv":"P-384","kid":"k","x":"` + x + `","y":"` + y + `"}]}`, `{"keys":{}}`, ``} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, keys string) {
		all := s.all()
		all["/keys"] = keys
		if _, err := finish(t, all); err == nil && (!strings.Contains(unescaped(keys), x) || !strings.Contains(unescaped(keys), y)) {
			t.Fatalf("let in by other keys: %s", keys)
		}
	})
}

// unescaped is JSON with its escapes read.
func unescaped(s string) string {
	var v any
	if json.Unmarshal([]byte(s), &v) != nil {
		return s
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(v)
	return b.String()
}

// FuzzToken reads identity tokens: nobody is let in by one that is not signed.
func FuzzToken(f *testing.F) {
	s := newSigner(f)
	good := s.sign([]byte(goodClaims()))
	none := raw([]byte(`{"alg":"none"}`)) + "." + raw([]byte(goodClaims())) + "."
	for _, seed := range []string{good, none, good + "A", "..", "", strings.Replace(good, ".", "..", 1), `{"payload":"` + raw([]byte(goodClaims())) + `","signatures":[]}`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, token string) {
		all := s.all()
		all["/token"] = answerOf(token)
		if _, err := finish(t, all); err == nil && !s.signed(token) {
			t.Fatalf("let in by %q", token)
		}
	})
}

// FuzzClaims signs whatever a token may claim: only what is for us, now and for
// this way lets somebody in.
func FuzzClaims(f *testing.F) {
	s := newSigner(f)
	for _, seed := range []string{goodClaims(), strings.Replace(goodClaims(), `"portal"`, `["portal","other"]`, 1), strings.Replace(goodClaims(), "1772413260", "1e30", 1),
		strings.Replace(goodClaims(), `"42"`, `42`, 1), strings.Replace(goodClaims(), `"42"`, `"42","email":"a@b.c","email_verified":"true","groups":{"a":[1]},"amr":"otp"`, 1), `{}`, `[]`, `null`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, claims string) {
		all := s.all()
		all["/token"] = answerOf(s.sign([]byte(claims)))
		who, err := finish(t, all)
		if err != nil {
			return
		}
		var c struct {
			Iss, Sub, Nonce string
			Exp             json.Number
			Aud             any
		}
		require.NoError(t, json.Unmarshal([]byte(claims), &c))
		several, _ := c.Aud.([]any)
		exp, err := c.Exp.Float64()
		if c.Iss != issuer || c.Sub != who.Subject || c.Sub == "" || c.Nonce != nonceOf() || c.Aud != "portal" && !slices.Contains(several, any("portal")) || err != nil || exp < float64(at.Unix()) {
			t.Fatalf("%+v is let in by %s", who, claims)
		}
	})
}

// FuzzTokenAnswer reads what a provider answers to a code, and of whom.
func FuzzTokenAnswer(f *testing.F) {
	s := newSigner(f)
	all := s.all()
	f.Add(all["/token"], all["/userinfo"], "application/json")
	f.Add(all["/token"], `{"sub":"43"}`, "application/json; charset=utf-8")
	f.Add(all["/token"], s.sign([]byte(`{"sub":"42","email":"a@b.c","email_verified":true}`)), "application/jwt")
	f.Add("access_token=a&id_token=b", `{"sub":"42","amr":["otp"],"email":{"a":1}}`, "application/x-www-form-urlencoded")
	f.Add(`{"error":"invalid_grant"}`, ``, "")
	f.Fuzz(func(t *testing.T, token, info, kind string) {
		all := s.all()
		all["/token"], all["/userinfo"], all["kind"] = token, info, kind
		who, err := finish(t, all)
		if err == nil && (who.Subject != "42" || len(who.Means) > 0) {
			t.Fatalf("%+v is let in by %q and %q", who, token, info)
		}
	})
}
