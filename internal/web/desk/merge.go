package desk

import (
	"strings"

	"github.com/gin-gonic/gin"

	"minqing/internal/cases"
	"minqing/internal/fault"
	"minqing/internal/i18n"
	"minqing/internal/web"
)

type mergePage struct{ *casePage }

type mergeView struct {
	web.Page
	CaseNo      string
	Version     int64
	LeadNo      string
	LeadVersion int64
	Sides       []side // the case, and the one that shall lead
	Will        []web.Words
	Note        web.Field
	Number      web.Field
	Candidates  []candidate
	Swap        *web.Link
	Possible    bool
}

// side is one of two cases beside each other.
type side struct {
	linked
	Heading web.Words
	Facts   []web.SummaryRow
	Text    string
}

// show looks for cases that this one may be merged with, and shows both side by
// side with what will happen.
func (p *mergePage) show(c *gin.Context) error {
	ctx := c.Request.Context()
	no, with := c.Param("case_no"), strings.TrimSpace(c.Query("with"))
	v := &mergeView{Page: p.Kit.Page(c, web.Say("desk.merge.title"))}
	v.Wide = true
	v.Number = web.Field{Name: "with", Label: web.Say("desk.merge.find"), Value: with, Width: "20", Complete: "off"}
	n, err := p.names(ctx)
	if err != nil {
		return err
	}
	t := &cases.Together{}
	if with == "" {
		t.Case, err = p.Cases.View(ctx, no)
	} else {
		t, err = p.Cases.Beside(ctx, no, with)
	}
	if t == nil || t.Case == nil {
		return err
	}
	if err != nil {
		e, _ := fault.As(err)
		for i := range e.Fields {
			e.Fields[i].Name = "with"
		}
		if rest := v.Fail(e); rest != nil {
			return rest
		}
		v.Number = v.Bind(v.Number)
	}
	if t.Why != nil {
		if rest := v.Fail(t.Why); rest != nil {
			return rest
		}
	}
	one := t.Case
	v.CaseNo, v.Version = one.CaseNo, one.Version
	v.Back = &web.Link{Href: "/desk/cases/" + one.CaseNo, Words: web.Plain(one.CaseNo)}
	v.Sides = []side{p.side(one, n, "desk.merge.this", v.Lang)}
	if v.Candidates, err = p.candidates(ctx, &one.Case); err != nil {
		return err
	}
	if t.Lead != nil {
		v.fill(p, t, n)
	}
	return p.Kit.Show(c, "desk/merge", v)
}

func (v *mergeView) fill(p *mergePage, t *cases.Together, n names) {
	v.LeadNo, v.LeadVersion, v.Possible = t.Lead.CaseNo, t.Lead.Version, t.Why == nil
	v.Sides = append(v.Sides, p.side(t.Lead, n, "desk.merge.lead", v.Lang))
	v.Swap = &web.Link{Href: "/desk/cases/" + t.Lead.CaseNo + "/merge?with=" + t.Case.CaseNo, Words: web.Say("desk.merge.swap")}
	v.Will = []web.Words{web.Say("desk.merge.will.queue", "CaseNo", t.Case.CaseNo, "Unit", argument(n.unit(holder(t.Case))))}
	if t.Due != nil {
		v.Will = append(v.Will, web.Say("desk.merge.will.due", "Due", i18n.Format{Lang: v.Lang, Zone: n.zone}.DateTime(*t.Due)))
	}
	v.Will = append(v.Will, web.Say("desk.merge.will.tell"))
	if t.Same {
		v.Will = append(v.Will, web.Say("desk.merge.will.same"))
	}
	v.Will = append(v.Will, web.Say("desk.merge.will.back"))
	v.Note = web.Field{Name: "merge.note", Label: web.Say("desk.field.note"), Hint: web.Say("desk.field.note.hint"), Optional: true, Rows: 2, Max: cases.TextMost}
}

func (p *mergePage) side(one *cases.View, n names, heading string, l i18n.Lang) side {
	s := side{linked: linkedTo(&one.Case), Heading: web.Say(heading), Text: one.ShownDescription()}
	add := func(key string, value web.Words) {
		if !value.IsZero() {
			s.Facts = append(s.Facts, web.SummaryRow{Key: web.Say(key), Value: value})
		}
	}
	f := i18n.Format{Lang: l, Zone: n.zone}
	add("desk.merge.status", web.Say("case.status."+string(one.Status)))
	add("desk.fact.matter", n.matter(one.MatterID))
	add("desk.fact.unit", n.unit(holder(one)))
	add("desk.merge.received", web.Plain(f.DateTime(one.ReceivedAt)))
	if one.DueAt != nil {
		add("desk.merge.due", web.Plain(f.DateTime(*one.DueAt)))
	}
	add("desk.fact.district", n.district(one.DistrictID))
	add("desk.fact.address", web.Plain(one.ShownAddress()))
	return s
}
