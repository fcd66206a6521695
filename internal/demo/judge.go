package demo

import (
	"time"

	"minqing/internal/cases"
	"minqing/internal/db"
	"minqing/internal/satisfaction"
)

// outcome is how the case ends, and what word for it the reply is written by.
func (w *walk) outcome() (cases.Outcome, string) {
	switch k := w.life.Case.Kind; {
	case k == cases.Enquiry || k == cases.Suggestion || k == cases.Compliment:
		return cases.Explained, "resolved"
	case w.fate != nil && w.fate.solved == "no":
		return cases.NotSupported, "unresolved"
	case w.fate != nil && w.fate.solved == "partly":
		return cases.PartlySolved, "partly"
	case w.fate != nil:
		return cases.Resolved, "resolved"
	}
	switch x := w.g.r.Float64() + 0.06*w.traits.rough + 0.25*w.traits.bad; {
	case x < 0.905:
		return cases.Resolved, "resolved"
	case x < 0.96:
		return cases.PartlySolved, "partly"
	case x < 1.03:
		return cases.NotSupported, "unresolved"
	}
	return cases.Referred, "unresolved"
}

// judge lets the person say how it went, more kindly where the unit is good,
// quick and successful. Most say nothing.
func (w *walk) judge() error {
	c, g := &w.life.Case, w.g
	at := c.ConcludedAt.Add(time.Duration(1+g.r.IntN(90)) * time.Hour)
	share := 0.40
	if c.Channel != cases.ChannelWeb || c.Confidentiality == cases.AnonymousFiler {
		share = 0.31
	}
	if w.fate != nil {
		share = float64(w.fate.grade)
	}
	if !g.chance(share) || at.After(g.until) {
		return nil
	}
	w.at = at
	grade, solved := w.verdict()
	reasons := `["fast","clear"]`
	switch {
	case grade <= 2 && c.ConcludedAt.After(*c.DueAt):
		reasons = `["slow"]`
	case grade <= 2:
		reasons = `["ineffective"]`
	case grade == 3:
		reasons = "[]"
	}
	e := satisfaction.Evaluation{Round: 1, ID: db.NewID(at), CaseID: c.ID, ConclusionNo: c.ConclusionNo, Grade: grade, Resolved: solved, Reasons: reasons,
		Channel: cases.ChannelWeb, FormVersion: satisfaction.FormVersion, EvaluatedAt: at, EvaluatedOn: w.day(at)}
	if !c.Confidentiality.Sealed() && (w.fate != nil || g.chance(0.3)) {
		var err error
		if e.Comment, err = g.w.Comment(g.r, grade, w.lang, w.about); err != nil {
			return err
		}
	}
	w.grade = grade
	w.judged(e)
	return nil
}

// judged tells of a judgement in the story.
func (w *walk) judged(e satisfaction.Evaluation) {
	c := &w.life.Case
	done := w.act(cases.ActEvaluate, c.Status, "", true)
	done.Text = e.Comment
	done.Data["grade"], done.Data["resolved"] = e.Grade, e.Resolved
	if e.Round > 1 {
		done.Data["round"] = e.Round
	} else {
		c.Grade = int64(e.Grade)
	}
	w.g.judged = append(w.g.judged, e)
}

// verdict is a grade and whether the person finds the matter solved.
func (w *walk) verdict() (grade int, solved string) {
	c, g := &w.life.Case, w.g
	if w.fate != nil {
		return w.fate.grade, w.fate.solved
	}
	score := 4.6 - 0.7*w.traits.rough - 1.5*w.traits.bad + g.r.NormFloat64()
	if c.ConcludedAt.After(*c.DueAt) {
		score--
	}
	solved = "yes"
	switch x := g.r.Float64(); c.Outcome {
	case cases.Resolved, cases.Explained:
		if x < 0.06 {
			solved = "partly"
		} else if x < 0.09 {
			solved, score = "no", score-1.2
		}
	case cases.PartlySolved:
		score -= 0.7
		if x < 0.7 {
			solved = "partly"
		}
	default:
		score -= 1.7
		if x < 0.8 {
			solved = "no"
		}
	}
	return max(1, min(5, int(score+0.5))), solved
}
