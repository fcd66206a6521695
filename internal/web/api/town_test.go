package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/stretchr/testify/require"

	"minqing/internal/access"
	"minqing/internal/actor"
	"minqing/internal/audit"
	"minqing/internal/cases"
	"minqing/internal/catalogue"
	"minqing/internal/clocks"
	"minqing/internal/constituents"
	"minqing/internal/db"
	"minqing/internal/demo"
	"minqing/internal/i18n"
	"minqing/internal/i18n/i18ntest"
	"minqing/internal/identity"
	"minqing/internal/insight"
	"minqing/internal/jobs"
	"minqing/internal/place"
	"minqing/internal/register"
	"minqing/internal/satisfaction"
	"minqing/internal/vault"
	"minqing/internal/web"
	"minqing/internal/web/api"
)

func product() fs.FS { return os.DirFS("../../..") }

// town is the demo city behind its real router, with the tokens of its people.
type town struct {
	t        *testing.T
	db       *db.DB
	now      time.Time
	kit      *web.Kit
	handler  http.Handler
	identity *identity.Service
	insight  *insight.Service
	register *register.Service
	people   *constituents.Service
	document *openapi3.T
	lang     string
	tokens   map[string]string
	mails    map[string]string
}

func newTown(t *testing.T, d *db.DB, rate float64) *town {
	t.Helper()
	w := &town{t: t, db: d, now: time.Date(2026, 11, 24, 8, 0, 0, 0, time.UTC), lang: "en", tokens: map[string]string{}, mails: map[string]string{}}
	clock := func() time.Time { return w.now }
	ring, err := vault.CreateRing(filepath.Join(t.TempDir(), "keys"))
	require.NoError(t, err)
	v, trail := vault.New(d, ring, clock), audit.New(d, clock)
	queue, err := jobs.New(d, trail, jobs.Options{})
	require.NoError(t, err)
	policies, err := fs.Sub(product(), "policies")
	require.NoError(t, err)
	rights, err := access.New(d, trail, policies, clock)
	require.NoError(t, err)
	cat, places := catalogue.New(d, trail, clock), place.New(d, trail, clock)
	require.NoError(t, demo.New(cat, places).LoadCity(actor.AsSystem(t.Context(), "test")))
	times, err := clocks.New("CN")
	require.NoError(t, err)
	people := constituents.New(constituents.Deps{DB: d, Vault: v, Audit: trail, Now: clock, Region: "CN"})
	svc := cases.New(cases.Deps{DB: d, Vault: v, Audit: trail, Jobs: queue, Catalogue: cat, Places: places, Access: rights, Clocks: times, Now: clock,
		Constituents: people})
	w.identity, err = identity.New(identity.Deps{DB: d, Vault: v, Audit: trail, Access: rights, Constituents: people, Now: clock}, identity.Options{})
	require.NoError(t, err)
	w.insight = insight.New(insight.Deps{DB: d, Access: rights, Now: clock})
	bundle, err := i18ntest.Words()
	require.NoError(t, err)
	w.people = people
	w.register = register.New(register.Deps{DB: d, Vault: v, Audit: trail, Jobs: queue, Access: rights, Catalogue: cat, Constituents: people, Words: bundle,
		Zone: time.FixedZone("CST", 8*3600), BaseURL: "https://minqing.test", Now: clock,
		TypeName: func(_ context.Context, code string, _ int64) (i18n.Text, error) {
			return i18n.Text{i18n.En: "Permit " + code}, nil
		}})
	w.kit, err = web.New(web.Options{Files: product(), Bundle: bundle, Sessions: w.identity, Authoriser: rights, Now: clock, RateFactor: rate,
		Zone: time.FixedZone("CST", 8*3600), Log: slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelError}))})
	require.NoError(t, err)
	api.Register(api.Deps{Kit: w.kit, Words: bundle, Cases: svc, Once: cases.NewOnce(d, v, clock), Catalogue: cat, Places: places, Clocks: times,
		Satisfaction: satisfaction.New(satisfaction.Deps{DB: d, Cases: svc, Vault: v, Audit: trail, Now: clock}), People: w.identity, Insight: w.insight, Register: w.register, Now: clock})
	w.handler = w.kit.Handler()
	body, err := api.Document(bundle, i18n.En)
	require.NoError(t, err)
	w.document, err = openapi3.NewLoader().LoadFromData(body)
	require.NoError(t, err)
	return w
}

// staff makes an account with a role and gives its id; its token is kept under
// the role's name.
func (w *town) staff(role, unit string) string {
	w.t.Helper()
	ctx := actor.AsSystem(w.t.Context(), "test")
	mail := role + "-" + strings.ToLower(unit) + "@city.example"
	id, err := w.identity.CreateStaff(ctx, identity.NewAccount{Email: mail, Name: "王" + role, Password: "Long-enough-" + unit + "-2026", UnitCode: unit, Locale: "zh-Hant"})
	require.NoError(w.t, err)
	_, err = w.identity.Grant(ctx, id, role, unit, "test")
	require.NoError(w.t, err)
	w.tokens[role], err = w.identity.CreateToken(ctx, mail, time.Hour)
	w.mails[role] = mail
	require.NoError(w.t, err)
	return id
}

// renew gives a role another token after a leap in time.
func (w *town) renew(role string) {
	w.t.Helper()
	var err error
	w.tokens[role], err = w.identity.CreateToken(actor.AsSystem(w.t.Context(), "test"), w.mails[role], time.Hour)
	require.NoError(w.t, err)
}

// answer is what a program gets.
type answer struct {
	*httptest.ResponseRecorder
	t    *testing.T
	JSON map[string]any
}

// call sends a request; body is JSON text or a value. Headers come in pairs;
// "token" names a role.
func (w *town) call(method, path string, body any, headers ...string) answer {
	w.t.Helper()
	var sent io.Reader
	switch b := body.(type) {
	case nil:
	case string:
		sent = strings.NewReader(b)
	default:
		raw, err := json.Marshal(b)
		require.NoError(w.t, err)
		sent = bytes.NewReader(raw)
	}
	r := httptest.NewRequestWithContext(w.t.Context(), method, path, sent)
	r.Header.Set("Accept-Language", w.lang)
	if sent != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		if headers[i] == "token" {
			require.NotEmpty(w.t, w.tokens[headers[i+1]])
			r.Header.Set("Authorization", "Bearer "+w.tokens[headers[i+1]])
			continue
		}
		r.Header.Set(headers[i], headers[i+1])
	}
	a := answer{ResponseRecorder: httptest.NewRecorder(), t: w.t, JSON: map[string]any{}}
	w.handler.ServeHTTP(a.ResponseRecorder, r)
	if strings.Contains(a.Header().Get("Content-Type"), "json") {
		require.NoError(w.t, json.Unmarshal(a.Body.Bytes(), &a.JSON), a.Body.String())
		w.described(a, method, path)
	}
	return a
}

// described holds every answer against the OpenAPI document.
func (w *town) described(a answer, method, path string) {
	w.t.Helper()
	path, _, _ = strings.Cut(path, "?")
	var found *openapi3.Operation
	for pattern, item := range w.document.Paths.Map() {
		if alike(pattern, path) && item.GetOperation(method) != nil {
			found = item.GetOperation(method)
		}
	}
	if found == nil {
		return
	}
	r := found.Responses.Status(a.Code)
	require.NotNil(w.t, r, "%s %s answered %d, which is not described: %s", method, path, a.Code, a.Body)
	kind, _, _ := strings.Cut(a.Header().Get("Content-Type"), ";")
	require.Contains(w.t, r.Value.Content, kind)
	require.NoError(w.t, r.Value.Content[kind].Schema.Value.VisitJSON(a.JSON, openapi3.EnableJSONSchema2020()), a.Body.String())
}

func alike(pattern, path string) bool {
	p, q := strings.Split(pattern, "/"), strings.Split(path, "/")
	if len(p) != len(q) {
		return false
	}
	for i := range p {
		if !strings.HasPrefix(p[i], "{") && p[i] != q[i] {
			return false
		}
	}
	return true
}

// problem checks that the answer is a problem document with the field and code.
func (a answer) problem(status int, field, code string) {
	a.t.Helper()
	require.Equal(a.t, status, a.Code, a.Body.String())
	require.Equal(a.t, "application/problem+json; charset=utf-8", a.Header().Get("Content-Type"))
	require.EqualValues(a.t, status, a.JSON["status"])
	require.NotEmpty(a.t, a.JSON["detail"])
	require.NotContains(a.t, a.Body.String(), "<no value>")
	if status == http.StatusUnauthorized {
		require.Equal(a.t, "Bearer", a.Header().Get("WWW-Authenticate"))
	}
	if field == "" {
		require.Equal(a.t, code, a.JSON["code"], a.Body.String())
		return
	}
	fields, _ := a.JSON["errors"].([]any)
	for _, one := range fields {
		f, _ := one.(map[string]any)
		require.NotEqual(a.t, f["code"], f["message"], "an untranslated key")
		if f["field"] == field && f["code"] == code {
			return
		}
	}
	require.Fail(a.t, "no such field error", "%s %s in %s", field, code, a.Body)
}

func (a answer) ok(status int) answer {
	a.t.Helper()
	require.Equal(a.t, status, a.Code, a.Body.String())
	return a
}

func (a answer) text(name string) string {
	s, _ := a.JSON[name].(string)
	return s
}

func lamp() map[string]any {
	return map[string]any{"kind": "complaint", "matter_code": "street-light", "title": "路燈不亮", "description": "學府路 12 號前的路燈三天沒亮了。",
		"location": map[string]any{"address": "學府路 12 號"}, "contact": map[string]any{"name": "林小雨", "phone": "13800138000", "email": "lin@example.org"}}
}

func (w *town) file(body map[string]any) (caseNo, code string) {
	w.t.Helper()
	a := w.call("POST", "/api/v1/cases", body).ok(201)
	return a.text("case_no"), a.text("query_code")
}
