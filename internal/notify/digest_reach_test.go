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

// morning is a time whose gathered mails are due by the clock of the queue.
func morning(t *testing.T) *time.Time {
	at := time.Date(2001, 5, 6, 9, 30, 0, 0, taipei(t))
	return &at
}

func TestAGatheredMailGoesWhereThePersonIsByThen(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		m := newMailpit(t)
		b := newBench(t, d, m.transport(t))
		before := "before-" + string(d.Engine()) + "@example.org"
		b.contact.Mail = before
		ctx := b.daily(t, 600, morning(t))
		key := notify.TextKey{Kind: notify.CaseMerged, Channel: notify.Mail, Lang: "en"}
		require.NoError(t, b.SetText(ctx, key, notify.Text{Subject: "Joined <now>", Body: "{{case_no}} {{track_url}}"}, 0))
		for _, k := range []notify.Kind{notify.Reopened, notify.JudgeReminder, notify.CaseMerged, notify.CaseUnmerged} {
			b.tell(t, k)
		}
		require.NoError(t, b.Choose(ctx, byMail(map[notify.Kind]notify.Wish{notify.Reopened: notify.NotAtAll})))
		b.contact.Locale, b.contact.Mail, b.contact.MailProven, b.contact.ConfirmToken = "en", "after-"+string(d.Engine())+"@example.org", false, "point.TOKEN"
		b.start(t)
		b.become(t, map[string]int{"suppressed refused": 1, "sent": 3})
		require.Empty(t, m.letters(t, before))
		got := m.letters(t, b.contact.Mail)
		require.Len(t, got, 1)
		require.Equal(t, "Messages about your cases", got[0].Subject)
		require.Contains(t, got[0].HTML, "Joined &lt;now&gt;</a><br>Case number "+caseNo, "the number stands beside words without it")
		require.Contains(t, got[0].Text, "Joined <now>\r\n"+caseNo+"\r\nhttps://portal.example.org/track?case_no="+caseNo)
		for _, body := range []string{got[0].Text, got[0].HTML} {
			require.Contains(t, body, "/confirm/point.TOKEN")
			require.NotContains(t, body, "/evaluate/", "nobody proved the address")
			require.NotContains(t, body, "open again", "they refused it meanwhile")
		}
		require.Equal(t, 1, countOf(t, d, "SELECT count(DISTINCT address_cipher) FROM deliveries WHERE status = 'sent' AND channel = 'mail' AND locale = 'en' AND NOT proven"))
	})
}

func countOf(t *testing.T, d *db.DB, query string) (n int) {
	t.Helper()
	require.NoError(t, d.From(t.Context()).Raw(query).Scan(&n).Error)
	return n
}

func TestAGatheredMailIsNotSentToWhoCannotBeReached(t *testing.T) {
	for reason, change := range map[string]func(b *bench){
		notify.Erased: func(b *bench) { b.gone = fault.New(fault.NotFound, "vault.erased") }, notify.BouncedReason: func(b *bench) { b.contact.Bounced = true },
		notify.Refused: func(b *bench) { b.contact.NoNews = true }, notify.NoAddress: func(b *bench) { b.contact.Mail = "" },
		notify.NoTransport: func(b *bench) { b.Transport = nil },
	} {
		t.Run(reason, func(t *testing.T) {
			s := newMoody(t)
			b := newBench(t, dbtest.New(t), s.transport(t))
			b.daily(t, 600, morning(t))
			b.tell(t, notify.Reopened)
			b.tell(t, notify.CaseMerged)
			change(b)
			b.start(t)
			b.become(t, map[string]int{"suppressed " + reason: 2})
			require.Zero(t, s.count())
		})
	}
}

func TestACaseThatIsGoneIsLeftOutOfAGatheredMail(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newMoody(t)
		b := newBench(t, d, s.transport(t))
		at := morning(t)
		b.daily(t, 600, at)
		b.other = db.NewID(time.Now())
		require.NoError(t, d.From(t.Context()).Exec(`INSERT INTO cases (id, case_no, track, kind, status, confidentiality, channel, locale, unit_id, received_at, received_on, code_key, created_at, updated_at)
 SELECT ?, 'LJ20260000124P', track, kind, status, confidentiality, channel, locale, unit_id, received_at, received_on, code_key, created_at, updated_at FROM cases`, b.other).Error)
		b.tell(t, notify.Reopened)
		require.NoError(t, b.Tell(t.Context(), notify.Telling{Kind: notify.Reopened, To: notify.Recipient{ConstituentID: b.person}, CaseID: b.other, Cause: b.cause()}))
		b.closed = true
		b.start(t)
		b.become(t, map[string]int{"sent": 1})
		require.Equal(t, 1, s.count())
		require.Contains(t, s.taken[0], caseNo)
		require.NotContains(t, s.taken[0], "LJ20260000124P")
		require.Equal(t, 1, countOf(t, d, "SELECT count(*) FROM deliveries WHERE status = 'suppressed' AND reason = 'erased' AND channel = 'mail'"))
	})
}

func TestStaffHaveOneMailADayToo(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		m := newMailpit(t)
		b := newBench(t, d, m.transport(t))
		b.contact.Mail = "staff-" + string(d.Engine()) + "@example.org"
		who := b.account(t)
		at := morning(t)
		b.Zone, b.Now = at.Location(), func() time.Time { return *at }
		minute := 600
		require.NoError(t, b.KeepDigest(actor.With(t.Context(), actor.Actor{Kind: actor.Staff, AccountID: who}), &minute))
		for _, k := range []notify.Kind{notify.Mentioned, notify.OrderGiven, notify.ClockDue} {
			require.NoError(t, b.Tell(t.Context(), notify.Telling{Kind: k, To: notify.Recipient{AccountID: who}, CaseID: b.caseID, Cause: b.cause()}))
		}
		b.tell(t, notify.Reopened) // to somebody else
		require.Equal(t, map[string]int{"queued digest": 3, "queued": 1}, b.states(t))
		b.start(t)
		b.become(t, map[string]int{"sent": 4})
		got := m.letters(t, b.contact.Mail)
		require.Len(t, got, 2)
		all := got[0].Text + got[1].Text
		require.Equal(t, 3, strings.Count(all, "https://portal.example.org/desk/cases/"+caseNo))
	})
}

func TestJobsThatRunTwiceGatherNothingTwice(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newMoody(t)
		b := newBench(t, d, s.transport(t))
		at := morning(t)
		b.daily(t, 600, at)
		for range 12 { // each with a job
			b.tell(t, notify.Reopened)
		}
		b.start(t)
		b.become(t, map[string]int{"sent": 12})
		require.Equal(t, 1, s.count())
		var digests []string
		require.NoError(t, d.From(t.Context()).Raw("SELECT DISTINCT digest_id FROM deliveries WHERE digest_id IS NOT NULL").Scan(&digests).Error)
		require.Len(t, digests, 1)
		require.NoError(t, d.Tx(t.Context(), func(ctx context.Context) error {
			return b.queue.AddMany(ctx, []jobs.Args{notify.SendDigest{DigestID: digests[0]}, notify.Gather{ConstituentID: b.person, Until: at.Add(72 * time.Hour).Unix()}}, jobs.On(jobs.QueueMail))
		}))
		require.Eventually(t, func() bool {
			return countOf(t, d, "SELECT count(*) FROM river_job WHERE state <> 'completed'") == 0
		}, 20*time.Second, 20*time.Millisecond)
		require.Equal(t, 1, s.count())
		require.Equal(t, 12, countOf(t, d, "SELECT count(*) FROM deliveries WHERE digest_id = '"+digests[0]+"'"), "what was sent stays in its mail")
	})
}

func TestAGatheredMailThatComesBackFailedForAllThatItHeld(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := newMoody(t)
		b := newBench(t, d, s.transport(t))
		var gone []string
		b.Replies, b.Unreachable = "box@portal.example.org", func(_ context.Context, _ notify.Recipient, _ notify.Channel, address string) error {
			gone = append(gone, address)
			return nil
		}
		b.daily(t, 600, morning(t))
		b.tell(t, notify.Reopened)
		b.tell(t, notify.CaseMerged)
		b.start(t)
		b.become(t, map[string]int{"sent": 2})
		var message string
		require.NoError(t, d.From(t.Context()).Raw("SELECT DISTINCT message_id FROM deliveries WHERE digest_id IS NOT NULL").Scan(&message).Error)
		var from string
		for _, line := range s.spoken {
			if mark, ok := strings.CutPrefix(line, "MAIL FROM:<box+"); ok {
				from, _, _ = strings.Cut(mark, "@")
			}
		}
		require.NotEmpty(t, from)
		require.Equal(t, b.DeliveryByMessage(message), b.DeliveryOf(from))
		require.NoError(t, d.Tx(t.Context(), func(ctx context.Context) error {
			known, err := b.Bounced(ctx, b.DeliveryOf(from), "5.1.1", true)
			require.True(t, known)
			return err
		}))
		require.Equal(t, map[string]int{"failed bounced_5.1.1": 2}, b.states(t))
		require.Equal(t, []string{"wang@example.org"}, gone)
	})
}

func TestWhatIsLetGoInQuietHoursWaitsForTheirEnd(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d, newMoody(t).transport(t))
		at := time.Date(2099, 5, 6, 9, 30, 0, 0, taipei(t))
		ctx := b.daily(t, 600, &at)
		b.tell(t, notify.Reopened)
		require.NoError(t, b.KeepQuiet(ctx, &notify.Hours{Begins: 540, Ends: 720}))
		require.NoError(t, b.KeepDigest(ctx, nil))
		require.Equal(t, map[string]int{"queued": 1}, b.states(t))
		require.True(t, time.Date(2099, 5, 6, 12, 0, 0, 0, at.Location()).Equal(*b.waits(t, notify.Mail)))
	})
}

func TestAGatheredMailHasTheWordsThatSomebodySet(t *testing.T) {
	m := newMailpit(t)
	b := newBench(t, dbtest.New(t), m.transport(t))
	b.contact.Mail = "owndaily@example.org"
	ctx := b.daily(t, 600, morning(t))
	key := notify.TextKey{Kind: notify.Digest, Channel: notify.Mail, Lang: "zh-Hant"}
	require.Equal(t, fault.Invalid, fault.KindOf(b.SetText(ctx, key, notify.Text{Subject: "今日", Body: "{{wishes_url}}"}, 0)))
	require.NoError(t, b.SetText(ctx, key, notify.Text{Subject: "今日", Body: "臨江市\n{{entries}}\n{{wishes_url}}"}, 0))
	b.tell(t, notify.Reopened)
	b.tell(t, notify.CaseMerged)
	b.start(t)
	b.become(t, map[string]int{"sent": 2})
	l := m.letters(t, b.contact.Mail)[0]
	require.Equal(t, "今日", l.Subject)
	require.Contains(t, l.Text, "臨江市\r\n")
	require.Equal(t, 2, strings.Count(l.HTML, `<a href="https://portal.example.org/track?case_no=`+caseNo))
}
