package enterprises_test

import (
	"context"
	"io/fs"
	"path/filepath"
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
	"minqing/internal/enterprises"
	"minqing/internal/identity"
	"minqing/internal/vault"
)

// house is the service over a database of its own, with a clock to turn.
type house struct {
	*enterprises.Service
	t      *testing.T
	d      *db.DB
	v      *vault.Vault
	people *identity.Service
	known  *constituents.Service

	mu sync.Mutex
	at time.Time
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

func system() context.Context { return actor.AsSystem(context.Background(), "test") }

func newHouse(t *testing.T, d *db.DB) *house {
	h := &house{t: t, d: d, at: time.Date(2026, 11, 24, 1, 0, 0, 0, time.UTC)}
	ring, err := vault.CreateRing(filepath.Join(t.TempDir(), "keys.json"))
	require.NoError(t, err)
	h.v = vault.New(d, ring, h.now)
	trail := audit.New(d, h.now)
	policies, err := fs.Sub(minqing.Files, "policies")
	require.NoError(t, err)
	rights, err := access.New(d, trail, policies, h.now)
	require.NoError(t, err)
	h.known = constituents.New(constituents.Deps{DB: d, Vault: h.v, Audit: trail, Now: h.now, Region: "CN"})
	h.people, err = identity.New(identity.Deps{DB: d, Vault: h.v, Audit: trail, Access: rights, Constituents: h.known, Now: h.now}, identity.Options{})
	require.NoError(t, err)
	zone, err := time.LoadLocation("Asia/Shanghai")
	require.NoError(t, err)
	h.Service = enterprises.New(enterprises.Deps{DB: d, Vault: h.v, Audit: trail, Constituents: h.known, Access: rights, Zone: zone, Now: h.now})
	return h
}

const password = "correct horse 電池"

// person makes an account with a session and gives the context in which it acts.
func (h *house) person(name string) context.Context {
	h.t.Helper()
	id, err := h.people.CreateCitizen(system(), identity.NewAccount{Email: name + "@example.org", Name: name, Password: password, Locale: "en"})
	require.NoError(h.t, err)
	who, err := h.people.ByEmail(h.t.Context(), name+"@example.org")
	require.NoError(h.t, err)
	session := db.NewID(h.now())
	require.NoError(h.t, h.d.From(system()).Exec("INSERT INTO sessions (id, token_hash, account_id, created_at, seen_at, expires_at) VALUES (?, ?, ?, ?, ?, ?)",
		session, []byte(session), id, h.now(), h.now(), h.now().Add(time.Hour)).Error)
	return actor.With(context.Background(), actor.Actor{Kind: actor.Citizen, AccountID: id, ConstituentID: who.ConstituentID, SessionID: session, Locale: "en"})
}

var lechuan = enterprises.Registered{Kind: constituents.USCC, Code: "91310115MA1K00007Q", Name: "臨江樂川食品有限公司", State: enterprises.Active, Mail: "office@lechuan.example"}

// owned makes an enterprise of its first owner.
func (h *house) owned(owner context.Context) string {
	h.t.Helper()
	id, err := h.Establish(system(), lechuan, actor.From(owner).AccountID, "zh-Hans")
	require.NoError(h.t, err)
	return id
}

func (h *house) count(query string, args ...any) (n int64) {
	h.t.Helper()
	require.NoError(h.t, h.d.From(system()).Raw("SELECT count(*) FROM "+query, args...).Scan(&n).Error)
	return n
}
