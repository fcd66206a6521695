package portal

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"minqing/internal/web"
)

type signOut struct{ AccountDeps }

// send ends the session here and in the table, and then at the provider that it
// came from. Whoever has none lands on the same page.
func (h *signOut) send(c *gin.Context) error {
	there, name, away := h.Identity.Farewell(c.Request.Context()) // whatever comes of it, the session here ends
	if err := h.Identity.SignOut(c.Request.Context()); err != nil {
		return err
	}
	h.leaveSession(c)
	h.Kit.Forget(c)
	if there != "" {
		v := h.leaveView(c, name)
		v.Words, v.Stay = web.Say("signin.leave.out", "Name", name), web.Link{Href: "/", Words: web.Say("signin.leave.out.stay")}
		return h.leave(c, there, v)
	}
	if away != nil {
		if err := h.Kit.Flash(c, web.Notice{Tone: web.ToneDue, Words: web.Say("signin.out.here")}); err != nil {
			return err
		}
		c.Redirect(http.StatusSeeOther, "/")
		return nil
	}
	if err := h.Kit.Flash(c, web.Notice{Tone: web.ToneDone, Words: web.Say("signin.out")}); err != nil {
		return err
	}
	c.Redirect(http.StatusSeeOther, "/")
	return nil
}
