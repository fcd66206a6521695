package identity

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"minqing/internal/actor"
	"minqing/internal/cookie"
	"minqing/internal/fault"
)

type credentialKey struct{}

type unattendedKey struct{}

// unattended is a request that a page makes by itself while it is open, which shows
// nobody at the screen: the stream of who else is there.
func unattended(r *http.Request) bool {
	return r.Method == http.MethodGet && strings.HasPrefix(r.Header.Get("Accept"), "text/event-stream")
}

// credential is what a request brought to say who it is from.
type credential struct{ session, token string }

func (s *Service) jar() cookie.Jar { return cookie.Jar{Secure: s.o.Secure} }

// Cookie carries a session's token; an empty token takes the cookie away.
func (s *Service) Cookie(token string) *http.Cookie { return s.jar().Make(cookie.Session, token) }

// programs are where access tokens work: on no page.
var programs = []string{"/api/", "/open311/"}

func forPrograms(path string) bool {
	return slices.ContainsFunc(programs, func(prefix string) bool { return strings.HasPrefix(path, prefix) })
}

// Wrap notes the session cookie of each request, or a program's bearer token, for Visitor,
// and the kind of browser of one that may open a session.
func (s *Service) Wrap(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c := credential{session: s.jar().Read(r, cookie.Session)}
		if header := r.Header.Get("Authorization"); len(header) > 7 && forPrograms(r.URL.Path) && strings.EqualFold(header[:7], "bearer ") {
			c.token = strings.TrimSpace(header[7:])
		}
		if c != (credential{}) {
			r = r.WithContext(context.WithValue(r.Context(), credentialKey{}, c))
		}
		if unattended(r) {
			r = r.WithContext(context.WithValue(r.Context(), unattendedKey{}, true))
		}
		if r.Method == http.MethodPost || strings.HasPrefix(r.URL.Path, devicePath+"/") {
			r = r.WithContext(s.withDevice(withBrowser(r.Context(), browserOf(r.UserAgent())), r))
		}
		next.ServeHTTP(w, r)
	})
}

// Visitor says who the request is from. A session that has ended makes an
// anonymous visitor; a token that does not hold is an error, since a program
// has no page to sign in on.
func (s *Service) Visitor(ctx context.Context) (actor.Actor, string, error) {
	c, ok := ctx.Value(credentialKey{}).(credential)
	switch {
	case !ok:
		return actor.Actor{Kind: actor.Anonymous}, "", nil
	case c.token != "":
		return s.ResolveToken(ctx, c.token)
	}
	who, name, err := s.Resolve(ctx, c.session)
	if fault.KindOf(err) == fault.Unauthenticated && err != nil {
		return actor.Actor{Kind: actor.Anonymous}, "", nil
	}
	return who, name, err
}
