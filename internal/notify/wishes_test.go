package notify_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"minqing/internal/actor"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/fault"
	"minqing/internal/notify"
)

func TestWhatSomebodyRefusesIsOnThePortalOnly(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		m := newMailpit(t)
		b := newBench(t, d, m.transport(t))
		b.contact.Mail = "wishes-" + string(d.Engine()) + "@example.org"
		ctx := actor.With(t.Context(), actor.Actor{Kind: actor.Citizen, ConstituentID: b.person})

		b.tell(t, notify.Reopened) // waits when the choice is made
		require.NoError(t, b.Choose(ctx, byMail(map[notify.Kind]notify.Wish{notify.Reopened: notify.NotAtAll})))
		require.NoError(t, b.Choose(ctx, byMail(map[notify.Kind]notify.Wish{notify.Reopened: notify.NotAtAll})), "the same once more")
		require.Equal(t, notify.NotAtAll, wishOf(t, b, notify.Reopened))
		require.Equal(t, notify.AtOnce, wishOf(t, b, notify.JudgeReminder))
		b.start(t)
		e := b.waitFor(t, notify.Suppressed)
		require.Equal(t, notify.Refused, e.Reason)
		require.Empty(t, m.letters(t, b.contact.Mail))
		notes, _, err := b.Inbox(t.Context(), []string{b.person}, "")
		require.NoError(t, err)
		require.Len(t, notes, 1)

		b.tell(t, notify.JudgeReminder) // another kind
		b.waitFor(t, notify.Sent)
		require.NoError(t, b.Choose(ctx, byMail(map[notify.Kind]notify.Wish{notify.Reopened: notify.AtOnce})))
		b.tell(t, notify.Reopened)
		b.waitFor(t, notify.Sent)
		require.Len(t, m.letters(t, b.contact.Mail), 2)
	})
}

func wishOf(t *testing.T, b *bench, k notify.Kind) notify.Wish {
	t.Helper()
	rules, err := b.Choices(actor.With(t.Context(), actor.Actor{Kind: actor.Citizen, ConstituentID: b.person}))
	require.NoError(t, err)
	i := slices.IndexFunc(rules, func(r notify.Rule) bool { return r.Kind == k })
	require.GreaterOrEqual(t, i, 0)
	return rules[i].Wishes[notify.Mail]
}

func TestWhatTheLawAsksForCannotBeRefused(t *testing.T) {
	lawful := []notify.Kind{notify.CaseReceived, notify.NotAccepted, notify.ClockExtended, notify.ClockSuspended, notify.ClockResumed, notify.SiteVisit,
		notify.InfoRequested, notify.Replied, notify.Concluded, notify.Transferred, notify.AppealDecided, notify.CodeRenewed}
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		m := newMailpit(t)
		b := newBench(t, d, m.transport(t))
		b.contact.Mail, b.contact.NoNews = "lawful-"+string(d.Engine())+"@example.org", true
		ctx := actor.With(t.Context(), actor.Actor{Kind: actor.Citizen, ConstituentID: b.person})
		b.start(t)
		for _, k := range lawful {
			require.NotEmpty(t, k.Always())
			require.Equal(t, fault.Invalid, fault.KindOf(b.Choose(ctx, byMail(map[notify.Kind]notify.Wish{k: notify.NotAtAll}))), k)
			b.tell(t, k)
			b.waitFor(t, notify.Sent)
		}
		require.Len(t, m.letters(t, b.contact.Mail), len(lawful))
		b.tell(t, notify.JudgeReminder)
		require.Equal(t, notify.Refused, b.mail(t).Reason, "the consent still stops the rest")
		for _, k := range notify.AccountKinds {
			require.Equal(t, notify.BySecurity, k.Always())
		}
	})
}

func TestAWishIsOneThatThePersonMayHave(t *testing.T) {
	b := newBench(t, dbtest.New(t), nil)
	ctx := actor.With(t.Context(), actor.Actor{Kind: actor.Citizen, ConstituentID: b.person})
	for k, w := range map[notify.Kind]notify.Wish{notify.OrderGiven: notify.NotAtAll, "nothing": notify.NotAtAll, notify.Reopened: "sometimes"} {
		require.Equal(t, fault.Invalid, fault.KindOf(b.Choose(ctx, byMail(map[notify.Kind]notify.Wish{k: w}))), k)
	}
}

func byMail(wishes map[notify.Kind]notify.Wish) map[notify.Choice]notify.Wish {
	out := map[notify.Choice]notify.Wish{}
	for k, w := range wishes {
		out[notify.Choice{Kind: k, Channel: notify.Mail}] = w
	}
	return out
}
