package admin

import (
	"context"
	"net/http"
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
	Kit    *web.Kit
	Types  *permittypes.Service
	Words  *i18n.Bundle
	People People
}

// RegisterPermitTypes mounts the pages on which types of permits are written,
// compared and published.
func RegisterPermitTypes(d PermitTypeDeps) {
	g := d.Kit.Group("/admin")
	list, one, draft := &permitTypesPage{d}, &permitTypePage{d}, &permitDraftPage{d}
	d.Kit.GET(g, "/permits", access.PermitTypeWrite, list.show)
	d.Kit.GET(g, "/permits/:code", access.PermitTypeWrite, one.show)
	d.Kit.GET(g, "/permits/:code/versions/:version", access.PermitTypeWrite, one.export)
	d.Kit.GET(g, "/permits/:code/draft/file", access.PermitTypeWrite, draft.show)
	d.Kit.POST(g, "/permits/:code/draft/file", access.PermitTypeWrite, draft.send, web.Body(1<<20))
	d.Kit.POST(g, "/permits/:code/publish", access.PermitTypePublish, one.publish)
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

type permitTypePage struct{ PermitTypeDeps }

type permitTypeView struct {
	web.Page
	Action   string
	Code     string
	Editions []editionLine
	Draft    *permittypes.Draft
	Changes  []permittypes.Difference // of the draft against the newest version
	Own      bool                     // the reader wrote on the draft
	Writer   string
	From     web.Field
	Reason   web.Field
	Edit     web.Button
}

type editionLine struct {
	permittypes.Edition
	Title   web.Words
	By      string
	Changes []permittypes.Difference
	Export  string
}

type publicationForm struct {
	Version   int64  `form:"version"`
	ValidFrom string `form:"valid_from"`
	Reason    string `form:"reason"`
}

// show is one type: its draft with what it changes, and its versions.
func (p *permitTypePage) show(c *gin.Context) error { return p.page(c, publicationForm{}, nil) }

func (p *permitTypePage) page(c *gin.Context, typed publicationForm, failed error) error {
	ctx, code := c.Request.Context(), c.Param("code")
	newest, draft, err := p.newest(ctx, code)
	if err != nil {
		return err
	}
	v := &permitTypeView{Page: p.Kit.Page(c, web.Data(newest.Name)), Action: permitTypesPath + "/" + code + "/publish", Code: code, Draft: draft,
		Edit: web.Button{Words: web.Say("permittype.admin.edit"), Href: permitTypesPath + "/" + code + "/draft", Kind: "secondary"}}
	v.Wide = true
	v.Back = &web.Link{Href: permitTypesPath, Words: web.Say("permittype.admin.title")}
	if err := v.Fail(failed); err != nil {
		return err
	}
	if err := p.editions(ctx, v); err != nil {
		return err
	}
	if draft != nil {
		if err := p.draft(ctx, v, newest); err != nil {
			return err
		}
		v.From = v.Bind(web.Field{Name: "valid_from", Label: web.Say("permittype.admin.from"), Value: typed.ValidFrom, Type: "date", Width: "10"})
		v.Reason = v.Bind(web.Field{Name: "reason", Label: web.Say("timing.reason"), Value: typed.Reason, Rows: 3, Max: 500})
	}
	return p.Kit.Show(c, "admin/permit-type", v)
}

// draft compares the draft with what it follows.
func (p *permitTypePage) draft(ctx context.Context, v *permitTypeView, newest *permittypes.Type) error {
	next, err := v.Draft.Type()
	if err != nil {
		return err
	}
	if newest.Version == 0 {
		newest = nil
	}
	if v.Changes, err = permittypes.Differ(newest, next); err != nil {
		return err
	}
	v.Own = v.Draft.Writers.Has(v.Actor.AccountID)
	names, err := p.People.Names(ctx, v.Draft.WrittenByID)
	v.Writer = names[v.Draft.WrittenByID]
	return err
}

func (p *permitTypePage) editions(ctx context.Context, v *permitTypeView) error {
	editions, err := p.Types.Editions(ctx, v.Code)
	if err != nil {
		return err
	}
	var ids []string
	for _, e := range editions {
		if e.PublishedByID != nil {
			ids = append(ids, *e.PublishedByID)
		}
	}
	names, err := p.People.Names(ctx, ids...)
	if err != nil {
		return err
	}
	var after *permittypes.Type
	for i, e := range editions {
		t, err := p.Types.Version(ctx, v.Code, e.Version)
		if err != nil {
			return err
		}
		if after != nil {
			if v.Editions[i-1].Changes, err = permittypes.Differ(t, after); err != nil {
				return err
			}
		}
		after = t
		line := editionLine{Edition: e, Title: web.Say("permittype.admin.edition", "Version", strconv.FormatInt(e.Version, 10)),
			Export: permitTypesPath + "/" + v.Code + "/versions/" + strconv.FormatInt(e.Version, 10)}
		if e.PublishedByID != nil {
			line.By = names[*e.PublishedByID]
		}
		v.Editions = append(v.Editions, line)
	}
	return nil
}

// export gives a version as a file.
func (p *permitTypePage) export(c *gin.Context) error {
	n, err := strconv.ParseInt(c.Param("version"), 10, 64)
	if err != nil {
		return fault.New(fault.NotFound, "permittype.missing")
	}
	t, err := p.Types.Version(c.Request.Context(), c.Param("code"), n)
	if err != nil {
		return err
	}
	text, err := t.Text()
	if err != nil {
		return err
	}
	c.Header("Content-Disposition", `attachment; filename="`+t.Code+"-"+strconv.FormatInt(n, 10)+`.yaml"`)
	c.Data(http.StatusOK, "application/yaml; charset=utf-8", []byte(text))
	return nil
}

// publish puts the draft in force.
func (p *permitTypePage) publish(c *gin.Context) error {
	var in publicationForm
	if err := web.Decode(c, &in); err != nil {
		return p.page(c, in, err)
	}
	code := c.Param("code")
	err := p.Types.Publish(c.Request.Context(), permittypes.Publication{Code: code, Seen: in.Version, From: in.ValidFrom, Reason: in.Reason})
	if retyped(err) {
		return p.page(c, in, err)
	}
	if err != nil {
		return err
	}
	return Deps{Kit: p.Kit}.told(c, "permittype.admin.published.done", permitTypesPath+"/"+code)
}
