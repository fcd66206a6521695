package admin

import (
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"minqing/internal/access"
	"minqing/internal/catalogue"
	"minqing/internal/fault"
	"minqing/internal/web"
)

type grantsPage struct{ AccessDeps }

type grantsView struct {
	web.Page
	Areas      []web.Link
	Unit, Role web.Field
	Rows       []heldRow
	Pager      web.Pager
	Empty      web.Empty
}

// heldRow is a grant in force.
type heldRow struct {
	grantRow
	Who, By, Reason string
	End             string // where its end is asked for; empty for one's own
}

// accessAreas leads between the pages about permissions.
func accessAreas(current string) []web.Link {
	list := []web.Link{{Href: "/admin/access", Words: web.Say("access.grants.title")}, {Href: "/admin/access/requests", Words: web.Say("access.requests.title")},
		{Href: "/admin/access/rules", Words: web.Say("access.rules.title")}, {Href: "/admin/access/explain", Words: web.Say("access.explain.title")},
		{Href: "/admin/accounts", Words: web.Say("access.accounts.title")}}
	for i := range list {
		list[i].Current = list[i].Href == current
	}
	return list
}

type grantsInput struct {
	Unit   string `form:"unit"`
	Role   string `form:"role"`
	Cursor string `form:"cursor"`
}

// show lists the grants in force.
func (p *grantsPage) show(c *gin.Context) error {
	ctx := c.Request.Context()
	v := &grantsView{Page: p.Kit.Page(c, web.Say("access.grants.title")), Areas: accessAreas("/admin/access")}
	v.Wide = true
	snap, err := p.Catalogue.Snapshot(ctx)
	if err != nil {
		return err
	}
	var in grantsInput
	err = web.DecodeQuery(c, &in)
	if err == nil {
		err = p.fill(c, v, snap, in)
	}
	if rest := v.Fail(err); rest != nil {
		return rest
	}
	v.form(snap, in)
	v.Empty = web.Empty{Icon: "search", Title: web.Say("access.grants.empty.title"), Words: web.Say("access.grants.empty.text")}
	return p.Kit.Show(c, "admin/grants", v)
}

func (v *grantsView) form(snap *catalogue.Snapshot, in grantsInput) {
	any := web.Option{Words: web.Say("access.grants.any")}
	v.Unit = web.Field{Name: "unit", Label: web.Say("access.grants.unit"), Value: in.Unit, Options: append([]web.Option{any}, unitOptions(snap)...)}
	v.Role = web.Field{Name: "role", Label: web.Say("access.explain.role"), Value: in.Role, Options: append([]web.Option{any}, roleOptions()...)}
	v.Unit, v.Role = v.Bind(v.Unit), v.Bind(v.Role)
}

func roleOptions() (list []web.Option) {
	for _, role := range access.Roles {
		list = append(list, web.Option{Value: role, Words: roleWords(role)})
	}
	return list
}

// unitOptions are the units in the order of their tree.
func unitOptions(snap *catalogue.Snapshot) (list []web.Option) {
	units := slices.Clone(snap.Units)
	slices.SortFunc(units, func(a, b *catalogue.Unit) int { return strings.Compare(a.Path, b.Path) })
	for _, u := range units {
		list = append(list, web.Option{Value: u.Code, Words: web.Data(u.Name)})
	}
	return list
}

func (p *grantsPage) fill(c *gin.Context, v *grantsView, snap *catalogue.Snapshot, in grantsInput) error {
	ctx := c.Request.Context()
	l := access.Listing{Role: in.Role, Cursor: in.Cursor}
	if in.Unit != "" {
		u, err := snap.Unit(in.Unit)
		if err != nil {
			return fault.InvalidInput(fault.Field{Name: "unit", Key: "access.unit.unknown", Args: map[string]any{"Unit": in.Unit}})
		}
		l.UnitPath = u.Path
	}
	list, next, err := p.Access.InForce(ctx, l)
	if err != nil {
		return err
	}
	var ids []string
	for _, g := range list {
		ids = append(ids, g.AccountID, deref(g.GrantedBy), deref(g.DeputyFor))
	}
	names, err := p.People.Names(ctx, ids...)
	if err != nil {
		return err
	}
	for _, g := range list {
		row := heldRow{Who: names[g.AccountID], By: names[deref(g.GrantedBy)], Reason: g.Reason}
		row.grantRow = grantRow{Role: roleWords(g.Role), Unit: unitNamed(snap, g.UnitPath), From: g.ValidFrom, Until: g.ValidUntil, Deputy: names[deref(g.DeputyFor)]}
		if g.AccountID != v.Actor.AccountID {
			row.End = "/admin/access/ask?grant=" + g.ID
		}
		v.Rows = append(v.Rows, row)
	}
	v.Pager = web.Pager{Shown: len(v.Rows)}
	if in.Cursor != "" {
		v.Pager.First = v.With("cursor", "")
	}
	if next != "" {
		v.Pager.Next = v.With("cursor", next)
	}
	return nil
}
