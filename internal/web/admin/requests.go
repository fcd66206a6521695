package admin

import (
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"minqing/internal/access"
	"minqing/internal/fault"
	"minqing/internal/web"
)

// requestsPage shows what waits for a second person.
type requestsPage struct{ AccessDeps }

type requestsView struct {
	web.Page
	Areas []web.Link
	Rows  []requestRow
	Empty web.Empty
}

// requestRow is a change of somebody's grants, before and after.
type requestRow struct {
	Action      string
	Who, By     string
	Deputy      string // the absent colleague whose duties these are
	Role, Unit  web.Words
	Gives       bool
	From, Until *time.Time
	AskedAt     time.Time
	Reason      string
	Mine        bool // who asked, or would receive it, does not decide
	Buttons     []web.Button
}

func (p *requestsPage) show(c *gin.Context) error { return p.page(c, nil) }

func (p *requestsPage) page(c *gin.Context, failed error) error {
	ctx := c.Request.Context()
	v := &requestsView{Page: p.Kit.Page(c, web.Say("access.requests.title")), Areas: accessAreas("/admin/access/requests")}
	v.Wide = true
	if rest := v.Fail(failed); rest != nil {
		return rest
	}
	snap, err := p.Catalogue.Snapshot(ctx)
	if err != nil {
		return err
	}
	list, err := p.Access.Waiting(ctx)
	if err != nil {
		return err
	}
	var ids []string
	for _, r := range list {
		ids = append(ids, r.AccountID, deref(r.AskedByID), deref(r.DeputyFor))
	}
	names, err := p.People.Names(ctx, ids...)
	if err != nil {
		return err
	}
	for _, r := range list {
		row := requestRow{Action: "/admin/access/requests/" + r.ID, Who: names[r.AccountID], Deputy: names[deref(r.DeputyFor)], By: names[deref(r.AskedByID)], Role: roleWords(r.Role),
			Unit: unitNamed(snap, r.UnitPath), Gives: r.Kind == access.ToGive, From: r.ValidFrom, Until: r.ValidUntil, AskedAt: r.AskedAt, Reason: r.Reason,
			Mine: v.Actor.Is(&r.AccountID, r.AskedByID, r.AskedAsID)}
		if !row.Mine {
			row.Buttons = []web.Button{{Words: web.Say("access.requests.approve"), Kind: "small", Name: "do", Value: "approve"},
				{Words: web.Say("access.requests.decline"), Kind: "small", Name: "do", Value: "decline"}}
		}
		v.Rows = append(v.Rows, row)
	}
	v.Empty = web.Empty{Icon: "circle-check", Title: web.Say("access.requests.empty.title"), Words: web.Say("access.requests.empty.text")}
	return p.Kit.Show(c, "admin/requests", v)
}

// decide approves or declines.
func (p *requestsPage) decide(c *gin.Context) error {
	told := map[string]string{"approve": "access.requests.approved", "decline": "access.requests.declined"}[c.PostForm("do")]
	if told == "" {
		return fault.New(fault.Invalid, "fault.malformed")
	}
	err := p.Access.Decide(c.Request.Context(), c.Param("id"), c.PostForm("do") == "approve")
	if err != nil && fault.KindOf(err) == fault.Conflict {
		return p.page(c, err)
	}
	if err != nil {
		return err
	}
	if err := p.Kit.Flash(c, web.Notice{Tone: web.ToneDone, Words: web.Say(told)}); err != nil {
		return err
	}
	c.Redirect(http.StatusSeeOther, "/admin/access/requests")
	return nil
}
