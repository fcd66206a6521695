package portal

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"minqing/internal/cookie"
	"minqing/internal/fault"
	"minqing/internal/identity"
	"minqing/internal/web"
)

// secondPage asks for the code after the password.
type secondPage struct{ AccountDeps }

type secondForm struct {
	Code string `form:"code"`
	Next string `form:"next"`
}

type secondView struct {
	web.Page
	Next string
	Code web.Field
	Send web.Button

	By      identity.HalfMeans
	Passkey web.Button
}

func codeField(hint string) web.Field {
	return web.Field{Name: "code", Label: web.Say("security.second.code"), Hint: web.Say(hint), Complete: "one-time-code", Width: "20"}
}

func (h *secondPage) show(c *gin.Context) error {
	half := h.Kit.Kept(c, cookie.Half)
	by, err := h.Identity.HalfMeans(c.Request.Context(), half)
	if err != nil {
		return h.again(c, err)
	}
	return h.Kit.Show(c, "portal/second", h.view(c, by, web.SafeNext(c.Query("next"))))
}

func (h *secondPage) view(c *gin.Context, by identity.HalfMeans, next string) *secondView {
	title := "security.second.ask"
	if !by.Code {
		title = "passkey.second.title"
	}
	return &secondView{By: by, Passkey: web.Button{Words: web.Say("passkey.second"), Kind: "secondary"}, Page: h.Kit.Page(c, web.Say(title)), Next: next, Code: codeField("security.second.code.hint"),
		Send: web.Button{Words: web.Say("signin.send")}}
}

// again sends whoever waited too long, or brings what we did not give, back to
// the password.
func (h *secondPage) again(c *gin.Context, err error) error {
	if fault.KindOf(err) != fault.Unauthenticated {
		return err
	}
	http.SetCookie(c.Writer, h.Identity.HalfCookie(""))
	if err := h.Kit.Flash(c, web.Notice{Tone: web.ToneDue, Words: web.Say("identity.second.over")}); err != nil {
		return err
	}
	c.Redirect(http.StatusSeeOther, "/sign-in")
	return nil
}

func (h *secondPage) send(c *gin.Context) error {
	var f secondForm
	half := h.Kit.Kept(c, cookie.Half)
	err := web.Decode(c, &f)
	if err != nil {
		return err
	}
	token, account, err := h.Identity.SignInSecond(c.Request.Context(), half, f.Code)
	f.Next = web.SafeNext(f.Next)
	if err != nil {
		by, over := h.Identity.HalfMeans(c.Request.Context(), half)
		if over != nil {
			return h.again(c, over)
		}
		v := h.view(c, by, f.Next)
		if err := v.Fail(err); err != nil {
			return h.again(c, err)
		}
		v.Code = v.Bind(v.Code)
		return h.Kit.Show(c, "portal/second", v)
	}
	http.SetCookie(c.Writer, h.Identity.HalfCookie(""))
	h.enter(c, token, account)
	if f.Next == "/" {
		f.Next = landing(account)
	}
	c.Redirect(http.StatusSeeOther, f.Next)
	return nil
}
