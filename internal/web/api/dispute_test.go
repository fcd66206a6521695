package api_test

import (
	"testing"

	"minqing/internal/db"
	"minqing/internal/db/dbtest"

	"github.com/stretchr/testify/require"
)

func TestADisputeIsSettledByTheAPI(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d, 0)
		for role, unit := range map[string]string{"dispatcher": "LJ", "handler": "CG03", "head": "CG"} {
			w.staff(role, unit)
		}
		no, _ := w.file(lamp())
		path := "/api/v1/desk/cases/" + no
		version := 1
		act := func(who, action string, more map[string]any) map[string]any {
			t.Helper()
			body := map[string]any{"action": action, "version": version}
			for k, v := range more {
				body[k] = v
			}
			a := w.call("POST", path+"/actions", body, "token", who)
			require.Equal(t, 200, a.Code, "%s: %v", action, a.JSON)
			version++
			return a.JSON
		}
		back := map[string]any{"reason": "not_our_duty", "basis": "power_list", "explanation": "屬市政設施科。"}
		act("dispatcher", "accept", nil)
		act("dispatcher", "dispatch", map[string]any{"unit_code": "CG03"})
		w.call("POST", path+"/actions", map[string]any{"action": "return", "version": version, "reason": "not_our_duty", "basis": "hearsay",
			"explanation": "屬市政設施科。"}, "token", "handler").problem(422, "basis", "case.return.basis.unknown")
		act("handler", "return", back)
		require.Equal(t, "desk", w.call("GET", path, nil, "token", "dispatcher").JSON["objection"])
		require.Len(t, w.call("GET", "/api/v1/desk/cases?view=objections", nil, "token", "dispatcher").JSON["items"], 1)
		w.call("POST", path+"/actions", map[string]any{"action": "decide_objection", "version": version, "note": "屬貴科。"}, "token", "dispatcher").
			problem(422, "approve", "api.field.required")
		act("dispatcher", "decide_objection", map[string]any{"approve": false, "note": "屬貴科。"})
		act("handler", "return", back)
		act("head", "rule_objection", map[string]any{"first_receiver": true, "note": "首接單位主辦。"})
		one := w.call("GET", path, nil, "token", "handler").JSON
		require.Equal(t, true, one["bound"])
		require.NotContains(t, one["allowed_actions"], "return")
		body := map[string]any{"action": "return", "version": version, "reason": "duplicate", "explanation": "重複。"}
		w.call("POST", path+"/actions", body, "token", "handler").problem(422, "action", "case.return.bound")
	})
}
