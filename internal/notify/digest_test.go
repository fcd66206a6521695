package notify_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/actor"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/fault"
	"minqing/internal/jobs"
	"minqing/internal/notify"
)

// daily has the person's mail gathered at a minute of the day, in a zone and at a
// time that the test sets.
func (b *bench) daily(t *testing.T, minute int, at *time.Time) context.Context {
	t.Helper()
	b.Zone, b.Now = at.Location(), func() time.Time { return *at }
	ctx := actor.With(t.Context(), actor.Actor{Kind: actor.Citizen, ConstituentID: b.person})
	require.NoError(t, b.KeepDigest(ctx, &minute))
	return ctx
}

// states counts the mails of the log by status and reason.
func (b *bench) states(t *testing.T) map[string]int {
	t.Helper()
	log := b.whole(t)
	n := map[string]int{}
	for _, e := range log {
		if e.Channel == notify.Mail {
			n[strings.Trim(string(e.Status)+" "+e.Reason, " ")]++
		}
	}
	return n
}

func (b *bench) become(t *testing.T, want map[string]int) {
	t.Helper()
	require.Eventually(t, func() bool { return equal(b.states(t), want) }, 20*time.Second, 20*time.Millisecond, "want %v, have %v", want, b.states(t))
}

func equal(a, b map[string]int) bool {
	for k, n := range a {
		if b[k] != n {
			return false
		}
	}
	return len(a) == len(b)
}

func taipei(t *testing.T) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("Asia/Taipei")
	require.NoError(t, err)
	return zone
}

func TestWhatMayWaitComesInOneMailADay(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		m := newMailpit(t)
		b := newBench(t, d, m.transport(t))
		b.contact.Mail = "daily-" + string(d.Engine()) + "@example.org"
		at := time.Date(2001, 5, 6, 9, 30, 0, 0, taipei(t)) // the queue's clock is past it
		b.daily(t, notify.DigestUsual, &at)
		b.tell(t, notify.Reopened)
		require.True(t, time.Date(2001, 5, 7, 8, 0, 0, 0, at.Location()).Equal(*b.waits(t, notify.Mail)))
		at = at.Add(time.Hour)
		b.tell(t, notify.JudgeReminder)
		b.tell(t, notify.CaseMerged)
		require.Equal(t, map[string]int{"queued digest": 3}, b.states(t))
		b.tell(t, notify.Concluded) // which the law asks for
		b.urgent = true
		b.tell(t, notify.Reopened)
		b.urgent = false
		b.start(t)
		b.become(t, map[string]int{"sent": 5})

		var daily []letter
		for _, l := range m.letters(t, b.contact.Mail) {
			if l.Subject == "您的案件通知彙整" {
				daily = append(daily, l)
			}
		}
		require.Len(t, daily, 1)
		require.Len(t, m.letters(t, b.contact.Mail), 3)
		for _, body := range []string{daily[0].Text, daily[0].HTML} {
			for _, want := range []string{"案件 " + caseNo, "/track?case_no=" + caseNo, "/evaluate/" + caseNo + "-ABCDEF", "/me/notifications"} {
				require.Contains(t, body, want)
			}
			require.NotContains(t, body, "8QH2M", "no code")
			require.NotContains(t, body, "notify.")
		}
		require.Equal(t, 3, strings.Count(daily[0].HTML, "<li"))
		var ids []string
		require.NoError(t, d.From(t.Context()).Raw("SELECT DISTINCT message_id FROM deliveries WHERE digest_id IS NOT NULL").Scan(&ids).Error)
		require.Equal(t, []string{daily[0].MessageID}, ids)
	})
}

func TestAGatheredMailThatMayHaveLeftIsNotRepeatedByItself(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newMoody(t, map[string]string{"RCPT": "450 come back"}, map[string]string{".": ""})
		b := newBench(t, d, s.transport(t))
		at := time.Date(2001, 5, 6, 9, 30, 0, 0, taipei(t))
		b.daily(t, 600, &at)
		for range 3 {
			b.tell(t, notify.Reopened)
		}
		b.start(t)
		b.become(t, map[string]int{"uncertain dot": 3})
		require.Equal(t, 1, s.count(), "the first try did not leave, the second may have")
		require.Equal(t, 2, b.mail(t).Attempts)
		require.NoError(t, b.Resend(t.Context(), b.mail(t).ID))
		b.become(t, map[string]int{"sent": 3})
		require.Equal(t, 2, s.count())
		id := func(mail string) string { return mail[strings.Index(mail, "Message-ID:"):][:60] }
		require.Equal(t, id(s.taken[0]), id(s.taken[1]), "a repetition must be recognisable")
	})
}

func TestAGatheredMailWhoseProcessDiedIsUncertain(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newMoody(t)
		b := newBench(t, d, s.transport(t))
		at := time.Date(2001, 5, 6, 9, 30, 0, 0, taipei(t))
		b.daily(t, 600, &at)
		b.tell(t, notify.Reopened)
		b.tell(t, notify.CaseMerged)
		// As a process leaves it that is killed between claiming and hearing the answer.
		id := db.NewID(at)
		require.NoError(t, d.From(t.Context()).Exec("UPDATE deliveries SET digest_id = ?, status = 'sending', reason = '' WHERE channel = 'mail'", id).Error)
		require.NoError(t, d.Tx(t.Context(), func(ctx context.Context) error {
			return b.queue.Add(ctx, notify.SendDigest{DigestID: id}, jobs.On(jobs.QueueMail))
		}))
		b.start(t)
		b.become(t, map[string]int{"uncertain interrupted": 2})
		require.Zero(t, s.count())
		require.NoError(t, b.Close(t.Context(), b.mail(t).ID, true))
		require.Equal(t, map[string]int{"sent interrupted": 2}, b.states(t))
	})
}

func TestWithoutDigestsWhatIsHeldLeavesAtOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newMoody(t)
		b := newBench(t, d, s.transport(t))
		at := time.Date(2099, 5, 6, 9, 30, 0, 0, taipei(t))
		ctx := b.daily(t, 600, &at)
		b.start(t)
		b.tell(t, notify.Reopened)
		b.tell(t, notify.CaseMerged)
		require.Equal(t, map[string]int{"queued digest": 2}, b.states(t))
		later := 1080
		require.NoError(t, b.KeepDigest(ctx, &later))
		require.True(t, time.Date(2099, 5, 6, 18, 0, 0, 0, at.Location()).Equal(*b.waits(t, notify.Mail)), "what is held moves along")
		require.NoError(t, b.KeepDigest(ctx, nil))
		b.become(t, map[string]int{"sent": 2})
		require.Equal(t, 2, s.count())
		b.tell(t, notify.Reopened)
		b.become(t, map[string]int{"sent": 3})
	})
}

func TestAGatheredMailIsKeptAndChecked(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d, nil)
		at := time.Date(2099, 5, 6, 9, 30, 0, 0, taipei(t))
		ctx := b.daily(t, 0, &at)
		for _, wrong := range []int{-1, 1440} {
			require.Equal(t, fault.Invalid, fault.KindOf(b.KeepDigest(ctx, &wrong)))
		}
		got, err := b.Digest(ctx)
		require.NoError(t, err)
		require.Zero(t, *got)
		require.NoError(t, b.db.Tx(t.Context(), func(ctx context.Context) error { return b.Erase(ctx, []string{b.person}, nil) }))
		got, err = b.Digest(ctx)
		require.NoError(t, err)
		require.Nil(t, got)
	})
}
