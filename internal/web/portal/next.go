package portal

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"minqing/internal/actor"
	"minqing/internal/fault"
	"minqing/internal/i18n"
	"minqing/internal/nextstep"
	"minqing/internal/web"
)

const nextPath = web.StepsPath

type nextPage struct{ Deps }

type nextView struct {
	web.Page
	Groups []nextGroup
	Empty  bool
	Cut    bool // there may be more cases than were looked at
	AllOff bool
	Rules  []nextRule
}

type nextGroup struct {
	Title web.Words
	Steps []nowItem
}

// nextRule is a line of the rules, with its switch.
type nextRule struct {
	Code  string
	Says  web.Words
	Reads []web.Words
	Off   bool
	Since web.Words // when it was switched off
}

// show lists what is the person's to do, each with its reason, and every rule
// with its switch.
func (p *nextPage) show(c *gin.Context) error {
	ctx := c.Request.Context()
	if actor.From(ctx).ConstituentID == "" { // staff have none of their own
		c.Redirect(http.StatusSeeOther, "/")
		return nil
	}
	v := &nextView{Page: p.Kit.Page(c, web.Say("next.title"))}
	list, err := p.Next.Steps(ctx, v.Lang)
	if err != nil {
		return err
	}
	f := p.Kit.Format(v.Lang)
	v.AllOff, v.Empty = list.Off.Hides(nextstep.All), len(list.Steps) == 0
	v.Cut = list.Cut
	for _, kind := range nextstep.Kinds {
		g := nextGroup{Title: web.Say("next.kind." + string(kind))}
		for i := range list.Steps {
			if t := &list.Steps[i]; t.Rule.Kind == kind {
				g.Steps = append(g.Steps, itemOf(t, f, ""))
			}
		}
		if len(g.Steps) > 0 {
			v.Groups = append(v.Groups, g)
		}
	}
	rules, err := p.Next.Shown(ctx)
	if err != nil {
		return err
	}
	for _, r := range rules {
		v.Rules = append(v.Rules, ruleOf(r, list.Off, f))
	}
	return p.Kit.Show(c, "portal/next", v)
}

func ruleOf(r *nextstep.Rule, off nextstep.Offs, f i18n.Format) nextRule {
	out := nextRule{Code: r.Code, Says: web.Say("next." + r.Code + ".rule"), Off: off.Hides(r.Code)}
	for _, name := range r.Reads {
		out.Reads = append(out.Reads, web.Say("next.reads."+name))
	}
	if at, ok := off[r.Code]; ok {
		out.Since = web.Say("next.off.since", "Day", f.Date(at))
	}
	return out
}

// send switches a rule, or all, off or on.
func (p *nextPage) send(c *gin.Context) error {
	var in struct {
		Rule string `form:"rule"`
		Do   string `form:"do"`
		Back string `form:"back"`
	}
	if err := web.Decode(c, &in); err != nil {
		return err
	}
	if in.Do != "off" && in.Do != "on" {
		return fault.New(fault.Invalid, "fault.malformed")
	}
	if err := p.Next.Switch(c.Request.Context(), in.Rule, in.Do == "off"); err != nil {
		return err
	}
	n := web.Notice{Tone: web.ToneDone, Words: web.Say("next.done." + in.Do)}
	to := nextPath + "#rules"
	if in.Back == "/" || in.Back == "/enterprise" { // the homes, where steps have their switch too
		to, n.Link = in.Back, &web.Link{Href: nextPath + "#rules", Words: web.Say("next.rules")}
	}
	if err := p.Kit.Flash(c, n); err != nil {
		return err
	}
	c.Redirect(http.StatusSeeOther, to)
	return nil
}
