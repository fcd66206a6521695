// Package oidctest is an OpenID provider for tests, whose answers can be made bad
// in every way.
package oidctest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"testing"
	"time"
)

// Secret is the client's password.
const Secret = "client secret"

// Provider is the provider. Change its fields between requests.
type Provider struct {
	*httptest.Server
	Who   map[string]any // claims of whoever signs in
	Twist func(t *Token) // spoils an identity token before it is signed
	Info  map[string]any // what userinfo says; the same subject when nil
	Deny  string         // an error in place of a code
	Names bool           // the answer names the issuer (RFC 9207)
	Now   func() time.Time
	Asked url.Values // of the last way to it

	t    testing.TB
	key  *ecdsa.PrivateKey
	mu   sync.Mutex
	open map[string]url.Values // codes that are good
	n    int
}

// Token is an identity token that is not signed yet.
type Token struct {
	Header map[string]any
	Claims map[string]any
	Raw    string // sent as it is when set
	p      *Provider
}

// New starts a provider.
func New(t testing.TB, now func() time.Time) *Provider {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	p := &Provider{t: t, key: key, Now: now, Who: map[string]any{"sub": "1"}, open: map[string]url.Values{}}
	mux := http.NewServeMux()
	mux.HandleFunc("/.well-known/openid-configuration", p.about)
	mux.HandleFunc("/keys", p.keys)
	mux.HandleFunc("/authorize", p.authorize)
	mux.HandleFunc("/token", p.token)
	mux.HandleFunc("/userinfo", p.userinfo)
	p.Server = httptest.NewServer(mux)
	t.Cleanup(p.Close)
	return p
}

// Visit signs in at the provider and gives where it sends the browser back.
func (p *Provider) Visit(address string) *url.URL {
	p.t.Helper()
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	got, err := client.Get(address) //nolint:noctx // a test
	if err != nil {
		p.t.Fatal(err)
	}
	_ = got.Body.Close()
	back, err := got.Location()
	if err != nil {
		p.t.Fatal(err)
	}
	return back
}

func (p *Provider) about(w http.ResponseWriter, _ *http.Request) {
	p.json(w, map[string]any{"issuer": p.URL, "authorization_endpoint": p.URL + "/authorize", "token_endpoint": p.URL + "/token",
		"jwks_uri": p.URL + "/keys", "userinfo_endpoint": p.URL + "/userinfo", "end_session_endpoint": p.URL + "/end",
		"id_token_signing_alg_values_supported": []string{"ES256"}, "scopes_supported": []string{"openid", "profile", "email", "groups"},
		"authorization_response_iss_parameter_supported": p.Names})
}

func (p *Provider) keys(w http.ResponseWriter, _ *http.Request) {
	raw, _ := p.key.PublicKey.Bytes()
	p.json(w, map[string]any{"keys": []any{map[string]any{"kty": "EC", "crv": "P-256", "alg": "ES256", "use": "sig", "kid": "k",
		"x": code(raw[1:33]), "y": code(raw[33:])}}})
}

func (p *Provider) authorize(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	p.mu.Lock()
	p.n++
	good := fmt.Sprintf("code-%d", p.n)
	p.open[good], p.Asked = q, q
	p.mu.Unlock()
	back := url.Values{"state": {q.Get("state")}, "code": {good}}
	if p.Deny != "" {
		back = url.Values{"state": {q.Get("state")}, "error": {p.Deny}}
	}
	if p.Names {
		back.Set("iss", p.URL)
	}
	http.Redirect(w, r, q.Get("redirect_uri")+"?"+back.Encode(), http.StatusFound)
}

func (p *Provider) token(w http.ResponseWriter, r *http.Request) {
	_ = r.ParseForm()
	p.mu.Lock()
	q, ok := p.open[r.PostForm.Get("code")]
	delete(p.open, r.PostForm.Get("code"))
	p.mu.Unlock()
	verifier := sha256.Sum256([]byte(r.PostForm.Get("code_verifier")))
	id, secret, _ := r.BasicAuth()
	secret, _ = url.QueryUnescape(secret)
	if !ok || q.Get("code_challenge_method") != "S256" || q.Get("code_challenge") != code(verifier[:]) ||
		q.Get("redirect_uri") != r.PostForm.Get("redirect_uri") || id != q.Get("client_id") || secret != Secret {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusBadRequest)
		_, _ = w.Write([]byte(`{"error":"invalid_grant"}`))
		return
	}
	now := p.Now()
	t := &Token{p: p, Header: map[string]any{"alg": "ES256", "kid": "k"},
		Claims: map[string]any{"iss": p.URL, "aud": q.Get("client_id"), "nonce": q.Get("nonce"), "iat": now.Unix(), "exp": now.Add(time.Minute).Unix()}}
	maps.Copy(t.Claims, p.Who)
	if p.Twist != nil {
		p.Twist(t)
	}
	if t.Raw == "" {
		t.Raw = t.Signed()
	}
	p.json(w, map[string]any{"access_token": "access", "token_type": "Bearer", "id_token": t.Raw})
}

func (p *Provider) userinfo(w http.ResponseWriter, _ *http.Request) {
	info := map[string]any{"sub": p.Who["sub"]}
	maps.Copy(info, p.Info)
	p.json(w, info)
}

func (p *Provider) json(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(v); err != nil {
		p.t.Error(err)
	}
}

func code(raw []byte) string { return base64.RawURLEncoding.EncodeToString(raw) }

// body is what is signed.
func (t *Token) body() string {
	header, _ := json.Marshal(t.Header)
	claims, _ := json.Marshal(t.Claims)
	return code(header) + "." + code(claims)
}

// Signed signs the token with the provider's key.
func (t *Token) Signed() string {
	sum := sha256.Sum256([]byte(t.body()))
	r, s, err := ecdsa.Sign(rand.Reader, t.p.key, sum[:])
	if err != nil {
		t.p.t.Fatal(err)
	}
	return t.body() + "." + code(append(r.FillBytes(make([]byte, 32)), s.FillBytes(make([]byte, 32))...))
}

// Unsigned has no signature, and says so.
func (t *Token) Unsigned() {
	t.Header = map[string]any{"alg": "none"}
	t.Raw = t.body() + "."
}

// SignedWithPublicKey takes the public key for a shared secret.
func (t *Token) SignedWithPublicKey() {
	t.Header = map[string]any{"alg": "HS256", "kid": "k"}
	public, _ := x509.MarshalPKIXPublicKey(&t.p.key.PublicKey)
	mac := hmac.New(sha256.New, public)
	mac.Write([]byte(t.body()))
	t.Raw = t.body() + "." + code(mac.Sum(nil))
}
