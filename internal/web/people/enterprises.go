package people

import (
	"net/http"
	"slices"

	"github.com/gin-gonic/gin"

	"minqing/internal/access"
	"minqing/internal/enterprises"
	"minqing/internal/fault"
	"minqing/internal/idcode"
	"minqing/internal/web"
)

// RegisterEnterprises mounts what staff decide: whose an enterprise is.
func RegisterEnterprises(d Deps, e *enterprises.Service) {
	g := d.Kit.Group("/people/enterprises")
	list := &claimsPage{d, e}
	d.Kit.GET(g, "", access.EnterpriseVerify, list.show)
	one := &claimPage{d, e}
	d.Kit.GET(g, "/:id", access.EnterpriseVerify, one.show)
	d.Kit.POST(g, "/:id", access.EnterpriseVerify, one.send, web.Keeps(func(name string) web.Words {
		if name == "reason" {
			return web.Say("house.decide.reason")
		}
		return web.Words{}
	}))
}

// claimsPage lists the registrations that wait for staff, the oldest first.
type claimsPage struct {
	Deps

	Enterprises *enterprises.Service
}

type claimsView struct {
	web.Page
	Areas []web.Link
	List  *web.Table
	More  web.Words // what List leaves out
	Empty *web.Empty
}

func (p *claimsPage) show(c *gin.Context) error {
	list, err := p.Enterprises.Open(c.Request.Context())
	if err != nil {
		return err
	}
	v := &claimsView{Page: p.Kit.Page(c, web.Say("house.decide.title")), Areas: p.areas(c, "/people/enterprises")}
	v.Wide = true
	list, v.More = cut(list, enterprises.OpenMost, "people.newer")
	f := p.Kit.Format(v.Lang)
	if len(list) == 0 {
		v.Empty = &web.Empty{Title: web.Say("house.decide.none"), Words: web.Say("house.decide.none.words")}
	}
	v.List = &web.Table{ID: "claims", Caption: web.Say("house.decide.caption"), Columns: []web.Column{{Words: web.Say("house.enterprise")}, {Words: web.Say("house.code")},
		{Words: web.Say("house.decide.why")}, {Words: web.Say("house.decide.register")}, {Words: web.Say("house.decide.since")}, {Words: web.Say("house.decide.until")}}}
	for i := range list {
		k := &list[i]
		v.List.Rows = append(v.List.Rows, web.Row{Href: "/people/enterprises/" + k.ID, Cells: []web.Cell{{Words: web.Plain(k.Name)}, {Words: web.Plain(k.Code)}, {Chip: wayChip(k)},
			{Words: web.Say("house.registered." + string(k.RegisterState))}, {Words: web.Plain(f.Date(k.CreatedAt))}, {Words: web.Plain(f.Date(k.ExpiresAt))}}})
	}
	return p.Kit.Show(c, "people/claims", v)
}

func wayChip(k *enterprises.Claim) *web.Chip {
	if k.Way == enterprises.Dispute {
		return &web.Chip{Tone: web.ToneDue, Words: web.Say("house.decide.dispute")}
	}
	return &web.Chip{Tone: web.ToneInfo, Words: web.Say("house.decide.documents")}
}

// claimPage decides one of them.
type claimPage struct {
	Deps

	Enterprises *enterprises.Service
}

type claimView struct {
	web.Page
	Claim  *enterprises.Claim
	Facts  []web.SummaryRow
	Owners []string
	Open   bool
	Grant  web.Field
	Ends   web.Field
	Reason web.Field
	Action string
}

type claimForm struct {
	Grant     string `form:"grant"`
	EndOwners string `form:"end_owners"`
	Reason    string `form:"reason"`
	Version   int64  `form:"version"`
}

func (p *claimPage) show(c *gin.Context) error { return p.page(c, claimForm{}, nil) }

func (p *claimPage) page(c *gin.Context, in claimForm, failed error) error {
	ctx := c.Request.Context()
	k, members, err := p.Enterprises.Opened(ctx, c.Param("id"))
	if err != nil {
		return err
	}
	v := &claimView{Page: p.Kit.Page(c, web.Plain(k.Name)), Claim: k, Open: k.State == "open", Action: "/people/enterprises/" + k.ID}
	v.Back = &web.Link{Href: "/people/enterprises", Words: web.Say("house.decide.title")}
	if rest := v.Fail(failed); rest != nil {
		return rest
	}
	ids := []string{k.AccountID}
	members = slices.DeleteFunc(members, func(m enterprises.Member) bool { return m.Role != enterprises.Owner })
	for i := range members {
		ids = append(ids, members[i].AccountID)
	}
	names, err := p.Accounts.Names(ctx, ids...)
	if err != nil {
		return err
	}
	for i := range members {
		v.Owners = append(v.Owners, idcode.MaskName(names[members[i].AccountID]))
	}
	p.facts(v, names)
	v.Grant = v.Bind(web.Field{Name: "grant", Label: web.Say("house.decide.grant"), Value: in.Grant, Options: []web.Option{
		{Value: "yes", Words: web.Say("house.decide.yes"), Hint: web.Say("house.decide.yes.hint")}, {Value: "no", Words: web.Say("house.decide.no"), Hint: web.Say("house.decide.no.hint")}}})
	v.Ends = v.Bind(web.Field{Name: "end_owners", Label: web.Say("house.decide.owners"), Hint: web.Say("house.decide.owners.hint", "Count", len(v.Owners)), Values: []string{"", in.EndOwners},
		Options: []web.Option{{Value: "yes", Words: web.Say("house.decide.owners.end")}}})
	v.Reason = v.Bind(web.Field{Name: "reason", Label: web.Say("house.decide.reason"), Hint: web.Say("house.decide.reason.hint"), Value: in.Reason, Rows: 4, Max: 2000})
	return p.Kit.Show(c, "people/claim", v)
}

func (p *claimPage) facts(v *claimView, names map[string]string) {
	k, f := v.Claim, p.Kit.Format(v.Lang)
	v.Facts = []web.SummaryRow{{Key: web.Say("house.code"), Value: web.Plain(k.Code)}, {Key: web.Say("house.decide.register"), Value: web.Say("house.registered." + string(k.RegisterState))},
		{Key: web.Say("house.decide.why"), Value: wayChip(k).Words}, {Key: web.Say("house.decide.who"), Value: web.Plain(idcode.MaskName(names[k.AccountID]))},
		{Key: web.Say("house.decide.since"), Value: web.Plain(f.Date(k.CreatedAt))}}
	if k.DecidedAt != nil {
		v.Facts = append(v.Facts, web.SummaryRow{Key: web.Say("house.decide.decided"), Value: web.Say("house.claim." + k.State)}, web.SummaryRow{Key: web.Say("house.decide.reason"), Value: web.Plain(k.Reason)})
	}
}

// send decides: what the person is told is the reason.
func (p *claimPage) send(c *gin.Context) error {
	var in claimForm
	if err := web.Decode(c, &in); err != nil {
		return p.page(c, in, err)
	}
	if in.Grant != "yes" && in.Grant != "no" {
		return p.page(c, in, fault.InvalidInput(fault.Field{Name: "grant", Key: "house.decide.grant.empty"}))
	}
	err := p.Enterprises.Decide(c.Request.Context(), c.Param("id"), enterprises.Decision{Grant: in.Grant == "yes", EndOwners: in.EndOwners == "yes", Reason: in.Reason, Version: in.Version})
	if err != nil {
		return p.page(c, in, err)
	}
	if err := p.Kit.Flash(c, web.Notice{Tone: web.ToneDone, Words: web.Say("house.decide.done." + in.Grant)}); err != nil {
		return err
	}
	c.Redirect(http.StatusSeeOther, "/people/enterprises")
	return nil
}
