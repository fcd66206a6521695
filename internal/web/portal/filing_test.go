package portal_test

import (
	"bytes"
	"context"
	"io"
	"io/fs"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
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
	"minqing/internal/db/dbtest"
	"minqing/internal/demo"
	"minqing/internal/files"
	"minqing/internal/i18n"
	"minqing/internal/i18n/i18ntest"
	"minqing/internal/insight"
	"minqing/internal/jobs"
	"minqing/internal/permittypes"
	"minqing/internal/place"
	"minqing/internal/replies"
	"minqing/internal/vault"
	"minqing/internal/web"
	"minqing/internal/web/portal"
)

// Wrap and Visitor stand for sessions: everyone is this person, at first nobody.
func (*town) Wrap(next http.Handler) http.Handler { return next }

func (w *town) Visitor(context.Context) (actor.Actor, string, error) { return w.who, "", nil }

// town is the demo city with its pages of filing, and a browser without scripts.
type town struct {
	t       *testing.T
	db      *db.DB
	cases   *cases.Service
	city    *insight.Service
	who     actor.Actor
	replies *replies.Service
	access  *access.Service
	later   time.Duration // by how much the clock was turned on
	server  *httptest.Server
	http.Client
	body string
	code int
	at   string
}

// now is a Tuesday, 16:00 in the city.
var now = time.Date(2026, 11, 24, 8, 0, 0, 0, time.UTC)

func product() fs.FS { return os.DirFS("../../..") }

func newTown(t *testing.T) *town { return newTownOn(t, dbtest.New(t)) }

func newTownOn(t *testing.T, d *db.DB) *town { return newTownWith(t, d, "file:"+t.TempDir()) }

func newTownWith(t *testing.T, d *db.DB, blobs string) *town {
	t.Helper()
	w := &town{t: t, db: d}
	clock := func() time.Time { return now.Add(w.later) }
	ring, err := vault.CreateRing(filepath.Join(t.TempDir(), "keys"))
	require.NoError(t, err)
	v, trail := vault.New(d, ring, clock), audit.New(d, clock)
	queue, err := jobs.New(d, trail, jobs.Options{})
	require.NoError(t, err)
	policies, err := fs.Sub(product(), "policies")
	require.NoError(t, err)
	who, err := access.New(d, trail, policies, clock)
	require.NoError(t, err)
	cat, places := catalogue.New(d, trail, clock), place.New(d, trail, clock)
	zone := time.FixedZone("CST", 8*3600)
	city := demo.New(cat, places)
	city.Permits = permittypes.New(d, trail, cat, zone, clock)
	require.NoError(t, city.LoadCity(actor.AsSystem(t.Context(), "test")))
	times, err := clocks.New("CN")
	require.NoError(t, err)
	store, err := files.OpenStore(blobs)
	require.NoError(t, err)
	attached := files.New(files.Deps{DB: d, Vault: v, Audit: trail, Store: store, Now: clock})
	svc := cases.New(cases.Deps{DB: d, Vault: v, Audit: trail, Jobs: queue, Catalogue: cat, Places: places, Access: who, Clocks: times, Now: clock,
		Constituents: constituents.New(constituents.Deps{DB: d, Vault: v, Audit: trail, Now: clock, Region: "CN"}), Attachments: attached})
	bundle, err := i18ntest.Words()
	require.NoError(t, err)
	w.access = who
	w.cases, w.city = svc, insight.New(insight.Deps{DB: d, Access: who, Zone: zone, Now: clock})
	kit, err := web.New(web.Options{Files: product(), Bundle: bundle, Sessions: w, Authoriser: who, Now: clock,
		Zone: zone, Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
	require.NoError(t, err)
	w.replies = &replies.Service{DB: d, Audit: trail, Access: who, Catalogue: cat, Now: clock}
	deps := portal.Deps{Kit: kit, Permits: city.Permits, Replies: w.replies, Cases: svc, Drafts: cases.NewDrafts(d, v, attached, clock), Once: cases.NewOnce(d, v, clock),
		Catalogue: cat, Places: places, Files: attached, Clocks: times, Insight: w.city, Now: clock, BaseURL: "http://city.example",
		Log: slog.New(slog.NewTextHandler(io.Discard, nil))}
	portal.RegisterFiling(deps)
	portal.RegisterPermits(portal.PermitDeps{Deps: deps, Words: bundle})
	w.server = httptest.NewServer(kit.Handler())
	t.Cleanup(w.server.Close)
	w.newBrowser()
	return w
}

func (w *town) newBrowser() {
	jar, err := cookiejar.New(nil)
	require.NoError(w.t, err)
	w.Jar = jar
}

func (w *town) took(r *http.Response, err error) string {
	w.t.Helper()
	require.NoError(w.t, err)
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	require.NoError(w.t, err)
	w.body, w.code, w.at = string(body), r.StatusCode, r.Request.URL.RequestURI()
	require.NotRegexp(w.t, `>\s*(portal|case|common|fault)\.[a-z_.]+\s*<`, w.body, "an untranslated key")
	require.NotContains(w.t, w.body, "ZgotmplZ")
	require.NotContains(w.t, w.body, "no value")
	return w.body
}

func (w *town) get(path string) string { return w.took(w.Get(w.server.URL + path)) }

// post sends a form as a browser does, with pairs of names and values.
func (w *town) post(path string, pairs ...string) string {
	w.t.Helper()
	form := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		form.Add(pairs[i], pairs[i+1])
	}
	return w.took(w.PostForm(w.server.URL+path, form))
}

func (w *town) count() (n int) {
	require.NoError(w.t, w.db.From(w.t.Context()).Raw("SELECT count(*) FROM cases").Scan(&n).Error)
	return n
}

const (
	theTitle = "學府路 12 號門口水管爆裂"
	theText  = "從昨天晚上開始漏水，路面已經積水。\n希望今天派人來修。"
)

// fill goes through the steps of water-outage up to the check.
func (w *town) fill(extra ...string) {
	w.post("/file/water-outage/what", append([]string{"kind", "complaint", "title", theTitle, "description", theText}, extra...)...)
	require.Equal(w.t, "/file/water-outage/questions", w.at, w.body)
	w.post(w.at, "asked", "since", "asked", "households", "asked", "extent", "answers.since.year", "2026", "answers.since.month", "11",
		"answers.since.day", "23", "answers.households", "1250", "answers.extent", "street")
	require.Equal(w.t, "/file/water-outage/where", w.at, w.body)
	w.post(w.at, "location.address", "學府路 12 號")
	require.Equal(w.t, "/file/water-outage/who", w.at, w.body)
}

var numberOnPage = regexp.MustCompile(`id="case-no">([A-Z]+\d+[0-9A-Z])<`)

func TestAComplaintIsFiledInEachLanguage(t *testing.T) {
	answered := map[string][]string{"zh-Hant": {"2026 年 11 月 23 日（一）", "1,250"}, "zh-Hans": {"2026年11月23日（周一）", "1,250"},
		"en": {"Mon 23 November 2026", "1,250"}}
	for lang, words := range map[string][]string{
		"zh-Hant": {"已收到您的訴求", "案號", "查詢碼"}, "zh-Hans": {"已收到您的诉求", "办件编号", "查询码"}, "en": {"We have received your request", "Case number", "Query code"},
	} {
		t.Run(lang, func(t *testing.T) {
			dbtest.Each(t, func(t *testing.T, d *db.DB) { filesIn(t, d, lang, words, answered[lang]) })
		})
	}
}

func filesIn(t *testing.T, d *db.DB, lang string, words, answered []string) {
	w := newTownOn(t, d)
	w.get("/?lang=" + lang)
	require.Contains(t, w.body, `href="/file"`)
	w.get("/matters/water-outage")
	require.Contains(t, w.body, `href="/file/water-outage"`)
	w.get("/file/water-outage")
	w.fill()
	w.post(w.at, "confidentiality", "normal", "contact.name", "林小雨", "contact.phone", "13800138000")
	require.Equal(t, "/file/water-outage/check", w.at, w.body)
	require.Contains(t, w.body, theTitle)
	require.Contains(t, w.body, "林小雨")
	for _, word := range answered {
		require.Contains(t, w.body, word)
	}
	w.post(w.at)
	require.Equal(t, 200, w.code)
	no := numberOnPage.FindStringSubmatch(w.body)
	require.NotNil(t, no, w.body)
	require.Equal(t, "/receipt/"+no[1], w.at, "the query code is never in the address")
	for _, word := range words {
		require.Contains(t, w.body, word)
	}
	again := w.get("/receipt/" + no[1])
	require.Contains(t, again, `id="query-code"`, "a reload shows it again")
	require.Contains(t, again, "<svg class=\"mq-qr\"")
	code := regexp.MustCompile(`id="query-code">([0-9A-Z-]+)<`).FindStringSubmatch(again)
	v, err := w.cases.Track(t.Context(), cases.Key{CaseNo: no[1], QueryCode: code[1]})
	require.NoError(t, err)
	require.Equal(t, lang, v.Locale)
	require.Equal(t, strings.ReplaceAll(theText, "\r", ""), v.Description)
	require.Equal(t, "學府路 12 號", v.Address)
	require.Equal(t, "street", v.AnswerMap()["extent"])
	require.Equal(t, 1, w.count())
}

func TestWhatWasTypedStaysAfterAnErrorAndAfterAReload(t *testing.T) {
	w := newTown(t)
	w.post("/file/water-outage/what", "kind", "complaint", "title", "", "description", theText)
	require.Equal(t, 422, w.code)
	require.Contains(t, w.body, `href="#title"`)
	require.Contains(t, w.body, "路面已經積水")
	require.Contains(t, w.get("/file/water-outage/what"), "路面已經積水")
	long := strings.Repeat("很長", 3000)
	w.post("/file/water-outage/what", "kind", "complaint", "title", theTitle, "description", long)
	require.Equal(t, 422, w.code)
	require.Contains(t, w.body, long)
	w.post("/file/water-outage/what", "kind", "complaint", "title", theTitle, "description", strings.Repeat("a", 2<<20))
	require.Equal(t, 422, w.code)
	require.Contains(t, w.body, `href="#description"`)
	w.fill()
	w.post(w.at, "confidentiality", "normal", "contact.name", "林小雨", "contact.phone", "12")
	require.Equal(t, 422, w.code)
	require.Contains(t, w.body, `href="#contact-phone"`)
	require.Contains(t, w.body, "林小雨")
	require.Contains(t, w.get("/file/other/what"), theTitle, "the words go along to another matter")
	w.newBrowser()
	require.NotContains(t, w.get("/file/water-outage/what"), theTitle, "another browser sees nothing")
	require.Zero(t, w.count())
}

func TestTheCheckShowsWhatWillBeStored(t *testing.T) {
	w := newTown(t)
	w.post("/file/water-outage/what", "kind", "complaint", "title", "停水\u202E了", "description", "昨晚\u2066起\r\n沒水")
	w.post("/file/water-outage/questions", "asked", "since", "asked", "households", "asked", "extent", "answers.since.year", "2026", "answers.since.month", "11",
		"answers.since.day", "23", "answers.households", "3\u202E", "answers.extent", "street")
	w.post("/file/water-outage/where", "location.address", "學府路\u202D 12 號")
	w.post("/file/water-outage/who", "confidentiality", "normal", "contact.name", "林\u202E小雨", "contact.phone", "13800138000")
	require.Equal(t, "/file/water-outage/check", w.at, w.body)
	for _, shown := range []string{"停水了", "昨晚起\n沒水", "學府路 12 號", "林小雨"} {
		require.Contains(t, w.body, shown)
	}
	require.NotRegexp(t, "[\u202A-\u202E\u2066-\u2069]", w.body)
}

func TestNobodyHasToSayWhoTheyAre(t *testing.T) {
	w := newTown(t)
	w.fill()
	w.post(w.at, "confidentiality", "anonymous", "contact.name", "林小雨", "contact.phone", "13800138000")
	require.Equal(t, "/file/water-outage/check", w.at)
	require.NotContains(t, w.body, "林小雨")
	w.post(w.at)
	require.Contains(t, w.at, "/receipt/")
	require.NotContains(t, w.body, "與您聯絡")
	var people int
	require.NoError(t, w.db.From(t.Context()).Raw("SELECT count(*) FROM constituents").Scan(&people).Error)
	require.Zero(t, people)
}

func TestDangerShowsTheNumbersBeforeSendingAndIsUrgent(t *testing.T) {
	w := newTown(t)
	w.fill("danger", "yes")
	require.Contains(t, w.body, `href="tel:119"`)
	w.post(w.at, "confidentiality", "anonymous")
	require.Contains(t, w.body, `mq-notice--over`)
	require.Contains(t, w.body, `href="tel:110"`)
	w.post(w.at)
	var row struct {
		Urgent        bool
		HandlingLimit string
	}
	require.NoError(t, w.db.From(t.Context()).Raw("SELECT urgent, handling_limit FROM cases").Scan(&row).Error)
	require.True(t, row.Urgent)
	require.Equal(t, "2h", row.HandlingLimit)
	require.Contains(t, w.get("/file/gas-smell/what"), `mq-notice--over`, "an urgent matter says so at once")
}

func TestADraftSentTwiceIsFiledOnce(t *testing.T) {
	dbtest.Each(t, sendsTwice)
}

func sendsTwice(t *testing.T, d *db.DB) {
	w := newTownOn(t, d)
	w.fill()
	w.post(w.at, "confidentiality", "anonymous")
	var all sync.WaitGroup
	landed := make([]string, 4)
	for i := range landed {
		all.Go(func() {
			if r, err := w.PostForm(w.server.URL+"/file/water-outage/check", url.Values{}); err == nil {
				landed[i] = r.Request.URL.Path
				r.Body.Close()
			}
		})
	}
	all.Wait()
	require.Equal(t, 1, w.count())
	for _, at := range landed {
		require.Equal(t, landed[0], at)
		require.Contains(t, at, "/receipt/")
	}
	require.NotContains(t, w.get("/file/water-outage/what"), theTitle, "the next filing begins empty")
}

func TestWhoIsNotSureIsReadByTheIntakeDesk(t *testing.T) {
	w := newTown(t)
	w.post("/file/other/what", "kind", "help_request", "title", theTitle, "description", theText)
	require.Equal(t, "/file/other/where", w.at, w.body)
	w.post(w.at, "location.district_code", "nowhere")
	require.Equal(t, 422, w.code)
	require.Contains(t, w.body, `href="#location-district_code"`)
	w.post("/file/other/where", "location.lat", "1", "location.lng", "1")
	require.Equal(t, 422, w.code)
	require.Contains(t, w.body, `id="location-error"`, "a point outside the city is named")
	w.post("/file/other/where", "location.lat", "1", "location.lng", "1", "do", "unpin")
	require.Equal(t, 200, w.code)
	require.NotContains(t, w.body, `value="unpin"`)
	w.post("/file/other/where")
	w.post(w.at, "confidentiality", "anonymous")
	w.post(w.at)
	require.Contains(t, w.at, "/receipt/")
}

func (w *town) upload(name, content string, pairs ...string) {
	w.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for i := 0; i+1 < len(pairs); i += 2 {
		require.NoError(w.t, form.WriteField(pairs[i], pairs[i+1]))
	}
	part, err := form.CreateFormFile("file", name)
	require.NoError(w.t, err)
	_, _ = io.WriteString(part, content)
	require.NoError(w.t, form.Close())
	w.took(w.Post(w.server.URL+"/file/water-outage/what", form.FormDataContentType(), &body))
}

func TestFilesComeAlongWithTheCase(t *testing.T) {
	w := newTown(t)
	typed := []string{"kind", "complaint", "title", theTitle, "description", theText}
	w.upload("運作.exe", "MZ\x90", typed...)
	require.Equal(t, 422, w.code)
	require.Contains(t, w.body, "「運作.exe」沒有附上：", "of several files it must be known which")
	require.Contains(t, w.body, theTitle)
	w.upload("經過.txt", "昨晚九點開始漏水", append(typed, "do", "attach")...)
	require.Equal(t, "/file/water-outage/what", w.at, w.body)
	require.Contains(t, w.body, "經過.txt")
	w.upload("多餘.txt", "不要這個", append(typed, "do", "attach")...)
	id := regexp.MustCompile(`name="remove" value="([^"]+)">[^<]*<span class="govuk-visually-hidden"> 多餘`).FindStringSubmatch(w.body)
	require.NotNil(t, id, w.body)
	w.post("/file/water-outage/what", append(typed, "remove", id[1])...)
	require.NotContains(t, w.body, "多餘.txt")
	w.fill()
	w.post(w.at, "confidentiality", "anonymous")
	require.Contains(t, w.body, "經過.txt")
	w.post(w.at)
	var held int
	require.NoError(t, w.db.From(t.Context()).Raw("SELECT count(*) FROM files WHERE owner_kind = 'case' AND state = 'stored'").Scan(&held).Error)
	require.Equal(t, 1, held)
}

func TestWhoStaysUnknownSendsNoFileThatNamesThem(t *testing.T) {
	w := newTown(t)
	typed := []string{"kind", "complaint", "title", theTitle, "description", theText}
	w.upload("經過.pdf", "%PDF-1.7\n5 0 obj<</Author(Lin)>>endobj\ntrailer<</Root 1 0 R/Info 5 0 R/Encrypt 7 0 R>>\n", append(typed, "do", "attach")...)
	require.Equal(t, 200, w.code, w.body)
	w.fill()
	w.post(w.at, "confidentiality", "anonymous")
	w.post(w.at)
	require.Equal(t, 422, w.code)
	require.Contains(t, w.body, "「經過.pdf」")
	require.Contains(t, w.body, "仍記著作者")
	require.Contains(t, w.body, "/file/water-outage/what", "where it can be taken away")
	require.Zero(t, w.count())
	id := regexp.MustCompile(`name="remove" value="([^"]+)"`).FindStringSubmatch(w.get("/file/water-outage/what"))
	require.NotNil(t, id, w.body)
	w.post("/file/water-outage/what", append(typed, "remove", id[1])...)
	w.post("/file/water-outage/what", typed...)
	w.get("/file/water-outage/check")
	require.Equal(t, "/file/water-outage/check", w.at, "nothing else was lost")
	w.post(w.at)
	require.Contains(t, w.at, "/receipt/")
}

func TestSearchFindsAndEveryMatterCanBeOpenedAndBegun(t *testing.T) {
	w := newTown(t)
	require.Contains(t, w.get("/matters?q="+url.QueryEscape("沒水")), "/matters/water-outage")
	require.Contains(t, w.get("/matters?q="+url.QueryEscape("no water")+"&lang=en"), "/matters/water-outage")
	require.Contains(t, w.get("/matters?q=xyzzyq"), "/file/other")
	require.Contains(t, w.get("/matters?situation=storm-and-flood"), "/matters/drain-blocked")
	require.Contains(t, w.get("/file?q="+url.QueryEscape("停水")), "/file/water-outage")
	w.get("/matters/none")
	require.Equal(t, 404, w.code)
	w.get("/file/none/what")
	require.Equal(t, 404, w.code)
	w.get("/file/water-outage/nowhere")
	require.Equal(t, 404, w.code)
	for _, hit := range regexp.MustCompile(`href="(/file/[a-z0-9-]+)"`).FindAllStringSubmatch(w.get("/file"), -1) {
		w.get(hit[1])
		require.Equal(t, 200, w.code, hit[1])
		w.get(strings.Replace(hit[1], "/file/", "/matters/", 1))
		require.True(t, w.code == 200 || hit[1] == "/file/other", hit[1])
	}
	w.get("/file/other/check")
	require.Equal(t, "/file/other/what", w.at, "no step can be left out")
	w.get("/map/districts.json")
	require.Contains(t, w.body, "FeatureCollection")
}

func TestAPublicArticleIsReadBeforeFiling(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newTownOn(t, d)
		ctx := actor.AsSystem(t.Context(), "test")
		snap, err := w.replies.Catalogue.Snapshot(ctx)
		require.NoError(t, err)
		m, err := snap.Matter("water-outage")
		require.NoError(t, err)
		one := replies.Text{Kind: replies.Article, UnitID: snap.Root().ID, MatterID: &m.ID, Locale: i18n.ZhHant, Title: "停水公告在哪裡看", Body: "計畫停水三日前公告。"}
		_, err = w.replies.Put(ctx, one)
		require.NoError(t, err)
		require.NotContains(t, w.get("/matters/water-outage"), "停水公告在哪裡看", "it is for the desk only")
		one.Public = true
		_, err = w.replies.Put(ctx, one)
		require.NoError(t, err)
		require.Contains(t, w.get("/matters/water-outage"), "停水公告在哪裡看")
		require.Contains(t, w.get("/matters/water-outage"), "也許這裡就有答案")
	})
}
