package cases_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"minqing/internal/cases"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
)

// beside gives the numbers of what stands beside a case for somebody.
func (w *town) beside(ctx context.Context, no string) (person, place []string) {
	w.t.Helper()
	v, err := w.View(ctx, no)
	require.NoError(w.t, err)
	e, err := w.Earlier(ctx, &v.Case)
	require.NoError(w.t, err)
	for _, it := range e.Person {
		person = append(person, it.CaseNo)
	}
	for _, it := range e.Place {
		place = append(place, it.CaseNo)
	}
	return person, place
}

func TestClosedCasesOfTheSamePersonAndPlaceStandBesideACase(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		steps := append(path(w, cases.Handling, w.handler()), cases.Reply{Text: "已修復。"}, cases.Conclude{Outcome: cases.Resolved})
		areas, err := w.Places.Map(t.Context())
		require.NoError(t, err)
		spot := areas.At("subdistrict", "", w.today())[0]
		at := func(lat float64, phone string, c cases.Confidentiality) string {
			no := w.file(func(f *cases.Filing) {
				f.Location.Lat, f.Location.Lng = new(spot.CentreLat+lat), new(spot.CentreLng)
				f.Confidentiality = c
				if f.Contact.Phone, f.Contact.Email = phone, ""; c == cases.AnonymousFiler {
					f.Contact = cases.Contact{}
				}
			}).CaseNo
			w.do(no, steps...)
			return no
		}
		const ming, hua = "13812345678", "13900000001"
		first := at(0, ming, cases.Normal)
		neighbour := at(0.001, hua, cases.Normal) // 111 metres
		secret := at(0, ming, cases.IdentityHidden)
		at(0, "", cases.AnonymousFiler)
		now := w.file(func(f *cases.Filing) {
			f.Location.Lat, f.Location.Lng, f.Contact.Email = new(spot.CentreLat), new(spot.CentreLng), ""
		}).CaseNo
		open := w.file(func(f *cases.Filing) { f.Contact.Email = "" }).CaseNo
		person, _ := w.beside(w.system(), now)
		require.Empty(t, person, "a shared number alone makes nobody the same")
		m := w.merging()
		for _, no := range []string{secret, now, open} {
			_, err := w.merge(m, w.asks(first), w.asks(no))
			require.NoError(t, err)
		}
		person, place := w.beside(w.system(), now)
		require.Equal(t, []string{first}, person, "not what is open, and never what hides its person")
		require.Equal(t, []string{neighbour}, place)
		person, place = w.beside(w.system(), open)
		require.Equal(t, []string{first}, person)
		require.Empty(t, place, "it has no point")
		hidden := w.file(func(f *cases.Filing) {
			f.Location.Lat, f.Location.Lng, f.Confidentiality = new(spot.CentreLat), new(spot.CentreLng), cases.IdentityHidden
		}).CaseNo
		_, err = w.merge(m, w.asks(first), w.asks(hidden))
		require.NoError(t, err)
		person, place = w.beside(w.system(), hidden)
		require.Empty(t, person)
		require.Empty(t, place, "beside a hidden one stands nothing")

		w.do(now, cases.Accept{}, cases.Dispatch{UnitCode: "SW01"})
		person, place = w.beside(w.staff("handler", "SW01"), now)
		require.Empty(t, person, "out of scope")
		require.Empty(t, place)
	})
}
