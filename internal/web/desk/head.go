package desk

import (
	"context"
	"time"

	"minqing/internal/calendar"
	"minqing/internal/cases"
	"minqing/internal/clocks"
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
	case cases.NotAccepted, cases.Withdrawn, cases.Transferred, cases.Archived, cases.Merged:
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
	Others      []tick
	Stands      *standing
}

// standing is a clock that was suspended.
type standing struct {
	Why   web.Words
	Since time.Time
	Until calendar.Date
	Past  bool // the expected end is over
	Left  web.Words
}

// stands says why the clock stands still, until when, and what is left of it.
func (p *casePage) stands(ctx context.Context, one *cases.View, n names) (*standing, error) {
	if one.SuspendedAt == nil || one.SuspendedUntil == nil {
		return nil, nil
	}
	left, unit, err := p.Cases.Remains(ctx, one)
	if err != nil {
		return nil, err
	}
	today, err := p.Cases.LocalDay(ctx, &one.Case, p.Now())
	return &standing{Why: n.suspension(one.Suspension), Since: *one.SuspendedAt, Until: *one.SuspendedUntil, Past: today > *one.SuspendedUntil,
		Left: web.Say("desk.stands.left."+string(unit), "Count", left)}, err
}

// tick is a running clock beside the promise.
type tick struct {
	Words web.Words
	Left  web.Chip
	DueAt time.Time
}

// ticks are the running clocks but the citizen's, which has the first place.
func (p *casePage) ticks(ctx context.Context, one *cases.View) ([]tick, error) {
	var list []tick
	for _, k := range one.Clocks {
		if k.Kind == clocks.Joint { // in the table of joint units
			continue
		}
		if k.State != clocks.Running || k.Kind == clocks.Conclusion || k.DueAt == nil {
			continue
		}
		left, err := p.leftChip(ctx, &one.Case, k)
		if err != nil {
			return nil, err
		}
		list = append(list, tick{Words: web.Say("case.clock." + string(k.Kind)), Left: left, DueAt: *k.DueAt})
	}
	return list, nil
}

// farHours is from how far on even a limit in hours is told in working days.
const farHours = 72 * time.Hour

// leftChip says what is left of a clock: in hours where its limit is and they can
// still be counted, else in working days.
func (d Deps) leftChip(ctx context.Context, c *cases.Case, k clocks.Clock) (web.Chip, error) {
	left := k.DueAt.Sub(d.Now())
	over := left < 0
	chip := web.Chip{Icon: "clock"}
	if u := k.TimeLimit.Unit(); (u == calendar.Hours || u == calendar.OfficeHours) && left.Abs() < farHours {
		hours := int(left.Abs() / time.Hour)
		switch {
		case over && hours > 0:
			chip.Words = web.Say("common.hours.over", "Count", hours)
		case over:
			chip.Words = web.Say("common.hours.past")
		case hours > 0:
			chip.Words = web.Say("common.hours.left", "Count", hours)
		default:
			chip.Words = web.Say("common.hours.soon")
		}
		if hours < 2 {
			chip.Tone = web.ToneDue
		}
	} else {
		days, err := d.Cases.Left(ctx, c, *k.DueAt)
		if err != nil {
			return chip, err
		}
		chip.Words.Key, chip.Words.Args = i18n.DaysLeft(days)
		if over && days == 0 { // it was due since the last working day ended
			chip.Words = web.Say("desk.due.past")
		}
		if days <= 1 {
			chip.Tone = web.ToneDue
		}
	}
	if over {
		chip.Tone, chip.Icon = web.ToneOver, ""
	}
	return chip, nil
}

func (p *casePage) clock(ctx context.Context, one *cases.View, n names, l i18n.Lang) (clock, error) {
	k := clock{Received: one.ReceivedAt, DueAt: one.DueAt, Ended: one.ConcludedAt, Fixed: one.DueFixed}
	if one.Status.Ended() && one.ConcludedAt == nil {
		k.DueAt = nil // nobody owes an answer any more
		return k, nil
	}
	var err error
	if k.Others, err = p.ticks(ctx, one); err != nil {
		return k, err
	}
	if k.Stands, err = p.stands(ctx, one, n); err != nil {
		return k, err
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
	r, err := p.Cases.Trace(ctx, one)
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
	cases.Transferred: "transferred", cases.Archived: "archived",
}

// waiting tells who has to do something next, for readers who have not.
func waiting(one *cases.View, n names, known map[string]string) web.Words {
	if one.Status == cases.Merged && one.ConcludedAt != nil && !one.Appealed && !one.AppealDeclined {
		return web.Say("desk.turn.merged.done")
	}
	if one.SuspendedAt != nil {
		return web.Say("desk.turn.suspended", "Unit", argument(n.unit(holder(one))))
	}
	if one.Objection != "" {
		return web.Say("desk.turn.objection", "Unit", argument(n.unit(rules(one))))
	}
	if one.Appealed {
		return web.Say("desk.turn.appeal", "Unit", argument(n.unit(decider(one))))
	}
	if one.PartsOpen > 0 && one.Status != cases.Handling {
		return web.Say("desk.turn.parts", "Count", one.PartsOpen)
	}
	if one.JointOpen > 0 {
		return web.Say("desk.turn.joint", "Count", one.JointOpen)
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
