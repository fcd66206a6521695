package permits_test

import (
	"bytes"
	"context"
	"io/fs"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing"
	"minqing/internal/access"
	"minqing/internal/actor"
	"minqing/internal/audit"
	"minqing/internal/cases"
	"minqing/internal/catalogue"
	"minqing/internal/clocks"
	"minqing/internal/constituents"
	"minqing/internal/db"
	"minqing/internal/demo"
	"minqing/internal/fault"
	"minqing/internal/files"
	"minqing/internal/i18n"
	"minqing/internal/i18n/i18ntest"
	"minqing/internal/identity"
	"minqing/internal/jobs"
	"minqing/internal/permits"
	"minqing/internal/permittypes"
	"minqing/internal/place"
	"minqing/internal/vault"
)

// town is the demo city with one type of permit, on one database.
type town struct {
	*permits.Service
	t      *testing.T
	db     *db.DB
	cases  *cases.Service
	people *identity.Service
	known  *constituents.Service
	law    *permittypes.Type
	more   []*permittypes.Type // what bundle_test.go brings
	event  *permittypes.Event

	members  map[string][]string // accounts that may apply, by enterprise
	former   map[string][]string // accounts that could, by enterprise
	citizens map[string]context.Context
	granted  []permits.Grant
	charged  []permits.Charge
	freed    []string // cases whose fees were cancelled

	mu sync.Mutex
	at time.Time
}

func (w *town) clock() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.at
}

func (w *town) be(at time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.at = at
}

const matter = "street-light" // made one of permits here; unit CG03

func newTown(t *testing.T, d *db.DB) *town {
	t.Helper()
	w := &town{t: t, db: d, at: at(t, "2026-03-02"), members: map[string][]string{}, former: map[string][]string{}, citizens: map[string]context.Context{}}
	ring, err := vault.CreateRing(filepath.Join(t.TempDir(), "keys"))
	require.NoError(t, err)
	v := vault.New(d, ring, w.clock)
	trail := audit.New(d, w.clock)
	queue, err := jobs.New(d, trail, jobs.Options{})
	require.NoError(t, err)
	t.Cleanup(queue.Close)
	policies, err := fs.Sub(minqing.Files, "policies")
	require.NoError(t, err)
	rights, err := access.New(d, trail, policies, w.clock)
	require.NoError(t, err)
	places := place.New(d, trail, w.clock)
	system := actor.AsSystem(t.Context(), "test")
	require.NoError(t, demo.New(catalogue.New(d, trail, w.clock), places).LoadCity(system))
	require.NoError(t, d.From(system).Exec(`UPDATE matters SET track = 'permit', kinds = '["permit_application"]', questions = '{}', needs_place = ? WHERE code = ?`, false, matter).Error)
	cat := catalogue.New(d, trail, w.clock)
	times, err := clocks.New("CN")
	require.NoError(t, err)
	w.known = constituents.New(constituents.Deps{DB: d, Vault: v, Audit: trail, Now: w.clock, Region: "CN"})
	w.people, err = identity.New(identity.Deps{DB: d, Vault: v, Audit: trail, Access: rights, Constituents: w.known, Now: w.clock}, identity.Options{})
	require.NoError(t, err)
	store, err := files.OpenStore("file://" + t.TempDir())
	require.NoError(t, err)
	kept := files.New(files.Deps{DB: d, Vault: v, Audit: trail, Store: store, Now: w.clock})
	w.cases = cases.New(cases.Deps{DB: d, Vault: v, Audit: trail, Jobs: queue, Catalogue: cat, Places: places, Access: rights, Clocks: times,
		Now: w.clock, Constituents: w.known, Attachments: kept})
	words, err := i18ntest.Words()
	require.NoError(t, err)
	w.law = lawOf(t)
	w.Service = permits.New(permits.Deps{DB: d, Vault: v, Audit: trail, Jobs: queue, Access: rights, Cases: w.cases, Catalogue: cat, Types: w, Events: w,
		Holders: w, Houses: w, Files: kept, People: w.people, Register: w, Fees: w, Words: words, Now: w.clock})
	return w
}

func lawOf(t *testing.T) *permittypes.Type {
	name := func(s string) i18n.Text { return i18n.Text{i18n.ZhHant: s, i18n.En: s} }
	questions, err := catalogue.SchemaOf([]catalogue.Question{{Name: "seats", Type: catalogue.QuestionNumber, Title: name("座位"), Required: true}})
	require.NoError(t, err)
	return &permittypes.Type{Code: "food", Version: 1, MatterCode: matter, Audience: []string{"enterprise", "person"},
		Name: name("食品經營許可"), Summary: name("開餐館"), Remedies: name("六十日內可以申請行政復議，六個月內可以起訴。"), Questions: questions,
		Materials:    []permittypes.Material{{Code: "plan", Name: name("平面圖"), Required: true}, {Code: "lease", Name: name("租約"), Required: true, Reusable: true, ValidMonths: 6}, {Code: "extra", Name: name("其他")}},
		Completeness: limit(t, "5wd"), Statutory: limit(t, "20wd"), Promised: limit(t, "8wd"), Issue: limit(t, "10wd"), Validity: "3y",
		Fees: []permittypes.Fee{{Code: "examination", Amount: 5000, Currency: "CNY", When: permittypes.FeeAtAcceptance}, {Code: "permit", Amount: 20000, Currency: "CNY", When: permittypes.FeeAtGrant},
			{Code: "large", Amount: 90000, Currency: "CNY", When: permittypes.FeeAtGrant, If: "seats > 100"}}}
}

func (w *town) Type(_ context.Context, code string) (*permittypes.Type, error) {
	for _, t := range w.more {
		if t.Code == code {
			return t, nil
		}
	}
	if code != w.law.Code {
		return nil, fault.New(fault.NotFound, "permit.missing")
	}
	return w.law, nil
}

func (w *town) Version(ctx context.Context, code string, _ int64) (*permittypes.Type, error) {
	return w.Type(ctx, code)
}

func (w *town) Event(context.Context, string) (*permittypes.Event, error) { return w.event, nil }

func (w *town) EventVersion(context.Context, string, int64) (*permittypes.Event, error) {
	return w.event, nil
}

func (w *town) Acting(ctx context.Context) (string, error) {
	for id, list := range w.members {
		for _, m := range list {
			if m == actor.From(ctx).AccountID {
				return id, nil
			}
		}
	}
	return "", nil
}

func (w *town) Can(ctx context.Context, holderID, _ string, _ bool) error {
	if id, _ := w.Acting(ctx); id != holderID {
		return fault.New(fault.NotFound, "enterprises.missing")
	}
	return nil
}

func (w *town) Was(ctx context.Context, holderID string) (bool, error) {
	return slices.Contains(w.former[holderID], actor.From(ctx).AccountID), nil
}

func (w *town) Names(context.Context, ...string) (map[string]string, error) { return nil, nil }

func (w *town) Issue(_ context.Context, g permits.Grant) (string, error) {
	w.granted = append(w.granted, g)
	return "LJP-1", nil
}

func (w *town) Standing(context.Context, string) (int64, error) { return int64(len(w.granted)), nil }
func (w *town) Charge(_ context.Context, c permits.Charge) error {
	w.charged = append(w.charged, c)
	return nil
}

func (w *town) Cancel(_ context.Context, caseID string) error {
	w.freed = append(w.freed, caseID)
	return nil
}

const password = "correct horse 電池"

// person is somebody with an account.
func (w *town) person(name string) context.Context {
	w.t.Helper()
	id, err := w.people.CreateCitizen(actor.AsSystem(w.t.Context(), "test"), identity.NewAccount{Email: name + "@example.org", Name: name, Password: password, Locale: "zh-Hant"})
	require.NoError(w.t, err)
	who, err := w.people.ByEmail(w.t.Context(), name+"@example.org")
	require.NoError(w.t, err)
	w.citizens[name] = actor.With(w.t.Context(), actor.Actor{Kind: actor.Citizen, AccountID: id, ConstituentID: who.ConstituentID, Locale: "zh-Hant"})
	return w.citizens[name]
}

func (w *town) staff(name, role, unit string) context.Context {
	w.t.Helper()
	id, err := w.people.CreateStaff(actor.AsSystem(w.t.Context(), "test"), identity.NewAccount{Email: name + "@lj.test", Name: name, Password: password, UnitCode: "CG03"})
	require.NoError(w.t, err)
	require.NoError(w.t, w.db.From(w.t.Context()).Exec(`INSERT INTO grants (id, account_id, role, unit_id, valid_from, created_at)
 SELECT ?, ?, ?, id, ?, ? FROM units WHERE code = ?`, db.NewID(w.clock()), id, role, w.clock().Add(-time.Hour), w.clock(), unit).Error)
	return actor.With(w.t.Context(), actor.Actor{Kind: actor.Staff, AccountID: id, Locale: "zh-Hant"})
}

func (w *town) attach(ctx context.Context, id, code, text string) {
	w.t.Helper()
	body := []byte(text)
	require.NoError(w.t, w.Attach(ctx, id, code, files.Upload{Name: code + ".txt", Content: bytes.NewReader(body), Size: int64(len(body))}))
}

var signed = permits.Signature{Name: "王小明", Agrees: true, Shown: permits.Statement}

// draft is an application that only has to be signed.
func (w *town) draft(ctx context.Context) *permits.Own {
	w.t.Helper()
	a, err := w.Begin(ctx, "food")
	require.NoError(w.t, err)
	require.NoError(w.t, w.Answer(ctx, a.ID, a.Version, map[string]any{"seats": 20}))
	w.attach(ctx, a.ID, "plan", "平面圖一版")
	w.attach(ctx, a.ID, "lease", "租約")
	o, err := w.Own(ctx, a.ID)
	require.NoError(w.t, err)
	return o
}

func (w *town) apply(ctx context.Context) (id, caseNo string) {
	w.t.Helper()
	o := w.draft(ctx)
	r, err := w.Submit(ctx, o.Application.ID, o.Application.Version, signed, i18n.ZhHant)
	require.NoError(w.t, err)
	return o.Application.ID, r.CaseNo
}

func (w *town) own(ctx context.Context, id string) *permits.Own {
	w.t.Helper()
	o, err := w.Own(ctx, id)
	require.NoError(w.t, err)
	return o
}

func fine(codes ...string) map[string]permits.Judgement {
	out := map[string]permits.Judgement{}
	for _, c := range codes {
		out[c] = permits.Judgement{Verdict: permits.Verified}
	}
	return out
}
