package enterprise

import (
	"context"
	"errors"

	"github.com/gin-gonic/gin"

	"minqing/internal/enterprises"
	"minqing/internal/fault"
	"minqing/internal/files"
	"minqing/internal/i18n"
	"minqing/internal/web"
)

// invitedPage answers an invitation by its link.
type invitedPage struct{ HouseDeps }

type invitedView struct {
	web.Page
	Invitation *enterprises.Invitation
	Lead       web.Words
	Facts      []web.SummaryRow
	As         *web.Field // of an agent: in person, or for an enterprise of their own
	Over       *web.Notice
	Letter     string
	Role       string
}

func (p *invitedPage) show(c *gin.Context) error { return p.page(c, "", nil) }

func (p *invitedPage) page(c *gin.Context, as string, failed error) error {
	ctx := c.Request.Context()
	v := &invitedView{Page: p.Kit.Page(c, web.Say("house.invited.title"))}
	if rest := v.Fail(failed); rest != nil {
		return rest
	}
	one, err := p.Enterprises.Invited(ctx, c.Param("token"))
	if err != nil {
		return err
	}
	v.Invitation, v.Role = one, string(one.Role)
	v.Lead = web.Say("house.invited.member", "Name", one.Name)
	if one.Agent() {
		v.Lead = web.Say("house.invited.agent", "Name", one.Name)
	}
	if one.State != "open" {
		v.Problem = nil // the notice says it
		v.Over = &web.Notice{Tone: web.ToneDue, Words: web.Say("enterprises.invite.over." + one.State), Link: &web.Link{Href: homePath, Words: web.Say("house.title")}}
		return p.Kit.Show(c, "enterprise/invited", v)
	}
	f := p.Kit.Format(v.Lang)
	v.Facts = []web.SummaryRow{{Key: web.Say("house.enterprise"), Value: web.Plain(one.Name)}}
	if !one.Agent() {
		v.Facts = append(v.Facts, web.SummaryRow{Key: web.Say("house.role"), Value: web.Say("house.role." + string(one.Role))},
			web.SummaryRow{Key: web.Say("house.role.you_may"), Value: web.Say("house.role." + string(one.Role) + ".may")})
	} else if err := p.authority(ctx, v, as); err != nil {
		return err
	}
	v.Facts = append(v.Facts, web.SummaryRow{Key: web.Say("house.invited.until"), Value: web.Plain(f.DayTime(one.ExpiresAt))})
	return p.Kit.Show(c, "enterprise/invited", v)
}

// authority is what an agent would be appointed to, and as whom.
func (p *invitedPage) authority(ctx context.Context, v *invitedView, as string) error {
	one := v.Invitation
	scope, err := p.scope(ctx, one.Types())
	if err != nil {
		return err
	}
	v.Letter = v.Path + "/letter"
	v.Facts = append(v.Facts, web.SummaryRow{Key: web.Say("house.agent.scope"), Value: web.Plain(joined(p.Words, v.Lang, scope))},
		web.SummaryRow{Key: web.Say("house.agent.from"), Value: web.Data(web.DayText(*one.ValidFrom))}, web.SummaryRow{Key: web.Say("house.agent.until"), Value: web.Data(web.DayText(*one.ValidUntil))})
	mine, err := p.Enterprises.Mine(ctx)
	if err != nil {
		return err
	}
	f := web.Field{Name: "as", Label: web.Say("house.invited.as"), Value: as, Options: []web.Option{{Value: "me", Words: web.Say("house.invited.as.me")}}}
	for i := range mine {
		if m := &mine[i]; manages(m) && m.EnterpriseID != one.EnterpriseID {
			f.Options = append(f.Options, web.Option{Value: m.EnterpriseID, Words: web.Plain(m.Name)})
		}
	}
	if f.Value == "" {
		f.Value = "me"
	}
	f = v.Bind(f)
	v.As = &f
	return nil
}

// scope are the permit types of an authority in words; none: all.
func (d HouseDeps) scope(ctx context.Context, codes []string) ([]web.Words, error) {
	if len(codes) == 0 {
		return []web.Words{web.Say("house.agent.scope.all")}, nil
	}
	types, err := d.Types.Types(ctx)
	if err != nil {
		return nil, err
	}
	names := map[string]i18n.Text{}
	for i := range types {
		names[types[i].Code] = types[i].Name
	}
	var out []web.Words
	for _, code := range codes {
		w := web.Plain(code) // a type that is no more
		if n, ok := names[code]; ok {
			w = web.Data(n)
		}
		out = append(out, w)
	}
	return out, nil
}

// send accepts or declines. Who accepts acts for the enterprise from then on.
func (p *invitedPage) send(c *gin.Context) error {
	ctx := c.Request.Context()
	var in struct {
		Do string `form:"do"`
		As string `form:"as"`
	}
	if err := web.Decode(c, &in); err != nil {
		return p.page(c, in.As, err)
	}
	token := c.Param("token")
	switch in.Do {
	case "accept":
		as := in.As
		if as == "me" {
			as = ""
		}
		id, err := p.Enterprises.Accept(ctx, token, as)
		if err != nil {
			return p.page(c, in.As, err)
		}
		if err := p.Enterprises.Switch(ctx, id); err != nil && fault.KindOf(err) != fault.NotFound { // an authority may begin later
			return err
		}
		return p.done(c, web.Say("house.invited.accepted"), homePath)
	case "decline":
		if err := p.Enterprises.Decline(ctx, token); err != nil {
			return p.page(c, in.As, err)
		}
		return p.done(c, web.Say("house.invited.declined"), homePath)
	}
	return errUnknown
}

// letter gives the letter of authority to whom it names.
func (p *invitedPage) letter(c *gin.Context) error {
	content, err := p.Enterprises.PaperOf(c.Request.Context(), c.Param("token"))
	if err != nil {
		return err
	}
	return errors.Join(files.Serve(c.Writer, content), content.Close())
}
