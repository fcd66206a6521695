package admin

import (
	"context"
	"strconv"

	"github.com/gin-gonic/gin"

	"minqing/internal/access"
	"minqing/internal/fault"
	"minqing/internal/i18n"
	"minqing/internal/permittypes"
	"minqing/internal/web"
)

const permitTypesPath = "/admin/permits"

// PermitTypeDeps are what the pages about permit types need.
type PermitTypeDeps struct {
	Kit   *web.Kit
	Types *permittypes.Service
	Words *i18n.Bundle
}

// RegisterPermitTypes mounts the list of permit types, and the page on which a draft is
// written as a file.
func RegisterPermitTypes(d PermitTypeDeps) {
	g := d.Kit.Group("/admin")
	list, draft := &permitTypesPage{d}, &permitDraftPage{d}
	d.Kit.GET(g, "/permits", access.PermitTypeWrite, list.show)
	d.Kit.GET(g, "/permits/:code/draft/file", access.PermitTypeWrite, draft.show)
	d.Kit.POST(g, "/permits/:code/draft/file", access.PermitTypeWrite, draft.send, web.Body(1<<20))
}

type permitTypesPage struct{ PermitTypeDeps }

type permitTypesView struct {
	web.Page
	Types  web.Table
	Add    web.Button
	Events web.Button
}

// show lists the types with what is in force, what is to come, and drafts.
func (p *permitTypesPage) show(c *gin.Context) error {
	ctx := c.Request.Context()
	codes, err := p.Types.Codes(ctx)
	if err != nil {
		return err
	}
	v := &permitTypesView{Page: p.Kit.Page(c, web.Say("permittype.admin.title")),
		Add:    web.Button{Words: web.Say("permittype.admin.add"), Href: permitTypesPath + "/" + newCode + "/draft"},
		Events: web.Button{Words: web.Say("permitedit.events"), Href: "/admin/life-events", Kind: "secondary"}}
	v.Wide = true
	f := p.Kit.Format(v.Lang)
	v.Types = web.Table{ID: "types", Caption: web.Say("permittype.admin.title"),
		Columns: columns("permittype.admin.name", "permittype.admin.code", "permittype.admin.version", "timing.from", "timing.state")}
	for _, code := range codes {
		t, draft, err := p.newest(ctx, code)
		if err != nil {
			return err
		}
		state := web.Chip{Tone: web.ToneDone, Words: web.Say("permittype.admin.published")}
		if draft != nil {
			state = web.Chip{Tone: web.ToneInfo, Words: web.Say("permittype.admin.drafted")}
		}
		from := web.Plain("–")
		if t.Version > 0 && t.ValidFrom != 0 {
			from = onDate(f, t.ValidFrom)
		}
		v.Types.Rows = append(v.Types.Rows, web.Row{Href: permitTypesPath + "/" + code, Cells: []web.Cell{{Words: web.Data(t.Name)}, {Words: web.Plain(code)},
			{Words: web.Plain(strconv.FormatInt(t.Version, 10))}, {Words: from}, {Chip: &state}}})
	}
	return p.Kit.Show(c, "admin/permit-types", v)
}

// newest is the newest published version, or the draft of a type that has none.
func (d PermitTypeDeps) newest(ctx context.Context, code string) (*permittypes.Type, *permittypes.Draft, error) {
	draft, err := d.Types.Draft(ctx, code)
	if err != nil {
		return nil, nil, err
	}
	editions, err := d.Types.Editions(ctx, code)
	if err != nil {
		return nil, nil, err
	}
	switch {
	case len(editions) > 0:
		t, err := d.Types.Version(ctx, code, editions[0].Version)
		return t, draft, err
	case draft != nil:
		t, err := draft.Type()
		if err == nil {
			t.Version = 0
		}
		return t, draft, err
	}
	return nil, nil, fault.New(fault.NotFound, "permittype.missing")
}
