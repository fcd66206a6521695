package admin_test

import (
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAnAdministratorChangesTheWordsOfAMessage(t *testing.T) {
	o := newOffice(t)
	const at = "/admin/messages/texts/case_received/mail/en"
	const good = "Dear citizen\n{{case_no}}\n{{query_code}}\n{{track_url}}"
	for _, lang := range []string{"zh-Hant", "zh-Hans", "en"} {
		require.Equal(t, 200, o.ask(t, "GET", "/admin/messages/texts?lang="+lang, nil).Code)
		w := o.ask(t, "GET", at+"?lang="+lang, nil)
		require.Equal(t, 200, w.Code)
		require.Contains(t, w.Body.String(), "8QH2M-1XYZ0", "the preview has invented data")
		require.NotContains(t, w.Body.String(), "admin.field.")
		w = o.ask(t, "GET", "/admin/messages/texts/digest/mail/"+lang+"?lang="+lang, nil)
		require.Contains(t, w.Body.String(), "{{entries}}")
		require.NotContains(t, w.Body.String(), "admin.field.")
		require.NotContains(t, w.Body.String(), "admin.message.")
	}
	require.Equal(t, 200, o.ask(t, "GET", "/admin/messages/texts/phone_code/sms/zh-Hant", nil).Code)
	require.Equal(t, 404, o.ask(t, "GET", "/admin/messages/texts/nothing/mail/en", nil).Code)

	w := o.ask(t, "POST", at+"?lang=en", url.Values{"do": {"save"}, "version": {"0"}, "subject": {"Got it"}, "body": {"My words {{case_no}}"}})
	require.Equal(t, 422, w.Code)
	require.Contains(t, w.Body.String(), "{{query_code}} {{track_url}}")
	require.Contains(t, w.Body.String(), "My words", "what was typed is kept")
	w = o.ask(t, "POST", at+"?lang=en", url.Values{"do": {"preview"}, "version": {"0"}, "subject": {"Got it"}, "body": {good}})
	require.Equal(t, 200, w.Code)
	require.Contains(t, w.Body.String(), `<p class="govuk-body">LJ20260000123N</p>`)

	form := url.Values{"do": {"save"}, "version": {"0"}, "subject": {"Got it"}, "body": {good}}
	require.Equal(t, 303, o.ask(t, "POST", at, form).Code)
	form.Set("body", good+"\nOther")
	w = o.ask(t, "POST", at, form)
	require.Equal(t, 409, w.Code, "somebody else was first")
	require.Contains(t, w.Body.String(), "Other")
	require.Contains(t, o.ask(t, "GET", "/admin/messages/texts?lang=en", nil).Body.String(), "<strong>changed</strong>")
	require.Equal(t, 303, o.ask(t, "POST", at, url.Values{"do": {"builtin"}, "version": {"1"}}).Code)
	require.NotContains(t, o.ask(t, "GET", "/admin/messages/texts?lang=en", nil).Body.String(), "<strong>changed</strong>")
}
