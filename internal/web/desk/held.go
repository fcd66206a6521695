package desk

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"minqing/internal/access"
	"minqing/internal/catalogue"
	"minqing/internal/duties"
	"minqing/internal/i18n"
	"minqing/internal/permits"
	"minqing/internal/permittypes"
	"minqing/internal/register"
	"minqing/internal/web"
)

// HeldDeps are what the pages of issued permits work with.
type HeldDeps struct {
	Kit       *web.Kit
	Register  *register.Service
	Permits   *permits.Service
	Types     *permittypes.Service
	Catalogue *catalogue.Service
	Duties    *duties.Service
	People    People
}

// RegisterHeld mounts the register of issued permits, and what is done to them.
func RegisterHeld(d HeldDeps) {
	g := d.Kit.Group("/desk")
	list, one := &heldPage{d}, &heldOnePage{d}
	d.Kit.GET(g, "/permits", access.PermitRead, list.show)
	d.Kit.GET(g, "/permits/:no", access.PermitRead, one.show)
	d.Kit.POST(g, "/permits/:no", access.PermitRead, one.act, web.Keeps(typedInHeld))
	registerDuties(d)
}

// typedInHeld labels what is typed on the page of a permit.
func typedInHeld(name string) web.Words {
	switch {
	case name == "note":
		return web.Say("held.desk.note")
	case name == "statement":
		return web.Say("held.hear.enter")
	case strings.HasSuffix(name, ".reason"):
		return web.Say("held.desk.reason")
	}
	return web.Words{}
}

func heldChip(s register.State) web.Chip {
	tone := map[register.State]web.Tone{register.Valid: web.ToneDone, register.Suspended: web.ToneDue, register.Future: web.ToneInfo, register.Revoked: web.ToneOver}[s]
	return web.Chip{Tone: tone, Words: web.Say("held.state." + string(s))}
}

// heldPage lists the permits of the units that the reader answers for.
type heldPage struct{ HeldDeps }

type heldView struct {
	web.Page
	Type   web.Field
	State  web.Field
	Within web.Field
	Number web.Field
	Waits  []heldWait // what the reader has to decide
	List   *web.Table
	Empty  web.Empty
	Pager  web.Pager
	Late   string // where corrections that are overdue are listed; empty for who lists no cases
}

type heldWait struct {
	web.Link
	What web.Words
}

// withins are how many days ahead the list can look, as the holders are told.
var withins = []int{30, 60, 90}

func (p *heldPage) show(c *gin.Context) error {
	ctx := c.Request.Context()
	if no := c.Query("no"); no != "" {
		if canonical, err := register.ParseNumber(no); err == nil {
			c.Redirect(http.StatusSeeOther, "/desk/permits/"+canonical)
			return nil
		}
	}
	v := &heldView{Page: p.Kit.Page(c, web.Say("held.desk.title"))}
	v.Wide = true
	if p.Permits != nil && p.Permits.Access.Can(ctx, access.CaseList) == nil {
		v.Late = latePath
	}
	f := register.Filter{Type: c.Query("type"), State: register.State(c.Query("state")), Cursor: c.Query("cursor")}
	if n, err := strconv.Atoi(c.Query("within")); err == nil && n > 0 && n <= 3650 {
		f.Within = n
	}
	page, err := p.Register.List(ctx, f)
	if err != nil {
		return err
	}
	if err := p.fields(c, v, f); err != nil {
		return err
	}
	waits, err := p.Register.Waiting(ctx)
	if err != nil {
		return err
	}
	for _, w := range waits {
		v.Waits = append(v.Waits, heldWait{Link: web.Link{Href: "/desk/permits/" + w.PermitNo, Words: web.Plain(w.PermitNo)}, What: web.Say("held.proposed." + string(w.Act))})
	}
	if len(page.Permits) > 0 {
		v.List = p.table(v.Lang, page.Permits)
	}
	v.Empty = web.Empty{Icon: "certificate", Title: web.Say("held.desk.none"), Words: web.Say("held.desk.none.text"), Do: &web.Button{Words: web.Say("held.desk.all"), Href: "/desk/permits"}}
	v.Pager = web.Pager{Shown: len(page.Permits)}
	if f.Cursor != "" {
		v.Pager.First = v.With("cursor", "")
	}
	if page.Next != "" {
		v.Pager.Next = v.With("cursor", page.Next)
	}
	return p.Kit.Show(c, "desk/held", v)
}

func (p *heldPage) fields(c *gin.Context, v *heldView, f register.Filter) error {
	types, err := p.Types.Types(c.Request.Context())
	if err != nil {
		return err
	}
	kinds := []web.Option{{Value: "", Words: web.Say("held.desk.any")}}
	for i := range types {
		kinds = append(kinds, web.Option{Value: types[i].Code, Words: web.Data(types[i].Name)})
	}
	states := []web.Option{{Value: "", Words: web.Say("held.desk.any")}}
	for _, s := range register.States {
		states = append(states, web.Option{Value: string(s), Words: web.Say("held.state." + string(s))})
	}
	ends := []web.Option{{Value: "", Words: web.Say("held.desk.any")}}
	for _, n := range withins {
		ends = append(ends, web.Option{Value: strconv.Itoa(n), Words: web.Say("held.desk.within", "Count", n)})
	}
	within := ""
	if f.Within > 0 {
		within = strconv.Itoa(f.Within)
	}
	v.Number = v.Bind(web.Field{Name: "no", Label: web.Say("held.no"), Value: c.Query("no"), Width: "20"})
	if c.Query("no") != "" {
		v.Number.Hint = web.Say("held.desk.number.wrong")
	}
	v.Type = web.Field{Name: "type", Label: web.Say("held.type"), Value: f.Type, Options: kinds}
	v.State = web.Field{Name: "state", Label: web.Say("held.state"), Value: string(f.State), Options: states}
	v.Within = web.Field{Name: "within", Label: web.Say("held.desk.ends"), Value: within, Options: ends}
	return nil
}

func (p *heldPage) table(l i18n.Lang, list []register.Permit) *web.Table {
	today, f := p.Register.Today(), i18n.Format{Lang: l}
	t := &web.Table{ID: "permits", Caption: web.Say("held.desk.caption"), Columns: []web.Column{{Words: web.Say("held.no")}, {Words: web.Say("held.type")}, {Words: web.Say("held.holder")},
		{Words: web.Say("held.state")}, {Words: web.Say("held.last")}}}
	for i := range list {
		one := &list[i]
		chip, last := heldChip(one.On(today)), web.Say("held.endless")
		if one.ValidUntil != nil {
			last = web.Plain(f.Date(one.ValidUntil.UTC()))
		}
		holder := web.Plain(one.HolderShown)
		if one.HolderShown == "" {
			holder = web.Say("held.erased")
		}
		t.Rows = append(t.Rows, web.Row{Href: "/desk/permits/" + one.PermitNo, Cells: []web.Cell{{Words: web.Plain(one.PermitNo)}, {Words: web.Data(one.TypeName)}, {Words: holder}, {Chip: &chip}, {Words: last}}})
	}
	return t
}
