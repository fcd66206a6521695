package access_test

import (
	"context"
	"fmt"
	"io/fs"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing"
	"minqing/internal/access"
	"minqing/internal/actor"
	"minqing/internal/audit"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/fault"
)

var start = time.Date(2026, 3, 2, 1, 0, 0, 0, time.UTC)

// world is a database with units and accounts, and a clock to turn.
type world struct {
	t   testing.TB
	d   *db.DB
	s   *access.Service
	now time.Time
}

func newWorld(t testing.TB, d *db.DB) *world {
	w := &world{t: t, d: d, now: start}
	w.s = w.another()
	return w
}

// another is the service of another node on the same database.
func (w *world) another() *access.Service {
	clock := func() time.Time { return w.now }
	s, err := access.New(w.d, audit.New(w.d, clock), policies(w.t), clock)
	require.NoError(w.t, err)
	return s
}

func policies(t testing.TB) fs.FS {
	files, err := fs.Sub(minqing.Files, "policies")
	require.NoError(t, err)
	return files
}

func (w *world) exec(query string, args ...any) {
	require.NoError(w.t, w.d.From(context.Background()).Exec(query, args...).Error)
}

// unit adds a unit by its path, "LJ/CG/".
func (w *world) unit(path, code string) {
	w.exec("INSERT INTO units (id, code, name, path, kind, valid_from) VALUES (?, ?, '{}', ?, 'section', '2026-01-01')", db.NewID(w.now), code, path)
}

func (w *world) account() string {
	id, key := db.NewID(w.now), db.NewID(w.now)
	w.exec("INSERT INTO vault_keys (id, owner_kind, suite, ring_key, created_at) VALUES (?, 'account', 'aes256gcm', 'k1', ?)", key, w.now)
	w.exec(`INSERT INTO accounts (id, kind, login_index, vault_key_id, email_cipher, locale, status, link_key, created_at)
 VALUES (?, 'staff', ?, ?, ?, 'zh-Hant', 'active', 'k1', ?)`, id, []byte(id), key, []byte{1}, w.now)
	return id
}

func (w *world) give(account, role, unit string) string {
	id, err := w.s.Give(system(), access.Giving{AccountID: account, Role: role, UnitCode: unit, Reason: "test"})
	require.NoError(w.t, err)
	return id
}

func system() context.Context { return actor.AsSystem(context.Background(), "test") }

func as(account string) context.Context {
	return actor.With(context.Background(), actor.Actor{Kind: actor.Staff, AccountID: account})
}

func small(t *testing.T, d *db.DB) *world {
	w := newWorld(t, d)
	w.unit("LJ/", "LJ")
	w.unit("LJ/CG/", "CG")
	w.unit("LJ/CG/CG01/", "CG01")
	w.unit("LJ/CG/CG02/", "CG02")
	return w
}

func TestARouteAsksForTheVerbAnywhere(t *testing.T) {
	w := small(t, dbtest.New(t))
	handler := w.account()
	w.give(handler, "handler", "CG01")
	citizen := actor.With(context.Background(), actor.Actor{Kind: actor.Citizen, AccountID: w.account()})
	stranger := actor.With(context.Background(), actor.Actor{Kind: actor.Anonymous})
	for _, c := range []struct {
		who  context.Context
		verb access.Verb
		want fault.Kind
		ok   bool
	}{
		{stranger, access.Public, 0, true},
		{stranger, access.SignedIn, fault.Unauthenticated, false},
		{stranger, access.CaseRead, fault.Unauthenticated, false},
		{citizen, access.SignedIn, 0, true},
		{citizen, access.OwnRead, 0, true},
		{citizen, access.DeskEnter, fault.Forbidden, false},
		{as(handler), access.CaseReply, 0, true},
		{as(handler), access.DeskEnter, 0, true},
		{as(handler), access.CaseDispatch, fault.Forbidden, false},
		{as(handler), access.AccessGrant, fault.Forbidden, false},
		{system(), access.AccessGrant, 0, true},
	} {
		err := w.s.Can(c.who, c.verb)
		if c.ok {
			require.NoError(t, err, "%s", c.verb)
			continue
		}
		require.Equal(t, c.want, fault.KindOf(err), "%s", c.verb)
	}
}

func TestARevokedGrantIsGoneOnEveryNodeWithinSeconds(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := small(t, d)
		who := w.account()
		grant := w.give(who, "handler", "CG01")
		other := w.another()
		require.NoError(t, w.s.Can(as(who), access.CaseReply))
		require.NoError(t, other.Can(as(who), access.CaseReply))
		require.NoError(t, w.s.Take(system(), grant, "moved"))
		require.Error(t, w.s.Can(as(who), access.CaseReply), "at once where it was taken")
		w.now = w.now.Add(5 * time.Second)
		require.Error(t, other.Can(as(who), access.CaseReply), "soon everywhere else")
		require.NoError(t, w.s.Take(system(), grant, "again"), "taking twice does no harm")

		var actions []string
		require.NoError(t, d.From(system()).Raw("SELECT action FROM audit_entries WHERE object_id = ? ORDER BY id", who).Scan(&actions).Error)
		require.Equal(t, []string{"access.give", "access.take"}, actions)
	})
}

func TestAGrantCountsBetweenItsDatesOnly(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := small(t, d)
		who := w.account()
		until := start.Add(2 * time.Hour)
		_, err := w.s.Give(system(), access.Giving{AccountID: who, Role: "handler", UnitCode: "CG01", From: start.Add(time.Hour), Until: &until})
		require.NoError(t, err)
		require.Error(t, w.s.Can(as(who), access.CaseReply))
		w.now = start.Add(time.Hour)
		require.NoError(t, w.s.Can(as(who), access.CaseReply))
		w.now = until
		require.Error(t, w.s.Can(as(who), access.CaseReply))
	})
}

func TestNobodyGrantsToThemselvesOrOutsideTheirUnits(t *testing.T) {
	w := small(t, dbtest.New(t))
	admin, clerk := w.account(), w.account()
	w.give(admin, "security_admin", "CG")
	ask := func(g access.Giving) fault.Kind {
		_, err := w.s.Give(as(admin), g)
		if err == nil {
			return -1
		}
		return fault.KindOf(err)
	}
	require.EqualValues(t, -1, ask(access.Giving{AccountID: clerk, Role: "handler", UnitCode: "CG01"}))
	require.Equal(t, fault.Forbidden, ask(access.Giving{AccountID: admin, Role: "handler", UnitCode: "CG01"}))
	require.Equal(t, fault.Forbidden, ask(access.Giving{AccountID: clerk, Role: "handler", UnitCode: "LJ"}))
	require.Equal(t, fault.Invalid, ask(access.Giving{AccountID: clerk, Role: "king", UnitCode: "CG01"}))
	require.Equal(t, fault.Invalid, ask(access.Giving{AccountID: clerk, Role: "handler", UnitCode: "nowhere"}))
	early := start.Add(-time.Hour)
	require.Equal(t, fault.Invalid, ask(access.Giving{AccountID: clerk, Role: "handler", UnitCode: "CG01", Until: &early}))
	_, err := w.s.Give(as(clerk), access.Giving{AccountID: admin, Role: "handler", UnitCode: "CG01"})
	require.Equal(t, fault.Forbidden, fault.KindOf(err))
}

func TestGivingTheSameTwiceKeepsOneGrant(t *testing.T) {
	w := small(t, dbtest.New(t))
	who := w.account()
	require.Equal(t, w.give(who, "handler", "CG01"), w.give(who, "handler", "CG01"))
	grants, err := w.s.Grants(context.Background(), who)
	require.NoError(t, err)
	require.Len(t, grants, 1)
}

func TestHoldersAreThoseWhoseGrantsReachTheUnit(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := small(t, d)
		one, head, next, reader := w.account(), w.account(), w.account(), w.account()
		w.give(one, "handler", "CG01")
		w.give(head, "head", "CG")
		w.give(next, "handler", "CG02")
		w.give(reader, "official", "LJ")
		holders, err := w.s.Holders(context.Background(), access.CaseReply, "LJ/CG/CG01/")
		require.NoError(t, err)
		require.ElementsMatch(t, []string{one, head}, holders)
		yes, err := w.s.Handles(context.Background(), head, "LJ/CG/CG02/")
		require.NoError(t, err)
		require.True(t, yes)
		yes, err = w.s.Handles(context.Background(), one, "LJ/CG/CG02/")
		require.NoError(t, err)
		require.False(t, yes)
	})
}

func TestAComplaintAboutOnesOwnUnitIsOutOfReach(t *testing.T) {
	w := small(t, dbtest.New(t))
	handler, supervisor := w.account(), w.account()
	w.give(handler, "handler", "CG01")
	w.give(supervisor, "supervisor", "LJ")
	for about, allowed := range map[string]bool{"LJ/CG/CG01/": false, "LJ/CG/": false, "LJ/": true, "LJ/CG/CG02/": true} {
		err := w.s.CanOn(as(handler), access.CaseRead, access.Object{UnitPaths: []string{"LJ/CG/CG01/"}, SubjectPaths: []string{about}})
		require.Equal(t, allowed, err == nil, fmt.Sprint("handler, about ", about))
		err = w.s.CanOn(as(supervisor), access.CaseRead, access.Object{UnitPaths: []string{"LJ/CG/CG01/"}, SubjectPaths: []string{about}})
		require.NoError(t, err, "supervisor, about "+about)
	}
}
