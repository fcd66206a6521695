package portal_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/cases"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
)

// asked stores n cases about a matter, received so many days ago and due two
// days later; so many of them were concluded in time.
func (w *town) asked(matter string, n, daysAgo, inTime int) {
	w.t.Helper()
	for i := range n {
		at := now.AddDate(0, 0, -daysAgo)
		r, err := w.cases.File(w.t.Context(), cases.Filing{Kind: cases.Complaint, MatterCode: matter, Title: theTitle, Description: theText,
			Location: cases.Location{Address: "學府路"}, Answers: answersOf[matter], Confidentiality: cases.AnonymousFiler, Locale: "zh-Hant"})
		require.NoError(w.t, err)
		due := at.AddDate(0, 0, 2)
		exec := func(query string, args ...any) {
			require.NoError(w.t, w.db.From(w.t.Context()).Exec(query, args...).Error)
		}
		exec("UPDATE cases SET received_at = ?, received_on = ?, due_at = ?, due_on = ? WHERE id = ?", at, at.Format(time.DateOnly), due, due.Format(time.DateOnly), r.CaseID)
		if i < inTime {
			exec("UPDATE cases SET status = 'concluded', conclusion_no = 1, concluded_at = ?, concluded_on = ? WHERE id = ?", at, at.Format(time.DateOnly), r.CaseID)
		}
	}
}

// answersOf are the answers that a matter cannot be filed without.
var answersOf = map[string]map[string]any{
	"water-outage": {"extent": "street", "since": "2026-11-23", "households": 30.0},
}

func TestTheHomePageTellsOfTheWholeCity(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTownOn(t, d)
		w.get("/")
		require.NotContains(t, w.body, "mq-asked", "nothing is told of nothing")
		require.NotContains(t, w.body, "/scorecard#on_time")
		require.NotContains(t, w.body, "mq-now", "nobody is signed in")
		require.Contains(t, w.get("/scorecard"), "還沒有完整的月份")

		w.asked("street-light", 10, 3, 0)
		w.asked("road-damage", 9, 3, 0)
		w.asked("water-outage", 12, 7, 0)
		w.asked("noise-construction", 40, 30, 31)
		require.NoError(t, w.city.Rebuild(t.Context()))
		require.NotContains(t, w.get("/"), "mq-asked", "for a minute the page tells what it told")
		w.later = 2 * time.Minute
		w.get("/")
		require.Regexp(t, `href="/matters/street-light">[^<]+</a> <span class="mq-quiet">10 件`, w.body)
		require.NotContains(t, w.body, "/matters/road-damage", "nine could be recognised")
		require.NotContains(t, w.body, "/matters/water-outage", "with today that would be eight days")
		require.Contains(t, w.body, "2026 年 10 月到期的 40 件，有 31 件按期辦結，占 77.5 %（介於 62.5 % 與 87.7 % 之間）")
		require.Contains(t, w.body, `href="/scorecard#on_time"`)
		for _, lang := range []string{"zh-Hant", "zh-Hans", "en"} {
			w.get("/scorecard?lang=" + lang)
			require.Contains(t, w.body, `id="on_time"`, "the definition")
			require.Contains(t, w.body, "77.5", lang)
		}
	})
}

func TestFewCasesGiveNoRateAndFewerNothing(t *testing.T) {
	for n, want := range map[int]string{9: "", 12: "2026 年 10 月到期的 12 件，有 3 件按期辦結；件數太少，不足以成率。"} {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			w := newTown(t)
			w.asked("street-light", n, 30, 3)
			require.NoError(t, w.city.Rebuild(t.Context()))
			w.get("/")
			if want == "" {
				require.NotContains(t, w.body, "10 月到期")
				w.get("/scorecard")
				require.NotContains(t, w.body, "33.3")
				require.Contains(t, w.body, "隱藏")
				return
			}
			require.Contains(t, w.body, want)
			require.NotContains(t, w.get("/scorecard"), "25.0")
		})
	}
}
