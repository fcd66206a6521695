package demo

import (
	"time"

	"minqing/internal/actor"
	"minqing/internal/calendar"
	"minqing/internal/cases"
	"minqing/internal/catalogue"
	"minqing/internal/i18n"
	"minqing/internal/routing"
)

// walk is one case on its way through the state machine.
type walk struct {
	g      *generator
	life   cases.Life
	m      *catalogue.Matter
	unit   *catalogue.Unit // that handles it
	desk   *catalogue.Unit // that takes it in
	cal    *calendar.Calendar
	traits traits
	fate   *fate // nil for most
	filer  string
	route  routing.Decision
	about  About
	lang   i18n.Lang
	street string
	area   string // code of the district
	busy   bool   // a storm is on

	at        time.Time
	call      time.Time    // when somebody rings the person, if nobody wrote before
	forgotten cases.Status // where it is left lying; empty: nowhere
	handler   string
	head      string
	resumed   time.Time // when its clock ran on after it had stood still
	grade     int       // that it was given
}

func (w *walk) day(t time.Time) calendar.Date { return w.cal.ReceivedOn(t) }

// hours are when something is done.
type hours int

const (
	anyHour  hours = iota
	daytime        // every day between 8:00 and 21:00: the hotline, and who is on duty
	atOffice       // on working days
)

// shift moves a time on to the next at which things of its kind are done.
func (w *walk) shift(t time.Time, h hours) time.Time {
	if h == anyHour || w.life.Case.Urgent {
		return t
	}
	opens, closes := 8, 21
	if h == atOffice {
		closes = 18
	}
	zone := w.cal.Zone()
	local := t.In(zone)
	day := w.day(t)
	works := func() bool { return h != atOffice || w.cal.WorkingDay(day) }
	if works() && local.Hour() >= opens && local.Hour() < closes {
		return t
	}
	if local.Hour() >= opens {
		day++
	}
	for !works() {
		day++
	}
	return day.Start(zone).Add(time.Duration(opens)*time.Hour + time.Duration(5+w.g.r.IntN(100))*time.Minute).UTC()
}

// unitHours are when the unit works on the case: what cannot wait for Monday does
// not, and what is told in advance happens on any day that the demo starts.
func (w *walk) unitHours() hours {
	if w.fate != nil || w.life.Case.DueAt.Sub(w.life.Case.ReceivedAt) <= 30*time.Hour {
		return daytime
	}
	return atOffice
}

// wait lets time pass until hours of the kind. It says whether the case goes no
// further: the period is over, or it stays where it is.
func (w *walk) wait(d time.Duration, h hours) bool {
	return w.until(w.at.Add(d).Truncate(time.Second), h)
}

func (w *walk) until(t time.Time, h hours) bool {
	next := w.shift(t, h)
	c := &w.life.Case
	if next.Before(w.at) {
		next = w.at
	}
	stays := next.After(w.g.until) || c.Status == w.forgotten || w.fate != nil && c.Status == w.fate.stop
	if stays {
		next = w.g.until
	}
	w.ring(next)
	if stays {
		return true
	}
	w.at = next
	return false
}

// ring is the talk with the person, when its time comes before anybody wrote.
func (w *walk) ring(before time.Time) {
	c := &w.life.Case
	if c.ContactedAt != nil || w.call.IsZero() || w.call.After(before) || c.Status.Ended() {
		return
	}
	if w.call.After(w.at) {
		w.at = w.call
	}
	account := w.handler
	if c.Status == cases.Submitted || c.Status == cases.Accepted {
		account = w.g.account("call_agent", w.desk)
	}
	text, err := w.sentence("contact")
	if err != nil || account == "" {
		return
	}
	w.contacted()
	e := w.act(cases.ActNote, c.Status, account, false)
	e.Text, e.Data["contacted"] = text, true
}

// act records an event at the present time and gives it for more to be said.
func (w *walk) act(a cases.Action, to cases.Status, account string, public bool) *cases.LifeEvent {
	c := &w.life.Case
	e := cases.LifeEvent{At: w.at, Action: a, From: c.Status, To: to, Actor: actor.Staff, AccountID: account, UnitID: c.UnitID,
		Public: public, Data: map[string]any{}}
	if account == "" {
		e.Actor, e.AccountID = w.person()
	}
	c.Status = to
	lead := w.lead()
	lead.Status, lead.Open, lead.HandlerID = to, !to.Ended() || c.Rectify.Owed() && !c.Appealed, c.HandlerID
	w.life.Events = append(w.life.Events, e)
	return &w.life.Events[len(w.life.Events)-1]
}

// person is who filed, as whom the trail knows them.
func (w *walk) person() (actor.Kind, string) {
	if w.filer != "" {
		return actor.Citizen, w.filer
	}
	return actor.Anonymous, ""
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

// some is a length of time about the mean, and never more than a share of what
// the case may take.
func (w *walk) some(mean time.Duration, most float64) time.Duration {
	return min(time.Duration(w.g.r.ExpFloat64()*float64(mean)), w.span(most*(0.4+0.6*w.g.r.Float64()))) + time.Minute
}

// happens is a chance that told lives do not leave to chance.
func (w *walk) happens(p float64) bool { return w.fate == nil && w.g.chance(p) }
