package audit

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"gorm.io/gorm"

	"minqing/internal/db"
	"minqing/internal/fault"
)

// Filter narrows the trail or the log of reads. Empty fields narrow nothing.
type Filter struct {
	AccountID string    // who did it, or as whom it was done
	Area      string    // what an action's name begins with: "case" for "case.accept"; the trail only
	Kind      string    // of the thing
	Object    string    // its id or number
	From      time.Time // inclusive
	Until     time.Time // exclusive
	Cursor    string
	Limit     int // PageSize when 0
}

// PageSize is how many entries a page has, MostExported how many a file.
const (
	PageSize     = 50
	MostExported = 50_000
)

// Areas are what the names of actions begin with.
var Areas = []string{"case", "constituent", "enterprise", "permit", "permit_type", "fee", "segment", "campaign", "offer", "identity", "access", "file", "export", "catalogue", "job", "delivery", "keys", "privacy", "retention", "demo"}

// Kinds are the things that entries are about, as far as people look for one.
var Kinds = []string{"case", "constituent", "enterprise", "permit", "account", "file", "delivery", "job", "import"}

// Fields reads what the act changed.
func (r Row) Fields() ([]Change, error) {
	var out []Change
	if err := json.Unmarshal([]byte(r.Changes), &out); err != nil {
		return nil, fmt.Errorf("read the changes of audit entry %s: %w", r.ID, err)
	}
	return out, nil
}

// ReadRow says that somebody saw personal data in the clear.
type ReadRow struct {
	ID         string
	At         time.Time
	AccountID  *string
	ObjectKind string
	ObjectID   string
	Fields     string // JSON list of the fields' names
	Reason     string
	RequestID  string
}

// TableName names the table for gorm.
func (ReadRow) TableName() string { return "audit_reads" }

// Names are the fields that were seen.
func (r ReadRow) Names() ([]string, error) {
	var out []string
	if err := json.Unmarshal([]byte(r.Fields), &out); err != nil {
		return nil, fmt.Errorf("read the fields of a read: %w", err)
	}
	return out, nil
}

// Find lists entries, newest first, and the cursor of what follows. Who may ask
// is the caller's question: the trail belongs to no unit.
func (s *Service) Find(ctx context.Context, f Filter) (rows []Row, next string, err error) {
	q, err := f.narrow(s.db.Reader(ctx), "(account_id = ? OR as_account_id = ?)", 2)
	if err != nil {
		return nil, "", err
	}
	if f.Area != "" {
		q = q.Where("action LIKE ?", f.Area+".%") // not by order, which a database's collation decides
	}
	return found[Row](q, f.limit(), func(r Row) string { return r.ID })
}

// Last is when something was last done to a thing; zero when never.
func (s *Service) Last(ctx context.Context, action, kind, id string) (time.Time, error) {
	var at []time.Time
	err := s.db.From(ctx).Raw("SELECT at FROM audit_entries WHERE object_kind = ? AND object_id = ? AND action = ? ORDER BY id DESC LIMIT 1", kind, id, action).Scan(&at).Error
	if err != nil {
		return time.Time{}, fmt.Errorf("find the last entry of a kind: %w", err)
	}
	return append(at, time.Time{})[0], nil
}

// FindReads is Find for the log of reads.
func (s *Service) FindReads(ctx context.Context, f Filter) (rows []ReadRow, next string, err error) {
	q, err := f.narrow(s.db.Reader(ctx), "account_id = ?", 1)
	if err != nil {
		return nil, "", err
	}
	return found[ReadRow](q, f.limit(), func(r ReadRow) string { return r.ID })
}

// Export is Find for a file: everything that the filter leaves, oldest last, and
// an entry that says who took what. More than MostExported is Invalid.
func (s *Service) Export(ctx context.Context, f Filter) ([]Row, error) {
	f.Cursor, f.Limit = "", MostExported
	rows, next, err := s.Find(ctx, f)
	if err != nil {
		return nil, err
	}
	return rows, s.taken(ctx, "audit_entries", len(rows), next, f)
}

// ExportReads is Export for the log of reads.
func (s *Service) ExportReads(ctx context.Context, f Filter) ([]ReadRow, error) {
	f.Cursor, f.Limit = "", MostExported
	rows, next, err := s.FindReads(ctx, f)
	if err != nil {
		return nil, err
	}
	return rows, s.taken(ctx, "audit_reads", len(rows), next, f)
}

func (s *Service) taken(ctx context.Context, table string, n int, next string, f Filter) error {
	if next != "" {
		return &fault.Error{Kind: fault.Invalid, Key: "audit.export.many", Args: map[string]any{"Max": MostExported}}
	}
	return s.db.Tx(ctx, func(ctx context.Context) error {
		return s.Record(ctx, Entry{Action: "export." + table, Kind: table, Reason: f.String(),
			Fields: []Change{{Field: "rows", After: strconv.Itoa(n)}}})
	})
}

// String says what a filter leaves, without anybody's address.
func (f Filter) String() string {
	var parts []string
	add := func(name, value string) {
		if value != "" {
			parts = append(parts, name+"="+value)
		}
	}
	day := func(t time.Time) string {
		if t.IsZero() {
			return ""
		}
		return t.UTC().Format(time.RFC3339)
	}
	add("account", f.AccountID)
	add("area", f.Area)
	add("kind", f.Kind)
	add("object", f.Object)
	add("from", day(f.From))
	add("until", day(f.Until))
	return strings.Join(parts, " ")
}

func (f Filter) limit() int {
	if f.Limit > 0 {
		return f.Limit
	}
	return PageSize
}

// narrow uses that ids are minted from the entry's own time: a period is a
// range of the primary key.
func (f Filter) narrow(q *gorm.DB, who string, times int) (*gorm.DB, error) {
	parts, err := db.DecodeCursor(f.Cursor, 1)
	if err != nil {
		return nil, err
	}
	if parts != nil {
		q = q.Where("id < ?", parts[0])
	}
	if f.AccountID != "" {
		args := make([]any, times)
		for i := range args {
			args[i] = f.AccountID
		}
		q = q.Where(who, args...)
	}
	if f.Kind != "" {
		q = q.Where("object_kind = ?", f.Kind)
	}
	if f.Object != "" {
		q = q.Where("object_id = ?", f.Object)
		if f.Kind == "" {
			q = q.Where("object_kind IN ?", Kinds) // the index begins with it
		}
	}
	if !f.From.IsZero() {
		q = q.Where("id >= ?", db.FirstID(f.From))
	}
	if !f.Until.IsZero() {
		q = q.Where("id < ?", db.FirstID(f.Until))
	}
	return q, nil
}

func found[R any](q *gorm.DB, limit int, id func(R) string) (rows []R, next string, err error) {
	if err := q.Order("id DESC").Limit(limit + 1).Find(&rows).Error; err != nil {
		return nil, "", fmt.Errorf("search the audit trail: %w", db.Fault(err, "fault.cursor", ""))
	}
	if len(rows) > limit {
		rows = rows[:limit]
		next = db.EncodeCursor(id(rows[limit-1]))
	}
	return rows, next, nil
}
