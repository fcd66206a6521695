package desk

import (
	"time"

	"minqing/internal/cases"
	"minqing/internal/clocks"
	"minqing/internal/i18n"
	"minqing/internal/web"
)

// jointTable says which units take part, since when, by when, and what they have
// answered; nil where none does.
func jointTable(parts []cases.Part, n names, l i18n.Lang, now time.Time) *web.Table {
	if len(parts) == 0 {
		return nil
	}
	t := &web.Table{ID: "joint", Caption: web.Say("desk.joint.title"), Columns: []web.Column{{Words: web.Say("desk.joint.unit")}, {Words: web.Say("desk.joint.task")},
		{Words: web.Say("desk.joint.since")}, {Words: web.Say("desk.joint.due")}, {Words: web.Say("desk.joint.state")}, {Words: web.Say("desk.joint.answer")}}}
	f := i18n.Format{Lang: l, Zone: n.zone}
	for i := range parts {
		p := &parts[i]
		due := ""
		if p.DueAt != nil {
			due = f.DateTime(*p.DueAt)
		}
		state := web.Chip{Words: web.Say("desk.joint.state." + p.State)}
		switch {
		case p.State == cases.JointAnswered && p.ClockState != clocks.Late:
			state.Tone = web.ToneDone
		case p.ClockState == clocks.Late, p.Open() && p.DueAt != nil && now.After(*p.DueAt):
			state.Tone, state.Words = web.ToneOver, web.Say("desk.joint.late")
		case p.Open():
			state.Tone = web.ToneDue
		}
		t.Rows = append(t.Rows, web.Row{Cells: []web.Cell{{Words: web.Data(p.Unit.Name)}, {Words: web.Plain(p.Task)}, {Words: web.Plain(f.DateTime(p.AskedAt))},
			{Words: web.Plain(due)}, {Chip: &state}, {Words: web.Plain(p.Answer)}}})
	}
	return t
}

// jointUnit asks which of the joint units, where there are several: the reader's
// own, or any that is awaited.
func (b *asking) jointUnit(own bool) {
	var options []web.Option
	for _, p := range b.parts {
		if p.Open() && (p.Mine || !own) {
			options = append(options, web.Option{Value: p.Unit.Code, Words: web.Data(p.Unit.Name)})
		}
	}
	initial := ""
	if len(options) == 1 {
		initial = options[0].Value
	} else {
		options = append([]web.Option{{Words: web.Say("desk.choose")}}, options...)
	}
	b.pick("unit_code", initial, options).Label = web.Say("desk.field.joint_unit")
}
