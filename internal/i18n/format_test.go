package i18n_test

import (
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"minqing/internal/i18n"
)

func TestDatesCarryTheirWeekday(t *testing.T) {
	zone := time.FixedZone("CST", 8*3600)
	at := time.Date(2026, 11, 26, 18, 5, 0, 0, time.UTC) // the 27th in the zone
	for _, c := range []struct {
		f                   i18n.Format
		date, day, dateTime string
	}{
		{i18n.Format{Lang: i18n.ZhHant, Zone: zone}, "2026 年 11 月 27 日（五）", "11 月 27 日（五）", "2026 年 11 月 27 日（五） 02:05"},
		{i18n.Format{Lang: i18n.ZhHans, Zone: zone}, "2026年11月27日（周五）", "11月27日（周五）", "2026年11月27日（周五） 02:05"},
		{i18n.Format{Lang: i18n.En, Zone: zone}, "Fri 27 November 2026", "Fri 27 November", "Fri 27 November 2026, 02:05"},
		{i18n.Format{Lang: i18n.ZhHant, Zone: zone, ROC: true}, "民國 115 年 11 月 27 日（五）", "11 月 27 日（五）", "民國 115 年 11 月 27 日（五） 02:05"},
		{i18n.Format{Lang: i18n.En, ROC: true}, "Thu 26 November 2026", "Thu 26 November", "Thu 26 November 2026, 18:05"},
	} {
		require.Equal(t, c.date, c.f.Date(at))
		require.Equal(t, c.day, c.f.Day(at))
		require.Equal(t, c.dateTime, c.f.DateTime(at))
	}
}

func TestTheRepublicBeginsInItsFirstYear(t *testing.T) {
	f := i18n.Format{Lang: i18n.ZhHant, ROC: true}
	require.Equal(t, "民國元年 1 月 1 日（一）", f.CivilDate(1912, 1, 1))
	require.Equal(t, "1911 年 12 月 31 日（日）", f.CivilDate(1911, 12, 31))
	require.Equal(t, "民國 115 年 11 月", f.Month(2026, 11))
}

func TestNumbersAreGrouped(t *testing.T) {
	f := i18n.Format{Lang: i18n.ZhHant}
	require.Equal(t, "1,204", f.Number(1204))
	require.Equal(t, "-1,204,000", f.Number(-1204000))
	require.Equal(t, "999", f.Number(999))
	require.Equal(t, "-999", f.Number(-999))
	require.Equal(t, "-9,223,372,036,854,775,808", f.Number(-1<<63))
	require.Equal(t, "91.2 %", f.Percent(0.9121))
	require.Equal(t, "91.2%", i18n.Format{Lang: i18n.En}.Percent(0.9121))
	require.Equal(t, "-1,204.50", f.Decimal(-1204.5, 2))
}

func TestGroupingOnlyAddsCommas(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.Int64().Draw(t, "n")
		got := i18n.Format{}.Number(n)
		plain := ""
		for _, r := range got {
			if r != ',' {
				plain += string(r)
			}
		}
		require.Equal(t, plain, strconv.FormatInt(n, 10))
	})
}

func TestDaysLeftHasThreePhrases(t *testing.T) {
	key, args := i18n.DaysLeft(3)
	require.Equal(t, "common.due.left", key)
	require.Equal(t, 3, args["Count"])
	key, _ = i18n.DaysLeft(0)
	require.Equal(t, "common.due.today", key)
	key, args = i18n.DaysLeft(-2)
	require.Equal(t, "common.due.over", key)
	require.Equal(t, 2, args["Count"])
}
