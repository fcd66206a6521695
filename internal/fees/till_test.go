package fees_test

import (
	"context"
	"fmt"
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
	"minqing/internal/calendar"
	"minqing/internal/catalogue"
	"minqing/internal/constituents"
	"minqing/internal/db"
	"minqing/internal/fault"
	"minqing/internal/fees"
	"minqing/internal/i18n"
	"minqing/internal/jobs"
	"minqing/internal/vault"
)

// start is a Tuesday, 16:00 in the city.
var start = time.Date(2026, 11, 24, 8, 0, 0, 0, time.UTC)

var zone = time.FixedZone("CST", 8*3600)

// till is the fees of a government of three units, on one database.
type till struct {
	*fees.Service
	t      *testing.T
	d      *db.DB
	bank   *bank
	person string
	n      int
	in     context.Context // of the transaction that a test has open; nil: none

	mu sync.Mutex
	at time.Time
}

func (w *till) clock() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.at
}

func (w *till) pass(by time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.at = w.at.Add(by)
}

// bank is the sandbox that may be out of order, or behind.
type bank struct {
	*fees.Sandbox
	down bool
}

func (b *bank) Start(ctx context.Context, bill fees.Bill) (string, error) {
	if b.down {
		return "", fmt.Errorf("no line to the bank")
	}
	return b.Sandbox.Start(ctx, bill)
}

func (b *bank) Ask(ctx context.Context, id string) (fees.Told, error) {
	if b.down {
		return fees.Told{}, fmt.Errorf("no line to the bank")
	}
	return b.Sandbox.Ask(ctx, id)
}

func (b *bank) Day(ctx context.Context, day calendar.Date, zone *time.Location) ([]fees.Told, error) {
	if b.down {
		return nil, fmt.Errorf("no line to the bank")
	}
	return b.Sandbox.Day(ctx, day, zone)
}

func system() context.Context { return actor.AsSystem(context.Background(), "test") }

func newTill(t *testing.T, d *db.DB) *till {
	t.Helper()
	w := &till{t: t, d: d, at: start}
	ring, err := vault.CreateRing(filepath.Join(t.TempDir(), "keys"))
	require.NoError(t, err)
	v, trail := vault.New(d, ring, w.clock), audit.New(d, w.clock)
	queue, err := jobs.New(d, trail, jobs.Options{})
	require.NoError(t, err)
	t.Cleanup(queue.Close)
	policies, err := fs.Sub(minqing.Files, "policies")
	require.NoError(t, err)
	may, err := access.New(d, trail, policies, w.clock)
	require.NoError(t, err)
	root := db.NewID(start)
	w.exec("INSERT INTO units (id, code, name, path, kind, valid_from) VALUES (?, 'LJ', '{}', 'LJ/', 'city', '2026-01-01')", root)
	for _, code := range []string{"CG", "GS"} {
		w.exec("INSERT INTO units (id, parent_id, code, name, path, kind, valid_from) VALUES (?, ?, ?, '{}', ?, 'bureau', '2026-01-01')", db.NewID(start), root, code, "LJ/"+code+"/")
	}
	people := constituents.New(constituents.Deps{DB: d, Vault: v, Audit: trail, Now: w.clock, Region: "CN"})
	w.bank = &bank{Sandbox: fees.NewSandbox("https://minqing.test", w.clock)}
	w.Service = fees.New(fees.Deps{DB: d, Audit: trail, Jobs: queue, Access: may, Catalogue: catalogue.New(d, trail, w.clock), Family: people.Family, Provider: w.bank,
		BaseURL: "https://minqing.test", Zone: zone, Now: w.clock})
	w.person, err = people.Create(system(), constituents.Contact{Name: "張小明"}, "zh-Hant")
	require.NoError(t, err)
	return w
}

func (w *till) exec(sql string, args ...any) {
	w.t.Helper()
	ctx := context.Background()
	if w.in != nil {
		ctx = w.in
	}
	require.NoError(w.t, w.d.From(ctx).Exec(sql, args...).Error)
}

func (w *till) count(sql string, args ...any) (n int) {
	w.t.Helper()
	require.NoError(w.t, w.d.From(context.Background()).Raw("SELECT count(*) FROM "+sql, args...).Scan(&n).Error)
	return n
}

// me is the person who owes.
func (w *till) me() context.Context {
	return actor.With(context.Background(), actor.Actor{Kind: actor.Citizen, ConstituentID: w.person})
}

// staff is somebody with a role for a unit.
func (w *till) staff(role, unit string) context.Context {
	w.t.Helper()
	id, key := db.NewID(start), db.NewID(start)
	w.exec("INSERT INTO vault_keys (id, owner_kind, suite, ring_key, created_at) VALUES (?, 'account', 'aes256gcm', 'k1', ?)", key, start)
	w.exec(`INSERT INTO accounts (id, kind, login_index, vault_key_id, email_cipher, locale, status, demo, link_key, created_at)
 VALUES (?, 'staff', ?, ?, ?, 'zh-Hant', 'active', ?, 'k1', ?)`, id, []byte(id), key, []byte{1}, true, start)
	w.exec("INSERT INTO grants (id, account_id, role, unit_id, valid_from, created_at) SELECT ?, ?, ?, id, ?, ? FROM units WHERE code = ?", db.NewID(start), id, role, start.Add(-time.Hour), start, unit)
	return actor.With(context.Background(), actor.Actor{Kind: actor.Staff, AccountID: id})
}

// charged orders fees for a new case of a unit, and gives the first order's number.
func (w *till) charged(unit string, items ...fees.Item) string {
	w.t.Helper()
	if len(items) == 0 {
		items = []fees.Item{{Code: "occupation", Name: i18n.Text{i18n.ZhHant: "道路占用費"}, Amount: 20000, Currency: "CNY", Holds: true}}
	}
	w.n++
	c := fees.Charge{CaseID: db.NewID(w.clock()), CaseNo: fmt.Sprintf("LJ2026%07dX", w.n), HolderID: w.person, TypeCode: "road-occupation", TypeVersion: 1,
		TypeName: i18n.Text{i18n.ZhHant: "道路占用"}, When: "grant", DueOn: calendar.NewDate(2026, 12, 8), Items: items}
	require.NoError(w.t, w.d.From(context.Background()).Raw("SELECT id FROM units WHERE code = ?", unit).Scan(&c.UnitID).Error)
	w.exec(`INSERT INTO cases (id, case_no, track, kind, status, confidentiality, channel, locale, unit_id, received_at, received_on, code_key, created_at, updated_at)
 VALUES (?, ?, 'permit', 'permit_application', 'concluded', 'normal', 'web', 'zh-Hant', ?, ?, '2026-11-24', 'k1', ?, ?)`, c.CaseID, c.CaseNo, c.UnitID, start, start, start)
	require.NoError(w.t, w.Charge(system(), c))
	require.NoError(w.t, w.Charge(system(), c), "asked again, nothing is ordered twice")
	list, err := w.OfCase(context.Background(), c.CaseID)
	require.NoError(w.t, err)
	require.Len(w.t, list, len(items))
	return list[0].OrderNo
}

func (w *till) own(no string) *fees.Own {
	w.t.Helper()
	o, err := w.Own(w.me(), no)
	require.NoError(w.t, err)
	return o
}

func (w *till) pay(no string) *fees.Payment {
	w.t.Helper()
	p, err := w.Pay(w.me(), no, w.own(no).Version, i18n.ZhHant)
	require.NoError(w.t, err)
	return p
}

// moves has money move at the bank, which tells of it times times.
func (w *till) moves(p *fees.Payment, amount int64, times int) {
	w.t.Helper()
	h, body, err := w.bank.Move(p.ID, fees.StatusPaid, amount)
	require.NoError(w.t, err)
	for range times {
		require.NoError(w.t, w.Hear(context.Background(), "sandbox", h, body))
	}
}

func kind(t *testing.T, want fault.Kind, err error, key ...string) {
	t.Helper()
	require.Error(t, err)
	require.Equal(t, want, fault.KindOf(err), "%v", err)
	for _, k := range key {
		require.Contains(t, err.Error(), k)
	}
}
