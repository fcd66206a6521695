package web

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"minqing/internal/cookie"
)

func (k *Kit) jar() cookie.Jar { return cookie.Jar{Secure: k.secure} }

// Keep leaves a value in the visitor's browser, out of reach of scripts and of
// addresses; an empty one takes it away.
func (k *Kit) Keep(c *gin.Context, what cookie.Kind, value string) {
	http.SetCookie(c.Writer, k.jar().Make(what, value))
}

// Kept is what the visitor's browser brought, empty when nothing.
func (k *Kit) Kept(c *gin.Context, what cookie.Kind) string { return k.jar().Read(c.Request, what) }

// Forget takes away what tells the next person at the browser what this one did.
func (k *Kit) Forget(c *gin.Context) {
	for _, trace := range k.jar().Traces(c.Request) {
		k.Keep(c, trace, "")
	}
}
