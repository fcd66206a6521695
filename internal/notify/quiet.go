package notify

import (
	"context"
	"fmt"
	"time"

	"minqing/internal/actor"
	"minqing/internal/audit"
	"minqing/internal/db"
	"minqing/internal/fault"
)

// Hours are a part of every day in the time zone of the city, in minutes of the
// day; they may go over midnight.
type Hours struct {
	Begins int
	Ends   int
}

const minutesOfADay = 24 * 60

// String is for the trail: 21:00-08:00.
func (h *Hours) String() string {
	if h == nil {
		return ""
	}
	return fmt.Sprintf("%02d:%02d-%02d:%02d", h.Begins/60, h.Begins%60, h.Ends/60, h.Ends%60)
}

// end is when the hours that hold at a time end; zero when none do.
func (h *Hours) end(at time.Time) time.Time {
	if h == nil {
		return time.Time{}
	}
	minute := at.Hour()*60 + at.Minute()
	day := at.Day()
	switch over := h.Begins > h.Ends; {
	case !over && (minute < h.Begins || minute >= h.Ends), over && minute < h.Begins && minute >= h.Ends:
		return time.Time{}
	case over && minute >= h.Begins:
		day++
	}
	return time.Date(at.Year(), at.Month(), day, h.Ends/60, h.Ends%60, 0, 0, at.Location())
}

// Quiet are the hours in which the one who asks wants no messages; nil when
// there are none.
func (s *Service) Quiet(ctx context.Context) (*Hours, error) {
	return s.quietOf(ctx, wisher(actor.From(ctx)))
}

func (s *Service) quietOf(ctx context.Context, person string) (*Hours, error) {
	var found []Hours
	if err := s.DB.From(ctx).Raw("SELECT begins, ends FROM quiet_hours WHERE person_id = ?", person).Scan(&found).Error; err != nil {
		return nil, fmt.Errorf("read somebody's quiet hours: %w", db.Fault(err, "", ""))
	}
	if len(found) == 0 {
		return nil, nil //nolint:nilnil // none is what most people have
	}
	return &found[0], nil
}

// KeepQuiet sets the hours in which the one who asks wants no messages; nil takes
// them away. It counts from the next message on.
func (s *Service) KeepQuiet(ctx context.Context, h *Hours) error {
	if h != nil && (h.Begins == h.Ends || min(h.Begins, h.Ends) < 0 || max(h.Begins, h.Ends) >= minutesOfADay) {
		return fault.InvalidInput(fault.Field{Name: "ends", Key: "notify.quiet.wrong"})
	}
	who := actor.From(ctx)
	return s.DB.Tx(ctx, func(ctx context.Context) error {
		before, err := s.Quiet(ctx)
		if err != nil || before.String() == h.String() {
			return err
		}
		tx := s.DB.From(ctx)
		if h == nil {
			err = tx.Exec("DELETE FROM quiet_hours WHERE person_id = ?", wisher(who)).Error
		} else {
			err = tx.Exec(`INSERT INTO quiet_hours (person_id, begins, ends, created_at) VALUES (?, ?, ?, ?)
 ON CONFLICT (person_id) DO UPDATE SET begins = excluded.begins, ends = excluded.ends, created_at = excluded.created_at`,
				wisher(who), h.Begins, h.Ends, s.Now().UTC()).Error
		}
		if err != nil {
			return fmt.Errorf("note somebody's quiet hours: %w", db.Fault(err, "", ""))
		}
		return s.Audit.Record(ctx, audit.Entry{Action: "delivery.quiet", Kind: "account", ID: who.AccountID,
			Fields: []audit.Change{{Field: "quiet", Before: before.String(), After: h.String()}}})
	})
}

// wakesFrom is the local hour of a day from which messages leave that no person caused:
// a day begins at midnight, and nobody is woken because of it.
const wakesFrom = 8

// morning is when that hour comes; zero when it has come already.
func morning(now time.Time) time.Time {
	if now.Hour() >= wakesFrom {
		return time.Time{}
	}
	return time.Date(now.Year(), now.Month(), now.Day(), wakesFrom, 0, 0, 0, now.Location())
}

// restsFrom is the local hour from which warnings of the clocks leave for staff no more:
// nobody looks at a case before the morning because of them.
const restsFrom = 20

// awake is when a message leaves that no person caused, to staff between wakesFrom and
// restsFrom; zero when it leaves now, as one does whose matter is due before that.
func (t Telling) awake(now time.Time) time.Time {
	after := morning(now)
	if t.Kind.ofStaff() && now.Hour() >= restsFrom {
		after = time.Date(now.Year(), now.Month(), now.Day()+1, wakesFrom, 0, 0, 0, now.Location())
	}
	if t.DueAt.After(now) && t.DueAt.Before(after) {
		return time.Time{}
	}
	return after
}

// sendAfter is until when a message waits for quiet hours to end or to be
// gathered with others; zero when it leaves at once. So do all that nobody can
// refuse, for a notice that the law asks for must not come a day too late, and all
// about danger to life. What no person caused waits for the morning whatever it is.
func (s *Service) sendAfter(ctx context.Context, t Telling, by Channel) (after time.Time, gathered bool, err error) {
	if t.Danger {
		return time.Time{}, false, nil
	}
	if t.ByItself {
		after = t.awake(s.Now().In(s.zone()))
	}
	if t.Kind.Always() == "" {
		if after, gathered, err = s.asWished(ctx, t, by, after); err != nil {
			return time.Time{}, false, err
		}
	}
	if after.IsZero() {
		return after, gathered, nil
	}
	if urgent, err := s.urgent(ctx, t.CaseID); err != nil || urgent {
		return time.Time{}, false, err
	}
	return after, gathered, nil
}

// asWished is until when what may be refused waits for the hours that its reader wants,
// and no less than until after.
func (s *Service) asWished(ctx context.Context, t Telling, by Channel, after time.Time) (until time.Time, gathered bool, err error) {
	quiet, err := s.quietOf(ctx, t.To.person())
	if err != nil {
		return after, false, err
	}
	digest, err := s.digestOf(ctx, t.To.person())
	if err != nil {
		return after, false, err
	}
	now := s.Now().In(s.zone())
	if digest != nil && by == Mail && !t.Kind.ofCampaign() { // that can be refused alone
		return nextDigest(*digest, quiet, now), true, nil
	}
	if end := quiet.end(now); end.After(after) {
		after = end
	}
	return after, false, nil
}

// quietUntil is when the reader's quiet hours end in which a message would come now;
// zero where it need not wait for them.
func (s *Service) quietUntil(ctx context.Context, t Telling) (time.Time, error) {
	if t.Kind.Always() != "" || t.Danger {
		return time.Time{}, nil
	}
	quiet, err := s.quietOf(ctx, t.To.person())
	if err != nil {
		return time.Time{}, err
	}
	after := quiet.end(s.Now().In(s.zone()))
	if after.IsZero() {
		return after, nil
	}
	if urgent, err := s.urgent(ctx, t.CaseID); err != nil || urgent {
		return time.Time{}, err
	}
	return after, nil
}

// urgent says whether a case is about danger; one that is gone is not.
func (s *Service) urgent(ctx context.Context, caseID string) (bool, error) {
	if caseID == "" {
		return false, nil
	}
	f, err := s.Cases.Facts(ctx, caseID)
	if err != nil {
		if fault.KindOf(err) == fault.NotFound {
			return false, nil
		}
		return false, fmt.Errorf("read whether a case is urgent: %w", err)
	}
	return f.Urgent, nil
}

func (s *Service) zone() *time.Location {
	if s.Zone == nil {
		return time.UTC
	}
	return s.Zone
}
