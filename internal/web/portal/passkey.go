package portal

import (
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"minqing/internal/access"
	"minqing/internal/cookie"
	"minqing/internal/fault"
	"minqing/internal/identity"
	"minqing/internal/web"
)

// passkeyPage makes passkeys and signs in by them. The browser's part is
// static/src/js/passkey.js: it asks for options, lets the authenticator answer,
// and sends the answer as a form.
type passkeyPage struct{ AccountDeps }

func (h *passkeyPage) mount() {
	k, e := h.Kit, h.Kit.Engine()
	often, own := web.Throttle(30, time.Minute, web.ByIP), web.Throttle(30, time.Minute, web.ByActor)
	k.POST(e, "/sign-in/passkey/options", web.Public, h.ask, often)
	k.POST(e, "/sign-in/passkey", web.Public, h.enter, often)
	k.POST(e, "/sign-in/second/passkey/options", web.Public, h.askSecond, often)
	k.POST(e, "/sign-in/second/passkey", web.Public, h.enterSecond, often)
	k.GET(e, "/me/security/passkey", access.SignedIn, h.show)
	k.POST(e, "/me/security/passkey/options", access.SignedIn, h.options, often, own)
	k.POST(e, "/me/security/passkey", access.SignedIn, h.add, often, own)
}

type passkeyForm struct {
	Credential string `form:"credential"`
	Name       string `form:"name"`
	Current    string `form:"current"`
	Next       string `form:"next"`
	Address    string `form:"address"`
}

type passkeyView struct {
	web.Page
	Name    web.Field
	Current *web.Field
	Do      web.Button
}

// give answers the script with what the authenticator needs.
func (d AccountDeps) give(c *gin.Context, options []byte, token string) error {
	http.SetCookie(c.Writer, d.Identity.StepCookie(token))
	c.Header("Cache-Control", "no-store")
	c.Data(http.StatusOK, "application/json; charset=utf-8", options)
	return nil
}

// step reads the step's token and takes its cookie away.
func (d AccountDeps) step(c *gin.Context) string {
	token := d.Kit.Kept(c, cookie.Step)
	http.SetCookie(c.Writer, d.Identity.StepCookie(""))
	return token
}

func (h *passkeyPage) ask(c *gin.Context) error {
	var f passkeyForm
	if err := web.Decode(c, &f); err != nil {
		return err
	}
	options, token, err := h.Identity.AskPasskey(c.Request.Context(), f.Address)
	if err != nil {
		return err
	}
	return h.give(c, options, token)
}

func (h *passkeyPage) enter(c *gin.Context) error {
	var f passkeyForm
	if err := web.Decode(c, &f); err != nil {
		return err
	}
	session, account, err := h.Identity.SignInPasskey(c.Request.Context(), h.step(c), f.Credential)
	if err != nil {
		return h.refuse(c, err, "/sign-in")
	}
	return h.inside(c, session, account, f.Next)
}

func (h *passkeyPage) askSecond(c *gin.Context) error {
	half := h.Kit.Kept(c, cookie.Half)
	options, token, err := h.Identity.AskSecondPasskey(c.Request.Context(), half)
	if err != nil {
		return err
	}
	return h.give(c, options, token)
}

func (h *passkeyPage) enterSecond(c *gin.Context) error {
	var f passkeyForm
	if err := web.Decode(c, &f); err != nil {
		return err
	}
	half := h.Kit.Kept(c, cookie.Half)
	session, account, err := h.Identity.SignInSecondPasskey(c.Request.Context(), half, h.step(c), f.Credential)
	if err != nil {
		return h.refuse(c, err, "/sign-in/second")
	}
	http.SetCookie(c.Writer, h.Identity.HalfCookie(""))
	return h.inside(c, session, account, f.Next)
}

// inside gives the browser its session and goes where somebody wanted to.
func (h *passkeyPage) inside(c *gin.Context, session string, account *identity.Account, next string) error {
	h.AccountDeps.enter(c, session, account)
	if next = web.SafeNext(next); next == "/" {
		next = landing(account)
	}
	c.Redirect(http.StatusSeeOther, next)
	return nil
}

// refuse says on the page where it was tried that a passkey was not good.
func (h *passkeyPage) refuse(c *gin.Context, err error, page string) error {
	e, ok := fault.As(err)
	if !ok || e.Kind != fault.Unauthenticated {
		return err
	}
	if err := h.Kit.Flash(c, web.Notice{Tone: web.ToneDue, Words: web.Tell(e)}); err != nil {
		return err
	}
	c.Redirect(http.StatusSeeOther, page)
	return nil
}

func (h *passkeyPage) show(c *gin.Context) error {
	v, err := h.view(c, "")
	if err != nil {
		return err
	}
	return h.Kit.Show(c, "portal/passkey", v)
}

func (h *passkeyPage) view(c *gin.Context, name string) (*passkeyView, error) {
	list, err := h.Identity.Passkeys(c.Request.Context())
	if err != nil {
		return nil, err
	}
	if !list.May {
		return nil, fault.New(fault.NotFound, "identity.passkey.none_here")
	}
	v := &passkeyView{Page: h.Kit.Page(c, web.Say("passkey.new.title")), Do: web.Button{Words: web.Say("passkey.new.do")},
		Name: web.Field{Name: "name", Label: web.Say("passkey.name"), Hint: web.Say("passkey.name.hint"), Value: name, Width: "20", Optional: true}}
	if list.HasPassword {
		v.Current = &web.Field{Name: "current", Label: web.Say("security.password.current"), Complete: "current-password"}
	}
	return v, nil
}

func (h *passkeyPage) options(c *gin.Context) error {
	var f passkeyForm
	if err := web.Decode(c, &f); err != nil {
		return err
	}
	options, token, err := h.Identity.NewPasskey(c.Request.Context(), f.Current)
	if err != nil {
		return err
	}
	return h.give(c, options, token)
}

func (h *passkeyPage) add(c *gin.Context) error {
	var f passkeyForm
	err := web.Decode(c, &f)
	if err == nil {
		err = h.Identity.AddPasskey(c.Request.Context(), h.step(c), f.Name, f.Credential)
	}
	if e, ok := fault.As(err); ok && e.Kind == fault.Unauthenticated && e.Key != "access.sign_in" {
		return h.refuse(c, err, "/me/security/passkey")
	}
	if err != nil {
		v, failed := h.view(c, f.Name)
		if failed != nil {
			return failed
		}
		if err := v.Fail(err); err != nil {
			return err
		}
		v.Name = v.Bind(v.Name)
		return h.Kit.Show(c, "portal/passkey", v)
	}
	if err := h.Kit.Flash(c, web.Notice{Tone: web.ToneDone, Words: web.Say("passkey.new.done")}); err != nil {
		return err
	}
	c.Redirect(http.StatusSeeOther, "/me/security")
	return nil
}
