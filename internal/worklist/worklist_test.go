package worklist_test

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
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
	"minqing/internal/place"
	"minqing/internal/vault"
	"minqing/internal/worklist"
)

// town is the demo city with a handler and a dispatcher.
type town struct {
	*worklist.Service
	queue               *jobs.Queue
	keys                string
	t                   testing.TB
	db                  *db.DB
	cases               *cases.Service
	at                  time.Time
	handler, dispatcher string
	locked              map[string]bool
}

// Names says nothing of anybody.
func (w *town) Names(context.Context, ...string) (map[string]string, error) { return nil, nil }

// Active says who was not locked out.
func (w *town) Active(_ context.Context, id string) (bool, error) { return !w.locked[id], nil }

func newTown(t testing.TB, d *db.DB) *town {
	t.Helper()
	keys := filepath.Join(t.TempDir(), "keys")
	ring, err := vault.CreateRing(keys)
	require.NoError(t, err)
	w := townOn(t, d, ring)
	w.keys = keys
	require.NoError(t, demo.New(w.Catalogue, w.cases.Places).LoadCity(w.system()))
	w.handler, w.dispatcher = w.account(w.Vault), w.account(w.Vault)
	for id, role := range map[string]string{w.handler: "handler", w.dispatcher: "dispatcher"} {
		unit := map[string]string{"handler": "CG03", "dispatcher": "LJ"}[role]
		_, err = w.Access.Give(w.system(), access.Giving{AccountID: id, Role: role, UnitCode: unit, Reason: "test"})
		require.NoError(t, err)
	}
	return w
}

// townOn is a process on a database, which may be another's too.
func townOn(t testing.TB, d *db.DB, ring *vault.Ring) *town {
	t.Helper()
	w := &town{t: t, db: d, at: time.Date(2026, 11, 24, 8, 0, 0, 0, time.UTC), locked: map[string]bool{}}
	clock := func() time.Time { return w.at }
	v, trail := vault.New(d, ring, clock), audit.New(d, clock)
	var err error
	w.queue, err = jobs.New(d, trail, jobs.Options{})
	require.NoError(t, err)
	policies, err := fs.Sub(os.DirFS("../.."), "policies")
	require.NoError(t, err)
	who, err := access.New(d, trail, policies, clock)
	require.NoError(t, err)
	cat, places := catalogue.New(d, trail, clock), place.New(d, trail, clock)
	times, err := clocks.New("CN")
	require.NoError(t, err)
	w.cases = cases.New(cases.Deps{DB: d, Vault: v, Audit: trail, Jobs: w.queue, Catalogue: cat, Places: places, Access: who, Clocks: times,
		Now: clock, Constituents: constituents.New(constituents.Deps{DB: d, Vault: v, Audit: trail, Now: clock, Region: "CN"})})
	w.Service = worklist.New(worklist.Deps{DB: d, Vault: v, Audit: trail, Jobs: w.queue, Access: who, Catalogue: cat, Cases: w.cases, Accounts: w, Now: clock})
	return w
}

func (w *town) system() context.Context { return actor.AsSystem(w.t.Context(), "test") }

func (w *town) as(account string) context.Context {
	return actor.With(w.t.Context(), actor.Actor{Kind: actor.Staff, AccountID: account})
}

func (w *town) account(v *vault.Vault) string {
	w.t.Helper()
	key, row, err := v.Mint(vault.OwnerAccount)
	require.NoError(w.t, err)
	require.NoError(w.t, w.db.InsertAll(w.t.Context(), row.Insert()))
	id := db.NewID(w.at)
	require.NoError(w.t, w.db.From(w.t.Context()).Exec(`INSERT INTO accounts (id, kind, login_index, vault_key_id, email_cipher, locale, status, link_key, created_at)
 VALUES (?, 'staff', ?, ?, ?, 'zh-Hant', 'active', 'k1', ?)`, id, []byte(id), key.ID, []byte{1}, w.at).Error)
	return id
}

func (w *town) file(cmds ...cases.Command) string {
	w.t.Helper()
	r, err := w.cases.File(actor.With(w.t.Context(), actor.Actor{Kind: actor.Anonymous}), cases.Filing{Kind: cases.Complaint, MatterCode: "street-light",
		Title: "路燈不亮", Description: "三天了。", Location: cases.Location{Address: "湖濱路 12 號前"}, Confidentiality: cases.Normal, Locale: "zh-Hant", Channel: cases.ChannelWeb})
	require.NoError(w.t, err)
	for _, cmd := range cmds {
		_, err := w.cases.Act(w.system(), r.CaseNo, 0, cmd)
		require.NoError(w.t, err)
	}
	return r.CaseNo
}

func (w *town) count(where string, args ...any) (n int) {
	w.t.Helper()
	require.NoError(w.t, w.db.From(w.t.Context()).Raw("SELECT count(*) FROM "+where, args...).Scan(&n).Error)
	return n
}

func (w *town) items(run string) map[string]worklist.Item {
	w.t.Helper()
	list, err := w.Items(w.system(), run, "", 0, worklist.Most)
	require.NoError(w.t, err)
	by := map[string]worklist.Item{}
	for _, it := range list {
		by[it.CaseNo] = it
	}
	return by
}

func (w *town) work(run string) error {
	return w.Do(actor.AsSystem(w.t.Context(), "worklist.bulk"), worklist.Work{RunID: run, From: 1, To: worklist.Most + 1})
}

var dispatched = []cases.Command{cases.Accept{}, cases.Dispatch{UnitCode: "CG03"}}

func TestManyAreDoneEachByItsOwnAct(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		ready, changed, wrong, far := w.file(dispatched...), w.file(dispatched...), w.file(append(dispatched, cases.SignIn{})...), w.file()
		me := w.as(w.handler)
		run, err := w.Prepare(me, cases.ActSignIn, nil, []string{ready, changed, wrong, far, "LJ20269999999X", ready}, false)
		require.NoError(t, err)
		before := w.items(run)
		require.Len(t, before, 5, "twice the same is once")
		require.Equal(t, worklist.Waiting, before[ready].State)
		require.Equal(t, "case.action.impossible", before[wrong].Reason)
		require.Equal(t, "case.missing", before[far].Reason, "of another unit: it is not said whether there is one")
		require.Equal(t, "case.missing", before["LJ20269999999X"].Reason)

		require.NoError(t, w.work(run))
		require.Equal(t, before, w.items(run), "nothing is done before it is confirmed")
		_, err = w.cases.Act(w.system(), changed, 0, cases.Note{Text: "meanwhile"})
		require.NoError(t, err)
		require.NoError(t, w.Confirm(me, run))
		require.NoError(t, w.Confirm(me, run))
		require.Equal(t, 1, w.count("river_job WHERE kind = 'worklist.bulk'"), "confirmed twice, it runs once")
		require.Equal(t, 1, w.count("audit_entries WHERE action = 'worklist.bulk' AND account_id = ?", w.handler))
		require.NoError(t, w.work(run))
		after := w.items(run)
		require.Equal(t, worklist.Done, after[ready].State)
		require.Equal(t, "desk.bulk.changed", after[changed].Reason, "who changed it meanwhile is not overwritten")
		v, err := w.cases.View(w.system(), ready)
		require.NoError(t, err)
		require.Equal(t, cases.SignedIn, v.Status)
		require.Equal(t, w.handler, *v.Events[len(v.Events)-1].AccountID)
		v, err = w.cases.View(w.system(), changed)
		require.NoError(t, err)
		require.Equal(t, cases.Dispatched, v.Status)
	})
}

func TestWorkedTwiceOrAtOnceActsOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		var numbers []string
		for range 12 {
			numbers = append(numbers, w.file())
		}
		run, err := w.Prepare(w.as(w.dispatcher), cases.ActNote, worklist.Typed{"text": "看過了"}, numbers, false)
		require.NoError(t, err)
		require.NotContains(t, string(w.raw(run)), "看過了", "what was typed is sealed")
		require.NoError(t, w.Confirm(w.as(w.dispatcher), run))
		broken, stop := context.WithCancel(w.system())
		stop()
		require.ErrorIs(t, w.Do(broken, worklist.Work{RunID: run, From: 1, To: 100}), context.Canceled)
		var both sync.WaitGroup
		errs := make([]error, 2)
		for i := range errs {
			both.Go(func() { errs[i] = w.work(run) })
		}
		both.Wait()
		require.NoError(t, errors.Join(errs...))
		require.NoError(t, w.work(run))
		sums, err := w.Sums(w.system(), run)
		require.NoError(t, err)
		require.Equal(t, map[string]int{worklist.Done: 12}, sums)
		require.Equal(t, 12, w.count("case_events WHERE action = 'note'"))
		require.Equal(t, 12, w.count("audit_entries WHERE action = 'case.note'"))
	})
}

func (w *town) raw(run string) (b []byte) {
	require.NoError(w.t, w.db.From(w.t.Context()).Raw("SELECT facts FROM bulk_runs WHERE id = ?", run).Row().Scan(&b))
	return b
}

func TestARunIsItsOwnersAndNothingMoreThanTheyMay(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		no, other := w.file(dispatched...), w.file()
		_, err := w.Prepare(w.as(w.handler), cases.ActRedispatch, worklist.Typed{"unit_code": "nowhere", "note": "x"}, []string{no}, false)
		require.Equal(t, fault.Invalid, fault.KindOf(err))
		_, err = w.Prepare(w.as(w.handler), cases.ActReply, worklist.Typed{"text": "x"}, []string{no}, false)
		require.Equal(t, fault.NotFound, fault.KindOf(err), "a reply is thought about for each case")
		run, err := w.Prepare(w.as(w.dispatcher), cases.ActAccept, nil, []string{no, other}, false)
		require.NoError(t, err)
		_, _, err = w.Find(w.as(w.handler), run)
		require.Equal(t, fault.NotFound, fault.KindOf(err))
		require.Error(t, w.Confirm(w.as(w.handler), run))
		require.NoError(t, w.Confirm(w.as(w.dispatcher), run))
		w.locked[w.dispatcher] = true
		require.NoError(t, w.work(run))
		require.Equal(t, "access.forbidden", w.items(run)[other].Reason, "locked out between confirming and working")

		w.at = w.at.Add(worklist.Life)
		require.NoError(t, w.Purge(w.system()))
		require.Zero(t, w.count("bulk_runs"))
		require.Zero(t, w.count("bulk_items"))
		require.NoError(t, w.work(run), "the job of a run that is gone ends")
	})
}

func TestAllThatMatchAreTheQueuesOwn(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTown(t, d)
		mine, theirs := w.file(dispatched...), w.file()
		numbers, more, err := w.Matching(w.as(w.handler), cases.Filter{View: cases.ViewOpen})
		require.NoError(t, err)
		require.False(t, more)
		require.Equal(t, []string{mine}, numbers)
		offered, err := w.Offered(w.as(w.handler))
		require.NoError(t, err)
		require.Contains(t, offered, cases.ActSignIn)
		require.NotContains(t, offered, cases.ActAccept)
		_, _, err = w.Matching(w.as(w.handler), cases.Filter{View: cases.ViewOpen, UnitCode: "nowhere"})
		require.Equal(t, fault.Invalid, fault.KindOf(err))
		numbers, _, err = w.Matching(w.as(w.dispatcher), cases.Filter{View: cases.ViewOpen})
		require.NoError(t, err)
		require.ElementsMatch(t, []string{mine, theirs}, numbers)
	})
}
