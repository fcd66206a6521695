package register_test

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/access"
	"minqing/internal/actor"
	"minqing/internal/audit"
	"minqing/internal/calendar"
	"minqing/internal/catalogue"
	"minqing/internal/constituents"
	"minqing/internal/db"
	"minqing/internal/demo"
	"minqing/internal/i18n"
	"minqing/internal/i18n/i18ntest"
	"minqing/internal/jobs"
	"minqing/internal/place"
	"minqing/internal/register"
	"minqing/internal/vault"
)

// at is a Tuesday, 16:00 in the city.
var at = time.Date(2026, 11, 24, 8, 0, 0, 0, time.UTC)

var today = calendar.NewDate(2026, 11, 24)

// office is the register of the demo city.
type office struct {
	*register.Service
	t      testing.TB
	now    time.Time
	path   string // of the key file
	told   []register.Telling
	person string
	firm   string
	unit   string // 臨江市 road occupation
	n      int
}

func system() context.Context { return actor.AsSystem(context.Background(), "test") }

func as(account string) context.Context {
	return actor.With(context.Background(), actor.Actor{Kind: actor.Staff, AccountID: account})
}

func newOffice(t testing.TB, d *db.DB) *office {
	t.Helper()
	o := &office{t: t, now: at, path: filepath.Join(t.TempDir(), "keys")}
	clock := func() time.Time { return o.now }
	ring, err := vault.CreateRing(o.path)
	require.NoError(t, err)
	v, trail := vault.New(d, ring, clock), audit.New(d, clock)
	v.ReloadBy(func() (*vault.Ring, error) { return vault.LoadRing(o.path) })
	queue, err := jobs.New(d, trail, jobs.Options{})
	require.NoError(t, err)
	policies, err := fs.Sub(os.DirFS("../.."), "policies")
	require.NoError(t, err)
	may, err := access.New(d, trail, policies, clock)
	require.NoError(t, err)
	cat := catalogue.New(d, trail, clock)
	require.NoError(t, demo.New(cat, place.New(d, trail, clock)).LoadCity(system()))
	words, err := i18ntest.Words()
	require.NoError(t, err)
	people := constituents.New(constituents.Deps{DB: d, Vault: v, Audit: trail, Now: clock, Region: "CN"})
	o.Service = register.New(register.Deps{DB: d, Vault: v, Audit: trail, Jobs: queue, Access: may, Catalogue: cat, Constituents: people, Words: words,
		Zone: time.FixedZone("CST", 8*3600), BaseURL: "https://minqing.test", Now: clock,
		TypeName: func(_ context.Context, code string, _ int64) (i18n.Text, error) {
			return i18n.Text{i18n.ZhHant: "臨時占用道路許可", i18n.ZhHans: "临时占用道路许可", i18n.En: "Road occupation permit " + code}, nil
		},
		Tell: func(_ context.Context, t register.Telling) error { o.told = append(o.told, t); return nil }})
	o.Register(queue)
	o.person, err = people.Create(system(), constituents.Contact{Name: "張小明"}, "zh-Hant")
	require.NoError(t, err)
	o.firm, err = people.Create(system(), constituents.Contact{Kind: constituents.Enterprise, Name: "臨江四海餐飲有限公司"}, "zh-Hant")
	require.NoError(t, err)
	o.unit = o.unitID("CG03")
	return o
}

func (o *office) unitID(code string) (id string) {
	o.t.Helper()
	require.NoError(o.t, o.DB.From(system()).Raw("SELECT id FROM units WHERE code = ?", code).Scan(&id).Error)
	require.NotEmpty(o.t, id)
	return id
}

// newCase makes a bare case for a permit to come from, in the transaction of ctx.
func (o *office) newCase(ctx context.Context) (id, no string) {
	o.t.Helper()
	o.n++
	id, no = db.NewID(o.now), fmt.Sprintf("LJ2026%07dX", o.n)
	err := o.DB.From(ctx).Exec(`INSERT INTO cases (id, case_no, track, kind, status, confidentiality, channel, locale, unit_id, received_at, received_on, code_key, created_at, updated_at)
 VALUES (?, ?, 'permit', 'permit_application', 'concluded', 'normal', 'web', 'zh-Hant', ?, ?, ?, 'k1', ?, ?)`, id, no, o.unit, o.now, today, o.now, o.now).Error
	require.NoError(o.t, err)
	return id, no
}

func (o *office) one(ctx context.Context, change ...func(*register.Issue)) register.Issue {
	id, no := o.newCase(ctx)
	until := today.Add(365)
	i := register.Issue{CaseID: id, CaseNo: no, TypeCode: "road_occupation", TypeVersion: 1, HolderID: o.firm, UnitID: o.unit, ValidFrom: today, ValidUntil: &until,
		Particulars: map[string]string{"place": "濱江區湖濱路 12 號前", "scope": "12 m²"}}
	for _, f := range change {
		f(&i)
	}
	return i
}

func (o *office) issue(change ...func(*register.Issue)) string {
	o.t.Helper()
	no, err := o.Issue(system(), o.one(system(), change...))
	require.NoError(o.t, err)
	return no
}

// hears has the holder told of a proposal, and answer at once.
func (o *office) hears(p *register.Permit, one *register.Proposal) {
	o.t.Helper()
	_, err := o.Ask(as(o.staff("handler", "CG03")), p.PermitNo, one.ID, o.AnswerFrom(system(), p).String())
	require.NoError(o.t, err)
	require.NoError(o.t, o.Answer(system(), p, one.ID, "我們沒有異議。"))
}

// do is an act by whoever may, with a handler who proposes what needs two people.
func (o *office) do(head context.Context, no string, d register.Do) (*register.Permit, error) {
	if !d.Act.NeedsTwo() {
		return o.Act(head, no, d)
	}
	p, err := o.Propose(as(o.staff("handler", "CG03")), no, d)
	if err != nil {
		return nil, err
	}
	one, err := o.Open(head, p)
	require.NoError(o.t, err)
	if one.Hears() {
		o.hears(p, one)
	}
	return o.Decide(head, no, register.Verdict{ProposalID: one.ID, Agrees: true, Version: d.Version})
}

func until(d calendar.Date) func(*register.Issue) {
	return func(i *register.Issue) { i.ValidUntil = &d }
}

func (o *office) get(no string) *register.Permit {
	o.t.Helper()
	p, err := o.ByNo(system(), no)
	require.NoError(o.t, err)
	return p
}

func (o *office) acts(no string) (acts []string) {
	o.t.Helper()
	list, err := o.Story(system(), o.get(no))
	require.NoError(o.t, err)
	for _, e := range list {
		act := string(e.Act)
		if e.Days > 0 {
			act = fmt.Sprintf("%s %d", act, e.Days)
		}
		acts = append([]string{act}, acts...)
	}
	return acts
}

// staff makes an account with a role for a unit.
func (o *office) staff(role, unit string) string {
	o.t.Helper()
	id, key := db.NewID(at), db.NewID(at)
	exec := func(sql string, args ...any) { require.NoError(o.t, o.DB.From(system()).Exec(sql, args...).Error) }
	exec("INSERT INTO vault_keys (id, owner_kind, suite, ring_key, created_at) VALUES (?, 'account', 'aes256gcm', 'k1', ?)", key, at)
	exec(`INSERT INTO accounts (id, kind, login_index, vault_key_id, email_cipher, locale, status, demo, link_key, created_at)
 VALUES (?, 'staff', ?, ?, ?, 'zh-Hant', 'active', ?, 'k1', ?)`, id, []byte(id), key, []byte{1}, true, at)
	exec("INSERT INTO grants (id, account_id, role, unit_id, valid_from, created_at) SELECT ?, ?, ?, id, ?, ? FROM units WHERE code = ?", db.NewID(at), id, role, at.Add(-time.Hour), at, unit)
	return id
}
