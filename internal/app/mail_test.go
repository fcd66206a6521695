package app_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/actor"
	"minqing/internal/app"
	"minqing/internal/cases"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/files"
	"minqing/internal/mailroom/dovecottest"
)

// lines joins a mail as it travels.
func lines(list ...string) []byte { return []byte(strings.Join(list, "\r\n") + "\r\n") }

// mails reads what became of the mails, by their order of coming.
func mails(t *testing.T, d *db.DB) (list []string) {
	t.Helper()
	require.NoError(t, d.From(t.Context()).Raw("SELECT state || ' ' || reason FROM inbound_mails ORDER BY uid").Scan(&list).Error)
	return list
}

func settledMails(t *testing.T, d *db.DB, n int) []string {
	t.Helper()
	require.Eventually(t, func() bool {
		return count(t, d, "inbound_mails WHERE state <> 'waiting'") == n
	}, 60*time.Second, 50*time.Millisecond, "%v", mails(t, d))
	return mails(t, d)
}

func TestAMailBecomesACase(t *testing.T) {
	server := dovecottest.Start(t)
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		box := "box-" + string(d.Engine())
		server.Deliver(t, box, lines("From: =?big5?B?pP2kcQ==?= <Wang@example.net>", "To: "+box+"@city.example.org", "Message-ID: <one@example.net>",
			"Subject: =?UTF-8?B?6Lev54eI5LiN5Lqu?=", "MIME-Version: 1.0", `Content-Type: multipart/mixed; boundary="b"`, "",
			"--b", "Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: 8bit", "", "巷口的路燈壞了，請派人來修。", "",
			"--b", "Content-Type: text/plain", `Content-Disposition: attachment; filename="=?UTF-8?B?6Kqq5piOLnR4dA==?="`, "", "details", "",
			"--b", "Content-Type: application/octet-stream", `Content-Disposition: attachment; filename="run.exe"`, "", "MZ\x90", "",
			"--b--"))
		server.Deliver(t, box, lines("From: robot@example.net", "To: "+box+"@city.example.org", "Auto-Submitted: auto-replied", "Subject: away", "", "I am away."))
		server.Deliver(t, box, lines("From: Wang@example.net", "To: "+box+"@city.example.org", "Message-ID: <one@example.net>", "Subject: again", "", "twice"))
		h := open(t, d, true, "MINQING_IMAP_URL="+server.URL(box))
		h.serve(t, app.ServeOptions{Web: true, Workers: true})

		require.Equal(t, []string{"filed ", "ignored auto_reply", "ignored duplicate"}, settledMails(t, d, 3))
		require.Eventually(t, func() bool { return server.Unread(t, box) == 0 }, 20*time.Second, 50*time.Millisecond)
		var id string
		require.NoError(t, d.From(t.Context()).Raw("SELECT case_id FROM inbound_mails WHERE state = 'filed'").Scan(&id).Error)
		system := actor.AsSystem(t.Context(), "test")
		c, err := h.Cases.ByID(system, id)
		require.NoError(t, err)
		require.Equal(t, "路燈不亮", c.Title)
		require.Equal(t, cases.ChannelEmail, c.Channel)
		require.Equal(t, cases.HelpRequest, c.Kind)
		require.Equal(t, "zh-Hant", c.Locale)
		require.Nil(t, c.MatterID)
		require.Contains(t, c.Description, "巷口的路燈壞了")
		require.Contains(t, c.Description, "［未收：run.exe。")
		list, err := h.Files.List(system, files.Owner{Kind: files.Case, ID: id})
		require.NoError(t, err)
		require.Len(t, list, 1)
		require.Equal(t, "說明.txt", list[0].Name)
		who, err := h.Cases.Requester(system, id)
		require.NoError(t, err)
		reach, err := h.Constituents.Reach(system, who)
		require.NoError(t, err)
		require.Equal(t, "wang@example.net", reach.Email)
		require.False(t, reach.EmailProven, "whoever sends a mail may have typed any address")
	})
}
