// Package oidc is the way to an OpenID provider and back: the authorization code
// flow of OpenID Connect Core 1.0 with PKCE (RFC 7636). It checks what comes back
// and knows nothing of accounts.
package oidc

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"time"

	goidc "github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

const (
	patience = 5 * time.Second // for one answer of the provider
	between  = 5 * time.Second // tries to reach a provider that was away
	fresh    = 12 * time.Hour  // how long what it says of itself is kept
	skew     = 2 * time.Minute // that its clock may be before ours
	mostBody = 1 << 20         // of one answer
)

// ErrAway says that the provider does not answer, or not as one.
var ErrAway = errors.New("oidc: the provider does not answer")

// Refused says that an answer was not good, in a word for the audit trail.
type Refused struct {
	Why   string
	cause error
}

// Error is for logs; it holds nothing that the provider said of a person.
func (r *Refused) Error() string {
	if r.cause != nil {
		return "oidc: refused: " + r.Why + ": " + r.cause.Error()
	}
	return "oidc: refused: " + r.Why
}

// Unwrap gives the cause.
func (r *Refused) Unwrap() error { return r.cause }

func refused(why string, cause error) error { return &Refused{Why: why, cause: cause} }

// Settings say which provider, and who we are to it.
type Settings struct {
	Issuer       string
	ClientID     string
	ClientSecret string // empty for a public client
	Redirect     string // where it sends people back, exactly as registered with it
	Home         string // where people land after signing out there, likewise
	Groups       string // the claim with the groups, a path with dots if need be; none when empty

	Client *http.Client     // one of our own when nil
	Now    func() time.Time // time.Now when nil
}

// Provider is an OpenID provider. It is asked about itself at the first use, and
// again when it was away then.
type Provider struct {
	s      Settings
	client *http.Client

	mu    sync.Mutex
	found *found
	tried time.Time
}

// found is what a provider says of itself.
type found struct {
	provider *goidc.Provider
	about    about
	at       time.Time
}

type about struct {
	Authorize   string   `json:"authorization_endpoint"`
	Token       string   `json:"token_endpoint"`
	Keys        string   `json:"jwks_uri"`
	EndSession  string   `json:"end_session_endpoint"`
	UserInfo    string   `json:"userinfo_endpoint"`
	Scopes      []string `json:"scopes_supported"`
	Auth        []string `json:"token_endpoint_auth_methods_supported"`
	NamesItself bool     `json:"authorization_response_iss_parameter_supported"`
}

// New makes a provider and asks nothing yet.
func New(s Settings) *Provider {
	if s.Now == nil {
		s.Now = time.Now
	}
	client := http.Client{Timeout: patience, Transport: limited{newReach(s.Issuer).transport()}}
	if s.Client != nil {
		client = *s.Client
	}
	// The secret, codes and tokens go to the addresses that the provider names, and
	// nowhere that these then lead to.
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &Provider{s: s, client: &client}
}

// Issuer names the provider.
func (p *Provider) Issuer() string { return p.s.Issuer }

// limited cuts off answers that nobody would send in earnest.
type limited struct{ http.RoundTripper }

// RoundTrip does one request.
func (l limited) RoundTrip(r *http.Request) (*http.Response, error) {
	got, err := l.RoundTripper.RoundTrip(r)
	if err == nil {
		got.Body = struct {
			io.Reader
			io.Closer
		}{io.LimitReader(got.Body, mostBody), got.Body}
	}
	return got, err
}

// Check says whether the provider answers, for the doctor.
func (p *Provider) Check(ctx context.Context) error {
	_, err := p.discover(ctx)
	return err
}

// discover asks the provider about itself. One that was known and is away now is
// taken to be as it was.
func (p *Provider) discover(ctx context.Context) (*found, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.s.Now()
	if p.found != nil && now.Sub(p.found.at) < fresh {
		return p.found, nil
	}
	if now.Sub(p.tried) < between {
		return p.known(nil)
	}
	p.tried = now
	provider, err := goidc.NewProvider(goidc.ClientContext(ctx, p.client), p.s.Issuer)
	if err != nil {
		return p.known(err)
	}
	f := &found{provider: provider, at: now}
	if err := provider.Claims(&f.about); err != nil {
		return p.known(err)
	}
	if err := f.about.check(p.s.Issuer); err != nil {
		return p.known(err)
	}
	p.found = f
	return f, nil
}

// check refuses addresses to which neither people nor secrets may be sent: of
// another kind than the web's, or in the clear where the provider's own is not.
func (a *about) check(issuer string) error {
	own, err := url.Parse(issuer)
	if err != nil {
		return err
	}
	for name, address := range map[string]string{"authorization_endpoint": a.Authorize, "token_endpoint": a.Token, "jwks_uri": a.Keys,
		"userinfo_endpoint": a.UserInfo, "end_session_endpoint": a.EndSession} {
		if address == "" && (name == "userinfo_endpoint" || name == "end_session_endpoint") {
			continue // it need not have one
		}
		u, err := url.Parse(address)
		if err != nil || u.Host == "" || u.Scheme != "https" && (u.Scheme != "http" || own.Scheme != "http") {
			return fmt.Errorf("the provider's %s is no address to go to", name)
		}
	}
	return nil
}

func (p *Provider) known(cause error) (*found, error) {
	if p.found != nil {
		return p.found, nil
	}
	if cause != nil {
		return nil, fmt.Errorf("%w: %w", ErrAway, cause)
	}
	return nil, ErrAway
}

// asked is who we are to the provider, and what we ask for.
func (p *Provider) asked(f *found) *oauth2.Config {
	end := f.provider.Endpoint()
	end.AuthStyle = oauth2.AuthStyleInHeader // never both: a code works once
	if p.s.ClientSecret == "" || len(f.about.Auth) > 0 && !slices.Contains(f.about.Auth, "client_secret_basic") {
		end.AuthStyle = oauth2.AuthStyleInParams
	}
	scopes := []string{goidc.ScopeOpenID, "profile", "email"}
	if p.s.Groups != "" && slices.Contains(f.about.Scopes, "groups") {
		scopes = append(scopes, "groups")
	}
	return &oauth2.Config{ClientID: p.s.ClientID, ClientSecret: p.s.ClientSecret, Endpoint: end, RedirectURL: p.s.Redirect, Scopes: scopes}
}

// Flow is one way there and back. Its secret stays in the browser that began it;
// state, nonce and PKCE's verifier are drawn from it.
type Flow struct{ Secret string }

func (f Flow) draw(purpose string) string {
	sum := sha256.Sum256([]byte(purpose + "." + f.Secret))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// Ours says whether an answer belongs to this flow.
func (f Flow) Ours(state string) bool {
	return subtle.ConstantTimeCompare([]byte(state), []byte(f.draw("state"))) == 1
}

// Start gives the address at the provider to which somebody goes.
func (p *Provider) Start(ctx context.Context, flow Flow) (string, error) {
	f, err := p.discover(ctx)
	if err != nil {
		return "", err
	}
	return p.asked(f).AuthCodeURL(flow.draw("state"), goidc.Nonce(flow.draw("nonce")), oauth2.S256ChallengeOption(flow.draw("verifier"))), nil
}

// Leave gives the address at the provider that ends the session there and comes
// back to Home; empty when it has none. The hint is Person.Hint.
func (p *Provider) Leave(ctx context.Context, hint string) (string, error) {
	f, err := p.discover(ctx)
	if err != nil || f.about.EndSession == "" {
		return "", err
	}
	u, err := url.Parse(f.about.EndSession)
	if err != nil {
		return "", fmt.Errorf("read where the provider ends sessions: %w", err)
	}
	q := u.Query()
	q.Set("client_id", p.s.ClientID)
	q.Set("post_logout_redirect_uri", p.s.Home)
	if hint != "" {
		q.Set("id_token_hint", hint)
	}
	u.RawQuery = q.Encode()
	return u.String(), nil
}
