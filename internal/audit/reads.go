package audit

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"gorm.io/gorm"

	"minqing/internal/db"
)

// The log of reads is chained as the trail is: by the sealer, so that whoever is
// shown something waits for nobody. Its rows go when their term is over, so a seal
// keeps the hash of its row; the trail tells up to which row they went, and once an
// hour where the chain of reads ended, so that neither can be cut off unseen.
const (
	actReadsSealed = "audit.reads_sealed"
	actReadsGone   = "audit.reads_gone"
	kindReads      = "audit"
	idReads        = "reads"
)

type readSeal struct {
	Seq      int64
	ReadID   string
	Suite    string
	Digest   []byte
	Previous []byte
	Link     []byte
	SealedAt time.Time
}

func (readSeal) TableName() string { return "read_seals" }

// chained is the seal as the links of both chains are made.
func (x readSeal) chained() seal {
	return seal{Seq: x.Seq, EntryID: x.ReadID, Suite: x.Suite, Previous: x.Previous, Link: x.Link, SealedAt: x.SealedAt}
}

// digest hashes a row of the log in a fixed order.
func (r ReadRow) digest() ([]byte, error) {
	names, err := r.Names()
	if err != nil {
		return nil, err
	}
	body, err := json.Marshal([]any{"read", r.ID, r.At.UTC().Truncate(time.Microsecond).Format(time.RFC3339Nano), text(r.AccountID), r.ObjectKind, r.ObjectID,
		names, r.Reason, r.RequestID})
	if err != nil {
		return nil, fmt.Errorf("hash the read %s: %w", r.ID, err)
	}
	sum := sha256.Sum256(body)
	return sum[:], nil
}

// SealReads chains the rows of the log that are not chained yet, and says how many.
func (s *Service) SealReads(ctx context.Context) (int, error) {
	total := 0
	for {
		n, err := s.sealSomeReads(ctx)
		total += n
		if db.IsDuplicate(err) {
			return total, nil // another process seals
		}
		if err != nil || n < sealBatch {
			return total, err
		}
	}
}

func (s *Service) sealSomeReads(ctx context.Context) (int, error) {
	last, err := lastRead(s.db.From(ctx))
	if err != nil {
		return 0, err
	}
	q := s.db.From(ctx).Where("NOT EXISTS (SELECT 1 FROM read_seals WHERE read_seals.read_id = audit_reads.id)")
	if last.Seq > 0 {
		q = q.Where("id >= ?", tooLate(last.chained()))
	}
	var reads []ReadRow
	if err := q.Order("id").Limit(sealBatch).Find(&reads).Error; err != nil {
		return 0, fmt.Errorf("read what the log of reads has not sealed: %w", err)
	}
	rows, at, suite := make([]readSeal, len(reads)), s.now().UTC().Truncate(time.Microsecond), plainSuite
	if s.signer != nil {
		suite = keyedSuite + s.signer.CurrentKey()
	}
	for i, r := range reads {
		next := readSeal{Seq: last.Seq + 1, ReadID: r.ID, Suite: suite, Previous: last.Link, SealedAt: at}
		if next.Previous == nil {
			next.Previous = []byte{}
		}
		if next.Digest, err = r.digest(); err != nil {
			return 0, err
		}
		if next.Link = s.link(next.chained(), next.Digest); next.Link == nil {
			return 0, fmt.Errorf("seal the log of reads: the key ring does not hold %s", suite)
		}
		rows[i], last = next, next
	}
	err = s.db.Tx(ctx, func(ctx context.Context) error {
		if len(rows) > 0 {
			if err := s.db.From(ctx).CreateInBatches(rows, 200).Error; err != nil {
				return fmt.Errorf("seal the log of reads: %w", err)
			}
		}
		return s.tellEnd(ctx, last)
	})
	return len(rows), err
}

func lastRead(tx *gorm.DB) (last readSeal, err error) {
	err = tx.Order("seq DESC").Take(&last).Error
	if err != nil && !errors.Is(err, gorm.ErrRecordNotFound) {
		return last, fmt.Errorf("read the last seal of the log of reads: %w", err)
	}
	return last, nil
}

// tellEnd writes the end of the chain of reads into the trail when it has grown
// and an hour has passed.
func (s *Service) tellEnd(ctx context.Context, last readSeal) error {
	var told []Row
	err := s.db.From(ctx).Where("object_kind = ? AND object_id = ? AND action = ?", kindReads, idReads, actReadsSealed).Order("id DESC").Limit(1).Find(&told).Error
	if err != nil {
		return fmt.Errorf("read what the trail says of the log of reads: %w", err)
	}
	if last.Seq == 0 || len(told) > 0 && s.now().Sub(told[0].At) < anchorEvery {
		return nil
	}
	if len(told) > 0 {
		if end, err := endTold(told[0]); err != nil || end.Seq >= last.Seq {
			return err
		}
	}
	return s.Record(ctx, Entry{Action: actReadsSealed, Kind: kindReads, ID: idReads,
		Fields: []Change{{Field: "seals", After: strconv.FormatInt(last.Seq, 10)}, {Field: "link", After: fmt.Sprintf("%x", last.Link)}}})
}

// end is where the chain of reads ended once.
type end struct {
	Seq  int64
	Link string
}

func endTold(r Row) (e end, err error) {
	fields, err := r.Fields()
	if err != nil {
		return e, err
	}
	if len(fields) != 2 {
		return e, fmt.Errorf("audit entry %s says nothing of the log of reads", r.ID)
	}
	e.Link = fields[1].After
	e.Seq, err = strconv.ParseInt(fields[0].After, 10, 64)
	return e, err
}

// ErrReads says that it is the log of reads whose chain does not hold.
var ErrReads = errors.New("the log of reads")

// VerifyReads walks the chain of the log of reads as Verify does that of the trail,
// which must hold: it tells which rows went in time and where the chain ended.
func (s *Service) VerifyReads(ctx context.Context, goneKeys ...string) (int64, error) {
	reader := s.db.Reader(ctx)
	ends, through, err := readsTold(reader, actReadsSealed, actReadsGone)
	if err != nil {
		return 0, err
	}
	var last readSeal
	for {
		var seals []readSeal
		if err := reader.Where("seq > ?", last.Seq).Order("seq").Limit(sealBatch).Find(&seals).Error; err != nil {
			return last.Seq, fmt.Errorf("read the seals of the log of reads: %w", err)
		}
		if len(seals) == 0 {
			break
		}
		rows, err := readsOf(reader, seals)
		if err != nil {
			return last.Seq, err
		}
		for _, x := range seals {
			why := s.checkRead(x, last, rows, through)
			if key, keyed := strings.CutPrefix(x.Suite, keyedSuite); why == "key" && keyed && slices.Contains(goneKeys, key) {
				why = ""
			}
			if link, told := ends[x.Seq]; why == "" && told && link != fmt.Sprintf("%x", x.Link) {
				why = "anchor"
			}
			if why != "" {
				return last.Seq, errors.Join(ErrReads, &Broken{Seq: last.Seq + 1, EntryID: x.ReadID, Why: why})
			}
			last = x
		}
	}
	for seq := range ends {
		if seq > last.Seq {
			return last.Seq, errors.Join(ErrReads, &Broken{Seq: last.Seq + 1, Why: "anchor"})
		}
	}
	return last.Seq, unsealedReads(reader, last)
}

func readsOf(reader *gorm.DB, seals []readSeal) (map[string]ReadRow, error) {
	ids := make([]string, len(seals))
	for i, x := range seals {
		ids[i] = x.ReadID
	}
	var rows []ReadRow
	if err := reader.Where("id IN ?", ids).Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("read the log of reads: %w", err)
	}
	byID := make(map[string]ReadRow, len(rows))
	for _, r := range rows {
		byID[r.ID] = r
	}
	return byID, nil
}

// readsTold is what the trail says: where the chain of reads ended, by number, and
// up to which row the log was shortened.
func readsTold(reader *gorm.DB, acts ...string) (ends map[int64]string, through string, err error) {
	ends = map[int64]string{}
	var told []Row
	err = reader.Where("object_kind = ? AND object_id = ? AND action IN ?", kindReads, idReads, acts).Order("id").Find(&told).Error
	if err != nil {
		return nil, "", fmt.Errorf("read what the trail says of the log of reads: %w", err)
	}
	for _, r := range told {
		if r.Action == actReadsSealed {
			e, err := endTold(r)
			if err != nil {
				return nil, "", err
			}
			ends[e.Seq] = e.Link
			continue
		}
		fields, err := r.Fields()
		if err != nil {
			return nil, "", err
		}
		for _, f := range fields {
			if f.Field == "through" {
				through = max(through, f.After)
			}
		}
	}
	return ends, through, nil
}

func (s *Service) checkRead(x, last readSeal, rows map[string]ReadRow, through string) string {
	r, there := rows[x.ReadID]
	switch {
	case x.Seq != last.Seq+1:
		return "gap"
	case !there && x.ReadID > through:
		return "missing"
	}
	if there {
		if d, err := r.digest(); err != nil || !bytes.Equal(d, x.Digest) {
			return "changed"
		}
	}
	keyed := strings.HasPrefix(x.Suite, keyedSuite)
	if !keyed && (x.Suite != plainSuite || strings.HasPrefix(last.Suite, keyedSuite)) || !bytes.Equal(x.Previous, last.Link) {
		return "link"
	}
	link := s.link(x.chained(), x.Digest)
	switch {
	case link == nil:
		return "key"
	case !bytes.Equal(x.Link, link):
		return "link"
	}
	return ""
}

// unsealedReads looks for rows that were put in behind the chain's back.
func unsealedReads(reader *gorm.DB, last readSeal) error {
	if last.Seq == 0 {
		return nil
	}
	var ids []string
	err := reader.Raw(`SELECT id FROM audit_reads WHERE id < ? AND NOT EXISTS (SELECT 1 FROM read_seals WHERE read_seals.read_id = audit_reads.id) ORDER BY id LIMIT 1`,
		tooLate(last.chained())).Scan(&ids).Error
	if err != nil {
		return fmt.Errorf("look for unsealed reads: %w", err)
	}
	if len(ids) > 0 {
		return errors.Join(ErrReads, &Broken{Seq: last.Seq + 1, EntryID: ids[0], Why: "unsealed"})
	}
	return nil
}
