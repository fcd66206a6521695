package portal

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"minqing/internal/cookie"
	"minqing/internal/web"
)

// enrol has whoever needs a second factor set it up before anything else.
func (h *secondPage) enrol(c *gin.Context) error {
	v, err := h.enrolView(c, web.SafeNext(c.Query("next")))
	if err != nil {
		return h.again(c, err)
	}
	return h.Kit.Show(c, "portal/totp", v)
}

func (h *secondPage) enrolView(c *gin.Context, next string) (*appView, error) {
	half := h.Kit.Kept(c, cookie.Half)
	f, err := h.Identity.HalfFactor(c.Request.Context(), half)
	if err != nil {
		return nil, err
	}
	v := h.newView(c, f)
	v.Enrol, v.Next = true, next
	v.QR, err = picture(f.URI)
	return v, err
}

func (h *secondPage) enrolled(c *gin.Context) error {
	var f secondForm
	if err := web.Decode(c, &f); err != nil {
		return err
	}
	f.Next = web.SafeNext(f.Next)
	half := h.Kit.Kept(c, cookie.Half)
	token, account, recovery, err := h.Identity.EnrolSecond(c.Request.Context(), half, f.Code)
	if err != nil {
		v, over := h.enrolView(c, f.Next)
		if over != nil {
			return h.again(c, over)
		}
		if err := v.Fail(err); err != nil {
			return h.again(c, err)
		}
		v.Code = v.Bind(v.Code)
		return h.Kit.Show(c, "portal/totp", v)
	}
	http.SetCookie(c.Writer, h.Identity.HalfCookie(""))
	h.enter(c, token, account)
	if f.Next == "/" {
		f.Next = landing(account)
	}
	v := &appView{Page: h.Kit.Page(c, web.Say("security.second.title")), Enrol: true, Next: f.Next, Recovery: recovery}
	c.Header("Cache-Control", "no-store")
	return h.Kit.Show(c, "portal/totp", v)
}
