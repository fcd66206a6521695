package main

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/calendar"
)

// totals of a year: weekdays off, weekend days that are worked, working days.
type totals struct{ off, makeup, working int }

func TestTheYearsHaveTheDaysOfTheirNotices(t *testing.T) {
	days, err := readDays(calendarFile)
	require.NoError(t, err)
	cal, err := calendar.Parse(strings.NewReader(calendarFile))
	require.NoError(t, err)
	want := map[int]totals{
		2011: {16, 6, 250}, 2012: {18, 6, 249}, 2013: {23, 12, 250}, 2014: {16, 5, 250}, 2015: {17, 5, 249},
		2016: {17, 6, 250}, 2017: {16, 5, 249}, 2018: {18, 7, 250}, 2019: {17, 6, 250}, 2020: {19, 6, 249},
	}
	// A year works all but its weekends and eleven statutory days. 31 December
	// 2011 was worked for a day of 2012; 3 September 2015 was a day of its own;
	// the notice of January 2020 took two working days.
	more := map[int]int{2011: 1, 2012: -1, 2015: -1, 2020: -2}
	for year := firstYear; year <= lastYear; year++ {
		var got totals
		weekends, all := 0, 0
		for at := time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC); at.Year() == year; at = at.AddDate(0, 0, 1) {
			day := at.Unix() / dayLong
			weekend := at.Weekday() == time.Saturday || at.Weekday() == time.Sunday
			worked := days.worked(day)
			require.Equal(t, worked, cal.WorkingDay(calendar.DateOf(at, time.UTC)), at.Format(time.DateOnly))
			require.False(t, days.work[day] && (!weekend || days.rest[day]), "%s is made up for, and no day off", at.Format(time.DateOnly))
			all++
			switch {
			case weekend:
				weekends++
				if worked {
					got.makeup++
				}
			case !worked:
				got.off++
			}
			if worked {
				got.working++
			}
		}
		require.Equal(t, want[year], got, year)
		require.Equal(t, all-weekends-11+more[year], got.working, year)
	}
}

// Eleven days of every year are off by the regulation of the State Council on
// public holidays, those of the moon on their own dates.
func TestEveryStatutoryDayIsOff(t *testing.T) {
	days, err := readDays(calendarFile)
	require.NoError(t, err)
	moon := map[int]string{ // eve of the new year until 2013, then its first day; Tomb-Sweeping, Dragon Boat, Mid-Autumn
		2011: "02-02 04-05 06-06 09-12", 2012: "01-22 04-04 06-23 09-30", 2013: "02-09 04-04 06-12 09-19", 2014: "01-31 04-05 06-02 09-08",
		2015: "02-19 04-05 06-20 09-27", 2016: "02-08 04-04 06-09 09-15", 2017: "01-28 04-04 05-30 10-04", 2018: "02-16 04-05 06-18 09-24",
		2019: "02-05 04-05 06-07 09-13", 2020: "01-25 04-04 06-25 10-01",
	}
	for year := firstYear; year <= lastYear; year++ {
		list := append(strings.Fields(moon[year]), "01-01", "05-01", "10-01", "10-02", "10-03")
		for i, text := range list {
			day, err := time.Parse("01-02", text)
			require.NoError(t, err)
			at := time.Date(year, day.Month(), day.Day(), 0, 0, 0, 0, time.UTC)
			require.True(t, days.rest[at.Unix()/dayLong], at)
			for n := range 3 { // the Spring Festival has three
				require.True(t, i > 0 || days.rest[at.Unix()/dayLong+int64(n)], at)
			}
		}
	}
}

func TestACalendarWithABadDayIsRefused(t *testing.T) {
	for _, bad := range []string{`work = ["2014-02-30"]`, `work = ["2014-02-08..x"]`, "holiday = [{days = [\"soon\"]}]", "work = 1"} {
		_, err := readDays("[[year]]\n" + bad)
		require.Error(t, err, bad)
	}
}
