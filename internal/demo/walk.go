package demo

import (
	"time"

	"minqing/internal/actor"
	"minqing/internal/cases"
	"minqing/internal/catalogue"
)

// live leads the case through its life until it ends or the period does.
func (w *walk) live() error {
	c := &w.life.Case
	w.at = c.ReceivedAt
	by := actor.Anonymous
	if w.life.FiledBy != "" {
		by = actor.Staff
	}
	w.life.Events = append(w.life.Events, cases.LifeEvent{At: w.at, Action: cases.ActFile, To: cases.Submitted, Actor: by,
		AccountID: w.life.FiledBy, Public: true, Data: map[string]any{"route": w.route}})
	w.life.Units = []cases.LifeUnit{{Unit: w.desk, Role: "lead", Open: true, Status: cases.Submitted, Since: w.at}}
	err := w.intake()
	c.EventCount = int64(len(w.life.Events))
	c.Version, c.UpdatedAt = c.EventCount, w.life.Events[len(w.life.Events)-1].At
	return err
}

// wait lets time pass, to office hours where the case is no emergency. It says
// whether the period is over, or the case lies forgotten.
func (w *walk) wait(d time.Duration) bool {
	next := w.at.Add(d + time.Duration(w.g.r.IntN(1200))*time.Second)
	if !w.life.Case.Urgent {
		local := next.In(w.cal.Zone())
		if local.Hour() >= 18 || local.Hour() < 8 || !w.cal.WorkingDay(w.day(next)) {
			day := w.day(next)
			if local.Hour() >= 8 {
				day++
			}
			for !w.cal.WorkingDay(day) {
				day++
			}
			next = day.Start(w.cal.Zone()).Add(8*time.Hour + time.Duration(20+w.g.r.IntN(160))*time.Minute).UTC()
		}
	}
	if next.After(w.g.until) || w.g.chance(0.003) {
		return true
	}
	w.at = next
	return false
}

// act records an event at the present time and gives it for more to be said.
func (w *walk) act(a cases.Action, to cases.Status, account string, public bool) *cases.LifeEvent {
	c := &w.life.Case
	e := cases.LifeEvent{At: w.at, Action: a, From: c.Status, To: to, Actor: actor.Staff, AccountID: account, UnitID: c.UnitID,
		Public: public, Data: map[string]any{}}
	if account == "" {
		e.Actor = actor.Anonymous
	}
	c.Status = to
	lead := w.lead()
	lead.Status, lead.Open, lead.HandlerID = to, !to.Ended(), c.HandlerID
	w.life.Events = append(w.life.Events, e)
	return &w.life.Events[len(w.life.Events)-1]
}

func (w *walk) lead() *cases.LifeUnit {
	for i := range w.life.Units {
		if w.life.Units[i].Role == "lead" {
			return &w.life.Units[i]
		}
	}
	return nil
}

// move gives the case to another unit; the former one keeps it among its past.
func (w *walk) move(to *catalogue.Unit) {
	kept := w.life.Units[:0]
	for _, u := range w.life.Units {
		if u.Unit.ID == to.ID {
			continue
		}
		if u.Role == "lead" {
			u.Role, u.Open = "past", false
		}
		kept = append(kept, u)
	}
	w.life.Units = append(kept, cases.LifeUnit{Unit: to, Role: "lead", Open: true, Since: w.at})
}

func (w *walk) say(direction, kind, account, text string, published bool) {
	w.life.Messages = append(w.life.Messages, cases.LifeMessage{Event: len(w.life.Events) - 1, Direction: direction, Kind: kind,
		Published: published, AccountID: account, UnitID: w.life.Case.UnitID, Text: text})
}

func (w *walk) contacted() {
	if c := &w.life.Case; c.ContactedAt == nil {
		at, day := w.at, w.day(w.at)
		c.ContactedAt, c.ContactedOn = &at, &day
	}
}

func (w *walk) sentence(name string) (string, error) {
	return w.g.w.sentence(w.g.r, name, w.street, w.lang, w.about)
}

// span is a share of the time that the case may take.
func (w *walk) span(share float64) time.Duration {
	return time.Duration(share * float64(w.life.Case.DueAt.Sub(w.life.Case.ReceivedAt)))
}

// intake: declined, asked about, or accepted and dispatched.
func (w *walk) intake() error {
	c := &w.life.Case
	clerk := w.g.account("dispatcher", w.desk)
	if w.wait(w.span(0.02 + 0.04*w.g.r.Float64())) {
		return nil
	}
	switch x := w.g.r.Float64(); {
	case x < 0.035:
		return w.decline(clerk)
	case x < 0.075:
		if done, err := w.ask(clerk); done || err != nil {
			return err
		}
	}
	if w.wait(w.span(0.01)) {
		return nil
	}
	at := w.at
	c.AcceptedAt = &at
	w.act(cases.ActAccept, cases.Accepted, clerk, true)
	if w.g.chance(0.025) {
		return w.withdraw()
	}
	for range 2 {
		if w.wait(w.span(0.02)) {
			return nil
		}
		w.dispatch(clerk)
		if !w.g.chance(0.05) {
			break
		}
		if stop, err := w.sendBack(clerk); stop || err != nil {
			return err
		}
	}
	if c.Status != cases.Dispatched {
		return nil
	}
	return w.handle()
}

func (w *walk) decline(clerk string) error {
	text, err := w.sentence("not_accept")
	if err != nil {
		return err
	}
	reason := pick(w.g.r, cases.NotAcceptReasons)
	w.contacted()
	e := w.act(cases.ActNotAccept, cases.NotAccepted, clerk, true)
	e.Text, e.Data["reason"] = text, reason
	w.say("out", "reply", clerk, text, true)
	return nil
}

// ask requests information; who answers goes on, the others wait.
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
	if w.g.chance(0.25) || w.wait(time.Duration(2+w.g.r.IntN(40))*time.Hour) {
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
	if w.wait(time.Duration(w.g.r.IntN(30)) * time.Hour) {
		return nil
	}
	text, err := w.sentence("withdraw")
	if err == nil {
		w.act(cases.ActWithdraw, cases.Withdrawn, "", true).Text = text
	}
	return err
}

func (w *walk) dispatch(clerk string) {
	c, at := &w.life.Case, w.at
	c.UnitID, c.HandlerID, c.DispatchedAt, c.SignedInAt = w.unit.ID, nil, &at, nil
	w.move(w.unit)
	w.act(cases.ActDispatch, cases.Dispatched, clerk, true).Data["unit"] = w.unit.Code
}

// sendBack returns the case to the desk, whose lead it is again.
func (w *walk) sendBack(_ string) (bool, error) {
	if w.wait(w.span(0.05)) {
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
	e := w.act(cases.ActReturn, cases.Accepted, w.g.account("head", w.unit), false)
	e.Text, e.Data["reason"], e.Data["unit"] = text, pick(w.g.r, cases.ReturnReasons), w.unit.Code
	return false, nil
}

// handle: signed in, assigned, replied, reviewed where the matter wants it.
func (w *walk) handle() error {
	c := &w.life.Case
	head, handler := w.g.account("head", w.unit), w.g.account("handler", w.unit)
	pace := 0.35 + 0.75*w.g.trait(w.unit, "speed")
	if w.wait(w.span(0.05 * pace)) {
		return nil
	}
	at := w.at
	c.SignedInAt = &at
	w.act(cases.ActSignIn, cases.SignedIn, handler, false)
	if handler == "" || w.wait(w.span(0.06*pace)) {
		return nil
	}
	c.HandlerID = &handler
	w.act(cases.ActAssign, cases.Handling, head, false).Data["handler_id"] = handler
	if w.g.chance(0.012) {
		return w.withdraw()
	}
	return w.finish(head, handler, pace*(0.1+0.26*w.g.r.ExpFloat64()))
}

func (w *walk) finish(head, handler string, share float64) error {
	outcome, word := w.outcome()
	if w.wait(w.span(share)) {
		return nil
	}
	c, review := &w.life.Case, w.m.ReplyReview
	text, err := w.g.w.Reply(w.g.r, word, w.street, w.lang, w.about)
	if err != nil {
		return err
	}
	at := w.at
	c.RepliedAt = &at
	if !review {
		w.contacted()
	}
	w.act(cases.ActReply, cases.Replied, handler, !review).Data["review"] = review
	w.say("out", "reply", handler, text, !review)
	if review {
		if w.wait(w.span(0.03)) {
			return nil
		}
		w.contacted()
		w.act(cases.ActReviewReply, cases.Reviewed, head, true).Data["approved"] = true
		w.life.Messages[len(w.life.Messages)-1].Published = true
	}
	if w.wait(w.span(0.02)) {
		return nil
	}
	done, day := w.at, w.day(w.at)
	c.ConcludedAt, c.ConcludedOn, c.Outcome = &done, &day, outcome
	c.ConclusionNo++
	w.act(cases.ActConclude, cases.Concluded, handler, true).Data["outcome"] = outcome
	if c.ReworkCount == 0 && w.g.chance(0.02) && !w.wait(30*time.Hour) {
		return w.rework(head, handler)
	}
	return w.g.judge(w)
}

func (w *walk) rework(head, handler string) error {
	text, err := w.sentence("rework")
	if err != nil {
		return err
	}
	c := &w.life.Case
	c.ReworkCount++
	c.ConcludedAt, c.ConcludedOn, c.Outcome, c.RepliedAt = nil, nil, "", nil
	w.act(cases.ActRework, cases.Handling, head, true).Text = text
	return w.finish(head, handler, 0.2+0.3*w.g.r.Float64())
}

func (w *walk) outcome() (cases.Outcome, string) {
	if k := w.life.Case.Kind; k == cases.Enquiry || k == cases.Suggestion || k == cases.Compliment {
		return cases.Explained, "resolved"
	}
	switch x := w.g.r.Float64() + 0.15*w.g.trait(w.unit, "care"); {
	case x < 0.78:
		return cases.Resolved, "resolved"
	case x < 0.93:
		return cases.PartlySolved, "partly"
	case x < 1.05:
		return cases.NotSupported, "unresolved"
	}
	return cases.Referred, "unresolved"
}
