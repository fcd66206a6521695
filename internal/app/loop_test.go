package app_test

import (
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/app"
	"minqing/internal/db"
)

const (
	requester = "王小明"
	phone     = "13812345678"
	trouble   = "兩盞路燈從週一晚上起都不亮，請派人修理。"
)

// file files a case by the forms and gives number and query code.
func file(b *browser) (caseNo, code string) {
	b.t.Helper()
	b.open("/file/street-light")
	typed := url.Values{"title": {"湖濱路 12 號前路燈不亮"}, "description": {trouble}, "location.address": {"湖濱路 12 號前"},
		"contact.name": {requester}, "contact.phone": {phone}, "subject.unit_code": {""}}
	for range 8 {
		if strings.HasSuffix(b.at.Path, "/check") {
			break
		}
		step, change := b.at.Path, url.Values{}
		for name := range b.form().values {
			if values, ok := typed[name]; ok {
				change[name] = values
			}
		}
		b.send(change)
		require.Equal(b.t, 200, b.status, b.page)
		require.NotEqual(b.t, step, b.at.Path, "stays at a step:\n%s", b.page)
	}
	b.send(nil)
	require.Contains(b.t, b.at.Path, "/receipt/", b.page)
	caseNo = regexp.MustCompile(`[A-Z]{2}\d{11,}[0-9A-Z]`).FindString(b.page)
	code = regexp.MustCompile(`[0-9A-HJKMNP-TV-Z]{5}-[0-9A-HJKMNP-TV-Z]{5}`).FindString(b.page)
	require.NotEmpty(b.t, caseNo)
	require.NotEmpty(b.t, code)
	return caseNo, code
}

// homes are where people land who do not work at the desk.
var homes = map[string]string{"citizen": "/", "newcomer": "/", "official": "/insight/performance", "admin": "/admin/jobs", "admin2": "/admin/jobs",
	"security": "/admin/access", "auditor": "/admin/audit"}

// enters signs an account in with its password.
func (h *house) enters(t *testing.T, email, password string) *browser {
	t.Helper()
	b := visit(t, h.url)
	b.open("/sign-in")
	b.send(url.Values{"email": {email}, "password": {password}}, `name="password"`)
	require.NotEqual(t, "/sign-in", b.at.Path, b.page)
	return b
}

func (h *house) signIn(t *testing.T, name string) *browser {
	t.Helper()
	b := h.enters(t, name+"@demo.test", app.DemoPassword)
	lands, elsewhere := homes[name]
	if !elsewhere {
		lands = "/desk"
	}
	require.Equal(t, lands, b.at.Path, b.page)
	return b
}

// act does one act on the open case by its form, which a link may lead to.
func (b *browser) act(action string, change url.Values) {
	b.t.Helper()
	if strings.Contains(b.page, `data-act="`+action+`"`) {
		b.open(b.at.Path + "?do=" + action)
	}
	b.send(change, `name="action" value="`+action+`"`)
	require.Contains(b.t, b.page, "mq-notice--done", action)
}

func TestACaseGoesFromFilingToJudgement(t *testing.T) {
	eachCity(t, func(t *testing.T, d *db.DB) {
		h := open(t, d, true)
		stop := h.serve(t, app.ServeOptions{Workers: true, Web: true})
		citizen := visit(t, h.url)
		caseNo, code := file(citizen)

		dispatcher := h.signIn(t, "dispatcher")
		dispatcher.open("/desk/cases/" + caseNo)
		dispatcher.act("accept", nil)
		dispatcher.act("dispatch", nil)
		handler := h.signIn(t, "handler")
		handler.open("/desk/cases/" + caseNo)
		handler.act("sign_in", nil)
		handler.act("assign", nil)
		handler.act("reply", url.Values{"reply.text": {"經現場勘查，電纜老化短路，已更換並於昨晚恢復照明。如再不亮，請撥 07-123-4567 轉路燈科。"}})
		handler.act("conclude", nil)

		elsewhere := visit(t, h.url) // another browser, with number and code only
		elsewhere.open("/track")
		elsewhere.send(url.Values{"case_no": {caseNo}, "query_code": {"AAAAA-AAAAA"}}, `name="query_code"`)
		require.Equal(t, 422, elsewhere.status)
		require.Contains(t, elsewhere.page, caseNo, "what was typed stays")
		elsewhere.send(url.Values{"query_code": {code}}, `name="query_code"`)
		require.Equal(t, "/cases/"+caseNo, elsewhere.at.Path)
		require.Contains(t, elsewhere.page, "電纜老化短路，已更換並於昨晚恢復照明。")
		elsewhere.send(url.Values{"grade": {"5"}, "resolved": {"yes"}, "do": {"evaluate"}}, `name="grade"`)
		require.Contains(t, elsewhere.page, "mq-notice--done")
		require.NotContains(t, elsewhere.page, `value="evaluate"`, "judged once")

		require.Equal(t, 1, count(t, d, "evaluations WHERE grade = 5 AND case_id = (SELECT id FROM cases WHERE case_no = ?)", caseNo))
		for _, kind := range []string{"case_received", "replied", "concluded"} {
			require.Eventually(t, func() bool {
				return count(t, d, "deliveries WHERE channel = 'inapp' AND status = 'sent' AND kind = ? AND case_id = (SELECT id FROM cases WHERE case_no = ?)", kind, caseNo) == 1
			}, 20*time.Second, 50*time.Millisecond, kind)
		}
		require.NoError(t, stop())
		require.Zero(t, count(t, d, "river_job WHERE state IN ('running', 'retryable', 'discarded')"))

		_, err := h.Audit.Seal(t.Context())
		require.NoError(t, err)
		entries, err := h.Audit.Verify(t.Context())
		require.NoError(t, err)
		require.EqualValues(t, count(t, d, "audit_entries"), entries)
		require.GreaterOrEqual(t, count(t, d, "audit_entries WHERE action LIKE 'case.%'"), 8, "each act leaves its entry")
		h.quietLog(t, code)
	})
}

// quietLog expects no error and nothing personal in the log.
func (h *house) quietLog(t *testing.T, more ...string) {
	t.Helper()
	log := h.log.String()
	require.NotContains(t, log, `"level":"ERROR"`)
	for _, word := range append(more, requester, phone, trouble, "湖濱路", "@demo.test", app.DemoPassword) {
		require.NotContains(t, log, word)
	}
}
