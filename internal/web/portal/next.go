package portal

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"minqing/internal/actor"
	"minqing/internal/calendar"
	"minqing/internal/fault"
	"minqing/internal/i18n"
	"minqing/internal/nextstep"
	"minqing/internal/web"
)

const nextPath = "/me/next"

type nextPage struct{ Deps }

type nextView struct {
	web.Page
	Groups []nextGroup
	Empty  bool
	AllOff bool
	Rules  []nextRule
}

type nextGroup struct {
	Title web.Words
	Steps []nextStep
}

// nextStep is a step with the reason why it is shown.
type nextStep struct {
	nowItem
	Rule  string
	Why   web.Words
	Facts []web.Words
	Until web.Words
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
	for _, kind := range nextstep.Kinds {
		g := nextGroup{Title: web.Say("next.kind." + string(kind))}
		for i := range list.Steps {
			if t := &list.Steps[i]; t.Rule.Kind == kind {
				g.Steps = append(g.Steps, reasonOf(t, f))
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

func reasonOf(t *nextstep.Step, f i18n.Format) nextStep {
	out := nextStep{nowItem: itemOf(t), Rule: t.Rule.Code, Why: web.Say("next." + t.Rule.Code + ".why"), Until: web.Say("next." + t.Rule.Code + ".until")}
	for _, fact := range t.Facts {
		w := web.Say("next.fact."+fact.Name, "Value", fact.Value)
		if fact.Day != nil {
			w = web.Say("next.fact."+fact.Name, "Day", dayOf(f, *fact.Day))
		}
		out.Facts = append(out.Facts, w)
	}
	if t.Until != nil {
		out.Until = web.Say("next.until", "Day", dayOf(f, *t.Until))
	}
	return out
}

// dayOf writes a calendar date, which has no zone.
func dayOf(f i18n.Format, d calendar.Date) string {
	return i18n.Format{Lang: f.Lang, ROC: f.ROC}.Date(d.UTC())
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
	if err := p.Kit.Flash(c, web.Notice{Tone: web.ToneDone, Words: web.Say("next.done." + in.Do)}); err != nil {
		return err
	}
	c.Redirect(http.StatusSeeOther, nextPath+"#rules")
	return nil
}
