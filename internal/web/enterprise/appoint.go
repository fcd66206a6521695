package enterprise

import (
	"github.com/gin-gonic/gin"

	"minqing/internal/calendar"
	"minqing/internal/enterprises"
	"minqing/internal/fault"
	"minqing/internal/web"
)

// appointPage asks somebody to be the agent of an enterprise.
type appointPage struct{ HouseDeps }

type appointForm struct {
	Enterprise string        `form:"enterprise"`
	Mail       string        `form:"mail"`
	From       web.DateParts `form:"from"`
	Until      web.DateParts `form:"until"`
	Scope      []string      `form:"scope"`
}

type appointView struct {
	house
	Mail     web.Field
	From     web.DateField
	Until    web.DateField
	Scope    web.Field
	Document web.Field
}

func (d HouseDeps) today() calendar.Date { return calendar.DateOf(d.Now(), d.Zone) }

func (p *appointPage) show(c *gin.Context) error {
	m, err := p.about(c, "")
	if m == nil || err != nil {
		return err
	}
	return p.page(c, m, appointForm{From: web.PartsOf(p.today()), Until: web.PartsOf(p.today().Add(365))}, nil)
}

func (p *appointPage) page(c *gin.Context, m *enterprises.Membership, in appointForm, failed error) error {
	ctx := c.Request.Context()
	if err := p.Enterprises.Can(ctx, m.EnterpriseID, enterprises.Manage); err != nil {
		return err
	}
	if m.Agent {
		return fault.New(fault.Forbidden, "enterprises.forbidden")
	}
	v := &appointView{house: p.house(c, m, web.Say("house.appoint.title"))}
	v.Back = &web.Link{Href: "/enterprise/agents", Words: web.Say("house.agents.title")}
	if rest := v.Fail(failed); rest != nil {
		return rest
	}
	types, err := p.Types.Types(ctx)
	if err != nil {
		return err
	}
	v.Mail = v.Bind(web.Field{Name: "mail", Label: web.Say("house.mail"), Hint: web.Say("house.appoint.mail.hint"), Value: in.Mail, Type: "email", Complete: "off", Width: "30"})
	v.From = v.BindDate(web.DateField{Field: web.Field{Name: "from", Label: web.Say("house.agent.from")}, Parts: in.From})
	v.Until = v.BindDate(web.DateField{Field: web.Field{Name: "until", Label: web.Say("house.agent.until"), Hint: web.Say("house.agent.until.hint")}, Parts: in.Until})
	v.Scope = web.Field{Name: "scope", Label: web.Say("house.agent.scope"), Hint: web.Say("house.agent.scope.hint"), Values: append([]string{""}, in.Scope...)}
	for i := range types {
		v.Scope.Options = append(v.Scope.Options, web.Option{Value: types[i].Code, Words: web.Data(types[i].Name)})
	}
	v.Scope = v.Bind(v.Scope)
	v.Document = v.Bind(web.Field{Name: "document", Label: web.Say("house.agent.letter"), Hint: web.Say("house.agent.letter.hint"), Accept: papersTaken})
	return p.Kit.Show(c, "enterprise/appoint", v)
}

// send keeps the letter and sends the invitation.
func (p *appointPage) send(c *gin.Context) error {
	ctx := c.Request.Context()
	var in appointForm
	decoded := web.Decode(c, &in)
	m, err := p.about(c, in.Enterprise)
	if err != nil {
		return err
	}
	if decoded != nil {
		return p.page(c, m, in, decoded)
	}
	if err := p.Enterprises.Can(ctx, m.EnterpriseID, enterprises.Manage); err != nil { // before anything is kept
		return err
	}
	from, _ := in.From.Date() // the day 0 is refused with the rest
	until, _ := in.Until.Date()
	owner := p.Enterprises.NewPapers()
	came, problems, err := p.keepPapers(c, "document", owner)
	if len(problems) > 0 {
		err = fault.InvalidInput(problems...)
	}
	if err == nil {
		_, err = p.Enterprises.Invite(ctx, m.EnterpriseID, enterprises.Invite{Agent: true, ID: owner, Mail: in.Mail, Scope: in.Scope, From: from, Until: until, Lang: web.Lang(c)})
	}
	switch {
	case err == nil:
		return p.done(c, web.Say("house.appoint.done"), "/enterprise/agents")
	case came > 0 && len(problems) == 0:
		err = p.again(ctx, "document", owner, err)
	default:
		if drop := p.Enterprises.DropPapers(ctx, owner); drop != nil {
			return drop
		}
	}
	return p.page(c, m, in, err)
}
