package audit

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// Tail is the state of the newest part of the trail.
type Tail struct {
	Seals    int64     // how long the chain is
	Checked  int       // how many of its last seals were recomputed and hold
	Waiting  time.Time // when the oldest entry behind the last seal was made; zero when all are sealed
	LastMade time.Time // when the newest entry was made; zero when there is none
}

// CheckTail recomputes the last n seals, for the doctor: unlike Verify it takes
// the same short time however long the trail is. A *Broken error names the first
// seal that does not hold.
func (s *Service) CheckTail(ctx context.Context, n int) (Tail, error) {
	reader := s.db.Reader(ctx)
	var t Tail
	var seals []seal
	if err := reader.Order("seq DESC").Limit(n + 1).Find(&seals).Error; err != nil {
		return t, fmt.Errorf("read the last seals: %w", err)
	}
	slices.Reverse(seals)
	var last seal
	if len(seals) > n { // the one before the tail is where it hangs on
		last, seals = seals[0], seals[1:]
	}
	rows, err := entriesOf(reader, seals)
	if err != nil {
		return t, err
	}
	for _, x := range seals {
		if why := s.check(x, last, rows); why != "" && why != "key" {
			return t, &Broken{Seq: last.Seq + 1, EntryID: x.EntryID, Why: why}
		}
		last = x
		t.Checked++
	}
	t.Seals = last.Seq
	var ends []Row
	if err := reader.Select("id", "at").Order("id DESC").Limit(1).Find(&ends).Error; err != nil {
		return t, fmt.Errorf("read the newest audit entry: %w", err)
	}
	if len(ends) == 1 {
		t.LastMade = ends[0].At
	}
	var waiting []Row
	q := reader.Select("id", "at").Order("id").Limit(1)
	if last.EntryID != "" {
		q = q.Where("id > ?", last.EntryID)
	}
	if err := q.Find(&waiting).Error; err != nil {
		return t, fmt.Errorf("read the audit entries that wait for a seal: %w", err)
	}
	if len(waiting) == 1 {
		t.Waiting = waiting[0].At
	}
	return t, nil
}
