package enterprise

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"minqing/internal/access"
	"minqing/internal/enterprises"
	"minqing/internal/fault"
	"minqing/internal/files"
	"minqing/internal/i18n"
	"minqing/internal/permittypes"
	"minqing/internal/web"
)

// HouseDeps are what the pages need on which an enterprise keeps house: who may act
// for it, and what it has with the government.
type HouseDeps struct {
	Kit         *web.Kit
	Words       *i18n.Bundle
	Enterprises *enterprises.Service
	Files       *files.Service
	People      People
	Types       PermitTypes
	Sections    []Section // of the home, in their order
	Mails       bool      // mail leaves the house
	BaseURL     string
	Zone        *time.Location
	Now         func() time.Time
	Log         *slog.Logger
}

// People names accounts.
type People interface {
	Names(ctx context.Context, accountIDs ...string) (map[string]string, error)
}

// PermitTypes are those in force, for the scope of an authority.
type PermitTypes interface {
	Types(ctx context.Context) ([]permittypes.Type, error)
}

const homePath = "/enterprise"

// RegisterHouse mounts the home of enterprises, and who may act for them.
func RegisterHouse(d HouseDeps) {
	g := d.Kit.Group(homePath)
	keeps := web.Keeps(typedInHouse)
	seldom := web.Throttle(20, time.Minute, web.ByActor)
	papers := []web.RouteOption{web.Body(files.MaxSize + 2<<20), web.Timeout(5 * time.Minute), seldom, keeps}
	home := &homePage{d}
	d.Kit.GET(g, "", access.OwnRead, home.show)
	d.Kit.POST(g, "/acting", access.OwnRead, home.change)
	start := &startPage{d}
	d.Kit.GET(g, "/register", access.OwnRead, start.show)
	d.Kit.POST(g, "/register", access.OwnRead, start.send, seldom)
	claim := &claimPage{d}
	d.Kit.GET(g, "/claims/:id", access.OwnRead, claim.show)
	d.Kit.POST(g, "/claims/:id", access.OwnRead, claim.send, seldom)
	ask := &askPage{d}
	d.Kit.GET(g, "/ask", access.OwnRead, ask.show)
	d.Kit.POST(g, "/ask", access.OwnRead, ask.send, papers...)
	members := &membersPage{d}
	d.Kit.GET(g, "/members", access.OwnRead, members.show)
	d.Kit.POST(g, "/members", access.OwnRead, members.send, seldom, keeps)
	member := &memberPage{d}
	d.Kit.GET(g, "/members/:id", access.OwnRead, member.show)
	d.Kit.POST(g, "/members/:id", access.OwnRead, member.send)
	invited := &invitedPage{d}
	d.Kit.GET(g, "/invitation/:token", access.OwnRead, invited.show)
	d.Kit.POST(g, "/invitation/:token", access.OwnRead, invited.send)
	d.Kit.GET(g, "/invitation/:token/letter", access.OwnRead, invited.letter, web.Timeout(5*time.Minute))
	agents := &agentsPage{d}
	d.Kit.GET(g, "/agents", access.OwnRead, agents.show)
	d.Kit.POST(g, "/agents", access.OwnRead, agents.send)
	d.Kit.GET(g, "/agents/:id/letter", access.OwnRead, agents.letter, web.Timeout(5*time.Minute))
	appoint := &appointPage{d}
	d.Kit.GET(g, "/agents/new", access.OwnRead, appoint.show)
	d.Kit.POST(g, "/agents/new", access.OwnRead, appoint.send, papers...)
	handover := &handoverPage{d}
	d.Kit.GET(g, "/handover", access.OwnRead, handover.show)
	d.Kit.POST(g, "/handover", access.OwnRead, handover.send)
}

// typedInHouse labels what people type, for the page that gives it back.
func typedInHouse(name string) web.Words {
	switch name {
	case "mail":
		return web.Say("house.mail")
	case "words":
		return web.Say("house.ask.words")
	case "name":
		return web.Say("house.ask.name")
	}
	return web.Words{}
}

// house is what the pages about one enterprise show of it.
type house struct {
	web.Page
	ID      string
	Name    string
	Areas   []web.Link
	Manages bool
	Owns    bool
}

// about is the enterprise of a page: the one that a form names, else the one that
// the session acts for. Nil sends who acts for none to the home, and is answered.
func (d HouseDeps) about(c *gin.Context, enterpriseID string) (m *enterprises.Membership, err error) {
	ctx := c.Request.Context()
	if c.Request.Method == http.MethodPost {
		return d.Enterprises.For(ctx, enterpriseID)
	}
	if m, err = d.Enterprises.Acting(ctx); m == nil && err == nil {
		c.Redirect(http.StatusSeeOther, homePath)
	}
	return m, err
}

func (d HouseDeps) house(c *gin.Context, m *enterprises.Membership, title web.Words) house {
	h := house{Page: d.Kit.Page(c, title), ID: m.EnterpriseID, Name: m.Name, Areas: areas(m, c.FullPath())}
	h.Manages, h.Owns = manages(m), !m.Agent && m.Role.May(enterprises.Own)
	h.Back = &web.Link{Href: homePath, Words: web.Plain(m.Name)}
	return h
}

func manages(m *enterprises.Membership) bool { return !m.Agent && m.Role.May(enterprises.Manage) }

// areas leads between the pages about one enterprise; agents see no house.
func areas(m *enterprises.Membership, current string) []web.Link {
	list := []web.Link{{Href: homePath, Words: web.Say("house.home")}, {Href: "/enterprise/applications", Words: web.Say("permit.list.title")}}
	if !m.Agent {
		list = append(list, web.Link{Href: "/enterprise/members", Words: web.Say("house.members.title")},
			web.Link{Href: "/enterprise/agents", Words: web.Say("house.agents.title")}, web.Link{Href: "/enterprise/handover", Words: web.Say("house.handover.title")})
	}
	for i := range list {
		list[i].Current = list[i].Href == current
	}
	return list
}

// role says what somebody is to an enterprise.
func roleOf(m *enterprises.Membership) web.Words {
	if m.Agent {
		return web.Say("house.role.agent")
	}
	return web.Say("house.role." + string(m.Role))
}

func (d HouseDeps) done(c *gin.Context, words web.Words, to string) error {
	if err := d.Kit.Flash(c, web.Notice{Tone: web.ToneDone, Words: words}); err != nil {
		return err
	}
	c.Redirect(http.StatusSeeOther, to)
	return nil
}

// wrong prepares a page to be shown again. A register or a mail that does not
// answer is no reason to lose what was typed.
func wrong(p *web.Page, err error) error {
	if e, ok := fault.As(err); ok && e.Kind == fault.Unavailable {
		err = &fault.Error{Kind: fault.Conflict, Key: e.Key, Args: e.Args}
	}
	return p.Fail(err)
}

// joined writes words one after the other, in the language of a page.
func joined(b *i18n.Bundle, l i18n.Lang, list []web.Words) string {
	gap, out := "、", ""
	if l == i18n.En {
		gap = ", "
	}
	for i, w := range list {
		if i > 0 {
			out += gap
		}
		out += w.In(b, l)
	}
	return out
}
