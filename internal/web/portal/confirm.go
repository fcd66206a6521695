package portal

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"minqing/internal/constituents"
	"minqing/internal/identity"
	"minqing/internal/web"
)

type confirmPage struct{ AccountDeps }

type confirmForm struct {
	Password string `form:"password"`
}

type confirmView struct {
	web.Page
	Account  bool // an account's link asks for its password too
	Words    web.Words
	Password web.Field
	Send     web.Button
}

// show asks for a press of the button: programs that look at the links in mails
// must not confirm anything.
func (h *confirmPage) show(c *gin.Context) error {
	return h.Kit.Show(c, "portal/confirm", h.view(c))
}

func (h *confirmPage) view(c *gin.Context) *confirmView {
	v := &confirmView{Page: h.Kit.Page(c, web.Say("signin.confirm.title")), Account: identity.IsAccountLink(c.Param("token")), Words: web.Say("signin.confirm.words"),
		Password: web.Field{Name: "password", Label: web.Say("signin.password"), Complete: "current-password"},
		Send:     web.Button{Words: web.Say("signin.confirm.send")}}
	switch {
	case v.Account:
		v.Words = web.Say("signin.confirm.account")
	case h.Identity.IsPhoneLink(c.Request.Context(), c.Param("token")):
		v.Title, v.Words, v.Send.Words = web.Say("signin.confirm.phone.title"), web.Say("signin.confirm.phone.words"), web.Say("signin.confirm.phone.send")
	}
	return v
}

func (h *confirmPage) send(c *gin.Context) error {
	if !identity.IsAccountLink(c.Param("token")) {
		kind, err := h.Identity.ConfirmContact(c.Request.Context(), c.Param("token"))
		if err != nil {
			return err
		}
		if kind == constituents.Phone {
			return h.done(c, "signin.confirm.phone.done")
		}
		return h.done(c, "signin.confirm.contact")
	}
	var f confirmForm
	err := web.Decode(c, &f)
	var session string
	var account *identity.Account
	if err == nil {
		session, account, err = h.Identity.Confirm(c.Request.Context(), c.Param("token"), f.Password)
	}
	if err != nil {
		v := h.view(c)
		if err := v.Fail(err); err != nil {
			return err
		}
		v.Password = v.Bind(v.Password)
		return h.Kit.Show(c, "portal/confirm", v)
	}
	h.enter(c, session, account)
	return h.done(c, "signin.confirm.done")
}

func (h *confirmPage) done(c *gin.Context, key string) error {
	if err := h.Kit.Flash(c, web.Notice{Tone: web.ToneDone, Words: web.Say(key)}); err != nil {
		return err
	}
	c.Redirect(http.StatusSeeOther, "/")
	return nil
}
