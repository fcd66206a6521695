package notify_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"minqing/internal/actor"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/fault"
	"minqing/internal/i18n"
	"minqing/internal/notify"
)

func TestMessagesHaveTheWordsThatSomebodySet(t *testing.T) {
	key := notify.TextKey{Kind: notify.CaseReceived, Channel: notify.Mail, Lang: "zh-Hant"}
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		m := newMailpit(t)
		b := newBench(t, d, m.transport(t))
		b.contact.Mail = "own-" + string(d.Engine()) + "@example.org"
		b.start(t)
		ctx := actor.With(t.Context(), actor.Actor{Kind: actor.Staff})
		own := notify.Text{Subject: "收件 {{case_no}}", Body: "臨江市 <b>\n編號 {{case_no}}\n查詢碼 {{query_code}}\n{{track_url}}"}
		require.NoError(t, b.SetText(ctx, key, own, 0))
		require.Equal(t, fault.Conflict, fault.KindOf(b.SetText(ctx, key, notify.Text{}, 0)), "somebody else was first")
		b.tell(t, notify.CaseReceived)
		b.waitFor(t, notify.Sent)
		l := m.letters(t, b.contact.Mail)[0]
		require.Equal(t, "收件 "+caseNo, l.Subject)
		require.Contains(t, l.Text, "編號 "+caseNo+"\r\n查詢碼 8QH2M-1XYZ0\r\nhttps://portal.example.org/track?case_no="+caseNo)
		require.Contains(t, l.HTML, "臨江市 &lt;b&gt;")
		require.Contains(t, l.HTML, `<a href="https://portal.example.org/track?case_no=`+caseNo)

		b.contact.MailProven, b.contact.ConfirmToken = false, "point.TOKEN"
		b.tell(t, notify.CaseReceived)
		b.waitFor(t, notify.Sent)
		l = m.letters(t, b.contact.Mail)[1]
		require.NotContains(t, l.Text, "查詢碼", "nobody proved the address")
		require.Contains(t, l.Text, "/confirm/point.TOKEN")

		b.contact.MailProven = true
		require.NoError(t, b.SetText(ctx, key, notify.Text{}, 1))
		b.tell(t, notify.CaseReceived)
		b.waitFor(t, notify.Sent)
		require.Equal(t, "已收到您的案件 "+caseNo, m.letters(t, b.contact.Mail)[2].Subject)
		versions, err := b.TextVersions(ctx, key)
		require.NoError(t, err)
		require.Len(t, versions, 2)
		require.Equal(t, own, versions[1].Text)
	})
}

func TestATextThatLosesAFieldIsRefused(t *testing.T) {
	b := newBench(t, dbtest.New(t), nil)
	key := notify.TextKey{Kind: notify.CaseReceived, Channel: notify.Mail, Lang: "en"}
	for _, body := range []string{"", "{{query_code}} {{track_url}}", "{{case_no}} {{track_url}}", "{{case_no}} {{query_code}}",
		"{{case_no}} {{query_code}} {{track_url}} {{code}}", strings.Repeat("x", 4000) + "{{case_no}} {{query_code}} {{track_url}}"} {
		require.Equal(t, fault.Invalid, fault.KindOf(b.SetText(t.Context(), key, notify.Text{Subject: "x", Body: body}, 0)), body)
	}
	good := "{{case_no}} {{query_code}} {{track_url}}"
	for _, subject := range []string{"", "a\nBcc: b", "{{nothing}}"} {
		require.Equal(t, fault.Invalid, fault.KindOf(b.SetText(t.Context(), key, notify.Text{Subject: subject, Body: good}, 0)), subject)
	}
	require.Equal(t, fault.NotFound, fault.KindOf(b.SetText(t.Context(), notify.TextKey{Kind: notify.Mentioned, Channel: notify.SMS, Lang: "en"}, notify.Text{Body: good}, 0)))
}

func TestEveryBuiltInTextIsOneThatMayBeSet(t *testing.T) {
	b := newBench(t, dbtest.New(t), nil)
	for _, by := range []notify.Channel{notify.Mail, notify.SMS} {
		for _, k := range notify.TextKinds(by) {
			for _, l := range i18n.Langs {
				key := notify.TextKey{Kind: k, Channel: by, Lang: l}
				built, err := b.BuiltIn(key)
				require.NoError(t, err)
				require.NoError(t, b.CheckText(key, built), key)
				m, err := b.Preview(key, built)
				require.NoError(t, err)
				require.NotContains(t, m.Text+m.Subject+m.HTML, "{{", key)
			}
		}
	}
}
