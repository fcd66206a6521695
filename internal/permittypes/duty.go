package permittypes

import (
	"regexp"
	"strconv"
	"time"

	"minqing/internal/calendar"
	"minqing/internal/i18n"
)

// Kinds of duties.
const (
	DutyReport     = "report"     // the holder says something, with papers where they are wanted
	DutyPaper      = "paper"      // the holder hands in a paper that has run out, such as a health check
	DutyInspection = "inspection" // officials come and look, as before the decision
)

// DutyKinds lists them in the order in which forms offer them.
var DutyKinds = []string{DutyReport, DutyPaper, DutyInspection}

// Duty is what the holder of a permit owes after it is issued. Its days count from
// the day of issue by the calendar; one that falls on a day off is due on the next
// working day.
type Duty struct {
	Code  string    `json:"code" yaml:"code"`
	Kind  string    `json:"kind" yaml:"kind"`
	Name  i18n.Text `json:"name" yaml:"name"`
	Hint  i18n.Text `json:"hint,omitempty" yaml:"hint,omitempty"`   // what to hand in, or what is looked at
	Legal i18n.Text `json:"legal,omitempty" yaml:"legal,omitempty"` // why it is owed
	First string    `json:"first" yaml:"first"`                     // from the issue to the first due day: "30d", "6m", "1y"
	Every string    `json:"every,omitempty" yaml:"every,omitempty"` // from one due day to the next; "": once
	Warn  int       `json:"warn,omitempty" yaml:"warn,omitempty"`   // days before the due day on which the holder hears of it; 0: WarnUsual
}

// WarnUsual is how many days before a duty its holder hears of it.
const WarnUsual = 30

// dutiesMost is how many duties a permit has room for.
const dutiesMost = 10

var periodShape = regexp.MustCompile(`^[1-9][0-9]{0,2}[dmy]$`)

// WarnDays are the days before the due day on which the holder hears of it.
func (d Duty) WarnDays() int {
	if d.Warn > 0 {
		return d.Warn
	}
	return WarnUsual
}

// Files says that something on paper is wanted with it.
func (d Duty) Files() bool { return d.Kind == DutyPaper }

// Nominal is the day of the no-th time, from 1, before days off are looked at; false
// when there is no such time. The corresponding day of a month that is too short is
// its last (Civil Code of the PRC art. 202).
func (d Duty) Nominal(issued calendar.Date, no int) (calendar.Date, bool) {
	days, months, ok := period(d.First)
	if !ok || no < 1 {
		return 0, false
	}
	if no > 1 {
		moreDays, moreMonths, again := period(d.Every)
		if !again {
			return 0, false
		}
		days, months = days+(no-1)*moreDays, months+(no-1)*moreMonths
	}
	year, month := issued.YearMonth()
	first := time.Date(year, month+time.Month(months), 1, 0, 0, 0, 0, time.UTC)
	day := min(issued.UTC().Day(), first.AddDate(0, 1, -1).Day())
	return calendar.NewDate(first.Year(), first.Month(), day).Add(days), true
}

func period(text string) (days, months int, ok bool) {
	if !periodShape.MatchString(text) {
		return 0, 0, false
	}
	n, err := strconv.Atoi(text[:len(text)-1])
	if err != nil {
		return 0, 0, false
	}
	switch text[len(text)-1] {
	case 'y':
		return 0, 12 * n, true
	case 'm':
		return 0, n, true
	}
	return n, 0, true
}

// DutyOf is the duty of a code; nil when the type has none.
func (t *Type) DutyOf(code string) *Duty {
	for i := range t.Duties {
		if t.Duties[i].Code == code {
			return &t.Duties[i]
		}
	}
	return nil
}

// Revisited says that officials come again after the permit is issued.
func (t *Type) Revisited() bool {
	for _, d := range t.Duties {
		if d.Kind == DutyInspection {
			return true
		}
	}
	return false
}

func (c *checking) duties() {
	c.That(len(c.t.Duties) <= dutiesMost, "duties", "permittype.duties.many", "Max", dutiesMost)
	seen := map[string]bool{}
	for _, d := range c.t.Duties {
		at := "duty." + d.Code
		c.That(codeShape.MatchString(d.Code), at, "catalogue.code.invalid")
		c.That(!seen[d.Code], at, "permittype.code.twice", "Code", d.Code)
		seen[d.Code] = true
		c.That(d.Kind == DutyReport || d.Kind == DutyPaper || d.Kind == DutyInspection, at+".kind", "permittype.duty.kind")
		c.whole(at+".name", d.Name)
		c.optional(at+".hint", d.Hint)
		c.optional(at+".legal", d.Legal)
		c.That(periodShape.MatchString(d.First), at+".first", "permittype.duty.period")
		c.That(d.Every == "" || periodShape.MatchString(d.Every), at+".every", "permittype.duty.period")
		c.That(d.Warn >= 0 && d.Warn <= 366, at+".warn", "permittype.duty.warn")
		c.That(d.Kind != DutyInspection || c.t.Inspection, at+".kind", "permittype.duty.checklist")
	}
}
