package fees

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"minqing/internal/calendar"
)

// Bill is what a provider is asked to take.
type Bill struct {
	ID        string // of the payment; asked again with the same, it is the same payment
	OrderNo   string
	Title     string
	Amount    int64
	Currency  string
	Lang      string
	ReturnURL string // where the payer's browser comes back to
	NotifyURL string // where the provider tells what came of it
}

// Told is what a provider says of a payment.
type Told struct {
	PaymentID string    `json:"id"`         // ours
	Ref       string    `json:"payment_id"` // the provider's: one for each time that money moves
	Status    string    `json:"status"`     // StatusPaid, StatusFailed or StatusPending
	Amount    int64     `json:"amount"`     // in the smallest coin
	Currency  string    `json:"currency"`
	PaidAt    time.Time `json:"paid_at"`
}

// What a provider may say.
const (
	StatusPaid    = "paid"
	StatusFailed  = "failed"
	StatusPending = "pending"
)

// Provider is a way to pay from afar: the payer's browser goes there, and what came
// of it is told by a signed call.
type Provider interface {
	// Code names the provider in the database and in the address that it calls.
	Code() string
	// Start gives the address to which the payer goes.
	Start(ctx context.Context, b Bill) (payURL string, err error)
	// Ask says how a payment of ours stands; ErrUnknown where the provider has
	// never heard of it.
	Ask(ctx context.Context, paymentID string) (Told, error)
	// Day lists every time that money moved on a day of the zone, whole or not at all;
	// ErrUnknown where the provider gives no lists.
	Day(ctx context.Context, day calendar.Date, zone *time.Location) ([]Told, error)
	// Read checks the signature and the time of a call and reads it; ErrForged
	// where either is wrong.
	Read(h http.Header, body []byte) (Told, error)
}

// What providers answer besides.
var (
	ErrUnknown = errors.New("fees: the provider does not know this payment")
	ErrForged  = errors.New("fees: the call was not signed by the provider just now")
)

// Headers of a signed call.
const (
	HeaderTime      = "Minqing-Timestamp" // Unix seconds
	HeaderSignature = "Minqing-Signature" // "v1=" and the HMAC-SHA256 of time, a full stop and the body, in hex
)

// skew is how old, or how far ahead of our clock, a signed call may be.
const skew = 5 * time.Minute

// Sign gives a call its time and signature.
func Sign(h http.Header, secret, body []byte, now time.Time) {
	at := strconv.FormatInt(now.Unix(), 10)
	h.Set(HeaderTime, at)
	h.Set(HeaderSignature, "v1="+signature(secret, at, body))
}

func signature(secret []byte, at string, body []byte) string {
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte(at + "."))
	mac.Write(body)
	return hex.EncodeToString(mac.Sum(nil))
}

// Verify reads a signed call.
func Verify(h http.Header, secret, body []byte, now time.Time) (Told, error) {
	at := h.Get(HeaderTime)
	seconds, err := strconv.ParseInt(at, 10, 64)
	if err != nil || !hmac.Equal([]byte(h.Get(HeaderSignature)), []byte("v1="+signature(secret, at, body))) {
		return Told{}, ErrForged
	}
	if d := now.Sub(time.Unix(seconds, 0)); d > skew || d < -skew {
		return Told{}, ErrForged
	}
	var t Told
	if err := json.Unmarshal(body, &t); err != nil {
		return Told{}, fmt.Errorf("read what a provider told: %w", err)
	}
	return t, t.check()
}

// refMost is the longest id of a provider, in bytes.
const refMost = 200

func (t Told) check() error {
	switch {
	case t.Status != StatusPaid && t.Status != StatusFailed && t.Status != StatusPending:
		return fmt.Errorf("a provider told the status %q", t.Status)
	case t.Status == StatusPaid && (t.Ref == "" || len(t.Ref) > refMost || t.Amount <= 0 || len(t.Currency) != 3):
		return errors.New("a provider told of a payment without an id, an amount or a currency")
	}
	return nil
}
