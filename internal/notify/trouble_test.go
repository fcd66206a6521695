package notify_test

import (
	"bufio"
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/fault"
	"minqing/internal/notify"
)

// moody is a mail server with a different answer for each connection.
type moody struct {
	listener net.Listener
	mu       sync.Mutex
	moods    []map[string]string // command → answer; "" hangs up
	taken    []string
	spoken   []string
}

func newMoody(t *testing.T, moods ...map[string]string) *moody {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	s := &moody{listener: l, moods: moods}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			s.mu.Lock()
			mood := map[string]string{}
			if len(s.moods) > 0 {
				mood, s.moods = s.moods[0], s.moods[1:]
			}
			s.mu.Unlock()
			go s.talk(conn, mood)
		}
	}()
	return s
}

func (s *moody) talk(conn net.Conn, mood map[string]string) {
	defer conn.Close()
	in := bufio.NewReader(conn)
	say := func(command, usual string) bool {
		answer, special := mood[command]
		if !special {
			answer = usual
		}
		if answer == "" {
			return false
		}
		fmt.Fprintf(conn, "%s\r\n", answer)
		return true
	}
	if !say("", "220 moody") {
		return
	}
	usual := map[string]string{"EHLO": "250 moody", "HELO": "250 moody", "MAIL": "250 ok", "RCPT": "250 ok", "DATA": "354 go on",
		"RSET": "250 ok", "NOOP": "250 ok", "QUIT": "221 bye"}
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return
		}
		s.mu.Lock()
		s.spoken = append(s.spoken, strings.TrimSpace(line))
		s.mu.Unlock()
		command := strings.ToUpper(strings.Fields(line + " x")[0])
		answer, known := usual[command]
		if !known {
			answer = "502 what?"
		}
		if !say(command, answer) {
			return
		}
		if command == "DATA" && mood["DATA"] == "" && !s.take(in, func() bool { return say(".", "250 taken") }) {
			return
		}
	}
}

func (s *moody) take(in *bufio.Reader, answer func() bool) bool {
	var body strings.Builder
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return false
		}
		if line == ".\r\n" {
			break
		}
		body.WriteString(line)
	}
	s.mu.Lock()
	s.taken = append(s.taken, body.String())
	s.mu.Unlock()
	return answer()
}

func (s *moody) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.taken)
}

func (s *moody) url(user string) string { return "smtp://" + user + s.listener.Addr().String() }

func (s *moody) transport(t *testing.T) *notify.SMTP {
	t.Helper()
	out, err := notify.OpenSMTP(s.url(""), "https://portal.example.org", "民情")
	require.NoError(t, err)
	return out
}

func TestAMailThatDidNotLeaveIsTriedAgain(t *testing.T) {
	for name, mood := range map[string]map[string]string{
		"no greeting": {"": ""}, "busy": {"": "421 too busy"}, "sender later": {"MAIL": "451 later"}, "greylisted": {"RCPT": "450 come back"},
		"refused after the text": {".": "452 disk full"}, "hangs up before the text": {"DATA": ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newMoody(t, mood)
			b := newBench(t, dbtest.New(t), s.transport(t))
			b.start(t)
			b.tell(t, notify.Replied)
			e := b.waitFor(t, notify.Sent)
			require.Equal(t, 2, e.Attempts)
			require.Empty(t, e.Reason)
		})
	}
}

func TestAMailThatCannotArriveFailsAtOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newMoody(t, map[string]string{"RCPT": "550 nobody of that name: wang@example.org"})
		b := newBench(t, d, s.transport(t))
		b.start(t)
		b.tell(t, notify.Replied)
		e := b.waitFor(t, notify.Failed)
		require.Equal(t, "rcpt_550", e.Reason)
		require.Equal(t, 1, e.Attempts)
		require.Zero(t, s.count())
	})
}

func TestAMailThatMayHaveLeftIsNeverRepeatedByItself(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newMoody(t, map[string]string{".": ""}) // takes the text and hangs up without a word
		b := newBench(t, d, s.transport(t))
		b.start(t)
		b.tell(t, notify.Concluded)
		e := b.waitFor(t, notify.Uncertain)
		require.Equal(t, "dot", e.Reason)
		time.Sleep(500 * time.Millisecond)
		require.Equal(t, 1, s.count())
		list, next, err := b.Trouble(t.Context(), notify.Uncertain, "")
		require.NoError(t, err)
		require.Empty(t, next)
		require.Len(t, list, 1)

		require.NoError(t, b.Resend(t.Context(), e.ID))
		b.waitFor(t, notify.Sent)
		require.Equal(t, 2, s.count())
		id := func(mail string) string { return mail[strings.Index(mail, "Message-ID:"):][:60] }
		require.Equal(t, id(s.taken[0]), id(s.taken[1]), "a repetition must be recognisable")
		require.Equal(t, fault.Conflict, fault.KindOf(b.Resend(t.Context(), e.ID)))
		require.Equal(t, fault.NotFound, fault.KindOf(b.Resend(t.Context(), db.NewID(time.Now()))))
		var actions []string
		require.NoError(t, d.From(t.Context()).Raw("SELECT action FROM audit_entries").Scan(&actions).Error)
		require.Equal(t, []string{"delivery.resent"}, actions)
	})
}

func TestAMailWhoseProcessDiedIsUncertain(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newMoody(t)
		b := newBench(t, d, s.transport(t))
		b.tell(t, notify.Concluded)
		// As a process leaves it that is killed between claiming and hearing the answer.
		require.NoError(t, d.From(t.Context()).Exec("UPDATE deliveries SET status = 'sending', attempts = 1 WHERE channel = 'mail'").Error)
		b.start(t)
		e := b.waitFor(t, notify.Uncertain)
		require.Equal(t, notify.Interrupted, e.Reason)
		require.Zero(t, s.count())
		require.NoError(t, b.Close(t.Context(), e.ID, true))
		require.Equal(t, notify.Sent, b.mail(t).Status)
	})
}

func TestAPasswordIsNeverSentInTheClear(t *testing.T) {
	s := newMoody(t) // offers no STARTTLS
	out, err := notify.OpenSMTP(s.url("portal:hunter2@"), "https://portal.example.org", "民情")
	require.NoError(t, err)
	require.Error(t, out.Check(t.Context()))
	err = out.Send(t.Context(), notify.Message{ID: "a@b", To: "wang@example.org", Subject: "x", Text: "x", HTML: "x"})
	require.EqualError(t, err, "mail: greeting")
	for _, line := range s.spoken {
		require.NotContains(t, line, "AUTH")
	}
}

func TestAnAddressCannotCarryHeaders(t *testing.T) {
	s := newMoody(t)
	err := s.transport(t).Send(t.Context(), notify.Message{ID: "a@b", To: "wang@example.org\r\nBcc: all@example.org", Subject: "x\r\nBcc: all@example.org", Text: "x", HTML: "x"})
	require.EqualError(t, err, "mail: to_invalid")
	require.Zero(t, s.count())
}

func TestAMailAddressOfTheServerIsReadStrictly(t *testing.T) {
	for _, ok := range []string{"smtp://h", "smtps://u:p@h", "smtp://u:p@h:2525?starttls=off&from=a@b.c"} {
		_, err := notify.OpenSMTP(ok, "https://p", "x")
		require.NoError(t, err, ok)
	}
	for _, bad := range []string{"", "http://h", "smtp://", "smtp://u:hunter2@h:port", "smtp://u:hunter2@h?starttls=perhaps"} {
		_, err := notify.OpenSMTP(bad, "https://p", "x")
		require.ErrorContains(t, err, "MINQING_SMTP_URL", bad)
		require.NotContains(t, err.Error(), "hunter2")
	}
}

func TestAnotherAddressGetsTheLinkThatProvesIt(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newMoody(t)
		b := newBench(t, d, s.transport(t))
		b.contact.Pending = map[string]string{"new@example.org": "other.POINT"}
		b.start(t)
		require.NoError(t, b.Tell(t.Context(), notify.Telling{Kind: notify.ConfirmAddress, To: notify.Recipient{ConstituentID: b.person}, Cause: b.cause(), Mail: "new@example.org"}))
		require.Eventually(t, func() bool { return s.count() == 1 }, 10*time.Second, 10*time.Millisecond)
		mail := strings.ReplaceAll(strings.ReplaceAll(s.taken[0], "=\r\n", ""), "=3D", "=")
		require.Contains(t, mail, "/confirm/other.POINT")
		require.Contains(t, mail, "new@example.org")
		require.NotContains(t, mail, "wang@example.org")
	})
}
