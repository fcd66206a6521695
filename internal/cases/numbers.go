package cases

import (
	"context"
	"fmt"
	"sync"

	"minqing/internal/db"
	"minqing/internal/idcode"
)

// numberBlock is how many numbers a process takes from the sequence at once.
// Gaps are allowed; the legal order is received_at, then the number.
const numberBlock = 32

type numbers struct {
	mu         sync.Mutex
	next, last int64
}

// reserve takes n numbers from the sequence and gives the first. Outside of a
// transaction it commits at once, so that nobody waits for another's filing.
func reserve(ctx context.Context, d *db.DB, n int64) (int64, error) {
	var last int64
	err := d.From(ctx).Raw("UPDATE sequences SET last = last + ? WHERE name = 'case_no' RETURNING last", n).Scan(&last).Error
	if err != nil {
		return 0, fmt.Errorf("take case numbers: %w", db.Fault(err, "", ""))
	}
	return last - n + 1, nil
}

// ReserveNumbers takes n sequence numbers for a loader and gives the first.
func (s *Service) ReserveNumbers(ctx context.Context, n int64) (int64, error) {
	return reserve(ctx, s.DB, n)
}

// MakeNumber writes the case number of a sequence number and year.
func (s *Service) MakeNumber(year int, seq int64) string {
	return idcode.CaseNumber{Prefix: s.Prefix, Year: year, Seq: seq}.String()
}

func (s *Service) nextNumber(ctx context.Context, year int) (string, error) {
	if s.DB.SQLTx(ctx) != nil { // inside somebody's transaction: it may be rolled back, so keep nothing
		seq, err := reserve(ctx, s.DB, 1)
		return s.MakeNumber(year, seq), err
	}
	s.numbers.mu.Lock()
	defer s.numbers.mu.Unlock()
	if s.numbers.next == 0 || s.numbers.next > s.numbers.last {
		first, err := reserve(ctx, s.DB, numberBlock)
		if err != nil {
			return "", err
		}
		s.numbers.next, s.numbers.last = first, first+numberBlock-1
	}
	seq := s.numbers.next
	s.numbers.next++
	return s.MakeNumber(year, seq), nil
}

// Codes of a case. The lengths are promises: people have them on paper.
const (
	queryCodeLength = 10
	purposeQuery    = "case.query"
	purposeEvaluate = "case.evaluate"
)

// QueryCode derives the citizen's query code; nothing stores it.
func (s *Service) QueryCode(c *Case) string {
	return s.Vault.DeriveWith(c.CodeKey, purposeQuery, c.ID, c.CodeGeneration, queryCodeLength)
}
