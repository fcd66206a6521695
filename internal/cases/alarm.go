package cases

import (
	"context"
	"errors"
	"fmt"
	"time"

	"minqing/internal/actor"
	"minqing/internal/audit"
	"minqing/internal/calendar"
	"minqing/internal/db"
	"minqing/internal/fault"
	"minqing/internal/idcode"
)

// errInterested is errMissing for somebody of a unit that the case complains
// about. They read the same; who handles the case learns of it.
var errInterested = fault.New(errMissing.Kind, errMissing.Key)

// Ways in which somebody looks for a case.
const (
	wayOpen   = "open"
	waySearch = "search"
	wayAct    = "act"
)

// Alarm says that people of a unit that a case complains about looked for it,
// and were refused.
type Alarm struct {
	People int
	Last   time.Time
}

// alarmed passes on why a case was refused. An attempt out of the unit that the
// case complains about is written down first, once a day for each person, where
// those who handle the case and the auditors see it (信访工作条例 art. 30: nothing
// of a complaint may reach those it is about).
func (s *Service) alarmed(ctx context.Context, caseNo, way string, refusal error) error {
	if !errors.Is(refusal, errInterested) {
		return refusal
	}
	n, err := idcode.ParseCaseNumber(caseNo)
	if err != nil {
		return refusal
	}
	who, now := actor.From(ctx).AccountID, s.Now().UTC()
	err = s.DB.Tx(ctx, func(ctx context.Context) error {
		res := s.DB.From(ctx).Exec(`INSERT INTO access_alarms (id, case_id, account_id, day, way, at)
 SELECT ?, id, ?, ?, ?, ? FROM cases WHERE case_no = ? ON CONFLICT (case_id, account_id, day) DO NOTHING`,
			db.NewID(now), who, calendar.DateOf(now, time.UTC), way, now, n.String())
		if res.Error != nil || res.RowsAffected == 0 {
			return res.Error
		}
		return s.Audit.Record(ctx, audit.Entry{Action: "case.alarm", Kind: "case", ID: n.String(),
			Fields: []audit.Change{{Field: "way", After: way}}})
	})
	if err != nil {
		return fmt.Errorf("write down who looked for the case: %w", db.Fault(err, "", ""))
	}
	return refusal
}

// alarms counts who looked for a case and must not.
func (s *Service) alarms(ctx context.Context, caseID string) (*Alarm, error) {
	var found []struct {
		AccountID string
		At        time.Time
	}
	err := s.DB.Reader(ctx).Raw("SELECT account_id, at FROM access_alarms WHERE case_id = ? ORDER BY at DESC", caseID).Scan(&found).Error
	if err != nil {
		return nil, fmt.Errorf("read who looked for the case: %w", db.Fault(err, "", ""))
	}
	if len(found) == 0 {
		return nil, nil
	}
	people := map[string]bool{}
	for _, f := range found {
		people[f.AccountID] = true
	}
	return &Alarm{People: len(people), Last: found[0].At}, nil
}
