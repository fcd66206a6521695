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
	Bad      int // judged with one of the two lowest grades
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
	Late, Reopened, Repeated bool
	Grade                    int // of the worst judgement, when it was bad
}

func (s *Service) trouble(ctx context.Context, of cases.Personal) (*Trouble, error) {
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
	}
	err = s.DB.Together(ctx, db.Rows(&bad, "SELECT e.case_id, CAST(min(e.grade) AS integer) AS grade FROM evaluations e WHERE e.case_id IN ("+ids.SQL+
		") AND e.grade <= ? AND NOT e.excluded GROUP BY e.case_id", append(slices.Clone(ids.Args), badGrade)...))
	if err != nil {
		return nil, fmt.Errorf("read bad judgements of somebody: %w", db.Fault(err, "", ""))
	}
	grades := map[string]int{}
	for _, b := range bad {
		grades[b.CaseID] = b.Grade
	}
	t := troubleIn(list, grades, s.Now())
	t.Older = older
	return t, nil
}

// troubleIn looks at cases, the newest first.
func troubleIn(list []cases.Item, grades map[string]int, now time.Time) *Trouble {
	t := &Trouble{}
	for i, it := range list {
		one := Troubled{Item: it, Late: Late(&it.Case, now), Reopened: it.ReopenedCount > 0, Grade: grades[it.ID]}
		one.Repeated = it.MatterID != nil && slices.ContainsFunc(list[i+1:], func(o cases.Item) bool {
			return o.MatterID != nil && *o.MatterID == *it.MatterID && it.ReceivedAt.Sub(o.ReceivedAt) <= againWithin
		})
		if !one.Late && !one.Reopened && !one.Repeated && one.Grade == 0 {
			continue
		}
		count(&t.Late, one.Late)
		count(&t.Bad, one.Grade > 0)
		count(&t.Reopened, one.Reopened)
		count(&t.Repeated, one.Repeated)
		if len(t.Cases) == shownMost {
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
