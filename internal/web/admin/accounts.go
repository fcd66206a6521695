package admin

import (
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"minqing/internal/access"
	"minqing/internal/catalogue"
	"minqing/internal/fault"
	"minqing/internal/identity"
	"minqing/internal/web"
)

// AccountDeps are what the pages about accounts of the government need.
type AccountDeps struct {
	Kit       *web.Kit
	Identity  *identity.Service
	Catalogue *catalogue.Service
}

// RegisterAccounts mounts the pages of those who lock accounts.
func RegisterAccounts(d AccountDeps) {
	g := d.Kit.Group("/admin/accounts")
	list, one := &accountsPage{d}, &accountPage{d}
	d.Kit.GET(g, "", access.AccountLock, list.show)
	d.Kit.POST(g, "", access.AccountLock, list.find, web.Throttle(120, time.Minute, web.ByActor))
	d.Kit.GET(g, "/:id", access.AccountLock, one.show)
	d.Kit.POST(g, "/:id", access.AccountLock, one.act, web.Keeps(typedOfAccount), web.Again())
}

// accountsPage finds accounts by a name or an address. What was typed stands in no
// address: it is sent, not linked.
type accountsPage struct{ AccountDeps }

type accountsView struct {
	web.Page
	Areas []web.Link
	Query web.Field
	Rows  []foundRow
	More  bool
	Empty *web.Empty
}

type foundRow struct {
	Name  web.Words
	Href  string
	Roles []heldFor
	Chip  web.Chip
}

type accountsInput struct {
	Query string `form:"q"`
}

func (p *accountsPage) show(c *gin.Context) error {
	v := p.view(c)
	v.Empty = &web.Empty{Icon: "search", Title: web.Say("access.accounts.start"), Words: web.Say("access.accounts.start.text")}
	return p.page(c, v, accountsInput{})
}

func (p *accountsPage) find(c *gin.Context) error {
	v := p.view(c)
	var in accountsInput
	err := web.Decode(c, &in)
	if err == nil {
		err = p.fill(c, v, in)
	}
	if rest := v.Fail(err); rest != nil {
		return rest
	}
	c.Header("Cache-Control", "no-store")
	return p.page(c, v, in)
}

func (p *accountsPage) view(c *gin.Context) *accountsView {
	v := &accountsView{Page: p.Kit.Page(c, web.Say("access.accounts.title")), Areas: accessAreas("/admin/accounts")}
	v.Wide = true
	return v
}

func (p *accountsPage) page(c *gin.Context, v *accountsView, in accountsInput) error {
	v.Query = v.Bind(web.Field{Name: "q", Label: web.Say("access.accounts.query"), Value: in.Query, Complete: "off", Width: "20"})
	return p.Kit.Show(c, "admin/accounts", v)
}

func (p *accountsPage) fill(c *gin.Context, v *accountsView, in accountsInput) error {
	ctx := c.Request.Context()
	if strings.TrimSpace(in.Query) == "" {
		return fault.InvalidInput(fault.Field{Name: "q", Key: "access.accounts.query.required"})
	}
	list, more, err := p.Identity.FindStaff(ctx, in.Query)
	if err != nil {
		return err
	}
	snap, err := p.Catalogue.Snapshot(ctx)
	if err != nil {
		return err
	}
	for _, f := range list {
		v.Rows = append(v.Rows, foundRow{Name: accountName(f.Name), Href: "/admin/accounts/" + f.ID, Roles: rolesHeld(snap, f.Grants), Chip: lockChip(f.Locked)})
	}
	v.More = more
	if len(list) == 0 {
		v.Empty = &web.Empty{Icon: "search", Title: web.Say("access.accounts.none"), Words: web.Say("access.accounts.none.text")}
	}
	return nil
}

// accountName is what an account is called; one that came from a provider may
// have neither name nor address.
func accountName(name string) web.Words {
	if name == "" {
		return web.Say("access.account.nameless")
	}
	return web.Plain(name)
}

func lockChip(locked bool) web.Chip {
	if locked {
		return web.Chip{Tone: web.ToneOver, Icon: "lock", Words: web.Say("access.account.locked")}
	}
	return web.Chip{Tone: web.ToneDone, Words: web.Say("access.account.active")}
}

// heldFor is a role with its unit.
type heldFor struct{ Role, Unit web.Words }

func rolesHeld(snap *catalogue.Snapshot, grants []access.Grant) (list []heldFor) {
	for _, g := range grants {
		list = append(list, heldFor{roleWords(g.Role), unitNamed(snap, g.UnitPath)})
	}
	return list
}
