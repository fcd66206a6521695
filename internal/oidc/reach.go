package oidc

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"sync/atomic"
	"syscall"
	"time"
)

// reach bounds where the addresses that a provider names of itself may lead (SSRF):
// never to this machine's link, where clouds keep their keys, and into our own
// network or to this machine only for a provider that stands there itself. It looks
// at the address that a connection is made to, after the name was resolved. Where
// HTTPS_PROXY is set, the proxy decides.
type reach struct {
	issuer string // its host
	inside atomic.Bool
}

func newReach(issuer string) *reach {
	u, err := url.Parse(issuer)
	if err != nil {
		return &reach{}
	}
	return &reach{issuer: u.Hostname()}
}

// transport is the usual one, bounded.
func (r *reach) transport() http.RoundTripper {
	usual, ok := http.DefaultTransport.(*http.Transport)
	if !ok {
		return http.DefaultTransport
	}
	t := usual.Clone()
	t.DialContext = r.dial
	return proxied{t}
}

type throughProxy struct{}

// proxied notes which requests go to a proxy.
type proxied struct{ *http.Transport }

// RoundTrip does one request.
func (p proxied) RoundTrip(r *http.Request) (*http.Response, error) {
	if p.Proxy != nil {
		if to, err := p.Proxy(r); err == nil && to != nil {
			r = r.WithContext(context.WithValue(r.Context(), throughProxy{}, true))
		}
	}
	return p.Transport.RoundTrip(r)
}

func (r *reach) dial(ctx context.Context, network, address string) (net.Conn, error) {
	d := net.Dialer{Timeout: patience, KeepAlive: 30 * time.Second}
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	if ctx.Value(throughProxy{}) == nil {
		d.Control = func(_, to string, _ syscall.RawConn) error {
			at, err := netip.ParseAddrPort(to)
			if err != nil {
				return err
			}
			return r.may(host, at.Addr().Unmap())
		}
	}
	return d.DialContext(ctx, network, address)
}

// may says whether a connection to a host may be made that stands at an address.
func (r *reach) may(host string, at netip.Addr) error {
	ours := at.IsPrivate() || at.IsLoopback()
	switch {
	case at.IsLinkLocalUnicast(), at.IsMulticast(), at.IsUnspecified():
	case !ours, r.inside.Load():
		return nil
	case host == r.issuer:
		r.inside.Store(true)
		return nil
	}
	return fmt.Errorf("the provider %s names %s, which leads to %s in our own network", r.issuer, host, at)
}
