package clocks_test

import (
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"minqing/internal/actor"
	"minqing/internal/audit"
	"minqing/internal/calendar"
	"minqing/internal/catalogue"
	"minqing/internal/clocks"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/i18n"
)

func limit(t require.TestingT, s string) calendar.Limit {
	l, err := calendar.ParseLimit(s)
	require.NoError(t, err)
	return l
}

// bureaus is a city with one bureau that lives by another calendar, and one
// section with office hours of its own.
func bureaus(t testing.TB, d *db.DB) *catalogue.Snapshot {
	t.Helper()
	now := func() time.Time { return time.Date(2026, 3, 2, 1, 0, 0, 0, time.UTC) }
	life := func(code string) catalogue.Life { return catalogue.Life{Code: code} }
	name := func(s string) i18n.Text { return i18n.Text{i18n.ZhHant: s, i18n.ZhHans: s, i18n.En: s} }
	from, err := calendar.ParseDate("2025-01-01")
	require.NoError(t, err)
	s := catalogue.New(d, audit.New(d, now), now)
	_, err = s.Load(actor.AsSystem(t.Context(), "test"), catalogue.Content{Source: "test", ValidFrom: from,
		Units: []catalogue.UnitDef{
			{Life: life("LJ"), Name: name("臨江市"), Kind: catalogue.UnitCity, Zone: "Asia/Shanghai", Calendar: "CN",
				OfficeHours: catalogue.OfficeHours{{From: 9 * 3600, To: 12 * 3600}}},
			{Life: life("CG"), Name: name("城管局"), Parent: "LJ", Kind: catalogue.UnitBureau},
			{Life: life("CG01"), Name: name("路燈科"), Parent: "CG", Kind: catalogue.UnitSection, OfficeHours: catalogue.OfficeHours{{From: 20 * 3600, To: 22 * 3600}}},
			{Life: life("TX"), Name: name("另一局"), Parent: "LJ", Kind: catalogue.UnitBureau, Calendar: "TW"},
		},
		Fields: []catalogue.FieldDef{{Life: life("road"), Name: name("道路"), Position: 1}},
		Matters: []catalogue.MatterDef{{Life: life("lamp"), Field: "road", Unit: "CG01", Track: catalogue.TrackHotline, Name: name("路燈"),
			Kinds: catalogue.Codes{"complaint"}, HandlingLimit: limit(t, "4wh"), ResponseLimit: limit(t, "1wd")}},
	})
	require.NoError(t, err)
	snap, err := s.Snapshot(t.Context())
	require.NoError(t, err)
	return snap
}

func unit(t require.TestingT, snap *catalogue.Snapshot, code string) *catalogue.Unit {
	u, err := snap.Unit(code)
	require.NoError(t, err)
	return u
}

func TestCalendarAndHoursComeDownTheTree(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		snap := bureaus(t, d)
		s, err := clocks.New("CN")
		require.NoError(t, err)
		shifts := map[string][]calendar.Shift{}
		for code, cal := range map[string]string{"LJ": "CN", "CG": "CN", "CG01": "CN", "TX": "TW"} {
			c, err := s.Of(snap, unit(t, snap, code))
			require.NoError(t, err)
			require.Equal(t, cal, c.Code(), code)
			shifts[code] = c.Shifts()
		}
		require.Equal(t, shifts["LJ"], shifts["CG"], "as the unit above")
		require.Equal(t, shifts["LJ"], shifts["TX"], "another calendar, the same hours")
		require.NotEqual(t, shifts["LJ"], shifts["CG01"])
		nobody, err := s.Of(snap, nil)
		require.NoError(t, err)
		require.Equal(t, "CN", nobody.Code())
		require.NotEqual(t, shifts["LJ"], nobody.Shifts(), "the hours are the root's, not the calendar's")
		_, err = clocks.New("MARS")
		require.ErrorContains(t, err, "MARS")
	})
}

func TestManyAskForTheSameCalendarAtOnce(t *testing.T) {
	snap := bureaus(t, dbtest.New(t))
	s, err := clocks.New("CN")
	require.NoError(t, err)
	var all sync.WaitGroup
	got := make([]*calendar.Calendar, 16)
	for i := range got {
		all.Go(func() { got[i], _ = s.Of(snap, unit(t, snap, "CG01")) })
	}
	all.Wait()
	for _, c := range got {
		require.NotNil(t, c)
		require.Equal(t, got[0].ID(), c.ID())
		require.Equal(t, got[0].Shifts(), c.Shifts())
	}
}

// What Start promises, for any instant of some years and any unit.
func TestTheClocksOfACaseAtItsReceipt(t *testing.T) {
	snap := bureaus(t, dbtest.New(t))
	lamp, err := snap.Matter("lamp")
	require.NoError(t, err)
	s, err := clocks.New("CN")
	require.NoError(t, err)
	rapid.Check(t, func(t *rapid.T) {
		at := time.Unix(rapid.Int64Range(1735689600, 1798761600).Draw(t, "at"), 0).UTC() // 2025 and 2026
		u := unit(t, snap, rapid.SampledFrom([]string{"LJ", "CG", "CG01", "TX"}).Draw(t, "unit"))
		start := func(m *catalogue.Matter, urgent bool, at time.Time) clocks.Started {
			st, err := s.Start(snap, u, m, urgent, at)
			require.NoError(t, err)
			require.Equal(t, st.Calendar.Due(at, st.Limit, nil).Due, st.Due.Due, "the explained due time is the promised one")
			require.Equal(t, st.Calendar.Due(at, st.ResponseLimit, nil).Due, st.Response.Due)
			require.Equal(t, calendar.DateOf(at, st.Calendar.Zone()), st.ReceivedOn)
			require.Equal(t, calendar.DateOf(st.Due.Due, st.Calendar.Zone()), st.Due.On)
			require.True(t, st.Due.Due.After(at) && st.Response.Due.After(at))
			return st
		}
		plain, own := start(nil, false, at), start(lamp, false, at)
		require.Equal(t, clocks.Standard(nil, catalogue.StdConclusion, 0), plain.Limit)
		require.Equal(t, at.Add(24*time.Hour), plain.Response.Due)
		require.Equal(t, 5, plain.Calendar.WorkingDaysBetween(plain.ReceivedOn, plain.Due.On))
		require.Equal(t, lamp.HandlingLimit, own.Limit)
		require.Equal(t, lamp.ResponseLimit, own.ResponseLimit)
		for _, m := range []*catalogue.Matter{nil, lamp} {
			danger := start(m, true, at)
			require.Equal(t, at.Add(2*time.Hour), danger.Due.Due, "danger to life waits for no office hours")
			require.Equal(t, danger.Due.Due, danger.Response.Due)
			later := at.Add(time.Duration(rapid.IntRange(0, 200).Draw(t, "later")) * time.Hour)
			require.False(t, start(m, false, later).Due.Due.Before(start(m, false, at).Due.Due), "who files later is not answered before")
		}
	})
}
