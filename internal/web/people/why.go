package people

import (
	"github.com/gin-gonic/gin"

	"minqing/internal/fault"
	"minqing/internal/i18n"
	"minqing/internal/outreach"
	"minqing/internal/web"
)

var errUnknownAct = fault.New(fault.Invalid, "fault.malformed")

type whyView struct {
	web.Page
	Segment *outreach.Segment
	Who     web.Words
	Since   web.Words
	Member  bool
	Root    *reason
	Fixed   *outreach.Fixed
	FixedAs web.Words
	Write   bool
	Reason  web.Field
}

// reason is a part of the definition with what it came to.
type reason struct {
	Says  web.Words
	Chip  web.Chip
	Facts []fact
	Rest  []web.Words // how many more there are than Facts
	Of    []*reason
}

type fact struct {
	Href  string
	Words web.Words
}

var verdicts = map[outreach.Held]web.Chip{outreach.Yes: {Tone: web.ToneDone, Words: web.Say("segment.held.yes")},
	outreach.No: {Words: web.Say("segment.held.no")}, outreach.Unknown: {Tone: web.ToneInfo, Words: web.Say("segment.held.unknown")},
	outreach.Hidden: {Icon: "lock", Words: web.Say("segment.held.hidden")}}

// why says of one person what each condition of a segment came to.
func (p *segmentPage) why(c *gin.Context) error { return p.whyPage(c, nil) }

func (p *segmentPage) whyPage(c *gin.Context, failed error) error {
	ctx := c.Request.Context()
	g, err := p.Segments.Get(ctx, c.Param("id"))
	if err != nil {
		return err
	}
	v := &whyView{Page: p.Kit.Page(c, web.Say("segment.why.title")), Segment: g, Write: p.Segments.MayWrite(ctx, g)}
	v.Back = &web.Link{Href: "/people/segments/" + g.ID, Words: web.Data(g.Name)}
	if rest := v.Fail(failed); rest != nil {
		return rest
	}
	w, err := p.Segments.Why(ctx, g.ID, c.Param("person"), v.Lang)
	if err != nil {
		return err
	}
	f := p.Kit.Format(v.Lang)
	v.Who, v.Member, v.Fixed = named(w.Person), w.Member, w.Fixed
	if w.Since != nil {
		v.Since = civil(*w.Since, f)
	}
	if w.Fixed != nil {
		v.FixedAs = web.Say("segment.fix." + string(w.Fixed.Way))
	}
	v.Root = reasoned(w.Root, f)
	v.Reason = v.Bind(web.Field{Name: "reason", Label: web.Say("segment.fix.why"), Value: c.PostForm("reason"), Rows: 2})
	return p.Kit.Show(c, "people/why", v)
}

// reasoned is a part of the definition in words: what it came to, what stands behind
// it, and how many more there are that are not listed.
func reasoned(r *outreach.Reason, f i18n.Format) *reason {
	out := &reason{Says: web.Plain(r.Says), Chip: verdicts[r.Held]}
	if r.Op != outreach.Cond {
		out.Says = web.Say("segment.why." + string(r.Op))
	}
	for _, x := range r.Facts {
		words := web.Say("segment.why.case", "CaseNo", x.CaseNo, "Day", civil(x.Day, f).Plain)
		if x.Grade > 0 {
			words = web.Say("segment.why.graded", "CaseNo", x.CaseNo, "Grade", x.Grade)
		}
		href := "/desk/cases/" + x.CaseNo
		if x.PermitNo != "" {
			href, words = "/desk/permits/"+x.PermitNo, web.Say("segment.why.permit_for_good", "Type", x.Permit, "PermitNo", x.PermitNo)
			if x.Until != nil {
				words = web.Say("segment.why.permit", "Type", x.Permit, "PermitNo", x.PermitNo, "Day", civil(*x.Until, f).Plain)
			}
		}
		out.Facts = append(out.Facts, fact{Href: href, Words: words})
	}
	if r.More > 0 {
		out.Rest = append(out.Rest, web.Say("segment.why.more."+r.Behind, "Count", r.More))
	}
	if r.Barred > 0 {
		out.Rest = append(out.Rest, web.Say("segment.why.barred."+r.Behind, "Count", r.Barred))
	}
	for _, part := range r.Of {
		out.Of = append(out.Of, reasoned(part, f))
	}
	return out
}

// fix keeps somebody in or out by hand, or leaves them to the definition again.
func (p *segmentPage) fix(c *gin.Context) error {
	ctx, id, person := c.Request.Context(), c.Param("id"), c.Param("person")
	var in struct {
		Do     string `form:"do"`
		Reason string `form:"reason"`
	}
	if err := web.Decode(c, &in); err != nil {
		return p.whyPage(c, err)
	}
	var err error
	switch in.Do {
	case "in", "out":
		err = p.Segments.Fix(ctx, id, person, outreach.Way(in.Do), in.Reason)
	case "unfix":
		err = p.Segments.Unfix(ctx, id, person)
	default:
		return errUnknownAct
	}
	if err != nil {
		return p.whyPage(c, err)
	}
	return p.done(c, "segment.done.fix", "/people/segments/"+id)
}
