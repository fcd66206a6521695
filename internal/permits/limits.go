package permits

import (
	"slices"
	"time"

	"minqing/internal/calendar"
	"minqing/internal/permittypes"
)

// ExtensionMost is by how much a decision of a single authority may take longer, once,
// with the approval of its head and the reasons told (行政許可法 art. 42 (1)): in working
// days.
const ExtensionMost = permittypes.ExtensionSingle

// Suspensions are the only reasons for which the clock of a permit stands still,
// by their codes in the catalogue: examination, expert review, hearing, tender and
// auction (行政許可法 art. 45).
var Suspensions = []string{"appraisal", "expert", "hearing", "tender"}

// SuspensionsTW are those of a permit of Taiwan: what nobody is to blame for hinders the
// handling, until it is over (行政程序法 art. 51 (5)). A correction stops the time too,
// by itself.
var SuspensionsTW = []string{"force_majeure", "other_body"}

// AcceptBy is by when the unit has to say whether an application is complete. After
// that it counts as accepted (行政許可法 art. 32 (4), art. 82).
func AcceptBy(cal *calendar.Calendar, t *permittypes.Type, complete time.Time) calendar.Result {
	return cal.DueFast(complete, t.Completeness, nil)
}

// IsDeemed says whether an application counts as accepted because nobody spoke.
// Over a year without a published calendar it is not said: the day is provisional. Of
// a permit of Taiwan nothing is accepted by silence.
func IsDeemed(cal *calendar.Calendar, t *permittypes.Type, complete, now time.Time) bool {
	by := AcceptBy(cal, t, complete)
	return !t.OfTaiwan() && !t.Completeness.IsZero() && !by.Provisional && now.After(by.Due)
}

// counted is from when the time for the decision counts: the acceptance, of a permit of
// Taiwan the receipt (行政程序法 art. 51); nil before that.
func (a *Application) counted(t *permittypes.Type) *time.Time {
	if t.OfTaiwan() {
		return a.ReceivedAt
	}
	return a.AcceptedAt
}

// DecideBy is the last day that the law leaves for the decision: the statutory
// limit from when it counts, longer by what the head allowed, without the
// suspensions.
func DecideBy(cal *calendar.Calendar, t *permittypes.Type, from time.Time, extended int, pauses []calendar.Span) calendar.Result {
	limit := t.Statutory
	if extended > 0 && !limit.IsZero() {
		if longer, err := calendar.NewLimit(limit.Number()+extended, limit.Unit()); err == nil {
			limit = longer
		}
	}
	return cal.DueFast(from, limit, pauses)
}

// IssueBy is by when the permit has to be in the applicant's hands (art. 44).
func IssueBy(cal *calendar.Calendar, t *permittypes.Type, decided time.Time) calendar.Result {
	return cal.DueFast(decided, t.Issue, nil)
}

// Reusable says whether a material that was verified on a day may be used again:
// the type allows it, and its validity is not over.
func Reusable(m permittypes.Material, verifiedOn, today calendar.Date) bool {
	return m.Reusable && (m.ValidMonths == 0 || today <= verifiedOn.AddMonths(m.ValidMonths))
}

// isListed says whether a suspension is one that the law of the type knows.
func isListed(t *permittypes.Type, code string) bool {
	if t != nil && t.OfTaiwan() {
		return slices.Contains(SuspensionsTW, code)
	}
	return slices.Contains(Suspensions, code)
}
