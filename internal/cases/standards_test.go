package cases_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/calendar"
	"minqing/internal/cases"
	"minqing/internal/catalogue"
	"minqing/internal/clocks"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/i18n"
)

// set gives a standard its next version.
func (w *town) set(a catalogue.StandardChange) {
	w.t.Helper()
	snap, err := w.Catalogue.Snapshot(w.t.Context())
	require.NoError(w.t, err)
	a.Version, a.Reason = snap.Standards.Version(a.Code), "測試"
	require.NoError(w.t, w.Catalogue.SetStandard(w.system(), a, w.today()))
	w.wait(2 * time.Second)
}

func (w *town) today() calendar.Date { return calendar.DateOf(w.clock(), time.FixedZone("", 8*3600)) }

func TestAChangedStandardMovesWhatBeganSinceItsFirstDay(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		unsorted := func(f *cases.Filing) { f.MatterCode = "" } // no matter has a limit for it
		old := w.file(unsorted)
		w.wait(24 * time.Hour)
		young := w.file(unsorted)
		_, err := w.Recount(w.system())
		require.NoError(t, err)
		due := func(no string) (calendar.Limit, time.Time) {
			k := w.ticking(no)[clocks.Contact][0]
			return k.TimeLimit, *k.DueAt
		}
		was, _ := due(old.CaseNo)
		require.Equal(t, "24h", was.String())
		w.set(catalogue.StandardChange{Code: catalogue.StdContact, ValidFrom: w.today().String(), Number: "3", Unit: "wd"})
		runs, err := w.Recounting(w.system())
		require.NoError(t, err)
		require.True(t, runs.Waiting, "the page says that a count is to come")
		_, err = w.Recount(w.system())
		require.NoError(t, err)
		limit, _ := due(old.CaseNo)
		require.Equal(t, was, limit, "what began before keeps its limit")
		limit, _ = due(young.CaseNo)
		require.Equal(t, "3wd", limit.String())
		var kept []struct{ OldLimit, NewLimit string }
		require.NoError(t, d.From(t.Context()).Raw("SELECT old_limit, new_limit FROM clock_moves WHERE kind = 'contact'").Scan(&kept).Error)
		require.Equal(t, []struct{ OldLimit, NewLimit string }{{"24h", "3wd"}}, kept)
		third := w.file(unsorted)
		limit, _ = due(third.CaseNo)
		require.Equal(t, "3wd", limit.String())
	})
}

func TestAStandardSaysWhenClocksWarnAndWhoHears(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		r, handler := w.file(), w.handler()
		w.do(r.CaseNo, path(w, cases.Handling, handler)...)
		_, err := w.Recount(w.system())
		require.NoError(t, err)
		warnAt := func() time.Time { return *w.ticking(r.CaseNo)[clocks.Conclusion][0].WarnAt }
		before := warnAt()
		w.set(catalogue.StandardChange{Code: catalogue.StdWarnBefore, ValidFrom: w.today().String(), Number: "2", Unit: "wd", Share: "60", Told: []string{"head"}})
		_, err = w.Recount(w.system())
		require.NoError(t, err)
		require.True(t, warnAt().Before(before), "it warns a working day sooner: %s, %s", warnAt(), before)
		k := w.ticking(r.CaseNo)[clocks.Conclusion][0]
		who, err := w.Warnees(context.Background(), cases.Warned{CaseID: k.CaseID, Clock: k.Kind, No: k.No, Level: clocks.Before, DueUnix: k.DueAt.Unix()})
		require.NoError(t, err)
		require.NotContains(t, who, handler, "the head alone hears")
	})
}

func TestASuspensionIsBoundAndMayNeedNoNotice(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		r := w.file()
		w.do(r.CaseNo, path(w, cases.Handling, w.handler())...)
		name := i18n.Text{i18n.ZhHant: "補件", i18n.ZhHans: "补件", i18n.En: "Papers"}
		require.NoError(t, w.Catalogue.SetSuspension(w.system(), catalogue.SuspensionChange{Code: "citizen", Version: 1, Name: name, Ground: name,
			Number: "10", Unit: "d", ValidFrom: "2020-01-01", Position: "1", Reason: "測試"}))
		w.wait(2 * time.Second)
		far := cases.Suspend{Type: "citizen", Until: w.today().Add(11).String()}
		_, err := w.Act(w.system(), r.CaseNo, 0, far)
		require.ErrorContains(t, err, "case.suspend.until.longest")
		far.Until = w.today().Add(10).String()
		c := w.do(r.CaseNo, far)
		require.NotNil(t, c.SuspendedAt)
		v, err := w.View(w.system(), r.CaseNo)
		require.NoError(t, err)
		require.Empty(t, v.Messages, "nothing was written to the person")
	})
}

func TestTheProgramAndItsTablesAgreeOnStandards(t *testing.T) {
	w := newTown(t, dbtest.New(t))
	snap, err := w.Catalogue.Snapshot(t.Context())
	require.NoError(t, err)
	for _, code := range catalogue.StandardLimits {
		require.Equal(t, clocks.Standard(nil, code, 0), clocks.Standard(snap, code, w.today()), code)
		require.False(t, clocks.Standard(nil, code, 0).IsZero(), code)
	}
	require.Equal(t, catalogue.Codes{"handler", "head", "supervisor"}, snap.Standards.On(catalogue.StdWarnAfter, w.today()).Told)
}
