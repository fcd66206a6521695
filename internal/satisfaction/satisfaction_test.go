package satisfaction_test

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

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
	"minqing/internal/place"
	"minqing/internal/satisfaction"
	"minqing/internal/vault"
)

// town is the demo city with cases that were concluded and may be judged.
type town struct {
	*satisfaction.Service
	t       *testing.T
	db      *db.DB
	cases   *cases.Service
	handler string
	ahead   time.Duration // of now

	catalogue *catalogue.Service
	off       []string // days that are off, beside those of the calendar
}

// now is a Tuesday, half past midnight in the city and still Monday in UTC.
var now = time.Date(2026, 11, 23, 16, 30, 0, 0, time.UTC)

func newTown(t *testing.T, d *db.DB) *town {
	t.Helper()
	w := &town{t: t, db: d}
	clock := func() time.Time { return now.Add(w.ahead) }
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
	w.catalogue = cat
	times, err := clocks.New("CN")
	require.NoError(t, err)
	w.cases = cases.New(cases.Deps{DB: d, Vault: v, Audit: trail, Jobs: queue, Catalogue: cat, Places: places, Access: who, Clocks: times,
		Now: clock, Constituents: constituents.New(constituents.Deps{DB: d, Vault: v, Audit: trail, Now: clock, Region: "CN"})})
	w.Service = satisfaction.New(satisfaction.Deps{DB: d, Cases: w.cases, Vault: v, Audit: trail, Now: clock})
	w.handler = w.account(v)
	_, err = who.Give(w.system(), access.Giving{AccountID: w.handler, Role: "handler", UnitCode: "LJ", Reason: "test"})
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

func (w *town) system() context.Context { return actor.AsSystem(w.t.Context(), "test") }

func (w *town) guest() context.Context {
	return actor.With(w.t.Context(), actor.Actor{Kind: actor.Anonymous})
}

func (w *town) do(no string, cmds ...cases.Command) {
	w.t.Helper()
	for _, cmd := range cmds {
		_, err := w.cases.Act(w.system(), no, 0, cmd)
		require.NoError(w.t, err, "%s", cmd.Action())
	}
}

func (w *town) file(secrecy cases.Confidentiality) cases.Key {
	w.t.Helper()
	r, err := w.cases.File(w.guest(), cases.Filing{Kind: cases.Complaint, MatterCode: "street-light", Title: "路燈不亮", Description: "三天了。",
		Location: cases.Location{Address: "湖濱路 12 號前"}, Confidentiality: secrecy, Locale: "zh-Hant", Channel: cases.ChannelWeb})
	require.NoError(w.t, err)
	return cases.Key{CaseNo: r.CaseNo, QueryCode: r.QueryCode}
}

// concluded is a case whose result waits for judgement.
func (w *town) concluded(secrecy cases.Confidentiality) cases.Key {
	w.t.Helper()
	k := w.file(secrecy)
	w.do(k.CaseNo, cases.Accept{}, cases.Dispatch{}, cases.SignIn{}, cases.Assign{HandlerID: w.handler}, cases.Reply{Text: "修好了。"}, cases.Conclude{Outcome: cases.Resolved})
	return k
}

func (w *town) the(k cases.Key) *cases.Case {
	w.t.Helper()
	v, err := w.cases.Track(w.guest(), k)
	require.NoError(w.t, err)
	return &v.Case
}

func (w *town) count(where string, args ...any) (n int) {
	w.t.Helper()
	require.NoError(w.t, w.db.From(w.t.Context()).Raw("SELECT count(*) FROM "+where, args...).Scan(&n).Error)
	return n
}

func good() satisfaction.Judgement {
	return satisfaction.Judgement{Grade: 4, Resolved: "yes", Reasons: []string{"fast", "polite"}, Comment: "謝謝\r\n大家", Channel: "link"}
}

func TestOneAnswerForEachConclusion(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		k := w.concluded(cases.Normal)
		link := w.cases.EvaluationToken(w.the(k))
		var stored atomic.Int32
		var all sync.WaitGroup
		for range 4 { // pressed again and again
			all.Go(func() {
				err := w.ByLink(w.guest(), link, good())
				if err == nil {
					stored.Add(1)
				} else if fault.KindOf(err) != fault.Conflict {
					t.Errorf("judged twice: %v", err)
				}
			})
		}
		all.Wait()
		require.EqualValues(t, 1, stored.Load())
		require.Equal(t, 1, w.count("evaluations"))
		require.Equal(t, 1, w.count("audit_entries WHERE action = 'case.evaluate' AND object_id = ?", k.CaseNo))
		require.ErrorContains(t, w.ByKey(w.guest(), k, good()), "satisfaction.used")
		_, err := w.Open(w.guest(), link)
		require.ErrorContains(t, err, "satisfaction.used")
		e, err := w.Of(w.guest(), w.the(k))
		require.NoError(t, err)
		require.Equal(t, []any{4, "yes", `["fast","polite"]`, "謝謝\n大家", "link", "2026-11-24"},
			[]any{e.Grade, e.Resolved, strings.ReplaceAll(e.Reasons, ", ", ","), e.Comment, e.Channel, e.EvaluatedOn.String()}, "the day is the city's, not UTC's")

		w.do(k.CaseNo, cases.Rework{Reason: "又壞了。"})
		_, err = w.Open(w.guest(), link)
		require.Equal(t, fault.NotFound, fault.KindOf(err), "what was taken back is not judged")
		w.do(k.CaseNo, cases.Reply{Text: "再修好了。"}, cases.Conclude{Outcome: cases.Resolved})
		e, err = w.Of(w.guest(), w.the(k))
		require.NoError(t, err)
		require.Nil(t, e, "the new result is not judged yet")
		second := w.cases.EvaluationToken(w.the(k))
		require.NotEqual(t, link, second)
		require.Equal(t, fault.NotFound, fault.KindOf(w.ByLink(w.guest(), link, good())), "the old link is superseded")
		require.NoError(t, w.ByLink(w.guest(), second, good()))
		require.Equal(t, 2, w.count("evaluations"))
	})
}

func TestOnlyThePersonJudgesAndOnlyAResult(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		open, done := w.file(cases.Normal), w.concluded(cases.Normal)
		require.ErrorContains(t, w.ByKey(w.guest(), open, good()), "satisfaction.too_early")
		staff := actor.With(t.Context(), actor.Actor{Kind: actor.Staff, AccountID: w.handler})
		require.Equal(t, fault.Forbidden, fault.KindOf(w.ByKey(staff, done, good())))
		require.Equal(t, fault.Forbidden, fault.KindOf(w.ByLink(staff, w.cases.EvaluationToken(w.the(done)), good())))
		for _, wrong := range []cases.Key{{CaseNo: done.CaseNo, QueryCode: open.QueryCode}, {CaseNo: done.CaseNo}, {CaseNo: "x", QueryCode: "y"}} {
			require.Equal(t, fault.NotFound, fault.KindOf(w.ByKey(w.guest(), wrong, good())), wrong)
		}
		for _, link := range []string{"", "-", done.CaseNo, done.CaseNo + "-AAAA", w.cases.EvaluationToken(w.the(done)) + "A"} {
			require.Equal(t, fault.NotFound, fault.KindOf(w.ByLink(w.guest(), link, good())), link)
		}
		require.Zero(t, w.count("evaluations"))
		require.NoError(t, w.ByKey(w.guest(), done, satisfaction.Judgement{Grade: 1, Resolved: "no", Channel: "web"}))
		e, err := w.Of(w.guest(), w.the(done))
		require.NoError(t, err)
		require.Equal(t, "[]", e.Reasons, "no reasons are an empty list")
	})
}

func TestTheCommentOfASealedCaseIsNotStoredReadable(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		k := w.concluded(cases.AnonymousFiler)
		j := good()
		j.Comment = "只有我知道的事"
		require.NoError(t, w.ByKey(w.guest(), k, j))
		require.Equal(t, 1, w.count("evaluations WHERE comment = '' AND comment_cipher IS NOT NULL"))
		e, err := w.Of(w.guest(), w.the(k))
		require.NoError(t, err)
		require.Equal(t, j.Comment, e.Comment)
		require.Zero(t, w.count("audit_entries WHERE CAST(changes AS text) LIKE '%只有%'"))
		plain := w.concluded(cases.Normal)
		require.NoError(t, w.ByKey(w.guest(), plain, j))
		require.Equal(t, 1, w.count("evaluations WHERE comment = ?", j.Comment))
	})
}

func TestWhatNobodyHasJudgedIsListedInItsOrder(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		first, open, judged, again := w.concluded(cases.Normal), w.file(cases.Normal), w.concluded(cases.Normal), w.concluded(cases.Normal)
		require.NoError(t, w.ByKey(w.guest(), judged, good()))
		require.NoError(t, w.ByKey(w.guest(), again, good()))
		w.do(again.CaseNo, cases.Rework{Reason: "又壞了。"}, cases.Reply{Text: "修好了。"}, cases.Conclude{Outcome: cases.Resolved})
		list := []cases.Case{*w.the(again), *w.the(open), *w.the(judged), *w.the(first)}
		left := satisfaction.Unjudged(list)
		require.Len(t, left, 2)
		require.Equal(t, []string{again.CaseNo, first.CaseNo}, []string{left[0].CaseNo, left[1].CaseNo})
		require.Empty(t, satisfaction.Unjudged(list[1:2]))
	})
}

func TestManyJudgementsAreStoredTogetherOrNotAtAll(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		one, two := w.the(w.concluded(cases.Normal)), w.the(w.concluded(cases.Normal))
		of := func(c *cases.Case) satisfaction.Evaluation {
			return satisfaction.Evaluation{ID: db.NewID(now), CaseID: c.ID, ConclusionNo: c.ConclusionNo, Grade: 5, Resolved: "yes", Reasons: "[]",
				Channel: "link", FormVersion: satisfaction.FormVersion, EvaluatedAt: now, EvaluatedOn: c.ReceivedOn}
		}
		require.NoError(t, w.InsertMany(w.system(), []satisfaction.Evaluation{of(one)}))
		err := w.InsertMany(w.system(), []satisfaction.Evaluation{of(two), of(one)})
		require.Equal(t, fault.Conflict, fault.KindOf(err), "%v", err)
		require.Equal(t, 1, w.count("evaluations"), "the good one went with the bad one")
	})
}

// A judgement is taken just when each of its parts is one that the form offers.
func TestAJudgementIsWhatTheFormOffers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		j := satisfaction.Judgement{Grade: rapid.IntRange(-1, 7).Draw(t, "grade"), Resolved: rapid.SampledFrom([]string{"yes", "partly", "no", "", "maybe"}).Draw(t, "resolved"),
			Reasons: rapid.SliceOfN(rapid.SampledFrom(append([]string{"rude", ""}, satisfaction.Reasons...)), 0, 4).Draw(t, "reasons"),
			Comment: strings.Repeat("好", rapid.SampledFrom([]int{0, 1, satisfaction.CommentMost, satisfaction.CommentMost + 1}).Draw(t, "length"))}
		want := map[string]bool{"grade": j.Grade < 1 || j.Grade > 5, "resolved": j.Resolved == "" || j.Resolved == "maybe",
			"comment": utf8.RuneCountInString(j.Comment) > satisfaction.CommentMost}
		for _, r := range j.Reasons {
			want["reasons"] = want["reasons"] || r == "rude" || r == ""
		}
		got := map[string]bool{}
		if e, ok := fault.As(j.Validate()); ok {
			for _, f := range e.Fields {
				got[f.Name] = true
			}
		}
		for _, field := range []string{"grade", "resolved", "comment", "reasons"} {
			require.Equal(t, want[field], got[field], field)
		}
	})
}
