package app_test

import (
	"bytes"
	"context"
	"net"
	netmail "net/mail"
	"net/textproto"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/actor"
	"minqing/internal/app"
	"minqing/internal/cases"
	"minqing/internal/constituents"
	"minqing/internal/db"
	"minqing/internal/files"
	"minqing/internal/mailroom"
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
	}, 3*time.Minute, 50*time.Millisecond)
	return mails(t, d)
}

func TestAMailBecomesACase(t *testing.T) {
	server := dovecottest.Start(t)
	eachCity(t, func(t *testing.T, d *db.DB) {
		box := "box-" + string(d.Engine())
		server.Deliver(t, box, lines("From: =?big5?B?pP2kcQ==?= <Wang@example.net>", "To: "+box+"@city.example.org", "Message-ID: <one@example.net>",
			"Subject: =?UTF-8?B?6Lev54eI5LiN5Lqu?=", "MIME-Version: 1.0", `Content-Type: multipart/mixed; boundary="b"`, "",
			"--b", "Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: 8bit", "", "巷口的路燈壞了，請派人來修。", "",
			"--b", "Content-Type: text/plain", `Content-Disposition: attachment; filename="=?UTF-8?B?6Kqq5piOLnR4dA==?="`, "", "details", "",
			"--b", "Content-Type: application/octet-stream", `Content-Disposition: attachment; filename="run.exe"`, "", "MZ\x90", "",
			"--b--"))
		server.Deliver(t, box, lines("From: robot@example.net", "To: "+box+"@city.example.org", "Auto-Submitted: auto-replied", "Subject: away", "", "I am away."))
		h := open(t, d, true, "MINQING_IMAP_URL="+server.URL(box))
		h.serve(t, app.ServeOptions{Web: true, Workers: true})
		require.Equal(t, []string{"filed ", "ignored auto_reply"}, settledMails(t, d, 2))

		// Mails are read side by side: of two that come together, either may be the first.
		server.Deliver(t, box, lines("From: Wang@example.net", "To: "+box+"@city.example.org", "Message-ID: <one@example.net>", "Subject: again", "", "twice"))
		h.look(t)
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

// sentMail is what a mail server was given.
type sentMail struct {
	from, to string
	raw      []byte
	message  *netmail.Message
}

// post is a mail server that takes everything.
type post struct {
	address string
	mu      sync.Mutex
	list    []sentMail
}

func newPost(t *testing.T) *post {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { l.Close() })
	p := &post{address: "smtp://" + l.Addr().String() + "?starttls=off"}
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go p.take(c)
		}
	}()
	return p
}

func (p *post) take(c net.Conn) {
	defer c.Close()
	conn := textproto.NewConn(c)
	_ = conn.PrintfLine("220 here")
	var m sentMail
	for {
		line, err := conn.ReadLine()
		if err != nil {
			return
		}
		switch word := strings.ToUpper(line); {
		case strings.HasPrefix(word, "MAIL FROM"):
			m.from, _, _ = strings.Cut(line[strings.IndexByte(line, '<')+1:], ">")
		case strings.HasPrefix(word, "RCPT TO"):
			m.to, _, _ = strings.Cut(line[strings.IndexByte(line, '<')+1:], ">")
		case word == "DATA":
			_ = conn.PrintfLine("354 go on")
			m.raw, _ = conn.ReadDotBytes()
			m.message, _ = netmail.ReadMessage(bytes.NewReader(m.raw))
			p.mu.Lock()
			p.list = append(p.list, m)
			p.mu.Unlock()
		case word == "QUIT":
			return
		}
		_ = conn.PrintfLine("250 fine")
	}
}

// newest waits for the n-th mail to somebody.
func (p *post) newest(t *testing.T, to string, n int) (m sentMail) {
	t.Helper()
	require.Eventually(t, func() bool {
		p.mu.Lock()
		defer p.mu.Unlock()
		seen := 0
		for _, one := range p.list {
			if one.to == to {
				if seen++; seen == n {
					m = one
					return true
				}
			}
		}
		return false
	}, 40*time.Second, 50*time.Millisecond)
	return m
}

// look has the workers read the mailbox now.
func (h *house) look(t *testing.T) {
	t.Helper()
	require.NoError(t, h.DB.Tx(t.Context(), func(ctx context.Context) error { return h.Jobs.Add(ctx, mailroom.Poll{}) }))
}

// proven files a case of somebody with a proven address.
func (h *house) proven(t *testing.T, email string) (id, no, who string) {
	t.Helper()
	got, err := h.Cases.File(t.Context(), cases.Filing{Kind: cases.Complaint, Title: "路燈", Description: "不亮", Confidentiality: cases.Normal, Locale: "zh-Hant",
		Contact: cases.Contact{Name: "王", Email: email}})
	require.NoError(t, err)
	system := actor.AsSystem(t.Context(), "test")
	who, err = h.Cases.Requester(system, got.CaseID)
	require.NoError(t, err)
	_, err = h.Constituents.Attach(system, who, constituents.Email, email, true)
	require.NoError(t, err)
	return got.CaseID, got.CaseNo, who
}

func TestAnAnswerByMailComesToItsCase(t *testing.T) {
	server := dovecottest.Start(t)
	eachCity(t, func(t *testing.T, d *db.DB) {
		box, out := "box-"+string(d.Engine()), newPost(t)
		h := open(t, d, true, "MINQING_IMAP_URL="+server.URL(box), "MINQING_SMTP_URL="+out.address, "MINQING_BASE_URL=https://portal.example.org")
		server.Deliver(t, box, lines("From: robot@example.net", "Precedence: bulk", "", "makes the mailbox"))
		require.NoError(t, h.Migrate(t.Context()))
		require.NoError(t, h.LoadDemo(t.Context()))
		id, no, _ := h.proven(t, "wang@example.net") // told once the workers run
		h.serve(t, app.ServeOptions{Web: true, Workers: true})
		settledMails(t, d, 1)

		told := out.newest(t, "wang@example.net", 1)
		to, err := told.message.Header.AddressList("Reply-To")
		require.NoError(t, err)
		require.Regexp(t, `^`+box+`\+`+strings.ToLower(no)+`\.[0-9a-z]{16}@city\.example\.org$`, to[0].Address)
		require.Equal(t, "<case."+id+"@portal.example.org>", told.message.Header.Get("References"))
		require.Regexp(t, `^`+box+`\+b\.[0-9a-z.]+@city\.example\.org$`, told.from)

		answer := func(address, subject string, body ...string) {
			server.Deliver(t, box, lines(append([]string{"From: Wang <wang@example.net>", "To: " + address, "Subject: " + subject, "Content-Type: text/plain; charset=utf-8", ""}, body...)...))
		}
		answer(to[0].Address, "Re: 案件", "還是不亮。", "", "在 2026年3月2日，民情 寫道：", "> 已收到", "", "-- ", "王")
		forged := strings.Replace(to[0].Address, ".", ".0", 1)
		answer(forged, "Re: "+no, "I am somebody else and know the number.")
		server.Deliver(t, box, told.raw) // our own mail comes back
		h.look(t)
		require.Equal(t, []string{"ignored bulk", "replied ", "filed ", "ignored loop"}, settledMails(t, d, 4))

		system := actor.AsSystem(t.Context(), "test")
		c, err := h.Cases.ByID(system, id)
		require.NoError(t, err)
		v, err := h.Cases.Track(t.Context(), cases.Key{CaseNo: no, QueryCode: h.Cases.QueryCode(c)})
		require.NoError(t, err)
		require.Len(t, v.Messages, 1)
		require.Equal(t, "in", v.Messages[0].Direction)
		require.Equal(t, "還是不亮。\n\n［郵件全文見附件。］", v.Messages[0].Text)
		list, err := h.Files.List(system, files.Owner{Kind: files.Case, ID: id})
		require.NoError(t, err)
		require.Len(t, list, 1, "the whole is kept")

		_, err = h.Cases.Withdraw(t.Context(), cases.Key{CaseNo: no, QueryCode: h.Cases.QueryCode(c)}, "")
		require.NoError(t, err)
		answer(to[0].Address, "Re: 案件", "再說一次。")
		h.look(t)
		require.Equal(t, "filed ", settledMails(t, d, 5)[4], "a case that is over takes no messages")
		require.Equal(t, 1, count(t, d, "cases WHERE channel = 'email' AND description LIKE ?", "%回覆案件 "+no+"%"))
	})
}

func TestAMailThatComesBackSilencesItsAddress(t *testing.T) {
	server := dovecottest.Start(t)
	eachCity(t, func(t *testing.T, d *db.DB) {
		box, out := "box-"+string(d.Engine()), newPost(t)
		h := open(t, d, true, "MINQING_IMAP_URL="+server.URL(box), "MINQING_SMTP_URL="+out.address, "MINQING_BASE_URL=https://portal.example.org")
		server.Deliver(t, box, lines("From: robot@example.net", "Precedence: bulk", "", "makes the mailbox"))
		require.NoError(t, h.Migrate(t.Context()))
		require.NoError(t, h.LoadDemo(t.Context()))
		_, _, who := h.proven(t, "gone@example.net")
		h.serve(t, app.ServeOptions{Web: true, Workers: true})
		settledMails(t, d, 1)
		told := out.newest(t, "gone@example.net", 1)
		require.Eventually(t, func() bool {
			return count(t, d, "deliveries WHERE channel = 'mail' AND status = 'sent' AND constituent_id = ?", who) == 1
		}, 20*time.Second, 50*time.Millisecond)

		report := func(to, action, status string, more ...string) {
			server.Deliver(t, box, lines(append([]string{"Return-Path: <>", "From: MAILER-DAEMON@example.net", "To: " + to, "Auto-Submitted: auto-replied",
				`Content-Type: multipart/report; report-type=delivery-status; boundary="r"`, "", "--r", "", "Sorry.", "",
				"--r", "Content-Type: message/delivery-status", "", "Reporting-MTA: dns; example.net", "",
				"Final-Recipient: rfc822; gone@example.net", "Action: " + action, "Status: " + status, ""}, append(more, "--r--")...)...))
		}
		report(told.from, "delayed", "4.4.1")
		report(strings.Replace(told.from, "+b.", "+b.a", 1), "failed", "5.1.1") // nobody signed it
		report(box+"@city.example.org", "failed", "5.1.1", "--r", "Content-Type: text/rfc822-headers", "", "Message-ID: "+told.message.Header.Get("Message-ID"), "")
		report(told.from, "failed", "5.1.1")
		h.look(t)
		require.Equal(t, []string{"ignored bulk", "ignored delayed", "ignored report", "bounced ", "bounced "}, settledMails(t, d, 5))
		require.Equal(t, 1, count(t, d, "deliveries WHERE channel = 'mail' AND status = 'failed' AND reason = 'bounced_5.1.1'"))
		system := actor.AsSystem(t.Context(), "test")
		reach, err := h.Constituents.Reach(system, who)
		require.NoError(t, err)
		require.True(t, reach.EmailBounces)
		require.False(t, reach.EmailProven)

		h.proven(t, "other@example.net")
		_, err = h.Cases.File(t.Context(), cases.Filing{Kind: cases.Complaint, Title: "路燈", Description: "不亮", Confidentiality: cases.Normal, Locale: "zh-Hant",
			Contact: cases.Contact{Name: "王", Email: "gone@example.net"}})
		require.NoError(t, err)
		require.Eventually(t, func() bool { return count(t, d, "deliveries WHERE status = 'suppressed' AND reason = 'bounced'") == 1 }, 20*time.Second, 50*time.Millisecond)
		out.newest(t, "other@example.net", 1)

		token := reach.EmailToken
		_, err = h.Constituents.Confirm(system, token)
		require.NoError(t, err)
		reach, err = h.Constituents.Reach(system, who)
		require.NoError(t, err)
		require.True(t, reach.EmailProven)
		require.False(t, reach.EmailBounces)
	})
}
