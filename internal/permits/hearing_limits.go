package permits

import (
	"time"

	"minqing/internal/calendar"
)

// Limits of a hearing, in working days (行政許可法 art. 47, 48, 82).
const (
	hearingAskDays    = 5  // to ask for one, from being told of the right
	hearingHoldDays   = 20 // to hold it, from being asked
	hearingNoticeDays = 7  // between the announcement and the hearing
)

// HearingAskBy is until when somebody who was told of the right may ask for a hearing
// (art. 47).
func HearingAskBy(cal *calendar.Calendar, told time.Time) calendar.Result {
	return workingDays(cal, told, hearingAskDays)
}

// HearingHoldBy is the last day for a hearing that was asked for (art. 47).
func HearingHoldBy(cal *calendar.Calendar, asked time.Time) calendar.Result {
	return workingDays(cal, asked, hearingHoldDays)
}

// HearingEarliest is the first day for a hearing that is announced now: seven days lie
// between (art. 48 (1)).
func HearingEarliest(cal *calendar.Calendar, announced time.Time) calendar.Result {
	return workingDays(cal, announced, hearingNoticeDays)
}

// hearingUnasked says that nobody asked in time. Over a year without a published
// calendar it is not said: the day is provisional, and the right stays open.
func hearingUnasked(by calendar.Result, now time.Time) bool {
	return !by.Provisional && now.After(by.Due)
}

func workingDays(cal *calendar.Calendar, from time.Time, n int) calendar.Result {
	limit, err := calendar.NewLimit(n, calendar.WorkingDays)
	if err != nil {
		return calendar.Result{}
	}
	return cal.DueFast(from, limit, nil)
}
