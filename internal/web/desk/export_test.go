package desk

import (
	"github.com/gin-gonic/gin"

	"minqing/internal/access"
	"minqing/internal/web"
)

// Catch mounts beside the page of a case what gives the test all that the page
// is written from.
func Catch(d Deps, caught func(web.View)) {
	one := &casePage{d}
	d.Kit.GET(d.Kit.Group("/desk"), "/caught/:case_no", access.CaseRead, func(c *gin.Context) error {
		v, _, err := one.view(c)
		if err != nil {
			return err
		}
		caught(v)
		return one.Kit.Show(c, "desk/case", v)
	})
}
