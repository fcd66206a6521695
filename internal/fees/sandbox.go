package fees

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"time"

	"minqing/internal/calendar"
)

// sandboxMost is how many payments the bank of the demo remembers.
const sandboxMost = 1000

// Sandbox is the bank of the demo city: it takes no money, keeps its books in memory
// and signs what it tells like a real one.
type Sandbox struct {
	base   string
	secret []byte
	now    func() time.Time

	mu    sync.Mutex
	bills map[string]*SandboxBill
	order []string // ids, the oldest first
	moved int
	paid  []Told // each time that money moved, the oldest first
}

// SandboxBill is a payment in the books of the sandbox.
type SandboxBill struct {
	Bill
	Status string
	Last   *Told // what was told last
}

// NewSandbox makes a bank whose pages are below base.
func NewSandbox(base string, now func() time.Time) *Sandbox {
	s := &Sandbox{base: base, secret: make([]byte, 32), now: now, bills: map[string]*SandboxBill{}}
	_, _ = rand.Read(s.secret) // never fails
	return s
}

// Code names the sandbox.
func (*Sandbox) Code() string { return "sandbox" }

// Start writes a bill into the books.
func (s *Sandbox) Start(_ context.Context, b Bill) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.bills[b.ID] == nil {
		s.bills[b.ID] = &SandboxBill{Bill: b, Status: StatusPending}
		s.order = append(s.order, b.ID)
		if len(s.order) > sandboxMost {
			delete(s.bills, s.order[0])
			s.order = s.order[1:]
		}
	}
	return s.base + "/sandbox/pay/" + b.ID, nil
}

// Ask says how a bill stands.
func (s *Sandbox) Ask(_ context.Context, paymentID string) (Told, error) {
	b, ok := s.Bill(paymentID)
	switch {
	case !ok:
		return Told{}, ErrUnknown
	case b.Last != nil:
		return *b.Last, nil
	}
	return Told{PaymentID: paymentID, Status: b.Status}, nil
}

// Day lists when money moved, as far as the sandbox remembers.
func (s *Sandbox) Day(_ context.Context, day calendar.Date, zone *time.Location) (list []Told, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, t := range s.paid {
		if calendar.DateOf(t.PaidAt, zone) == day {
			list = append(list, t)
		}
	}
	return list, nil
}

// Read checks a call of the sandbox.
func (s *Sandbox) Read(h http.Header, body []byte) (Told, error) {
	return Verify(h, s.secret, body, s.now())
}

// Bill finds a bill in the books.
func (s *Sandbox) Bill(id string) (SandboxBill, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := s.bills[id]
	if b == nil {
		return SandboxBill{}, false
	}
	return *b, true
}

// Move plays what a payer does at the bank, and gives the signed call that tells of
// it: money moves by the amount, or the payer gives up.
func (s *Sandbox) Move(id, status string, amount int64) (h http.Header, body []byte, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := s.bills[id]
	if b == nil {
		return nil, nil, ErrUnknown
	}
	t := Told{PaymentID: id, Status: status, Amount: amount, Currency: b.Currency, PaidAt: s.now().UTC().Truncate(time.Second)}
	if status == StatusPaid {
		s.moved++
		t.Ref = fmt.Sprintf("SB-%s-%d", id, s.moved)
		s.paid = append(s.paid, t)
		s.paid = s.paid[max(0, len(s.paid)-sandboxMost):]
	}
	b.Status, b.Last = status, &t
	return s.call(t)
}

// Again signs what was told last once more.
func (s *Sandbox) Again(id string) (h http.Header, body []byte, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := s.bills[id]
	if b == nil || b.Last == nil {
		return nil, nil, ErrUnknown
	}
	return s.call(*b.Last)
}

func (s *Sandbox) call(t Told) (http.Header, []byte, error) {
	body, err := json.Marshal(t)
	if err != nil {
		return nil, nil, fmt.Errorf("write what the sandbox tells: %w", err)
	}
	h := http.Header{"Content-Type": {"application/json"}}
	Sign(h, s.secret, body, s.now())
	return h, body, nil
}
