package main

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// comparison counts what is equal, and has a line for each thing that is not.
type comparison struct {
	cases                int
	ages, dues, verdicts int // of cases in which all of them are equal
	warned               int // cases that warned as they should
	warnings             int // that were to be given
	levels               [4]int
	late                 int
	different            []string
}

func compare(list []message, want, got []outcome) comparison {
	c := comparison{cases: len(list)}
	for i, m := range list {
		c.add(m, want[i], got[i])
	}
	return c
}

func (c *comparison) add(m message, want, got outcome) {
	differs := func(what string, counted, product any) {
		c.different = append(c.different, fmt.Sprintf("message %s of %s (%s): %s: counted %v, the product says %v",
			m.id, show(m.created), cmp.Or(m.promise.matter, "no matter"), what, counted, product))
	}
	before := len(c.different)
	count := func(n *int) {
		if len(c.different) == before {
			*n++
		}
		before = len(c.different)
	}
	if want.age != got.age {
		differs("working days", want.age, got.age)
	}
	if want.left != got.left {
		differs("working days left", want.left, got.left)
	}
	count(&c.ages)
	kinds := slices.Sorted(maps.Keys(want.ends))
	for _, k := range kinds {
		if !want.ends[k].due.Equal(got.ends[k].due) {
			differs(k+" due", show(want.ends[k].due), show(got.ends[k].due))
		}
	}
	count(&c.dues)
	for _, k := range kinds {
		if want.ends[k].state != got.ends[k].state {
			differs(k, want.ends[k].state, got.ends[k].state)
		}
	}
	if want.onTime != got.onTime {
		differs("on time", want.onTime, got.onTime)
	}
	if want.onTime == "false" {
		c.late++
	}
	count(&c.verdicts)
	expected, given := lines(want.warnings), lines(got.warnings)
	if !slices.Equal(expected, given) {
		differs("warnings", only(expected, given), only(given, expected))
	}
	count(&c.warned)
	c.warnings += len(expected)
	for _, w := range want.warnings {
		c.levels[w.level]++
	}
}

func show(t time.Time) string { return t.In(shanghai).Format(time.DateTime) }

var levelNames = [...]string{"", "before", "due", "after"}

// lines writes warnings in the order of time.
func lines(list []warning) (out []string) {
	for _, w := range list {
		out = append(out, fmt.Sprintf("%s %s %s of %s to %s", show(w.at), w.clock, levelNames[w.level], show(w.due), w.to))
	}
	slices.Sort(out)
	return out
}

// only are the lines of one list that the other lacks.
func only(a, b []string) string {
	var list []string
	for _, s := range a {
		if !slices.Contains(b, s) {
			list = append(list, s)
		}
	}
	return "[" + strings.Join(list, "; ") + "]"
}

// equal says that there was something to compare, and nothing differs.
func (c comparison) equal() bool { return c.cases > 0 && len(c.different) == 0 }

// lines tell the result.
func (c comparison) lines() []string {
	out := slices.Clone(c.different[:min(len(c.different), 10)])
	if len(c.different) > len(out) {
		out = append(out, fmt.Sprintf("and %d more differences", len(c.different)-len(out)))
	}
	return append(out,
		fmt.Sprintf("%d cases, %d of them late", c.cases, c.late),
		fmt.Sprintf("%d ages equal", c.ages),
		fmt.Sprintf("%d due times equal, of four clocks each", c.dues),
		fmt.Sprintf("%d verdicts equal", c.verdicts),
		fmt.Sprintf("%d equal in their warnings; of %d: %d before, %d at and %d after the expiry", c.warned, c.warnings, c.levels[1], c.levels[2], c.levels[3]))
}
