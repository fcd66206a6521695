package desk

import (
	"slices"

	"minqing/internal/cases"
	"minqing/internal/web"
)

// rectify asks what the acts on a bad review need.
func (b *asking) rectify(a cases.Action) {
	switch a {
	case cases.ActVerifyGrade:
		b.f.Quote = lastText(b.one, cases.ActEvaluate)
		b.choose("finding", choices("case.verify_grade.", cases.Findings)[1:])
		note := b.write("note", "verify_grade")
		note.Hint = web.Say("desk.field.verify_grade.hint")
	case cases.ActRectify:
		b.f.Quote = lastText(b.one, cases.ActEvaluate)
		b.write("text", "rectify").Rows = 6
	case cases.ActContestGrade:
		b.pick("reason", "", choices("case.contest_grade.", cases.ContestReasons))
		b.write("explanation", "contest_grade")
	case cases.ActDecideContest:
		b.f.Quote = lastText(b.one, cases.ActContestGrade)
		b.choose("exclude", []web.Option{{Value: "yes", Words: web.Say("desk.contest.yes")}, {Value: "no", Words: web.Say("desk.contest.no")}})
		b.write("note", "decide_contest")
	}
}

// lastText is what was written with the newest event of an act.
func lastText(one *cases.View, a cases.Action) string {
	for _, e := range slices.Backward(one.Events) {
		if e.Action == a {
			return e.Text
		}
	}
	return ""
}

// graded tells of a judgement: the grade, and whether it was solved.
func graded(f cases.Facts) []web.Chip {
	if f.Grade == 0 {
		return nil
	}
	tone := web.ToneDone
	if f.Grade <= cases.BadMost {
		tone = web.ToneOver
	}
	return []web.Chip{{Tone: tone, Words: web.Say("satisfaction.grade." + string(rune('0'+f.Grade)))},
		{Words: web.Say("desk.chip.solved", "Answer", argument(web.Say("satisfaction.resolved."+f.Resolved)))}}
}

// reviewed says how far the answer to a bad review is; nothing for the rest.
func reviewed(c *cases.Case) []web.Chip {
	switch {
	case c.Rectify == "":
		return nil
	case c.Rectify.Owed():
		return []web.Chip{{Tone: web.ToneOver, Icon: "alert-triangle", Words: web.Say("desk.rectify." + string(c.Rectify))}}
	}
	return []web.Chip{{Words: web.Say("desk.rectify." + string(c.Rectify))}}
}
