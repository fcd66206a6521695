package admin

import (
	"context"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"minqing/internal/access"
	"minqing/internal/calendar"
	"minqing/internal/fault"
	"minqing/internal/identity"
	"minqing/internal/web"
)

// askPage asks for a role to give, or for a grant to end.
type askPage struct{ AccessDeps }

type askView struct {
	web.Page
	Ending *heldRow // the grant that is to end
	Grant  string

	Email, Role, Unit, Deputy, From, Until, Reason web.Field
}

type askInput struct {
	Grant  string `form:"grant"`
	Email  string `form:"email"`
	Role   string `form:"role"`
	Unit   string `form:"unit"`
	Deputy string `form:"deputy_for"`
	From   string `form:"from"`
	Until  string `form:"until"`
	Reason string `form:"reason"`
}

func (p *askPage) show(c *gin.Context) error {
	return p.page(c, askInput{Grant: c.Query("grant")}, nil)
}

func (p *askPage) page(c *gin.Context, in askInput, failed error) error {
	ctx := c.Request.Context()
	v := &askView{Page: p.Kit.Page(c, web.Say("access.ask.title")), Grant: in.Grant}
	v.Back = &web.Link{Href: "/admin/access", Words: web.Say("access.ask.back")}
	if rest := v.Fail(failed); rest != nil {
		return rest
	}
	snap, err := p.Catalogue.Snapshot(ctx)
	if err != nil {
		return err
	}
	if in.Grant != "" {
		v.Title = web.Say("access.ask.end")
		g, err := p.Access.One(ctx, in.Grant)
		if err != nil {
			return err
		}
		names, err := p.People.Names(ctx, g.AccountID)
		if err != nil {
			return err
		}
		v.Ending = &heldRow{Who: names[g.AccountID], grantRow: grantRow{Role: roleWords(g.Role), Unit: unitNamed(snap, g.UnitPath), From: g.ValidFrom, Until: g.ValidUntil}}
	}
	v.Email = v.Bind(web.Field{Name: "email", Label: web.Say("access.explain.email"), Value: in.Email, Type: "email", Complete: "off"})
	v.Role = v.Bind(web.Field{Name: "role", Label: web.Say("access.explain.role"), Value: in.Role, Options: append(unchosen(), roleOptions()...)})
	v.Unit = v.Bind(web.Field{Name: "unit", Label: web.Say("access.grants.unit"), Value: in.Unit, Options: append(unchosen(), unitOptions(snap)...)})
	v.Deputy = v.Bind(web.Field{Name: "deputy_for", Label: web.Say("access.deputy.label"), Hint: web.Say("access.deputy.hint"), Value: in.Deputy, Type: "email",
		Complete: "off", Optional: true})
	v.From = v.Bind(web.Field{Name: "from", Label: web.Say("access.ask.from"), Hint: web.Say("access.ask.from.hint"), Value: in.From, Type: "date", Optional: true})
	v.Until = v.Bind(web.Field{Name: "until", Label: web.Say("access.ask.until"), Hint: web.Say("access.ask.until.hint"), Value: in.Until, Type: "date", Optional: true})
	v.Reason = v.Bind(web.Field{Name: "reason", Label: web.Say("access.grants.reason"), Value: in.Reason, Rows: 3, Max: 500})
	return p.Kit.Show(c, "admin/ask", v)
}

// unchosen comes before what must be chosen: no role is a harmless default.
func unchosen() []web.Option { return []web.Option{{Words: web.Say("access.ask.choose")}} }

// send keeps the request for a second person.
func (p *askPage) send(c *gin.Context) error {
	var in askInput
	err := web.Decode(c, &in)
	if err == nil {
		err = p.ask(c.Request.Context(), in)
	}
	if err == nil {
		if err := p.Kit.Flash(c, web.Notice{Tone: web.ToneDone, Words: web.Say("access.ask.done")}); err != nil {
			return err
		}
		c.Redirect(http.StatusSeeOther, "/admin/access/requests")
		return nil
	}
	if k := fault.KindOf(err); k != fault.Invalid && k != fault.Conflict {
		return err
	}
	return p.page(c, in, err)
}

func (p *askPage) ask(ctx context.Context, in askInput) error {
	if in.Grant != "" {
		_, err := p.Access.AskToEnd(ctx, in.Grant, in.Reason)
		return err
	}
	g := access.Giving{Role: in.Role, UnitCode: in.Unit, Reason: in.Reason}
	var c fault.Check
	from, fromOK := p.day(in.From, 0)
	until, untilOK := p.day(in.Until, 1) // the last day counts
	c.That(fromOK, "from", "access.ask.day")
	c.That(untilOK, "until", "access.ask.day")
	c.That(in.Email != "", "email", "access.explain.email.required")
	c.That(in.Role != "", "role", "access.ask.role.required")
	c.That(in.Unit != "", "unit", "access.ask.unit.required")
	c.That(in.Reason != "", "reason", "access.reason.required")
	if err := c.Err(); err != nil {
		return err
	}
	if from != nil {
		g.From = *from
	}
	g.Until = until
	var err error
	if g.AccountID, err = p.staff(ctx, "email", in.Email); err != nil {
		return err
	}
	if in.Deputy != "" {
		if g.DeputyFor, err = p.staff(ctx, "deputy_for", in.Deputy); err != nil {
			return err
		}
	}
	_, err = p.Access.AskToGive(ctx, g)
	return err
}

// staff finds the account of a civil servant by a typed address.
func (p *askPage) staff(ctx context.Context, field, email string) (id string, err error) {
	who, err := p.People.ByEmail(ctx, email)
	switch {
	case err != nil && fault.KindOf(err) != fault.NotFound:
		return "", err
	case err != nil || who.Kind != identity.Staff:
		return "", fault.InvalidInput(fault.Field{Name: field, Key: "access.explain.nobody"})
	}
	return who.ID, nil
}

// day is the start of a typed day, or of one some days later; nothing typed is
// no day.
func (p *askPage) day(typed string, later calendar.Date) (*time.Time, bool) {
	if typed == "" {
		return nil, true
	}
	d, err := calendar.ParseDate(typed)
	if err != nil {
		return nil, false
	}
	at := (d + later).Start(p.Zone)
	return &at, true
}
