package cases_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/access"
	"minqing/internal/cases"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/demo"
	"minqing/internal/fault"
)

// move puts a unit below another one, as a reorganised government does.
func (w *town) move(unit, below string) {
	w.t.Helper()
	content, err := demo.Content()
	require.NoError(w.t, err)
	content.Units = slices.Clone(content.Units) // everybody has the same
	for i := range content.Units {
		if content.Units[i].Code == unit {
			content.Units[i].Parent = below
		}
	}
	_, err = w.Catalogue.Load(w.system(), content)
	require.NoError(w.t, err)
	w.wait(5 * time.Second) // what is kept of grants is read anew
}

func TestCasesGoAlongWithTheirUnit(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		r := w.file()
		w.do(r.CaseNo, cases.Accept{}, cases.Dispatch{UnitCode: "CG03"})
		handler, before, after := w.as(w.member("handler", "CG03")), w.as(w.member("head", "CG")), w.as(w.member("head", "SW"))
		for round, heads := range [][2]string{{"CG", "SW"}, {"SW", "CG"}} {
			reads, reads2 := before, after
			if round == 1 {
				w.move("CG03", "SW")
				reads, reads2 = after, before
			}
			_, err := w.View(handler, r.CaseNo)
			require.NoError(t, err, "grants go along")
			page, err := w.Queue(handler, cases.Filter{View: cases.ViewOpen})
			require.NoError(t, err)
			require.Len(t, page.Items, 1)
			_, err = w.View(reads, r.CaseNo)
			require.NoError(t, err, "below %s", heads[0])
			_, err = w.View(reads2, r.CaseNo)
			require.Equal(t, fault.NotFound, fault.KindOf(err), "not below %s", heads[1])
			page, err = w.Queue(reads2, cases.Filter{View: cases.ViewOpen})
			require.NoError(t, err)
			require.Empty(t, page.Items)
		}
		var due int
		require.NoError(t, d.From(w.system()).Raw("SELECT count(DISTINCT case_id) FROM case_search_due").Scan(&due).Error)
		require.Equal(t, 1, due, "the search finds it elsewhere, too")
	})
}

// A unit that returned a case has no more use for who asks.
func TestAFormerUnitShowsNobodyInTheClear(t *testing.T) {
	w := newTown(t, dbtest.New(t))
	r := w.file()
	handler, agent := w.as(w.member("handler", "CG03")), w.as(w.member("call_agent", "HL"))
	w.do(r.CaseNo, cases.Accept{}, cases.Dispatch{UnitCode: "CG03"}, cases.SignIn{})
	v, err := w.ViewFor(handler, r.CaseNo, access.CaseReveal)
	require.NoError(t, err)
	require.True(t, v.Reveals)
	w.do(r.CaseNo, cases.Return{Reason: "not_our_duty", Explanation: "屬水務局。"}, cases.Dispatch{UnitCode: "SW01"})
	v, err = w.View(handler, r.CaseNo)
	require.NoError(t, err, "they read on")
	require.False(t, v.Reveals)
	_, err = w.ViewFor(handler, r.CaseNo, access.CaseReveal)
	require.Equal(t, fault.Forbidden, fault.KindOf(err))
	_, err = w.ViewFor(agent, r.CaseNo, access.CaseReveal)
	require.NoError(t, err, "who took it in calls back")
	stranger := w.as(w.member("handler", "JT01"))
	_, err = w.ViewFor(stranger, r.CaseNo, access.CaseReveal)
	require.Equal(t, fault.NotFound, fault.KindOf(err))
}
