package register

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
)

// ReceiptClaims are what the seal on a receipt says: the least by which the paper is
// compared with what was received. Nobody is named. Times are Unix seconds.
type ReceiptClaims struct {
	Issuer    string   `json:"iss"`
	Subject   string   `json:"sub"`            // the number of the case
	More      []string `json:"more,omitempty"` // of what was sent in the same go
	IssuedAt  int64    `json:"iat"`            // when it was sealed
	Received  int64    `json:"received_at"`
	Unit      string   `json:"unit"`      // code of the agency
	Files     int      `json:"files"`     // how many came with it
	Documents string   `json:"documents"` // their digest

	// Of a written proof that an application was accepted, or not (行政許可法 art. 32); a
	// receipt has none of it.
	Act     string `json:"act,omitempty"`     // ActAccepted, ActNotAccepted
	On      string `json:"on,omitempty"`      // the day of that act, as 2026-11-24
	Deemed  bool   `json:"deemed,omitempty"`  // accepted since nobody spoke in time
	Ground  string `json:"ground,omitempty"`  // of not accepting
	Reasons string `json:"reasons,omitempty"` // the digest of the reasons as the paper gives them
}

// Acts of which a proof may tell.
const (
	ActAccepted    = "accepted"
	ActNotAccepted = "not_accepted"
)

const typeReceipt = "receipt+jwt"

const receiptPath = "/verify/receipt/"

// SealReceipt seals a receipt in the name of the agency (行政許可法 art. 32), and gives
// the address at which everybody sees that the seal is ours. It is a compact JWS under
// the key of permits; nothing of it is kept.
func (s *Service) SealReceipt(ctx context.Context, c ReceiptClaims) (address string, err error) {
	c.Issuer, c.IssuedAt = s.BaseURL, s.Now().Unix()
	k, err := s.key(ctx)
	if err != nil {
		return "", err
	}
	head, body, signature, err := k.parts(typeReceipt, c)
	if err != nil {
		return "", err
	}
	return s.BaseURL + receiptPath + head + "." + body + "." + signature, nil
}

// ReadReceipt opens the seal of a receipt that somebody shows.
func (s *Service) ReadReceipt(ctx context.Context, token string) (ReceiptClaims, error) {
	keyOf, err := s.keyOf(ctx)
	if err != nil {
		return ReceiptClaims{}, err
	}
	body, err := readJWS(strings.TrimSpace(token), typeReceipt, keyOf)
	if err != nil {
		return ReceiptClaims{}, err
	}
	var c ReceiptClaims
	if err := json.Unmarshal(body, &c); err != nil {
		return ReceiptClaims{}, fmt.Errorf("%w: %w", ErrNoCredential, err)
	}
	return c, nil
}
