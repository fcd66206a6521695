package admin_test

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/access"
	"minqing/internal/actor"
	"minqing/internal/audit"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/fault"
	"minqing/internal/i18n/i18ntest"
	"minqing/internal/jobs"
	"minqing/internal/notify"
	"minqing/internal/vault"
	"minqing/internal/web"
	"minqing/internal/web/admin"
)

// office is a database with the administrator's pages before it.
type office struct {
	db      *db.DB
	queue   *jobs.Queue
	kit     *web.Kit
	refused web.Verb
	person  string
	key     string
}

// Wrap, Visitor and Can stand for identity and access.
func (*office) Wrap(next http.Handler) http.Handler { return next }

func (*office) Visitor(context.Context) (actor.Actor, string, error) {
	return actor.Actor{Kind: actor.Staff, AccountID: "0192f0c0-0000-7000-8000-000000000001"}, "鄭系統", nil
}

func (o *office) Can(_ context.Context, v web.Verb) error {
	if v == o.refused {
		return fault.New(fault.Forbidden, "fault.forbidden")
	}
	return nil
}

// Contact and Facts stand for people and cases.
func (o *office) Contact(context.Context, notify.Recipient) (notify.Contact, error) {
	return notify.Contact{Locale: "en", Mail: "a@example.org", VaultKeyID: o.key}, nil
}

func (*office) Facts(context.Context, string) (notify.Facts, error) {
	return notify.Facts{CaseNo: "LJ20260000123N"}, nil
}

type deaf struct{}

func (deaf) Send(context.Context, notify.Message) error {
	return &notify.SendError{Outcome: notify.Never, Code: "rcpt_550"}
}

func (deaf) Check(context.Context) error { return nil }

type doomed struct{}

func (doomed) Kind() string { return "test.doomed" }

func product() fs.FS { return os.DirFS("../../..") }

func newOffice(t *testing.T) *office {
	t.Helper()
	o := &office{db: dbtest.New(t)}
	quiet := slog.New(slog.NewTextHandler(io.Discard, nil))
	ring, err := vault.CreateRing(filepath.Join(t.TempDir(), "keys"))
	require.NoError(t, err)
	v, trail := vault.New(o.db, ring, time.Now), audit.New(o.db, time.Now)
	o.queue, err = jobs.New(o.db, trail, jobs.Options{Log: quiet})
	require.NoError(t, err)
	jobs.Work(o.queue, func(context.Context, doomed) error { return errors.New("no paper in <tray> 2") })
	words, err := i18ntest.Words()
	require.NoError(t, err)
	told, err := notify.New(notify.Deps{DB: o.db, Vault: v, Audit: trail, Jobs: o.queue, Words: words, Templates: product(),
		Directory: o, Cases: o, Transport: deaf{}, BaseURL: "https://portal.example.org", Now: time.Now})
	require.NoError(t, err)
	o.kit, err = web.New(web.Options{Files: product(), Bundle: words, Sessions: o, Authoriser: o, Log: quiet})
	require.NoError(t, err)
	admin.Register(admin.Deps{Kit: o.kit, Jobs: o.queue, Notify: told})

	o.person = db.NewID(time.Now())
	require.NoError(t, o.db.Tx(t.Context(), func(ctx context.Context) error {
		if o.key, err = v.NewKey(ctx, vault.OwnerConstituent); err != nil {
			return err
		}
		row := db.Insert("constituents", "id, kind, vault_key_id, locale, created_at", o.person, "person", o.key, "en", time.Now().UTC())
		if err := o.db.From(ctx).Exec(row.SQL, row.Args...).Error; err != nil {
			return err
		}
		if err := o.queue.Add(ctx, doomed{}, jobs.MaxAttempts(1)); err != nil {
			return err
		}
		return told.Tell(ctx, notify.Telling{Kind: notify.ConfirmAddress, To: notify.Recipient{ConstituentID: o.person}, Cause: db.NewID(time.Now())})
	}))
	require.NoError(t, o.queue.Start(t.Context()))
	t.Cleanup(func() { require.NoError(t, o.queue.Stop(context.Background())); o.queue.Close() })
	require.Eventually(t, func() bool {
		n, err := o.queue.Count(context.Background())
		list, _, listed := told.Trouble(context.Background(), notify.Failed, "")
		return err == nil && listed == nil && n[jobs.Dead] == 1 && len(list) == 1
	}, 10*time.Second, 20*time.Millisecond)
	return o
}

func (o *office) ask(t *testing.T, method, target string, form url.Values) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequest(method, target, strings.NewReader(form.Encode()))
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	w := httptest.NewRecorder()
	o.kit.Handler().ServeHTTP(w, r)
	require.NotRegexp(t, `>\s*(admin|jobs|common|fault)\.[a-z_.]+\s*<`, w.Body.String(), "an untranslated key")
	require.NotContains(t, w.Body.String(), "ZgotmplZ")
	require.NotContains(t, w.Body.String(), "no value")
	return w
}

func (o *office) dead(t *testing.T) jobs.Job {
	t.Helper()
	page, err := o.queue.List(t.Context(), jobs.Dead, "")
	require.NoError(t, err)
	require.NotEmpty(t, page.Jobs)
	return page.Jobs[0]
}

func TestDeadJobsAreShownFirstWithTheirReason(t *testing.T) {
	o := newOffice(t)
	for lang, word := range map[string]string{"zh-Hant": "已放棄", "zh-Hans": "已放弃", "en": "Dead"} {
		w := o.ask(t, "GET", "/admin/jobs?lang="+lang, nil)
		require.Equal(t, 200, w.Code)
		require.Contains(t, w.Body.String(), word)
		require.Contains(t, w.Body.String(), "test.doomed")
		require.Contains(t, w.Body.String(), "no paper in &lt;tray&gt; 2")
		w = o.ask(t, "GET", admin.Href(o.dead(t).ID)+"?lang="+lang, nil)
		require.Equal(t, 200, w.Code)
		require.Contains(t, w.Body.String(), `value="retry"`)
		require.Contains(t, w.Body.String(), `value="discard"`)
	}
	require.Equal(t, 200, o.ask(t, "GET", "/admin/jobs?state=completed", nil).Code)
	require.Equal(t, 200, o.ask(t, "GET", "/admin/jobs?state=nonsense", nil).Code)
	require.Equal(t, 422, o.ask(t, "GET", "/admin/jobs?cursor=nonsense", nil).Code)
	require.Equal(t, 404, o.ask(t, "GET", "/admin/jobs/999999", nil).Code)
	require.Equal(t, 404, o.ask(t, "GET", "/admin/jobs/x", nil).Code)
}

func TestAnAdministratorRunsAJobAgainOrRemovesIt(t *testing.T) {
	o := newOffice(t)
	at := admin.Href(o.dead(t).ID)
	w := o.ask(t, "POST", at, url.Values{"do": {"retry"}})
	require.Equal(t, 303, w.Code)
	require.Eventually(t, func() bool {
		page, err := o.queue.List(context.Background(), jobs.Dead, "")
		return err == nil && len(page.Jobs) == 1 && len(page.Jobs[0].Failures) == 2
	}, 10*time.Second, 20*time.Millisecond)
	require.Equal(t, 303, o.ask(t, "POST", at, url.Values{"do": {"discard"}}).Code)
	require.Equal(t, 404, o.ask(t, "POST", at, url.Values{"do": {"discard"}}).Code)
	require.Equal(t, 422, o.ask(t, "POST", at, url.Values{"do": {"explode"}}).Code)
}

func TestAnAdministratorSettlesAMailThatFailed(t *testing.T) {
	o := newOffice(t)
	for _, lang := range []string{"zh-Hant", "zh-Hans", "en"} {
		require.Equal(t, 200, o.ask(t, "GET", "/admin/messages?lang="+lang, nil).Code)
	}
	w := o.ask(t, "GET", "/admin/messages?status=failed&lang=en", nil)
	require.Equal(t, 200, w.Code)
	require.Contains(t, w.Body.String(), "rcpt_550")
	require.NotContains(t, w.Body.String(), "a@example.org")
	_, after, found := strings.Cut(w.Body.String(), `action="/admin/messages/`)
	require.True(t, found)
	id, _, _ := strings.Cut(after, `"`)
	require.Equal(t, 303, o.ask(t, "POST", "/admin/messages/"+id, url.Values{"do": {"leave"}}).Code)
	w = o.ask(t, "POST", "/admin/messages/"+id+"?lang=en", url.Values{"do": {"resend"}})
	require.Equal(t, 409, w.Code)
	require.Contains(t, w.Body.String(), "nothing to decide")
	require.Equal(t, 404, o.ask(t, "POST", "/admin/messages/"+db.NewID(time.Now()), url.Values{"do": {"resend"}}).Code)
}

func TestReadingIsNotChanging(t *testing.T) {
	o := newOffice(t)
	at := admin.Href(o.dead(t).ID)
	o.refused = access.JobChange
	require.Equal(t, 200, o.ask(t, "GET", at, nil).Code)
	require.Equal(t, 403, o.ask(t, "POST", at, url.Values{"do": {"retry"}}).Code)
	o.refused = access.JobRead
	require.Equal(t, 403, o.ask(t, "GET", "/admin/jobs", nil).Code)
	require.Equal(t, 403, o.ask(t, "GET", "/admin/messages", nil).Code)
}
