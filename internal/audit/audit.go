// Package audit keeps the append-only trail: who did what, as whom, from where
// and why, written in the transaction of the change itself. A sealer chains the
// entries by hashes afterwards, so that parallel writers never queue for one.
package audit

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"minqing/internal/actor"
	"minqing/internal/db"
	plain "minqing/internal/text"
)

// Change is one field that an act changed. Personal values never stand here in
// the clear: the caller passes their ciphertext, or only the field's name.
type Change struct {
	Field  string `json:"field"`
	Before string `json:"before,omitempty"`
	After  string `json:"after,omitempty"`
}

// Entry is what the caller knows about an act; actor, time and place are added.
type Entry struct {
	Action string // for example "case.accept"
	Kind   string // the kind of thing, for example "case"
	ID     string // its id or number
	Fields []Change
	Reason string
}

// Row is an entry as it stands in audit_entries.
type Row struct {
	ID          string
	At          time.Time
	ActorKind   string
	AccountID   *string
	AsAccountID *string
	Job         string
	IP          string
	RequestID   string
	Action      string
	ObjectKind  string
	ObjectID    string
	Changes     string
	Reason      string
	Digest      []byte
}

// TableName names the table for gorm.
func (Row) TableName() string { return "audit_entries" }

// Service writes and checks the trail.
type Service struct {
	db     *db.DB
	now    func() time.Time
	signer Signer
	once   chan struct{}
}

// New makes the service; now is the injected clock.
func New(d *db.DB, now func() time.Time) *Service {
	return &Service{db: d, now: now, once: make(chan struct{}, 1)}
}

// Insert is the statement behind Record, for operations that write many rows
// in one statement; Row.Args gives its values in this order.
const Insert = `INSERT INTO audit_entries (id, at, actor_kind, account_id, as_account_id, job, ip, request_id,
 action, object_kind, object_id, changes, reason, digest) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`

// Args are the values of Insert.
func (r Row) Args() []any {
	return []any{r.ID, r.At, r.ActorKind, r.AccountID, r.AsAccountID, r.Job, r.IP, r.RequestID,
		r.Action, r.ObjectKind, r.ObjectID, r.Changes, r.Reason, r.Digest}
}

// Record writes an entry in the open transaction. Without one it refuses: an
// entry that can outlive its change, or be lost without it, is no evidence.
func (s *Service) Record(ctx context.Context, e Entry) error {
	if s.db.SQLTx(ctx) == nil {
		return errors.New("audit: no transaction is open")
	}
	r, err := s.Prepare(ctx, e)
	if err != nil {
		return err
	}
	if err := s.db.From(ctx).Exec(Insert, r.Args()...).Error; err != nil {
		return fmt.Errorf("write the audit entry: %w", err)
	}
	return nil
}

// Prepare completes an entry with actor, time and digest without writing it.
func (s *Service) Prepare(ctx context.Context, e Entry) (Row, error) {
	fields := make([]Change, len(e.Fields))
	for i, c := range e.Fields {
		fields[i] = Change{Field: clean(c.Field), Before: clean(c.Before), After: clean(c.After)}
	}
	a := actor.From(ctx)
	if a.ForID != "" { // which enterprise a citizen acted for
		fields = append(fields, Change{Field: "for", After: a.ForID})
	}
	changes, err := json.Marshal(fields)
	if err != nil {
		return Row{}, fmt.Errorf("write the changes of an audit entry: %w", err)
	}
	at := s.now().UTC().Truncate(time.Microsecond)
	r := Row{
		ID: db.NewID(at), At: at, ActorKind: string(a.Kind), AccountID: db.Ref(a.AccountID), AsAccountID: db.Ref(a.AsAccountID),
		Job: clean(a.Job), IP: clean(a.IP), RequestID: clean(a.RequestID), Action: clean(e.Action),
		ObjectKind: clean(e.Kind), ObjectID: clean(e.ID), Changes: string(changes), Reason: typed(e),
	}
	r.Digest, err = r.digest()
	return r, err
}

// digest hashes every column in a fixed order. JSON is hashed in the compact
// form with fields in declaration order, whatever the engine stores.
func (r Row) digest() ([]byte, error) {
	var fields []Change
	if err := json.Unmarshal([]byte(r.Changes), &fields); err != nil {
		return nil, fmt.Errorf("read the changes of audit entry %s: %w", r.ID, err)
	}
	body, err := json.Marshal([]any{r.ID, r.At.UTC().Format(time.RFC3339Nano), r.ActorKind, text(r.AccountID), text(r.AsAccountID),
		r.Job, r.IP, r.RequestID, r.Action, r.ObjectKind, r.ObjectID, fields, r.Reason})
	if err != nil {
		return nil, fmt.Errorf("hash audit entry %s: %w", r.ID, err)
	}
	sum := sha256.Sum256(body)
	return sum[:], nil
}

// typed masks numbers and addresses of people in a reason. Reasons that packages
// seal, and the filters of exports, are not typed by anybody.
func typed(e Entry) string {
	if strings.HasPrefix(e.Action, "export.") || strings.HasPrefix(e.Reason, "sealed:") {
		return clean(e.Reason)
	}
	return plain.MaskFree(clean(e.Reason))
}

// clean drops what PostgreSQL refuses to keep, so that an odd byte in a header
// or a reason neither fails the act nor reads back differently.
func clean(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "")
}

func text(p *string) string {
	if p == nil {
		return ""
	}
	return *p
}

// Read notes that somebody saw personal data in the clear. It may stand alone:
// the reveal happens only after it is written.
func (s *Service) Read(ctx context.Context, kind, id string, fields []string, reason string) error {
	a := actor.From(ctx)
	at := s.now().UTC().Truncate(time.Microsecond)
	names, err := json.Marshal(append([]string{}, fields...))
	if err != nil {
		return fmt.Errorf("write the fields of a read: %w", err)
	}
	err = s.db.From(ctx).Exec(`INSERT INTO audit_reads (id, at, account_id, object_kind, object_id, fields, reason, request_id)
 VALUES (?, ?, ?, ?, ?, ?, ?, ?)`, db.NewID(at), at, db.Ref(a.AccountID), kind, id, string(names), clean(reason), clean(a.RequestID)).Error
	if err != nil {
		return fmt.Errorf("write the log of reads: %w", err)
	}
	return nil
}
