// Package cookie names what the program keeps in people's browsers, all of it
// here, and says how: out of reach of scripts but for Forms, for this host alone, and by
// an https:// address only over encrypted ways. Browsers hold whoever names a cookie
// __Host- to the last two (RFC 6265bis, section 4.1.3.2; ASVS 5.0, 3.3.1 and 3.3.3).
package cookie

import (
	"net/http"
	"strings"
	"time"
)

// Kind is a cookie by its name, with how long it lives and which moves from other
// sites it comes along with.
type Kind struct {
	name string
	life time.Duration // 0: until the browser is closed
	same http.SameSite
}

// The cookies.
var (
	Session = Kind{"session", 0, http.SameSiteLaxMode}
	Half    = Kind{"half", 5 * time.Minute, http.SameSiteStrictMode} // a sign-in that waits for its code
	Step    = Kind{"step", 10 * time.Minute, http.SameSiteLaxMode}   // what was begun: coming back from a provider is a move from another site
	Device  = Kind{"device", 180 * 24 * time.Hour, http.SameSiteLaxMode}

	Lang   = Kind{"lang", 365 * 24 * time.Hour, http.SameSiteLaxMode}
	Type   = Kind{"type", 365 * 24 * time.Hour, http.SameSiteLaxMode} // its size
	Notice = Kind{"flash", 2 * time.Minute, http.SameSiteLaxMode}     // for the next page
	Draft  = Kind{"draft", 0, http.SameSiteLaxMode}                   // of a filing
	Inbox  = Kind{"inbox", 12 * time.Hour, http.SameSiteLaxMode}      // its filter

	// Forms is the secret under which a browser seals the forms of inspections that it keeps
	// until there is a network. It goes with the session, and what was sealed cannot be
	// read any more. The script that seals has to read it; it opens nothing else.
	Forms = Kind{"forms", 0, http.SameSiteStrictMode}

	Concern = Kind{"concern", 180 * 24 * time.Hour, http.SameSiteLaxMode} // which published questions concern whoever sits there
)

// Code is the query code of a case.
func Code(caseNo string) Kind { return Kind{codes + caseNo, 24 * time.Hour, http.SameSiteLaxMode} }

const codes = "code_"

// Traces are the cookies that came with a request and tell what a person did here:
// the next one at this browser must not have them.
func (j Jar) Traces(r *http.Request) (list []Kind) {
	for _, k := range []Kind{Draft, Inbox, Concern, Forms} {
		if j.Read(r, k) != "" {
			list = append(list, k)
		}
	}
	for _, c := range r.Cookies() {
		if no, ok := strings.CutPrefix(c.Name, j.Name(Kind{name: codes})); ok {
			list = append(list, Code(no))
		}
	}
	return list
}

// Jar sets and reads the cookies of one address; Secure says that it is https://.
type Jar struct{ Secure bool }

// Name is what the browser knows a cookie by.
func (j Jar) Name(k Kind) string {
	if j.Secure {
		return "__Host-mq_" + k.name
	}
	return "mq_" + k.name // a trial without https: browsers refuse the prefix there
}

// Make gives a cookie to set. An empty value takes it away.
func (j Jar) Make(k Kind, value string) *http.Cookie {
	c := &http.Cookie{Name: j.Name(k), Value: value, Path: "/", MaxAge: int(k.life.Seconds()), HttpOnly: k != Forms, Secure: j.Secure, SameSite: k.same}
	if value == "" {
		c.MaxAge = -1
	}
	return c
}

// Read gives what the browser brought, empty when nothing.
func (j Jar) Read(r *http.Request, k Kind) string {
	c, err := r.Cookie(j.Name(k))
	if err != nil {
		return ""
	}
	return c.Value
}
