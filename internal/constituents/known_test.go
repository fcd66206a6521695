package constituents_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/calendar"
	"minqing/internal/constituents"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/fault"
	"minqing/internal/idcode"
)

func TestWhatIsKnownIsCheckedKeptAndErased(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := service(t, d)
		id, err := s.Create(system(), wang, "zh-Hant")
		require.NoError(t, err)
		firm, err := s.Create(system(), constituents.Contact{Kind: constituents.Enterprise, Name: "臨江電器有限公司"}, "zh-Hans")
		require.NoError(t, err)
		on, err := calendar.ParseDate("2026-01-05")
		require.NoError(t, err)
		require.NoError(t, s.SetProfile(system(), firm, constituents.Profile{Stage: "set_up", Industry: " 製造 ", EstablishedOn: &on, DistrictCode: "DS", Source: constituents.FromStaff, Locale: "en", Version: 1}))
		bad := s.SetProfile(system(), id, constituents.Profile{Stage: "set_up", BirthYear: 1899, Source: constituents.FromStaff, Version: 1})
		e, _ := fault.As(bad)
		require.Len(t, e.Fields, 2, "the year and the stage")
		require.Equal(t, fault.Conflict, fault.KindOf(s.SetProfile(system(), firm, constituents.Profile{Source: constituents.FromStaff, Version: 1})))

		one, err := s.AddNumber(system(), firm, constituents.Document{Kind: constituents.USCC, Value: idcode.USCCFrom("91000000000000123")})
		require.NoError(t, err)
		again, err := s.AddNumber(system(), firm, constituents.Document{Kind: constituents.USCC, Value: " 9100-0000 0000 0012 3" + idcode.USCCFrom("91000000000000123")[17:], Seen: true})
		require.NoError(t, err)
		require.Equal(t, one, again, "it is the same number")
		_, err = s.AddNumber(system(), id, constituents.Document{Kind: constituents.USCC, Value: idcode.USCCFrom("91000000000000123")})
		require.Equal(t, fault.Invalid, fault.KindOf(err), "a person has no such code")

		_, err = s.Relate(system(), constituents.Relating{FromID: firm, ToID: id, Kind: constituents.Member, Source: constituents.FromStaff})
		require.Equal(t, fault.Invalid, fault.KindOf(err), "the other way round")
		_, err = s.Relate(system(), constituents.Relating{FromID: id, ToID: firm, Kind: constituents.Member, Source: constituents.FromStaff})
		require.NoError(t, err)
		need, err := s.AddNeed(system(), id, constituents.PhoneOnly, constituents.FromSelf)
		require.NoError(t, err)
		_, err = s.AddNote(system(), id, constituents.NewNote{Text: "x", Purpose: "contact", KeepUntil: calendar.DateOf(start, time.UTC).Add(1)})
		require.NoError(t, err)

		k, err := s.Known(system(), []string{id})
		require.NoError(t, err)
		require.Equal(t, "王*明", k.Name)
		require.Equal(t, need, k.Needs[0].ID)
		require.Len(t, k.Points, 3)
		require.Len(t, k.Notes, 1)
		require.Equal(t, firm, k.Relations[0].ToID)
		require.Equal(t, fault.Conflict, fault.KindOf(s.EndNeed(system(), id, need, 7)))
		require.NoError(t, s.EndNeed(system(), id, need, 1))
		of, err := s.Known(system(), []string{firm})
		require.NoError(t, err)
		require.Equal(t, "製造", of.Industry)
		require.Equal(t, "2026-01-05", of.EstablishedOn.String())
		require.NotNil(t, of.Numbers[0].VerifiedAt, "somebody saw the licence since")

		require.NoError(t, d.Tx(system(), func(ctx context.Context) error { return s.Erase(ctx, []string{id}, start) }))
		for _, table := range []string{"constituent_needs", "constituent_notes", "constituent_relations"} {
			require.Zero(t, count(t, d, "SELECT count(*) FROM "+table), table)
		}
		_, err = s.AddNeed(system(), id, constituents.PhoneOnly, constituents.FromSelf)
		require.Equal(t, fault.NotFound, fault.KindOf(err), "nothing is added to somebody erased")
	})
}

func TestInventedNumbersCarryTheirCheckCharacter(t *testing.T) {
	prc, err := idcode.ParsePRCID(idcode.PRCIDFrom("11010519491231002"), start)
	require.NoError(t, err)
	require.Equal(t, "11010519491231002X", prc.Number)
	_, err = idcode.ParseUSCC(idcode.USCCFrom("91000000000000123"))
	require.NoError(t, err)
}
