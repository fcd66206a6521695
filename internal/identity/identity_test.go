package identity_test

import (
	"context"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing"
	"minqing/internal/access"
	"minqing/internal/actor"
	"minqing/internal/audit"
	"minqing/internal/constituents"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/fault"
	"minqing/internal/identity"
	"minqing/internal/vault"
)

const good = "correct horse 電池"

// house is the service over a database of its own, with a clock to turn.
type house struct {
	t      testing.TB
	d      *db.DB
	v      *vault.Vault
	mu     sync.Mutex
	at     time.Time
	s      *identity.Service
	people *constituents.Service
	sent   []string // ids of accounts that were sent a link
	asked  []string // ids of steps and resets to send
	told   []identity.Change

	enrolled []string // ids of registrations
	later    bool     // jobs wait
}

func (h *house) now() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.at
}

func (h *house) pass(d time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.at = h.at.Add(d)
}

// Enrol does the job at once.
func (h *house) Enrol(ctx context.Context, id string) error {
	h.enrolled = append(h.enrolled, id)
	if h.later {
		return nil
	}
	return h.s.Enrol(ctx, id)
}

// ConfirmAccount stands for the package that sends messages.
func (h *house) ConfirmAccount(_ context.Context, id string) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.sent = append(h.sent, id)
	return nil
}

// SendStep, SendReset and Changed keep what was to be sent.
func (h *house) SendStep(_ context.Context, id string) error {
	h.asked = append(h.asked, id)
	return nil
}

func (h *house) SendReset(_ context.Context, id string) error {
	h.asked = append(h.asked, id)
	return nil
}

func (h *house) Changed(_ context.Context, _ string, what identity.Change) error {
	h.told = append(h.told, what)
	return nil
}

func open(t testing.TB, d *db.DB) *house {
	h := &house{t: t, d: d, at: time.Date(2026, 3, 2, 1, 0, 0, 0, time.UTC)}
	ring, err := vault.CreateRing(filepath.Join(t.TempDir(), "keys.json"))
	require.NoError(t, err)
	h.v = vault.New(d, ring, h.now)
	h.s = h.node(identity.Options{})
	for _, u := range [][2]string{{"LJ/", "LJ"}, {"LJ/CG/", "CG"}, {"LJ/CG/CG01/", "CG01"}} {
		require.NoError(t, d.From(system()).Exec("INSERT INTO units (id, code, name, path, kind, valid_from) VALUES (?, ?, '{}', ?, 'section', '2026-01-01')",
			db.NewID(h.at), u[1], u[0]).Error)
	}
	return h
}

// node is the service on another machine over the same database.
func (h *house) node(o identity.Options) *identity.Service {
	trail := audit.New(h.d, h.now)
	policies, err := fs.Sub(minqing.Files, "policies")
	require.NoError(h.t, err)
	rights, err := access.New(h.d, trail, policies, h.now)
	require.NoError(h.t, err)
	h.people = constituents.New(constituents.Deps{DB: h.d, Vault: h.v, Audit: trail, Now: h.now})
	s, err := identity.New(identity.Deps{DB: h.d, Vault: h.v, Audit: trail, Access: rights, Constituents: h.people, Now: h.now}, o)
	require.NoError(h.t, err)
	s.SendBy(h)
	s.TextBy(h)
	return s
}

func system() context.Context { return actor.AsSystem(context.Background(), "test") }

// visitor is somebody at a network address.
func visitor(ip string) context.Context {
	return actor.With(context.Background(), actor.Actor{Kind: actor.Anonymous, IP: ip})
}

func (h *house) staff(email string) string {
	id, err := h.s.CreateStaff(system(), identity.NewAccount{Email: email, Name: "陳志強", Password: good, UnitCode: "CG01"})
	require.NoError(h.t, err)
	return id
}

func (h *house) text(query string, args ...any) []string {
	var out []string
	require.NoError(h.t, h.d.From(context.Background()).Raw(query, args...).Scan(&out).Error)
	return out
}

func TestSigningInOpensASessionThatKnowsWhoItIs(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := open(t, d)
		id := h.staff("Chen@LJ.test")
		token, account, err := h.s.SignIn(visitor("192.0.2.1"), " chen@lj.TEST ", good)
		require.NoError(t, err)
		require.Equal(t, id, account.ID)
		who, name, err := h.s.Resolve(context.Background(), token)
		require.NoError(t, err)
		require.Equal(t, "陳志強", name)
		require.Equal(t, actor.Staff, who.Kind)
		require.Equal(t, account.UnitID, who.UnitID)
		require.NotEmpty(t, who.SessionID)

		again, _, err := h.s.SignIn(actor.With(visitor("192.0.2.1"), who), "chen@lj.test", good)
		require.NoError(t, err)
		require.NotEqual(t, token, again, "a new token at each sign-in")
		_, _, err = h.s.Resolve(context.Background(), token)
		require.Equal(t, fault.Unauthenticated, fault.KindOf(err), "the old session is over")

		who, _, err = h.s.Resolve(context.Background(), again)
		require.NoError(t, err)
		require.NoError(t, h.s.SignOut(actor.With(context.Background(), who)))
		_, _, err = h.s.Resolve(context.Background(), again)
		require.Equal(t, fault.Unauthenticated, fault.KindOf(err))
		require.Equal(t, []string{"identity.account_create", "identity.sign_in", "identity.sign_in", "identity.sign_out"},
			h.text("SELECT action FROM audit_entries WHERE object_id = ? ORDER BY id", id))
	})
}

func TestARefusalNeverTellsWhoHasAnAccount(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := open(t, d)
		h.staff("chen@lj.test")
		require.NoError(t, h.s.RegisterCitizen(visitor(""), identity.NewAccount{Email: "new@lj.test", Password: good}))
		var first string
		for _, try := range [][2]string{{"chen@lj.test", "wrong"}, {"nobody@lj.test", good}, {"new@lj.test", good}, {"no address", good}} {
			for n := range 7 { // the last ones meet a lock
				_, _, err := h.s.SignIn(visitor(""), try[0], try[1])
				require.Error(t, err, "%v %d", try, n)
				if first == "" {
					first = err.Error()
				}
				require.Equal(t, first, err.Error())
			}
		}
		var counts []int64
		require.NoError(t, d.From(system()).Raw("SELECT locks FROM sign_in_counts WHERE locked_until IS NOT NULL").Scan(&counts).Error)
		require.Equal(t, []int64{1, 1, 1, 1}, counts, "who does not exist is locked alike")
		for _, id := range h.text("SELECT object_id FROM audit_entries WHERE action = 'identity.sign_in_refused'") {
			require.NotContains(t, id, "@")
		}
	})
}

func TestALockGrowsAndEndsByItself(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := open(t, d)
		h.staff("chen@lj.test")
		for _, lock := range []time.Duration{15 * time.Minute, 30 * time.Minute} {
			for range 5 {
				_, _, err := h.s.SignIn(visitor(""), "chen@lj.test", "wrong")
				require.Error(t, err)
			}
			h.pass(lock - time.Second)
			_, _, err := h.s.SignIn(visitor(""), "chen@lj.test", good)
			require.Error(t, err, "locked even for the right password")
			h.pass(2 * time.Second)
		}
		_, _, err := h.s.SignIn(visitor(""), "chen@lj.test", good)
		require.NoError(t, err)
		require.Empty(t, h.text("SELECT CAST(locks AS text) FROM sign_in_counts"))
	})
}

func TestOneAddressCannotTryManyNames(t *testing.T) {
	h := open(t, dbtest.New(t))
	h.staff("chen@lj.test")
	for n := range 30 {
		_, _, err := h.s.SignIn(visitor("2001:db8::1"), string(rune('a'+n))+"@lj.test", "wrong")
		require.Equal(t, fault.Invalid, fault.KindOf(err))
	}
	_, _, err := h.s.SignIn(visitor("2001:db8::2"), "chen@lj.test", good)
	require.Equal(t, fault.Throttled, fault.KindOf(err), "the whole household's network waits")
	_, _, err = h.s.SignIn(visitor("2001:db8:0:1::2"), "chen@lj.test", good)
	require.NoError(t, err, "the neighbour does not")
	h.pass(16 * time.Minute)
	_, _, err = h.s.SignIn(visitor("2001:db8::2"), "chen@lj.test", good)
	require.NoError(t, err)
}

func TestASessionEndsWhenIdleAndAfterTwelveHours(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := open(t, d)
		h.staff("chen@lj.test")
		_, err := h.s.CreateCitizen(system(), identity.NewAccount{Email: "li@lj.test", Name: "李四", Password: good})
		require.NoError(t, err)
		for email, idle := range map[string]time.Duration{"chen@lj.test": 15 * time.Minute, "li@lj.test": 30 * time.Minute} {
			alive := func(token string) bool {
				_, _, err := h.s.Resolve(context.Background(), token)
				if err != nil {
					require.Equal(t, fault.Unauthenticated, fault.KindOf(err))
				}
				return err == nil
			}
			token, _, err := h.s.SignIn(visitor(""), email, good)
			require.NoError(t, err)
			h.pass(idle - time.Second)
			require.True(t, alive(token), email)
			h.pass(idle - time.Second)
			require.True(t, alive(token), "used since")
			h.pass(2 * time.Second)
			require.True(t, alive(token), "counted from the last use")
			h.pass(idle)
			require.False(t, alive(token), email)

			token, _, err = h.s.SignIn(visitor(""), email, good)
			require.NoError(t, err)
			for range 12*6 - 1 {
				h.pass(10 * time.Minute)
				require.True(t, alive(token), email)
			}
			h.pass(10 * time.Minute)
			require.False(t, alive(token), "twelve hours are over")
		}
		require.NoError(t, h.s.Sweep(system()))
		require.Empty(t, h.text("SELECT CAST(account_id AS text) FROM sessions"))
	})
}

// TestAnOpenPageAloneKeepsNoSession: a case page asks for its stream again and
// again by itself, also when nobody sits in front of it.
func TestAnOpenPageAloneKeepsNoSession(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := open(t, d)
		h.staff("chen@lj.test")
		token, _, err := h.s.SignIn(visitor(""), "chen@lj.test", good)
		require.NoError(t, err)
		asks := func(accept string) (kind actor.Kind) {
			r := httptest.NewRequest(http.MethodGet, "/desk/cases/LJ1/live", nil)
			r.Header.Set("Accept", accept)
			r.AddCookie(h.s.Cookie(token))
			h.s.Wrap(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				who, _, err := h.s.Visitor(r.Context())
				require.NoError(t, err)
				kind = who.Kind
			})).ServeHTTP(httptest.NewRecorder(), r)
			return kind
		}
		for range 14 {
			h.pass(time.Minute)
			require.Equal(t, actor.Staff, asks("text/event-stream"))
		}
		require.Equal(t, actor.Staff, asks("text/html"), "somebody comes back in time")
		for range 14 {
			h.pass(time.Minute)
			require.Equal(t, actor.Staff, asks("text/event-stream"))
		}
		h.pass(time.Minute)
		require.Equal(t, actor.Anonymous, asks("text/event-stream"))
		require.Equal(t, actor.Anonymous, asks("text/html"))
	})
}

func TestASessionEndedElsewhereEndsHereWithinSeconds(t *testing.T) {
	h := open(t, dbtest.New(t))
	h.staff("chen@lj.test")
	token, _, err := h.s.SignIn(visitor(""), "chen@lj.test", good)
	require.NoError(t, err)
	here := h.node(identity.Options{})
	_, _, err = here.Resolve(context.Background(), token)
	require.NoError(t, err)
	require.NoError(t, h.s.SetPassword(system(), "chen@lj.test", good+"!"))
	h.pass(5 * time.Second)
	_, _, err = here.Resolve(context.Background(), token)
	require.Equal(t, fault.Unauthenticated, fault.KindOf(err))
	_, _, err = h.s.SignIn(visitor(""), "chen@lj.test", good)
	require.Error(t, err)
	_, _, err = h.s.SignIn(visitor(""), "chen@lj.test", good+"!")
	require.NoError(t, err)
}

func TestRequestsWithinSecondsAskTheDatabaseOnce(t *testing.T) {
	queries := 0
	h := open(t, dbtest.New(t, func(o *db.Options) { o.OnQuery = func() { queries++ } }))
	h.staff("chen@lj.test")
	token, _, err := h.s.SignIn(visitor(""), "chen@lj.test", good)
	require.NoError(t, err)
	_, _, err = h.s.Resolve(context.Background(), token)
	require.NoError(t, err)
	before := queries
	for range 3 {
		h.pass(time.Second)
		_, _, err = h.s.Resolve(context.Background(), token)
		require.NoError(t, err)
	}
	require.Equal(t, before, queries)
	h.pass(2 * time.Second)
	_, _, err = h.s.Resolve(context.Background(), token)
	require.NoError(t, err)
	require.Equal(t, before+1, queries, "one indexed read")
}

func TestAPasswordMustBeHardToGuess(t *testing.T) {
	h := open(t, dbtest.New(t))
	for _, p := range []string{"", "short", "aaaaaaaaaaaaaa", "xchen.wei-2026", strings.Repeat("長", 201)} {
		_, err := h.s.CreateStaff(system(), identity.NewAccount{Email: "chen.wei@lj.test", Password: p})
		require.Equal(t, fault.Invalid, fault.KindOf(err), p)
	}
	require.NoError(t, h.d.From(system()).Exec(`UPDATE units SET name = '{"en":"Greenharbour City","zh-Hant":"綠港市政府"}' WHERE parent_id IS NULL AND code = 'LJ'`).Error)
	for p, why := range map[string]string{"aaaaaaaaaaaaaa": "easy", "xchen.wei-2026": "named", "woaini1314520": "common", "Greenharbour-2026!": "common", "綠港市政府綠港市政府": "common"} {
		_, err := h.s.CreateStaff(system(), identity.NewAccount{Email: "chen.wei@lj.test", Password: p})
		e, ok := fault.As(err)
		require.True(t, ok && len(e.Fields) == 1, p)
		require.Equal(t, "identity.password."+why, e.Fields[0].Key, p)
	}
	h.staff("chen.wei@lj.test")
	_, err := h.s.CreateStaff(system(), identity.NewAccount{Email: "CHEN.wei@lj.test", Password: good})
	require.Equal(t, fault.Conflict, fault.KindOf(err))
	_, err = h.s.CreateStaff(system(), identity.NewAccount{Email: "a@lj.test", Password: good, UnitCode: "nowhere"})
	require.Equal(t, fault.Invalid, fault.KindOf(err))
}
