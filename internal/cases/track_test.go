package cases_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"minqing/internal/cases"
	"minqing/internal/catalogue"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/fault"
)

// petitions makes a matter one of petitions.
func (w *town) petitions(code string) {
	w.sql("UPDATE matters SET track = 'petition', handling_limit = '60d', version = version + 1 WHERE code = ?", code)
	w.limits(code, "60d") // calendar days
}

func TestPetitionsAndHotlineCasesDoNotMix(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		other := reviewedMatter(w)
		w.petitions(other)
		hotline, unsorted := w.file(), w.file(func(f *cases.Filing) { f.MatterCode = "" })
		petition := w.file(func(f *cases.Filing) { f.MatterCode = other })
		v, err := w.View(w.system(), petition.CaseNo)
		require.NoError(t, err)
		require.Equal(t, catalogue.TrackPetition, v.Track)
		require.Equal(t, "2027-01-25", v.DueOn.String(), "sixty calendar days, and on to the Monday")

		refused := func(no, field, key string, cmd cases.Command) {
			t.Helper()
			_, err := w.Act(w.system(), no, 0, cmd)
			e, ok := fault.As(err)
			require.True(t, ok && len(e.Fields) == 1, "%v", err)
			require.Equal(t, []string{field, key}, []string{e.Fields[0].Name, e.Fields[0].Key})
		}
		refused(hotline.CaseNo, "into", "case.merge.track", cases.Merge{Into: petition.CaseNo})
		refused(petition.CaseNo, "into", "case.merge.track", cases.Merge{Into: hotline.CaseNo})
		refused(hotline.CaseNo, "matter_code", "case.matter.track", cases.Accept{MatterCode: other})
		refused(petition.CaseNo, "matter_code", "case.matter.track", cases.Accept{MatterCode: "street-light"})
		found, err := w.Candidates(w.system(), &v.Case)
		require.NoError(t, err)
		require.Empty(t, found, "not even proposed")

		sorted := w.do(unsorted.CaseNo, cases.Accept{MatterCode: other})
		require.Equal(t, catalogue.TrackPetition, sorted.Track, "the desk says on which side a case is that nobody sorted")
		require.Equal(t, "60d", sorted.HandlingLimit.String())
		seen, err := w.View(w.system(), unsorted.CaseNo)
		require.NoError(t, err)
		require.Equal(t, catalogue.TrackPetition, seen.Track)
		w.do(petition.CaseNo, cases.Accept{})
		w.do(unsorted.CaseNo, cases.Merge{Into: petition.CaseNo})
	})
}
