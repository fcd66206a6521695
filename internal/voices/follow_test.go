package voices_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/cases"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/fault"
	"minqing/internal/i18n"
	"minqing/internal/notify"
)

// mailed gives what was told of a kind since the last look, and forgets it.
func (w *town) mailed(k notify.Kind) (list []notify.Follower) {
	w.t.Helper()
	for _, t := range w.told {
		require.Equal(w.t, k, t.Kind)
		f, err := w.Follower(w.t.Context(), t.Kind, t.About)
		require.NoError(w.t, err)
		list = append(list, f)
	}
	w.told = nil
	return list
}

func (w *town) ask(id, address string) {
	w.t.Helper()
	require.NoError(w.t, w.Follow(w.guest(), id, address, i18n.En))
}

// follows leads an address through its link.
func (w *town) follows(id, address string) {
	w.t.Helper()
	w.ask(id, address)
	list := w.mailed(notify.FollowConfirm)
	require.Len(w.t, list, 1)
	got, err := w.Confirm(w.guest(), strings.TrimPrefix(list[0].LinkPath, "/voices/follow/"))
	require.NoError(w.t, err)
	require.Equal(w.t, id, got)
}

func TestAnAddressIsProvenBeforeAnythingGoesThere(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		k, v := w.published()
		w.ask(v.ID, " Some.One@Example.org ")
		w.ask(v.ID, "some.one@example.org") // pressed twice
		list := w.mailed(notify.FollowConfirm)
		require.Len(t, list, 1)
		_, err := w.Follower(w.guest(), notify.FollowReplied, list[0].LinkPath[len("/voices/follow/"):][:36])
		require.Equal(t, fault.NotFound, fault.KindOf(err), "nor what was queued")
		require.Equal(t, "some.one@example.org", list[0].Mail)
		require.Equal(t, "en", list[0].Locale)
		require.Empty(t, list[0].StopPath)
		var raw string
		require.NoError(t, d.From(t.Context()).Raw("SELECT address_cipher FROM voice_follows").Scan(&raw).Error)
		require.NotContains(t, strings.ToLower(raw), "example.org")
		require.NoError(t, w.Stepped(w.system(), cases.Told{CaseID: w.the(k).ID, EventID: db.NewID(now), Action: cases.ActConclude}))
		require.Empty(t, w.told, "nothing else before it is proven")

		token := strings.TrimPrefix(list[0].LinkPath, "/voices/follow/")
		require.NoError(t, w.Confirmable(w.guest(), token))
		for _, wrong := range []string{"", "x", token + "X", token[:36] + ".AAAAAAAAAAAAAAAAAAAAAAAAAA", "00000000-0000-0000-0000-000000000000.A"} {
			_, err := w.Confirm(w.guest(), wrong)
			require.Equal(t, fault.NotFound, fault.KindOf(err), wrong)
		}
		_, err = w.Confirm(w.guest(), token)
		require.NoError(t, err)
		require.Equal(t, fault.NotFound, fault.KindOf(w.Confirmable(w.guest(), token)))
		_, err = w.Confirm(w.guest(), token)
		require.NoError(t, err, "pressed twice at once")
		w.later = time.Hour
		_, err = w.Confirm(w.guest(), token)
		require.Equal(t, fault.NotFound, fault.KindOf(err), "it works once")
		w.later = 0
		w.ask(v.ID, "some.one@example.org")
		require.Empty(t, w.told, "who follows gets no other link, and nobody learns it")

		w.ask(v.ID, "late@example.org")
		token = strings.TrimPrefix(w.mailed(notify.FollowConfirm)[0].LinkPath, "/voices/follow/")
		w.later = 2 * time.Hour
		w.ask(v.ID, "late@example.org")
		newer := strings.TrimPrefix(w.mailed(notify.FollowConfirm)[0].LinkPath, "/voices/follow/")
		require.Equal(t, fault.NotFound, fault.KindOf(w.Confirmable(w.guest(), token)), "the newest link counts")
		w.later += 48 * time.Hour
		_, err = w.Confirm(w.guest(), newer)
		require.Equal(t, fault.NotFound, fault.KindOf(err), "too late")
		require.NoError(t, w.Sweep(w.system()))
		require.Equal(t, 1, w.count("voice_follows"), "who never confirmed is forgotten")
		require.Zero(t, w.count("audit_entries WHERE object_kind = 'voice_follow'"))
	})
}

func TestAnAddressIsReadWithCare(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		_, v := w.published()
		for _, bad := range []string{"", "x", "a@b", "a@example.org\r\nBcc: c@example.org", "a@example.org,b@example.org", "<a@example.org>",
			"A <a@example.org>", "a@example.org\nX: y", strings.Repeat("a", 300) + "@example.org"} {
			require.Equal(t, fault.Invalid, fault.KindOf(w.Follow(w.guest(), v.ID, bad, i18n.En)), bad)
		}
		require.Equal(t, fault.NotFound, fault.KindOf(w.Follow(w.guest(), "nonsense", "a@example.org", i18n.En)))
		require.Empty(t, w.told)
		for i := range 7 { // somebody else's address, for many questions
			_, one := w.published()
			w.ask(one.ID, "victim@example.org")
			require.LessOrEqual(t, len(w.told), 5, i)
		}
		require.Len(t, w.told, 5)
	})
}

func TestWhoFollowsHearsOfEachStepUntilTheyStop(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		k, v := w.published()
		for i := range 3 {
			w.follows(v.ID, fmt.Sprintf("p%d@example.org", i))
		}
		c := w.the(k)
		step := func(a cases.Action) {
			require.NoError(t, w.Stepped(w.system(), cases.Told{CaseID: c.ID, EventID: db.NewID(now), Action: a}))
		}
		step(cases.ActDecideAppeal)
		step(cases.ActReply)
		require.Empty(t, w.told, "nothing was reopened, and replies are not public")
		w.do(k.CaseNo, cases.Rework{Reason: "又壞了。"})
		step(cases.ActRework)
		list := w.mailed(notify.FollowReopened)
		require.Len(t, list, 3)
		require.Equal(t, fault.NotFound, fault.KindOf(w.Follow(w.guest(), v.ID, "late@example.org", i18n.En)), "out of sight")
		require.Empty(t, list[0].LinkPath, "the page is out of sight")
		require.NotEmpty(t, list[0].StopPath)
		w.do(k.CaseNo, cases.Reply{Text: "已換新燈，請查看。如再不亮，請再告訴我們。"}, cases.Conclude{Outcome: cases.Resolved})
		step(cases.ActConclude)
		list = w.mailed(notify.FollowConcluded)
		require.Len(t, list, 3)
		require.Equal(t, "/voices/"+v.ID, list[0].LinkPath)

		stop := strings.TrimPrefix(list[0].StopPath, "/voices/stop/")
		require.NoError(t, w.Stoppable(w.guest(), stop))
		require.Equal(t, fault.NotFound, fault.KindOf(w.Stop(w.guest(), stop+"X")))
		require.NoError(t, w.Stop(w.guest(), stop))
		require.NoError(t, w.Stop(w.guest(), stop), "pressed twice")
		require.Equal(t, 2, w.count("voice_follows"), "the address is gone")
		require.Equal(t, 1, w.count("vault_keys WHERE destroyed_at IS NOT NULL"), "and its key")

		draft, err := w.Draft(w.staff(), k.CaseNo)
		require.NoError(t, err)
		_, err = w.Publish(w.staff(), k.CaseNo, draft.Texts, "")
		require.NoError(t, err)
		require.Equal(t, 1, w.count("river_job WHERE kind = 'voices.news'"))
		require.NoError(t, w.TellFollowers(w.system(), c.ID, notify.FollowReplied, db.NewID(now)))
		require.Len(t, w.mailed(notify.FollowReplied), 2)

		var id string
		require.NoError(t, d.From(t.Context()).Raw("SELECT id FROM voice_follows ORDER BY id LIMIT 1").Scan(&id).Error)
		require.NoError(t, w.FollowerBounced(w.system(), id))
		require.NoError(t, w.TellFollowers(w.system(), c.ID, notify.FollowReplied, db.NewID(now)))
		require.Len(t, w.mailed(notify.FollowReplied), 1, "nothing goes to an address that came back")
		w.later = 2 * time.Hour // another link might go
		for i := range 3 {
			w.ask(v.ID, fmt.Sprintf("p%d@example.org", i))
		}
		require.Len(t, w.mailed(notify.FollowConfirm), 1, "to the one who stopped, not to those who follow or take no mail")
		_, other := w.published()
		for i := range 3 {
			w.ask(other.ID, fmt.Sprintf("p%d@example.org", i))
		}
		require.Len(t, w.mailed(notify.FollowConfirm), 2, "an address that came back gets no mail of another question either")

		require.NoError(t, w.Agree(w.guest(), k, false))
		step(cases.ActConclude)
		require.Empty(t, w.told, "published no more")
		require.Zero(t, w.count("voice_follows WHERE case_id = ?", c.ID))
	})
}

func TestAddressesGoSomeDaysAfterTheCaseIsClosed(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		k, v := w.published()
		w.follows(v.ID, "a@example.org")
		w.later = 100 * 24 * time.Hour
		require.NoError(t, w.Sweep(w.system()))
		require.Equal(t, 1, w.count("voice_follows"), "as long as it is open")
		w.later = 0
		w.do(k.CaseNo, cases.Archive{})
		require.NoError(t, d.From(t.Context()).Exec("UPDATE cases SET updated_at = ?", now).Error) // the database has a clock of its own
		require.Equal(t, fault.Conflict, fault.KindOf(w.Follow(w.guest(), v.ID, "b@example.org", i18n.En)), "it is closed")
		w.later = 6 * 24 * time.Hour
		require.NoError(t, w.Sweep(w.system()))
		require.Equal(t, 1, w.count("voice_follows"), "it may be appealed yet")
		w.later = 8 * 24 * time.Hour
		require.NoError(t, w.Sweep(w.system()))
		require.Zero(t, w.count("voice_follows"))
	})
}
