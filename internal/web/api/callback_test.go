package api_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/db"
	"minqing/internal/db/dbtest"
)

func TestAProgramRingsWhoDidNotJudge(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d, 0)
		w.staff("dispatcher", "LJ")
		w.staff("head", "LJ")
		w.staff("call_agent", "HL")
		no, code := w.ended()
		path := "/api/v1/desk/cases/" + no
		ring := func(who string, fields map[string]any) answer {
			fields["action"] = "callback"
			if fields["version"] == nil {
				fields["version"] = w.call("GET", path, nil, "token", "head").ok(200).JSON["version"]
			}
			return w.call("POST", path+"/actions", fields, "token", who)
		}
		said := func() map[string]any {
			return map[string]any{"channel": "phone", "result": "judged", "grade": 4, "resolved": "yes", "comment": "很快"}
		}
		ring("call_agent", said()).problem(422, "action", "callback.early")
		w.now = w.now.Add(6 * 24 * time.Hour)
		for _, role := range []string{"dispatcher", "head", "call_agent"} {
			w.renew(role)
		}
		require.Contains(t, w.call("GET", path, nil, "token", "call_agent").ok(200).JSON["allowed_actions"], "callback")
		require.NotContains(t, w.call("GET", path, nil, "token", "head").ok(200).JSON["allowed_actions"], "callback", "not one's own work")
		ring("head", said()).problem(403, "", "access.forbidden")
		ring("call_agent", map[string]any{"channel": "pigeon"}).problem(422, "channel", "api.field.choice")
		ring("call_agent", map[string]any{"channel": "phone"}).problem(422, "result", "callback.outcome.required")
		ring("call_agent", map[string]any{"channel": "phone", "result": "again"}).problem(422, "again_at", "callback.again.required")
		ring("call_agent", map[string]any{"channel": "phone", "result": "judged"}).problem(422, "grade", "satisfaction.grade.required")
		ring("call_agent", map[string]any{"channel": "phone", "result": "judged", "text": "x"}).problem(422, "text", "api.action.field")
		stale := said()
		stale["version"] = 1
		ring("call_agent", stale).problem(409, "", "case.changed")
		ring("call_agent", map[string]any{"channel": "phone", "result": "not_reached"}).ok(200)
		done := ring("call_agent", said()).ok(200)
		require.Equal(t, "concluded", done.text("status"))
		require.NotContains(t, done.JSON["allowed_actions"], "callback")
		ring("call_agent", said()).problem(422, "action", "callback.closed")
		w.call("POST", "/api/v1/cases/"+no+"/evaluation", map[string]any{"grade": 5, "resolved": "yes"}, "Query-Code", code).problem(409, "", "satisfaction.used")
		w.call("POST", path+"/actions", map[string]any{"action": "note", "version": 8, "text": "x", "channel": "phone"}, "token", "head").problem(422, "channel", "api.action.field")
	})
}
