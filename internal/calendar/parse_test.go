package calendar_test

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"minqing/internal/calendar"
)

func TestLimitsAreReadAndWrittenAlike(t *testing.T) {
	for text, want := range map[string]string{"5wd": "5wd", " 30D ": "30d", "4WH": "4wh", "2h": "2h", "2MO": "2mo", "120mo": "120mo", "2500wd": "2500wd"} {
		require.Equal(t, want, limit(t, text).String())
	}
	for _, bad := range []string{"", "wd", "0wd", "05wd", "-1d", "+1d", "1.5h", "5 wd", "5w", "5m", "121mo", "2501wd", "99999999999h", "５wd"} {
		_, err := calendar.ParseLimit(bad)
		require.Error(t, err, bad)
	}
	var l calendar.Limit
	for _, src := range []any{nil, "", []byte{}} {
		require.NoError(t, l.Scan(src))
		require.True(t, l.IsZero())
	}
	require.Error(t, l.Scan(5))
	require.NoError(t, l.Scan([]byte("20wd")))
	longer, err := l.Extend(limit(t, "10wd"))
	require.NoError(t, err)
	require.Equal(t, limit(t, "30wd"), longer)
	_, err = l.Extend(limit(t, "10d"))
	require.Error(t, err)
	text, err := json.Marshal(struct{ L calendar.Limit }{l})
	require.NoError(t, err)
	require.JSONEq(t, `{"L":"20wd"}`, string(text))
	require.Equal(t, calendar.Result{}, builtin(t, "CN").Due(local(t, builtin(t, "CN"), "2026-01-01T00:00"), calendar.Limit{}, nil))
}

const small = `
code = "LJ"
version = "1"
source = "test"
zone = "Asia/Shanghai"
profile = "prc"
office_hours = ["08:30-12:00", "14:00-18:00"]
[[year]]
year = 2027
work = ["2027-02-06"]
[[year.holiday]]
name = { en = "New Year" }
days = ["2027-01-01..2027-01-03"]
`

func TestACalendarFileIsRead(t *testing.T) {
	c, err := calendar.Parse(strings.NewReader(small))
	require.NoError(t, err)
	require.Equal(t, "LJ@1", c.ID())
	require.Equal(t, "08:30-12:00", c.Shifts()[0].String())
	require.Equal(t, calendar.Holiday, c.Day(date(t, "2027-01-02")).Kind)
	require.Equal(t, "New Year", c.Day(date(t, "2027-01-02")).Name["en"])
	require.Equal(t, calendar.Makeup, c.Day(date(t, "2027-02-06")).Kind)
	require.Equal(t, calendar.Weekend, c.Day(date(t, "2027-02-07")).Kind)
	require.False(t, c.Day(date(t, "2026-12-31")).Published)
}

func TestAFileMayExtendABuiltInCalendar(t *testing.T) {
	text := "extends = \"CN\"\nversion = \"2027.1\"\nsource = \"test\"\n" + small[strings.Index(small, "[[year]]"):]
	c, err := calendar.Parse(strings.NewReader(text))
	require.NoError(t, err)
	require.Equal(t, "CN@2027.1", c.ID())
	require.Equal(t, []int{2024, 2025, 2026, 2027}, c.Years())
	require.False(t, c.Due(local(t, c, "2026-12-24T10:00"), limit(t, "9wd"), nil).Provisional)
	require.Equal(t, "2027-01-04", c.AddWorkingDays(date(t, "2026-12-31"), 1).String())
	require.Equal(t, []int{2024, 2025, 2026}, builtin(t, "CN").Years(), "the built-in calendar is untouched")

	merged, err := builtin(t, "CN").Merge(c)
	require.NoError(t, err)
	require.Equal(t, c.Years(), merged.Years())
	require.Equal(t, "CN@2027.1", merged.ID())
	require.True(t, merged.WorkingDay(date(t, "2027-02-06")))
	_, err = builtin(t, "TW").Merge(c)
	require.Error(t, err)
}

func TestACalendarFileWithAMistakeIsRefused(t *testing.T) {
	_, err := calendar.Parse(strings.NewReader(small))
	require.NoError(t, err)
	for what, change := range map[string][2]string{
		"no code":              {`code = "LJ"`, ``},
		"bad code":             {`"LJ"`, `"l j"`},
		"no version":           {`version = "1"`, ``},
		"no source":            {`source = "test"`, ``},
		"bad zone":             {`Asia/Shanghai`, `Asia/Nowhere`},
		"bad profile":          {`"prc"`, `"mars"`},
		"bad shift":            {`08:30-12:00`, `12:00-08:30`},
		"overlapping shifts":   {`14:00-18:00`, `11:00-18:00`},
		"unknown entry":        {`source =`, `sauce =`},
		"day outside the year": {`2027-01-01..2027-01-03`, `2026-12-31..2027-01-03`},
		"reversed range":       {`2027-01-01..2027-01-03`, `2027-01-03..2027-01-01`},
		"no such day":          {`2027-01-01..2027-01-03`, `2027-02-29`},
		"listed twice":         {`["2027-01-01..2027-01-03"]`, `["2027-01-01", "2027-01-01"]`},
		"make-up on a Friday":  {`2027-02-06`, `2027-02-05`},
		"make-up on a holiday": {`2027-02-06`, `2027-01-02`},
		"year out of range":    {`year = 2027`, `year = 9999`},
		"bad extends":          {`code = "LJ"`, `extends = "XX"`},
		"no days":              {`["2027-01-01..2027-01-03"]`, `[]`},
		"no working day":       {`profile = "prc"`, "profile = \"prc\"\nweekend = [\"monday\",\"tuesday\",\"wednesday\",\"thursday\",\"friday\",\"saturday\",\"sunday\"]"},
		"not TOML":             {`code = "LJ"`, `code = `},
	} {
		text := strings.Replace(small, change[0], change[1], 1)
		require.NotEqual(t, small, text, what)
		_, err := calendar.Parse(strings.NewReader(text))
		require.Error(t, err, what)
	}
}

func TestTheExampleOfTheGuideIsAValidFile(t *testing.T) {
	guide, err := os.ReadFile("../../docs/calendars.md")
	require.NoError(t, err)
	_, rest, found := strings.Cut(string(guide), "```toml\n")
	require.True(t, found)
	example, _, found := strings.Cut(rest, "```")
	require.True(t, found)
	c, err := calendar.Parse(strings.NewReader(example))
	require.NoError(t, err)
	require.True(t, c.Published(2027))
}

func FuzzParseLimit(f *testing.F) {
	for _, s := range []string{"5wd", "30d", "4wh", "2h", "0wd", "", "9999999wd"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		l, err := calendar.ParseLimit(s)
		if err != nil {
			return
		}
		again, err := calendar.ParseLimit(l.String())
		require.NoError(t, err)
		require.Equal(t, l, again)
	})
}

func FuzzParse(f *testing.F) {
	f.Add(small)
	f.Add("extends = \"CN\"\nversion = \"1\"\nsource = \"x\"\n")
	f.Fuzz(func(t *testing.T, s string) {
		c, err := calendar.Parse(strings.NewReader(s))
		if err != nil {
			return
		}
		require.NotNil(t, c.Zone())
		c.DueFast(calendar.NewDate(2027, 1, 1).UTC(), limit(t, "5wd"), nil)
	})
}
