package demo

import (
	"math/rand/v2"
	"time"

	"minqing/internal/calendar"
	"minqing/internal/cases"
	"minqing/internal/catalogue"
	"minqing/internal/clocks"
	"minqing/internal/i18n"
)

// How often what a unit works on waits for somebody else, or needs more time.
const (
	pausedShare   = 0.035
	extendedShare = 0.03
)

// stretch lets the clock of some cases stand still and makes that of others
// longer, while a unit works on them. It draws by a chance of its own, so that no
// other case changes.
func (w *walk) stretch() (stop bool, err error) {
	c := &w.life.Case
	unit := c.HandlingLimit.Unit()
	if w.fate != nil || c.Urgent || unit != calendar.WorkingDays && unit != calendar.Days || w.at.After(*c.DueAt) {
		return false, nil
	}
	r := rand.New(rand.NewPCG(uint64(c.ReceivedAt.Unix()), 43))
	switch x := r.Float64(); {
	case x < pausedShare:
		return w.pause(r)
	case x < pausedShare+extendedShare:
		return w.extend(r)
	}
	return false, nil
}

// clock is the citizen's clock as it runs by now.
func (w *walk) clock() (clocks.Clock, *calendar.Calendar, error) {
	c := &w.life.Case
	cal, err := w.g.l.Cases.Clocks.Of(w.g.snap, w.unit) // the case was routed there, and dispatched
	return clocks.Clock{Kind: clocks.Conclusion, TimeLimit: c.HandlingLimit, StartedAt: c.ReceivedAt, DueAt: c.DueAt, State: clocks.Running}, cal, err
}

// soon is a part of the time that is left.
func (w *walk) soon(r *rand.Rand, low, high float64) time.Time {
	left := float64(w.life.Case.DueAt.Sub(w.at))
	return w.at.Add(time.Duration(left * (low + (high-low)*r.Float64()))).Truncate(time.Second)
}

// pause lets the clock stand still until what it waits for has come.
func (w *walk) pause(r *rand.Rand) (stop bool, err error) {
	c := &w.life.Case
	if w.until(w.soon(r, 0.1, 0.5), w.unitHours()) {
		return true, nil
	}
	types := w.g.snap.SuspensionsOn(w.day(w.at), w.m)
	if len(types) == 0 || w.at.After(*c.DueAt) {
		return false, nil
	}
	why := types[min(r.IntN(len(types)), r.IntN(len(types)))] // the first ones happen most
	ground := why.Ground.In(w.lang)
	if why.Ground.Empty() {
		if ground, err = w.g.w.sentence(r, "suspend_ground", w.street, w.lang, w.about); err != nil {
			return true, err
		}
	}
	one, cal, err := w.clock()
	if err != nil {
		return true, err
	}
	expected := cal.AddWorkingDays(w.day(w.at), 4+r.IntN(16))
	text, err := w.notice(r, why, expected)
	if err != nil {
		return true, err
	}
	one = clocks.Suspend(one, why.Code, w.at, expected)
	at := w.at
	w.contacted()
	e := w.act(cases.ActSuspend, c.Status, w.handler, true)
	e.Text, e.Data["old_due"], e.Data["until"], e.Data["reason"] = ground, instant(*c.DueAt), expected.String(), why.Code
	w.say("out", "message", w.handler, text, true)
	c.SuspendedAt, c.SuspendedUntil, c.Suspension = &at, &expected, why.Code
	c.DueAt, c.DueOn, c.DueProvisional = nil, nil, false
	ends := expected.Add(r.IntN(5) - 3)
	if ends <= w.day(at) {
		ends = expected
	}
	if w.until(ends.Start(cal.Zone()).Add(9*time.Hour+time.Duration(r.IntN(7*3600))*time.Second).UTC(), atOffice) {
		return true, nil
	}
	one, due := clocks.Resume(cal, one, w.at)
	e = w.act(cases.ActResume, c.Status, w.handler, true)
	e.Data["old_due"], e.Data["new_due"] = instant(one.Pauses[0].Before), instant(due.Due)
	c.SuspendedAt, c.SuspendedUntil, c.Suspension = nil, nil, ""
	w.dueIs(due)
	w.resumed = w.at
	return false, nil
}

// notice tells the person why the clock stands still, and until when.
func (w *walk) notice(r *rand.Rand, why *catalogue.SuspensionType, until calendar.Date) (string, error) {
	text, err := w.g.w.sentence(r, "suspend", w.street, w.lang, w.about)
	if err != nil {
		return "", err
	}
	on := i18n.Format{Lang: w.lang}.Date(until.UTC())
	switch w.lang {
	case i18n.ZhHant:
		return text + "原因：" + why.Name.In(w.lang) + "；預計 " + on + "恢復計時。", nil
	case i18n.ZhHans:
		return text + "原因：" + why.Name.In(w.lang) + "；预计 " + on + "恢复计时。", nil
	}
	return text + " Reason: " + why.Name.In(w.lang) + ". We expect to go on on " + on + ".", nil
}

// extend asks for more time before the limit is over; the head allows it mostly.
func (w *walk) extend(r *rand.Rand) (stop bool, err error) {
	c := &w.life.Case
	if w.until(w.soon(r, 0.4, 0.8), w.unitHours()) {
		return true, nil
	}
	if w.head == "" || w.head == w.handler || w.at.After(*c.DueAt) {
		return false, nil
	}
	limit := c.HandlingLimit
	by, err := calendar.NewLimit(max(1, limit.Number()/4)+r.IntN(max(1, limit.Number()/2)), limit.Unit())
	if err != nil {
		return true, err
	}
	ground, err := w.g.w.sentence(r, "extend", w.street, w.lang, w.about)
	if err != nil {
		return true, err
	}
	e := w.act(cases.ActRequestExtension, c.Status, w.handler, false)
	e.Text, e.Data["by"], e.Data["old_due"] = ground, by.String(), instant(*c.DueAt)
	c.ExtensionAsked, c.ExtensionByID = by, &w.handler
	if w.until(w.at.Add(time.Duration(1+r.IntN(20))*time.Hour), w.unitHours()) {
		return true, nil
	}
	return false, w.decideExtension(r, by)
}

func (w *walk) decideExtension(r *rand.Rand, by calendar.Limit) error {
	c := &w.life.Case
	allowed, key := r.Float64() < 0.8 && !w.at.After(*c.DueAt), "extend_refused"
	if allowed {
		key = "extend_allowed"
	}
	text, err := w.g.w.sentence(r, key, w.street, w.lang, w.about)
	if err != nil {
		return err
	}
	c.ExtensionAsked, c.ExtensionByID = calendar.Limit{}, nil
	if allowed {
		w.contacted()
	}
	e := w.act(cases.ActDecideExtension, c.Status, w.head, allowed)
	e.Data["approved"], e.Data["by"], e.Data["old_due"], e.Data["new_due"] = allowed, by.String(), instant(*c.DueAt), instant(*c.DueAt)
	if !allowed {
		e.Text = text
		return nil
	}
	one, cal, err := w.clock()
	if err != nil {
		return err
	}
	one, due, err := clocks.Extend(cal, one, by)
	if err != nil {
		return err
	}
	e.Data["new_due"] = instant(due.Due)
	w.say("out", "message", w.head, text, true)
	c.HandlingLimit = one.TimeLimit
	c.ExtensionCount++
	w.dueIs(due)
	return nil
}

// dueIs sets the due time to what was counted.
func (w *walk) dueIs(r calendar.Result) {
	c := &w.life.Case
	due, on := r.Due, r.On
	c.DueAt, c.DueOn, c.DueProvisional = &due, &on, r.Provisional
	if r.CalendarVersion != "" {
		c.CalendarVersion = r.CalendarVersion
	}
}

// instant writes a time as events do.
func instant(t time.Time) string { return t.UTC().Format(time.RFC3339) }
