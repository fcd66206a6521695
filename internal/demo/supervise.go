package demo

import (
	"math/rand/v2"
	"time"

	"minqing/internal/calendar"
	"minqing/internal/cases"
	"minqing/internal/db"
)

// supervisedLate is how long a case may be overdue before the unit above orders
// that something is done.
const supervisedLate = 2 * day

// orderLimit is the time that such an order gives.
var orderLimit, _ = calendar.NewLimit(3, calendar.WorkingDays)

// supervise orders something about what is open and long overdue: half of it, the
// rest nobody has seen yet.
func (w *walk) supervise() error {
	c := &w.life.Case
	working := c.Status == cases.SignedIn || c.Status == cases.Handling || c.Status == cases.Dispatched
	above := w.g.snap.Parent(w.unit)
	if !working || above == nil || c.DueAt == nil || c.Confidentiality == cases.Whistle || w.fate != nil {
		return nil
	}
	at := w.shift(c.DueAt.Add(supervisedLate), atOffice).Truncate(time.Second)
	by := w.g.pool("supervisor", above)
	if at.Before(w.at) || at.After(w.g.until) || len(by) == 0 {
		return nil
	}
	r := rand.New(rand.NewPCG(uint64(c.ReceivedAt.Unix()), 41)) // of its own, so that no other case changes
	if r.IntN(2) == 0 {
		return nil
	}
	text, err := w.g.w.sentence(r, "supervise", w.street, w.lang, w.about)
	if err != nil {
		return err
	}
	w.at = at
	due := w.cal.DueFast(at, orderLimit, nil)
	form, ground := pick(r, []string{"routine", "routine", "listed", "interview"}), "overdue"
	e := w.act(cases.ActSupervise, c.Status, by[0], false)
	e.UnitID, e.Text = above.ID, text
	e.Data["form"], e.Data["reason"], e.Data["until"] = form, ground, due.On.String()
	o := cases.Order{ID: db.NewID(at), CaseID: c.ID, Form: form, Ground: ground, UnitID: w.unit.ID, ByUnitID: above.ID, ByAccountID: &by[0],
		TimeLimit: orderLimit, OpenedAt: at, DueAt: due.Due, DueOn: due.On}
	c.SupervisedDue = &o.DueAt
	w.life.Orders = []cases.Order{o}
	return nil
}
