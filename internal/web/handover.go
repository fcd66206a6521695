package web

import (
	"net/http"

	"github.com/gin-gonic/gin"
)

// HandOver answers with a file to keep, which no cache and no page may hold.
func HandOver(c *gin.Context, name, kind string, body []byte) {
	h := c.Writer.Header()
	h.Set("Content-Disposition", `attachment; filename="`+name+`"`)
	h.Set("Cache-Control", "private, no-store")
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	c.Data(http.StatusOK, kind, body)
}
