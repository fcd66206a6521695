package notify_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/actor"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/notify"
)

const mobile = "+8613800138000"

// texter is a bench with a gateway, and a person who left a number alone.
func texter(t *testing.T, d *db.DB, post notify.Transport, answers ...int) (*bench, *gateway) {
	g := newGateway(t, answers...)
	b := newBench(t, d, post)
	b.Texts = g.open(t, "u:p")
	b.contact.Mail, b.contact.MailProven, b.contact.Phone, b.spoken = "", false, mobile, true
	return b, g
}

// sent lists the newest state of what went by a channel.
func (b *bench) by(t *testing.T, by notify.Channel) []notify.Entry {
	t.Helper()
	log := b.whole(t)
	return slices.DeleteFunc(log, func(e notify.Entry) bool { return e.Channel != by })
}

// text waits for the newest text to stand in a status.
func (b *bench) text(t *testing.T, s notify.Status) (e notify.Entry) {
	t.Helper()
	require.Eventually(t, func() bool {
		list := b.by(t, notify.SMS)
		if len(list) == 0 {
			return false
		}
		e = list[len(list)-1]
		return e.Status == s
	}, 10*time.Second, 10*time.Millisecond, "%s", s)
	return e
}

func TestWhoLeftOnlyANumberHearsOfTheCaseByText(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b, g := texter(t, d, nil, 503)
		b.start(t)
		b.tell(t, notify.Concluded)
		e := b.text(t, notify.Sent)
		require.Equal(t, 2, e.Attempts, "not now was tried again")
		require.Len(t, g.got, 2)
		require.Equal(t, g.keys[0], g.keys[1])
		require.Equal(t, mobile, g.got[1]["to"])
		require.Equal(t, "民情：案件 "+caseNo+" 已辦結。\n結果：https://portal.example.org/track?case_no="+caseNo+"\n評價：https://portal.example.org/evaluate/"+caseNo+"-ABCDEF", g.got[1]["text"])
		require.Empty(t, b.by(t, notify.Mail))
		require.Len(t, b.by(t, notify.InApp), 1)
		var raw []byte
		require.NoError(t, d.From(t.Context()).Raw("SELECT address_cipher FROM deliveries WHERE channel = 'sms'").Row().Scan(&raw))
		require.NotContains(t, string(raw), "138")
	})
}

func TestEveryTextIsWrittenInEveryLanguageAndIsShort(t *testing.T) {
	b, g := texter(t, dbtest.New(t), nil)
	b.TextsADay = 1000
	b.start(t)
	n := 0
	for _, lang := range []string{"zh-Hant", "zh-Hans", "en"} {
		for _, trusted := range []bool{true, false} {
			for _, k := range notify.TextedKinds {
				b.mu.Lock()
				b.contact.Locale, b.contact.Phone, b.contact.PhoneProven, b.spoken, b.contact.PhoneToken = lang, fmt.Sprintf("+8613800138%03d", n), trusted, false, ""
				if !trusted {
					b.contact.PhoneToken = "0199c3f0-0000-7000-8000-000000000000.ABCDEFGHJKMNPQRSTVWXYZ0123"
				}
				b.mu.Unlock()
				b.tell(t, k)
				if !trusted && k.Always() == "" {
					require.Len(t, b.by(t, notify.SMS), n, "no more than must be goes to a number that was only typed")
					continue
				}
				n++
				b.text(t, notify.Sent)
				require.Len(t, g.got, n)
				said := g.got[n-1]["text"]
				require.Contains(t, said, caseNo)
				require.NotContains(t, said, "notify.")
				require.NotContains(t, said, "{{")
				require.NotContains(t, said, "8QH2M", "the query code is never sent by text")
				require.Equal(t, !trusted, strings.Contains(said, "/confirm/"), said)
				require.False(t, !trusted && strings.Contains(said, "/evaluate/"), said)
				require.Equal(t, trusted && slices.Contains([]notify.Kind{notify.Concluded, notify.Transferred, notify.NotAccepted, notify.JudgeReminder, notify.CallbackMissed}, k), strings.Contains(said, "/evaluate/"), said)
				_, parts := notify.Segments(said)
				require.LessOrEqual(t, parts, 3, said)
			}
		}
	}
}

func TestWhichWayAMessageTakes(t *testing.T) {
	const gone, typed, unsure, sure = "", "typed", "unsure", "sure"
	for _, c := range []struct {
		name, mail, phone string
		kind              notify.Kind
		mailWish, smsWish notify.Wish
		bounced, noNews   bool
		want              []notify.Channel
	}{
		{"a number alone", gone, sure, notify.Concluded, "", "", false, false, []notify.Channel{notify.SMS}},
		{"a number alone, of what may be refused", gone, sure, notify.Reopened, "", "", false, false, []notify.Channel{notify.SMS}},
		{"mail is enough", sure, sure, notify.Concluded, "", "", false, false, []notify.Channel{notify.Mail}},
		{"mail that nobody proved is not", unsure, sure, notify.Concluded, "", "", false, false, []notify.Channel{notify.Mail, notify.SMS}},
		{"mail that comes back is not", sure, sure, notify.Concluded, "", "", true, false, []notify.Channel{notify.Mail, notify.SMS}},
		{"texts were chosen too", sure, sure, notify.Concluded, "", notify.AtOnce, false, false, []notify.Channel{notify.Mail, notify.SMS}},
		{"texts were chosen instead", sure, sure, notify.Concluded, notify.NotAtAll, notify.AtOnce, false, false, []notify.Channel{notify.SMS}},
		{"what must be is not refused twice", sure, sure, notify.Concluded, notify.NotAtAll, notify.NotAtAll, false, false, []notify.Channel{notify.Mail}},
		{"nor while mail does not arrive", unsure, sure, notify.Concluded, "", notify.NotAtAll, false, false, []notify.Channel{notify.Mail, notify.SMS}},
		{"what may be refused is", gone, sure, notify.Reopened, "", notify.NotAtAll, false, false, nil},
		{"who wants no news gets no texts instead", unsure, sure, notify.Reopened, "", "", false, true, []notify.Channel{notify.Mail}},
		{"unless they chose them", unsure, sure, notify.Reopened, "", notify.AtOnce, false, true, []notify.Channel{notify.Mail, notify.SMS}},
		{"a typed number hears what must be", gone, typed, notify.Concluded, "", "", false, false, []notify.Channel{notify.SMS}},
		{"and no more", gone, typed, notify.Reopened, "", "", false, false, nil},
		{"a typed number does not stand for mail", sure, typed, notify.Concluded, notify.NotAtAll, notify.AtOnce, false, false, []notify.Channel{notify.Mail}},
	} {
		t.Run(c.name, func(t *testing.T) {
			b, _ := texter(t, dbtest.New(t), deaf{})
			b.spoken, b.contact.PhoneProven = false, c.phone == sure
			if c.mail != gone {
				b.contact.Mail, b.contact.MailProven, b.contact.Bounced = "x@example.org", c.mail == sure, c.bounced
			}
			b.contact.NoNews = c.noNews
			for by, w := range map[notify.Channel]notify.Wish{notify.Mail: c.mailWish, notify.SMS: c.smsWish} {
				if w != "" {
					require.NoError(t, b.db.From(t.Context()).Exec("INSERT INTO message_wishes (person_id, kind, channel, wish, created_at) VALUES (?, ?, ?, ?, ?)", b.person, c.kind, by, w, time.Now()).Error)
				}
			}
			b.tell(t, c.kind)
			var got []notify.Channel
			for _, by := range []notify.Channel{notify.Mail, notify.SMS} {
				if len(b.by(t, by)) > 0 {
					got = append(got, by)
				}
			}
			require.Equal(t, c.want, got)
		})
	}
}

// deaf is a mail server that nothing is sent to.
type deaf struct{}

func (deaf) Send(context.Context, notify.Message) error { return nil }
func (deaf) Check(context.Context) error                { return nil }

func TestNoTextSpeaksOfAWhistleBlowersCase(t *testing.T) {
	b, _ := texter(t, dbtest.New(t), nil)
	b.silent, b.contact.PhoneProven = true, true
	for _, k := range notify.TextedKinds {
		b.tell(t, k)
	}
	require.Empty(t, b.by(t, notify.SMS))
	require.Len(t, b.by(t, notify.InApp), len(notify.TextedKinds))
}

func TestQuietHoursHoldTextsAndADigestDoesNot(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b, g := texter(t, d, nil)
		at := time.Date(2099, 5, 6, 23, 15, 0, 0, time.UTC)
		b.Now = func() time.Time { return at }
		ctx := actor.With(t.Context(), actor.Actor{Kind: actor.Citizen, ConstituentID: b.person})
		require.NoError(t, b.KeepQuiet(ctx, &notify.Hours{Begins: 22 * 60, Ends: 7 * 60}))
		minute := 12 * 60
		require.NoError(t, b.KeepDigest(ctx, &minute))
		b.start(t)
		b.tell(t, notify.Reopened)
		require.True(t, time.Date(2099, 5, 7, 7, 0, 0, 0, time.UTC).Equal(*b.waits(t, notify.SMS)))
		at = at.Add(time.Second)
		b.tell(t, notify.InfoRequested)
		b.text(t, notify.Sent)
		require.Len(t, g.got, 1)
		at = time.Date(2001, 5, 6, 23, 0, 0, 0, time.UTC)
		b.tell(t, notify.Reopened)
		at = time.Date(2001, 5, 7, 7, 1, 0, 0, time.UTC) // its hours have ended by the clock of the queue too
		require.Eventually(t, func() bool { return len(b.by(t, notify.SMS)) == 3 && b.by(t, notify.SMS)[2].Status == notify.Sent }, 10*time.Second, 10*time.Millisecond)
	})
}
