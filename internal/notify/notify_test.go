package notify_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/fault"
	"minqing/internal/notify"
)

func TestACitizenIsToldByMailAndInThePortal(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		m := newMailpit(t)
		b := newBench(t, d, m.transport(t))
		b.contact.Mail = "told-" + string(d.Engine()) + "@example.org"
		b.start(t)
		b.tell(t, notify.CaseReceived)
		e := b.waitFor(t, notify.Sent)
		require.Equal(t, 1, e.Attempts)
		require.NotNil(t, e.SentAt)

		got := m.letters(t, b.contact.Mail)
		require.Len(t, got, 1)
		l := got[0]
		require.Equal(t, "已收到您的案件 "+caseNo, l.Subject)
		require.Equal(t, e.ID+"@portal.example.org", l.MessageID)
		require.Equal(t, "no-reply@portal.example.org", l.From.Address)
		require.Equal(t, "民情", l.From.Name)
		var headers map[string][]string
		m.get(t, "/api/v1/message/"+l.ID+"/headers", &headers)
		require.Contains(t, headers, "Auto-Submitted")
		require.NotContains(t, headers, "X-Mailer", "which program and version sends is nobody's business")
		require.NotContains(t, headers, "User-Agent")
		for _, body := range []string{l.Text, l.HTML} {
			require.Contains(t, body, caseNo)
			require.Contains(t, body, "8QH2M-1XYZ0")
			require.Contains(t, body, "https://portal.example.org/track?case_no="+caseNo)
			require.NotContains(t, body, "confirm")
			require.NotContains(t, body, "notify.")
		}
		require.Contains(t, l.HTML, `lang="zh-Hant"`)

		notes, next, err := b.Inbox(t.Context(), []string{b.person}, "")
		require.NoError(t, err)
		require.Empty(t, next)
		require.Len(t, notes, 1)
		require.Equal(t, notify.CaseReceived, notes[0].Kind)
		require.Equal(t, b.caseID, notes[0].CaseID)

		var raw []byte
		require.NoError(t, d.From(t.Context()).Raw("SELECT address_cipher FROM deliveries WHERE channel = 'mail'").Row().Scan(&raw))
		require.NotContains(t, string(raw), "example.org")
	})
}

func TestEveryKindIsWrittenInEveryLanguage(t *testing.T) {
	m := newMailpit(t)
	b := newBench(t, dbtest.New(t), m.transport(t))
	b.start(t)
	for _, lang := range []string{"zh-Hant", "zh-Hans", "en"} {
		for _, proven := range []bool{true, false} {
			for _, k := range notify.Kinds {
				if k == notify.ConfirmAddress && proven {
					continue
				}
				address := fmt.Sprintf("%s-%s-%v@example.org", k, lang, proven)
				b.mu.Lock()
				b.contact.Locale, b.contact.Mail, b.contact.MailProven, b.contact.ConfirmToken = lang, address, proven, ""
				if !proven {
					b.contact.ConfirmToken = "point.TOKEN"
				}
				b.mu.Unlock()
				b.tell(t, k)
				b.waitFor(t, notify.Sent)
				got := m.letters(t, address)
				require.Len(t, got, 1, address)
				for _, body := range []string{got[0].Text, got[0].HTML, got[0].Subject} {
					require.NotContains(t, body, "notify.", address)
					require.NotContains(t, body, "{{", address)
				}
				checkBody(t, k, proven, got[0].Text)
				checkBody(t, k, proven, got[0].HTML)
			}
		}
	}
}

// checkBody holds what an unproven address must not learn.
func checkBody(t *testing.T, k notify.Kind, proven bool, body string) {
	t.Helper()
	const evaluate, confirm = "https://portal.example.org/evaluate/" + caseNo + "-ABCDEF", "https://portal.example.org/confirm/point.TOKEN"
	require.Equal(t, proven && (k == notify.CaseReceived || k == notify.CodeRenewed), strings.Contains(body, "8QH2M-1XYZ0"))
	require.Equal(t, proven && (k == notify.Concluded || k == notify.Transferred || k == notify.JudgeReminder || k == notify.CallbackMissed || k == notify.NotAccepted), strings.Contains(body, evaluate))
	require.Equal(t, !proven, strings.Contains(body, confirm))
	require.Equal(t, k != notify.ConfirmAddress, strings.Contains(body, caseNo))
}

func TestWhatIsToldTwiceIsSentOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		m := newMailpit(t)
		b := newBench(t, d, m.transport(t))
		b.contact.Mail = "twice-" + string(d.Engine()) + "@example.org"
		told := notify.Telling{Kind: notify.Replied, To: notify.Recipient{ConstituentID: b.person}, CaseID: b.caseID, Cause: b.cause()}
		for range 3 {
			require.NoError(t, b.Tell(t.Context(), told))
		}
		b.start(t)
		b.waitFor(t, notify.Sent)
		require.NoError(t, b.Tell(t.Context(), told))
		time.Sleep(300 * time.Millisecond)
		require.Len(t, m.letters(t, b.contact.Mail), 1)
		log, _, err := b.Log(t.Context(), b.caseID, "")
		require.NoError(t, err)
		require.Len(t, log, 2)
	})
}

func TestNothingIsToldOfWhatWasUndone(t *testing.T) {
	b := newBench(t, dbtest.New(t), nil)
	regret := errors.New("regret")
	require.ErrorIs(t, b.db.Tx(t.Context(), func(ctx context.Context) error {
		require.NoError(t, b.Tell(ctx, notify.Telling{Kind: notify.Replied, To: notify.Recipient{ConstituentID: b.person}, CaseID: b.caseID, Cause: b.cause()}))
		return regret
	}), regret)
	log, _, err := b.Log(t.Context(), b.caseID, "")
	require.NoError(t, err)
	require.Empty(t, log)
}

func TestWithoutAMailServerThePortalStillTells(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d, nil)
		b.tell(t, notify.Concluded)
		e := b.mail(t)
		require.Equal(t, notify.Suppressed, e.Status)
		require.Equal(t, notify.NoTransport, e.Reason)
		n, err := b.Unread(t.Context(), []string{b.person})
		require.NoError(t, err)
		require.Equal(t, 1, n)
	})
}

func TestSomebodyWithoutAddressOrErasedGetsNoMail(t *testing.T) {
	b := newBench(t, dbtest.New(t), nil)
	b.contact.Mail = ""
	b.tell(t, notify.Replied)
	log, _, err := b.Log(t.Context(), b.caseID, "")
	require.NoError(t, err)
	require.Len(t, log, 1)
	require.Equal(t, notify.InApp, log[0].Channel)
	b.gone = fault.New(fault.NotFound, "vault.erased")
	b.tell(t, notify.Concluded)
	log, _, err = b.Log(t.Context(), b.caseID, "")
	require.NoError(t, err)
	require.Len(t, log, 1)
}

// The log of a case has everything, the newest first, and a cursor that is not ours is refused.
func TestTheLogOfACaseIsReadPageByPage(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d, nil)
		for range 40 {
			b.tell(t, notify.Replied)
		}
		b.tell(t, notify.Concluded)
		all := b.whole(t)
		require.Len(t, all, 2*41, "by mail and in the portal")
		require.Equal(t, notify.Concluded, all[len(all)-1].Kind)
		require.True(t, slices.IsSortedFunc(all, func(x, y notify.Entry) int { return cmp.Compare(x.ID, y.ID) }))
		require.True(t, all[0].ToPerson)
		require.Empty(t, all[0].AccountID)
		_, _, err := b.Log(t.Context(), b.caseID, db.EncodeCursor("lunch"))
		require.Equal(t, fault.Invalid, fault.KindOf(err))
	})
}

// What was not shown is not put away.
func TestNoticesArePutAwayAsFarAsTheyWereShown(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d, nil)
		staff := b.account(t)
		for range 4 {
			require.NoError(t, b.Tell(t.Context(), notify.Telling{Kind: notify.ClockBefore, To: notify.Recipient{AccountID: staff}, CaseID: b.caseID, Cause: b.cause()}))
		}
		list, err := b.Notices(t.Context(), staff, 3)
		require.NoError(t, err)
		require.NoError(t, b.PutAway(t.Context(), staff, list[1].ID, list[0].ID))
		left, err := b.Notices(t.Context(), staff, 10)
		require.NoError(t, err)
		require.Len(t, left, 2)
		require.Equal(t, list[2].ID, left[0].ID)
	})
}

func TestTheInboxPagesAndRemembersWhatWasRead(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBench(t, d, nil)
		b.contact.Mail = ""
		for range 70 {
			b.tell(t, notify.Replied)
		}
		first, next, err := b.Inbox(t.Context(), []string{b.person}, "")
		require.NoError(t, err)
		require.Len(t, first, 50)
		require.NotEmpty(t, next)
		second, next, err := b.Inbox(t.Context(), []string{b.person}, next)
		require.NoError(t, err)
		require.Len(t, second, 20)
		require.Empty(t, next)
		require.False(t, second[0].CreatedAt.After(first[49].CreatedAt), "newest first")
		seen := map[string]bool{}
		for _, n := range append(first, second...) {
			seen[n.ID] = true
		}
		require.Len(t, seen, 70, "each once")
		none, _, err := b.Inbox(t.Context(), nil, "")
		require.NoError(t, err)
		require.Empty(t, none)
		require.NoError(t, b.MarkRead(t.Context(), []string{b.person}, b.caseID))
		n, err := b.Unread(t.Context(), []string{b.person})
		require.NoError(t, err)
		require.Zero(t, n)
		read, _, err := b.Inbox(t.Context(), []string{b.person}, "")
		require.NoError(t, err)
		require.True(t, read[0].Read)
	})
}
