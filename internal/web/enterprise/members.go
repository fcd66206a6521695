package enterprise

import (
	"context"
	"net/http"

	"github.com/gin-gonic/gin"

	"minqing/internal/enterprises"
	"minqing/internal/fault"
	"minqing/internal/i18n"
	"minqing/internal/web"
)

// membersPage lists who acts for the enterprise, and whom it has asked to.
type membersPage struct{ HouseDeps }

type membersView struct {
	house
	Members *web.Table
	Waiting []invitation
	Mails   bool
	Mail    web.Field
	Role    web.Field
}

// invitation is one that waits for an answer.
type invitation struct {
	ID, Mail, Link string
	Role           web.Words
	Until          string
}

type memberForm struct {
	Enterprise string `form:"enterprise"`
	Do         string `form:"do"`
	ID         string `form:"id"`
	Mail       string `form:"mail"`
	Role       string `form:"role"`
	Version    int64  `form:"version"`
}

func (p *membersPage) show(c *gin.Context) error {
	m, err := p.about(c, "")
	if m == nil || err != nil {
		return err
	}
	return p.page(c, m, memberForm{}, nil)
}

func (p *membersPage) page(c *gin.Context, m *enterprises.Membership, in memberForm, failed error) error {
	ctx := c.Request.Context()
	list, err := p.Enterprises.Members(ctx, m.EnterpriseID)
	if err != nil {
		return err
	}
	v := &membersView{house: p.house(c, m, web.Say("house.members.title")), Mails: p.Mails}
	if rest := v.Fail(failed); rest != nil {
		return rest
	}
	f := p.Kit.Format(v.Lang)
	names, err := p.names(ctx, list)
	if err != nil {
		return err
	}
	v.Members = &web.Table{ID: "members", Caption: web.Say("house.members.caption", "Name", m.Name),
		Columns: []web.Column{{Words: web.Say("house.member")}, {Words: web.Say("house.role")}, {Words: web.Say("house.since")}}}
	for i := range list {
		one := &list[i]
		row := web.Row{Cells: []web.Cell{{Words: web.Plain(names[one.AccountID])}, {Words: web.Say("house.role." + string(one.Role))}, {Words: web.Plain(f.Date(one.Since))}}}
		if one.AccountID == me(ctx) {
			row.Cells[0].Words = web.Say("house.member.you", "Name", names[one.AccountID])
		}
		if v.Manages || one.AccountID == me(ctx) {
			row.Href = "/enterprise/members/" + one.ID
		}
		v.Members.Rows = append(v.Members.Rows, row)
	}
	if v.Manages {
		if v.Waiting, err = p.invitations(ctx, m, f, false); err != nil {
			return err
		}
		v.Mail = v.Bind(web.Field{Name: "mail", Label: web.Say("house.mail"), Hint: web.Say("house.mail.hint"), Value: in.Mail, Type: "email", Complete: "off", Width: "30"})
		v.Role = v.Bind(roleField(v.Owns, in.Role))
	}
	return p.Kit.Show(c, "enterprise/members", v)
}

// roleField offers the roles that somebody may give: only owners make owners.
func roleField(owns bool, value string) web.Field {
	f := web.Field{Name: "role", Label: web.Say("house.role"), Value: value}
	for _, r := range enterprises.Roles {
		if r != enterprises.Owner || owns {
			f.Options = append(f.Options, web.Option{Value: string(r), Words: web.Say("house.role." + string(r)), Hint: web.Say("house.role." + string(r) + ".may")})
		}
	}
	return f
}

func (d HouseDeps) names(ctx context.Context, list []enterprises.Member) (map[string]string, error) {
	ids := make([]string, len(list))
	for i := range list {
		ids[i] = list[i].AccountID
	}
	return d.People.Names(ctx, ids...)
}

// invitations are those to members, or to agents, that wait.
func (d HouseDeps) invitations(ctx context.Context, m *enterprises.Membership, f i18n.Format, agents bool) (out []invitation, err error) {
	list, err := d.Enterprises.Invitations(ctx, m.EnterpriseID)
	for i := range list {
		v := &list[i]
		if v.Agent() == agents {
			out = append(out, invitation{ID: v.ID, Mail: v.Mail, Link: d.BaseURL + d.Enterprises.Link(v), Role: web.Say("house.role." + string(v.Role)), Until: f.DayTime(v.ExpiresAt)})
		}
	}
	return out, err
}

// send invites somebody, or takes an invitation back.
func (p *membersPage) send(c *gin.Context) error {
	ctx := c.Request.Context()
	var in memberForm
	decoded := web.Decode(c, &in)
	m, err := p.about(c, in.Enterprise)
	if err != nil {
		return err
	}
	if decoded != nil {
		return p.page(c, m, in, decoded)
	}
	said := "house.invite.done"
	switch in.Do {
	case "invite":
		_, err = p.Enterprises.Invite(ctx, m.EnterpriseID, enterprises.Invite{Mail: in.Mail, Role: enterprises.Role(in.Role), Lang: web.Lang(c)})
	case "revoke":
		said = "house.invite.revoked"
		err = p.Enterprises.Revoke(ctx, m.EnterpriseID, in.ID)
	default:
		return errUnknown
	}
	if err != nil {
		return p.page(c, m, in, err)
	}
	return p.done(c, web.Say(said), "/enterprise/members")
}

var errUnknown = fault.New(fault.Invalid, "fault.malformed")

// memberPage changes what one member may do, or ends it.
type memberPage struct{ HouseDeps }

type memberView struct {
	house
	Member  *enterprises.Member
	Who     string
	Self    bool
	RoleIs  web.Words
	Role    *web.Field
	Removes bool
	Last    bool // the last owner, who hands over first
}

func (p *memberPage) show(c *gin.Context) error {
	m, err := p.about(c, "")
	if m == nil || err != nil {
		return err
	}
	return p.page(c, m, "", nil)
}

func (p *memberPage) page(c *gin.Context, m *enterprises.Membership, role string, failed error) error {
	ctx := c.Request.Context()
	list, err := p.Enterprises.Members(ctx, m.EnterpriseID)
	if err != nil {
		return err
	}
	var one *enterprises.Member
	owners := 0
	for i := range list {
		if list[i].ID == c.Param("id") {
			one = &list[i]
		}
		if list[i].Role == enterprises.Owner {
			owners++
		}
	}
	if one == nil || !manages(m) && one.AccountID != me(ctx) {
		return fault.New(fault.NotFound, "enterprises.member.missing")
	}
	names, err := p.People.Names(ctx, one.AccountID)
	if err != nil {
		return err
	}
	v := &memberView{house: p.house(c, m, web.Say("house.member.title")), Member: one, Who: names[one.AccountID], Self: one.AccountID == me(ctx), RoleIs: web.Say("house.role." + string(one.Role))}
	v.Back = &web.Link{Href: "/enterprise/members", Words: web.Say("house.members.title")}
	if rest := v.Fail(failed); rest != nil {
		return rest
	}
	v.Last = one.Role == enterprises.Owner && owners == 1
	may := v.Owns || v.Manages && one.Role != enterprises.Owner
	if may && !v.Last {
		if role == "" {
			role = string(one.Role)
		}
		f := v.Bind(roleField(v.Owns, role))
		v.Role = &f
	}
	v.Removes = (may || v.Self) && !v.Last
	return p.Kit.Show(c, "enterprise/member", v)
}

// send gives another role or ends the membership; leaving ends one's own.
func (p *memberPage) send(c *gin.Context) error {
	ctx := c.Request.Context()
	var in memberForm
	decoded := web.Decode(c, &in)
	m, err := p.about(c, in.Enterprise)
	if err != nil {
		return err
	}
	if decoded != nil {
		return p.page(c, m, in.Role, decoded)
	}
	switch in.Do {
	case "role":
		if err := p.Enterprises.ChangeRole(ctx, m.EnterpriseID, c.Param("id"), enterprises.Role(in.Role), in.Version); err != nil {
			return p.page(c, m, in.Role, err)
		}
		return p.done(c, web.Say("house.member.changed"), "/enterprise/members")
	case "remove":
		if err := p.Enterprises.Remove(ctx, m.EnterpriseID, c.Param("id"), in.Version); err != nil {
			return p.page(c, m, "", err)
		}
	default:
		return errUnknown
	}
	if _, err := p.Enterprises.For(ctx, m.EnterpriseID); fault.KindOf(err) == fault.NotFound && err != nil {
		return p.done(c, web.Say("house.member.left", "Name", m.Name), homePath)
	}
	if err := p.Kit.Flash(c, web.Notice{Tone: web.ToneDone, Words: web.Say("house.member.removed")}); err != nil {
		return err
	}
	c.Redirect(http.StatusSeeOther, "/enterprise/members")
	return nil
}
