package desk_test

import (
	"context"
	"html"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
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
	"minqing/internal/demo"
	"minqing/internal/files"
	"minqing/internal/i18n/i18ntest"
	"minqing/internal/identity"
	"minqing/internal/jobs"
	"minqing/internal/place"
	"minqing/internal/replies"
	"minqing/internal/vault"
	"minqing/internal/web"
	"minqing/internal/web/desk"
	"minqing/internal/worklist"
)

func product() fs.FS { return os.DirFS("../../..") }

// office is the demo city with the pages of its desks, and whoever sits there.
type office struct {
	accused  string // whose address is li@example.org
	alone    bool   // a script asks
	t        testing.TB
	db       *db.DB
	now      time.Time
	audit    *audit.Service
	cases    *cases.Service
	files    *files.Service
	replies  *replies.Service
	bulk     *worklist.Service
	away     sync.Map // accounts whose sessions ended
	identity *identity.Service
	handler  http.Handler
	deps     desk.Deps
	who      actor.Actor
	told     *told
	lang     string
	people   map[string]string // account ids by "role@unit"
}

// Wrap and Visitor stand for sessions: everyone is this person.
func (o *office) Wrap(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), seatKey{}, o.who)))
	})
}

// Visitor is whoever sat there when the request came, until they are sent away.
func (o *office) Visitor(ctx context.Context) (actor.Actor, string, error) {
	who, ok := ctx.Value(seatKey{}).(actor.Actor)
	if !ok {
		who = o.who
	}
	if _, away := o.away.Load(who.AccountID); away {
		who = actor.Actor{Kind: actor.Anonymous}
	}
	return who, "王小姐", nil
}

type seatKey struct{}

// newOffice opens on a Tuesday, 16:00 in the city.
func newOffice(t testing.TB, d *db.DB, change ...func(*web.Options)) *office {
	t.Helper()
	o := &office{t: t, db: d, now: time.Date(2026, 11, 24, 8, 0, 0, 0, time.UTC), lang: "en", people: map[string]string{}, told: &told{}}
	clock := func() time.Time { return o.now }
	ring, err := vault.CreateRing(filepath.Join(t.TempDir(), "keys"))
	require.NoError(t, err)
	v := vault.New(d, ring, clock)
	o.audit = audit.New(d, clock)
	queue, err := jobs.New(d, o.audit, jobs.Options{})
	require.NoError(t, err)
	policies, err := fs.Sub(product(), "policies")
	require.NoError(t, err)
	rights, err := access.New(d, o.audit, policies, clock)
	require.NoError(t, err)
	cat, places := catalogue.New(d, o.audit, clock), place.New(d, o.audit, clock)
	require.NoError(t, demo.New(cat, places).LoadCity(actor.AsSystem(t.Context(), "test")))
	times, err := clocks.New("CN")
	require.NoError(t, err)
	store, err := files.OpenStore("file:" + t.TempDir())
	require.NoError(t, err)
	o.files = files.New(files.Deps{DB: d, Vault: v, Audit: o.audit, Store: store, Now: clock})
	public := constituents.New(constituents.Deps{DB: d, Vault: v, Audit: o.audit, Now: clock, Region: "CN"})
	o.cases = cases.New(cases.Deps{DB: d, Vault: v, Audit: o.audit, Jobs: queue, Catalogue: cat, Places: places, Access: rights, Clocks: times,
		Now: clock, Constituents: public, Attachments: o.files,
		StaffAt: func(_ context.Context, email string) (string, error) {
			if email == "li@example.org" {
				return o.accused, nil
			}
			return "", nil
		}})
	o.replies = &replies.Service{DB: d, Audit: o.audit, Access: rights, Catalogue: cat, Now: clock}
	o.identity, err = identity.New(identity.Deps{DB: d, Vault: v, Audit: o.audit, Access: rights, Constituents: public, Now: clock}, identity.Options{})
	require.NoError(t, err)
	o.bulk = worklist.New(worklist.Deps{DB: d, Vault: v, Audit: o.audit, Jobs: queue, Access: rights, Catalogue: cat, Cases: o.cases,
		Accounts: o.identity, Now: clock})
	o.cases.Acted = o.bulk.Done
	bundle, err := i18ntest.Words()
	require.NoError(t, err)
	_, measured := t.(*testing.B)
	options := web.Options{Files: product(), Bundle: bundle, Sessions: o, Authoriser: rights, Now: clock, Proof: !measured,
		Zone: time.FixedZone("CST", 8*3600), Log: slog.New(slog.NewTextHandler(io.Discard, nil))}
	for _, f := range change {
		f(&options)
	}
	kit, err := web.New(options)
	require.NoError(t, err)
	o.deps = desk.Deps{Kit: kit, Words: bundle, Cases: o.cases, Replies: o.replies, Catalogue: cat, Places: places, Access: rights, Files: o.files, People: o.identity,
		Constituents: public, Bulk: o.bulk, Notices: o.told, Mail: true, Now: clock}
	desk.Register(o.deps)
	o.handler = kit.Handler()
	return o
}

func (o *office) system() context.Context { return actor.AsSystem(o.t.Context(), "test") }

// as seats somebody with a role for a unit, written "handler@CG03".
func (o *office) as(seat string) string {
	o.t.Helper()
	role, unit, _ := strings.Cut(seat, "@")
	id := o.people[seat]
	if id == "" {
		var err error
		id, err = o.identity.CreateStaff(o.system(), identity.NewAccount{Email: strings.ToLower(role + "-" + unit + "@city.example"),
			Name: "王" + seat, Password: "Long-enough-" + unit + "-2026", UnitCode: unit, Locale: "en"})
		require.NoError(o.t, err)
		_, err = o.identity.Grant(o.system(), id, role, unit, "test")
		require.NoError(o.t, err)
		o.people[seat] = id
	}
	o.who = actor.Actor{Kind: actor.Staff, AccountID: id}
	return id
}

// file stores a request of a citizen who left a name and ways to reach them.
func (o *office) file(change ...func(*cases.Filing)) *cases.Receipt {
	o.t.Helper()
	f := cases.Filing{Kind: cases.Complaint, MatterCode: "street-light", Title: "湖濱路路燈不亮", Description: "兩盞路燈從週一起不亮。",
		Location: cases.Location{Address: "湖濱路 12 號前"}, Contact: cases.Contact{Name: "王小明", Phone: "13812345678", Email: "ming@example.org"},
		Confidentiality: cases.Normal, Locale: "zh-Hant", Channel: cases.ChannelWeb}
	for _, c := range change {
		c(&f)
	}
	r, err := o.cases.File(actor.With(o.t.Context(), actor.Actor{Kind: actor.Anonymous}), f)
	require.NoError(o.t, err)
	return r
}

// reviewed makes a filing one whose reply a second person has to approve.
func reviewed(f *cases.Filing) {
	f.MatterCode, f.Answers = "river-pollution", map[string]any{"happened_on": "2026-11-23"}
}

// do acts behind the pages, to bring a case to a status.
func (o *office) do(caseNo string, cmds ...cases.Command) *cases.Case {
	o.t.Helper()
	var c *cases.Case
	for _, cmd := range cmds {
		var err error
		c, err = o.cases.Act(o.system(), caseNo, 0, cmd)
		require.NoError(o.t, err, "%s", cmd.Action())
	}
	return c
}

func (o *office) status(caseNo string) (cases.Status, int64) {
	o.t.Helper()
	v, err := o.cases.View(o.system(), caseNo)
	require.NoError(o.t, err)
	return v.Status, v.Version
}

// page is an answer of the pages.
type page struct {
	*httptest.ResponseRecorder
	t testing.TB
}

var tags = regexp.MustCompile(`(?s)<script.*?</script>|<[^>]*>`)

// text is what a reader reads.
func (p page) text() string {
	return strings.Join(strings.Fields(html.UnescapeString(tags.ReplaceAllString(p.Body.String(), " "))), " ")
}

func (p page) has(words ...string) page {
	p.t.Helper()
	for _, w := range words {
		require.Contains(p.t, p.text(), w)
	}
	return p
}

func (p page) hasNot(words ...string) page {
	p.t.Helper()
	for _, w := range words {
		require.NotContains(p.t, p.text(), w)
	}
	return p
}

// ask sends a request as whoever sits there; every page of words is sound.
func (o *office) ask(method, path string, form url.Values, cookies ...*http.Cookie) page {
	o.t.Helper()
	var body io.Reader
	if form != nil {
		body = strings.NewReader(form.Encode())
	}
	r := httptest.NewRequestWithContext(o.t.Context(), method, path, body)
	r.Header.Set("Accept-Language", o.lang)
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if o.alone {
		r.Header.Set("HX-Request", "true")
	}
	for _, c := range cookies {
		r.AddCookie(c)
	}
	p := page{ResponseRecorder: httptest.NewRecorder(), t: o.t}
	o.handler.ServeHTTP(p.ResponseRecorder, r)
	if strings.HasPrefix(p.Header().Get("Content-Type"), "text/html") && p.Code != 303 {
		require.NotRegexp(o.t, `\b(desk|case|common|fault|web)\.[a-z_]+\.[a-z_.]+\b`, p.text(), "an untranslated key")
		require.NotContains(o.t, p.Body.String(), "ZgotmplZ")
		require.NotContains(o.t, p.text(), "no value")
		if !o.alone {
			require.Equal(o.t, 1, strings.Count(p.Body.String(), "<h1"), "one main heading")
		}
	}
	return p
}

func (o *office) get(path string, cookies ...*http.Cookie) page {
	o.t.Helper()
	return o.ask("GET", path, nil, cookies...)
}

// part is what a script gets that asks for a part of the page.
func (o *office) part(path string) page {
	o.t.Helper()
	o.alone = true
	defer func() { o.alone = false }()
	return o.get(path)
}

// cookie gives a cookie that an answer set.
func (p page) cookie(name string) *http.Cookie {
	p.t.Helper()
	for _, c := range p.Result().Cookies() {
		if c.Name == name {
			return &http.Cookie{Name: c.Name, Value: c.Value}
		}
	}
	require.Fail(p.t, "no cookie "+name)
	return nil
}
