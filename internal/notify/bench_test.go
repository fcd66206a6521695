package notify_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/audit"
	"minqing/internal/db"
	"minqing/internal/fault"
	"minqing/internal/i18n/i18ntest"
	"minqing/internal/jobs"
	"minqing/internal/notify"
	"minqing/internal/vault"
)

// bench is a service with one person and one case in a real database.
type bench struct {
	*notify.Service
	db      *db.DB
	queue   *jobs.Queue
	person  string
	acct    string
	caseID  string
	mu      sync.Mutex
	contact notify.Contact
	gone    error
	urgent  bool
	spoken  bool
	silent  bool
	other   string // another case
	closed  bool   // it is gone
	started bool
	caused  time.Time // when the last cause of a message was
}

const caseNo = "LJ20260000123N"

// Contact and Facts stand for the packages of people and cases.
func (b *bench) Contact(_ context.Context, r notify.Recipient) (notify.Contact, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if r.ConstituentID != b.person && (r.AccountID == "" || r.AccountID != b.acct) {
		return notify.Contact{}, fault.New(fault.NotFound, "constituents.missing")
	}
	return b.contact, b.gone
}

func (b *bench) Facts(_ context.Context, id string) (notify.Facts, error) {
	switch {
	case id == b.other && b.closed:
		return notify.Facts{}, fault.New(fault.NotFound, "cases.missing")
	case id == b.other:
		return notify.Facts{CaseNo: "LJ20260000124P"}, nil
	case id != b.caseID:
		return notify.Facts{}, errors.New("another case")
	}
	return notify.Facts{CaseNo: caseNo, QueryCode: "8QH2M1XYZ0", EvaluationToken: caseNo + "-ABCDEF", Urgent: b.urgent, Spoken: b.spoken, Silent: b.silent, Hotline: "12345"}, nil
}

func newBench(t *testing.T, d *db.DB, transport notify.Transport) *bench {
	t.Helper()
	ring, err := vault.CreateRing(filepath.Join(t.TempDir(), "keys"))
	require.NoError(t, err)
	v := vault.New(d, ring, time.Now)
	trail := audit.New(d, time.Now)
	b := &bench{db: d}
	b.queue, err = jobs.New(d, trail, jobs.Options{Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Poll: 100 * time.Millisecond,
		Backoff: func(int) time.Duration { return 50 * time.Millisecond }})
	require.NoError(t, err)
	root := os.DirFS("../..")
	words, err := i18ntest.Words()
	require.NoError(t, err)
	b.Service, err = notify.New(notify.Deps{DB: d, Vault: v, Audit: trail, Jobs: b.queue, Words: words, Templates: root,
		Directory: b, Cases: b, Secrets: b, Transport: transport, BaseURL: "https://portal.example.org", Now: time.Now})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, b.queue.Stop(context.Background())); b.queue.Close() })
	b.people(t, v)
	return b
}

// people inserts the rows that deliveries refer to.
func (b *bench) people(t *testing.T, v *vault.Vault) {
	t.Helper()
	now := time.Now().UTC()
	exec := func(ctx context.Context, s db.Stmt) {
		require.NoError(t, b.db.From(ctx).Exec(s.SQL, s.Args...).Error)
	}
	require.NoError(t, b.db.Tx(t.Context(), func(ctx context.Context) error {
		key, err := v.NewKey(ctx, vault.OwnerConstituent)
		if err != nil {
			return err
		}
		b.contact = notify.Contact{Locale: "zh-Hant", Mail: "wang@example.org", MailProven: true, VaultKeyID: key}
		b.person, b.caseID = db.NewID(now), db.NewID(now)
		unit := db.NewID(now)
		exec(ctx, db.Insert("constituents", "id, kind, vault_key_id, locale, created_at", b.person, "person", key, "zh-Hant", now))
		exec(ctx, db.Insert("units", "id, code, name, path, kind, valid_from", unit, "city", "{}", unit+"/", "city", "2026-01-01"))
		exec(ctx, db.Insert("cases", "id, case_no, track, kind, status, confidentiality, channel, locale, unit_id, received_at, received_on, code_key, created_at, updated_at",
			b.caseID, caseNo, "hotline", "complaint", "submitted", "normal", "web", "zh-Hant", unit, now, "2026-11-24", "k1", now, now))
		return nil
	}))
}

func (b *bench) start(t *testing.T) {
	t.Helper()
	if !b.started {
		require.NoError(t, b.queue.Start(t.Context()))
		b.started = true
	}
}

func (b *bench) tell(t *testing.T, k notify.Kind) {
	t.Helper()
	require.NoError(t, b.Tell(t.Context(), notify.Telling{Kind: k, To: notify.Recipient{ConstituentID: b.person}, CaseID: b.caseID, Cause: b.cause()}))
}

// cause is an event of a millisecond of its own: messages about events of one
// millisecond have no order, and a test asks for the newest.
func (b *bench) cause() string {
	b.caused = b.caused.Add(time.Millisecond)
	if now := time.Now(); now.After(b.caused) {
		b.caused = now
	}
	return db.NewID(b.caused)
}

// whole is the log with all of its pages, the oldest first.
func (b *bench) whole(t *testing.T) (log []notify.Entry) {
	t.Helper()
	for cursor := ""; ; {
		list, next, err := b.Log(context.Background(), b.caseID, cursor)
		require.NoError(t, err)
		log = append(log, list...)
		if cursor = next; next == "" {
			slices.Reverse(log)
			return log
		}
	}
}

// mail is the newest mail delivery of the log.
func (b *bench) mail(t *testing.T) notify.Entry {
	t.Helper()
	log := b.whole(t)
	for i := len(log) - 1; i >= 0; i-- {
		if log[i].Channel == notify.Mail {
			return log[i]
		}
	}
	t.Fatal("no mail in the log")
	return notify.Entry{}
}

func (b *bench) waitFor(t *testing.T, s notify.Status) notify.Entry {
	t.Helper()
	require.Eventually(t, func() bool { return b.mail(t).Status == s }, 10*time.Second, 10*time.Millisecond, "%+v", b.mail(t))
	return b.mail(t)
}

// mailpit is a real mail server that keeps what it gets.
type mailpit struct {
	smtp, http string
}

var startMailpit = sync.OnceValues(func() (*exec.Cmd, error) {
	program := filepath.Join("..", "..", "bin", "tools", "mailpit")
	if _, err := os.Stat(program); err != nil {
		build := exec.Command("go", "build", "-modfile=tools/go.mod", "-o", "bin/tools/mailpit", "github.com/axllent/mailpit")
		build.Dir = filepath.Join("..", "..")
		if out, err := build.CombinedOutput(); err != nil {
			return nil, fmt.Errorf("build mailpit: %w: %s", err, out)
		}
	}
	smtp, err := freePort()
	if err != nil {
		return nil, err
	}
	web, err := freePort()
	if err != nil {
		return nil, err
	}
	theMailpit = &mailpit{smtp: smtp, http: "http://" + web}
	cmd := exec.Command(program, "--quiet", "--smtp", smtp, "--listen", web, "--disable-version-check", "--smtp-disable-rdns")
	return cmd, cmd.Start()
})

var theMailpit *mailpit

func TestMain(m *testing.M) {
	code := m.Run()
	if theMailpit != nil {
		if cmd, err := startMailpit(); err == nil {
			_ = cmd.Process.Kill()
			_ = cmd.Wait()
		}
	}
	os.Exit(code)
}

func freePort() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer l.Close()
	return l.Addr().String(), nil
}

func newMailpit(t *testing.T) *mailpit {
	t.Helper()
	_, err := startMailpit()
	require.NoError(t, err)
	require.Eventually(t, func() bool {
		res, err := http.Get(theMailpit.http + "/readyz")
		if err != nil {
			return false
		}
		res.Body.Close()
		return res.StatusCode == http.StatusOK
	}, 20*time.Second, 50*time.Millisecond, "mailpit does not answer")
	return theMailpit
}

func (m *mailpit) transport(t *testing.T) *notify.SMTP {
	t.Helper()
	s, err := notify.OpenSMTP("smtp://"+m.smtp, "https://portal.example.org", "民情")
	require.NoError(t, err)
	return s
}

// letter is a mail as Mailpit shows it.
type letter struct {
	ID        string
	MessageID string
	Subject   string
	Text      string
	HTML      string
	From      struct{ Name, Address string }
	To        []struct{ Address string }
}

func (m *mailpit) get(t *testing.T, path string, into any) {
	t.Helper()
	res, err := http.Get(m.http + path)
	require.NoError(t, err)
	defer res.Body.Close()
	require.Equal(t, http.StatusOK, res.StatusCode)
	require.NoError(t, json.NewDecoder(res.Body).Decode(into))
}

// letters gives what came for an address, oldest first.
func (m *mailpit) letters(t *testing.T, address string) []letter {
	t.Helper()
	var list struct{ Messages []letter }
	m.get(t, "/api/v1/search?query=to:"+address, &list)
	out := make([]letter, len(list.Messages))
	for i, found := range list.Messages {
		m.get(t, "/api/v1/message/"+found.ID, &out[len(out)-1-i])
	}
	return out
}
