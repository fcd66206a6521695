package enterprise

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"minqing/internal/catalogue"
	"minqing/internal/fault"
	"minqing/internal/permits"
	"minqing/internal/web"
)

// goneView is for somebody who was writing when their right to it ended: what they had
// typed, to be copied, and who can go on. Nothing of it was kept.
type goneView struct {
	web.Page
	Type  web.Words
	Says  web.Words
	Ask   web.Words
	Typed []web.SummaryRow
}

// orGone answers with the page of goneView when whoever sends a form may write in it no
// more. find tells of what the form belongs to.
func (d ApplyDeps) orGone(h web.Handler, find func(ctx context.Context, id string) (*permits.Gone, error)) web.Handler {
	return func(c *gin.Context) error {
		problem := h(c)
		if k := fault.KindOf(problem); problem == nil || k != fault.NotFound && k != fault.Forbidden {
			return problem
		}
		g, err := find(c.Request.Context(), c.Param("id"))
		if err != nil {
			return problem
		}
		return d.gone(c, g)
	}
}

func (d ApplyDeps) gone(c *gin.Context, g *permits.Gone) error {
	var f answerForm
	if err := web.Decode(c, &f); err != nil {
		return err
	}
	v := &goneView{Page: d.Kit.Page(c, web.Say("permit.gone.title")), Type: web.Data(g.Name), Says: web.Say("permit.no_more"), Ask: web.Say("permit.gone.ask.person")}
	v.Absent()
	if g.Reads {
		v.Says = web.Say("permit.gone.reads")
		v.Denied()
	}
	names, err := d.Holders.Names(c.Request.Context(), g.HolderID)
	if err != nil {
		return err
	}
	if names[g.HolderID] != "" {
		v.Ask = web.Say("permit.gone.ask", "Name", names[g.HolderID])
	}
	v.Back = &web.Link{Href: "/enterprise/applications", Words: web.Say("permit.list.title")}
	for _, q := range g.Questions {
		if !slices.Contains(f.Asked, q.Name) {
			continue
		}
		sent := web.Sent(c, q)
		q.ShowIf = nil // it was shown
		answer := catalogue.Answers([]catalogue.Question{q}, func(string) []string { return sent })[q.Name]
		if said := strings.Join(sent, ", "); answer == nil && said != "" { // not an answer yet, typed all the same
			v.Typed = append(v.Typed, web.SummaryRow{Key: web.Data(q.Title), Value: web.Plain(said)})
		} else if answer != nil {
			v.Typed = append(v.Typed, web.SummaryRow{Key: web.Data(q.Title), Value: web.Data(permits.AnswerText(q, answer))})
		}
	}
	for _, name := range slices.Sorted(maps.Keys(c.Request.PostForm)) {
		if said := strings.TrimSpace(c.Request.PostForm.Get(name)); strings.HasPrefix(name, "why.") && said != "" {
			v.Typed = append(v.Typed, web.SummaryRow{Key: web.Say("permit.gone.why"), Value: web.Plain(said)})
		}
	}
	return d.Kit.Show(c, "enterprise/gone", v)
}
