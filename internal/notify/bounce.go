package notify

import (
	"context"
	"encoding/base32"
	"encoding/hex"
	"fmt"
	"strings"

	"minqing/internal/audit"
	"minqing/internal/db"
	"minqing/internal/vault"
)

const (
	purposeBounce    = "delivery.bounce"
	bounceMark       = "b."
	bounceCodeLength = 10
	// BouncedReason begins the reason of a delivery that came back; the status of
	// the report (RFC 3463) follows.
	BouncedReason = "bounced"
)

var idCode = base32.StdEncoding.WithPadding(base32.NoPadding)

// plus puts a word between the name of a mailbox and its host.
func plus(box, word string) string {
	name, host, _ := strings.Cut(box, "@")
	return name + "+" + word + "@" + host
}

// ReplyAddress is where somebody answers a mail about a case.
func ReplyAddress(box, caseNo, code string) string {
	return plus(box, strings.ToLower(caseNo+"."+code))
}

// returnAddress is where mail systems report that a delivery failed: one address
// a delivery, signed, since reports rarely say of which mail they speak.
func (s *Service) returnAddress(id string) string {
	raw, err := hex.DecodeString(strings.ReplaceAll(id, "-", ""))
	if err != nil || s.Replies == "" {
		return ""
	}
	code := s.Vault.DeriveWith(s.Vault.CurrentKey(), purposeBounce, id, 1, bounceCodeLength)
	return plus(s.Replies, strings.ToLower(bounceMark+idCode.EncodeToString(raw)+"."+code))
}

// DeliveryOf reads the word of a return address; empty when it is none of ours.
func (s *Service) DeliveryOf(word string) string {
	word, ok := strings.CutPrefix(word, bounceMark)
	written, code, _ := strings.Cut(strings.ToUpper(word), ".")
	raw, err := idCode.DecodeString(written)
	if !ok || err != nil || len(raw) != 16 {
		return ""
	}
	h := hex.EncodeToString(raw)
	id := h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
	for _, key := range s.Vault.Ring().IDs() {
		if vault.Matches(code, s.Vault.DeriveWith(key, purposeBounce, id, 1, bounceCodeLength)) {
			return id
		}
	}
	return ""
}

// DeliveryByMessage finds the delivery that a Message-ID of ours names.
func (s *Service) DeliveryByMessage(messageID string) string {
	id, at, _ := strings.Cut(strings.Trim(messageID, "<> "), "@")
	if strings.EqualFold(at, host(s.BaseURL)) && db.IsID(id) {
		return id
	}
	return ""
}

// Own says whether a Message-ID is one that this service gives out.
func (s *Service) Own(messageID string) bool { return s.DeliveryByMessage(messageID) != "" }

// Bounced notes that a mail came back, in the open transaction. When it is for
// good, the address must be proven again. It says whether there was such a mail.
func (s *Service) Bounced(ctx context.Context, id, status string, forGood bool) (bool, error) {
	var list []delivery
	if err := s.DB.From(ctx).Where("(id = ? OR digest_id = ? AND status <> ?) AND channel = ?", id, id, Suppressed, Mail).Order("id").Find(&list).Error; err != nil {
		return false, fmt.Errorf("find a mail that came back: %w", db.Fault(err, "", ""))
	}
	if len(list) == 0 {
		return false, nil
	}
	d := &list[0]
	before := d.Status
	for i := range list { // several when they left in one mail
		if err := s.change(ctx, &list[i], Failed, strings.Trim(BouncedReason+"_"+status, "_")); err != nil {
			return false, err
		}
	}
	err := s.Audit.Record(ctx, audit.Entry{Action: "delivery.bounced", Kind: "delivery", ID: id,
		Fields: []audit.Change{{Field: "status", Before: string(before), After: string(Failed)}}})
	if err == nil && forGood && d.Kind.ofFollower() {
		return true, s.Followers.FollowerBounced(ctx, deref(d.AboutID))
	}
	if err != nil || !forGood || s.Unreachable == nil {
		return true, err
	}
	address, err := s.Vault.Open(ctx, purposeAddress, d.AddressCipher)
	if err != nil || len(address) == 0 { // erased meanwhile
		return true, err
	}
	if err := s.Unreachable(ctx, recipientOf(d), Mail, string(address)); err != nil {
		return true, err
	}
	return true, s.instead(ctx, d)
}
