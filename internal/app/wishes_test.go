package app_test

import (
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"

	"minqing/internal/app"
	"minqing/internal/db"
)

func TestPeopleChooseWhichMessagesComeByMail(t *testing.T) {
	eachCity(t, func(t *testing.T, d *db.DB) {
		h := open(t, d, true)
		h.serve(t, app.ServeOptions{Web: true})
		const save = `name="wish.mail.judge_reminder"`
		me := h.citizen(t)
		me.open("/me/notifications?lang=en")
		require.Contains(t, me.page, "Receipt of a case")
		require.Contains(t, me.page, "It proves that you filed the case")
		require.NotContains(t, me.page, "wish.mail.case_received")
		require.NotContains(t, me.page, "wish.mail.clock_before", "that is for staff")
		const one, other = "wish.mail.judge_reminder", "wish.mail.reopened"
		require.NotContains(t, me.page, "wish.sms", "no gateway is set")
		shown := url.Values{"shown": {one, other}, one: nil, other: {"on"}}
		me.send(shown, save)
		require.Equal(t, 200, me.status)
		require.Contains(t, me.page, "Saved.")
		require.Equal(t, 1, count(t, d, "message_wishes WHERE kind = 'judge_reminder' AND wish = 'never'"))

		me.send(url.Values{"shown": {one, other, "wish.sms.reopened"}, one: {"often"}, other: nil}, save)
		require.Equal(t, 422, me.status)
		require.Contains(t, me.page, "Choose one of the options.")
		require.NotContains(t, me.page, `name="wish.mail.reopened" value="on" checked`, "what was chosen is kept")
		require.Equal(t, 1, count(t, d, "message_wishes"), "all or nothing")
		me.send(url.Values{"shown": {one, other}, one: {"on"}, other: {"on"}}, save)
		require.Zero(t, count(t, d, "message_wishes"))

		const keep = `name="begins"`
		me.send(url.Values{"begins": {"22:00"}, "ends": {""}, "do": {"quiet"}}, keep)
		require.Equal(t, 422, me.status)
		require.Contains(t, me.page, `<option value="22:00" selected>`)
		me.send(url.Values{"begins": {"22:00"}, "ends": {"07:30"}, "do": {"quiet"}}, keep)
		require.Equal(t, 200, me.status)
		require.Equal(t, 1, count(t, d, "quiet_hours WHERE begins = 1320 AND ends = 450"))
		me.send(url.Values{"begins": {""}, "ends": {""}, "do": {"quiet"}}, keep)
		require.Zero(t, count(t, d, "quiet_hours"))

		const how = `name="gather"`
		require.Contains(t, me.page, `<option value="08:00" selected>`, "what the office offers")
		me.send(url.Values{"gather": {"daily"}, "gather_at": {"soon"}, "do": {"digest"}}, how)
		require.Equal(t, 422, me.status)
		require.Contains(t, me.page, "Choose a time of the day.")
		require.Contains(t, me.page, `<option value="daily" selected>`)
		me.send(url.Values{"gather": {"often"}, "gather_at": {"08:00"}, "do": {"digest"}}, how)
		require.Equal(t, 422, me.status)
		require.Contains(t, me.page, `id="gather-error"`)
		me.send(url.Values{"gather": {"daily"}, "gather_at": {"17:30"}, "do": {"digest"}}, how)
		require.Equal(t, 200, me.status)
		require.Contains(t, me.page, `<option value="17:30" selected>`)
		require.Equal(t, 1, count(t, d, "mail_digests WHERE minute = 1050"))
		require.Equal(t, 1, count(t, d, "audit_entries WHERE action = 'delivery.digest'"))
		me.send(url.Values{"gather": {"single"}, "gather_at": {"17:30"}, "do": {"digest"}}, how)
		require.Zero(t, count(t, d, "mail_digests"))

		staff := h.signIn(t, "handler")
		staff.open("/me/notifications?lang=en")
		staff.send(url.Values{"shown": {"wish.mail.mentioned"}, "wish.mail.mentioned": nil}, `name="wish.mail.mentioned"`)
		require.Equal(t, 200, staff.status)
		require.NotContains(t, staff.page, "wish.mail.judge_reminder")
	})
}
