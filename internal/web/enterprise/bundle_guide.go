package enterprise

import (
	"fmt"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"minqing/internal/access"
	"minqing/internal/fault"
	"minqing/internal/files"
	"minqing/internal/permits"
	"minqing/internal/permittypes"
	"minqing/internal/web"
)

// registerBundles mounts several permits in one go: the guide, which everybody may
// read, and the pages of what was begun.
func registerBundles(g gin.IRouter, d ApplyDeps) {
	if d.Permits.Events == nil {
		return
	}
	guide := &eventPage{d}
	d.Kit.GET(d.Kit.Engine(), "/permits/together/:event", web.Public, guide.show)
	d.Kit.POST(g, "/together/:event", access.OwnRead, guide.begin)
	p := &bundlePage{ApplyDeps: d, one: ownPages(d)}
	d.Kit.GET(g, "/bundles/:id", access.OwnRead, p.show)
	d.Kit.GET(g, "/bundles/:id/receipt.pdf", access.OwnRead, p.receipt, web.Throttle(60, time.Minute, web.ByActor))
	d.Kit.GET(g, "/bundles/:id/questions", access.OwnRead, p.questions)
	d.Kit.POST(g, "/bundles/:id/questions", access.OwnRead, d.orGone(p.answer, d.Permits.GoneBundle), web.Keeps(typedInApplication))
	d.Kit.GET(g, "/bundles/:id/materials", access.OwnRead, p.materials)
	d.Kit.POST(g, "/bundles/:id/materials", access.OwnRead, p.attach, web.Body(files.MaxFiles*files.MaxSize+2<<20), web.Timeout(5*time.Minute),
		web.Throttle(60, time.Minute, web.ByActor), web.Keeps(typedInApplication))
	d.Kit.GET(g, "/bundles/:id/check", access.OwnRead, p.check)
	d.Kit.POST(g, "/bundles/:id/check", access.OwnRead, p.send, web.Keeps(typedInApplication))
	d.Kit.POST(g, "/bundles/:id/drop", access.OwnRead, p.drop)
}

// eventPage asks the conditions of several permits once, and says which are needed.
type eventPage struct{ ApplyDeps }

// shownEvent is an event with where it is shown: to everybody, or as a draft to who
// writes it.
type shownEvent struct {
	*permittypes.Event
	Here  string
	Draft bool
}

func (e shownEvent) href(stamp, answers string) string {
	return fmt.Sprintf("%s?v=%s&a=%s", e.Here, stamp, answers)
}

type eventView struct {
	web.Page
	Event   shownEvent
	Stamp   string
	Answers string
	Trail   []eventStep
	Answer  *web.Field
	Needs   []needRow
	Reasons []permittypes.Reason // why the others are not needed
	Alone   string               // one alone is needed: where to apply for it
	Renewed bool                 // the answers were given to another version
	Wrong   *web.Notice
	Again   string
}

type eventStep struct {
	permittypes.EventAnswer
	Change string
}

type needRow struct {
	Type     *permittypes.Type
	Unit     web.Words
	Why      permittypes.Reason
	Promised web.Words
}

type eventForm struct {
	Stamp   string `form:"v"`
	Answers string `form:"a"`
	Next    string `form:"next"`
	Asked   string `form:"asked"`
}

// show asks one condition, or says what is needed. The address holds the answers and
// the versions that they were given to.
func (p *eventPage) show(c *gin.Context) error {
	var in eventForm
	if err := web.DecodeQuery(c, &in); err != nil {
		return err
	}
	return p.page(c, in, nil)
}

func (p *eventPage) page(c *gin.Context, in eventForm, problem error) error {
	e, err := p.Permits.Events.Event(c.Request.Context(), c.Param("event"))
	if err != nil {
		return err
	}
	v := &eventView{Page: p.Kit.Page(c, web.Data(e.Name)), Event: shownEvent{Event: e, Here: "/permits/together/" + e.Code}}
	v.Back = &web.Link{Href: "/permits", Words: web.Say("permittype.types.title")}
	return p.walk(c, v, in, problem)
}

// walk leads through the conditions of the event on the page.
func (p *eventPage) walk(c *gin.Context, v *eventView, in eventForm, problem error) error {
	e := v.Event
	path, types, stamp, err := p.Permits.Needed(c.Request.Context(), e.Event, in.Answers)
	if err != nil {
		return err
	}
	v.Stamp, v.Again = stamp, e.href(stamp, "")
	if v.Renewed = in.Answers != "" && in.Stamp != stamp; v.Renewed {
		in.Answers, in.Next = "", ""
		path = e.Walk(types, "")
	}
	if path.Next != nil && (in.Next == "y" || in.Next == "n") {
		c.Redirect(http.StatusSeeOther, e.href(stamp, path.Answers+in.Next))
		return nil
	}
	v.Answers = path.Answers
	for _, a := range path.Trail {
		v.Trail = append(v.Trail, eventStep{a, e.href(stamp, a.Before)})
	}
	if path.Next != nil {
		return p.ask(c, v, path.Next, in.Asked != "")
	}
	if fault.KindOf(problem) == fault.Conflict && problem != nil {
		if f, ok := fault.As(problem); ok {
			v.Wrong = &web.Notice{Tone: web.ToneDue, Words: web.Say(f.Key)}
		}
	} else if problem != nil {
		return problem
	}
	if err := p.needs(c, v, &path); err != nil {
		return err
	}
	return p.Kit.Show(c, "enterprise/event", v)
}

func (p *eventPage) ask(c *gin.Context, v *eventView, next *permittypes.Condition, asked bool) error {
	v.Title = web.Data(next.Text)
	if asked {
		if err := v.Fail(fault.InvalidInput(fault.Field{Name: "next", Key: "permittype.guide.choose"})); err != nil {
			return err
		}
	}
	f := v.Bind(web.Field{Name: "next", Label: web.Data(next.Text), Hint: web.Data(next.Hint), Big: true, Inline: true,
		Options: []web.Option{{Value: "y", Words: web.Say("permittype.say.yes")}, {Value: "n", Words: web.Say("permittype.say.no")}}})
	v.Answer = &f
	return p.Kit.Show(c, "enterprise/event", v)
}

// needs says of each permit why it is needed, who decides and how long it takes.
func (p *eventPage) needs(c *gin.Context, v *eventView, path *permittypes.EventPath) error {
	ctx := c.Request.Context()
	for _, code := range path.Needs {
		t, err := p.Types.Type(ctx, code)
		if err != nil {
			return err
		}
		row := needRow{Type: t, Promised: limitWords(t.Promised)}
		if row.Unit, err = p.unitOf(ctx, t); err != nil {
			return err
		}
		for _, r := range path.Reasons {
			if r.Type.Code == code {
				row.Why = r
			}
		}
		v.Needs = append(v.Needs, row)
	}
	for _, r := range path.Reasons {
		if !r.Needs {
			v.Reasons = append(v.Reasons, r)
		}
	}
	if len(v.Needs) == 1 {
		v.Alone = "/enterprise/apply/" + v.Needs[0].Type.Code
	}
	return nil
}

func bundlePath(id string) string { return "/enterprise/bundles/" + id }

// begin opens the one draft of everything that is needed.
func (p *eventPage) begin(c *gin.Context) error {
	var in eventForm
	if err := web.Decode(c, &in); err != nil {
		return err
	}
	var b *permits.Bundle
	b, err := p.Permits.BeginBundle(c.Request.Context(), c.Param("event"), in.Stamp, in.Answers)
	if err != nil {
		if fault.KindOf(err) == fault.Conflict {
			return p.page(c, eventForm{Stamp: in.Stamp, Answers: in.Answers}, err)
		}
		return err
	}
	c.Redirect(http.StatusSeeOther, bundlePath(b.ID)+"/"+stepQuestions)
	return nil
}
