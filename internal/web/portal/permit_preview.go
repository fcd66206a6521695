package portal

import (
	"context"

	"github.com/gin-gonic/gin"

	"minqing/internal/access"
	"minqing/internal/permittypes"
	"minqing/internal/web"
)

// permitPreview shows the draft of a permit type to whoever writes it, on the pages
// that applicants will see.
type permitPreview struct {
	PermitDeps
	base string
}

// RegisterPermitPreview mounts the preview of drafts beneath the pages on which they
// are written.
func RegisterPermitPreview(d PermitDeps) {
	p := &permitPreview{PermitDeps: d, base: "/admin/permits"}
	d.Kit.GET(d.Kit.Engine(), p.base+"/:code/draft/preview", access.PermitTypeWrite, p.show)
	d.Kit.GET(d.Kit.Engine(), p.base+"/:code/draft/preview/guide", access.PermitTypeWrite, p.guide)
}

// draft is what is worked on.
func (p *permitPreview) draft(ctx context.Context, code string) (*permittypes.Type, error) {
	f, _, err := p.Permits.Working(ctx, code)
	if err != nil {
		return nil, err
	}
	return f.Whole()
}

func (p *permitPreview) show(c *gin.Context) error {
	t, err := p.draft(c.Request.Context(), c.Param("code"))
	if err != nil {
		return err
	}
	here := p.base + "/" + t.Code + "/draft"
	v := &permitView{Page: p.Kit.Page(c, web.Data(t.Name)), Type: t, Draft: true,
		Guide: web.Button{Words: web.Say("permittype.guide.start"), Href: here + "/preview/guide", Kind: "secondary"}}
	v.Back = &web.Link{Href: here, Words: web.Say("permitedit.draft.title", "Name", t.Name)}
	return (&permitPage{p.PermitDeps}).tell(c, v)
}

func (p *permitPreview) guide(c *gin.Context) error {
	t, err := p.draft(c.Request.Context(), c.Param("code"))
	if err != nil {
		return err
	}
	return (&permitGuidePage{p.PermitDeps}).walk(c, t, p.base+"/"+t.Code+"/draft/preview")
}
