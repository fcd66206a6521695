package demo

import (
	"time"

	"minqing/internal/cases"
	"minqing/internal/catalogue"
	"minqing/internal/clocks"
	"minqing/internal/db"
	"minqing/internal/satisfaction"
)

// rectify answers a bad review: the handler rings the person, mends what can be
// mended and says so, and some judge again. Others ask the unit above meanwhile.
func (w *walk) rectify() error {
	c := &w.life.Case
	if c.Grade == 0 || c.Grade > cases.BadMost {
		return w.appeal()
	}
	if err := w.owe(cases.ToContact, catalogue.StdCallback); err != nil {
		return err
	}
	if w.wait(time.Duration(1+w.g.r.IntN(14))*time.Hour, atOffice) {
		return nil
	}
	note, err := w.sentence("verify")
	if err != nil {
		return err
	}
	e := w.act(cases.ActVerifyGrade, c.Status, w.handler, false)
	e.Text, e.Data["reason"] = note, "clear"
	if err := w.owe(cases.ToMend, catalogue.StdRectification); err != nil {
		return err
	}
	if err := w.appeal(); err != nil || c.Appealed {
		return err
	}
	if w.wait(time.Duration(20+w.g.r.IntN(110))*time.Hour, atOffice) {
		return nil
	}
	text, err := w.sentence("mended")
	if err != nil {
		return err
	}
	c.Rectify, c.RectifyDueAt = cases.Mended, nil
	w.g.judged[len(w.g.judged)-1].MendedAt = new(w.at)
	w.act(cases.ActRectify, c.Status, w.handler, true)
	w.say("out", "reply", w.handler, text, true)
	if !w.g.chance(0.55) || w.wait(time.Duration(3+w.g.r.IntN(80))*time.Hour, daytime) {
		return nil
	}
	grade, solved := 3+w.g.r.IntN(3), "yes"
	if w.g.chance(0.25) {
		grade, solved = 2, "partly"
	}
	c.Rectify = cases.Settled
	w.judged(satisfaction.Evaluation{ID: db.NewID(w.at), CaseID: c.ID, ConclusionNo: c.ConclusionNo, Grade: grade, Resolved: solved, Reasons: "[]",
		Channel: cases.ChannelWeb, FormVersion: satisfaction.FormVersion, EvaluatedAt: w.at, EvaluatedOn: w.day(w.at), Round: cases.Rounds})
	return nil
}

// owe says what the unit has to do next, and keeps the case in its queue.
func (w *walk) owe(next cases.Rectifying, standard string) error {
	cal, err := w.g.l.Cases.Clocks.Of(w.g.snap, w.unit)
	if err != nil {
		return err
	}
	due := cal.DueFast(w.at, clocks.Standard(w.g.snap, standard, cal.ReceivedOn(w.at)), nil).Due
	c := &w.life.Case
	w.g.judged[len(w.g.judged)-1].MendDueAt = &due // of this case: nothing else was judged since
	c.Rectify, c.RectifyDueAt, w.lead().Open = next, &due, true
	w.life.Events[len(w.life.Events)-1].Data["new_due"] = due.UTC().Format(time.RFC3339)
	return nil
}
