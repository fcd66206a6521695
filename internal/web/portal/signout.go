package portal

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"minqing/internal/web"
)

type signOut struct{ AccountDeps }

// send ends the session here and in the table. Whoever has none lands on the
// same page.
func (h *signOut) send(c *gin.Context) error {
	if err := h.Identity.SignOut(c.Request.Context()); err != nil {
		return err
	}
	h.enter(c, "")
	if err := h.Kit.Flash(c, web.Notice{Tone: web.ToneDone, Words: web.Say("signin.out")}); err != nil {
		return err
	}
	c.Redirect(http.StatusSeeOther, "/")
	return nil
}
