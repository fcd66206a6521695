package portal

import (
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"minqing/internal/fault"
	"minqing/internal/identity"
	"minqing/internal/web"
)

// resetPage gives whoever forgot a password a new one, by a link in their mail.
type resetPage struct{ AccountDeps }

func (h *resetPage) mount() {
	k, e := h.Kit, h.Kit.Engine()
	k.GET(e, "/sign-in/forgot", web.Public, h.show)
	k.POST(e, "/sign-in/forgot", web.Public, h.ask, web.Throttle(20, time.Hour, web.ByIP))
	k.GET(e, "/sign-in/forgot/sent", web.Public, h.sent)
	k.GET(e, "/reset/:token", web.Public, h.choose)
	k.POST(e, "/reset/:token", web.Public, h.send, web.Throttle(30, time.Minute, web.ByIP))
}

type resetForm struct {
	Email    string `form:"email"`
	Password string `form:"password"`
}

type resetView struct {
	web.Page
	Words    web.Words
	Email    *web.Field
	Password *web.Field
	Do       *web.Button
}

func (h *resetPage) askView(c *gin.Context, f resetForm) *resetView {
	return &resetView{Page: h.Kit.Page(c, web.Say("reset.title")), Words: web.Say("reset.words"),
		Email: &web.Field{Name: "email", Label: web.Say("signin.email"), Value: f.Email, Type: "email", Complete: "username", Width: "30"},
		Do:    &web.Button{Words: web.Say("reset.send")}}
}

func (h *resetPage) show(c *gin.Context) error {
	if !h.Identity.CanRegister() {
		return fault.New(fault.NotFound, "fault.no_page")
	}
	return h.Kit.Show(c, "portal/reset", h.askView(c, resetForm{}))
}

// ask answers alike whether the address has an account or not.
func (h *resetPage) ask(c *gin.Context) error {
	var f resetForm
	err := web.Decode(c, &f)
	if err == nil {
		err = h.Identity.AskReset(c.Request.Context(), f.Email)
	}
	if err != nil {
		v := h.askView(c, f)
		if err := v.Fail(err); err != nil {
			return err
		}
		bound := v.Bind(*v.Email)
		v.Email = &bound
		return h.Kit.Show(c, "portal/reset", v)
	}
	c.Redirect(http.StatusSeeOther, "/sign-in/forgot/sent")
	return nil
}

func (h *resetPage) sent(c *gin.Context) error {
	return h.Kit.Show(c, "portal/reset", &resetView{Page: h.Kit.Page(c, web.Say("signin.sent.title")), Words: web.Say("reset.sent")})
}

func (h *resetPage) chooseView(c *gin.Context) *resetView {
	return &resetView{Page: h.Kit.Page(c, web.Say("reset.choose.title")), Words: web.Say("reset.choose.words"),
		Password: &web.Field{Name: "password", Label: web.Say("security.password.new"), Complete: "new-password",
			Hint: web.Say("security.password.hint", "Min", identity.PasswordLeast)},
		Do: &web.Button{Words: web.Say("reset.choose.do")}}
}

// choose uses nothing up: programs look at the links in mails.
func (h *resetPage) choose(c *gin.Context) error {
	if err := h.Identity.CanReset(c.Request.Context(), c.Param("token")); err != nil {
		return err
	}
	return h.Kit.Show(c, "portal/reset", h.chooseView(c))
}

func (h *resetPage) send(c *gin.Context) error {
	var f resetForm
	err := web.Decode(c, &f)
	var account *identity.Account
	if err == nil {
		account, err = h.Identity.Reset(c.Request.Context(), c.Param("token"), f.Password)
	}
	if err != nil {
		v := h.chooseView(c)
		if err := v.Fail(err); err != nil {
			return err
		}
		bound := v.Bind(*v.Password)
		v.Password = &bound
		return h.Kit.Show(c, "portal/reset", v)
	}
	h.leaveSession(c) // whatever session this browser had is over
	http.SetCookie(c.Writer, h.Identity.DeviceCookie(account))
	if err := h.Kit.Flash(c, web.Notice{Tone: web.ToneDone, Words: web.Say("reset.done")}); err != nil {
		return err
	}
	c.Redirect(http.StatusSeeOther, "/sign-in")
	return nil
}
