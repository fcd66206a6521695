package fees_test

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

	"minqing/internal/fees"
)

// The gateway signs what it asks, and gives no more away than what went wrong.
func TestTheGatewaySignsWhatItAsks(t *testing.T) {
	status, answer := http.StatusCreated, `{"pay_url":"https://bank.test/pay/1"}`
	var asked *http.Request
	var body []byte
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = r
		body, _ = io.ReadAll(r.Body)
		w.WriteHeader(status)
		_, _ = io.WriteString(w, answer)
	}))
	t.Cleanup(s.Close)
	now := func() time.Time { return start }
	g, err := fees.OpenGateway(strings.Replace(s.URL, "://", "://city:hunter2@", 1)+"/v1/", now)
	require.NoError(t, err)
	url, err := g.Start(context.Background(), fees.Bill{ID: "p1", OrderNo: "LJF1", Title: "費用", Amount: 20000, Currency: "CNY", Lang: "en", ReturnURL: "https://a", NotifyURL: "https://b"})
	require.NoError(t, err)
	require.Equal(t, "https://bank.test/pay/1", url)
	require.Equal(t, "/v1/payments", asked.URL.Path)
	require.Equal(t, "city", asked.Header.Get("Minqing-Key"))
	var bill map[string]any
	require.NoError(t, json.Unmarshal(body, &bill))
	require.EqualValues(t, 20000, bill["amount"])
	h := http.Header{}
	fees.Sign(h, []byte("hunter2"), append([]byte("POST /v1/payments\n"), body...), start)
	require.Equal(t, h.Get(fees.HeaderSignature), asked.Header.Get(fees.HeaderSignature))

	status, answer = 200, `{"payment_id":"B1","status":"paid","amount":20000,"currency":"CNY","paid_at":"2026-11-24T08:00:00Z"}`
	told, err := g.Ask(context.Background(), "p1")
	require.NoError(t, err)
	require.Equal(t, fees.Told{PaymentID: "p1", Ref: "B1", Status: fees.StatusPaid, Amount: 20000, Currency: "CNY", PaidAt: start}, told)
	for _, c := range []struct {
		status int
		answer string
		unsure bool
	}{{404, "", true}, {500, "hunter2", false}, {302, "", false}, {200, "<html>", false}, {200, `{"status":"paid"}`, false}, {200, `{"status":"?"}`, false}} {
		status, answer = c.status, c.answer
		_, err := g.Ask(context.Background(), "p1")
		require.Error(t, err, "%+v", c)
		require.Equal(t, c.unsure, err == fees.ErrUnknown, "%+v", c)
		require.NotContains(t, err.Error(), "hunter2")
	}
	status, answer = 200, `{"pay_url":"javascript:alert(1)"}`
	_, err = g.Start(context.Background(), fees.Bill{ID: "p1"})
	require.Error(t, err)
	s.Close()
	_, err = g.Start(context.Background(), fees.Bill{ID: "p1"})
	require.EqualError(t, err, "the provider of payments does not answer")
	for _, address := range []string{"", "https://host/x", "https://key@host/x", "ftp://a:b@host", "https://a:b@"} {
		_, err := fees.OpenGateway(address, now)
		require.Error(t, err, address)
	}
}

func FuzzVerify(f *testing.F) {
	f.Add("1764000000", "v1=00", []byte(`{"id":"a"}`))
	f.Fuzz(func(t *testing.T, at, signature string, body []byte) {
		h := http.Header{}
		h.Set(fees.HeaderTime, at)
		h.Set(fees.HeaderSignature, signature)
		_, err := fees.Verify(h, []byte("secret"), body, start)
		require.ErrorIs(t, err, fees.ErrForged, "nobody guesses a signature")
	})
}
