package desk

import (
	"minqing/internal/calendar"
	"minqing/internal/cases"
	"minqing/internal/catalogue"
	"minqing/internal/clocks"
	"minqing/internal/i18n"
	"minqing/internal/web"
)

// jointDays asks how long another unit has for its part.
func (b *asking) jointDays() {
	days := b.line("days")
	days.Label, days.Hint = web.Say("desk.field.joint_days"), web.Say("desk.field.joint_days.hint", "Days", clocks.Standard(b.n.snap, catalogue.StdJoint, calendar.DateOf(b.p.Now(), b.n.zone)).Number())
	days.Mode, days.Width, days.Optional = "numeric", "5", true
}

// openPieces are the parts that have not ended.
func (b *asking) openPieces() []web.Option {
	options := []web.Option{{Words: web.Say("desk.choose")}}
	for i := range b.pieces {
		if p := &b.pieces[i]; !p.Status.Ended() {
			options = append(options, web.Option{Value: p.CaseNo, Words: web.Plain(p.CaseNo + " " + p.ShownTitle())})
		}
	}
	return options
}

// pieceTable lists the parts of a case, with what each has answered; nil where
// there are none.
func pieceTable(list []cases.Piece, n names, l i18n.Lang) *web.Table {
	if len(list) == 0 {
		return nil
	}
	t := &web.Table{ID: "parts", Caption: web.Say("desk.part.title"), Columns: []web.Column{{Words: web.Say("desk.part.case")}, {Words: web.Say("desk.joint.task")},
		{Words: web.Say("desk.joint.unit")}, {Words: web.Say("desk.joint.due")}, {Words: web.Say("desk.joint.state")}, {Words: web.Say("desk.joint.answer")}}}
	f := i18n.Format{Lang: l, Zone: n.zone}
	for i := range list {
		p := &list[i]
		due := ""
		if p.DueAt != nil {
			due = f.DateTime(*p.DueAt)
		}
		state := web.Chip{Words: web.Say("case.status." + string(p.Status)), Tone: web.ToneDue}
		if p.Status.Ended() {
			state.Tone = web.ToneDone
		}
		t.Rows = append(t.Rows, web.Row{Href: "/desk/cases/" + p.CaseNo, Cells: []web.Cell{{Words: web.Plain(p.CaseNo)}, {Words: web.Plain(p.ShownTitle())},
			{Words: n.unit(p.UnitID)}, {Words: web.Plain(due)}, {Chip: &state}, {Words: web.Plain(p.Answer)}}})
	}
	return t
}
