package app_test

import (
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"

	"minqing/internal/actor"
	"minqing/internal/app"
	"minqing/internal/cases"
	"minqing/internal/db"
)

// TestWhoAComplaintIsAboutIsNamedAtTheCounterAndByAForm takes down whom a complaint
// is about, names the account on the case's page and takes that back.
func TestWhoAComplaintIsAboutIsNamedAtTheCounterAndByAForm(t *testing.T) {
	eachCity(t, func(t *testing.T, d *db.DB) {
		h := open(t, d, true, "MINQING_SECOND_FACTOR_ROLES=off")
		h.serve(t, app.ServeOptions{Web: true})
		agent := h.signIn(t, "agent")
		agent.open("/desk/intake?lang=zh-Hant")
		call := url.Values{"do": {"file"}, "kind": {"complaint"}, "contact.phone": {"13812345678"}, "contact.name": {"王小明"}, "matter_code": {"street-light"},
			"description": {"承辦人在電話裡罵人。"}, "location.address": {"湖濱路 12 號"}, "subject.unit_code": {"nowhere"}, "subject.name": {"照明科的老李"}}
		agent.send(call, `value="file"`)
		require.Equal(t, 422, agent.status)
		require.Contains(t, agent.page, `href="#subject-unit_code"`)
		require.Contains(t, agent.page, "照明科的老李", "what was typed stays")
		call.Set("subject.unit_code", "CG03")
		agent.send(call, `value="file"`)
		require.Equal(t, 200, agent.status, agent.page)
		no := filedNumber.FindStringSubmatch(agent.page)[1]
		require.Equal(t, 1, count(t, d, "case_parties WHERE role = 'subject' AND name_cipher IS NOT NULL AND unit_id = (SELECT id FROM units WHERE code = 'CG03') AND case_id = (SELECT id FROM cases WHERE case_no = ?)", no))

		_, err := h.Cases.Act(actor.AsSystem(t.Context(), "test"), no, 0, cases.Accept{})
		require.NoError(t, err)
		h.employ(t, "li@example.org", "李照明", "handler", "CG02")
		li := h.enters(t, "li@example.org", longPassword)
		_, err = h.Cases.Act(actor.AsSystem(t.Context(), "test"), no, 0, cases.Dispatch{UnitCode: "CG02"})
		require.NoError(t, err)
		li.open("/desk/cases/" + no)
		require.Equal(t, 200, li.status)
		boss := h.signIn(t, "head")
		boss.open("/desk/cases/" + no)
		boss.act("name_subject", url.Values{"name_subject.account": {"li@example.org"}, "name_subject.note": {"民眾指認。"}})
		li.took(li.client.Get(h.url + "/desk/cases/" + no))
		require.Equal(t, 404, li.status, "it is about this account")
		boss.act("name_subject", url.Values{"name_subject.account": {"li@example.org"}, "name_subject.note": {"認錯人了。"}, "name_subject.lift": {"yes"}})
		li.open("/desk/cases/" + no)
		require.Equal(t, 200, li.status, "and no longer")
	})
}
