package i18n

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Format writes times and numbers for readers of one language. Times are shown
// in Zone (UTC when nil), dates of the ROC calendar in Chinese when ROC is set.
type Format struct {
	Lang Lang
	Zone *time.Location
	ROC  bool
}

var (
	weekdaysHant = [...]string{"日", "一", "二", "三", "四", "五", "六"}
	weekdaysEn   = [...]string{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"}
)

func (f Format) local(t time.Time) time.Time {
	if f.Zone == nil {
		return t.UTC()
	}
	return t.In(f.Zone)
}

// Date is a full date with its weekday: "2026 年 11 月 27 日（五）",
// "2026年11月27日（周五）", "Fri 27 November 2026".
func (f Format) Date(t time.Time) string { return f.civil(f.local(t), true) }

// Day is a date without its year, for the near future and past.
func (f Format) Day(t time.Time) string { return f.civil(f.local(t), false) }

// CivilDate is Date for a calendar day that has no zone of its own.
func (f Format) CivilDate(year int, month time.Month, day int) string {
	return f.civil(time.Date(year, month, day, 0, 0, 0, 0, time.UTC), true)
}

// CivilDay is Day for a calendar day that has no zone of its own.
func (f Format) CivilDay(year int, month time.Month, day int) string {
	return f.civil(time.Date(year, month, day, 0, 0, 0, 0, time.UTC), false)
}

func (f Format) civil(t time.Time, withYear bool) string {
	day, weekday := strconv.Itoa(t.Day()), t.Weekday()
	switch f.Lang {
	case ZhHant:
		year := ""
		if withYear {
			year = f.year(t.Year(), " ") + " "
		}
		return year + strconv.Itoa(int(t.Month())) + " 月 " + day + " 日（" + weekdaysHant[weekday] + "）"
	case ZhHans:
		year := ""
		if withYear {
			year = f.year(t.Year(), "")
		}
		return year + strconv.Itoa(int(t.Month())) + "月" + day + "日（周" + weekdaysHant[weekday] + "）"
	default:
		year := ""
		if withYear {
			year = " " + strconv.Itoa(t.Year())
		}
		return weekdaysEn[weekday] + " " + day + " " + t.Month().String() + year
	}
}

// year writes the year for Chinese readers; the first ROC year is 元年 (1912),
// and years before it stay Gregorian.
func (f Format) year(y int, gap string) string {
	n := y - 1911
	if !f.ROC || n < 1 {
		return strconv.Itoa(y) + gap + "年"
	}
	if f.Lang == ZhHans {
		return "民国" + strconv.Itoa(n) + "年"
	}
	if n == 1 {
		return "民國元年"
	}
	return "民國 " + strconv.Itoa(n) + " 年"
}

// Clock is the time of day, 24 hours.
func (f Format) Clock(t time.Time) string { return f.local(t).Format("15:04") }

// DateTime is Date and Clock.
func (f Format) DateTime(t time.Time) string {
	if f.Lang == En {
		return f.Date(t) + ", " + f.Clock(t)
	}
	return f.Date(t) + " " + f.Clock(t)
}

// DayTime is Day and Clock.
func (f Format) DayTime(t time.Time) string {
	if f.Lang == En {
		return f.Day(t) + ", " + f.Clock(t)
	}
	return f.Day(t) + " " + f.Clock(t)
}

// Month is a year and month, as charts and reports head them.
func (f Format) Month(year int, month time.Month) string {
	switch f.Lang {
	case ZhHant:
		return fmt.Sprintf("%s %d 月", f.year(year, " "), month)
	case ZhHans:
		return fmt.Sprintf("%s%d月", f.year(year, ""), month)
	default:
		return fmt.Sprintf("%s %d", month, year)
	}
}

// Number writes a whole number with separators: 1,204.
func (f Format) Number(n int64) string { return groupDigits(n) }

// Decimal writes a number with a fixed count of decimals: 1,204.5.
func (f Format) Decimal(x float64, decimals int) string {
	s := strconv.FormatFloat(x, 'f', decimals, 64)
	whole, rest, found := strings.Cut(s, ".")
	sign := ""
	if strings.HasPrefix(whole, "-") {
		sign, whole = "-", whole[1:]
	}
	s = sign + separate(whole)
	if found {
		s += "." + rest
	}
	return s
}

// Percent writes a share between 0 and 1: 0.912 is "91.2 %" in Chinese and
// "91.2%" in English.
func (f Format) Percent(share float64) string {
	if f.Lang == En {
		return f.Decimal(share*100, 1) + "%"
	}
	return f.Decimal(share*100, 1) + " %"
}

func groupDigits(n int64) string {
	s := strconv.FormatInt(n, 10)
	if strings.HasPrefix(s, "-") {
		return "-" + separate(s[1:])
	}
	return separate(s)
}

func separate(digits string) string {
	if len(digits) <= 3 {
		return digits
	}
	var b strings.Builder
	head := len(digits) % 3
	b.WriteString(digits[:head])
	for i := head; i < len(digits); i += 3 {
		if b.Len() > 0 {
			b.WriteByte(',')
		}
		b.WriteString(digits[i : i+3])
	}
	return b.String()
}
