package web

import (
	"net/http"
	"time"

	"github.com/gin-gonic/gin"
)

// Remember keeps a value in the visitor's browser for the pages below a path,
// out of reach of scripts and of addresses.
func (k *Kit) Remember(c *gin.Context, name, value, path string, life time.Duration) {
	http.SetCookie(c.Writer, &http.Cookie{Name: name, Value: value, Path: path, MaxAge: int(life.Seconds()),
		Secure: k.secure, HttpOnly: true, SameSite: http.SameSiteLaxMode})
}
