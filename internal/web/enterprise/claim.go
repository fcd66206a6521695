package enterprise

import (
	"context"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"minqing/internal/actor"
	"minqing/internal/enterprises"
	"minqing/internal/fault"
	"minqing/internal/web"
)

// claimPage is one registration that is not through: a code that is waited for, or
// documents that staff look at.
type claimPage struct{ HouseDeps }

type claimView struct {
	web.Page
	Claim *enterprises.Claim
	State string
	Chip  web.Chip
	Until string
	Code  web.Field
	Ask   string // where documents are sent instead
}

// stateOf is where a claim stands now: one whose time is up has lapsed, whether or
// not the job was there.
func stateOf(k *enterprises.Claim, now time.Time) string {
	switch {
	case k.State == "open" && !now.Before(k.ExpiresAt):
		return "lapsed"
	case k.State == "open" && k.Spent():
		return "spent"
	}
	return k.State
}

func claimChip(k *enterprises.Claim, now time.Time) web.Chip {
	switch state := stateOf(k, now); {
	case state == "spent":
		return web.Chip{Words: web.Say("house.claim.useless")}
	case state == "open" && k.Way == enterprises.ByCode:
		return web.Chip{Tone: web.ToneDue, Words: web.Say("house.claim.code")}
	case state == "open":
		return web.Chip{Tone: web.ToneInfo, Icon: "hourglass", Words: web.Say("house.claim.staff")}
	case state == "refused":
		return web.Chip{Tone: web.ToneOver, Words: web.Say("house.claim.refused")}
	case state == "proven":
		return web.Chip{Tone: web.ToneDone, Words: web.Say("house.claim.proven")}
	}
	return web.Chip{Words: web.Say("house.claim.lapsed")}
}

func (p *claimPage) show(c *gin.Context) error { return p.page(c, "", nil) }

func (p *claimPage) page(c *gin.Context, typed string, failed error) error {
	k, err := p.Enterprises.Claim(c.Request.Context(), c.Param("id"))
	if err != nil {
		return err
	}
	v := &claimView{Page: p.Kit.Page(c, web.Say("house.claim.title")), Claim: k, State: stateOf(k, p.Now()), Chip: claimChip(k, p.Now()), Ask: "/enterprise/ask?code=" + k.Code}
	v.Back = &web.Link{Href: homePath, Words: web.Say("house.title")}
	if failed != nil && v.State == "spent" { // there is no field to mend any more
		failed = fault.New(fault.Conflict, "enterprises.claim.over")
	}
	if rest := v.Fail(failed); rest != nil {
		return rest
	}
	v.Until = p.Kit.Format(v.Lang).DayTime(k.ExpiresAt)
	v.Code = v.Bind(web.Field{Name: "code", Label: web.Say("house.claim.enter"), Hint: web.Say("house.claim.enter.hint"), Value: typed, Width: "10", Complete: "one-time-code"})
	return p.Kit.Show(c, "enterprise/claim", v)
}

func (p *claimPage) send(c *gin.Context) error {
	ctx, id := c.Request.Context(), c.Param("id")
	var in struct {
		Do   string `form:"do"`
		Code string `form:"code"`
	}
	if err := web.Decode(c, &in); err != nil {
		return p.page(c, in.Code, err)
	}
	if in.Do == "again" {
		if err := p.Enterprises.Again(ctx, id); err != nil {
			return p.page(c, "", err)
		}
		return p.done(c, web.Say("house.claim.again.done"), "/enterprise/claims/"+id)
	}
	if in.Code == "" {
		if _, err := p.Enterprises.Claim(ctx, id); err != nil {
			return err
		}
		return p.page(c, "", fault.InvalidInput(fault.Field{Name: "code", Key: "house.claim.enter.empty"})) // no try was made
	}
	enterprise, err := p.Enterprises.Prove(ctx, id, in.Code)
	if err != nil {
		return p.page(c, in.Code, err)
	}
	if err := p.Enterprises.Switch(ctx, enterprise); err != nil {
		return err
	}
	if err := p.Kit.Flash(c, web.Notice{Tone: web.ToneDone, Title: web.Say("house.proven"), Words: web.Say("house.proven.words")}); err != nil {
		return err
	}
	c.Redirect(http.StatusSeeOther, homePath)
	return nil
}

func me(ctx context.Context) string { return actor.From(ctx).AccountID }
