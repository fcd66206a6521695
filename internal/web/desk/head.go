package desk

import (
	"context"
	"time"

	"minqing/internal/calendar"
	"minqing/internal/cases"
	"minqing/internal/i18n"
	"minqing/internal/web"
)

// chips are what one must know before reading on: where the case stands, what
// it is, and what is unusual about it.
func chips(one *cases.View) []web.Chip {
	state := web.Chip{Tone: web.ToneInfo, Words: web.Say("case.status." + string(one.Status))}
	switch one.Status {
	case cases.Concluded:
		state.Tone = web.ToneDone
	case cases.NotAccepted, cases.Withdrawn:
		state.Tone, state.Icon = web.ToneNone, "circle-check"
	}
	kind := web.Chip{Words: web.Say("case.kind." + string(one.Kind))}
	list := append([]web.Chip{state, kind}, flags(&one.Case)...)
	if wishesCall(one) {
		list = append(list, web.Chip{Tone: web.ToneDue, Icon: "phone", Words: web.Say("desk.chip.callback")})
	}
	return list
}

// wishesCall says whether somebody waits to be called back: until they were
// spoken to, or nobody works on the case any more.
func wishesCall(one *cases.View) (waits bool) {
	for _, e := range one.Events {
		f := e.Facts()
		waits = f.Callback || waits && !f.Contacted
	}
	return waits && !one.Status.Ended()
}

// clock is the promise to the person and how it stands.
type clock struct {
	Chip        *web.Chip
	Received    time.Time
	DueAt       *time.Time
	Ended       *time.Time
	Provisional bool
	Fixed       bool // the due time came with the case from another system
	Limit       web.Words
	Trace       []web.Words
}

func (p *casePage) clock(ctx context.Context, one *cases.View, l i18n.Lang) (clock, error) {
	k := clock{Received: one.ReceivedAt, DueAt: one.DueAt, Ended: one.ConcludedAt, Fixed: one.DueFixed}
	if one.Status.Ended() && one.ConcludedAt == nil {
		k.DueAt = nil // nobody owes an answer any more
		return k, nil
	}
	if one.ConcludedAt == nil {
		due, err := p.dueChip(ctx, &one.Case)
		if err != nil {
			return k, err
		}
		k.Chip, k.Provisional = &due, one.DueProvisional
	} else if kept := one.OnTime(p.Now()); kept != nil {
		k.Chip = &web.Chip{Tone: web.ToneDone, Words: web.Say("desk.due.kept")}
		if !*kept {
			k.Chip = &web.Chip{Tone: web.ToneOver, Words: web.Say("desk.due.missed")}
		}
	}
	if one.DueAt == nil || one.HandlingLimit.IsZero() || one.DueFixed {
		return k, nil
	}
	r, err := p.Cases.Trace(ctx, &one.Case)
	if err != nil {
		return k, err
	}
	k.Limit = web.Say("portal.limit."+string(one.HandlingLimit.Unit()), "Count", one.HandlingLimit.Number())
	for _, s := range r.Trace {
		k.Trace = append(k.Trace, traceWords(s, l))
	}
	return k, nil
}

func traceWords(s calendar.Step, l i18n.Lang) web.Words {
	return web.Say("desk.trace."+string(s.Kind), "Day", i18n.Format{Lang: l}.Day(s.On.UTC()), "Count", s.Count)
}

// turn says whose move it is in each status, as the key of a message.
var turn = map[cases.Status]string{
	cases.Submitted: "accept", cases.Accepted: "dispatch", cases.Dispatched: "sign_in", cases.SignedIn: "assign",
	cases.Handling: "reply", cases.Replied: "conclude", cases.Reviewed: "conclude", cases.NeedInfo: "answer",
	cases.Concluded: "judge", cases.NotAccepted: "not_accepted", cases.Withdrawn: "withdrawn",
}

// waiting tells who has to do something next, for readers who have not.
func waiting(one *cases.View, n names, known map[string]string) web.Words {
	if one.Appealed {
		return web.Say("desk.turn.appeal", "Unit", argument(n.unit(decider(one))))
	}
	if one.AppealDeclined {
		return web.Say("desk.turn.final")
	}
	unit := argument(n.unit(holder(one)))
	key := turn[one.Status]
	if one.Status == cases.Replied && n.reviews(&one.Case) {
		key = "review_reply"
	}
	if one.Status == cases.Handling && one.HandlerID != nil && known[*one.HandlerID] != "" {
		return web.Say("desk.turn.handler", "Unit", unit, "Name", known[*one.HandlerID])
	}
	return web.Say("desk.turn."+key, "Unit", unit)
}

// holder is the unit whose move it is.
func holder(one *cases.View) string {
	for _, u := range one.Units {
		if u.Role == "lead" {
			return u.UnitID
		}
	}
	return one.UnitID
}

// decider is the unit that an appeal was made to: the one that has the case where
// none stands above it.
func decider(one *cases.View) string {
	for _, u := range one.Units {
		if u.Role == "supervising" {
			return u.UnitID
		}
	}
	return holder(one)
}

// argument is a name as a value inside another message.
func argument(w web.Words) any {
	switch {
	case w.Key != "":
		return i18n.Key(w.Key)
	case w.Text != nil:
		return w.Text
	}
	return w.Plain
}
