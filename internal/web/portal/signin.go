package portal

import (
	"errors"
	"net/http"
	"net/url"
	"time"

	"github.com/gin-gonic/gin"

	"minqing/internal/access"
	"minqing/internal/identity"
	"minqing/internal/web"
)

// AccountDeps are what the pages about accounts work with.
type AccountDeps struct {
	Kit      *web.Kit
	Identity *identity.Service
	Demo     []string // addresses of demo accounts to show; empty outside of the demo
}

// RegisterAccounts mounts sign-in, sign-out, registration, confirm links and
// what people do for the safety of their account.
func RegisterAccounts(d AccountDeps) {
	k, e := d.Kit, d.Kit.Engine()
	in, join, confirm := &signInPage{d}, &registerPage{d}, &confirmPage{d}
	k.GET(e, "/sign-in", web.Public, in.show)
	k.POST(e, "/sign-in", web.Public, in.send, web.Throttle(30, time.Minute, web.ByIP))
	outside := &providerPage{d}
	k.POST(e, "/sign-in/with/:provider", web.Public, outside.start, web.Throttle(30, time.Minute, web.ByIP))
	k.GET(e, "/sign-in/with/:provider/back", web.Public, outside.arrive, web.Throttle(30, time.Minute, web.ByIP))
	(&passkeyPage{d}).mount()
	(&codePage{d}).mount()
	(&resetPage{d}).mount()
	link := &connectPage{d}
	k.GET(e, "/me/security/with/:provider", access.SignedIn, link.show)
	k.POST(e, "/me/security/with/:provider", access.SignedIn, link.send, web.Throttle(30, time.Minute, web.ByIP), web.Throttle(30, time.Minute, web.ByActor))
	second, app := &secondPage{d}, &appPage{d}
	k.GET(e, "/sign-in/second", web.Public, second.show)
	k.POST(e, "/sign-in/second", web.Public, second.send, web.Throttle(30, time.Minute, web.ByIP))
	k.GET(e, "/sign-in/enrol", web.Public, second.enrol)
	k.POST(e, "/sign-in/enrol", web.Public, second.enrolled, web.Throttle(30, time.Minute, web.ByIP))
	k.GET(e, "/me/security/totp", access.SignedIn, app.show)
	k.POST(e, "/me/security/totp", access.SignedIn, app.send, web.Throttle(60, time.Minute, web.ByIP), web.Throttle(30, time.Minute, web.ByActor))
	k.POST(e, "/sign-out", web.Public, (&signOut{d}).send)
	k.GET(e, "/register", web.Public, join.show)
	k.POST(e, "/register", web.Public, join.send, web.Throttle(10, time.Hour, web.ByIP))
	k.GET(e, "/register/sent", web.Public, join.sent)
	safe := &securityPage{d}
	k.GET(e, "/me/security", access.SignedIn, safe.show)
	k.POST(e, "/me/security", access.SignedIn, safe.send, web.Throttle(60, time.Minute, web.ByIP), web.Throttle(30, time.Minute, web.ByActor))
	k.GET(e, "/confirm/:token", web.Public, confirm.show)
	k.POST(e, "/confirm/:token", web.Public, confirm.send, web.Throttle(30, time.Minute, web.ByIP))
}

type signInPage struct{ AccountDeps }

type signInForm struct {
	Email    string `form:"email"`
	Password string `form:"password"`
	Next     string `form:"next"`
}

type signInView struct {
	web.Page
	Next        string
	Email       web.Field
	Password    web.Field
	Send        web.Button
	CanRegister bool
	CanCode     bool
	Providers   []providerButton
	Passkey     *web.Button
	DemoEmails  []string
	DemoWords   web.Words
}

// providerButton leads to a provider.
type providerButton struct {
	Href string
	Send web.Button
}

func (h *signInPage) show(c *gin.Context) error {
	next := web.SafeNext(c.Query("next"))
	v := h.view(c, signInForm{Next: next})
	if v.SignedIn() {
		c.Redirect(http.StatusSeeOther, next)
		return nil
	}
	return h.Kit.Show(c, "portal/sign_in", v)
}

func (h *signInPage) view(c *gin.Context, f signInForm) *signInView {
	var providers []providerButton
	for _, p := range h.Identity.Providers() {
		providers = append(providers, providerButton{"/sign-in/with/" + p.Key, web.Button{Words: web.Say("signin.with", "Name", p.Name), Kind: "secondary"}})
	}
	return &signInView{Providers: providers, Passkey: h.passkeyButton(), Page: h.Kit.Page(c, web.Say("signin.title")), Next: f.Next, CanRegister: h.Identity.CanRegister(), CanCode: h.Identity.CanCode(), DemoEmails: h.Demo,
		DemoWords: web.Say("signin.demo.words", "Password", identity.DemoPassword),
		Email:     web.Field{Name: "email", Label: web.Say("signin.email"), Value: f.Email, Type: "email", Complete: "username", Width: "30"},
		Password:  web.Field{Name: "password", Label: web.Say("signin.password"), Complete: "current-password"},
		Send:      web.Button{Words: web.Say("signin.send")}}
}

// passkeyButton signs in by a passkey; nil where there are none.
func (d AccountDeps) passkeyButton() *web.Button {
	if !d.Identity.CanPasskey() {
		return nil
	}
	return &web.Button{Words: web.Say("passkey.sign_in"), Kind: "secondary"}
}

func (h *signInPage) send(c *gin.Context) error {
	var f signInForm
	err := web.Decode(c, &f)
	var token string
	var account *identity.Account
	if err == nil {
		token, account, err = h.Identity.SignIn(c.Request.Context(), f.Email, f.Password)
	}
	f.Next = web.SafeNext(f.Next)
	var step *identity.SecondStep
	if errors.As(err, &step) {
		http.SetCookie(c.Writer, h.Identity.HalfCookie(step.Token))
		to := "/sign-in/second"
		if step.Enrol {
			to = "/sign-in/enrol"
		}
		c.Redirect(http.StatusSeeOther, to+"?next="+url.QueryEscape(f.Next))
		return nil
	}
	if err != nil {
		v := h.view(c, f)
		if err := v.Fail(err); err != nil {
			return err
		}
		v.Email, v.Password = v.Bind(v.Email), v.Bind(v.Password)
		return h.Kit.Show(c, "portal/sign_in", v)
	}
	h.enter(c, token, account)
	if f.Next == "/" {
		f.Next = landing(account)
	}
	c.Redirect(http.StatusSeeOther, f.Next)
	return nil
}

// landing is where somebody goes who wanted nowhere in particular: the page that
// says what needs them now.
func landing(a *identity.Account) string {
	if a.Kind == identity.Citizen {
		return "/"
	}
	return "/desk"
}

// enter gives the browser a session, and marks it as one that the account's owner
// has used.
func (d AccountDeps) enter(c *gin.Context, token string, account *identity.Account) {
	http.SetCookie(c.Writer, d.Identity.Cookie(token))
	http.SetCookie(c.Writer, d.Identity.DeviceCookie(account))
}

// leaveSession takes the browser's session away.
func (d AccountDeps) leaveSession(c *gin.Context) {
	http.SetCookie(c.Writer, d.Identity.Cookie(""))
}
