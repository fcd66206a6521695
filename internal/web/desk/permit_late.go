package desk

import (
	"context"

	"github.com/gin-gonic/gin"

	"minqing/internal/access"
	"minqing/internal/calendar"
	"minqing/internal/cases"
	"minqing/internal/i18n"
	"minqing/internal/permits"
	"minqing/internal/web"
)

// lateChip says that a correction is overdue, and since when.
func lateChip(due calendar.Date) web.Chip {
	return web.Chip{Tone: web.ToneOver, Icon: "clock", Words: web.Say("permit.late.chip", "Day", dayText(due))}
}

// waitsForCorrection says for whom a case waits whose applicant is asked for something.
func waitsForCorrection(p *permits.Part) web.Words {
	switch {
	case p.Application.State != permits.Correcting:
		return web.Words{}
	case p.Overdue() == nil:
		return web.Say("permit.desk.waits")
	case p.Application.AcceptedAt == nil:
		return web.Say("permit.late.waits.decline")
	}
	return web.Say("permit.late.waits.refuse")
}

// declining is the form that refuses to accept: before the acceptance, and of what waits
// for a correction once that is overdue.
func (v *permitView) declining(c *gin.Context, p *permits.Part) {
	late := p.Overdue() != nil && p.Application.AcceptedAt == nil
	if p.View.May(access.PermitReview) != nil || p.Application.State != permits.Submitted && !late {
		return
	}
	options := []web.Option{{Value: cases.NoPermitNeeded, Words: web.Say("case.not_accept.no_permit_needed")}, {Value: "not_ours", Words: web.Say("permit.desk.decline.not_ours")}}
	if late {
		options = append(options, web.Option{Value: permits.NotCorrected, Words: web.Say("case.not_accept.not_corrected")})
	}
	v.Decline = &declineForm{
		Reason:      v.Bind(web.Field{Name: "reason", Label: web.Say("permit.desk.decline.reason"), Value: c.PostForm("reason"), Options: options}),
		Body:        v.Bind(web.Field{Name: "body", Label: web.Say("permit.desk.body"), Hint: web.Say("permit.desk.body.hint"), Value: c.PostForm("body"), Optional: true}),
		Explanation: v.Bind(web.Field{Name: "explanation", Label: web.Say("permit.desk.explanation"), Value: c.PostForm("explanation"), Rows: 4, Max: cases.TextMost}),
	}
}

// refusing is what can be decided of an accepted application whose correction is
// overdue: a refusal for that reason, which somebody chooses, and nothing else.
func (v *permitView) refusing(c *gin.Context, p *permits.Part) {
	if p.Overdue() == nil || p.Application.AcceptedAt == nil {
		return
	}
	switch {
	case (p.Case.Status == cases.NeedInfo || p.Case.Status == cases.Handling) && p.View.May(access.CaseReply) == nil:
		v.Draft = &draftForm{
			Grants: v.Bind(web.Field{Name: "grants", Label: web.Say("permit.desk.grants"), Value: c.PostForm("grants"),
				Options: []web.Option{{Value: permits.NotCorrected, Words: web.Say("permit.late.refuse")}}}),
			Reasons: v.Bind(web.Field{Name: "reasons", Label: web.Say("permit.desk.reasons"), Hint: web.Say("permit.late.reasons.hint"), Value: c.PostForm("reasons"), Rows: 4, Max: cases.TextMost / 2}),
		}
	case p.Case.Status == cases.Replied:
		v.Waits = web.Say("permit.desk.sign")
	case p.Case.Status == cases.Reviewed:
		v.Decides = p.Decision != nil && p.Decision.ApprovedAt != nil && p.View.May(access.CaseConclude) == nil
	}
}

// markLate marks the rows of applications whose correction is overdue.
func (p *inboxPage) markLate(ctx context.Context, rows []inboxRow, items []cases.Item) error {
	if p.Permits == nil {
		return nil
	}
	var ids []string
	for i := range items {
		if c := &items[i].Case; c.Kind == cases.PermitApplication && !c.Status.Ended() {
			ids = append(ids, c.ID)
		}
	}
	late, err := p.Permits.LateAmong(ctx, ids)
	for i := range items {
		if due, ok := late[items[i].ID]; ok {
			rows[i].Chips = append(rows[i].Chips, lateChip(due))
		}
	}
	return err
}

// latePage lists the applications whose correction is overdue.
type latePage struct {
	Deps
	permits *permits.Service
}

const latePath = "/desk/permits/corrections"

type lateView struct {
	web.Page
	List  *web.Table
	Empty web.Empty
	Pager web.Pager
}

func (p *latePage) show(c *gin.Context) error {
	v := &lateView{Page: p.Kit.Page(c, web.Say("permit.late.title"))}
	v.Wide, v.Back = true, &web.Link{Href: "/desk", Words: web.Say("desk.inbox.title")}
	list, next, err := p.permits.LateCorrections(c.Request.Context(), c.Query("cursor"))
	if err != nil {
		return err
	}
	if len(list) > 0 {
		v.List = lateTable(v.Lang, list)
	}
	v.Empty = web.Empty{Icon: "circle-check", Title: web.Say("permit.late.none"), Words: web.Say("permit.late.none.text")}
	v.Pager = web.Pager{Shown: len(list)}
	if c.Query("cursor") != "" {
		v.Pager.First = v.With("cursor", "")
	}
	if next != "" {
		v.Pager.Next = v.With("cursor", next)
	}
	return p.Kit.Show(c, "desk/corrections", v)
}

func lateTable(l i18n.Lang, list []permits.LateCorrection) *web.Table {
	f := i18n.Format{Lang: l}
	t := &web.Table{ID: "corrections", Caption: web.Say("permit.late.caption"), Columns: []web.Column{{Words: web.Say("permit.late.number")}, {Words: web.Say("held.type")},
		{Words: web.Say("permit.late.given")}, {Words: web.Say("permit.desk.correct_by")}, {Words: web.Say("permit.late.items")}, {Words: web.Say("permit.late.stands")}}}
	for i := range list {
		one := &list[i]
		stands := web.Say("permit.late.unaccepted")
		if one.AcceptedOn != nil {
			stands = web.Say("permit.late.accepted")
		}
		t.Rows = append(t.Rows, web.Row{Href: "/desk/cases/" + one.CaseNo + "/permit", Cells: []web.Cell{{Words: web.Plain(one.CaseNo)}, {Words: web.Data(one.TypeName)},
			{Words: web.Plain(f.Date(one.GivenOn.UTC()))}, {Words: web.Plain(f.Date(one.DueOn.UTC()))}, {Words: web.Say("permit.late.count", "Count", one.Items)}, {Words: stands}}})
	}
	return t
}
