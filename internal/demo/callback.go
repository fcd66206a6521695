package demo

import (
	"math/rand/v2"
	"slices"
	"time"

	"minqing/internal/actor"
	"minqing/internal/cases"
	"minqing/internal/db"
	"minqing/internal/satisfaction"
)

// callbacksSince is how far back callbacks of the demo city go, and callbackLag
// within how many days the hotline gets through to whoever is due.
const (
	callbacksSince = 120 * day
	callbackLag    = 6 * day
)

// callback has the hotline ring whoever did not judge how their case ended. What
// the hotline itself decided is left for somebody outside it, and who signs in is asked there.
func (w *walk) callback() error {
	c := &w.life.Case
	ended := c.Status == cases.Concluded || c.Status == cases.NotAccepted || c.Status == cases.Withdrawn
	if !ended || c.Confidentiality == cases.AnonymousFiler || c.Confidentiality == cases.Whistle || c.Appealed || w.filer != "" {
		return nil
	}
	var at time.Time
	for _, e := range slices.Backward(w.life.Events) {
		if e.To == c.Status && e.From != c.Status {
			at = e.At
			break
		}
	}
	if w.g.until.Sub(at) > callbacksSince {
		return nil
	}
	remind, due := at.Add(satisfaction.DefaultReminderDays*day), at.Add(satisfaction.DefaultCallbackDays*day)
	on := w.day(due)
	k := satisfaction.Callback{ID: db.NewID(at), CaseID: c.ID, ConclusionNo: c.ConclusionNo, OpenedAt: at, DueAt: &due, DueOn: &on, State: satisfaction.CallbackOpen}
	switch {
	case c.Grade > 0:
		k.State, k.ClosedAt = satisfaction.CallbackJudged, &w.at
	case remind.After(w.g.until):
		k.RemindAt = &remind
	default:
		k.RemindedAt = &remind
		if err := w.ringUp(&k); err != nil {
			return err
		}
	}
	w.g.callbacks = append(w.g.callbacks, k)
	return nil
}

// ringUp makes the attempts that a callback takes, as far as the load goes.
func (w *walk) ringUp(k *satisfaction.Callback) error {
	callers := w.g.pools[duty{"call_agent", w.desk.ID}]
	if len(callers) == 0 || w.fate != nil || w.life.Case.UnitID == w.desk.ID {
		return nil
	}
	r := rand.New(rand.NewPCG(uint64(k.OpenedAt.Unix()), 43)) // of its own, so that no other case changes
	at := w.shift(k.DueAt.Add(time.Duration(r.IntN(int(callbackLag/time.Hour)))*time.Hour), daytime)
	caller := pick(r, callers)
	try := func(outcome string) bool {
		if at.After(w.g.until) {
			return false
		}
		w.g.attempts = append(w.g.attempts, satisfaction.Attempt{ID: db.NewID(at), CallbackID: k.ID, At: at, OnDay: w.day(at), AccountID: &caller, Channel: "phone", Outcome: outcome})
		k.Attempts++
		return true
	}
	tired := 0
	if r.Float64() < 0.55 {
		tired = 1 + r.IntN(3)
	}
	for range tired {
		if !try("not_reached") {
			return nil
		}
		if k.Attempts == 3 {
			k.State, k.ClosedAt = satisfaction.CallbackUnreachable, new(at)
			return nil
		}
		at = w.shift(at.Add(26*time.Hour), daytime)
	}
	if r.Float64() < 0.45 {
		if try("refused") {
			k.State, k.ClosedAt = satisfaction.CallbackRefused, new(at)
		}
		return nil
	}
	if !try("judged") {
		return nil
	}
	k.State, k.ClosedAt = satisfaction.CallbackAnswered, new(at)
	return w.spoken(k, r, caller, at)
}

// spoken is what somebody said to who rang.
func (w *walk) spoken(k *satisfaction.Callback, r *rand.Rand, caller string, at time.Time) error {
	c := &w.life.Case
	grade, solved := 3+r.IntN(3), "yes"
	if c.Outcome == cases.PartlySolved {
		grade, solved = 3, "partly"
	}
	if r.Float64() < 0.14 {
		grade, solved = 1+r.IntN(2), "no"
	}
	w.at = at
	w.judged(satisfaction.Evaluation{Round: 1, ID: db.NewID(at), CaseID: c.ID, ConclusionNo: c.ConclusionNo, Grade: grade, Resolved: solved, Reasons: "[]",
		Channel: "phone", FormVersion: satisfaction.FormVersion, EvaluatedAt: at, EvaluatedOn: w.day(at), Result: string(c.Status), CallbackID: &k.ID})
	e := &w.life.Events[len(w.life.Events)-1]
	e.Actor, e.AccountID, e.Data["rung"] = actor.Staff, caller, true
	if grade > cases.BadMost {
		return nil
	}
	own := w.g.r
	w.g.r = r
	defer func() { w.g.r = own }()
	return w.rectify()
}
