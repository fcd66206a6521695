package catalogue_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"minqing/internal/calendar"
	"minqing/internal/catalogue"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/fault"
	"minqing/internal/i18n"
)

func TestClockRulesComeFromTheMatterThenFromTheUnitsAbove(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := service(d)
		limit := func(s string) calendar.Limit {
			l, err := calendar.ParseLimit(s)
			require.NoError(t, err)
			return l
		}
		name := i18n.Text{i18n.ZhHant: "名", i18n.ZhHans: "名", i18n.En: "name"}
		twice, never := 2, 0
		content := catalogue.Content{Source: "test", ValidFrom: calendar.NewDate(2026, 1, 1),
			Units: []catalogue.UnitDef{
				{Life: catalogue.Life{Code: "A"}, Name: name, Kind: catalogue.UnitCity, ClockRules: catalogue.ClockRules{Acceptance: limit("1wd"), WarnAfter: limit("2wd"), Extensions: &twice}},
				{Life: catalogue.Life{Code: "B"}, Name: name, Kind: catalogue.UnitBureau, Parent: "A", ClockRules: catalogue.ClockRules{WarnAfter: limit("3wd")}}},
			Fields: []catalogue.FieldDef{{Life: catalogue.Life{Code: "f"}, Name: name}},
			Matters: []catalogue.MatterDef{{Life: catalogue.Life{Code: "m"}, Name: name, Field: "f", Track: catalogue.TrackHotline, Kinds: catalogue.Codes{"complaint"},
				HandlingLimit: limit("5wd"), ClockRules: catalogue.ClockRules{Extensions: &never, WarnShare: 80}}}}
		_, err := s.Load(system(), content)
		require.NoError(t, err)
		snap, err := s.Snapshot(context.Background())
		require.NoError(t, err)
		b, err := snap.Unit("B")
		require.NoError(t, err)
		m, err := snap.Matter("m")
		require.NoError(t, err)
		r := snap.ClockRules(b, m)
		require.Equal(t, []string{"1wd", "3wd"}, []string{r.Acceptance.String(), r.WarnAfter.String()})
		require.Equal(t, 0, *r.Extensions, "the matter says never")
		require.Equal(t, 80, r.WarnShare)
		require.Equal(t, 2, *snap.ClockRules(b, nil).Extensions)

		content.Matters[0].ClockRules.WarnShare = 100
		_, err = s.Load(system(), content)
		require.Equal(t, fault.Invalid, fault.KindOf(err))
	})
}
