package desk

import (
	"context"

	"github.com/gin-gonic/gin"

	"minqing/internal/access"
	"minqing/internal/constituents"
	"minqing/internal/register"
	"minqing/internal/web"
)

// PaperDeps are what staff print of an issued permit.
type PaperDeps struct {
	Kit        *web.Kit
	Register   *register.Service
	Conditions func(ctx context.Context, caseID string) (string, error)
}

// RegisterPapers mounts the copy of a permit for the file of its unit.
func RegisterPapers(d PaperDeps) {
	d.Kit.GET(d.Kit.Group("/desk"), "/permits/:no/permit.pdf", access.PermitRead, d.paper)
}

// paper is the permit as its holder has it, but for the name of a person: that is
// masked, as on every page of the desk.
func (d *PaperDeps) paper(c *gin.Context) error {
	ctx := c.Request.Context()
	p, err := d.Register.Read(ctx, c.Param("no"))
	if err != nil {
		return err
	}
	one := register.Paper{Permit: p, Lang: d.Kit.Page(c, web.Words{}).Lang, Holder: p.HolderShown, ForStaff: p.HolderKind == constituents.Person}
	if p.CaseID != nil {
		if one.Conditions, err = d.Conditions(ctx, *p.CaseID); err != nil {
			return err
		}
	}
	body, err := d.Register.Print(ctx, one)
	if err != nil {
		return err
	}
	web.HandOver(c, p.PermitNo+".pdf", "application/pdf", body)
	return nil
}
