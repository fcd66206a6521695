package notify

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// smsTime is the most that one exchange with the gateway may take.
const smsTime = 20 * time.Second

// Gateway hands text messages to an HTTP gateway; docs/sms.md has the request.
type Gateway struct {
	client   *http.Client
	address  string
	user     string
	password string
	basic    bool
}

// OpenSMS reads https://USER:PASSWORD@HOST/PATH, or https://TOKEN@HOST/PATH for a
// bearer token, and connects only when something is sent.
func OpenSMS(address string) (*Gateway, error) {
	u, err := url.Parse(address)
	if err != nil || u.Hostname() == "" || u.Scheme != "https" && u.Scheme != "http" {
		return nil, errors.New("MINQING_SMS_URL: want https://USER:PASSWORD@HOST/PATH or https://TOKEN@HOST/PATH") // the cause would show the password
	}
	s := &Gateway{user: u.User.Username(), client: &http.Client{Timeout: smsTime,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}} // the password goes nowhere else
	s.password, s.basic = u.User.Password()
	u.User = nil
	s.address = u.String()
	return s, nil
}

func (s *Gateway) request(ctx context.Context, method string, body []byte) (*http.Request, error) {
	r, err := http.NewRequestWithContext(ctx, method, s.address, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	switch {
	case s.basic:
		r.SetBasicAuth(s.user, s.password)
	case s.user != "":
		r.Header.Set("Authorization", "Bearer "+s.user)
	}
	return r, nil
}

// Text hands one message over. What is not certain to have failed is not sent
// again by itself: nobody should get a text twice.
func (s *Gateway) Text(ctx context.Context, m Message) error {
	body, err := json.Marshal(map[string]string{"id": m.ID, "to": m.To, "lang": m.Lang, "text": m.Text})
	if err != nil {
		return &SendError{Outcome: Never, Code: "form"}
	}
	r, err := s.request(ctx, http.MethodPost, body)
	if err != nil {
		return &SendError{Outcome: Never, Code: "address"}
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Idempotency-Key", m.ID)
	r.GetBody = nil // with that header the client would send again by itself what a gateway took without an answer
	got, err := s.client.Do(r)
	if err != nil {
		if dial, ok := errors.AsType[*net.OpError](err); ok && dial.Op == "dial" {
			return &SendError{Outcome: Later, Code: "connect"}
		}
		return &SendError{Outcome: Unknown, Code: "answer"}
	}
	defer got.Body.Close()
	_, _ = io.CopyN(io.Discard, got.Body, 64<<10)
	code := "http_" + strconv.Itoa(got.StatusCode)
	switch {
	case got.StatusCode < 300 && strings.HasPrefix(got.Header.Get("Content-Type"), "text/html"):
		return &SendError{Outcome: Unknown, Code: "page"} // a proxy's sign-in or error page: nobody says that it was taken
	case got.StatusCode < 300:
		return nil
	case got.StatusCode == http.StatusTooManyRequests, got.StatusCode == http.StatusServiceUnavailable:
		return &SendError{Outcome: Later, Code: code}
	case got.StatusCode == http.StatusGone:
		return &SendError{Outcome: Never, Code: WrongNumber}
	case got.StatusCode >= 500:
		return &SendError{Outcome: Unknown, Code: code}
	}
	return &SendError{Outcome: Never, Code: code}
}

// Check says whether the gateway answers; it sends nothing.
func (s *Gateway) Check(ctx context.Context) error {
	r, err := s.request(ctx, http.MethodOptions, nil)
	if err != nil {
		return err
	}
	got, err := s.client.Do(r)
	if err != nil {
		return errors.New("the gateway for text messages does not answer")
	}
	defer got.Body.Close()
	if got.StatusCode == http.StatusUnauthorized || got.StatusCode == http.StatusForbidden || got.StatusCode >= 500 {
		return fmt.Errorf("the gateway for text messages answers %d", got.StatusCode)
	}
	return nil
}
