package api_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/stretchr/testify/require"

	"minqing/internal/access"
	"minqing/internal/actor"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/i18n"
	"minqing/internal/i18n/i18ntest"
	"minqing/internal/web"
	"minqing/internal/web/api"
)

func TestACaseLivesItsWholeLifeByAPI(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d, 0)
		handler := w.staff("handler", "CG03")
		w.staff("dispatcher", "LJ")
		w.staff("head", "CG")
		filed := w.call("POST", "/api/v1/cases", lamp()).ok(201)
		no, code := filed.text("case_no"), filed.text("query_code")
		require.Equal(t, "/api/v1/cases/"+no, filed.Header().Get("Location"))
		require.Equal(t, "submitted", filed.text("status"))
		require.Equal(t, "2026-11-24T16:00:00+08:00", filed.text("received_at"))
		require.Equal(t, map[string]any{"code": "CG03", "name": "Street Lighting Section"}["code"], filed.JSON["unit"].(map[string]any)["code"])
		require.Regexp(t, `\+08:00$`, filed.text("due_at"))

		act := func(role, action string, version int, fields ...string) answer {
			w.now = w.now.Add(time.Minute)
			body := map[string]any{"action": action, "version": version}
			for i := 0; i+1 < len(fields); i += 2 {
				body[fields[i]] = fields[i+1]
			}
			return w.call("POST", "/api/v1/desk/cases/"+no+"/actions", body, "token", role)
		}
		one := w.call("GET", "/api/v1/desk/cases/"+no, nil, "token", "dispatcher").ok(200)
		require.EqualValues(t, 1, one.JSON["version"])
		require.Subset(t, one.JSON["allowed_actions"], []any{"accept", "not_accept"})
		contact := one.JSON["contact"].(map[string]any)
		require.NotContains(t, one.Body.String(), "13800138000")
		require.NotContains(t, one.Body.String(), "林小雨")
		require.NotEmpty(t, contact["phone"])
		require.Equal(t, "Street light out or broken", one.JSON["matter"].(map[string]any)["name"], "in the language that the program asks for")
		list := w.call("GET", "/api/v1/desk/cases?view=open&status=submitted&kind=complaint&unit=LJ&limit=5", nil, "token", "dispatcher").ok(200)
		require.Len(t, list.JSON["items"], 1)

		require.Equal(t, "accepted", act("dispatcher", "accept", 1).ok(200).text("status"))
		act("dispatcher", "dispatch", 1).problem(409, "", "case.changed")
		require.Equal(t, "dispatched", act("dispatcher", "dispatch", 2).ok(200).text("status"))
		require.Equal(t, "signed_in", act("handler", "sign_in", 3).ok(200).text("status"))
		require.Equal(t, handler, act("handler", "assign", 4).ok(200).text("handler_id"))
		w.call("GET", "/api/v1/desk/cases?view=mine", nil, "token", "handler").ok(200)
		require.Equal(t, "need_info", act("handler", "request_info", 5, "question", "燈桿編號？").ok(200).text("status"))
		answered := w.call("POST", "/api/v1/cases/"+no+"/messages", map[string]any{"text": "0417"}, "Query-Code", code).ok(200)
		require.Equal(t, "handling", answered.text("status"))
		require.Len(t, answered.JSON["messages"], 2)
		w.call("POST", "/api/v1/cases/"+no+"/evaluation", map[string]any{"grade": 5, "resolved": "yes"}, "Query-Code", code).problem(409, "", "satisfaction.too_early")
		require.Equal(t, "replied", act("handler", "reply", 7, "text", "已換燈泡。").ok(200).text("status"))
		act("head", "review_reply", 8).problem(422, "approve", "api.field.required")
		require.Equal(t, "concluded", act("handler", "conclude", 8, "outcome", "resolved").ok(200).text("status"))

		seen := w.call("GET", "/api/v1/cases/"+no, nil, "Query-Code", code).ok(200)
		require.Equal(t, []any{"appeal", "evaluation"}, seen.JSON["allowed_actions"])
		require.Contains(t, seen.Body.String(), "已換燈泡。")
		require.NotContains(t, seen.Body.String(), "王handler", "no names of staff")
		require.NotContains(t, seen.Body.String(), "assign", "nothing internal")
		w.call("POST", "/api/v1/cases/"+no+"/evaluation", map[string]any{"grade": 2, "resolved": "no", "reasons": []string{"slow"}}, "Query-Code", code).ok(200)
		w.call("POST", "/api/v1/cases/"+no+"/evaluation", map[string]any{"grade": 5, "resolved": "yes"}, "Query-Code", code).problem(409, "", "satisfaction.used")
		w.call("POST", "/api/v1/cases/"+no+"/appeal", map[string]any{"reason": "又壞了"}, "Query-Code", code).ok(200)
		require.Equal(t, "handling", act("head", "rework", 11, "reason", "再修").ok(200).text("status"))
		w.call("POST", "/api/v1/cases/"+no+"/withdraw", nil, "Query-Code", code).ok(200)
		require.NoError(t, w.insight.Rebuild(actor.AsSystem(t.Context(), "test")))
		for _, by := range []string{"unit", "matter", "district", "month", "channel", "kind"} {
			r := w.call("GET", "/api/v1/reports/performance?from=2026-11-01&to=2026-11-30&group_by="+by, nil, "token", "head").ok(200)
			require.EqualValues(t, 3, r.JSON["definition_version"])
			total := r.JSON["total"].(map[string]any)
			require.Contains(t, total["rates"], "on_time")
			require.Equal(t, map[string]any{"count": nil, "suppressed": true}, total["filed"], "one case is too few to tell, and not none")
		}
		w.call("GET", "/api/v1/reports/performance?from=2026-12-01&to=2026-11-01", nil, "token", "head").problem(422, "to", "insight.period.reversed")
		w.call("GET", "/api/v1/reports/performance?from=gestern", nil, "token", "head").problem(422, "from", "api.field.day")
		w.call("GET", "/api/v1/reports/performance", nil, "token", "handler").problem(403, "", "access.forbidden")
	})
}

func TestWhatAStateDoesNotAllowIsSaidWithWhatItDoes(t *testing.T) {
	w := newTown(t, dbtest.New(t), 0)
	w.staff("dispatcher", "LJ")
	no, _ := w.file(lamp())
	path := "/api/v1/desk/cases/" + no + "/actions"
	a := w.call("POST", path, map[string]any{"action": "dispatch", "version": 1}, "token", "dispatcher")
	a.problem(422, "action", "api.action.impossible")
	require.Contains(t, a.Body.String(), "accept, not_accept, request_info")
	require.Equal(t, []any{"accept", "not_accept", "request_info", "transfer", "supervise", "merge", "note", "name_subject", "renew_code"}, a.JSON["possible"])
	w.call("POST", path, map[string]any{"action": "fly", "version": 1}, "token", "dispatcher").problem(422, "action", "api.field.choice")
	w.call("POST", path, map[string]any{"action": "accept"}, "token", "dispatcher").problem(422, "version", "api.field.required")
	w.call("POST", path, map[string]any{"action": "accept", "version": 0}, "token", "dispatcher").problem(422, "version", "api.field.least")
	w.call("POST", path, map[string]any{"action": "accept", "version": 1, "text": "x"}, "token", "dispatcher").problem(422, "text", "api.action.field")
	w.call("POST", path, map[string]any{"action": "not_accept", "version": 1, "reason": "mood"}, "token", "dispatcher").problem(422, "reason", "case.reason.required")
	w.call("POST", path, map[string]any{"action": "reply", "version": 1, "text": "x"}, "token", "dispatcher").problem(403, "", "access.forbidden")

	described := w.document.Components.Schemas["Problem"].Value.Properties["possible"]
	require.NotNil(t, described)
	require.NotEmpty(t, described.Value.Description)

	w.staff("head", "LJ") // conclude and review depend on the matter beside the state
	for i, step := range []map[string]any{{"action": "accept"}, {"action": "dispatch"}, {"action": "sign_in"}, {"action": "assign"}, {"action": "reply", "text": "好了"}} {
		step["version"] = i + 1
		who := "head"
		if i < 2 {
			who = "dispatcher"
		}
		require.Equal(t, 200, w.call("POST", path, step, "token", who).Code, "%v", step)
	}
	a = w.call("POST", path, map[string]any{"action": "review_reply", "version": 6, "approve": true}, "token", "head")
	a.problem(422, "action", "case.review.not_needed")
	require.Equal(t, []any{"conclude", "rework", "transfer", "supervise", "note", "name_subject", "renew_code"}, a.JSON["possible"])
}

func TestAProgramStopsAClockAndAsksForMoreTime(t *testing.T) {
	w := newTown(t, dbtest.New(t), 0)
	w.staff("head", "LJ")
	w.staff("supervisor", "LJ")
	w.staff("dispatcher", "LJ")
	no, code := w.file(lamp())
	path := "/api/v1/desk/cases/" + no + "/actions"
	version := 0
	act := func(who string, body map[string]any) answer {
		version++
		body["version"] = version
		return w.call("POST", path, body, "token", who)
	}
	for a, who := range [4]string{"dispatcher", "dispatcher", "head", "head"} {
		act(who, map[string]any{"action": []string{"accept", "dispatch", "sign_in", "assign"}[a]}).ok(200)
	}
	stop := map[string]any{"action": "suspend", "version": 5, "reason": "appraisal", "until": "2026-13-40", "text": "需送驗。"}
	w.call("POST", path, stop, "token", "head").problem(422, "until", "case.suspend.until.invalid")
	stop["until"] = "2027-02-01"
	stop["version"] = 4
	w.call("POST", path, stop, "token", "head").problem(409, "", "case.changed")
	done := act("head", stop).ok(200)
	require.Nil(t, done.JSON["due_at"])
	require.Contains(t, done.JSON["allowed_actions"], "resume")
	require.NotContains(t, done.JSON["allowed_actions"], "reply")
	seen := w.call("GET", "/api/v1/cases/"+no, nil, "Query-Code", code).ok(200)
	require.Equal(t, "2027-02-01", seen.text("suspended_until"))
	refused := w.call("POST", path, map[string]any{"action": "reply", "version": 6, "text": "好了"}, "token", "head")
	refused.problem(422, "action", "case.suspend.resume_first")
	require.Contains(t, refused.JSON["possible"], "resume")
	act("head", map[string]any{"action": "resume"}).ok(200)
	w.call("POST", path, map[string]any{"action": "request_extension", "version": 7, "days": 99, "ground": "待料。"}, "token", "head").problem(422, "days", "case.extension.days.most")
	act("head", map[string]any{"action": "request_extension", "days": 1, "ground": "待料。"}).ok(200)
	one := w.call("GET", "/api/v1/desk/cases/"+no, nil, "token", "head").ok(200)
	require.Equal(t, "1wd", one.text("extension_asked"))
	require.NotContains(t, one.JSON["allowed_actions"], "decide_extension", "nobody decides on what they asked for")
	w.call("POST", path, map[string]any{"action": "decide_extension", "version": 8, "approve": true, "text": "待料。"}, "token", "head").problem(403, "", "case.extension.own")
	act("supervisor", map[string]any{"action": "decide_extension", "approve": true, "text": "零件待料。"}).ok(200)
}

func TestAProgramRenewsAQueryCode(t *testing.T) {
	w := newTown(t, dbtest.New(t), 0)
	w.staff("call_agent", "LJ")
	no, code := w.file(lamp())
	path := "/api/v1/desk/cases/" + no + "/actions"
	w.call("POST", path, map[string]any{"action": "renew_code", "version": 1}, "token", "call_agent").problem(422, "note", "case.text.required")
	fresh := w.call("POST", path, map[string]any{"action": "renew_code", "version": 1, "note": "姓名與電話相符"}, "token", "call_agent").ok(200).text("query_code")
	w.call("GET", "/api/v1/cases/"+no, nil, "Query-Code", code).problem(404, "", "case.missing")
	w.call("GET", "/api/v1/cases/"+no, nil, "Query-Code", fresh).ok(200)
	require.Empty(t, w.call("POST", path, map[string]any{"action": "note", "version": 2, "text": "x"}, "token", "call_agent").ok(200).text("query_code"))
}

func TestNobodySeesCasesOutsideOfTheirUnits(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d, 0)
		w.staff("handler", "CG02")
		w.staff("dispatcher", "LJ")
		no, _ := w.file(lamp())
		for _, c := range []struct{ role, action string }{{"dispatcher", "accept"}, {"dispatcher", "dispatch"}} {
			version := w.call("GET", "/api/v1/desk/cases/"+no, nil, "token", "dispatcher").ok(200).JSON["version"]
			w.call("POST", "/api/v1/desk/cases/"+no+"/actions", map[string]any{"action": c.action, "version": version}, "token", c.role).ok(200)
		}
		w.call("GET", "/api/v1/desk/cases/"+no, nil, "token", "handler").problem(404, "", "case.missing")
		w.call("POST", "/api/v1/desk/cases/"+no+"/actions", map[string]any{"action": "sign_in", "version": 3}, "token", "handler").problem(404, "", "case.missing")
		for _, query := range []string{"", "?unit=LJ", "?unit=CG03", "?q=" + no, "?view=unassigned&unit=CG"} {
			require.Empty(t, w.call("GET", "/api/v1/desk/cases"+query, nil, "token", "handler").ok(200).JSON["items"], query)
		}
		w.call("GET", "/api/v1/desk/cases", nil).problem(401, "", "access.sign_in")
		w.call("GET", "/api/v1/desk/cases", nil, "Authorization", "Bearer mq_nonsense").problem(401, "", "identity.token.invalid")
		w.call("GET", "/api/v1/desk/cases?staus=submitted", nil, "token", "handler").problem(422, "staus", "api.param.unknown")
		w.call("GET", "/api/v1/desk/cases?status=lost", nil, "token", "handler").problem(422, "status", "api.field.choice")
		w.call("GET", "/api/v1/desk/cases?due_before=soon", nil, "token", "handler").problem(422, "due_before", "api.field.time")
		w.call("GET", "/api/v1/desk/cases?limit=9999", nil, "token", "handler").problem(422, "limit", "api.field.most")
		w.call("GET", "/api/v1/desk/cases?limit=many", nil, "token", "handler").problem(422, "limit", "api.field.type")
		w.call("GET", "/api/v1/desk/cases?cursor=%21", nil, "token", "handler").problem(422, "cursor", "fault.cursor")
		w.call("GET", "/api/v1/desk/cases?unit=NOWHERE", nil, "token", "handler").problem(422, "unit", "case.unit.unknown")
		forged := db.EncodeCursor("first", "yesterday", "the last one")
		w.call("GET", "/api/v1/desk/cases?cursor="+forged, nil, "token", "handler").problem(422, "cursor", "fault.cursor")
	})
}

func TestAQueueIsReadPageByPage(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d, 0)
		w.staff("dispatcher", "LJ")
		for range 5 {
			w.file(lamp())
		}
		seen, cursor, pages := map[string]bool{}, "", 0
		for pages < 5 {
			a := w.call("GET", "/api/v1/desk/cases?limit=2&due_before=2027-01-01T00:00:00Z&cursor="+cursor, nil, "token", "dispatcher").ok(200)
			for _, item := range a.JSON["items"].([]any) {
				seen[fmt.Sprint(item.(map[string]any)["case_no"])] = true
			}
			pages++
			if cursor = a.text("next_cursor"); cursor == "" {
				break
			}
		}
		require.Equal(t, 3, pages)
		require.Len(t, seen, 5)
	})
}

func TestAKeyFilesOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d, 0)
		first := w.call("POST", "/api/v1/cases", lamp(), "Idempotency-Key", "k1").ok(201)
		again := w.call("POST", "/api/v1/cases", lamp(), "Idempotency-Key", "k1").ok(201)
		require.Equal(t, first.Body.String(), again.Body.String())
		require.Equal(t, first.Header().Get("Location"), again.Header().Get("Location"))
		require.Empty(t, first.Header().Get("Idempotency-Replayed"))
		require.Equal(t, "true", again.Header().Get("Idempotency-Replayed"))
		other := lamp()
		other["title"] = "別的路燈"
		w.call("POST", "/api/v1/cases", other, "Idempotency-Key", "k1").problem(422, "Idempotency-Key", "once.reused")
		w.call("POST", "/api/v1/cases", other, "Idempotency-Key", strings.Repeat("k", 256)).problem(422, "Idempotency-Key", "api.field.long")
		require.NotEqual(t, first.text("case_no"), w.call("POST", "/api/v1/cases", lamp(), "Idempotency-Key", "k2").ok(201).text("case_no"))
		bad := lamp()
		bad["title"] = ""
		w.call("POST", "/api/v1/cases", bad, "Idempotency-Key", "k3").problem(422, "title", "case.title.required")
		w.call("POST", "/api/v1/cases", lamp(), "Idempotency-Key", "k3").ok(201)
	})
}

func TestBadInputIsNamedFieldByField(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d, 0)
		with := func(name string, value any) map[string]any {
			body := lamp()
			body[name] = value
			return body
		}
		for name, c := range map[string]struct {
			body        any
			field, code string
		}{
			"unknown field":        {with("titel", "x"), "titel", "api.field.unknown"},
			"unknown inner field":  {with("location", map[string]any{"lon": 1}), "location.lon", "api.field.unknown"},
			"missing":              {map[string]any{"kind": "complaint", "title": "x"}, "description", "api.field.required"},
			"wrong kind":           {with("kind", "rant"), "kind", "api.field.choice"},
			"wrong type":           {with("title", 5), "title", "api.field.type"},
			"two MiB":              {with("description", strings.Repeat("長", 2<<20/3)), "description", "api.field.long"},
			"title too long":       {with("title", strings.Repeat("a", 121)), "title", "api.field.long"},
			"no title":             {with("title", "  "), "title", "case.title.required"},
			"half a point":         {with("location", map[string]any{"lat": 31.2}), "location", "case.point.half"},
			"north of the pole":    {with("location", map[string]any{"lat": 131.2, "lng": 1}), "location.lat", "api.field.most"},
			"outside of the city":  {with("location", map[string]any{"lat": 1.0, "lng": 1.0}), "location", "case.point.outside"},
			"wrong crs":            {with("location", map[string]any{"crs": "mars"}), "location.crs", "api.field.choice"},
			"unknown matter":       {with("matter_code", "flying-carpet"), "matter_code", "case.matter.unknown"},
			"unknown district":     {with("location", map[string]any{"address": "x", "district_code": "ZZ"}), "location.district_code", "case.district.unknown"},
			"unknown unit":         {with("subject", map[string]any{"unit_code": "ZZ"}), "subject.unit_code", "case.unit.unknown"},
			"kind not of matter":   {with("kind", "compliment"), "kind", "case.kind.not_here"},
			"anonymous with name":  {with("confidentiality", "anonymous"), "contact", "case.contact.anonymous"},
			"confidentiality":      {with("confidentiality", "sometimes"), "confidentiality", "api.field.choice"},
			"phone":                {with("contact", map[string]any{"phone": "12"}), "contact.phone", "case.phone.invalid"},
			"language":             {with("locale", "fr"), "locale", "api.field.choice"},
			"a list":               {`[1,2]`, "body", "api.field.type"},
			"malformed":            {`{"kind":`, "body", "api.body.malformed"},
			"two values":           {`{} {}`, "body", "api.body.malformed"},
			"invalid UTF-8":        {"{\"title\":\"\xff\xfe\"}", "body", "api.body.encoding"},
			"NUL in an answer":     {`{"kind":"complaint","title":"a","description":"b","matter_code":"street-light","answers":{"pole":"\u0000"}}`, "body", "api.body.encoding"},
			"nothing":              {"", "body", "api.body.required"},
			"answers of no matter": {map[string]any{"kind": "complaint", "title": "a", "description": "b", "answers": map[string]any{"x": 1}}, "answers", "case.answers.no_matter"},
		} {
			t.Run(name, func(t *testing.T) {
				w.t = t
				w.call("POST", "/api/v1/cases", c.body).problem(422, c.field, c.code)
			})
		}
		w.t = t
		w.call("POST", "/api/v1/cases", "title=x", "Content-Type", "application/x-www-form-urlencoded").problem(422, "body", "api.body.type")
		w.call("POST", "/api/v1/cases", `{"kind":`).problem(422, "", "api.body.malformed")
		w.call("POST", "/api/v1/cases", `{"title":"`+strings.Repeat("x", 9<<20)+`"}`).problem(413, "", "fault.too_large")
		w.call("GET", "/api/v1/nothing", nil).problem(404, "", "fault.no_page")
		w.call("DELETE", "/api/v1/cases", nil).problem(405, "", "fault.no_method")
		var n int
		require.NoError(t, d.From(t.Context()).Raw("SELECT count(*) FROM cases").Scan(&n).Error)
		require.Zero(t, n, "nothing is half written")
		for lang, words := range map[string]string{"zh-TW": "此欄位必填", "zh-CN": "此字段必填", "en": "required"} {
			w.lang = lang
			require.Contains(t, w.call("POST", "/api/v1/cases", `{}`).Body.String(), words)
		}
	})
}

func TestADeadDatabaseIsUnavailable(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d, 0)
		w.call("GET", "/api/v1/matters", nil).ok(200)
		require.NoError(t, d.Close())
		w.now = w.now.Add(time.Minute)
		for _, a := range []answer{w.call("GET", "/api/v1/matters", nil), w.call("POST", "/api/v1/cases", lamp()),
			w.call("POST", "/api/v1/cases", lamp(), "Idempotency-Key", "k"), w.call("GET", "/api/v1/cases/LJ20260000001A", nil, "Query-Code", "0000000000")} {
			a.problem(503, "", "fault.unavailable")
			require.NotEmpty(t, a.Header().Get("Retry-After"))
		}
	})
}

func TestNullCountsAsLeftOut(t *testing.T) {
	w := newTown(t, dbtest.New(t), 0)
	body := lamp()
	body["subject"], body["on_behalf_of"], body["answers"], body["locale"] = nil, nil, nil, nil
	w.call("POST", "/api/v1/cases", body).ok(201)
}

func TestACitizensCaseOpensWithItsCodeOnly(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d, 0)
		no, code := w.file(lamp())
		w.call("GET", "/api/v1/cases/"+no, nil).problem(401, "", "api.query_code.required")
		wrong := w.call("GET", "/api/v1/cases/"+no, nil, "Query-Code", "0000000000")
		wrong.problem(404, "", "case.missing")
		unknown := w.call("GET", "/api/v1/cases/LJ20269999999X", nil, "Query-Code", code)
		unknown.problem(404, "", "case.missing")
		require.Equal(t, wrong.JSON["detail"], unknown.JSON["detail"], "they answer alike")
		w.call("GET", "/api/v1/cases/"+no, nil, "Query-Code", strings.ToLower(code)).ok(200)
		for _, path := range []string{"/messages", "/appeal"} {
			w.call("POST", "/api/v1/cases/"+no+path, map[string]any{"text": "x", "reason": "x"}, "Query-Code", code).ok422()
		}
		w.call("POST", "/api/v1/cases/"+no+"/messages", map[string]any{"text": ""}, "Query-Code", code).problem(422, "text", "case.text.required")
		w.call("POST", "/api/v1/cases/"+no+"/evaluation", map[string]any{"grade": 6, "resolved": "maybe"}, "Query-Code", code).problem(422, "resolved", "api.field.choice")
		w.call("POST", "/api/v1/cases/"+no+"/withdraw", map[string]any{"reason": "修好了"}, "Query-Code", code).ok(200)
		again := w.call("POST", "/api/v1/cases/"+no+"/withdraw", map[string]any{}, "Query-Code", code)
		again.problem(422, "action", "api.action.impossible")
		require.Equal(t, []any{"evaluation"}, again.JSON["possible"], "what the person may do, and nothing of the staff's")
		w.call("POST", "/api/v1/cases/"+no+"/evaluation", map[string]any{"grade": 5, "resolved": "yes"}, "Query-Code", code).ok(200)
		w.call("POST", "/api/v1/cases/"+no+"/appeal", map[string]any{"reason": "還是不亮"}, "Query-Code", code).problem(422, "action", "api.action.nothing")
	})
}

func (a answer) ok422() { a.ok(http.StatusUnprocessableEntity) }

func TestGuessingACodeIsSlow(t *testing.T) {
	w := newTown(t, dbtest.New(t), 1)
	no, _ := w.file(lamp())
	for range 30 {
		w.call("GET", "/api/v1/cases/"+no, nil, "Query-Code", "0000000000").problem(404, "", "case.missing")
	}
	a := w.call("GET", "/api/v1/cases/"+no, nil, "Query-Code", "0000000000")
	a.problem(429, "", "fault.throttled")
	require.NotEmpty(t, a.Header().Get("Retry-After"))
}

func TestTheCatalogueCarriesItsQuestions(t *testing.T) {
	w := newTown(t, dbtest.New(t), 0)
	seen, cursor := 0, ""
	for {
		a := w.call("GET", "/api/v1/matters?limit=40&cursor="+cursor, nil).ok(200)
		seen += len(a.JSON["items"].([]any))
		if cursor = a.text("next_cursor"); cursor == "" {
			break
		}
	}
	require.GreaterOrEqual(t, seen, 60)
	one := w.call("GET", "/api/v1/matters/street-light", nil).ok(200)
	require.Equal(t, "Street light out or broken", one.text("name"))
	require.Equal(t, "3wd", one.text("handling_limit"))
	require.Contains(t, one.JSON["questions"].(map[string]any)["properties"], "pole")
	require.Equal(t, "CG03", one.JSON["unit"].(map[string]any)["code"])
	w.lang = "zh-CN"
	require.Equal(t, "路灯不亮或损坏", w.call("GET", "/api/v1/matters/street-light", nil).text("name"))
	w.call("GET", "/api/v1/matters/flying-carpet", nil).problem(404, "", "catalogue.matter.missing")
	w.call("GET", "/api/v1/matters?field=none", nil).problem(422, "field", "api.field_code.unknown")
	require.NotEmpty(t, w.call("GET", "/api/v1/matters?q=%E8%B7%AF%E7%81%AF", nil).ok(200).JSON["items"])
}

func TestTheDocumentIsValidAndComplete(t *testing.T) {
	w := newTown(t, dbtest.New(t), 0)
	bundle, err := i18ntest.Words()
	require.NoError(t, err)
	for _, l := range i18n.Langs {
		body, err := api.Document(bundle, l)
		require.NoError(t, err)
		doc, err := openapi3.NewLoader().LoadFromData(body)
		require.NoError(t, err)
		require.NoError(t, doc.Validate(t.Context()))
		require.True(t, strings.HasPrefix(doc.OpenAPI, "3.1"))
		require.NotContains(t, string(body), `"api.`, "an untranslated key")
		w.lang = string(l)
		served := w.call("GET", "/api/v1/openapi.json", nil).ok(200)
		require.JSONEq(t, string(body), served.Body.String())
		page := w.call("GET", "/api/docs", nil).ok(200).Body.String()
		require.Contains(t, page, "/api/v1/cases/{case_no}")
		require.NotContains(t, page, "api.op.")
	}
	verbs := map[string]web.Verb{}
	for _, r := range w.kit.Routes() {
		verbs[r.Method+" "+r.Path] = r.Verb
	}
	for path, item := range w.document.Paths.Map() {
		for method, op := range item.Operations() {
			require.NotEmpty(t, op.Summary)
			pattern := strings.NewReplacer("{", ":", "}", "").Replace(path)
			verb, listed := verbs[method+" "+pattern]
			require.True(t, listed, "%s %s is not among the kit's routes", method, pattern)
			require.Equal(t, verb != access.Public, strings.Contains(path, "/desk/") || strings.Contains(path, "/reports/"), "%s %s", method, path)
		}
	}
}
