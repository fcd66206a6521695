package enterprise

import (
	"context"

	"github.com/gin-gonic/gin"

	"minqing/internal/access"
	"minqing/internal/permittypes"
	"minqing/internal/web"
)

// eventPreview shows the draft of a life event to whoever writes it, as applicants
// will be led through it. Nothing can be begun there.
type eventPreview struct {
	eventPage
	draft func(ctx context.Context, code string) (*permittypes.Event, int64, error)
}

// RegisterEventPreview mounts the preview of drafts beneath the pages on which they are
// written.
func RegisterEventPreview(d ApplyDeps, draft func(ctx context.Context, code string) (*permittypes.Event, int64, error)) {
	p := &eventPreview{eventPage{d}, draft}
	d.Kit.GET(d.Kit.Engine(), "/admin/life-events/:code/draft/preview", access.PermitTypeWrite, p.show)
}

func (p *eventPreview) show(c *gin.Context) error {
	var in eventForm
	if err := web.DecodeQuery(c, &in); err != nil {
		return err
	}
	e, _, err := p.draft(c.Request.Context(), c.Param("code"))
	if err != nil {
		return err
	}
	desk := "/admin/life-events/" + e.Code + "/draft"
	v := &eventView{Page: p.Kit.Page(c, web.Data(e.Name)), Event: shownEvent{Event: e, Here: desk + "/preview", Draft: true}}
	v.Back = &web.Link{Href: desk, Words: web.Say("permitedit.draft.title", "Name", e.Name)}
	return p.walk(c, v, in, nil)
}
