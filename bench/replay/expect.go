package main

import (
	"slices"
	"strings"
	"time"
)

// expect says what has to become of each message, by count.go alone.
func expect(days daysOff, list []message, p pace) []outcome {
	all := make([]outcome, len(list))
	happens := make([]int64, 0, 3*len(list))
	for _, m := range list {
		happens = append(happens, local(m.created), local(p.taken(m)), local(m.replied))
	}
	slices.Sort(happens)
	for i, m := range list {
		all[i] = expected(days, m, p, happens)
	}
	return all
}

// clock is one limit of a message, in seconds by the wall clock of the city.
type clock struct {
	kind             string
	limit            string
	start, stop, due int64
}

func expected(days daysOff, m message, p pace, happens []int64) outcome {
	o := office{days, m.promise.hours}
	created, taken, replied := local(m.created), local(p.taken(m)), local(m.replied)
	out := outcome{age: days.between(created/dayLong, replied/dayLong), ends: map[string]ending{}}
	list := []clock{
		{kind: "acceptance", limit: m.promise.accept, start: created, stop: taken},
		{kind: "sign_in", limit: m.promise.sign, start: taken, stop: taken},
		{kind: "contact", limit: m.promise.contact, start: created, stop: replied},
		{kind: "conclusion", limit: m.promise.conclude, start: created, stop: replied},
	}
	for _, c := range list {
		c.due = o.due(c.start, c.limit)
		state := "met"
		if c.stop > c.due {
			state = "late"
		}
		out.ends[c.kind] = ending{instant(c.due), state}
		out.warnings = append(out.warnings, o.warnings(m.promise, c, taken, p, happens)...)
		if c.kind != "conclusion" {
			continue
		}
		out.onTime, out.left = "true", days.between(replied/dayLong, c.due/dayLong)
		if state == "late" { // by at least one, though no working day may lie between
			out.onTime, out.left = "false", -max(1, days.between(c.due/dayLong, replied/dayLong))
		}
	}
	return out
}

// warnings are those of one clock: each time that the job runs while the clock
// does, the highest level that has come since it last warned.
func (o office) warnings(p *promise, c clock, taken int64, how pace, happens []int64) (list []warning) {
	at := o.warns(p, c.start, c.due, c.limit)
	warned := 0
	for now := next(c.start, how, happens); now <= c.stop; now = next(now, how, happens) {
		level := 0
		for i, t := range at {
			if t > c.start && t <= now {
				level = i + 1
			}
		}
		if level > warned {
			warned = level
			list = append(list, warning{at: instant(now), clock: c.kind, level: level, due: instant(c.due), to: hears(p, c.kind, level, now > taken)})
		}
	}
	return list
}

// next is when the job runs next: at the full hour, or when something happens.
func next(after int64, how pace, happens []int64) int64 {
	every := int64(how.every / time.Second)
	tick := (after-ahead)/every*every + every + ahead
	if i, _ := slices.BinarySearch(happens, after+1); i < len(happens) {
		return min(tick, happens[i])
	}
	return tick
}

// hears says who hears of a warning: the handler, from the expiry on the head,
// after it the supervisor. What is not taken in yet lies at the intake desk: its
// head hears from the beginning, and of the acceptance whoever accepts.
func hears(p *promise, kind string, level int, assigned bool) string {
	var who []string
	if assigned {
		who = append(who, "handler "+p.unit)
	}
	if level > 1 || !assigned {
		chief := "head " + p.unit
		switch {
		case kind == "acceptance":
			chief = "dispatcher LJ"
		case !assigned:
			chief = "head " + intakeDesk
		}
		who = append(who, chief)
	}
	if level == 3 {
		who = append(who, "supervisor LJ")
	}
	slices.Sort(who)
	return strings.Join(who, ", ")
}
