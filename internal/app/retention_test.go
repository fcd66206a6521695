package app_test

import (
	"bytes"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/actor"
	"minqing/internal/app"
	"minqing/internal/cases"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/retention"
	"minqing/internal/vault"
)

func TestRecordsGoWhenTheirTermIsOver(t *testing.T) {
	eachCity(t, func(t *testing.T, d *db.DB) {
		h := open(t, d, true)
		h.serve(t, app.ServeOptions{Web: true})
		system := actor.AsSystem(t.Context(), "test")
		old, code := file(visit(t, h.url))
		held, _ := file(visit(t, h.url))
		current, _ := file(visit(t, h.url))
		h.concluded(t, d, old)
		h.concluded(t, d, held)

		auditor := h.signIn(t, "auditor")
		auditor.open("/admin/retention?lang=en")
		auditor.send(url.Values{"case_no": {"LJ000"}, "reason": {"lawsuit 2026-77"}}, `name="case_no"`, `value="hold"`)
		require.Equal(t, 422, auditor.status)
		require.Contains(t, auditor.page, "lawsuit 2026-77", "what was typed stays")
		auditor.send(url.Values{"case_no": {held}, "reason": {"lawsuit 2026-77, call 13812345678"}}, `value="hold"`)
		require.Equal(t, 200, auditor.status)
		require.Contains(t, auditor.page, held)
		require.NotContains(t, auditor.page, "13812345678", "numbers of people are masked")

		h.Retention.Now = func() time.Time { return time.Now().AddDate(11, 0, 0) }
		before := state(t, d)
		list, err := h.Retention.Look(system)
		require.NoError(t, err)
		require.Equal(t, "case-file", list[1].Code)
		closed := count(t, d, "cases WHERE status IN ('concluded', 'not_accepted', 'withdrawn', 'transferred', 'archived')") // those of the city too
		require.Equal(t, closed, list[1].Count)
		require.Equal(t, 1, list[1].Held)
		require.Equal(t, before, state(t, d), "a look changes nothing")
		run, err := h.Retention.Run(system, 100_000)
		require.NoError(t, err)

		require.Equal(t, 1, count(t, d, "cases WHERE case_no = ? AND anonymised_at IS NOT NULL AND description = '' AND title = case_no AND concluded_on IS NOT NULL", old))
		require.Zero(t, count(t, d, "case_messages WHERE case_id = (SELECT id FROM cases WHERE case_no = ?)", old))
		require.Zero(t, count(t, d, "case_parties WHERE constituent_id IS NOT NULL AND case_id = (SELECT id FROM cases WHERE case_no = ?)", old))
		for _, no := range []string{held, current} {
			require.Equal(t, 1, count(t, d, "cases WHERE case_no = ? AND anonymised_at IS NULL AND description <> ''", no))
		}
		_, err = h.Cases.Track(t.Context(), cases.Key{CaseNo: old, QueryCode: code})
		require.Error(t, err)
		clerk := h.signIn(t, "handler")
		clerk.open("/desk/cases/" + old)
		require.NotContains(t, clerk.page, "兩盞路燈")
		clerk.open("/desk/cases/" + held)
		require.Contains(t, clerk.page, "兩盞路燈")
		require.Equal(t, closed-1, count(t, d, "cases WHERE anonymised_at IS NOT NULL"))
		require.Zero(t, count(t, d, "constituents c WHERE erased_at IS NULL AND NOT EXISTS (SELECT 1 FROM case_parties p WHERE p.constituent_id = c.id) AND NOT EXISTS (SELECT 1 FROM accounts a WHERE a.constituent_id = c.id) AND NOT EXISTS (SELECT 1 FROM enterprises e WHERE e.id = c.id)"),
			"whose last file went is erased")
		require.Equal(t, 3, count(t, d, "constituents c JOIN enterprises e ON e.id = c.id WHERE c.erased_at IS NULL"), "an enterprise that keeps house stays")

		body, err := h.Retention.Report(system, run)
		require.NoError(t, err)
		require.Contains(t, string(body), old)
		require.NotContains(t, string(body), held)
		_, key, err := retention.Verify(h.Vault.Ring(), body)
		require.NoError(t, err)
		require.Equal(t, "k1", key)
		_, _, err = retention.Verify(h.Vault.Ring(), bytes.Replace(body, []byte(old), []byte(held), 1))
		require.ErrorContains(t, err, "changed")
		stranger, err := vault.CreateRing(t.TempDir() + "/keys.json")
		require.NoError(t, err)
		_, _, err = retention.Verify(stranger, body)
		require.Error(t, err)

		auditor.open("/admin/retention")
		auditor.send(url.Values{"reason": {"it is over"}, "do": {"lift"}}, `value="lift"`)
		require.Zero(t, count(t, d, "case_holds WHERE lifted_at IS NULL"))
		_, err = h.Retention.Run(system, 100_000)
		require.NoError(t, err)
		require.Equal(t, closed, count(t, d, "cases WHERE anonymised_at IS NOT NULL"))
		require.Equal(t, count(t, d, "cases")-closed, count(t, d, "cases WHERE anonymised_at IS NULL AND description <> '' OR anonymised_at IS NULL AND text_cipher IS NOT NULL"), "what is open stays")
		require.NoError(t, h.Files.Sweep(system))
		n, err := h.Audit.Seal(system)
		require.NoError(t, err)
		require.Positive(t, n)
		_, err = h.Audit.Verify(system)
		require.NoError(t, err)
	})
}

func TestARuleIsAmendedFromTodayOn(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := open(t, d, false)
		system := actor.AsSystem(t.Context(), "test")
		for _, bad := range []retention.Change{{Code: "delivery", Period: "2 years", Basis: "b", Source: "s"}, {Code: "delivery", Period: "P2Y", Source: "s"}, {Code: "x", Period: "P2Y", Basis: "b", Source: "s"}} {
			require.Error(t, h.Retention.Amend(system, bad))
		}
		require.NoError(t, h.Retention.Amend(system, retention.Change{Code: "delivery", Period: "P2Y", Basis: "decision", Source: "2026-14"}))
		rules, err := h.Retention.Rules(system)
		require.NoError(t, err)
		require.Len(t, rules, 8)
		for _, r := range rules {
			if r.Code == "delivery" {
				require.EqualValues(t, 2, r.Version)
				require.Equal(t, "P2Y", r.Period)
			}
		}
		require.Equal(t, 2, count(t, d, "retention_rules WHERE code = 'delivery'"))
	})
}
