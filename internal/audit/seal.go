package audit

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"

	"minqing/internal/db"
)

const (
	plainSuite = "sha256" // of seals that no key signs
	keyedSuite = "hmac:"  // and the id of the ring key
	sealBatch  = 1000
	// An entry becomes visible only when its transaction commits. One minted
	// earlier than the newest sealed one by more than this comes too late to be
	// sealed, and Verify reports it: no transaction takes so long.
	sealMargin = time.Hour
)

// Signer signs the links of the chain under a key that is not in the database:
// whoever can write there only cannot make seals.
type Signer interface {
	CurrentKey() string
	DeriveWith(ringKey, purpose, id string, generation, n int) string
}

// signature is how many characters of five bits a signed link has.
const signature = 51

// SignWith makes links signed ones from now on. It is called while the program is
// put together.
func (s *Service) SignWith(k Signer) { s.signer = k }

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
	rows, at := make([]seal, len(entries)), s.now().UTC().Truncate(time.Microsecond)
	suite := plainSuite
	if s.signer != nil {
		suite = keyedSuite + s.signer.CurrentKey()
	}
	for i, e := range entries {
		next := seal{Seq: last.Seq + 1, EntryID: e.ID, Suite: suite, Previous: last.Link, SealedAt: at}
		if next.Previous == nil {
			next.Previous = []byte{}
		}
		if next.Link = s.link(next, e.Digest); next.Link == nil {
			return 0, fmt.Errorf("seal the audit trail: the key ring does not hold %s", suite)
		}
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
		q = q.Where("id >= ?", tooLate(last))
	}
	var entries []Row
	if err := q.Order("id").Limit(sealBatch).Find(&entries).Error; err != nil {
		return nil, last, fmt.Errorf("read unsealed audit entries: %w", err)
	}
	return entries, last, nil
}

// tooLate is the id below which no entry is sealed after the given seal. It goes
// by when entries were minted: a sealer that stood still for a day still takes
// them all. An entry from a clock that was fast is no later than its seal.
func tooLate(last seal) string {
	at := db.IDTime(last.EntryID)
	if last.SealedAt.Before(at) {
		at = last.SealedAt
	}
	return db.NewID(at.Add(-sealMargin))
}

// link hangs a seal on the one before it; nil where the ring holds no such key.
func (s *Service) link(x seal, digest []byte) []byte {
	sum := x.sum(digest)
	key, keyed := strings.CutPrefix(x.Suite, keyedSuite)
	if !keyed {
		return sum
	}
	if s.signer == nil {
		return nil
	}
	signed := s.signer.DeriveWith(key, "audit.seal", hex.EncodeToString(sum), 0, signature)
	if signed == "" {
		return nil
	}
	return []byte(signed)
}

func (x seal) sum(digest []byte) []byte {
	h := sha256.New()
	h.Write(x.Previous)
	h.Write([]byte(x.Suite))
	var n [16]byte
	binary.BigEndian.PutUint64(n[:8], uint64(x.Seq))
	binary.BigEndian.PutUint64(n[8:], uint64(x.SealedAt.UnixMicro()))
	h.Write(n[:])
	h.Write(digest)
	return h.Sum(nil)
}

// Broken is the first place where the chain does not hold.
type Broken struct {
	Seq     int64
	EntryID string
	// Why is "gap" (a seal is gone), "missing" (its entry is gone), "changed" (the
	// entry is), "link" (the seal is), "key" (it was signed under a key that the ring
	// does not hold), "unsealed" (an entry stands outside) or "anchor" (the chain was
	// another when its end was written elsewhere).
	Why string
}

func (b *Broken) Error() string {
	return fmt.Sprintf("audit trail broken at seal %d, entry %s: %s", b.Seq, b.EntryID, b.Why)
}

// Verify walks the whole chain and recomputes each digest from the entry as it
// stands now, then looks for entries that were put in behind the chain's back.
// It returns how many seals hold; a *Broken error names the first that does
// not. Seals under keys that have left the ring are only checked for their order,
// when those keys are named. Whoever can write the database can cut the chain's
// end off: the anchors, kept elsewhere, tell.
func (s *Service) Verify(ctx context.Context, goneKeys ...string) (int64, error) {
	reader := s.db.Reader(ctx) // one and the same, so that seals and entries agree
	var last seal
	for {
		var seals []seal
		if err := reader.Where("seq > ?", last.Seq).Order("seq").Limit(sealBatch).Find(&seals).Error; err != nil {
			return last.Seq, fmt.Errorf("read the seals: %w", err)
		}
		if len(seals) == 0 {
			return last.Seq, verifyRest(reader, last)
		}
		rows, err := entriesOf(reader, seals)
		if err != nil {
			return last.Seq, err
		}
		for _, x := range seals {
			why := s.check(x, last, rows)
			if key, keyed := strings.CutPrefix(x.Suite, keyedSuite); why == "key" && keyed && slices.Contains(goneKeys, key) {
				why = ""
			}
			if why != "" {
				return last.Seq, &Broken{Seq: last.Seq + 1, EntryID: x.EntryID, Why: why}
			}
			last = x
		}
	}
}

func entriesOf(reader *gorm.DB, seals []seal) (map[string]Row, error) {
	ids := make([]string, len(seals))
	for i, x := range seals {
		ids[i] = x.EntryID
	}
	var rows []Row
	if err := reader.Where("id IN ?", ids).Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("read audit entries: %w", err)
	}
	byID := make(map[string]Row, len(rows))
	for _, r := range rows {
		byID[r.ID] = r
	}
	return byID, nil
}

// verifyRest looks for entries without a seal that no sealer will take any
// more, page by page, so that no statement lasts.
func verifyRest(reader *gorm.DB, last seal) error {
	if last.Seq == 0 {
		return nil
	}
	after, end := "00000000-0000-0000-0000-000000000000", tooLate(last)
	for {
		var page []struct {
			ID     string
			Sealed bool
		}
		err := reader.Raw(`SELECT id, EXISTS (SELECT 1 FROM audit_seals WHERE entry_id = audit_entries.id) AS sealed
 FROM audit_entries WHERE id > ? AND id < ? ORDER BY id LIMIT ?`, after, end, sealBatch).Scan(&page).Error
		if err != nil {
			return fmt.Errorf("look for unsealed audit entries: %w", err)
		}
		for _, e := range page {
			if !e.Sealed {
				return &Broken{Seq: last.Seq + 1, EntryID: e.ID, Why: "unsealed"}
			}
			after = e.ID
		}
		if len(page) < sealBatch {
			return nil
		}
	}
}

func (s *Service) check(x, last seal, rows map[string]Row) string {
	if x.Seq != last.Seq+1 {
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
	keyed := strings.HasPrefix(x.Suite, keyedSuite)
	if !keyed && (x.Suite != plainSuite || strings.HasPrefix(last.Suite, keyedSuite)) { // signed ones are never followed by others
		return "link"
	}
	if !bytes.Equal(x.Previous, last.Link) {
		return "link"
	}
	link := s.link(x, d)
	switch {
	case link == nil:
		return "key"
	case !bytes.Equal(x.Link, link):
		return "link"
	}
	return ""
}
