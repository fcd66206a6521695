package audit

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm"

	"minqing/internal/db"
)

const (
	suite     = "sha256"
	sealBatch = 1000
	// An entry becomes visible only when its transaction commits; one minted
	// earlier than the newest sealed one by more than this cannot appear.
	sealMargin = time.Hour
)

type seal struct {
	Seq      int64
	EntryID  string
	Suite    string
	Previous []byte
	Link     []byte
	SealedAt time.Time
}

func (seal) TableName() string { return "audit_seals" }

// Seal chains entries that are not chained yet and says how many. Two processes
// that seal at once disturb nothing: the sequence number is the primary key, so
// one of them fails as a duplicate and tries again later.
func (s *Service) Seal(ctx context.Context) (int, error) {
	total := 0
	for {
		n, err := s.sealSome(ctx)
		total += n
		if err != nil || n < sealBatch {
			if db.IsDuplicate(err) {
				err = nil
			}
			return total, err
		}
	}
}

func (s *Service) sealSome(ctx context.Context) (int, error) {
	entries, last, err := s.unsealed(ctx)
	if err != nil || len(entries) == 0 {
		return 0, err
	}
	rows := make([]seal, len(entries))
	for i, e := range entries {
		next := seal{Seq: last.Seq + 1, EntryID: e.ID, Suite: suite, Previous: last.Link, SealedAt: s.now()}
		if next.Previous == nil {
			next.Previous = []byte{}
		}
		next.Link = link(next.Previous, next.Seq, e.Digest)
		rows[i], last = next, next
	}
	err = s.db.Tx(ctx, func(ctx context.Context) error {
		return s.db.From(ctx).CreateInBatches(rows, 200).Error
	})
	if err != nil {
		return 0, fmt.Errorf("seal the audit trail: %w", err)
	}
	return len(rows), nil
}

func (s *Service) unsealed(ctx context.Context) ([]Row, seal, error) {
	var last seal
	err := s.db.From(ctx).Order("seq DESC").Take(&last).Error
	if err != nil && !errors.Is(err, gorm.ErrRecordNotFound) {
		return nil, last, fmt.Errorf("read the last seal: %w", err)
	}
	q := s.db.From(ctx).Where("NOT EXISTS (SELECT 1 FROM audit_seals WHERE audit_seals.entry_id = audit_entries.id)")
	if last.Seq > 0 {
		q = q.Where("id >= ?", db.NewID(last.SealedAt.Add(-sealMargin)))
	}
	var entries []Row
	if err := q.Order("id").Limit(sealBatch).Find(&entries).Error; err != nil {
		return nil, last, fmt.Errorf("read unsealed audit entries: %w", err)
	}
	return entries, last, nil
}

func link(previous []byte, seq int64, digest []byte) []byte {
	h := sha256.New()
	h.Write(previous)
	var n [8]byte
	binary.BigEndian.PutUint64(n[:], uint64(seq))
	h.Write(n[:])
	h.Write(digest)
	return h.Sum(nil)
}

// Broken is the first place where the chain does not hold.
type Broken struct {
	Seq     int64
	EntryID string
	Why     string // "gap", "missing", "changed", "link"
}

func (b *Broken) Error() string {
	return fmt.Sprintf("audit trail broken at seal %d, entry %s: %s", b.Seq, b.EntryID, b.Why)
}

// Verify walks the whole chain and recomputes each digest from the entry as it
// stands now. It returns how many seals hold; a *Broken error names the first
// that does not.
func (s *Service) Verify(ctx context.Context) (int64, error) {
	var previous []byte
	var checked int64
	for {
		var seals []seal
		if err := s.db.Reader(ctx).Where("seq > ?", checked).Order("seq").Limit(sealBatch).Find(&seals).Error; err != nil {
			return checked, fmt.Errorf("read the seals: %w", err)
		}
		if len(seals) == 0 {
			return checked, nil
		}
		ids := make([]string, len(seals))
		for i, x := range seals {
			ids[i] = x.EntryID
		}
		var rows []Row
		if err := s.db.Reader(ctx).Where("id IN ?", ids).Find(&rows).Error; err != nil {
			return checked, fmt.Errorf("read audit entries: %w", err)
		}
		byID := make(map[string]Row, len(rows))
		for _, r := range rows {
			byID[r.ID] = r
		}
		for _, x := range seals {
			if why := x.check(checked+1, previous, byID); why != "" {
				return checked, &Broken{Seq: checked + 1, EntryID: x.EntryID, Why: why}
			}
			checked, previous = x.Seq, x.Link
		}
	}
}

func (x seal) check(want int64, previous []byte, rows map[string]Row) string {
	if x.Seq != want {
		return "gap"
	}
	r, ok := rows[x.EntryID]
	if !ok {
		return "missing"
	}
	d, err := r.digest()
	if err != nil || !bytes.Equal(d, r.Digest) {
		return "changed"
	}
	if !bytes.Equal(x.Previous, previous) || !bytes.Equal(x.Link, link(x.Previous, x.Seq, d)) {
		return "link"
	}
	return ""
}
