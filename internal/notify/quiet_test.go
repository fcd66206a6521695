package notify_test

import (
	"context"
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

// waits gives until when the newest mail or text waits.
func (b *bench) waits(t *testing.T, by notify.Channel) *time.Time {
	t.Helper()
	var rows []struct{ SendAfter *time.Time }
	require.NoError(t, b.db.From(t.Context()).Raw("SELECT send_after FROM deliveries WHERE channel = ? ORDER BY created_at DESC, id DESC LIMIT 1", by).Scan(&rows).Error)
	require.Len(t, rows, 1)
	return rows[0].SendAfter
}

func TestWhatIsNotUrgentWaitsForQuietHoursToEnd(t *testing.T) {
	taipei, err := time.LoadLocation("Asia/Taipei")
	require.NoError(t, err)
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		m := newMailpit(t)
		b := newBench(t, d, m.transport(t))
		b.contact.Mail = "quiet-" + string(d.Engine()) + "@example.org"
		at := time.Date(2099, 5, 6, 23, 15, 0, 0, taipei)
		b.Zone, b.Now = taipei, func() time.Time { return at }
		ctx := actor.With(t.Context(), actor.Actor{Kind: actor.Citizen, ConstituentID: b.person})
		require.NoError(t, b.KeepQuiet(ctx, &notify.Hours{Begins: 22 * 60, Ends: 7*60 + 30}))
		b.start(t)

		b.tell(t, notify.Reopened)
		require.True(t, time.Date(2099, 5, 7, 7, 30, 0, 0, taipei).Equal(*b.waits(t, notify.Mail)))
		require.Equal(t, notify.Queued, b.mail(t).Status)
		at = at.Add(time.Second)
		b.tell(t, notify.CodeRenewed) // about security
		b.waitFor(t, notify.Sent)
		at = at.Add(time.Second)
		b.tell(t, notify.Concluded) // which the law asks for
		b.waitFor(t, notify.Sent)
		at = at.Add(time.Second)
		b.urgent = true
		b.tell(t, notify.Reopened)
		b.waitFor(t, notify.Sent)
		b.urgent = false
		require.Len(t, m.letters(t, b.contact.Mail), 3, "the first still waits")

		at = time.Date(2001, 5, 6, 3, 0, 0, 0, taipei)
		b.tell(t, notify.Reopened)
		at = time.Date(2001, 5, 6, 7, 31, 0, 0, taipei) // its hours have ended by the clock of the queue too
		require.Eventually(t, func() bool { return len(m.letters(t, b.contact.Mail)) == 4 }, 20*time.Second, 20*time.Millisecond)

		require.NoError(t, b.KeepQuiet(ctx, nil))
		at = time.Date(2099, 5, 8, 3, 0, 0, 0, taipei)
		b.tell(t, notify.Reopened)
		require.Nil(t, b.waits(t, notify.Mail))
		b.waitFor(t, notify.Sent)
	})
}

// A message that was queued by day does not leave by night, whatever kept it: a mail
// server that was down, or a queue that was long.
func TestWhatWasQueuedBeforeQuietHoursDoesNotLeaveInThem(t *testing.T) {
	taipei, err := time.LoadLocation("Asia/Taipei")
	require.NoError(t, err)
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		m := newMailpit(t)
		b := newBench(t, d, m.transport(t))
		b.contact.Mail = "late-" + string(d.Engine()) + "@example.org"
		at := time.Date(2099, 5, 6, 21, 0, 0, 0, taipei)
		b.Zone, b.Now = taipei, func() time.Time { return at }
		ctx := actor.With(t.Context(), actor.Actor{Kind: actor.Citizen, ConstituentID: b.person})
		require.NoError(t, b.KeepQuiet(ctx, &notify.Hours{Begins: 22 * 60, Ends: 7*60 + 30}))
		b.tell(t, notify.Reopened) // an hour before, and no worker is there yet
		require.Nil(t, b.waits(t, notify.Mail))
		at = at.Add(time.Second)
		b.tell(t, notify.Concluded) // which the law asks for
		at = time.Date(2099, 5, 6, 23, 0, 0, 0, taipei)
		b.start(t)
		require.Eventually(t, func() bool { return len(m.letters(t, b.contact.Mail)) == 1 }, 20*time.Second, 20*time.Millisecond)
		waits := "SELECT send_after FROM deliveries WHERE channel = 'mail' AND kind = 'reopened' AND status = 'queued'"
		var rows []struct{ SendAfter *time.Time }
		require.Eventually(t, func() bool {
			require.NoError(t, d.From(t.Context()).Raw(waits).Scan(&rows).Error)
			return len(rows) == 1 && rows[0].SendAfter != nil
		}, 20*time.Second, 20*time.Millisecond, "it waits for the morning")
		require.True(t, time.Date(2099, 5, 7, 7, 30, 0, 0, taipei).Equal(*rows[0].SendAfter))
		require.Len(t, m.letters(t, b.contact.Mail), 1)
		b.urgent = true // it is about danger by now: the next look lets it leave
		var id string
		require.NoError(t, d.From(t.Context()).Raw("SELECT id FROM deliveries WHERE channel = 'mail' AND kind = 'reopened'").Scan(&id).Error)
		require.NoError(t, d.Tx(t.Context(), func(ctx context.Context) error {
			return b.queue.Add(ctx, notify.Send{DeliveryID: id}, jobs.On(jobs.QueueMail))
		}))
		require.Eventually(t, func() bool { return len(m.letters(t, b.contact.Mail)) == 2 }, 20*time.Second, 20*time.Millisecond)
	})
}

func TestQuietHoursAreKeptAndChecked(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d, nil)
		ctx := actor.With(t.Context(), actor.Actor{Kind: actor.Citizen, ConstituentID: b.person})
		none, err := b.Quiet(ctx)
		require.NoError(t, err)
		require.Nil(t, none)
		for _, wrong := range []notify.Hours{{}, {Begins: 60, Ends: 60}, {Begins: -1, Ends: 5}, {Begins: 5, Ends: 1440}} {
			require.Equal(t, fault.Invalid, fault.KindOf(b.KeepQuiet(ctx, &wrong)), wrong)
		}
		for _, h := range []notify.Hours{{Begins: 0, Ends: 1}, {Begins: 1320, Ends: 480}} {
			require.NoError(t, b.KeepQuiet(ctx, &h))
			got, err := b.Quiet(ctx)
			require.NoError(t, err)
			require.Equal(t, h, *got)
		}
		require.NoError(t, b.db.Tx(t.Context(), func(ctx context.Context) error { return b.Erase(ctx, []string{b.person}, nil) }))
		gone, err := b.Quiet(ctx)
		require.NoError(t, err)
		require.Nil(t, gone)
	})
}

// TestWhatNobodyCausedLeavesInTheMorning: a job that runs at any hour causes it, so that it
// leaves from eight, also what is always sent. Who wants it later still gets it later,
// and what somebody did just now leaves now.
func TestWhatNobodyCausedLeavesInTheMorning(t *testing.T) {
	taipei, err := time.LoadLocation("Asia/Taipei")
	require.NoError(t, err)
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		m := newMailpit(t)
		b := newBench(t, d, m.transport(t))
		b.contact.Mail = "morning-" + string(d.Engine()) + "@example.org"
		at := time.Date(2099, 5, 7, 0, 20, 0, 0, taipei)
		b.Zone, b.Now = taipei, func() time.Time { return at }
		told := func(k notify.Kind) *time.Time {
			t.Helper()
			at = at.Add(time.Second)
			require.NoError(t, b.Tell(t.Context(), notify.Telling{Kind: k, To: notify.Recipient{ConstituentID: b.person}, CaseID: b.caseID, Cause: db.NewID(at), ByItself: true}))
			return b.waits(t, notify.Mail)
		}
		eight := time.Date(2099, 5, 7, 8, 0, 0, 0, taipei)
		for _, k := range []notify.Kind{notify.Concluded, notify.Reopened} { // always sent, and not
			require.True(t, eight.Equal(*told(k)), k)
		}
		var read int64
		require.NoError(t, d.From(t.Context()).Raw("SELECT count(*) FROM deliveries WHERE channel = 'inapp' AND status = 'sent'").Scan(&read).Error)
		require.EqualValues(t, 2, read, "the portal has it at once")
		ctx := actor.With(t.Context(), actor.Actor{Kind: actor.Citizen, ConstituentID: b.person})
		require.NoError(t, b.KeepQuiet(ctx, &notify.Hours{Begins: 22 * 60, Ends: 9*60 + 30}))
		require.True(t, eight.Add(90*time.Minute).Equal(*told(notify.Reopened)))
		require.True(t, eight.Equal(*told(notify.Concluded)), "which quiet hours do not hold back")
		require.NoError(t, b.KeepQuiet(ctx, &notify.Hours{Begins: 22 * 60, Ends: 6 * 60}))
		require.True(t, eight.Equal(*told(notify.Reopened)), "theirs end before")
		at = at.Add(time.Second)
		b.tell(t, notify.Concluded)
		require.Nil(t, b.waits(t, notify.Mail), "somebody has just concluded it")
		b.urgent = true
		require.Nil(t, told(notify.Concluded), "about danger")
		b.urgent = false
		at = eight.Add(-time.Second)
		require.Nil(t, told(notify.Concluded), "it is eight")
	})
}
