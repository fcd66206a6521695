package record

import (
	"context"
	"fmt"
	"slices"
	"time"

	"minqing/internal/cases"
	"minqing/internal/db"
)

// How far back trouble is looked for, and what counts as asking again.
const (
	// TroubleMost is the number of cases, the newest, in which trouble is looked for.
	TroubleMost = 500
	shownMost   = 10                  // of those that went wrong
	againWithin = 90 * 24 * time.Hour // on the same matter
	badGrade    = 2                   // and below
)

// Trouble is what went wrong before, in the cases that the actor may read.
type Trouble struct {
	Late     int // concluded after the due time, or open past it
	Slow     int // nobody was in touch by the day that was promised for that
	Bad      int // judged with one of the two lowest grades
	Unmended int // and what was judged so was mended after its time, or is not mended though it is over
	Reopened int // after a conclusion
	Repeated int // within 90 days of another on the same matter
	Cases    []Troubled
	More     int  // cases in which something went wrong that Cases does not list
	Older    bool // there are cases older than the TroubleMost, in which nobody looked
}

// None says that nothing did.
func (t *Trouble) None() bool { return len(t.Cases) == 0 }

// Troubled is one case in which something went wrong.
type Troubled struct {
	cases.Item
	Late, Slow, Reopened, Repeated, Unmended bool
	Grade                                    int // of the worst judgement, when it was bad
}

// wrong is what of a case its own row in a list does not say: the worst grade, that a
// bad one was mended after its time, and that nobody was in touch in time.
type wrong struct {
	grade      int
	late, slow bool
}

// isSlow is SQL on cases c with whom nobody was in touch by the time that was promised
// for it; a clock that stands still does not run out. Its one mark is the time it is now.
const isSlow = "c.response_due_at IS NOT NULL AND c.confidentiality <> 'anonymous' AND (c.contacted_at > c.response_due_at OR c.contacted_at IS NULL AND (c.concluded_at > c.response_due_at" +
	" OR c.concluded_at IS NULL AND NOT " + cases.Ended + " AND c.suspended_at IS NULL AND c.response_due_at < ?))"

func (s *Service) trouble(ctx context.Context, of cases.Personal, most int) (*Trouble, error) {
	list, err := of.All(ctx, TroubleMost+1)
	if err != nil {
		return nil, err
	}
	older := len(list) > TroubleMost
	list = list[:min(len(list), TroubleMost)]
	ids := of.IDs()
	var bad []struct {
		CaseID string
		Grade  int
		Late   int
	}
	var slow []struct{ ID string }
	err = s.DB.Together(ctx, db.Rows(&slow, ids.SQL+" AND "+isSlow, append(slices.Clone(ids.Args), s.Now().UTC())...), db.Rows(&bad, "SELECT e.case_id, CAST(min(e.grade) AS integer) AS grade, CAST(max(CASE WHEN e.mended_at > e.mend_due_at THEN 1 ELSE 0 END) AS integer) AS late FROM evaluations e WHERE e.case_id IN ("+ids.SQL+
		") AND e.grade <= ? AND NOT e.excluded GROUP BY e.case_id", append(slices.Clone(ids.Args), badGrade)...))
	if err != nil {
		return nil, fmt.Errorf("read what went wrong with somebody: %w", db.Fault(err, "", ""))
	}
	found := map[string]wrong{}
	for _, b := range bad {
		found[b.CaseID] = wrong{grade: b.Grade, late: b.Late == 1}
	}
	for _, one := range slow {
		w := found[one.ID]
		w.slow = true
		found[one.ID] = w
	}
	t := troubleIn(list, found, s.Now(), most)
	t.Older = older
	return t, nil
}

// unmended says that what the unit has to do next about a bad grade is past its time.
func unmended(c *cases.Case, now time.Time) bool {
	return (c.Rectify == cases.ToContact || c.Rectify == cases.ToMend) && c.RectifyDueAt != nil && now.After(*c.RectifyDueAt)
}

// troubleIn looks at cases, the newest first, and lists up to most of those in which
// something went wrong.
func troubleIn(list []cases.Item, found map[string]wrong, now time.Time, most int) *Trouble {
	t := &Trouble{}
	for i, it := range list {
		w := found[it.ID]
		one := Troubled{Item: it, Late: Late(&it.Case, now), Slow: w.slow, Reopened: it.ReopenedCount > 0, Grade: w.grade, Unmended: w.late || unmended(&it.Case, now)}
		one.Repeated = it.MatterID != nil && slices.ContainsFunc(list[i+1:], func(o cases.Item) bool {
			return o.MatterID != nil && *o.MatterID == *it.MatterID && it.ReceivedAt.Sub(o.ReceivedAt) <= againWithin
		})
		if !one.Late && !one.Slow && !one.Reopened && !one.Repeated && !one.Unmended && one.Grade == 0 {
			continue
		}
		count(&t.Late, one.Late)
		count(&t.Slow, one.Slow)
		count(&t.Unmended, one.Unmended)
		count(&t.Bad, one.Grade > 0)
		count(&t.Reopened, one.Reopened)
		count(&t.Repeated, one.Repeated)
		if len(t.Cases) == most {
			t.More++
			continue
		}
		t.Cases = append(t.Cases, one)
	}
	return t
}

func count(n *int, so bool) {
	if so {
		*n++
	}
}
