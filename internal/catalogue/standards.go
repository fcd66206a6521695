package catalogue

import (
	"cmp"
	"slices"
	"time"

	"minqing/internal/calendar"
)

// Standards that clocks ask for, by code: limits where no matter and no unit says
// otherwise, and the steps in which clocks warn.
const (
	StdAcceptance    = "acceptance"
	StdSignIn        = "sign_in"
	StdContact       = "contact"
	StdConclusion    = "conclusion"
	StdUrgent        = "urgent" // danger to life: all of the four above
	StdJoint         = "joint"
	StdCallback      = "callback"
	StdRectification = "rectification"
	StdComplex       = "complex" // a rectification that takes longer
	StdReturn        = "return"
	StdArchive       = "archive"
	StdWarnBefore    = "warn_before"
	StdWarnDue       = "warn_due"
	StdWarnAfter     = "warn_after"
)

// StandardLimits and StandardWarnings list them in the order of a case's life.
var (
	StandardLimits = []string{StdAcceptance, StdSignIn, StdContact, StdConclusion, StdUrgent, StdJoint, StdCallback, StdRectification,
		StdComplex, StdReturn, StdArchive}
	StandardWarnings = []string{StdWarnBefore, StdWarnDue, StdWarnAfter}
)

// StandardMoves are those whose open clocks are counted anew when they change.
var StandardMoves = []string{StdAcceptance, StdSignIn, StdContact, StdConclusion}

// Who may hear of a warning.
const (
	HearHandler    = "handler"
	HearHead       = "head" // of the unit; for acceptance the intake desk
	HearSupervisor = "supervisor"
)

// Hearers lists them from the nearest to the farthest.
var Hearers = Codes{HearHandler, HearHead, HearSupervisor}

// Standard is one version of a limit or of a warning. No version is ever changed:
// a later one takes its place from its own first day on.
type Standard struct {
	Code      string
	Version   int64
	ValidFrom calendar.Date
	TimeLimit calendar.Limit
	Share     int64  // of warnings: how many percent of a limit in hours are used
	Told      Codes  // of warnings: who hears
	Basis     string // in law
	Reason    string // why it was set
	SetByID   *string
	SetAt     time.Time
}

// TableName binds the type to its table.
func (Standard) TableName() string { return "clock_standards" }

// Standards are versions by code, in the order of their first days; of two that
// begin on one day the later version counts.
type Standards map[string][]*Standard

func arrangeStandards(list []*Standard) Standards {
	of := Standards{}
	for _, s := range list {
		of[s.Code] = append(of[s.Code], s)
	}
	for _, list := range of {
		slices.SortFunc(list, func(a, b *Standard) int {
			return cmp.Or(cmp.Compare(a.ValidFrom, b.ValidFrom), cmp.Compare(a.Version, b.Version))
		})
	}
	return of
}

// On is the version in force on a day, or nil.
func (s Standards) On(code string, day calendar.Date) *Standard {
	list := s[code]
	for i := len(list) - 1; i >= 0; i-- {
		if list[i].ValidFrom <= day {
			return list[i]
		}
	}
	return nil
}

// Ever says whether some version of the standard is that limit.
func (s Standards) Ever(code string, l calendar.Limit) bool {
	return slices.ContainsFunc(s[code], func(v *Standard) bool { return v.TimeLimit == l })
}

// Version is the latest one; 0 where there is none.
func (s Standards) Version(code string) (n int64) {
	for _, v := range s[code] {
		n = max(n, v.Version)
	}
	return n
}
