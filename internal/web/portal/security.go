package portal

import (
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"minqing/internal/identity"
	"minqing/internal/web"
)

type securityPage struct{ AccountDeps }

type securityForm struct {
	Do       string `form:"do"`
	Session  string `form:"session"`
	Current  string `form:"current"`
	Password string `form:"password"`
	Passkey  string `form:"passkey"`
	Again    string `form:"again_password"`
}

type securityView struct {
	web.Page
	Sessions []sessionRow
	Ways     []wayRow
	Passkeys identity.PasskeyList
	Phone    identity.PhoneState
	Others   bool
	Bounced  *web.Notice // mails to the account come back
	Again    *web.Field  // the password, before sessions and passkeys can go
	Second   *web.Link
	Current  web.Field
	Password web.Field
	Change   web.Button
}

// sessionRow is one open session.
type sessionRow struct {
	ID      string
	This    bool
	Title   web.Words
	Address string
	Begun   time.Time
	Seen    time.Time
}

// wayRow is a provider that opens the account, or could.
type wayRow struct {
	Name string
	Href string
	identity.Connection
}

// show lists the open sessions of whoever is signed in, and lets them end some
// or change the password.
func (h *securityPage) show(c *gin.Context) error {
	v, err := h.view(c)
	if err != nil {
		return err
	}
	return h.Kit.Show(c, "portal/security", v)
}

func (h *securityPage) view(c *gin.Context) (*securityView, error) {
	list, err := h.Identity.Sessions(c.Request.Context())
	if err != nil {
		return nil, err
	}
	v := &securityView{Page: h.Kit.Page(c, web.Say("security.title")), Others: len(list) > 1,
		Current: web.Field{Name: "current", Label: web.Say("security.password.current"), Complete: "current-password"},
		Password: web.Field{Name: "password", Label: web.Say("security.password.new"), Complete: "new-password",
			Hint: web.Say("security.password.hint", "Min", identity.PasswordLeast)},
		Change: web.Button{Words: web.Say("security.password.do"), Name: "do", Value: "password"}}
	own, err := h.Identity.Own(c.Request.Context())
	if err != nil {
		return nil, err
	}
	if own.MailBounces {
		v.Bounced = &web.Notice{Tone: web.ToneOver, Title: web.Say("privacy.bounced.title"), Words: web.Say("security.bounced.words", "Address", own.Email)}
	}
	recent, err := h.Identity.Recent(c.Request.Context())
	if err != nil {
		return nil, err
	}
	if !recent {
		v.Again = &web.Field{Name: "again_password", Label: web.Say("security.again.label"), Hint: web.Say("security.again.hint"), Complete: "current-password"}
	}
	f, err := h.Identity.SecondFactor(c.Request.Context())
	if err != nil {
		return nil, err
	}
	if f.May {
		v.Second = &web.Link{Href: "/me/security/totp", Words: web.Say("security.second.off")}
		if f.On {
			v.Second.Words = web.Say("security.second.on")
		}
	}
	if v.Passkeys, err = h.Identity.Passkeys(c.Request.Context()); err != nil {
		return nil, err
	}
	if v.Phone, err = h.Identity.Phone(c.Request.Context()); err != nil {
		return nil, err
	}
	ways, err := h.Identity.Connections(c.Request.Context())
	if err != nil {
		return nil, err
	}
	for _, w := range ways {
		v.Ways = append(v.Ways, wayRow{Name: w.Name, Href: "/me/security/with/" + w.Key, Connection: w})
	}
	for _, s := range list {
		v.Sessions = append(v.Sessions, sessionRow{ID: s.ID, This: s.This, Title: browserWords(s.Browser), Address: s.Address, Begun: s.Begun, Seen: s.Seen})
	}
	return v, nil
}

// browserWords says in plain words what somebody signed in with.
func browserWords(b identity.Browser) web.Words {
	switch {
	case b.Name == "" && b.System == "":
		return web.Say("security.browser.unknown")
	case b.Name == "":
		return web.Say("security.browser.on", "System", b.System)
	case b.System == "":
		return web.Plain(b.Name)
	}
	return web.Say("security.browser.both", "Name", b.Name, "System", b.System)
}

// send ends one session, ends all others or changes the password.
func (h *securityPage) send(c *gin.Context) error {
	var f securityForm
	err := web.Decode(c, &f)
	notice := web.Notice{Tone: web.ToneDone}
	if err == nil {
		notice.Words, err = h.act(c, f)
	}
	if err != nil {
		v, failed := h.view(c)
		if failed != nil {
			return failed
		}
		if err := v.Fail(err); err != nil {
			return err
		}
		v.Current, v.Password = v.Bind(v.Current), v.Bind(v.Password)
		if v.Again != nil {
			again := v.Bind(*v.Again)
			v.Again = &again
		}
		return h.Kit.Show(c, "portal/security", v)
	}
	if err := h.Kit.Flash(c, notice); err != nil {
		return err
	}
	c.Redirect(http.StatusSeeOther, "/me/security")
	return nil
}

// act does what the button says and gives the words to tell of it.
func (h *securityPage) act(c *gin.Context, f securityForm) (web.Words, error) {
	ctx := c.Request.Context()
	switch f.Do {
	case "end":
		ended, err := h.Identity.EndSession(ctx, f.Session)
		if !ended {
			return web.Say("security.sessions.gone"), err
		}
		return web.Say("security.sessions.ended", "Count", 1), err
	case "passkey":
		_, err := h.Identity.RemovePasskey(ctx, f.Passkey)
		return web.Say("passkey.removed"), err
	case "again":
		return web.Say("security.again.done"), renamed(h.Identity.Again(ctx, f.Again), "password", "again_password")
	case "others":
		n, err := h.Identity.EndOthers(ctx)
		return web.Say("security.sessions.ended", "Count", n), err
	}
	token, n, err := h.Identity.ChangePassword(ctx, f.Current, f.Password)
	if err != nil {
		return web.Words{}, err
	}
	http.SetCookie(c.Writer, h.Identity.Cookie(token))
	return web.Say("security.password.done", "Count", n), nil
}
