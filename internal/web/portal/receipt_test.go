package portal_test

import (
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"

	"minqing/internal/actor"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
)

func TestTheNextPersonAtTheBrowserDoesNotOpenAReceipt(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTownOn(t, d)
		me := actor.Actor{Kind: actor.Citizen, AccountID: agent(t, d)}
		w.who = me
		w.post("/file/other/what", "kind", "help_request", "title", theTitle, "description", theText)
		w.post("/file/other/where")
		w.post(w.at, "confidentiality", "anonymous")
		w.post(w.at)
		receipt := w.at
		require.Contains(t, receipt, "/receipt/")
		code := regexp.MustCompile(`id="query-code">([0-9A-Z-]+)<`).FindString(w.body)
		require.NotEmpty(t, code, w.body)
		require.Contains(t, w.get(receipt), code, "who filed sees it again")

		for _, next := range []actor.Actor{{Kind: actor.Anonymous}, {Kind: actor.Citizen, AccountID: "0192f0c0-0000-7000-8000-000000000001"}} {
			w.who = next
			require.NotContains(t, w.get(receipt), code)
			require.Contains(t, w.at, "/track", "the session ended, and whoever sits there now is asked for the code")
			require.NotContains(t, w.get("/file/other/what"), theTitle)
		}
		w.who = me
		require.Contains(t, w.get(receipt), code, "it is still theirs")
	})
}
