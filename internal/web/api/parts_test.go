package api_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"minqing/internal/db"
	"minqing/internal/db/dbtest"
)

// doer does one act after another on a case and keeps its version.
func (w *town) doer(no string) func(who, action string, more map[string]any) map[string]any {
	path := "/api/v1/desk/cases/" + no
	return func(who, action string, more map[string]any) map[string]any {
		w.t.Helper()
		body := map[string]any{"action": action, "version": w.call("GET", path, nil, "token", who).ok(200).JSON["version"]}
		for k, v := range more {
			body[k] = v
		}
		a := w.call("POST", path+"/actions", body, "token", who)
		require.Equal(w.t, 200, a.Code, "%s: %v", action, a.JSON)
		return a.JSON
	}
}

func TestACaseListsItsPartsAndItsJointUnits(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d, 0)
		for role, unit := range map[string]string{"dispatcher": "LJ", "handler": "CG03", "supervisor": "LJ"} {
			w.staff(role, unit)
		}
		no, _ := w.file(lamp())
		path := "/api/v1/desk/cases/" + no
		do := w.doer(no)
		do("dispatcher", "accept", nil)
		do("dispatcher", "dispatch", map[string]any{"unit_code": "CG03"})
		do("handler", "sign_in", nil)
		require.Equal(t, []any{}, w.call("GET", path, nil, "token", "handler").JSON["parts"])
		do("handler", "split", map[string]any{"unit_code": "CG02", "title": "查管線", "text": "請查地下管線，聯絡 13800138000。"})
		do("handler", "add_joint", map[string]any{"unit_code": "CG01", "text": "請提供圖資。"})
		one := w.call("GET", path, nil, "token", "handler").ok(200).JSON
		require.Len(t, one["joint"], 1)
		parts, _ := one["parts"].([]any)
		require.Len(t, parts, 1)
		part, _ := parts[0].(map[string]any)
		require.Equal(t, "查管線", part["title"])
		require.Equal(t, "dispatched", part["status"])
		require.Equal(t, "CG02", part["unit"].(map[string]any)["code"])
		below, _ := part["case_no"].(string)
		child := w.call("GET", "/api/v1/desk/cases/"+below, nil, "token", "supervisor").ok(200).JSON
		require.Equal(t, no, child["part_of"])
		require.Equal(t, []any{}, child["parts"])

		body := map[string]any{"action": "suspend", "version": one["version"], "reason": "appraisal", "until": "2026-12-10", "text": "需送驗。"}
		w.call("POST", path+"/actions", body, "token", "handler").ok(200)
		body = map[string]any{"action": "assign", "version": one["version"].(float64) + 1}
		w.call("POST", path+"/actions", body, "token", "handler").ok(200)
		body = map[string]any{"action": "resume", "version": one["version"].(float64) + 2}
		w.call("POST", path+"/actions", body, "token", "handler").ok(200)
		body = map[string]any{"action": "reply", "version": one["version"].(float64) + 3, "text": "已修復。"}
		w.call("POST", path+"/actions", body, "token", "handler").problem(422, "action", "case.joint.open")
	})
}
