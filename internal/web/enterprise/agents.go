package enterprise

import (
	"context"
	"errors"

	"github.com/gin-gonic/gin"

	"minqing/internal/enterprises"
	"minqing/internal/files"
	"minqing/internal/web"
)

// agentsPage lists the authorities of an enterprise that are not over.
type agentsPage struct{ HouseDeps }

type agentsView struct {
	house
	Agents  []agentRow
	Waiting []invitation
	Mails   bool
	Empty   *web.Empty
}

type agentRow struct {
	ID      string
	Version int64
	Name    string
	Chip    web.Chip
	Scope   []web.Words
	Dates   web.Words
	Letter  string
}

func (p *agentsPage) show(c *gin.Context) error {
	m, err := p.about(c, "")
	if m == nil || err != nil {
		return err
	}
	return p.page(c, m, nil)
}

func (p *agentsPage) page(c *gin.Context, m *enterprises.Membership, failed error) error {
	ctx := c.Request.Context()
	list, err := p.Enterprises.Agents(ctx, m.EnterpriseID)
	if err != nil {
		return err
	}
	v := &agentsView{house: p.house(c, m, web.Say("house.agents.title")), Mails: p.Mails}
	if rest := v.Fail(failed); rest != nil {
		return rest
	}
	if err := p.people(ctx, list); err != nil {
		return err
	}
	for i := range list {
		a := &list[i]
		row := agentRow{ID: a.ID, Version: a.Version, Name: a.Name, Chip: web.Chip{Tone: web.ToneDone, Words: web.Say("house.agent.on")},
			Dates: web.Say("house.agent.dates", "From", web.DayText(a.ValidFrom), "Until", web.DayText(a.ValidUntil))}
		if !a.On(p.today()) {
			row.Chip = web.Chip{Tone: web.ToneInfo, Words: web.Say("house.agent.later")}
		}
		if row.Scope, err = p.scope(ctx, a.Types()); err != nil {
			return err
		}
		if v.Manages {
			row.Letter = "/enterprise/agents/" + a.InvitationID + "/letter"
		}
		v.Agents = append(v.Agents, row)
	}
	if v.Manages {
		if v.Waiting, err = p.invitations(ctx, m, p.Kit.Format(v.Lang), true); err != nil {
			return err
		}
	}
	if len(list) == 0 && len(v.Waiting) == 0 {
		v.Empty = &web.Empty{Icon: "users", Title: web.Say("house.agents.empty"), Words: web.Say("house.agents.empty.words")}
	}
	return p.Kit.Show(c, "enterprise/agents", v)
}

// people gives agents in person their names; those of enterprises are there.
func (p *agentsPage) people(ctx context.Context, list []enterprises.Agent) error {
	var persons []string
	for i := range list {
		if list[i].Name == "" {
			persons = append(persons, list[i].AgentID)
		}
	}
	accounts, err := p.Enterprises.Accounts(ctx, persons...)
	if err != nil || len(accounts) == 0 {
		return err
	}
	ids := make([]string, 0, len(accounts))
	for _, id := range accounts {
		ids = append(ids, id)
	}
	names, err := p.People.Names(ctx, ids...)
	for i := range list {
		if list[i].Name == "" {
			list[i].Name = names[accounts[list[i].AgentID]]
		}
	}
	return err
}

// send ends an authority before its day, or takes an invitation back.
func (p *agentsPage) send(c *gin.Context) error {
	ctx := c.Request.Context()
	var in memberForm
	decoded := web.Decode(c, &in)
	m, err := p.about(c, in.Enterprise)
	if err != nil {
		return err
	}
	said := "house.agent.ended"
	switch {
	case decoded != nil:
		err = decoded
	case in.Do == "end":
		err = p.Enterprises.Dismiss(ctx, m.EnterpriseID, in.ID, in.Version)
	case in.Do == "revoke":
		said = "house.invite.revoked"
		err = p.Enterprises.Revoke(ctx, m.EnterpriseID, in.ID)
	default:
		return errUnknown
	}
	if err != nil {
		return p.page(c, m, err)
	}
	return p.done(c, web.Say(said), "/enterprise/agents")
}

// letter gives the letter of an authority to those who manage the enterprise.
func (p *agentsPage) letter(c *gin.Context) error {
	ctx := c.Request.Context()
	m, err := p.about(c, "")
	if m == nil || err != nil {
		return err
	}
	content, err := p.Enterprises.Paper(ctx, m.EnterpriseID, c.Param("id"))
	if err != nil {
		return err
	}
	return errors.Join(files.Serve(c.Writer, content), content.Close())
}
