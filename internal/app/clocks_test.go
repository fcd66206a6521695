package app_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/actor"
	"minqing/internal/app"
	"minqing/internal/cases"
	"minqing/internal/db"
)

func TestTheClocksOfACaseReachWhoHasToKnow(t *testing.T) {
	eachCity(t, func(t *testing.T, d *db.DB) {
		h := open(t, d, true)
		h.serve(t, app.ServeOptions{Web: true, Workers: true})
		citizen := h.signIn(t, "citizen")
		no, _ := file(citizen)
		var handler string
		require.NoError(t, d.From(t.Context()).Raw("SELECT account_id FROM grants WHERE role = 'handler' LIMIT 1").Scan(&handler).Error)
		h.handled(t, no, cases.Accept{}, cases.Dispatch{}, cases.SignIn{}, cases.Assign{HandlerID: handler})
		id := h.idOf(t, d, no)

		until := time.Now().AddDate(0, 0, 20).Format(time.DateOnly)
		h.handled(t, no, cases.Suspend{Type: "appraisal", Until: until, Notice: "燈具送驗中，期間不計入期限。"})
		citizen.open("/cases/" + no)
		require.Contains(t, citizen.page, "期限暫停計算")
		require.Contains(t, citizen.page, "檢驗、檢測、檢疫、鑑定")
		require.Contains(t, citizen.page, "燈具送驗中，期間不計入期限。")
		require.NotContains(t, citizen.page, "最遲 ")
		told := func(kind, who string) bool {
			return count(t, d, "deliveries WHERE case_id = ? AND kind = ? AND channel = 'inapp' AND "+who+" IS NOT NULL", id, kind) == 1
		}
		require.Eventually(t, func() bool { return told("clock_suspended", "constituent_id") }, time.Minute, 50*time.Millisecond)
		h.handled(t, no, cases.Resume{})
		citizen.open("/cases/" + no)
		require.Contains(t, citizen.page, "最遲 ")
		require.Eventually(t, func() bool { return told("clock_resumed", "constituent_id") }, time.Minute, 50*time.Millisecond)

		past := time.Now().UTC().Add(-time.Minute).Truncate(time.Second)
		require.NoError(t, d.From(t.Context()).Exec("UPDATE case_clocks SET due_at = ?, warn_at = ?, warn_level = 2 WHERE case_id = ? AND kind = 'conclusion'", past, past, id).Error)
		system := actor.AsSystem(t.Context(), "test")
		require.NoError(t, h.Cases.Warn(system))
		require.NoError(t, h.Cases.Warn(system))
		require.Eventually(t, func() bool {
			return count(t, d, "deliveries WHERE case_id = ? AND kind = 'clock_due' AND channel = 'inapp' AND account_id = ?", id, handler) == 1 &&
				count(t, d, "deliveries WHERE case_id = ? AND kind = 'clock_due' AND channel = 'inapp'", id) > 1
		}, time.Minute, 50*time.Millisecond, "the handler and the head")
		staff := h.signIn(t, "handler")
		staff.open("/desk/clocks")
		require.Contains(t, staff.page, "案件 "+no+" 到期了")
	})
}
