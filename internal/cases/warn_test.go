package cases_test

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/cases"
	"minqing/internal/clocks"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
)

// warned reads what the clocks of a case warned of, in order.
func (w *town) warned(caseID string) (list []cases.Warned) {
	w.t.Helper()
	var args []string
	require.NoError(w.t, w.db.From(w.t.Context()).Raw("SELECT CAST("+map[db.Engine]string{db.SQLite: "json(args)", db.PostgreSQL: "args"}[w.db.Engine()]+
		" AS TEXT) FROM river_job WHERE kind = 'case.warned' ORDER BY id").Scan(&args).Error)
	for _, a := range args {
		var one cases.Warned
		require.NoError(w.t, json.Unmarshal([]byte(a), &one))
		if one.CaseID == caseID {
			list = append(list, one)
		}
	}
	return list
}

func levels(list []cases.Warned, k clocks.Kind) (out []clocks.Level) {
	for _, one := range list {
		if one.Clock == k {
			out = append(out, one.Level)
		}
	}
	return out
}

func TestAClockWarnsOnceForEachLevelAndDueTime(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		handler := w.member("handler", "CG03")
		r := w.file()
		w.do(r.CaseNo, path(w, cases.Handling, handler)...)
		w.do(r.CaseNo, cases.Note{Text: "已致電。", Contacted: true})
		require.NoError(t, w.Warn(w.system()))
		require.Empty(t, w.warned(r.CaseID), "nothing is near its end")

		w.wait(41 * time.Hour) // Thursday 9:00, a working day before it is due
		require.NoError(t, w.Warn(w.system()))
		require.NoError(t, w.Warn(w.system()))
		require.Equal(t, []clocks.Level{clocks.Before}, levels(w.warned(r.CaseID), clocks.Conclusion), "run twice, it warns once")

		require.NoError(t, d.From(t.Context()).Exec("UPDATE case_clocks SET warn_at = ?, warn_level = 1 WHERE case_id = ? AND kind = 'conclusion'", w.clock(), r.CaseID).Error)
		require.NoError(t, w.Warn(w.system()))
		require.Len(t, w.warned(r.CaseID), 1, "nor when a crash made it forget that it did")

		w.do(r.CaseNo, cases.RequestExtension{Days: "2", Ground: "待料。"}, cases.DecideExtension{Approve: true, Text: "待料。"})
		require.NoError(t, w.Warn(w.system()))
		require.Len(t, w.warned(r.CaseID), 1, "due later, it has time again")
		w.wait(4 * 24 * time.Hour) // Monday 9:00
		require.NoError(t, w.Warn(w.system()))
		require.Equal(t, []clocks.Level{clocks.Before, clocks.Before}, levels(w.warned(r.CaseID), clocks.Conclusion), "and warns for the new due time")

		w.do(r.CaseNo, suspend())
		w.wait(30 * 24 * time.Hour)
		require.NoError(t, w.Warn(w.system()))
		require.Len(t, w.warned(r.CaseID), 2, "a clock that stands still warns nobody")
		who, err := w.Warnees(w.system(), w.warned(r.CaseID)[1])
		require.NoError(t, err)
		require.Empty(t, who, "nor does a warning that was under way")
		w.do(r.CaseNo, cases.Resume{})
		w.wait(30 * 24 * time.Hour)
		require.NoError(t, w.Warn(w.system()))
		require.Equal(t, []clocks.Level{clocks.Before, clocks.Before, clocks.After}, levels(w.warned(r.CaseID), clocks.Conclusion), "what was missed is not made up for, the highest counts")
		require.NoError(t, w.Warn(w.system()))
		require.Len(t, w.warned(r.CaseID), 3)
		var rows int
		require.NoError(t, d.From(t.Context()).Raw("SELECT count(*) FROM clock_warnings WHERE case_id = ?", r.CaseID).Scan(&rows).Error)
		require.Equal(t, 3, rows)
	})
}

func TestWarningsGoUpFromHandlerToHeadToSupervisor(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		handler, head, boss, chief := w.member("handler", "CG03"), w.member("head", "CG03"), w.member("head", "CG"), w.member("supervisor", "LJ")
		desk := w.member("dispatcher", "LJ")
		officer := w.member("whistle_officer", "LJ")
		warn := func(no string, k clocks.Kind, l clocks.Level) []string {
			v, err := w.View(w.system(), no)
			require.NoError(t, err)
			c := v.Clock(k)
			require.NotNil(t, c, k)
			who, err := w.Warnees(w.system(), cases.Warned{CaseID: v.ID, Clock: k, No: c.No, Level: l, DueUnix: c.DueAt.Unix()})
			require.NoError(t, err)
			return who
		}
		sorted := func(ids ...string) []string { return slices.Sorted(slices.Values(ids)) }
		r := w.file()
		require.Equal(t, []string{desk}, warn(r.CaseNo, clocks.Acceptance, clocks.Before), "the intake desk accepts")
		w.do(r.CaseNo, cases.Accept{}, cases.Dispatch{})
		require.Equal(t, []string{head}, warn(r.CaseNo, clocks.SignIn, clocks.Before), "nobody handles it yet: the unit's own head, not the bureau's")
		w.do(r.CaseNo, cases.SignIn{}, cases.Assign{HandlerID: handler})
		require.Equal(t, []string{handler}, warn(r.CaseNo, clocks.Conclusion, clocks.Before))
		require.Equal(t, sorted(handler, head), warn(r.CaseNo, clocks.Conclusion, clocks.Due))
		require.Equal(t, sorted(handler, head, chief), warn(r.CaseNo, clocks.Conclusion, clocks.After))
		require.NotContains(t, warn(r.CaseNo, clocks.Conclusion, clocks.After), boss)

		require.NoError(t, d.From(t.Context()).Exec("UPDATE grants SET valid_until = ? WHERE account_id = ?", w.clock(), handler).Error)
		w.wait(time.Minute)
		require.Equal(t, sorted(head), warn(r.CaseNo, clocks.Conclusion, clocks.Due), "who may not read the case any more hears nothing of it")

		secret := w.file(func(f *cases.Filing) { f.Confidentiality, f.Contact = cases.Whistle, cases.Contact{} })
		for _, l := range clocks.Levels {
			for _, id := range warn(secret.CaseNo, clocks.Conclusion, l) {
				require.Equal(t, officer, id, "only who receives whistle-blowers' cases hears of one")
			}
		}
	})
}
