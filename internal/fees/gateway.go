package fees

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"minqing/internal/calendar"
)

// gatewayTime is the most that one exchange with the provider may take, and
// gatewayMost the most that is read of an answer.
const (
	gatewayTime = 15 * time.Second
	gatewayMost = 64 << 10
	dayMost     = 16 << 20 // of a list of a day
)

// Gateway is a provider behind HTTP; docs/fees.md has the requests.
type Gateway struct {
	client  *http.Client
	address string
	key     string
	secret  []byte
	now     func() time.Time
}

// OpenGateway reads https://KEY:SECRET@HOST/PATH and connects only when somebody pays.
func OpenGateway(address string, now func() time.Time) (*Gateway, error) {
	u, err := url.Parse(address)
	bad := errors.New("MINQING_PAYMENT_URL: want https://KEY:SECRET@HOST/PATH") // the cause would show the secret
	if err != nil || u.Hostname() == "" || u.Scheme != "https" && u.Scheme != "http" || u.User == nil {
		return nil, bad
	}
	secret, ok := u.User.Password()
	if !ok || secret == "" || u.User.Username() == "" {
		return nil, bad
	}
	g := &Gateway{key: u.User.Username(), secret: []byte(secret), now: now, client: &http.Client{Timeout: gatewayTime,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
	u.User = nil
	g.address = strings.TrimSuffix(u.String(), "/")
	return g, nil
}

// Code is that of the one provider that is set.
func (*Gateway) Code() string { return "gateway" }

type wireBill struct {
	ID        string `json:"id"`
	OrderNo   string `json:"order_no"`
	Title     string `json:"title"`
	Amount    int64  `json:"amount"`
	Currency  string `json:"currency"`
	Lang      string `json:"lang"`
	ReturnURL string `json:"return_url"`
	NotifyURL string `json:"notify_url"`
}

// Start asks the provider to take a bill.
func (g *Gateway) Start(ctx context.Context, b Bill) (string, error) {
	body, err := json.Marshal(wireBill(b))
	if err != nil {
		return "", fmt.Errorf("write a bill: %w", err)
	}
	var got struct {
		PayURL string `json:"pay_url"`
	}
	if err := g.call(ctx, http.MethodPost, "/payments", body, &got); err != nil {
		return "", err
	}
	u, err := url.Parse(got.PayURL)
	if err != nil || u.Hostname() == "" || u.Scheme != "https" && u.Scheme != "http" {
		return "", errors.New("the provider of payments gave no address to pay at")
	}
	return got.PayURL, nil
}

// Ask asks how a payment stands.
func (g *Gateway) Ask(ctx context.Context, paymentID string) (Told, error) {
	var t Told
	if err := g.call(ctx, http.MethodGet, "/payments/"+url.PathEscape(paymentID), nil, &t); err != nil {
		return Told{}, err
	}
	t.PaymentID = paymentID
	return t, t.check()
}

// Day asks for the list of a day. The provider counts days in the zone that it was told
// when the key was given out.
func (g *Gateway) Day(ctx context.Context, day calendar.Date, _ *time.Location) ([]Told, error) {
	var got struct {
		Payments *[]Told `json:"payments"`
	}
	if err := g.read(ctx, "/days/"+day.String(), &got); err != nil {
		return nil, err
	}
	if got.Payments == nil {
		return nil, errors.New("the provider of payments gave no list of the day")
	}
	for _, t := range *got.Payments {
		if err := t.check(); err != nil || t.Status != StatusPaid {
			return nil, errors.Join(errors.New("the provider of payments listed a payment that was none"), err)
		}
	}
	return *got.Payments, nil
}

func (g *Gateway) read(ctx context.Context, path string, into any) error {
	return g.exchange(ctx, request{http.MethodGet, path, nil, dayMost}, into)
}

// Read checks a call of the provider.
func (g *Gateway) Read(h http.Header, body []byte) (Told, error) {
	return Verify(h, g.secret, body, g.now())
}

func (g *Gateway) call(ctx context.Context, method, path string, body []byte, into any) error {
	return g.exchange(ctx, request{method, path, body, gatewayMost}, into)
}

// request is what the provider is asked; most is how much of an answer is read.
type request struct {
	method, path string
	body         []byte
	most         int64
}

func (g *Gateway) exchange(ctx context.Context, ask request, into any) error {
	method, body := ask.method, ask.body
	r, err := http.NewRequestWithContext(ctx, method, g.address+ask.path, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("ask the provider of payments: %w", err)
	}
	r.Header.Set("Minqing-Key", g.key)
	r.Header.Set("Accept", "application/json")
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	Sign(r.Header, g.secret, append([]byte(method+" "+r.URL.Path+"\n"), body...), g.now())
	got, err := g.client.Do(r)
	if err != nil {
		return errors.New("the provider of payments does not answer") // the cause may repeat the address
	}
	defer got.Body.Close()
	text, err := io.ReadAll(io.LimitReader(got.Body, ask.most))
	switch {
	case err != nil:
		return errors.New("the provider of payments broke its answer off")
	case got.StatusCode == http.StatusNotFound:
		return ErrUnknown
	case got.StatusCode < 200 || got.StatusCode > 299:
		return fmt.Errorf("the provider of payments answers %d", got.StatusCode)
	}
	if err := json.Unmarshal(text, into); err != nil {
		return errors.New("the provider of payments gave an answer that cannot be read")
	}
	return nil
}
