package demo

import (
	"slices"
	"time"

	"minqing/internal/actor"
	"minqing/internal/cases"
)

// live leads the case through its life until it ends or the period does.
func (w *walk) live() error {
	c := &w.life.Case
	w.at = c.ReceivedAt
	w.handler, w.head = w.g.account("handler", w.unit), w.g.account("head", w.unit)
	by, account := w.person()
	if w.life.FiledBy != "" {
		by, account = actor.Staff, w.life.FiledBy
	}
	w.life.Events = append(w.life.Events, cases.LifeEvent{At: w.at, Action: cases.ActFile, To: cases.Submitted, Actor: by,
		AccountID: account, Public: true, Data: map[string]any{"route": w.route}})
	w.life.Units = []cases.LifeUnit{{Unit: w.desk, Role: "lead", Open: true, Status: cases.Submitted, Since: w.at}}
	w.foresee()
	err := w.intake()
	if err == nil {
		err = w.supervise()
	}
	if err == nil {
		err = w.callback()
	}
	w.archive()
	c.EventCount = int64(len(w.life.Events))
	c.Version, c.UpdatedAt = c.EventCount, w.life.Events[len(w.life.Events)-1].At
	return err
}

// foresee says when the person will be rung, and whether the case is left lying.
// Nobody can ring who is unknown.
func (w *walk) foresee() {
	c := &w.life.Case
	if w.g.until.Sub(c.ReceivedAt) < 50*day && w.happens(0.02+0.06*w.traits.bad) {
		w.forgotten = pick(w.g.r, []cases.Status{cases.Dispatched, cases.SignedIn, cases.Handling, cases.Handling, cases.Replied})
	}
	late := w.happens(w.traits.silent)
	if c.Confidentiality == cases.AnonymousFiler || late && w.g.chance(0.6) {
		return // the reply is the first that the person hears
	}
	limit := c.ResponseDueAt.Sub(c.ReceivedAt)
	share := 0.1 + 0.75*w.g.r.Float64()*w.g.r.Float64() + 0.1*w.g.r.Float64()
	if late {
		share = 1.1 + w.g.r.ExpFloat64()
	}
	planned := c.ReceivedAt.Add(time.Duration(share * float64(limit))).Truncate(time.Second)
	w.call = w.shift(planned, daytime)
	if !late && w.call.After(*c.ResponseDueAt) { // the night is in between: whoever is on duty rings before it, or at once
		w.call = planned
	}
}

// intake: declined, asked about, or accepted and dispatched.
func (w *walk) intake() error {
	c := &w.life.Case
	clerk := w.g.account("dispatcher", w.desk)
	slow := 1.0
	if w.busy {
		slow = 1.7
	}
	if w.wait(w.some(time.Duration(slow*float64(200*time.Minute)), 0.1), daytime) {
		return nil
	}
	switch x := w.g.r.Float64(); {
	case w.fate != nil && w.fate.stop == cases.NotAccepted, w.fate == nil && x < 0.035:
		return w.decline(clerk)
	case w.fate != nil && w.fate.stop == cases.NeedInfo, w.fate == nil && x < 0.075:
		if done, err := w.ask(clerk); done || err != nil {
			return err
		}
	}
	if w.wait(w.some(20*time.Minute, 0.01), daytime) {
		return nil
	}
	at := w.at
	c.AcceptedAt = &at
	w.act(cases.ActAccept, cases.Accepted, clerk, true)
	if w.happens(0.02) {
		return w.withdraw()
	}
	for again := range 2 {
		if w.wait(w.some(time.Duration(slow*float64(70*time.Minute)), 0.05), daytime) {
			return nil
		}
		w.dispatch(clerk)
		if again > 0 || !w.happens(0.045) { // a unit that was named after a dispute keeps the case
			break
		}
		if stop, err := w.sendBack(); stop || err != nil {
			return err
		}
	}
	return w.handle()
}

func (w *walk) decline(clerk string) error {
	text, err := w.sentence("not_accept")
	if err != nil {
		return err
	}
	w.contacted()
	w.life.Case.ConclusionNo++
	reason := pick(w.g.r, cases.NotAcceptReasons)
	if w.fate == nil && slices.Contains(cases.TransferBodies, reason) { // a body with a procedure of its own goes on with it
		e := w.act(cases.ActTransfer, cases.Transferred, clerk, true)
		e.Text, e.Data["reason"] = text, reason
		w.say("out", "reply", clerk, text, true)
		return nil
	}
	e := w.act(cases.ActNotAccept, cases.NotAccepted, clerk, true)
	e.Text, e.Data["reason"] = text, reason
	w.say("out", "reply", clerk, text, true)
	return nil
}

// ask requests information; who answers goes on, the others wait, and after two
// weeks their case is closed.
func (w *walk) ask(clerk string) (bool, error) {
	text, err := w.sentence("request")
	if err != nil {
		return true, err
	}
	c := &w.life.Case
	c.ResumeStatus = c.Status
	w.contacted()
	w.act(cases.ActRequestInfo, cases.NeedInfo, clerk, true).Text = text
	w.say("out", "request", clerk, text, true)
	if w.fate != nil || w.g.chance(0.25) {
		if w.wait(14*day, daytime) {
			return true, nil
		}
		c.ResumeStatus = ""
		return true, w.decline(clerk)
	}
	if w.wait(time.Duration(2+w.g.r.IntN(40))*time.Hour, anyHour) {
		return true, nil
	}
	if text, err = w.sentence("answer"); err != nil {
		return true, err
	}
	back := c.ResumeStatus
	c.ResumeStatus = ""
	w.act(cases.ActMessage, back, "", true)
	w.say("in", "answer", "", text, true)
	return false, nil
}

func (w *walk) withdraw() error {
	if w.wait(time.Duration(w.g.r.IntN(30))*time.Hour, anyHour) {
		return nil
	}
	text, err := w.sentence("withdraw")
	if err == nil {
		w.life.Case.ConclusionNo++
		w.act(cases.ActWithdraw, cases.Withdrawn, "", true).Text = text
	}
	return err
}

func (w *walk) dispatch(clerk string) {
	c, at := &w.life.Case, w.at
	c.UnitID, c.HandlerID, c.DispatchedAt, c.SignedInAt = w.unit.ID, nil, &at, nil
	w.move(w.unit)
	e := w.act(cases.ActDispatch, cases.Dispatched, clerk, true)
	e.Data["unit"] = w.unit.Code
	if c.Objection != "" { // agreed by sending it elsewhere
		e.Data["approved"], e.Data["reason"] = true, c.ObjectionReason
		c.Objection, c.ObjectionReason = "", ""
	}
}

// sendBack returns the case to the desk, whose lead it is again.
func (w *walk) sendBack() (bool, error) {
	if w.wait(w.some(5*time.Hour, 0.1), w.unitHours()) {
		return true, nil
	}
	c := &w.life.Case
	text, err := w.g.w.ReturnReason(w.g.r, w.lang, w.about)
	if err != nil {
		return true, err
	}
	c.ReturnedCount++
	c.HandlerID, c.SignedInAt = nil, nil
	w.move(w.desk)
	e := w.act(cases.ActReturn, cases.Accepted, w.head, false)
	c.Objection, c.ObjectionReason = cases.DeskDecides, pick(w.g.r, cases.ReturnReasons)
	e.Text, e.Data["reason"], e.Data["unit"], e.Data["count"] = text, c.ObjectionReason, w.unit.Code, c.ReturnedCount
	return false, nil
}

// handle: signed in, assigned, replied, reviewed where the matter wants it.
func (w *walk) handle() error {
	c := &w.life.Case
	pace := 0.6 + 0.8*w.traits.slow + w.traits.bad
	if w.wait(w.some(time.Duration(pace*float64(3*time.Hour)), 0.1), w.unitHours()) {
		return nil
	}
	at := w.at
	c.SignedInAt = &at
	w.act(cases.ActSignIn, cases.SignedIn, w.handler, false)
	if w.handler == "" || w.wait(w.some(time.Duration(pace*float64(2*time.Hour)), 0.08), w.unitHours()) {
		return nil
	}
	c.HandlerID = &w.handler
	w.act(cases.ActAssign, cases.Handling, w.head, false).Data["handler_id"] = w.handler
	if w.happens(0.01) {
		return w.withdraw()
	}
	if stop, err := w.stretch(); stop || err != nil {
		return err
	}
	return w.finish(w.end())
}

// end is when the case is to be concluded.
func (w *walk) end() time.Time {
	c := &w.life.Case
	if w.fate != nil && w.fate.days > 0 {
		return c.ReceivedAt.Add(time.Duration(w.fate.days * float64(day)))
	}
	share := (0.58 + 0.28*w.traits.slow) * (0.35 + 0.75*w.g.r.Float64() + 0.25*w.g.r.ExpFloat64())
	if w.busy {
		share *= 1.3
	}
	if share > 0.95 { // what is nearly due is done first
		share = 0.95 - 0.15*w.g.r.Float64()
	}
	if w.happens(w.traits.late) {
		share = 1.05 + 0.4*w.g.r.ExpFloat64()
	}
	if !w.resumed.IsZero() {
		return w.resumed.Add(time.Duration(share * float64(c.DueAt.Sub(w.resumed)))).Truncate(time.Second)
	}
	return c.ReceivedAt.Add(w.span(share)).Truncate(time.Second)
}

// towards waits until a time of the office, but not past the due time for it.
func (w *walk) towards(t time.Time) bool {
	due := *w.life.Case.DueAt
	if t.Before(due) && w.shift(t, w.unitHours()).After(due) {
		return w.until(t, anyHour)
	}
	return w.until(t, w.unitHours())
}

func (w *walk) finish(end time.Time) error {
	outcome, word := w.outcome()
	c, review := &w.life.Case, w.m.ReplyReview
	before := w.span(0.04 + 0.14*w.g.r.Float64())
	if w.towards(end.Add(-before)) {
		return nil
	}
	text, err := w.g.w.Reply(w.g.r, word, w.street, w.lang, w.about)
	if err != nil {
		return err
	}
	at := w.at
	c.RepliedAt = &at
	if !review {
		w.contacted()
	}
	w.act(cases.ActReply, cases.Replied, w.handler, !review).Data["review"] = review
	w.say("out", "reply", w.handler, text, !review)
	if review {
		if w.towards(end.Add(-before / 2)) {
			return nil
		}
		w.contacted()
		w.act(cases.ActReviewReply, cases.Reviewed, w.head, true).Data["approved"] = true
		w.life.Messages[len(w.life.Messages)-1].Published = true
	}
	if w.towards(end) {
		return nil
	}
	done, day := w.at, w.day(w.at)
	c.ConcludedAt, c.ConcludedOn, c.Outcome = &done, &day, outcome
	c.ConclusionNo++
	w.act(cases.ActConclude, cases.Concluded, w.handler, true).Data["outcome"] = outcome
	if c.ReworkCount == 0 && w.happens(0.012+0.03*w.traits.bad) && !w.wait(30*time.Hour, w.unitHours()) {
		return w.rework()
	}
	if err := w.judge(); err != nil {
		return err
	}
	return w.rectify()
}

func (w *walk) rework() error {
	text, err := w.sentence("rework")
	if err != nil {
		return err
	}
	c := &w.life.Case
	c.ReworkCount++
	c.ConcludedAt, c.ConcludedOn, c.Outcome, c.RepliedAt = nil, nil, "", nil
	w.act(cases.ActRework, cases.Handling, w.head, true).Text = text
	return w.finish(w.at.Add(w.span(0.1 + 0.3*w.g.r.Float64())))
}

// appeal lets somebody who is not content ask the unit above, which has not
// decided yet.
func (w *walk) appeal() error {
	c := &w.life.Case
	told := w.fate != nil && w.fate.appeals
	if !told && (w.grade == 0 || w.grade > 2 || c.Confidentiality.Sealed() || w.g.until.Sub(w.at) > 12*day || !w.happens(0.5)) {
		return nil
	}
	above := w.g.snap.Parent(w.unit)
	if above == nil || w.wait(time.Duration(20+w.g.r.IntN(60))*time.Hour, daytime) {
		return nil
	}
	text, err := w.sentence("appeal")
	if err != nil {
		return err
	}
	c.Appealed = true
	w.act(cases.ActAppeal, c.Status, "", true).Data["unit"] = above.Code
	w.say("in", "message", "", text, true)
	kept := w.life.Units[:0]
	for _, u := range w.life.Units {
		if u.Unit.ID != above.ID {
			kept = append(kept, u)
		}
	}
	w.life.Units = append(kept, cases.LifeUnit{Unit: above, Role: "supervising", Open: true, Status: c.Status, HandlerID: c.HandlerID, Since: w.at})
	return nil
}
