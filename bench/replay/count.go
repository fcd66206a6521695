package main

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/pelletier/go-toml/v2"
)

// This file counts everything once more, and shares no code with the product:
// seconds and days since 1970 by the wall clock of the city, one after another.

const (
	dayLong = 24 * 3600
	ahead   = 8 * 3600 // of UTC
)

func local(t time.Time) int64   { return t.Unix() + ahead }
func instant(s int64) time.Time { return time.Unix(s-ahead, 0).UTC() }

// daysOff are the days of which a notice says something.
type daysOff struct{ rest, work map[int64]bool }

// readDays reads days and ranges of days from a calendar file.
func readDays(file string) (daysOff, error) {
	var f struct {
		Year []struct {
			Work    []string
			Holiday []struct{ Days []string }
		}
	}
	d := daysOff{rest: map[int64]bool{}, work: map[int64]bool{}}
	if err := toml.Unmarshal([]byte(file), &f); err != nil {
		return d, err
	}
	mark := func(into map[int64]bool, text string) error {
		from, to, ranged := strings.Cut(text, "..")
		if !ranged {
			to = from
		}
		first, err := time.Parse(time.DateOnly, from)
		if err != nil {
			return err
		}
		last, err := time.Parse(time.DateOnly, to)
		for ; err == nil && !first.After(last); first = first.AddDate(0, 0, 1) {
			into[first.Unix()/dayLong] = true
		}
		return err
	}
	for _, y := range f.Year {
		for _, w := range y.Work {
			if err := mark(d.work, w); err != nil {
				return d, err
			}
		}
		for _, h := range y.Holiday {
			for _, text := range h.Days {
				if err := mark(d.rest, text); err != nil {
					return d, err
				}
			}
		}
	}
	return d, nil
}

// worked: the first of January 1970 was a Thursday.
func (d daysOff) worked(day int64) bool {
	weekend := (day+4)%7 == 0 || (day+4)%7 == 6
	return !d.rest[day] && (!weekend || d.work[day])
}

// between counts the working days after one day up to another.
func (d daysOff) between(a, b int64) (n int) {
	for day := a + 1; day <= b; day++ {
		if d.worked(day) {
			n++
		}
	}
	return n
}

// office is who keeps which hours on which days.
type office struct {
	daysOff
	hours [][2]int64
}

func (o office) open(second int64) bool {
	if !o.worked(second / dayLong) {
		return false
	}
	return slices.ContainsFunc(o.hours, func(h [2]int64) bool { return h[0] <= second%dayLong && second%dayLong < h[1] })
}

func (o office) opens(day int64) int64 { return day*dayLong + o.hours[0][0] }

// parts takes "15wd" apart.
func parts(limit string) (n int64, unit string) {
	i := strings.IndexFunc(limit, func(r rune) bool { return r < '0' || r > '9' })
	n, err := strconv.ParseInt(limit[:i], 10, 64)
	if err != nil {
		panic(err) // the limits are written in promises.go
	}
	return n, limit[i:]
}

// due is when a limit is over: the start day does not count, the last day is
// whole, a last day off moves on, hours run to the second.
func (o office) due(start int64, limit string) int64 {
	n, unit := parts(limit)
	day := start / dayLong
	switch unit {
	case "h":
		return start + n*3600
	case "wh":
		return o.walk(start, n*3600)
	case "d":
		for day += n; !o.worked(day); day++ {
			continue
		}
	default:
		day = o.step(day, n)
	}
	return day*dayLong + dayLong - 1
}

// step goes to the n-th working day after a day, or before it.
func (o office) step(day, n int64) int64 {
	by := int64(1)
	if n < 0 {
		by, n = -1, -n
	}
	for n > 0 {
		if day += by; o.worked(day) {
			n--
		}
	}
	return day
}

// walk goes through so many seconds of office time, forward or back.
func (o office) walk(at, seconds int64) int64 {
	for ; seconds > 0; at++ {
		if o.open(at) {
			seconds--
		}
	}
	for ; seconds < 0; at-- {
		if o.open(at - 1) {
			seconds++
		}
	}
	return at
}

// shifted goes from a due time by a limit, forward or back; days lead to the
// hour at which the office opens.
func (o office) shifted(due int64, limit string, sign int64) int64 {
	n, unit := parts(limit)
	n *= sign
	switch unit {
	case "h":
		return due + n*3600
	case "wh":
		return o.walk(due, n*3600)
	case "d":
		return o.opens(due/dayLong + n)
	}
	return o.opens(o.step(due/dayLong, n))
}

// warns is when a clock warns before, at and after its expiry.
func (o office) warns(p *promise, start, due int64, limit string) [3]int64 {
	before, after, share := p.before, p.after, p.share
	if before == "" && share == 0 && strings.HasSuffix(limit, "d") {
		before = "1wd"
	}
	if share == 0 {
		share = 75
	}
	if after == "" {
		after = "1wd"
	}
	first := start + (due-start)*share/100
	if n, unit := parts(limit); unit == "wh" {
		first = o.walk(start, n*3600*share/100)
	}
	if before != "" {
		if at := o.shifted(due, before, -1); at > start {
			first = at
		}
	}
	return [3]int64{first, due, o.shifted(due, after, 1)}
}
