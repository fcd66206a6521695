package web

import (
	"net/http"
	"slices"

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

// over takes a session that has ended out of the browser, with the query codes
// and the filter that its holder left there: whoever sits here now may be somebody
// else, and must not have them in this request either. Drafts and receipts stay,
// for they open to the account alone that made them.
func (k *Kit) over(c *gin.Context) {
	gone := []cookie.Kind{cookie.Session}
	for _, trace := range k.jar().Traces(c.Request) {
		if trace != cookie.Draft {
			gone = append(gone, trace)
		}
	}
	brought := c.Request.Cookies()
	for _, what := range gone {
		k.Keep(c, what, "")
		brought = slices.DeleteFunc(brought, func(b *http.Cookie) bool { return b.Name == k.jar().Name(what) })
	}
	c.Request.Header.Del("Cookie")
	for _, b := range brought {
		c.Request.AddCookie(b)
	}
}
