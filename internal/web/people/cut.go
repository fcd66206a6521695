package people

import (
	"github.com/gin-gonic/gin"

	"minqing/internal/web"
)

// pager leads through a list that has more than one page: back to its beginning, and to
// what follows by the cursor that the list gave.
func pager(c *gin.Context, p *web.Page, shown int, next string) web.Pager {
	out := web.Pager{Shown: shown}
	if c.Query("cursor") != "" {
		out.First = p.With("cursor", "")
	}
	if next != "" {
		out.Next = p.With("cursor", next)
	}
	return out
}

// cut leaves of a list that has one more than a page shows what it shows, and says what
// it leaves out; key is the message, whose Count is how many are shown.
func cut[T any](list []T, most int, key string) ([]T, web.Words) {
	if len(list) <= most {
		return list, web.Words{}
	}
	return list[:most], web.Say(key, "Count", most)
}
