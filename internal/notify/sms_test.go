package notify_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/fault"
	"minqing/internal/notify"
)

// gateway is an HTTP gateway with an answer for each request.
type gateway struct {
	*httptest.Server
	answers []int
	got     []map[string]string
	keys    []string
	auth    []string
}

func newGateway(t *testing.T, answers ...int) *gateway {
	g := &gateway{answers: answers}
	g.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var body map[string]string
		_ = json.NewDecoder(r.Body).Decode(&body)
		g.got, g.keys, g.auth = append(g.got, body), append(g.keys, r.Header.Get("Idempotency-Key")), append(g.auth, r.Header.Get("Authorization"))
		status := 202
		if len(g.answers) > 0 {
			status, g.answers = g.answers[0], g.answers[1:]
		}
		if status == 302 {
			w.Header().Set("Location", "/elsewhere")
		}
		w.WriteHeader(status)
	}))
	t.Cleanup(g.Close)
	return g
}

func (g *gateway) open(t *testing.T, user string) *notify.Gateway {
	s, err := notify.OpenSMS(strings.Replace(g.URL, "://", "://"+user+"@", 1) + "/send?from=city")
	require.NoError(t, err)
	return s
}

func TestAGatewayGetsTheMessageOnce(t *testing.T) {
	g := newGateway(t)
	m := notify.Message{ID: "0199", To: "+8613800138000", Lang: "zh-Hans", Text: "12345678"}
	require.NoError(t, g.open(t, "u:p%40ss").Text(t.Context(), m))
	require.NoError(t, g.open(t, "token").Text(t.Context(), m))
	require.Equal(t, map[string]string{"id": "0199", "to": "+8613800138000", "lang": "zh-Hans", "text": "12345678"}, g.got[0])
	require.Equal(t, "0199", g.keys[0])
	require.Equal(t, []string{"Basic dTpwQHNz", "Bearer token"}, g.auth)
	for status, want := range map[int]notify.Outcome{429: notify.Later, 503: notify.Later, 400: notify.Never, 401: notify.Never, 302: notify.Never, 500: notify.Unknown} {
		g.answers = []int{status}
		var failed *notify.SendError
		require.ErrorAs(t, g.open(t, "u:p").Text(t.Context(), m), &failed, status)
		require.Equal(t, want, failed.Outcome, status)
	}
	require.NoError(t, g.open(t, "u:p").Check(t.Context()))
	g.answers = []int{401}
	require.Error(t, g.open(t, "u:p").Check(t.Context()))
	s := g.open(t, "u:hunter2")
	g.Close()
	var failed *notify.SendError
	require.ErrorAs(t, s.Text(t.Context(), m), &failed)
	require.Equal(t, notify.Later, failed.Outcome, "nothing left")
	_, err := notify.OpenSMS("ftp://u:hunter2@x")
	require.NotContains(t, err.Error(), "hunter2")
}

// What a gateway does that is too slow, breaks off or answers with a page is not
// taken for a message that left, nor sent again by itself.
func TestAGatewayThatTimesOutOrLiesLeavesItUncertain(t *testing.T) {
	m := notify.Message{ID: "0199", To: "+8613800138000", Lang: "zh-Hans", Text: "12345678"}
	hangs := make(chan struct{})
	for name, answer := range map[string]http.HandlerFunc{
		"silence": func(http.ResponseWriter, *http.Request) { <-hangs },
		"broken off": func(w http.ResponseWriter, _ *http.Request) {
			c, _, err := w.(http.Hijacker).Hijack()
			if err == nil {
				c.Close()
			}
		},
		"a page": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			_, _ = w.Write([]byte("<title>Sign in</title>"))
		},
	} {
		got := 0
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			got++
			_, _ = io.Copy(io.Discard, r.Body)
			if got > 1 {
				answer(w, r)
			}
		}))
		s, err := notify.OpenSMS(server.URL)
		require.NoError(t, err)
		require.NoError(t, s.Text(t.Context(), m), "the connection is kept: what is tried again on it would be sent twice")
		ctx, stop := context.WithTimeout(t.Context(), 300*time.Millisecond)
		var failed *notify.SendError
		require.ErrorAs(t, s.Text(ctx, m), &failed, name)
		require.Equal(t, notify.Unknown, failed.Outcome, name)
		require.Equal(t, 2, got, name)
		stop()
		if name == "silence" {
			close(hangs)
		}
		server.Close()
	}
}

// Secret stands for the package of accounts.
func (b *bench) Secret(_ context.Context, k notify.Kind, about string) (notify.Secret, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if about == "" || b.gone != nil {
		return notify.Secret{}, fault.New(fault.NotFound, "identity.step.over")
	}
	s := notify.Secret{Locale: b.contact.Locale, Mail: b.contact.Mail, Code: "24681357", LinkPath: "/reset/LINK", VaultKeyID: b.contact.VaultKeyID}
	if k == notify.PhoneCode {
		s.Mail, s.Phone = "", "+8613800138000"
	}
	return s, nil
}

// account inserts an account.
func (b *bench) account(t *testing.T) string {
	t.Helper()
	now := time.Now().UTC()
	b.acct = db.NewID(now)
	s := db.Insert("accounts", "id, kind, login_index, vault_key_id, email_cipher, locale, status, link_key, created_at",
		b.acct, "citizen", []byte("x"), b.contact.VaultKeyID, []byte("x"), "zh-Hant", "active", "k1", now)
	require.NoError(t, b.db.From(t.Context()).Exec(s.SQL, s.Args...).Error)
	return b.acct
}

// left waits until a message about something has left.
func (b *bench) left(t *testing.T, about string) {
	t.Helper()
	status := func() (s string) {
		_ = b.db.From(context.Background()).Raw("SELECT status FROM deliveries WHERE about_id = ?", about).Scan(&s).Error
		return s
	}
	require.Eventually(t, func() bool { return status() == "sent" }, 10*time.Second, 10*time.Millisecond, "%s", about)
}

func TestACodeGoesByTextAndIsTriedAgain(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		g := newGateway(t, 503, 202)
		b := newBench(t, d, nil)
		b.Texts = g.open(t, "u:p")
		b.start(t)
		about := db.NewID(time.Now())
		told := notify.Telling{Kind: notify.PhoneCode, To: notify.Recipient{AccountID: b.account(t)}, About: about, Cause: about}
		require.NoError(t, b.Tell(t.Context(), told))
		require.NoError(t, b.Tell(t.Context(), told), "twice is once")
		b.left(t, about)
		require.Len(t, g.got, 2)
		require.Equal(t, g.keys[0], g.keys[1])
		require.Contains(t, g.got[1]["text"], "24681357")
		var raw []byte
		require.NoError(t, d.From(t.Context()).Raw("SELECT address_cipher FROM deliveries WHERE channel = 'sms'").Row().Scan(&raw))
		require.NotContains(t, string(raw), "138")
	})
}

func TestEveryMessageToAnAccountIsWrittenInEveryLanguage(t *testing.T) {
	m := newMailpit(t)
	b := newBench(t, dbtest.New(t), m.transport(t))
	b.start(t)
	account := b.account(t)
	for _, lang := range []string{"zh-Hant", "zh-Hans", "en"} {
		for _, k := range notify.AccountKinds {
			address := string(k) + "-" + lang + "@example.org"
			b.mu.Lock()
			b.contact.Locale, b.contact.Mail, b.contact.MailProven = lang, address, true
			b.mu.Unlock()
			about := db.NewID(time.Now())
			require.NoError(t, b.Tell(t.Context(), notify.Telling{Kind: k, To: notify.Recipient{AccountID: account}, About: about, Cause: about}))
			b.left(t, about)
			got := m.letters(t, address)
			require.Len(t, got, 1, address)
			for _, body := range []string{got[0].Text, got[0].HTML, got[0].Subject} {
				require.NotContains(t, body, "notify.", address)
				require.NotContains(t, body, "{{", address)
			}
			for _, body := range []string{got[0].Text, got[0].HTML} {
				require.Equal(t, k == notify.SignInCode, strings.Contains(body, "24681357"), address)
				require.Equal(t, k == notify.ResetPassword, strings.Contains(body, "https://portal.example.org/reset/LINK"), address)
			}
		}
	}
	b.mu.Lock()
	b.gone = fault.New(fault.NotFound, "x")
	b.mu.Unlock()
	require.NoError(t, b.Tell(t.Context(), notify.Telling{Kind: notify.SignInCode, To: notify.Recipient{AccountID: account}, About: db.NewID(time.Now()), Cause: b.cause()}))
}
