package cases_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/cases"
	"minqing/internal/catalogue"
	"minqing/internal/clocks"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
)

// publish imports a year of the calendar in which more days are off.
func (w *town) publish(off string) {
	w.t.Helper()
	require.True(w.t, w.off(off))
}

func (w *town) off(off string) bool {
	w.t.Helper()
	file := `extends = "CN"
version = "2026.` + off + `"
source = "test"
[[year]]
year = 2026
source = "test"
[[year.holiday]]
name = { zh-Hant = "放假", zh-Hans = "放假", en = "Day off" }
days = ["` + off + `"]
`
	content, err := json.Marshal(map[string]string{"file": file})
	require.NoError(w.t, err)
	changed, err := w.Catalogue.SaveCalendarYear(w.system(), catalogue.CalendarYear{Code: "CN", Year: 2026, Content: string(content), Source: "test"})
	require.NoError(w.t, err)
	w.wait(2 * time.Second) // until the catalogue is looked at again
	return changed
}

// limits changes the limit of a matter.
func (w *town) limits(code, to string) {
	w.t.Helper()
	require.NoError(w.t, w.db.From(w.t.Context()).Exec("UPDATE matters SET handling_limit = ?, version = version + 1 WHERE code = ?", to, code).Error)
	require.NoError(w.t, w.db.From(w.t.Context()).Exec("UPDATE reference_state SET revision = ? WHERE area = 'catalogue'", db.NewID(w.clock())).Error)
	w.wait(2 * time.Second)
}

func TestAChangedCalendarMovesWhatIsOpenAndSaysSo(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		steps := path(w, cases.Handling, w.handler())
		r, waits, done := w.file(), w.file(), w.file()
		w.do(r.CaseNo, steps...)
		w.do(waits.CaseNo, append(steps, suspend())...)
		w.do(done.CaseNo, append(steps, cases.Reply{Text: "已修復。"}, cases.Conclude{Outcome: cases.Resolved})...)
		n, err := w.Recount(w.system())
		require.NoError(t, err)
		require.Zero(t, n, "counted anew by the same rules, nothing moves")
		before, err := w.View(w.system(), r.CaseNo)
		require.NoError(t, err)

		w.publish("2026-11-26") // Thursday is off
		n, err = w.Recount(w.system())
		require.NoError(t, err)
		require.Equal(t, int64(1), n)
		v, err := w.View(w.system(), r.CaseNo)
		require.NoError(t, err)
		require.Equal(t, "2026-11-30", v.DueOn.String(), "Monday instead of Friday")
		require.Equal(t, before.Version+1, v.Version, "who has the form open hears of it")
		e := v.Events[len(v.Events)-1]
		require.Equal(t, cases.ActRecount, e.Action)
		require.True(t, e.Public)
		require.Equal(t, []string{"2026-11-27T15:59:59Z", "2026-11-30T15:59:59Z"}, []string{e.Facts().OldDue, e.Facts().NewDue})
		require.Equal(t, v.EventCount, e.Seq)
		k := v.Clock(clocks.Conclusion)
		require.True(t, k.DueAt.Equal(*v.DueAt))
		require.Equal(t, "CN@2026.2026-11-26", w.ticking(r.CaseNo)[clocks.Conclusion][0].CalendarVersion)
		require.Equal(t, []string{r.CaseNo, waits.CaseNo}, w.search(w.system(), cases.Filter{View: cases.ViewOpen}))
		monday := v.DueAt.Add(time.Minute)
		require.Len(t, w.search(w.system(), cases.Filter{DueBefore: &monday}), 1, "the queue has the new time")
		n, err = w.Recount(w.system())
		require.NoError(t, err)
		require.Zero(t, n, "once")
		runs, err := w.Recounting(w.system())
		require.NoError(t, err)
		require.Len(t, runs.Runs, 2, "the one before the change and the one after it: nothing is counted that did not change")
		require.False(t, runs.Waiting)
		require.Equal(t, []cases.RecountKind{{RecountID: runs.Runs[0].ID, Kind: clocks.Conclusion, Moved: 1}}, runs.Runs[0].Kinds, "old and new times are kept")
		explained, err := w.Trace(w.system(), v)
		require.NoError(t, err)
		require.Equal(t, v.DueAt.UTC(), explained.Due.UTC())

		was := w.ticking(done.CaseNo)[clocks.Conclusion][0]
		require.Equal(t, "2026-11-27", was.DueAt.Add(8*time.Hour).Format(time.DateOnly), "what is concluded stays as it was judged")
		w.wait(7 * 24 * time.Hour)
		resumed := w.do(waits.CaseNo, cases.Resume{})
		require.Equal(t, "2026-12-04", resumed.DueOn.String(), "a suspended one is counted when it runs again: three working days were left")
	})
}

func TestAChangedLimitMovesWhatIsOpenUnlessItWasDecidedOn(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		steps := path(w, cases.Handling, w.handler())
		r, longer := w.file(), w.file()
		w.do(r.CaseNo, steps...)
		w.do(longer.CaseNo, append(steps, cases.RequestExtension{Days: "2", Ground: "待料。"}, cases.DecideExtension{Approve: true, Text: "待料。"})...)
		_, err := w.Recount(w.system())
		require.NoError(t, err)
		w.limits("street-light", "4wd")
		n, err := w.Recount(w.system())
		require.NoError(t, err)
		require.Equal(t, int64(1), n)
		v, err := w.View(w.system(), r.CaseNo)
		require.NoError(t, err)
		require.Equal(t, "2026-11-30", v.DueOn.String())
		require.Equal(t, "4wd", v.HandlingLimit.String())
		v, err = w.View(w.system(), longer.CaseNo)
		require.NoError(t, err)
		require.Equal(t, "5wd", v.HandlingLimit.String(), "an extension stands")
	})
}

// A clock that stands still while its limit changes runs on by the new one; one that
// was made longer by a decision keeps that.
func TestALimitThatChangesDuringASuspensionCountsWhenTheClockRunsOn(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		steps := path(w, cases.Handling, w.handler())
		r, longer := w.file(), w.file()
		w.do(r.CaseNo, append(steps, suspend())...)
		w.do(longer.CaseNo, append(steps, cases.RequestExtension{Days: "2", Ground: "待料。"}, cases.DecideExtension{Approve: true, Text: "待料。"}, suspend())...)
		_, err := w.Recount(w.system())
		require.NoError(t, err)
		w.limits("street-light", "6wd")
		n, err := w.Recount(w.system())
		require.NoError(t, err)
		require.Zero(t, n, "neither has a due time")

		w.wait(7 * 24 * time.Hour) // Tuesday, the first of December
		on := w.do(r.CaseNo, cases.Resume{})
		require.Equal(t, "6wd", on.HandlingLimit.String())
		require.Equal(t, "2026-12-09", on.DueOn.String(), "six working days, of which none had been used")
		k := w.ticking(r.CaseNo)[clocks.Conclusion][0]
		require.Equal(t, "6wd", k.TimeLimit.String())
		require.Equal(t, r.DueAt.UTC(), k.Pauses[0].Before.UTC(), "what was promised before is kept")
		var kept []string
		require.NoError(t, d.From(t.Context()).Raw("SELECT CAST(data AS TEXT) FROM case_events WHERE case_id = ? AND action = 'resume'", on.ID).Scan(&kept).Error)
		require.Contains(t, kept[0], "6wd")
		v, err := w.View(w.system(), r.CaseNo)
		require.NoError(t, err)
		explained, err := w.Trace(w.system(), v)
		require.NoError(t, err)
		require.Equal(t, v.DueAt.UTC(), explained.Due.UTC())
		n, err = w.Recount(w.system())
		require.NoError(t, err)
		require.Zero(t, n, "counted already")

		stays := w.do(longer.CaseNo, cases.Resume{})
		require.Equal(t, "5wd", stays.HandlingLimit.String(), "an extension stands")
		require.Equal(t, "2026-12-08", stays.DueOn.String())
	})
}

// What an administrator is told before a matter's limits change is what moves.
func TestHowManyClocksAChangeMovesIsKnownBefore(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		steps := path(w, cases.Handling, w.handler())
		open, longer, waits := w.file(), w.file(), w.file()
		w.do(open.CaseNo, path(w, cases.Dispatched, w.handler())...)
		w.do(longer.CaseNo, append(steps, cases.RequestExtension{Days: "2", Ground: "待料。"}, cases.DecideExtension{Approve: true, Text: "待料。"})...)
		w.do(waits.CaseNo, append(steps, suspend())...)
		w.file() // nobody has accepted it
		_, err := w.Recount(w.system())
		require.NoError(t, err)
		for _, numbers := range []map[string]string{{"conclusion": "7"}, {"conclusion": "6", "contact": "2", "sign_in": "3"}, {"conclusion": "6", "contact": "2", "sign_in": "3", "acceptance": "4"},
			{"conclusion": "6", "contact": "2", "sign_in": "3"}, {"conclusion": "8"}} {
			snap, err := w.Catalogue.Snapshot(w.system())
			require.NoError(t, err)
			was, err := snap.Matter("street-light")
			require.NoError(t, err)
			a := catalogue.RulesChange{Code: was.Code, Version: was.Version, Numbers: numbers, Reason: "test",
				Units: map[string]string{"conclusion": "wd", "contact": "wd", "sign_in": "wd", "acceptance": "wh"}}
			next, err := a.Matter(was)
			require.NoError(t, err)
			says, err := w.WouldMove(w.system(), next)
			require.NoError(t, err)
			require.NoError(t, w.Catalogue.SetMatterRules(w.system(), a))
			w.wait(2 * time.Second)
			moved, err := w.Recount(w.system())
			require.NoError(t, err)
			require.Equal(t, says, moved, "%v", numbers)
			require.ErrorContains(t, w.Catalogue.SetMatterRules(w.system(), a), "catalogue.changed")
		}
		v, err := w.View(w.system(), longer.CaseNo)
		require.NoError(t, err)
		require.NotEqual(t, "8wd", v.HandlingLimit.String(), "what was decided on stands")
	})
}

func TestACountThatWasBrokenOffGoesOnAndActsGetPastIt(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		handler := w.handler()
		var numbers []string
		for range 12 {
			r := w.file()
			w.do(r.CaseNo, path(w, cases.Handling, handler)...)
			numbers = append(numbers, r.CaseNo)
		}
		_, err := w.Recount(w.system())
		require.NoError(t, err)
		w.publish("2026-11-26")
		var acts sync.WaitGroup
		for _, no := range numbers {
			acts.Go(func() {
				_, err := w.Act(w.system(), no, 0, cases.Note{Text: "同時。"})
				if err != nil {
					t.Error(no, err)
				}
			})
		}
		stopped, stop := context.WithCancel(w.system())
		go func() {
			time.Sleep(2 * time.Millisecond) // somewhere in between
			stop()
		}()
		_, _ = w.Recount(stopped)
		acts.Wait()
		_, err = w.Recount(w.system())
		require.NoError(t, err)
		for _, no := range numbers {
			v, err := w.View(w.system(), no)
			require.NoError(t, err)
			require.Equal(t, "2026-11-30", v.DueOn.String(), no)
			require.Equal(t, int64(len(v.Events)), v.EventCount)
			recounts := 0
			for _, e := range v.Events {
				if e.Action == cases.ActRecount {
					recounts++
				}
			}
			require.Equal(t, 1, recounts, "each moves once")
		}
	})
}

func TestClocksFromBeforeWarningsWarnToo(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		r := w.file()
		want := w.ticking(r.CaseNo)[clocks.Conclusion][0].WarnAt
		tx := d.From(t.Context())
		require.NoError(t, tx.Exec("UPDATE case_clocks SET warn_at = NULL, warn_level = 0").Error)
		require.NoError(t, tx.Exec("UPDATE case_clocks SET time_limit = '' WHERE kind = 'contact'").Error)
		n, err := w.Recount(w.system())
		require.NoError(t, err)
		require.Zero(t, n)
		for kind, list := range w.ticking(r.CaseNo) {
			require.NotNil(t, list[0].WarnAt, kind)
			require.Equal(t, clocks.Before, list[0].WarnLevel)
		}
		require.True(t, want.Equal(*w.ticking(r.CaseNo)[clocks.Conclusion][0].WarnAt))
	})
}

func TestWhatIsDoneWhileClocksAreCountedIsNotLost(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		r := w.file()
		w.do(r.CaseNo, path(w, cases.Handling, w.handler())...)
		_, err := w.Recount(w.system())
		require.NoError(t, err)
		w.publish("2026-11-26")
		notes := 0
		w.hook = func() {
			if notes++; notes > 4 {
				return
			}
			_, err := w.Act(w.system(), r.CaseNo, 0, cases.Note{Text: "同時。"})
			require.NoError(t, err)
		}
		_, err = w.Recount(w.system())
		require.NoError(t, err)
		w.hook = nil
		v, err := w.View(w.system(), r.CaseNo)
		require.NoError(t, err)
		require.Equal(t, "2026-11-30", v.DueOn.String())
		require.Equal(t, int64(len(v.Events)), v.EventCount, "each event has a number of its own")
		require.Len(t, v.Events, 5+4+1)
	})
}

// BenchmarkRecount counts fifty thousand open clocks that all move.
func BenchmarkRecount(b *testing.B) {
	for name, open := range engines {
		b.Run(name, func(b *testing.B) {
			w := newTown(b, open(b))
			for range 10 {
				w.file()
			}
			const many = 50_000
			w.copies(many)
			if _, err := w.Recount(w.system()); err != nil {
				b.Fatal(err)
			}
			w.publish("2026-11-26")
			b.ResetTimer()
			n, err := w.Recount(w.system())
			if err != nil {
				b.Fatal(err)
			}
			b.ReportMetric(float64(n), "moved")
		})
	}
}

// copies multiplies a filed case until so many clocks run.
func (w *town) copies(many int) {
	w.t.Helper()
	tx := w.db.From(w.t.Context())
	var id string
	require.NoError(w.t, tx.Raw("SELECT id FROM cases ORDER BY id LIMIT 1").Scan(&id).Error)
	columns := map[string]string{}
	for _, table := range []string{"cases", "case_units", "case_clocks"} {
		var row []map[string]any
		require.NoError(w.t, w.db.From(w.t.Context()).Raw("SELECT * FROM "+table+" LIMIT 1").Scan(&row).Error)
		list := ""
		for c := range row[0] {
			list += ", " + c
		}
		columns[table] = list[2:]
	}
	require.NoError(w.t, w.db.Tx(w.system(), func(ctx context.Context) error {
		for i := range many / 3 {
			copied := fmt.Sprintf("0199%04x-%04x-7000-8000-000000000001", i>>16, i&0xffff)
			for _, table := range []string{"cases", "case_units", "case_clocks"} {
				key, list := "case_id", columns[table]
				if table == "cases" {
					key = "id"
				}
				from := replaced(list, map[string]string{key: "CAST('" + copied + "' AS " + map[db.Engine]string{db.SQLite: "TEXT", db.PostgreSQL: "uuid"}[w.db.Engine()] + ")", "case_no": fmt.Sprintf("'X%d'", i)})
				if err := w.db.From(ctx).Exec("INSERT INTO "+table+" ("+list+") SELECT "+from+" FROM "+table+" WHERE "+key+" = ?", id).Error; err != nil {
					return err
				}
			}
		}
		return nil
	}))
}

// replaced is a list of columns with some written otherwise.
func replaced(list string, by map[string]string) string {
	names := strings.Split(list, ", ")
	for i, n := range names {
		if other, ok := by[n]; ok {
			names[i] = other
		}
	}
	return strings.Join(names, ", ")
}
