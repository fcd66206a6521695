package app_test

import (
	"encoding/base64"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/actor"
	"minqing/internal/app"
	"minqing/internal/cases"
	"minqing/internal/db"
	"minqing/internal/files"
	"minqing/internal/mailroom"
	"minqing/internal/mailroom/dovecottest"
	"minqing/internal/notify"
)

func word(s string) string { return "=?UTF-8?B?" + base64.StdEncoding.EncodeToString([]byte(s)) + "?=" }

// signed is how a mail ends: with what can be told to be somebody's, and the
// name of whoever wrote.
func signed() string {
	return plantedNames[0] + " " + plantedPhones[0] + " " + plantedMails[0] + "，身分證 " + plantedIDs[0] + "、" + plantedIDs[1] + "，或 " + plantedPhones[1]
}

func TestWhoWritesAMailStandsNowhereInTheClear(t *testing.T) {
	server := dovecottest.Start(t)
	eachCity(t, func(t *testing.T, d *db.DB) {
		box := "box-" + string(d.Engine())
		h := open(t, d, true, "MINQING_IMAP_URL="+server.URL(box), "MINQING_SMTP_URL="+grudging(t), "MINQING_LOG_LEVEL=debug")
		from := "From: " + word(plantedNames[0]) + " <" + plantedMails[0] + ">"
		mail := func(to string, more ...string) []byte {
			return lines(append([]string{from, "To: " + to + "@city.example.org", "Return-Path: <" + plantedMails[0] + ">", "MIME-Version: 1.0"}, more...)...)
		}
		enclosed := []string{"--b", "Content-Type: text/plain; charset=utf-8", "Content-Disposition: attachment; filename=\"" + word(plantedNames[0]+plantedIDs[0]+".txt") + "\"", "", sentence(), "",
			"--b", "Content-Type: application/octet-stream", "Content-Disposition: attachment; filename=\"" + word(plantedNames[0]+plantedPhones[0]+".exe") + "\"", "", "MZ\x90" + sentence(), "", "--b--"}
		written := append([]string{"Subject: " + word("路燈不亮 "+signed()), "Message-ID: <" + plantedMails[0] + ">", `Content-Type: multipart/mixed; boundary="b"`, "",
			"--b", "Content-Type: text/plain; charset=utf-8", "", "巷口的路燈壞了。", "-- ", signed(), ""}, enclosed...)
		server.Deliver(t, box, mail(box, written...))
		server.Deliver(t, box, mail(box, "Auto-Submitted: auto-replied", "Subject: "+word(sentence()), "Content-Type: text/plain; charset=utf-8", "", sentence()))
		server.Deliver(t, box, mail(box, "Subject: "+word(signed()), "Content-Type: text/plain; charset=x-nobody", "", signed()))
		server.Deliver(t, box, mail(box, "Subject: "+word(sentence()), "", strings.Repeat(sentence()+"\r\n", mailroom.SizeMost/len(sentence()))))
		server.Deliver(t, box, lines("Return-Path: <>", "From: MAILER-DAEMON@example.net", "To: "+box+"@city.example.org", `Content-Type: multipart/report; report-type=delivery-status; boundary="r"`, "",
			"--r", "", sentence(), "", "--r", "Content-Type: message/delivery-status", "", "Final-Recipient: rfc822; "+plantedMails[0], "Action: failed", "Status: 5.1.1 "+plantedMails[0], "Diagnostic-Code: smtp; "+plantedNames[3], "", "--r--"))
		h.serve(t, app.ServeOptions{Web: true, Workers: true})
		require.Equal(t, []string{"filed ", "ignored auto_reply", "filed ", "too_large ", "ignored report"}, settledMails(t, d, 5))

		system := actor.AsSystem(t.Context(), "test")
		var id string
		require.NoError(t, d.From(t.Context()).Raw("SELECT case_id FROM inbound_mails WHERE state = 'filed' ORDER BY uid LIMIT 1").Scan(&id).Error)
		c, err := h.Cases.ByID(system, id)
		require.NoError(t, err)
		require.Contains(t, c.Title, "路燈不亮")
		require.Contains(t, c.Description, "巷口的路燈壞了。")
		to, _, _ := strings.Cut(notify.ReplyAddress(box+"@city.example.org", c.CaseNo, h.Cases.ReplyCode(c)), "@")
		server.Deliver(t, box, mail(to, append([]string{`Content-Type: multipart/mixed; boundary="b"`, "", "--b", "Content-Type: text/plain; charset=utf-8", "", "還是不亮，請打 " + signed(), ""}, enclosed...)...))
		h.look(t)
		require.Equal(t, "replied ", settledMails(t, d, 6)[5])
		require.Eventually(t, func() bool {
			return count(t, d, "deliveries WHERE channel = 'mail' AND status = 'failed' AND case_id IN (SELECT case_id FROM inbound_mails)") == 2
		}, 30*time.Second, 50*time.Millisecond)

		for where, body := range dump(t, h, d) {
			noPlants(t, where, body)
		}
		v, err := h.Cases.Track(t.Context(), cases.Key{CaseNo: c.CaseNo, QueryCode: h.Cases.QueryCode(c)})
		require.NoError(t, err)
		require.Contains(t, v.Messages[0].Text, "還是不亮，請打 司空**")
		list, err := h.Files.List(system, files.Owner{Kind: files.Case, ID: id})
		require.NoError(t, err)
		require.Len(t, list, 4, "both wholes, and what was enclosed")
		require.Equal(t, "郵件全文.txt", list[0].Name)
		whole, err := h.Files.Open(system, files.Owner{Kind: files.Case, ID: id}, list[0].ID)
		require.NoError(t, err)
		defer whole.Close()
		body, err := io.ReadAll(whole)
		require.NoError(t, err)
		require.Contains(t, string(body), signed(), "the desk can read it")
	})
}
