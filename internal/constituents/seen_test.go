package constituents_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"minqing/internal/constituents"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/fault"
)

// TestAnAddressIsSeenOnADocument has staff note that they saw one: an address alone, once,
// as it was read; phones and mailboxes are proven by their owner.
func TestAnAddressIsSeenOnADocument(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := service(t, d)
		id, err := s.Create(system(), wang, "zh-Hant")
		require.NoError(t, err)
		points := func() map[constituents.PointKind]constituents.Point {
			known, err := s.Known(system(), []string{id})
			require.NoError(t, err)
			out := map[constituents.PointKind]constituents.Point{}
			for _, p := range known.Points {
				out[p.Kind] = p
			}
			return out
		}
		before := points()
		require.Len(t, before, 3)
		for _, kind := range []constituents.PointKind{constituents.Phone, constituents.Email} {
			require.Equal(t, fault.Conflict, fault.KindOf(s.SeePoint(system(), id, before[kind].ID, before[kind].Version)), kind)
			require.Nil(t, points()[kind].VerifiedAt)
		}
		home := before[constituents.Address]
		require.Equal(t, fault.Conflict, fault.KindOf(s.SeePoint(system(), id, home.ID, home.Version+1)), "it changed since")
		require.NoError(t, s.SeePoint(system(), id, home.ID, home.Version))
		require.Equal(t, start, points()[constituents.Address].VerifiedAt.UTC())
		require.EqualValues(t, 1, count(t, d, "SELECT count(*) FROM audit_entries WHERE action = 'constituent.see_address' AND object_id = ?", id))
		require.Equal(t, fault.Conflict, fault.KindOf(s.SeePoint(system(), id, home.ID, points()[constituents.Address].Version)), "once is enough")

		other, err := s.Create(system(), constituents.Contact{Name: "李大華", Address: "中山路 9 號"}, "zh-Hant")
		require.NoError(t, err)
		require.Equal(t, fault.NotFound, fault.KindOf(s.SeePoint(system(), other, home.ID, 2)), "it is none of theirs")
		known, err := s.Known(system(), []string{other})
		require.NoError(t, err)
		require.NoError(t, s.EndPoint(system(), other, known.Points[0].ID, known.Points[0].Version))
		require.Equal(t, fault.Conflict, fault.KindOf(s.SeePoint(system(), other, known.Points[0].ID, known.Points[0].Version+1)), "they do not live there any more")
	})
}
