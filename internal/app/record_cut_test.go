package app_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/actor"
	"minqing/internal/app"
	"minqing/internal/constituents"
	"minqing/internal/db"
	"minqing/internal/record"
)

// cloned stores a case once more, with its parties and units, under a number of its own.
func cloned(t *testing.T, d *db.DB, caseNo, as string) {
	t.Helper()
	var of, id string
	require.NoError(t, d.From(t.Context()).Raw("SELECT id FROM cases WHERE case_no = ?", caseNo).Scan(&of).Error)
	id = db.NewID(time.Now())
	for _, table := range []string{"cases", "case_parties", "case_units"} {
		key := "case_id"
		if table == "cases" {
			key = "id"
		}
		var rows []map[string]any
		require.NoError(t, d.From(t.Context()).Raw("SELECT * FROM "+table+" WHERE "+key+" = ?", of).Scan(&rows).Error)
		for _, row := range rows {
			if _, has := row["id"]; has {
				row["id"] = db.NewID(time.Now())
			}
			if row[key] = id; table == "cases" {
				row["case_no"] = as
			}
			require.NoError(t, d.From(t.Context()).Table(table).Create(row).Error)
		}
	}
}

// TestARecordSaysWhatItDoesNotList gives somebody more cases than a record lists, and
// then more than it looks at.
func TestARecordSaysWhatItDoesNotList(t *testing.T) {
	d := oneCity(t)
	h := open(t, d, true, "MINQING_SECOND_FACTOR_ROLES=off")
	h.serve(t, app.ServeOptions{Web: true})
	citizen, err := h.Identity.ByEmail(t.Context(), "citizen@demo.test")
	require.NoError(t, err)
	who := citizen.ConstituentID
	mine := actor.With(t.Context(), actor.Actor{Kind: actor.Citizen, AccountID: citizen.ID, ConstituentID: who})
	require.NoError(t, d.From(t.Context()).Exec("DELETE FROM case_parties WHERE constituent_id = ?", who).Error)
	first := openCase(t, h, mine)
	made := 1
	grow := func(to int) {
		for ; made < to; made++ {
			cloned(t, d, first, fmt.Sprintf("LJ-COPY-%03d", made))
		}
		require.NoError(t, d.From(t.Context()).Exec("UPDATE cases SET due_at = received_at, suspended_until = NULL WHERE id IN (SELECT case_id FROM case_parties WHERE constituent_id = ?)", who).Error)
	}
	b := h.visitor(t)
	b.post("/sign-in", "email", "supervisor@demo.test", "password", app.DemoPassword)
	// says compares how often a record says how many more there are, and that there are older ones
	says := func(older bool, more ...int) {
		for lang, words := range map[string][2]string{"en": {"And %d more.", "Only the newest 500 cases"}, "zh-Hant": {"另有 %d 件，這裡沒有列出", "只看了最近的 500 件"}, "zh-Hans": {"另有%d件，这里没有列出", "只看了最近的500件"}} {
			page := b.get("/people/" + who + "?lang=" + lang)
			require.Equal(t, 200, page.code, h.log)
			before, _, _ := strings.Cut(words[0], "%d")
			require.Equal(t, len(more), strings.Count(page.body, before), lang)
			for _, n := range more {
				require.Contains(t, page.body, fmt.Sprintf(words[0], n), lang)
			}
			require.Equal(t, older, strings.Contains(page.body, words[1]), lang)
		}
	}
	grow(10)
	says(false)
	grow(30)
	says(false, 20)
	grow(35)
	says(false, 5, 25)
	grow(record.TroubleMost)
	says(false, record.TroubleMost-30, record.TroubleMost-10)
	grow(record.TroubleMost + 1)
	says(true, record.TroubleMost+1-30, record.TroubleMost-10)
}

// TestASearchSaysThatItFoundMoreThanItLists has more people share a phone than a search
// shows.
func TestASearchSaysThatItFoundMoreThanItLists(t *testing.T) {
	d := oneCity(t)
	h := open(t, d, true, "MINQING_SECOND_FACTOR_ROLES=off")
	h.serve(t, app.ServeOptions{Web: true})
	agent := h.visitor(t)
	agent.post("/sign-in", "email", "agent@demo.test", "password", app.DemoPassword)
	var ids []string
	for range record.FoundMost + 1 {
		if len(ids) == record.FoundMost {
			agent.post("/people?lang=en", "q", "13812340000")
			require.NotContains(t, agent.body, "More than 10 people")
		}
		id, err := h.Constituents.Create(actor.AsSystem(t.Context(), "test"), constituents.Contact{Name: "王小明", Phone: "13812340000"}, "zh-Hant")
		require.NoError(t, err)
		ids = append(ids, id)
	}
	for lang, words := range map[string]string{"en": "More than 10 people were found, and 10 are listed", "zh-Hant": "查到的超過 10 位", "zh-Hans": "查到的超过10位"} {
		require.Contains(t, agent.post("/people?lang="+lang, "q", "13812340000").body, words)
	}
	shown := 0
	for _, id := range ids {
		if strings.Contains(agent.body, `href="/people/`+id) {
			shown++
			require.Positive(t, count(t, d, "audit_reads WHERE object_id = ?", id))
		} else {
			require.Zero(t, count(t, d, "audit_reads WHERE object_id = ?", id), "who is not shown was not read")
		}
	}
	require.Equal(t, record.FoundMost, shown)
	head := h.visitor(t)
	head.post("/sign-in", "email", "dispatcher@demo.test", "password", app.DemoPassword)
	{
		require.Contains(t, head.post("/people/duplicates/of/"+ids[0]+"?lang=en", "q", "13812340000").body, "More than 10 people")
	}
}
