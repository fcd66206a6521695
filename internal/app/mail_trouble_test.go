package app_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"strings"
	"sync/atomic"
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

// cutter stands before a mail server and cuts the line when somebody says a word,
// as a process does that dies there.
type cutter struct {
	port string
	word string
	cuts atomic.Int64
	off  atomic.Bool
}

func newCutter(t *testing.T, behind, word string) *cutter {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { l.Close() })
	_, port, _ := net.SplitHostPort(l.Addr().String())
	k := &cutter{port: port, word: word}
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go k.pass(c, behind)
		}
	}()
	return k
}

func (k *cutter) pass(c net.Conn, behind string) {
	defer c.Close()
	s, err := net.Dial("tcp", "127.0.0.1:"+behind)
	if err != nil {
		return
	}
	defer s.Close()
	go func() { _, _ = io.Copy(c, s); c.Close() }()
	buf := make([]byte, 8192)
	for {
		n, err := c.Read(buf)
		if err != nil {
			return
		}
		if !k.off.Load() && bytes.Contains(buf[:n], []byte(k.word)) {
			k.cuts.Add(1)
			return
		}
		if _, err := s.Write(buf[:n]); err != nil {
			return
		}
	}
}

func TestAWorkerThatDiesBeforeItMarksAMailFilesItOnce(t *testing.T) {
	server := dovecottest.Start(t)
	eachCity(t, func(t *testing.T, d *db.DB) {
		box := "box-" + string(d.Engine())
		k := newCutter(t, server.Port, "STORE")
		for _, more := range [][]string{{"Message-ID: <a@example.net>", "Subject: one"}, {"Subject: two"}} {
			server.Deliver(t, box, lines(append(append([]string{"From: wang@example.net"}, more...), "", "words")...))
		}
		h := open(t, d, true, "MINQING_IMAP_URL="+strings.Replace(server.URL(box), server.Port, k.port, 1))
		h.serve(t, app.ServeOptions{Web: true, Workers: true})
		require.Equal(t, []string{"filed ", "filed "}, settledMails(t, d, 2))
		require.Eventually(t, func() bool { return k.cuts.Load() >= 2 }, 40*time.Second, 20*time.Millisecond)
		require.Equal(t, 2, server.Unread(t, box))
		filed := count(t, d, "cases WHERE title IN ('one', 'two')")
		require.Equal(t, 2, filed)

		k.off.Store(true) // the next worker finds the job
		var ids []string
		require.NoError(t, d.From(t.Context()).Raw("SELECT id FROM inbound_mails").Scan(&ids).Error)
		require.NoError(t, h.DB.Tx(t.Context(), func(ctx context.Context) error {
			for _, id := range ids {
				if err := h.Jobs.Add(ctx, mailroom.Read{ID: id}); err != nil {
					return err
				}
			}
			return nil
		}))
		require.Eventually(t, func() bool { return server.Unread(t, box) == 0 }, 40*time.Second, 50*time.Millisecond)
		require.Equal(t, 2, count(t, d, "cases WHERE title IN ('one', 'two')"))

		server.Rebuild(t, box) // every mail is unread, and has another number
		h.look(t)
		require.Equal(t, 4, len(settledMails(t, d, 4)))
		require.Equal(t, 2, count(t, d, "inbound_mails WHERE reason = 'duplicate'"))
		require.Equal(t, 2, count(t, d, "cases WHERE title IN ('one', 'two')"))
	})
}

func TestADeadMailServerStopsNothingElse(t *testing.T) {
	server := dovecottest.Start(t)
	eachCity(t, func(t *testing.T, d *db.DB) {
		box := "box-" + string(d.Engine())
		k := newCutter(t, server.Port, "LOGIN")
		server.Deliver(t, box, lines("From: wang@example.net", "Subject: waits", "", "words"))
		h := open(t, d, true, "MINQING_IMAP_URL="+strings.Replace(server.URL(box), server.Port, k.port, 1))
		h.serve(t, app.ServeOptions{Web: true, Workers: true})
		require.Eventually(t, func() bool { return count(t, d, "mailboxes WHERE tries > 0") == 1 }, 40*time.Second, 50*time.Millisecond)

		b := visit(t, h.url)
		b.open("/healthz")
		require.Equal(t, 200, b.status)
		b.open("/readyz")
		require.Equal(t, 200, b.status)
		admin := h.signIn(t, "admin")
		admin.open("/admin/messages")
		require.Contains(t, admin.page, "收件信箱打不開")
		require.Contains(t, admin.page, box+"@city.example.org")
		require.NotContains(t, admin.page, dovecottest.Password)
		require.NotContains(t, h.log.String(), dovecottest.Password)

		h.pause(t, "2099-01-01") // it is left alone for a while
		tried := k.cuts.Load()
		h.look(t)
		require.Eventually(t, func() bool { return count(t, d, "river_job WHERE kind = 'mailroom.poll' AND state = 'completed'") > 0 }, 40*time.Second, 50*time.Millisecond)
		require.Equal(t, tried, k.cuts.Load())
		require.Zero(t, count(t, d, "inbound_mails"))

		k.off.Store(true) // and looked into again when it is back
		h.pause(t, "2000-01-01")
		h.look(t)
		require.Equal(t, []string{"filed "}, settledMails(t, d, 1))
		admin.open("/admin/messages")
		require.NotContains(t, admin.page, "收件信箱打不開")
		require.Contains(t, admin.page, "查看過收件信箱")
	})
}

// pause sets until when a mailbox that failed is left alone.
func (h *house) pause(t *testing.T, day string) {
	t.Helper()
	at, err := time.Parse(time.DateOnly, day)
	require.NoError(t, err)
	require.NoError(t, h.DB.Tx(t.Context(), func(ctx context.Context) error {
		return h.DB.From(ctx).Exec("UPDATE mailboxes SET next_at = ?", at).Error
	}))
}

func TestWhoWritesTooOftenWaits(t *testing.T) {
	server := dovecottest.Start(t)
	eachCity(t, func(t *testing.T, d *db.DB) {
		box, out := "box-"+string(d.Engine()), newPost(t)
		h := open(t, d, true, "MINQING_IMAP_URL="+server.URL(box), "MINQING_SMTP_URL="+out.address)
		require.NoError(t, h.Migrate(t.Context()))
		require.NoError(t, h.LoadDemo(t.Context()))
		id, no, _ := h.proven(t, "loop@example.net")
		c, err := h.Cases.ByID(actor.AsSystem(t.Context(), "test"), id)
		require.NoError(t, err)
		to := notify.ReplyAddress(box+"@city.example.org", no, h.Cases.ReplyCode(c))
		write := func(from, to string, n int) {
			for i := range n {
				server.Deliver(t, box, lines("From: "+from, "To: "+to, fmt.Sprintf("Message-ID: <%d.%s.%s>", i, from, to), "Subject: again", "", "I am away."))
			}
		}
		write("loop@example.net", to, 8) // a program that does not say that it is one
		write("often@example.net", box+"@city.example.org", 22)
		h.serve(t, app.ServeOptions{Web: true, Workers: true})
		settledMails(t, d, 30)
		require.Equal(t, 6, count(t, d, "inbound_mails WHERE state = 'replied'"))
		require.Equal(t, 20, count(t, d, "inbound_mails WHERE state = 'filed'"))
		require.Equal(t, 4, count(t, d, "inbound_mails WHERE reason = 'too_many'"))
		require.Eventually(t, func() bool { return server.Unread(t, box) == 4 }, 40*time.Second, 50*time.Millisecond, "they lie there for people to look at")
	})
}

func TestLargeMailsAreTakenOrAnswered(t *testing.T) {
	server := dovecottest.Start(t)
	eachCity(t, func(t *testing.T, d *db.DB) {
		box, out := "box-"+string(d.Engine()), newPost(t)
		pdf := append([]byte("%PDF-1.4\n"), bytes.Repeat([]byte{0xA5, 0x01, 0x7F}, 3<<20)...) // 9 MB, 12 as it travels
		enclosed := base64.StdEncoding.EncodeToString(pdf)
		file := func(name string) []string {
			return []string{"--b", "Content-Type: application/pdf", "Content-Transfer-Encoding: base64", `Content-Disposition: attachment; filename="` + name + `"`, "", enclosed, ""}
		}
		head := []string{"From: wang@example.net", "To: " + box + "@city.example.org", "Subject: two large files", "MIME-Version: 1.0", `Content-Type: multipart/mixed; boundary="b"`}
		taken := lines(append(append(append(append(head, "Message-ID: <taken@example.net>", "", "--b", "", "words", ""), file("a.pdf")...), file("b.pdf")...), "--b--")...)
		require.Greater(t, len(taken), 24<<20)
		require.LessOrEqual(t, len(taken), mailroom.SizeMost)
		server.Deliver(t, box, taken)
		refused := lines(append(append(append(append(append(head, "Message-ID: <refused@example.net>", "", "--b", "", "words", ""), file("a.pdf")...), file("b.pdf")...), file("c.pdf")...), "--b--")...)
		server.Deliver(t, box, append(refused, bytes.Repeat([]byte("\r\n"), max(0, 40<<20-len(refused))/2)...))

		h := open(t, d, true, "MINQING_IMAP_URL="+server.URL(box), "MINQING_SMTP_URL="+out.address, "MINQING_BASE_URL=https://portal.example.org")
		h.serve(t, app.ServeOptions{Web: true, Workers: true})
		require.Equal(t, []string{"filed ", "too_large "}, settledMails(t, d, 2))
		require.Equal(t, 1, count(t, d, "cases WHERE title = 'two large files'"))
		var id string
		require.NoError(t, d.From(t.Context()).Raw("SELECT case_id FROM inbound_mails WHERE state = 'filed'").Scan(&id).Error)
		list, err := h.Files.List(actor.AsSystem(t.Context(), "test"), files.Owner{Kind: files.Case, ID: id})
		require.NoError(t, err)
		require.Len(t, list, 2)
		require.EqualValues(t, len(pdf), list[1].Size)

		told := func() (n int) {
			out.mu.Lock()
			defer out.mu.Unlock()
			for _, m := range out.list {
				if m.to == "wang@example.net" && strings.Contains(string(m.raw), "25 MB") {
					n++
				}
			}
			return n
		}
		require.Eventually(t, func() bool { return told() == 1 }, 40*time.Second, 50*time.Millisecond)
		require.Eventually(t, func() bool { return server.Unread(t, box) == 0 }, 20*time.Second, 50*time.Millisecond)
		require.Equal(t, 1, told(), "once")
		var c cases.Case
		require.NoError(t, d.From(t.Context()).Where("id = ?", id).Take(&c).Error)
		require.Equal(t, "words", strings.TrimSpace(c.Description))
	})
}
