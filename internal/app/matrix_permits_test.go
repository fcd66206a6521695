package app_test

import (
	"bytes"
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/actor"
	"minqing/internal/calendar"
	"minqing/internal/cases"
	"minqing/internal/constituents"
	"minqing/internal/db"
	"minqing/internal/enterprises"
	"minqing/internal/fees"
	"minqing/internal/files"
	"minqing/internal/i18n"
	"minqing/internal/permits"
	"minqing/internal/permittypes"
	"minqing/internal/web"
)

const aNumber = "13877665544"

const anApplication = "the citizen's application, with another section of the City Management Bureau"

// fillPermits has the citizen apply for a permit, with all that can hang on an
// application, owe a fee and claim an enterprise.
func (m *matrix) fillPermits(d *db.DB) {
	a, err := m.Identity.ByEmail(m.t.Context(), "citizen@demo.test")
	require.NoError(m.t, err)
	ctx := actor.With(m.t.Context(), actor.Actor{Kind: actor.Citizen, AccountID: a.ID, ConstituentID: a.ConstituentID, Locale: "zh-Hant"})
	draft, err := m.Permits.Begin(ctx, "tree-felling")
	require.NoError(m.t, err)
	upload, err := m.Permits.BeginUpload(ctx, draft.ID, "photo", files.Beginning{Name: "b.pdf", Size: 9})
	require.NoError(m.t, err)
	app := m.begun(ctx)
	own, err := m.Permits.Own(ctx, app.ID)
	require.NoError(m.t, err)
	r, err := m.Permits.Submit(ctx, app.ID, own.Application.Version, permits.Signature{Name: "王小明", Agrees: true, Shown: permits.Statement}, i18n.ZhHant)
	require.NoError(m.t, err)
	at := m.examined(d, r.CaseNo)
	order := m.owes(d, a.ConstituentID, r.CaseNo)
	citizen := but("citizen")
	at[":id"], at[":upload"] = app.ID, upload.ID
	inDraft := map[string]string{":upload": upload.ID, ":material": at[":material"], ":file": at[":file"], ":hearing": at[":hearing"]}
	m.owned["/enterprise/applications/"] = []owned{{name: "the citizen's application", id: app.ID, more: at, closed: citizen, body: "do=nothing&version=999999"},
		{name: "the citizen's draft", id: draft.ID, more: inDraft, closed: citizen, body: "do=nothing&version=999999"}}
	delete(at, ":case_no")
	fee := map[string]string{":no": order, ":payment": db.NewID(time.Now())}
	m.owned["/me/fees/"] = []owned{{name: "what the citizen owes", more: fee, closed: citizen, body: "version=999999"}}
	m.owned["/desk/fees/orders/"] = []owned{{name: "a fee of another section of the City Management Bureau", more: fee, closed: but("head", "supervisor"), body: "do=nothing&version=999999"}}
	m.applied, m.parts = r.CaseNo, at
	desk := m.atDesk()
	m.owned["/desk/counter/applications/"] = []owned{{name: "a draft of the hotline centre's counter", id: desk, more: map[string]string{":upload": upload.ID, ":material": at[":material"], ":file": at[":file"]},
		closed: but("agent", "dispatcher"), body: "do=nothing&version=999999"}}
	claim, err := m.Enterprises.Ask(ctx, enterprises.Request{Code: "92000000MA1LJ0050X", Name: "臨江小館", Words: "是我的店。"})
	require.NoError(m.t, err)
	m.owned["/enterprise/claims/"] = []owned{{name: "what the citizen claims", id: claim.ID, closed: citizen}}
	m.owned["/people/enterprises/"] = []owned{{name: "what the citizen claims", id: claim.ID, closed: but("dispatcher"), body: "do=nothing&reason=x&version=999999"}}
}

// atDesk is the draft of an application that a clerk writes down.
func (m *matrix) atDesk() string {
	who := permits.Comer{Kind: permits.ForPerson, NumberKind: constituents.OtherID, Number: "L-77", Name: "王小明"}
	a, _, err := m.Permits.BeginAtCounter(as(m.t, m.house, "agent@demo.test"), "tree-felling", who, i18n.ZhHant)
	require.NoError(m.t, err)
	return a.ID
}

// masked says that the desk shows nobody's number that stands in an application.
func (m *matrix) masked() {
	for page, part := range map[string]string{"/permit": "湖濱路 12 號前", "/hearing": "擬不予許可", "/third-parties": "占用您門前的人行道"} {
		got := m.send("head", "GET", "/desk/cases/"+m.applied+page, "", "")
		require.Equal(m.t, http.StatusOK, got.Code, page)
		require.Contains(m.t, got.Body.String(), part)
		require.NotContains(m.t, got.Body.String(), aNumber, page)
	}
}

// begun is an application that only has to be signed.
func (m *matrix) begun(ctx context.Context) *permits.Application {
	a, err := m.Permits.Begin(ctx, "road-occupation")
	require.NoError(m.t, err)
	day := func(n int) string { return calendar.DateOf(time.Now(), time.UTC).Add(n).String() }
	require.NoError(m.t, m.Permits.Answer(ctx, a.ID, a.Version, map[string]any{"place": "湖濱路 12 號前，電話 " + aNumber, "digging": false, "carriageway": false, "area": 3, "begins": day(40), "event_ends": day(42)}))
	body := []byte("%PDF-1.4\n範圍圖\n%%EOF\n")
	require.NoError(m.t, m.Permits.Attach(ctx, a.ID, "plan", files.Upload{Name: aNumber + ".pdf", Content: bytes.NewReader(body), Size: int64(len(body))}))
	return a
}

// examined accepts the application, makes an appointment, tells of the right to a
// hearing, and keeps a photo of each; it gives the parameters of the routes.
func (m *matrix) examined(d *db.DB, no string) map[string]string {
	head, system := as(m.t, m.house, "head@demo.test"), actor.AsSystem(m.t.Context(), "test")
	_, err := m.Permits.Examine(head, no, 0, permits.Examination{Verdicts: map[string]permits.Judgement{"plan": {Verdict: permits.Verified}}})
	require.NoError(m.t, err)
	_, err = m.Cases.Act(head, no, 0, cases.Assign{})
	require.NoError(m.t, err)
	_, err = m.Permits.TellRight(head, no, 0, permits.Right{Intends: "擬不予許可，" + aNumber, Others: "鄰居 " + aNumber})
	require.NoError(m.t, err)
	_, err = m.Permits.TellInterested(head, no, 0, permits.ThirdParty{Kind: permits.InterestedPerson, Name: "鄰居 " + aNumber, Reason: "占用您門前的人行道，" + aNumber, Intends: "占用道路，" + aNumber, Days: "5"})
	require.NoError(m.t, err)
	others, err := m.Permits.InterestedPage(head, no)
	require.NoError(m.t, err)
	everybody := func(string) bool { return false }
	m.owned[permits.InterestedPath] = []owned{{name: "what a third party was told, by the link of the notice", closed: everybody,
		more: map[string]string{":token": strings.TrimPrefix(others.Links[others.Interested[0].ID], permits.InterestedPath)}}}
	site, err := m.Permits.Site(head, no)
	require.NoError(m.t, err)
	visit := db.NewID(time.Now()) // for the section has one who could go, and the law wants two
	require.NoError(m.t, d.From(system).Exec(`INSERT INTO permit_inspections (id, application_id, no, state, visit_at, visit_on, appointed_at)
 VALUES (?, ?, 1, 'appointed', ?, ?, ?)`, visit, site.Application.ID, time.Now().Add(99*time.Hour), site.Today.Add(4), time.Now()).Error)
	at := map[string]string{":case_no": no, ":inspection": visit, ":hearing": site.Hearings[0].ID}
	for _, it := range site.Items {
		if it.Now != nil {
			at[":material"], at[":file"] = it.Now.ID, it.Files[0].ID
		}
	}
	for _, part := range []string{":inspection", ":hearing"} {
		body := []byte("記錄")
		f, err := m.Files.Add(system, files.Upload{Owner: files.Owner{Kind: files.Material, ID: at[part]}, Name: aNumber + ".txt", Content: bytes.NewReader(body), Size: int64(len(body))})
		require.NoError(m.t, err)
		at[part+"/:file"] = at[part] + "/" + f.ID
	}
	return at
}

// owes is the number of a fee of the case.
func (m *matrix) owes(d *db.DB, holder, caseNo string) string {
	var c struct{ ID, UnitID string }
	require.NoError(m.t, d.From(m.t.Context()).Raw("SELECT id, unit_id FROM cases WHERE case_no = ?", caseNo).Scan(&c).Error)
	require.NoError(m.t, m.Fees.Charge(actor.AsSystem(m.t.Context(), "test"), fees.Charge{CaseID: c.ID, CaseNo: caseNo, HolderID: holder, UnitID: c.UnitID, TypeCode: "road-occupation", TypeVersion: 1,
		TypeName: i18n.Text{i18n.En: "Road"}, When: permittypes.FeeAtGrant, DueOn: calendar.DateOf(time.Now(), time.UTC).Add(14), Items: []fees.Item{{Code: "test", Name: i18n.Text{i18n.En: "Paper"}, Amount: 1000, Currency: "CNY"}}}))
	list, err := m.Fees.OfCase(m.t.Context(), c.ID)
	require.NoError(m.t, err)
	return list[len(list)-1].OrderNo
}

// applicationRow asks what belongs to an application alone about a true one.
func (m *matrix) applicationRow(route web.Route) *row {
	rest, ok := strings.CutPrefix(route.Path, "/desk/cases/:case_no/")
	if area, _, _ := strings.Cut(rest, "/"); !ok || area != "permit" && area != "inspection" && area != "hearing" && area != "third-parties" {
		return nil
	}
	path := strings.Replace(route.Path, ":case_no", m.applied, 1)
	for _, name := range []string{":inspection/:file", ":hearing/:file", ":inspection", ":hearing", ":material", ":file"} {
		path = strings.Replace(path, name, m.parts[name], 1)
	}
	r := &row{Route: route, thing: anApplication, path: path, closed: but("dispatcher", "head", "supervisor")}
	r.kind, r.body = trying(route)
	if route.Method == http.MethodPost && strings.HasSuffix(route.Path, "/inspection") {
		r.kind, r.body = aForm, "do=appoint&version=999999"
	}
	return r
}
