package permits_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/calendar"
	"minqing/internal/permits"
	"minqing/internal/permittypes"
)

func date(t require.TestingT, s string) calendar.Date {
	d, err := calendar.ParseDate(s)
	require.NoError(t, err)
	return d
}

func limit(t require.TestingT, s string) calendar.Limit {
	l, err := calendar.ParseLimit(s)
	require.NoError(t, err)
	return l
}

func china(t require.TestingT) *calendar.Calendar {
	c, err := calendar.Builtin("CN")
	require.NoError(t, err)
	return c
}

// at is ten in the morning in the city.
func at(t require.TestingT, day string) time.Time {
	return date(t, day).Start(china(t).Zone()).Add(10 * time.Hour)
}

func byLaw(t require.TestingT) *permittypes.Type {
	return &permittypes.Type{Completeness: limit(t, "5wd"), Statutory: limit(t, "20wd"), Issue: limit(t, "10wd")}
}

// Administrative Licensing Law, art. 32 and 82: five working days, holidays left out, make-up days
// counted, and silence is acceptance only when the last of them is over.
func TestSilenceIsAcceptanceAfterFiveWorkingDays(t *testing.T) {
	for _, c := range []struct{ received, by string }{
		{"2025-09-26", "2025-10-10"}, // crosses the eight-day holiday, with the make-up Sunday
		{"2025-12-30", "2026-01-07"}, // over the year, with the make-up Sunday 01-04
		{"2026-02-10", "2026-02-24"},
		{"2026-09-30", "2026-10-13"},
	} {
		by := permits.AcceptBy(china(t), byLaw(t), at(t, c.received))
		require.Equal(t, date(t, c.by), by.On, c.received)
		require.False(t, by.Provisional)
		end := date(t, c.by).End(china(t).Zone())
		require.False(t, permits.IsDeemed(china(t), byLaw(t), at(t, c.received), end), "the last day is theirs to the end")
		require.True(t, permits.IsDeemed(china(t), byLaw(t), at(t, c.received), end.Add(time.Second)))
	}
}

// A year without a published calendar: the day is provisional, and nothing is
// deemed by it.
func TestAYearWithoutACalendarDeemsNothing(t *testing.T) {
	by := permits.AcceptBy(china(t), byLaw(t), at(t, "2026-12-30"))
	require.True(t, by.Provisional)
	require.False(t, permits.IsDeemed(china(t), byLaw(t), at(t, "2026-12-30"), at(t, "2027-03-01")))
}

// Art. 42: twenty working days, ten more with approval; art. 45: suspensions do
// not count; art. 44: ten to issue.
func TestTheLimitsOfADecision(t *testing.T) {
	cal, law := china(t), byLaw(t)
	require.Equal(t, date(t, "2025-10-30"), permits.DecideBy(cal, law, at(t, "2025-09-26"), 0, nil).On)
	require.Equal(t, date(t, "2025-11-13"), permits.DecideBy(cal, law, at(t, "2025-09-26"), permits.ExtensionMost, nil).On)
	require.Equal(t, date(t, "2026-03-16"), permits.DecideBy(cal, law, at(t, "2026-02-10"), 0, nil).On)
	require.Equal(t, date(t, "2026-03-30"), permits.DecideBy(cal, law, at(t, "2026-03-02"), 0, nil).On)
	inspected := []calendar.Span{cal.Closed(date(t, "2026-03-10"), date(t, "2026-03-20"))}
	require.Equal(t, date(t, "2026-04-13"), permits.DecideBy(cal, law, at(t, "2026-03-02"), 0, inspected).On)
	require.Equal(t, date(t, "2026-03-16"), permits.IssueBy(cal, law, at(t, "2026-03-02")).On)
}

func TestAVerifiedMaterialIsUsedAgainWhileItIsValid(t *testing.T) {
	m := permittypes.Material{Reusable: true, ValidMonths: 6}
	require.True(t, permits.Reusable(m, date(t, "2026-08-31"), date(t, "2027-02-28")), "the last day of a month that has no 31st")
	require.False(t, permits.Reusable(m, date(t, "2026-08-31"), date(t, "2027-03-01")))
	m.Reusable = false
	require.False(t, permits.Reusable(m, date(t, "2026-08-31"), date(t, "2026-09-01")))
	require.True(t, permits.Reusable(permittypes.Material{Reusable: true}, date(t, "2020-01-01"), date(t, "2026-09-01")))
}

// Reconsideration within sixty days (行政復議法 art. 20), suit within six months
// (行政訴訟法 art. 46), the day of learning not counted; a last day that is off moves on.
func TestTheLastDaysOfTheRemedies(t *testing.T) {
	for told, want := range map[string][2]string{
		"2026-03-02": {"2026-05-06", "2026-09-02"}, // 1 May is a holiday, as are the days to the 5th
		"2026-03-10": {"2026-05-09", "2026-09-10"}, // a Saturday that is worked
		"2026-08-31": {"2026-10-30", "2027-02-28"}, // no 31st, and a year that is not published
		"2026-04-01": {"2026-06-01", "2026-10-08"}, // Sunday moves to Monday; the week of the National Day
	} {
		r := permits.RemedyOf(china(t), date(t, told))
		require.Equal(t, [2]string{want[0], want[1]}, [2]string{r.Reconsider.String(), r.Sue.String()}, told)
		require.Equal(t, date(t, told), r.Told)
	}
}
