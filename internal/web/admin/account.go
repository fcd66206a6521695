package admin

import (
	"context"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"minqing/internal/fault"
	"minqing/internal/identity"
	"minqing/internal/web"
)

// accountPage shows how an account stands, and locks it or opens it again.
type accountPage struct{ AccountDeps }

type accountView struct {
	web.Page
	Account  *identity.Standing
	Chip     web.Chip
	SignedIn *time.Time
	Roles    []heldFor
	Effect   web.Words
	Reason   web.Field
	Buttons  []web.Button
}

type accountInput struct {
	Do      string `form:"do"`
	Version int64  `form:"version"`
	Reason  string `form:"reason"`
}

func typedOfAccount(name string) web.Words {
	if name == "reason" {
		return web.Say("access.grants.reason")
	}
	return web.Words{}
}

func (p *accountPage) show(c *gin.Context) error { return p.page(c, accountInput{}, nil) }

func (p *accountPage) page(c *gin.Context, in accountInput, failed error) error {
	ctx := c.Request.Context()
	one, err := p.Identity.Standing(ctx, c.Param("id"))
	if err != nil {
		return err
	}
	snap, err := p.Catalogue.Snapshot(ctx)
	if err != nil {
		return err
	}
	v := &accountView{Page: p.Kit.Page(c, accountName(one.Name)), Account: one, Chip: lockChip(one.Locked), Roles: rolesHeld(snap, one.Grants)}
	v.Back = &web.Link{Href: "/admin/accounts", Words: web.Say("access.accounts.title")}
	if rest := v.Fail(failed); rest != nil {
		return rest
	}
	if !one.SignedIn.IsZero() {
		v.SignedIn = &one.SignedIn
	}
	v.Effect = web.Say("access.account.effect", "Count", one.Sessions)
	end := web.Button{Words: web.Say("access.account.end"), Kind: "secondary", Name: "do", Value: "end"}
	v.Buttons = []web.Button{{Words: web.Say("access.account.lock"), Kind: "warning", Name: "do", Value: "lock"}, end}
	switch {
	case one.Two && one.Asked:
		v.Effect = web.Say("access.account.effect.agree")
	case one.Two:
		v.Effect = web.Say("access.account.effect.two", "Count", one.Sessions)
	}
	if one.Locked {
		v.Effect = web.Say("access.account.unlock.effect")
		v.Buttons = []web.Button{{Words: web.Say("access.account.unlock"), Name: "do", Value: "unlock"}}
	}
	v.Reason = v.Bind(web.Field{Name: "reason", Label: web.Say("access.grants.reason"), Hint: web.Say("access.account.reason.hint"), Value: in.Reason, Rows: 3, Max: 500})
	return p.Kit.Show(c, "admin/account", v)
}

// act does what the button says.
func (p *accountPage) act(c *gin.Context) error {
	var in accountInput
	if err := web.Decode(c, &in); err != nil {
		return p.page(c, in, err)
	}
	did := map[string]struct {
		do   func(context.Context, identity.Steer) error
		told string
	}{"lock": {p.Identity.Lock, "access.account.lock.done"}, "unlock": {p.Identity.Unlock, "access.account.unlock.done"},
		"end": {p.Identity.EndSessions, "access.account.end.done"}}[in.Do]
	if did.do == nil {
		return fault.New(fault.Invalid, "fault.malformed")
	}
	err := did.do(c.Request.Context(), identity.Steer{ID: c.Param("id"), Version: in.Version, Reason: in.Reason})
	if k := fault.KindOf(err); err != nil && (k == fault.Invalid || k == fault.Conflict) {
		return p.page(c, in, err)
	}
	if err != nil {
		return err
	}
	if in.Do == "lock" {
		one, err := p.Identity.Standing(c.Request.Context(), c.Param("id"))
		if err != nil {
			return err
		}
		if !one.Locked {
			did.told = "access.account.lock.asked"
		}
	}
	if err := p.Kit.Flash(c, web.Notice{Tone: web.ToneDone, Words: web.Say(did.told)}); err != nil {
		return err
	}
	c.Redirect(http.StatusSeeOther, c.Request.URL.Path)
	return nil
}
