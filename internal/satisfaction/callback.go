package satisfaction

import (
	"context"
	"fmt"
	"time"

	"minqing/internal/actor"
	"minqing/internal/audit"
	"minqing/internal/calendar"
	"minqing/internal/cases"
	"minqing/internal/db"
	"minqing/internal/fault"
)

// How many days after a result somebody who has not judged it is reminded, and
// rung, where nobody set it otherwise.
const (
	DefaultReminderDays = 2
	DefaultCallbackDays = 5
)

// lease is how long a caller has a callback for themselves.
const lease = 20 * time.Minute

// A callback is given up after so many attempts on so many days.
const (
	attemptsLeast = 3
	daysLeast     = 2
)

// CallbackState is what became of a callback.
type CallbackState string

// The states. Answered is the only valid callback: reached, and the question
// answered. Judged was overtaken by a judgement that came by itself.
const (
	CallbackOpen        CallbackState = "open"
	CallbackAnswered    CallbackState = "answered"
	CallbackRefused     CallbackState = "refused"
	CallbackUnreachable CallbackState = "unreachable"
	CallbackJudged      CallbackState = "judged"
	CallbackMoot        CallbackState = "moot" // there is another result, or the case is handled again
)

// Outcomes are what an attempt to reach somebody may come to.
var Outcomes = []string{"judged", "refused", "not_reached", "wrong_number", "again"}

// CallChannels are how a caller may try.
var CallChannels = []string{"phone", "sms", "web"}

// Callback is a row of callbacks: who asked is to be asked how a result went.
type Callback struct {
	ID           string
	CaseID       string
	ConclusionNo int64
	OpenedAt     time.Time
	RemindAt     *time.Time
	RemindedAt   *time.Time
	DueAt        *time.Time // nil: nobody can be rung
	DueOn        *calendar.Date
	Wished       bool
	State        CallbackState
	Attempts     int64
	AgainAt      *time.Time // when the person wishes to be rung
	ClaimedByID  *string
	ClaimedUntil *time.Time
	ClosedAt     *time.Time

	MissedToldAt *time.Time     // the person was told that somebody had rung
	RingsOn      *calendar.Date // and when they are rung again
}

// TableName names the table for gorm.
func (Callback) TableName() string { return "callbacks" }

// Attempt is one time that somebody tried.
type Attempt struct {
	ID         string
	CallbackID string
	At         time.Time
	OnDay      calendar.Date
	AccountID  *string
	Channel    string
	Outcome    string
	AgainAt    *time.Time
}

// TableName names the table for gorm.
func (Attempt) TableName() string { return "callback_attempts" }

// moved follows results up, in the transaction that makes or takes back one.
func (s *Service) moved(ctx context.Context, was, is *cases.Case, at time.Time) error {
	if was.Rectify != is.Rectify {
		if err := s.mending(ctx, was, is, at); err != nil {
			return err
		}
	}
	if was.ConclusionNo == is.ConclusionNo && was.Status.Ended() == is.Status.Ended() {
		return nil
	}
	err := s.exec(ctx, "UPDATE callbacks SET state = 'moot', closed_at = ?, remind_at = NULL WHERE case_id = ? AND state = 'open'", at, is.ID)
	if err != nil || was.ConclusionNo == is.ConclusionNo || is.Judging() == 0 || is.Duplicate || !followed(is) {
		return err
	}
	k := Callback{ID: db.NewID(at), CaseID: is.ID, ConclusionNo: is.ConclusionNo, OpenedAt: at, State: CallbackOpen}
	remind := at.AddDate(0, 0, s.ReminderDays)
	k.RemindAt = &remind
	if err := s.rung(ctx, is, &k); err != nil {
		return err
	}
	if err := s.DB.From(ctx).Create(&k).Error; err != nil {
		return fmt.Errorf("note when to ask about a result: %w", db.Fault(err, "", ""))
	}
	return nil
}

// mending keeps with a bad review by when it has to be answered, and when it was;
// neither, once the case is handled again.
func (s *Service) mending(ctx context.Context, was, is *cases.Case, at time.Time) error {
	const of = " WHERE case_id = ? AND conclusion_no = ? AND round = 1"
	switch is.Rectify {
	case cases.ToContact, cases.ToMend:
		return s.exec(ctx, "UPDATE evaluations SET mend_due_at = ?"+of, is.RectifyDueAt, is.ID, is.ConclusionNo)
	case cases.Mended:
		return s.exec(ctx, "UPDATE evaluations SET mended_at = ?"+of, at, is.ID, is.ConclusionNo)
	case "":
		return s.exec(ctx, "UPDATE evaluations SET mend_due_at = NULL, mended_at = NULL"+of, is.ID, was.ConclusionNo)
	}
	return nil
}

// followed are the results that somebody is asked about; how it went with a body
// outside is that body's to ask.
func followed(c *cases.Case) bool {
	switch c.Status {
	case cases.Concluded, cases.NotAccepted, cases.Withdrawn, cases.Merged:
		return c.Confidentiality != cases.Whistle
	}
	return false
}

// rung says when somebody is rung: at once where they or the matter wish it.
func (s *Service) rung(ctx context.Context, c *cases.Case, k *Callback) error {
	phone, wish, err := s.Cases.Reachable(ctx, c)
	if err != nil || !phone {
		return err
	}
	always, err := s.Cases.WantsCallback(ctx, c)
	if err != nil {
		return err
	}
	due := k.OpenedAt.AddDate(0, 0, s.CallbackDays)
	if wish || always {
		due = k.OpenedAt
	}
	day, err := s.Cases.LocalDay(ctx, c, due)
	if err != nil {
		return err
	}
	k.DueAt, k.DueOn, k.Wished = &due, &day, wish
	return nil
}

// judged ends a callback when the judgement is there without it.
func (s *Service) judged(ctx context.Context, c *cases.Case, at time.Time) error {
	return s.exec(ctx, "UPDATE callbacks SET state = 'judged', closed_at = ?, remind_at = NULL, claimed_by_id = NULL, claimed_until = NULL WHERE case_id = ? AND conclusion_no = ? AND state = 'open'",
		at, c.ID, c.ConclusionNo)
}

func (s *Service) exec(ctx context.Context, query string, args ...any) error {
	if err := s.DB.From(ctx).Exec(query, args...).Error; err != nil {
		return fmt.Errorf("change a callback: %w", db.Fault(err, "", ""))
	}
	return nil
}

// Due is a callback that waits, with its case.
type Due struct {
	Callback Callback
	Item     cases.Item
}

// DueMost is how many callbacks a list shows, those that wait longest.
const DueMost = 200

// Callbacks lists those that are due and that the actor may make, and says whether
// there are more than DueMost.
func (s *Service) Callbacks(ctx context.Context) (list []Due, more bool, err error) {
	items, err := s.Cases.Callable(ctx, s.Now(), DueMost+1)
	if err != nil || len(items) == 0 {
		return nil, false, err
	}
	more = len(items) > DueMost
	items = items[:min(len(items), DueMost)]
	ids := make([]string, len(items))
	for i := range items {
		ids[i] = items[i].ID
	}
	var rows []Callback
	if err := s.DB.Reader(ctx).Where("state = 'open' AND case_id IN ?", ids).Find(&rows).Error; err != nil {
		return nil, false, fmt.Errorf("read the callbacks: %w", db.Fault(err, "", ""))
	}
	of := map[string]Callback{}
	for _, k := range rows {
		of[k.CaseID] = k
	}
	list = make([]Due, 0, len(items))
	for _, it := range items {
		if k, ok := of[it.ID]; ok { // else it was ended meanwhile
			list = append(list, Due{Callback: k, Item: it})
		}
	}
	return list, more, nil
}

// Callback is the newest callback of a case with its attempts, for a caller.
func (s *Service) Callback(ctx context.Context, caseNo string) (*cases.View, *Callback, []Attempt, error) {
	v, err := s.Cases.Calling(ctx, caseNo)
	if err != nil {
		return nil, nil, nil, err
	}
	k, err := s.newest(ctx, v.ID)
	if err != nil {
		return nil, nil, nil, err
	}
	var tried []Attempt
	if err := s.DB.From(ctx).Where("callback_id = ?", k.ID).Order("id").Find(&tried).Error; err != nil {
		return nil, nil, nil, fmt.Errorf("read the attempts: %w", db.Fault(err, "", ""))
	}
	return v, k, tried, nil
}

var errNone = fault.New(fault.NotFound, "callback.none")

func (s *Service) newest(ctx context.Context, caseID string) (*Callback, error) {
	var found []Callback
	err := s.DB.From(ctx).Where("case_id = ? AND due_at IS NOT NULL", caseID).Order("conclusion_no DESC").Limit(1).Find(&found).Error
	if err != nil {
		return nil, fmt.Errorf("read the callback: %w", db.Fault(err, "", ""))
	}
	if len(found) == 0 {
		return nil, errNone
	}
	return &found[0], nil
}

// Mine says whether the actor has taken the callback.
func (k *Callback) Mine(ctx context.Context, now time.Time) bool {
	return k.State == CallbackOpen && k.Taken(now) && *k.ClaimedByID == actor.From(ctx).AccountID
}

// Taken says whether somebody has the callback for themselves.
func (k *Callback) Taken(now time.Time) bool {
	return k.ClaimedByID != nil && k.ClaimedUntil != nil && k.ClaimedUntil.After(now)
}

// Take gives a due callback to the actor for a while, so that nobody is rung by
// two. Taken again, the time begins anew.
func (s *Service) Take(ctx context.Context, caseNo string) error {
	return s.DB.Tx(ctx, func(ctx context.Context) error {
		v, k, _, err := s.Callback(ctx, caseNo)
		if err != nil {
			return err
		}
		now := s.Now().UTC()
		if err := k.open(now); err != nil {
			return err
		}
		return s.claim(ctx, v, k, now)
	})
}

func (k *Callback) open(now time.Time) error {
	switch {
	case k.State == CallbackJudged:
		return fault.New(fault.Conflict, "callback.judged")
	case k.State != CallbackOpen:
		return fault.New(fault.Conflict, "callback.closed")
	case k.DueAt.After(now):
		return fault.New(fault.Conflict, "callback.early")
	}
	return nil
}

func (s *Service) claim(ctx context.Context, v *cases.View, k *Callback, now time.Time) error {
	me, until := actor.From(ctx).AccountID, now.Add(lease)
	res := s.DB.From(ctx).Exec(`UPDATE callbacks SET claimed_by_id = ?, claimed_until = ? WHERE id = ? AND state = 'open'
 AND (claimed_by_id IS NULL OR claimed_by_id = ? OR claimed_until <= ?)`, me, until, k.ID, me, now)
	if res.Error != nil {
		return fmt.Errorf("take a callback: %w", db.Fault(res.Error, "", ""))
	}
	if res.RowsAffected == 0 {
		return fault.New(fault.Conflict, "callback.taken")
	}
	k.ClaimedByID, k.ClaimedUntil = &me, &until
	return s.Audit.Record(ctx, audit.Entry{Action: "callback.taken", Kind: "case", ID: v.CaseNo})
}
