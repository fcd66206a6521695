package app_test

import (
	"bytes"
	"net/url"
	"regexp"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/actor"
	"minqing/internal/app"
	"minqing/internal/db"
	"minqing/internal/identity"
	"minqing/internal/mailroom/dovecottest"
)

var confirmLink = regexp.MustCompile(`https://portal\.example\.org(/confirm/[^\s"<]+)`)

func TestWhoseMailsComeBackIsToldWhenTheySignIn(t *testing.T) {
	server := dovecottest.Start(t)
	eachCity(t, func(t *testing.T, d *db.DB) {
		box, out := "box-"+string(d.Engine()), newPost(t)
		h := open(t, d, true, "MINQING_IMAP_URL="+server.URL(box), "MINQING_SMTP_URL="+out.address, "MINQING_BASE_URL=https://portal.example.org")
		require.NoError(t, h.Migrate(t.Context()))
		require.NoError(t, h.LoadDemo(t.Context()))
		const address = "full.box@example.net"
		_, err := h.Identity.CreateCitizen(actor.AsSystem(t.Context(), "test"), identity.NewAccount{Email: address, Password: leaverPassword, Name: "王", Locale: "zh-Hant"})
		require.NoError(t, err)
		_, _, who := h.proven(t, address)
		h.serve(t, app.ServeOptions{Web: true, Workers: true})
		me := h.enters(t, address, leaverPassword)
		for _, path := range []string{"/me/privacy", "/me/security"} {
			me.open(path)
			require.NotContains(t, me.page, "寄給您的信被退回", path)
		}

		told := out.newest(t, address, 1)
		require.Eventually(t, func() bool {
			return count(t, d, "deliveries WHERE channel = 'mail' AND status = 'sent' AND kind = 'case_received' AND constituent_id = ?", who) == 1
		}, 20*time.Second, 50*time.Millisecond)
		server.Deliver(t, box, lines("Return-Path: <>", "From: MAILER-DAEMON@example.net", "To: "+told.from, `Content-Type: multipart/report; report-type=delivery-status; boundary="r"`, "",
			"--r", "", "Full.", "", "--r", "Content-Type: message/delivery-status", "", "Final-Recipient: rfc822; "+address, "Action: failed", "Status: 5.2.2", "", "--r--"))
		h.look(t)
		require.Equal(t, []string{"bounced "}, settledMails(t, d, 1))
		for _, path := range []string{"/me/privacy", "/me/security"} {
			me.open(path)
			require.Equal(t, 200, me.status)
			require.Contains(t, me.page, "寄給您的信被退回", path)
			require.Contains(t, me.page, address, path)
		}
		require.Equal(t, 1, count(t, d, "contact_points WHERE bounced_at IS NOT NULL AND constituent_id IN (SELECT constituent_id FROM accounts WHERE bounced_at IS NOT NULL)"))

		me.open("/me/privacy") // it works again: they prove it
		me.send(url.Values{"email": {address}, "do": {"mail"}}, `name="email"`)
		require.Equal(t, 200, me.status)
		raw := bytes.ReplaceAll(bytes.ReplaceAll(out.newest(t, address, 2).raw, []byte("\r"), nil), []byte("=\n"), nil) // quoted-printable breaks long lines
		link := confirmLink.FindSubmatch(raw)
		require.NotNil(t, link)
		me.open(string(link[1]))
		me.send(nil, "確認信箱")
		require.Equal(t, 200, me.status)
		me.open("/me/privacy")
		require.NotContains(t, me.page, "寄給您的信被退回")
		me.open("/me/security")
		require.NotContains(t, me.page, "寄給您的信被退回")
		require.Zero(t, count(t, d, "contact_points WHERE bounced_at IS NOT NULL"))
	})
}
