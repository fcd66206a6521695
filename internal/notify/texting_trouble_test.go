package notify_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/notify"
)

// post is a mail server that keeps what it is sent, and may refuse.
type post struct {
	mu   sync.Mutex
	got  []notify.Message
	fail error
}

func (p *post) Send(_ context.Context, m notify.Message) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.got = append(p.got, m)
	return p.fail
}

func (p *post) Check(context.Context) error { return nil }

func (p *post) count() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.got)
}

func TestAWrongNumberIsNotedAndTheMailGoesInstead(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		p := &post{}
		b, g := texter(t, d, p, 410)
		var wrong []string
		b.Unreachable = func(_ context.Context, r notify.Recipient, by notify.Channel, number string) error {
			require.Equal(t, b.person, r.ConstituentID)
			wrong = append(wrong, string(by)+" "+number)
			b.mu.Lock()
			defer b.mu.Unlock()
			b.contact.Phone = ""
			return nil
		}
		require.NoError(t, d.From(t.Context()).Exec("INSERT INTO message_wishes (person_id, kind, channel, wish, created_at) VALUES (?, 'concluded', 'mail', 'never', ?), (?, 'concluded', 'sms', 'now', ?)",
			b.person, time.Now(), b.person, time.Now()).Error)
		b.contact.Mail, b.contact.MailProven = "x@example.org", true
		b.start(t)
		b.tell(t, notify.Concluded) // by text alone, as they chose
		require.Equal(t, notify.WrongNumber, b.text(t, notify.Failed).Reason)
		require.Equal(t, []string{"sms " + mobile}, wrong)
		require.Eventually(t, func() bool { return p.count() == 1 }, 10*time.Second, 10*time.Millisecond)
		b.waitFor(t, notify.Sent)
		b.tell(t, notify.Replied)
		require.Eventually(t, func() bool { return p.count() == 2 }, 10*time.Second, 10*time.Millisecond)
		require.Len(t, g.got, 1, "nothing more goes to the number")
	})
}

func TestAMailThatFailsGoesByTextAndNeitherForEver(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		p := &post{fail: &notify.SendError{Outcome: notify.Never, Code: "rcpt_550"}}
		b, g := texter(t, d, p, 400)
		b.contact.Mail, b.contact.MailProven = "x@example.org", true
		b.start(t)
		b.tell(t, notify.Concluded)
		require.Equal(t, "http_400", b.text(t, notify.Failed).Reason)
		require.Equal(t, notify.Failed, b.mail(t).Status)
		b.tell(t, notify.Reopened) // nobody must be told of it
		b.waitFor(t, notify.Failed)
		time.Sleep(300 * time.Millisecond)
		require.Equal(t, 2, p.count())
		require.Len(t, g.got, 1)
		require.Len(t, b.by(t, notify.SMS), 1)
		require.Len(t, b.by(t, notify.Mail), 2)
	})
}

func TestATextWhoseOutcomeIsUnknownIsNotRepeated(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b, g := texter(t, d, &post{}, 502)
		b.start(t)
		b.tell(t, notify.Concluded)
		require.Equal(t, "http_502", b.text(t, notify.Uncertain).Reason)
		list, _, err := b.Trouble(t.Context(), notify.Uncertain, "")
		require.NoError(t, err)
		require.Len(t, list, 1)
		require.NoError(t, b.Resend(t.Context(), list[0].ID))
		b.text(t, notify.Sent)
		require.Len(t, g.got, 2)
		require.Equal(t, g.keys[0], g.keys[1], "the gateway can tell that it is the same")
	})
}

func TestATextOverWhichAProcessDiedIsNotRepeated(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b, g := texter(t, d, nil)
		b.tell(t, notify.Concluded)
		require.NoError(t, d.From(t.Context()).Exec("UPDATE deliveries SET status = 'sending', attempts = 1 WHERE channel = 'sms'").Error)
		b.start(t)
		require.Equal(t, notify.Interrupted, b.text(t, notify.Uncertain).Reason)
		require.Empty(t, g.got)
	})
}

func TestWhoIsErasedGetsNoText(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b, g := texter(t, d, nil)
		b.tell(t, notify.Concluded)
		require.NoError(t, d.Tx(t.Context(), func(ctx context.Context) error { return b.Erase(ctx, []string{b.person}, nil) }))
		b.start(t)
		require.Equal(t, notify.Erased, b.text(t, notify.Suppressed).Reason)
		require.Empty(t, g.got)
	})
}

// reasons counts the texts of each status and reason.
func (b *bench) reasons(t *testing.T) map[string]int {
	t.Helper()
	out := map[string]int{}
	for _, e := range b.by(t, notify.SMS) {
		out[strings.TrimSpace(string(e.Status)+" "+e.Reason)]++
	}
	return out
}

func TestANumberGetsSoManyTextsADay(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b, g := texter(t, d, nil)
		b.TextsADay = 3
		at := time.Date(2099, 5, 6, 15, 0, 0, 0, time.UTC)
		b.Now = func() time.Time { b.mu.Lock(); defer b.mu.Unlock(); return at }
		for range 4 {
			b.tell(t, notify.Replied)
		}
		b.tell(t, notify.Reopened)
		b.start(t)
		want := map[string]int{"sent": 3, "queued too_many": 1, "suppressed too_many": 1}
		require.Eventually(t, func() bool {
			got := b.reasons(t)
			// which of the five comes last is up to the workers
			return got["sent"] == 3 && got["queued too_many"]+got["suppressed too_many"] == 2
		}, 10*time.Second, 10*time.Millisecond, "%v, want about %v", b.reasons(t), want)
		require.Len(t, g.got, 3)
		var after []time.Time
		require.NoError(t, d.From(t.Context()).Raw("SELECT send_after FROM deliveries WHERE reason = 'too_many' AND status = 'queued'").Scan(&after).Error)
		require.NotEmpty(t, after)
		require.True(t, time.Date(2099, 5, 7, 8, 0, 0, 0, time.UTC).Equal(after[0]))

		b.mu.Lock()
		at = at.AddDate(0, 0, 1)
		b.mu.Unlock()
		b.tell(t, notify.Replied)
		require.Eventually(t, func() bool { return b.reasons(t)["sent"] == 4 }, 10*time.Second, 10*time.Millisecond, "another day")
	})
}

func TestATypedNumberGetsTwoTextsADay(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		p := &post{}
		b, g := texter(t, d, p)
		b.spoken = false
		for range 4 {
			b.tell(t, notify.Replied)
		}
		b.start(t)
		require.Eventually(t, func() bool { return b.reasons(t)["sent"] == 2 && b.reasons(t)["suppressed too_many"] == 2 }, 10*time.Second, 10*time.Millisecond)
		require.Len(t, g.got, 2)
		require.Zero(t, p.count())
	})
}
