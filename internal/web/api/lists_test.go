package api_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/db"
	"minqing/internal/db/dbtest"
)

// ended files a case and brings it to its end.
func (w *town) ended() (no, code string) {
	no, code = w.file(lamp())
	for i, step := range []map[string]any{{"action": "accept"}, {"action": "dispatch"}, {"action": "sign_in"}, {"action": "assign"},
		{"action": "reply", "text": "您好，路燈已經修好。"}, {"action": "conclude", "outcome": "resolved"}} {
		step["version"] = i + 1
		who := "head"
		if i < 2 {
			who = "dispatcher"
		}
		w.call("POST", "/api/v1/desk/cases/"+no+"/actions", step, "token", who).ok(200)
	}
	return no, code
}

func TestARowOfAListSaysWhatTheCaseSays(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d, 0)
		w.staff("dispatcher", "LJ")
		no, _ := w.file(lamp())
		one := w.call("GET", "/api/v1/desk/cases/"+no, nil, "token", "dispatcher").ok(200)
		for _, list := range []string{"limit=1", "q=" + no} {
			row := w.call("GET", "/api/v1/desk/cases?"+list, nil, "token", "dispatcher").ok(200).JSON["items"].([]any)[0].(map[string]any)
			require.Greater(t, len(row), 25)
			for name, value := range row {
				require.Equal(t, one.JSON[name], value, "%s of %s", name, list)
			}
		}
	})
}

func TestWhatHasEndedIsListedByItsStatus(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d, 0)
		w.staff("dispatcher", "LJ")
		w.staff("head", "LJ")
		w.staff("handler", "JY01")
		var want []any
		for range 3 {
			no, _ := w.ended()
			want = append([]any{no}, want...)
			w.now = w.now.Add(time.Minute)
		}
		w.file(lamp())
		list := func(query, who string) (got []any) {
			for cursor := ""; ; {
				a := w.call("GET", "/api/v1/desk/cases?limit=2&status=concluded&"+query+"&cursor="+cursor, nil, "token", who).ok(200)
				for _, item := range a.JSON["items"].([]any) {
					got = append(got, item.(map[string]any)["case_no"])
				}
				if cursor = a.text("next_cursor"); cursor == "" {
					return got
				}
			}
		}
		require.Equal(t, want, list("", "dispatcher"), "the newest first")
		require.Equal(t, want, list("unit=CG03", "dispatcher"))
		require.Empty(t, list("unit=JY", "dispatcher"))
		require.Empty(t, list("kind=enquiry", "dispatcher"))
		require.Empty(t, list("", "handler"), "of another bureau")
		require.Empty(t, list("view=open", "dispatcher"), "nobody works on them")
		forged := db.EncodeCursor("first")
		w.call("GET", "/api/v1/desk/cases?status=concluded&cursor="+forged, nil, "token", "dispatcher").problem(422, "cursor", "fault.cursor")
	})
}

func TestTheQueueIsNarrowedByWhatIsKnownOfCases(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d, 0)
		w.staff("dispatcher", "LJ")
		w.staff("head", "LJ")
		over, _ := w.ended()
		open, _ := w.file(lamp())
		list := func(query string) (numbers []string) {
			for _, one := range w.call("GET", "/api/v1/desk/cases?"+query, nil, "token", "dispatcher").ok(200).JSON["items"].([]any) {
				numbers = append(numbers, one.(map[string]any)["case_no"].(string))
			}
			return numbers
		}
		require.Equal(t, []string{open}, list(""), "without any, what is open")
		require.Equal(t, []string{open, over}, list("channel=api"), "the newest first, whatever became of it")
		require.Equal(t, []string{open}, list("channel=api&view=open"))
		require.Equal(t, []string{over}, list("channel=api&status=concluded"))
		require.Equal(t, []string{open, over}, list("matter=street-light&received_from=2020-01-01&due_to=2099-01-01"))
		require.Empty(t, list("received_to=2020-01-01"))
		require.Empty(t, list("channel=phone"))
		for _, wrong := range []string{"matter=nope", "field=nope", "district=nope", "channel=nope", "received_from=soon", "due_from=2026-02-02&due_to=2026-02-01"} {
			w.call("GET", "/api/v1/desk/cases?"+wrong, nil, "token", "dispatcher").ok(422)
		}
	})
}
