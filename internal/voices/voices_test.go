package voices_test

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/access"
	"minqing/internal/actor"
	"minqing/internal/audit"
	"minqing/internal/cases"
	"minqing/internal/catalogue"
	"minqing/internal/clocks"
	"minqing/internal/constituents"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/demo"
	"minqing/internal/fault"
	"minqing/internal/jobs"
	"minqing/internal/notify"
	"minqing/internal/place"
	"minqing/internal/vault"
	"minqing/internal/voices"
)

// town is the demo city with somebody who handles cases and publishes them.
type town struct {
	*voices.Service
	t     *testing.T
	db    *db.DB
	cases *cases.Service
	head  string
	told  []notify.Telling
	later time.Duration // since the start
}

var now = time.Date(2026, 11, 23, 16, 30, 0, 0, time.UTC)

func newTown(t *testing.T, d *db.DB) *town {
	t.Helper()
	clock := func() time.Time { return now }
	ring, err := vault.CreateRing(filepath.Join(t.TempDir(), "keys"))
	require.NoError(t, err)
	v, trail := vault.New(d, ring, clock), audit.New(d, clock)
	queue, err := jobs.New(d, trail, jobs.Options{})
	require.NoError(t, err)
	t.Cleanup(queue.Close)
	policies, err := fs.Sub(os.DirFS("../.."), "policies")
	require.NoError(t, err)
	who, err := access.New(d, trail, policies, clock)
	require.NoError(t, err)
	cat, places := catalogue.New(d, trail, clock), place.New(d, trail, clock)
	require.NoError(t, demo.New(cat, places).LoadCity(actor.AsSystem(t.Context(), "test")))
	times, err := clocks.New("CN")
	require.NoError(t, err)
	w := &town{t: t, db: d, cases: cases.New(cases.Deps{DB: d, Vault: v, Audit: trail, Jobs: queue, Catalogue: cat, Places: places, Access: who, Clocks: times,
		Now: clock, Constituents: constituents.New(constituents.Deps{DB: d, Vault: v, Audit: trail, Now: clock, Region: "CN"})})}
	w.Service = voices.New(voices.Deps{DB: d, Audit: trail, Cases: w.cases, Catalogue: cat, Places: places, Now: func() time.Time { return w.now() },
		Vault: v, Jobs: queue, Tell: func(_ context.Context, t notify.Telling) error { w.told = append(w.told, t); return nil }})
	w.head = w.account(v)
	_, err = who.Give(w.system(), access.Giving{AccountID: w.head, Role: "head", UnitCode: "CG", Reason: "test"})
	require.NoError(t, err)
	return w
}

func (w *town) account(v *vault.Vault) string {
	w.t.Helper()
	key, row, err := v.Mint(vault.OwnerAccount)
	require.NoError(w.t, err)
	require.NoError(w.t, w.db.InsertAll(w.t.Context(), row.Insert()))
	id := db.NewID(now)
	require.NoError(w.t, w.db.From(w.t.Context()).Exec(`INSERT INTO accounts (id, kind, login_index, vault_key_id, email_cipher, locale, status, link_key, created_at)
 VALUES (?, 'staff', ?, ?, ?, 'zh-Hant', 'active', 'k1', ?)`, id, []byte(id), key.ID, []byte{1}, now).Error)
	return id
}

func (w *town) now() time.Time { return now.Add(w.later) }

func (w *town) system() context.Context { return actor.AsSystem(w.t.Context(), "test") }

func (w *town) guest() context.Context {
	return actor.With(w.t.Context(), actor.Actor{Kind: actor.Anonymous})
}

func (w *town) staff() context.Context {
	return actor.With(w.t.Context(), actor.Actor{Kind: actor.Staff, AccountID: w.head})
}

func (w *town) do(no string, cmds ...cases.Command) {
	w.t.Helper()
	for _, cmd := range cmds {
		_, err := w.cases.Act(w.system(), no, 0, cmd)
		require.NoError(w.t, err, "%s", cmd.Action())
	}
}

const asked = "我是王小明，電話 13812345678，住湖濱路 12 號前。\n三天沒有路燈，陳大文先生也說過。"

// filing is a complaint of somebody who gives a name.
func filing(secrecy cases.Confidentiality, matter string, publish bool) cases.Filing {
	f := cases.Filing{Kind: cases.Complaint, MatterCode: matter, Title: "湖濱路 12 號前路燈不亮", Description: asked, Publish: publish,
		Location: cases.Location{Address: "湖濱路 12 號前", DistrictCode: "LJ-DS-01"}, Confidentiality: secrecy, Locale: "zh-Hant", Channel: cases.ChannelWeb}
	if secrecy != cases.AnonymousFiler {
		f.Contact = cases.Contact{Name: "王小明", Phone: "13812345678"}
	}
	return f
}

func (w *town) file(f cases.Filing) cases.Key {
	w.t.Helper()
	f.Location.DistrictCode = w.borough()
	r, err := w.cases.File(w.guest(), f)
	require.NoError(w.t, err)
	return cases.Key{CaseNo: r.CaseNo, QueryCode: r.QueryCode}
}

// borough is the code of some district of the city.
func (w *town) borough() string {
	areas, err := w.Places.Map(w.t.Context())
	require.NoError(w.t, err)
	for _, d := range areas.Districts {
		if d.Level == place.Borough {
			return d.Code
		}
	}
	return ""
}

func (w *town) concluded(k cases.Key) {
	w.t.Helper()
	w.do(k.CaseNo, cases.Accept{}, cases.Dispatch{}, cases.SignIn{}, cases.Assign{HandlerID: w.head},
		cases.Reply{Text: "王小明您好：已換新電纜，湖濱路 12 號前已恢復照明。"}, cases.Conclude{Outcome: cases.Resolved})
}

func (w *town) the(k cases.Key) *cases.Case {
	w.t.Helper()
	c, err := w.cases.Own(w.guest(), k)
	require.NoError(w.t, err)
	return c
}

func (w *town) count(where string, args ...any) (n int) {
	w.t.Helper()
	require.NoError(w.t, w.db.From(w.t.Context()).Raw("SELECT count(*) FROM "+where, args...).Scan(&n).Error)
	return n
}

// published is a case that is before everybody.
func (w *town) published() (cases.Key, *voices.Voice) {
	w.t.Helper()
	k := w.file(filing(cases.Normal, "street-light", true))
	w.concluded(k)
	d, err := w.Draft(w.staff(), k.CaseNo)
	require.NoError(w.t, err)
	v, err := w.Publish(w.staff(), k.CaseNo, d.Texts, "")
	require.NoError(w.t, err)
	return k, v
}

func TestNothingIsPublishedWithoutConsentAndReview(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		k := w.file(filing(cases.Normal, "street-light", false))
		w.concluded(k)
		require.Empty(t, w.the(k).Voice, "off unless somebody asks for it")
		_, err := w.Publish(w.staff(), k.CaseNo, voices.Texts{Title: "x", Question: "y", Answer: "z"}, "")
		require.Equal(t, fault.Conflict, fault.KindOf(err), "%v", err)
		require.Equal(t, fault.Forbidden, fault.KindOf(w.Agree(w.staff(), k, true)), "not for somebody else")
		require.Equal(t, fault.NotFound, fault.KindOf(w.Agree(w.guest(), cases.Key{CaseNo: k.CaseNo, QueryCode: "AAAAAAAAAA"}, true)))
		require.NoError(t, w.Agree(w.guest(), k, true))
		require.NoError(t, w.Agree(w.guest(), k, true), "pressed twice")
		require.Equal(t, 1, w.count("audit_entries WHERE action = 'voice.agreed' AND object_id = ?", k.CaseNo))
		waiting, _, err := w.cases.ToPublish(w.staff())
		require.NoError(t, err)
		require.Len(t, waiting, 1)
		page, err := w.List(w.guest(), voices.Filter{})
		require.NoError(t, err)
		require.Empty(t, page.Voices)

		draft, err := w.Draft(w.staff(), k.CaseNo)
		require.NoError(t, err)
		all := draft.Texts.Title + draft.Texts.Question + draft.Texts.Answer
		for _, secret := range []string{"王小明", "13812345678", "12 號", "陳大文"} {
			require.NotContains(t, all, secret)
		}
		require.Contains(t, all, "三天沒有路燈")
		bad := draft.Texts
		bad.Answer += "王小明"
		_, err = w.Publish(w.staff(), k.CaseNo, bad, "")
		require.Equal(t, fault.Invalid, fault.KindOf(err), "a name is not written back")
		bad.Answer = ""
		_, err = w.Publish(w.staff(), k.CaseNo, bad, "")
		require.Equal(t, fault.Invalid, fault.KindOf(err))
		v, err := w.Publish(w.staff(), k.CaseNo, draft.Texts, "")
		require.NoError(t, err)
		read, err := w.Read(w.guest(), v.ID)
		require.NoError(t, err)
		require.Equal(t, draft.Texts.Question, read.Question)
		require.Empty(t, read.CaseID, "nothing leads to the case")
		waiting, _, err = w.cases.ToPublish(w.staff())
		require.NoError(t, err)
		require.Empty(t, waiting)
		again, err := w.Publish(w.staff(), k.CaseNo, voices.Texts{Title: "路燈", Question: "何時修？", Answer: "修好了"}, "")
		require.NoError(t, err)
		require.Equal(t, v.ID, again.ID, "edited, it keeps its address")
		require.Equal(t, 1, w.count("voices"))
	})
}

func TestHiddenAndSensitiveCasesAreNeverPublished(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		for _, f := range []cases.Filing{filing(cases.IdentityHidden, "street-light", true), filing(cases.AnonymousFiler, "street-light", true),
			filing(cases.Normal, "child-risk", true)} {
			if f.MatterCode == "child-risk" {
				f.Kind = cases.HelpRequest
				f.Answers = map[string]any{"danger_now": false}
			}
			k := w.file(f)
			require.Empty(t, w.the(k).Voice)
			require.Equal(t, fault.Conflict, fault.KindOf(w.Agree(w.guest(), k, true)), "%s %s", f.Confidentiality, f.MatterCode)
		}
		_, v := w.published()
		require.NoError(t, d.From(t.Context()).Exec("UPDATE matters SET sensitive = ? WHERE code = 'street-light'", true).Error)
		fresh := voices.New(voices.Deps{DB: d, Audit: w.Audit, Cases: w.cases, Catalogue: catalogue.New(d, w.Audit, w.Now), Places: w.Places, Now: w.Now})
		_, err := fresh.Read(w.guest(), v.ID)
		require.Equal(t, fault.NotFound, fault.KindOf(err), "the mark counts for what is published already")
	})
}

func TestWhatIsPublishedGoesAtOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		gone := func(v *voices.Voice, why string) {
			_, err := w.Read(w.guest(), v.ID)
			require.Equal(t, fault.NotFound, fault.KindOf(err), why)
			page, err := w.List(w.guest(), voices.Filter{Words: "路燈"})
			require.NoError(t, err)
			require.Empty(t, page.Voices, why)
		}
		k, v := w.published()
		require.NoError(t, w.Agree(w.guest(), k, false))
		gone(v, "taken back by the person")
		require.Zero(t, w.count("voices")+w.count("voice_terms"), "no text is left")

		k, v = w.published()
		require.Equal(t, fault.Invalid, fault.KindOf(w.Decline(w.staff(), k.CaseNo, " ", "")))
		require.NoError(t, w.Decline(w.staff(), k.CaseNo, "涉及他案，電 13812345678", ""))
		gone(v, "withdrawn by staff")
		decided, err := w.Of(w.guest(), w.the(k))
		require.NoError(t, err)
		require.Contains(t, decided.Reason, "涉及他案")
		require.NotContains(t, decided.Reason, "13812345678")
		require.Zero(t, w.count("voice_terms"))

		k, v = w.published()
		w.do(k.CaseNo, cases.Rework{Reason: "又壞了。"})
		gone(v, "handled again: the answer no longer stands")
		_, err = w.cases.Withdraw(w.guest(), k, "")
		require.NoError(t, err)

		k, v = w.published()
		c := w.the(k)
		require.NoError(t, d.From(t.Context()).Exec("UPDATE cases SET archive_at = ? WHERE id = ?", now, c.ID).Error)
		require.NoError(t, d.Tx(w.system(), func(ctx context.Context) error {
			ok, err := w.cases.Anonymise(ctx, c.ID, now)
			require.True(t, ok)
			return err
		}))
		gone(v, "its term is over")
		require.Zero(t, w.count("voices WHERE case_id = ?", c.ID))
	})
}

func TestOnlyThoseOfTheUnitPublish(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		k := w.file(filing(cases.Normal, "illegal-parking", true))
		_, err := w.Draft(w.staff(), k.CaseNo)
		require.Equal(t, fault.NotFound, fault.KindOf(err), "another bureau's case")
		_, err = w.Draft(w.guest(), k.CaseNo)
		require.Error(t, err)
		require.Error(t, w.Decline(w.guest(), k.CaseNo, "x", ""))
	})
}

// Two who publish, or decide otherwise, each by what they read: the second one is told.
func TestTwoWhoPublishNeverOverwriteEachOther(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		k := w.file(filing(cases.Normal, "street-light", true))
		w.concluded(k)
		one, err := w.Draft(w.staff(), k.CaseNo)
		require.NoError(t, err)
		v, err := w.Publish(w.staff(), k.CaseNo, one.Texts, one.Seen)
		require.NoError(t, err)
		other := voices.Texts{Title: "路燈", Question: "何時修？", Answer: "修好了"}
		_, err = w.Publish(w.staff(), k.CaseNo, other, one.Seen)
		require.Equal(t, fault.Conflict, fault.KindOf(err), "it is published already")
		require.Equal(t, fault.Conflict, fault.KindOf(w.Decline(w.staff(), k.CaseNo, "涉及他案", one.Seen)), "nor is it taken away by a page from before")
		read, err := w.Read(w.guest(), v.ID)
		require.NoError(t, err)
		require.Equal(t, one.Texts.Question, read.Question)
		now, err := w.Draft(w.staff(), k.CaseNo)
		require.NoError(t, err)
		_, err = w.Publish(w.staff(), k.CaseNo, other, now.Seen)
		require.NoError(t, err, "who has seen it may")
	})
}

func TestPeopleFindWhatIsPublished(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		var ids []string
		for i := range voices.PageSize + 2 {
			k := w.file(filing(cases.Normal, "street-light", true))
			w.concluded(k)
			v, err := w.Publish(w.staff(), k.CaseNo, voices.Texts{Title: "路燈不亮", Question: strings.Repeat("何時修好？", 3) + string(rune('甲'+i)), Answer: "電纜已更換 cable"}, "")
			require.NoError(t, err)
			ids = append(ids, v.ID)
		}
		first, err := w.List(w.guest(), voices.Filter{})
		require.NoError(t, err)
		require.Len(t, first.Voices, voices.PageSize)
		second, err := w.List(w.guest(), voices.Filter{Cursor: first.Next})
		require.NoError(t, err)
		require.Len(t, second.Voices, 2)
		require.Empty(t, second.Next)
		var got []string
		for _, v := range append(first.Voices, second.Voices...) {
			got = append(got, v.ID)
		}
		require.ElementsMatch(t, ids, got, "each once")
		for words, n := range map[string]int{"电缆": 2, "電纜 cables": 2, "路": 2, "自來水": 0, "！": 0} { // the last page
			page, err := w.List(w.guest(), voices.Filter{Words: words, Matter: "street-light", District: w.borough(), Cursor: first.Next})
			require.NoError(t, err, words)
			require.Len(t, page.Voices, n, words)
		}
		page, err := w.List(w.guest(), voices.Filter{Matter: "noise-living"})
		require.NoError(t, err)
		require.Empty(t, page.Voices)
		_, err = w.List(w.guest(), voices.Filter{Matter: "nonsense"})
		require.Equal(t, fault.NotFound, fault.KindOf(err))
		_, err = w.List(w.guest(), voices.Filter{Cursor: "AAAA"})
		require.Equal(t, fault.Invalid, fault.KindOf(err))
		_, err = w.Read(w.guest(), "x")
		require.Equal(t, fault.NotFound, fault.KindOf(err))
	})
}
