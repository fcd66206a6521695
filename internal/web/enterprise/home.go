package enterprise

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"minqing/internal/actor"
	"minqing/internal/enterprises"
	"minqing/internal/i18n"
	"minqing/internal/web"
)

// Section is a part of the home: what the enterprise that somebody acts for has of
// one kind. Nil shows nothing of it.
type Section interface {
	Section(ctx context.Context, m *enterprises.Membership, f i18n.Format) (*Part, error)
}

// Part is what a section shows.
type Part struct {
	ID    string
	Title web.Words
	Rows  []Row
	None  web.Words // said when there are no rows
	More  *web.Link
}

// Row is one thing in a part of the home.
type Row struct {
	Href  string // empty: it has no page
	Title web.Words
	Chip  web.Chip
	Facts []web.Words
	Why   *web.StepWhy // of a next step: why it is shown, and its switch
}

type homePage struct{ HouseDeps }

type homeView struct {
	web.Page
	Name    string
	Role    web.Words
	Areas   []web.Link
	Parts   []*Part
	Mine    []choice // for whom one may act
	Waiting []Row    // registrations that are not through
	Older   bool     // there are more of them
	Empty   *web.Empty
}

type choice struct {
	ID, Name string
	Role     web.Words
	Until    web.Words
}

// show is the home of the enterprise that one acts for, or the choice of one.
func (p *homePage) show(c *gin.Context) error {
	ctx := c.Request.Context()
	m, err := p.Enterprises.Acting(ctx)
	if err != nil {
		return err
	}
	v := &homeView{Page: p.Kit.Page(c, web.Say("house.title"))}
	f := p.Kit.Format(v.Lang)
	if m != nil {
		v.Title, v.Name, v.Role, v.Areas = web.Plain(m.Name), m.Name, roleOf(m), areas(m, c.FullPath())
		for _, s := range p.Sections {
			part, err := s.Section(ctx, m, f)
			if err != nil {
				return err
			}
			if part != nil {
				v.Parts = append(v.Parts, part)
			}
		}
	} else if err := p.choices(ctx, v); err != nil {
		return err
	}
	if v.Waiting, err = p.waiting(ctx, f); err != nil {
		return err
	}
	if v.Older = len(v.Waiting) > enterprises.ClaimsMost; v.Older {
		v.Waiting = v.Waiting[:enterprises.ClaimsMost]
	}
	if m == nil && len(v.Mine) == 0 && len(v.Waiting) == 0 {
		v.Empty = &web.Empty{Icon: "building", Title: web.Say("house.empty"), Words: web.Say("house.empty.words"),
			Do: &web.Button{Words: web.Say("house.register.title"), Href: "/enterprise/register"}}
	}
	return p.Kit.Show(c, "enterprise/home", v)
}

func (p *homePage) choices(ctx context.Context, v *homeView) error {
	list, err := p.Enterprises.Mine(ctx)
	for i := range list {
		m := &list[i]
		one := choice{ID: m.EnterpriseID, Name: m.Name, Role: roleOf(m)}
		if m.Until != nil {
			one.Until = web.Say("house.until", "Day", web.DayText(*m.Until))
		}
		v.Mine = append(v.Mine, one)
	}
	return err
}

// waiting are registrations that wait for a code or for staff, or that were refused.
func (p *homePage) waiting(ctx context.Context, f i18n.Format) (rows []Row, err error) {
	list, err := p.Enterprises.Claims(ctx)
	for i := range list {
		k := &list[i]
		row := Row{Href: "/enterprise/claims/" + k.ID, Title: web.Plain(k.Name), Chip: claimChip(k, p.Now())}
		row.Facts = append(row.Facts, web.Plain(k.Code), web.Say("house.claim.begun", "Day", f.Date(k.CreatedAt)))
		rows = append(rows, row)
	}
	return rows, err
}

// change acts for another enterprise, or in person again, from now on.
func (p *homePage) change(c *gin.Context) error {
	var in struct {
		Enterprise string `form:"enterprise"`
		To         string `form:"to"`
	}
	if err := web.Decode(c, &in); err != nil {
		return err
	}
	if err := p.Enterprises.Switch(c.Request.Context(), in.Enterprise); err != nil {
		return err
	}
	to := web.SafeNext(in.To)
	if to == "/" || strings.HasPrefix(to, homePath) { // pages about the one that somebody acted for are not about the next
		to = homePath
	}
	c.Redirect(http.StatusSeeOther, to)
	return nil
}

// Acting says above the pages on which it matters for whom somebody acts.
func (d HouseDeps) Acting(ctx context.Context, path string) *web.Acting {
	here := under(path, homePath)
	chosen := slices.ContainsFunc([]string{"/file", "/me/cases", "/me/messages", "/me/permits", "/me/fees", "/me/next", "/me/offers", "/offers", "/permits"}, func(p string) bool { return under(path, p) })
	if a := actor.From(ctx); a.Kind != actor.Citizen || a.ConstituentID == "" || !here && !chosen {
		return nil
	}
	list, err := d.Enterprises.Mine(ctx)
	if err != nil {
		d.Log.WarnContext(ctx, "for whom somebody may act is not known", "error", err)
		return nil
	}
	if len(list) == 0 && !here {
		return nil
	}
	m, err := d.Enterprises.Acting(ctx)
	if err != nil {
		d.Log.WarnContext(ctx, "for whom somebody acts is not known", "error", err)
		return nil
	}
	out := &web.Acting{Says: web.Say("house.acting.self"), To: path}
	if m != nil {
		out.ID, out.Name = m.EnterpriseID, m.Name
		out.Says = web.Say("house.acting.for", "Name", m.Name, "Role", i18n.Phrase{Key: roleOf(m).Key})
		out.Choices = append(out.Choices, web.ActingChoice{Words: web.Say("house.acting.me")})
	}
	for i := range list {
		if m == nil || list[i].EnterpriseID != m.EnterpriseID {
			out.Choices = append(out.Choices, web.ActingChoice{ID: list[i].EnterpriseID, Words: web.Plain(list[i].Name)})
		}
	}
	return out
}

func under(path, root string) bool { return path == root || strings.HasPrefix(path, root+"/") }
