package portal

import (
	"context"
	"time"

	"github.com/gin-gonic/gin"

	"minqing/internal/access"
	"minqing/internal/fault"
	"minqing/internal/register"
	"minqing/internal/web"
)

// PaperDeps are what holders take away of a permit.
type PaperDeps struct {
	Kit      *web.Kit
	Register *register.Service

	// Held gives a permit to who holds it: in person, or as a member of the
	// enterprise. Others learn nothing.
	Held func(ctx context.Context, no string) (*register.Permit, error)
	// Conditions are those of the decision on a case.
	Conditions func(ctx context.Context, caseID string) (string, error)
	// Waits says whether a fee of a case has to be paid first.
	Waits func(ctx context.Context, caseID string) (bool, error)
}

// RegisterPapers mounts the permit as a document and as a credential, for its holder.
func RegisterPapers(d PaperDeps) {
	k, e := d.Kit, d.Kit.Engine()
	often := web.Throttle(60, time.Minute, web.ByActor)
	k.GET(e, "/me/permits/:no/permit.pdf", access.OwnRead, d.paper, often)
	k.GET(e, "/me/permits/:no/credential", access.OwnRead, d.credential, often)
}

// handed gives a permit that may be taken away.
func (d *PaperDeps) handed(ctx context.Context, no string) (*register.Permit, error) {
	p, err := d.Held(ctx, no)
	if err != nil || p.CaseID == nil {
		return p, err
	}
	waits, err := d.Waits(ctx, *p.CaseID)
	if err == nil && waits {
		err = fault.New(fault.Conflict, "fees.holds")
	}
	return p, err
}

// paper is the permit to print, in the language of the page.
func (d *PaperDeps) paper(c *gin.Context) error {
	ctx := c.Request.Context()
	p, err := d.handed(ctx, c.Param("no"))
	if err != nil {
		return err
	}
	one := register.Paper{Permit: p, Lang: d.Kit.Page(c, web.Words{}).Lang}
	if one.Holder, err = d.Register.HolderName(ctx, p); err != nil {
		return err
	}
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

// credential is the permit as a signed text, which others check without us.
func (d *PaperDeps) credential(c *gin.Context) error {
	ctx := c.Request.Context()
	p, err := d.handed(ctx, c.Param("no"))
	if err != nil {
		return err
	}
	token, err := d.Register.Credential(ctx, p)
	if err != nil {
		return err
	}
	web.HandOver(c, p.PermitNo+".jwt", "application/jwt", []byte(token))
	return nil
}
