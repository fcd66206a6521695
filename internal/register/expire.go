package register

import (
	"context"
	"errors"
	"fmt"
	"time"

	"minqing/internal/actor"
	"minqing/internal/audit"
	"minqing/internal/calendar"
	"minqing/internal/db"
	"minqing/internal/jobs"
)

// notices are how many days before the end its holder hears of it.
var notices = []int{90, 60, 30}

// alarms are how many working days before the end the head hears of a renewal that
// was asked for and is not decided. PRC Administrative Licensing Law art. 50: without
// a decision before the end it counts as renewed.
var alarms = []int{10, 5, 2}

// AskBefore is how many days before the end a renewal is to be asked for (art. 50).
// They are days of the calendar: art. 82 counts the time of authorities in working
// days, and so many of those would leave the holder less time.
const AskBefore = 30

// watched is the first day on which a renewal that was asked for in time is known:
// from then on the permit is looked at daily. One that was not accepted, for its
// applicant owes a correction, waits for nobody's decision today, and may do so
// tomorrow.
const watched = AskBefore - 1

// Renewals knows of applications to renew. The package of applications fills it.
type Renewals interface {
	// Undecided says which of the permits somebody asked in time to renew, without
	// a decision yet.
	Undecided(ctx context.Context, permitNos []string) (map[string]bool, error)
	// Owed says which of the permits somebody asked in time to renew by an application
	// that was never accepted, since its applicant owes a correction: no silence of the
	// authority renews those.
	Owed(ctx context.Context, permitNos []string) (map[string]bool, error)
	// Renew is called after the end: the silence counts as a renewal, which it
	// enters by Issue with Replaces.
	Renew(ctx context.Context, p *Permit) error
}

// ExpireJob follows the permits to their end: it may run as often as it likes.
type ExpireJob struct{}

// Kind names the job.
func (ExpireJob) Kind() string { return "register.expire" }

// TellJob tells the holders of permits what happened to them.
type TellJob struct {
	EventIDs []string `json:"event_ids"`
}

// Kind names the job.
func (TellJob) Kind() string { return "register.tell" }

const (
	expireEvery = time.Hour
	expireTime  = 10 * time.Minute
	expireBatch = 1000
	tellBatch   = 50
	missesMost  = 20
)

// Register has the workers follow the permits.
func (s *Service) Register(q *jobs.Queue) {
	jobs.Work(q, func(ctx context.Context, _ ExpireJob) error {
		_, err := s.Expire(ctx)
		return err
	}, jobs.Within(expireTime))
	jobs.Work(q, s.tell)
	q.Every(expireEvery, ExpireJob{})
}

// Passed counts what a run of the daily job did.
type Passed struct{ Expired, Noticed, Renewed int }

// firstLook is the first day on which there is something to do about the end of a
// permit that is entered, or changed, on a day.
func (p *Permit) firstLook(today calendar.Date) *calendar.Date {
	if p.ValidUntil == nil {
		return nil
	}
	next := p.ValidUntil.Add(1)
	if at := p.ValidUntil.Add(-watched); at > p.ValidFrom && at <= today && today < *p.ValidUntil {
		next = today.Add(1)
	}
	for _, days := range append(append([]int(nil), notices...), watched) {
		if at := p.ValidUntil.Add(-days); at > today && at > p.ValidFrom && at < next {
			next = at
			break // the steps are in the order of their days
		}
	}
	return &next
}

// Expire does what the day asks of permits: holders hear of an end that is near,
// each notice once, and a permit expires on the day after its last. It works in
// batches, each one transaction; two at once take turns and do nothing twice.
func (s *Service) Expire(ctx context.Context) (done Passed, err error) {
	ctx = actor.AsSystem(ctx, ExpireJob{}.Kind())
	today := s.Today()
	if _, err := s.key(ctx); err != nil { // a new key is published before it signs anything
		return done, err
	}
	var silent []string
	for misses := 0; ; {
		var b batch
		err := s.DB.Tx(ctx, func(ctx context.Context) (err error) {
			b, err = s.pass(ctx, today)
			return err
		})
		if errors.Is(err, errMoved) && misses < missesMost {
			misses++ // somebody changed one of them meanwhile: look again
			continue
		}
		if err != nil {
			return done, err
		}
		done.Expired, done.Noticed = done.Expired+b.done.Expired, done.Noticed+b.done.Noticed
		if silent = append(silent, b.silent...); b.looked < expireBatch {
			break
		}
	}
	done.Renewed, err = s.renewSilent(ctx, silent)
	return done, errors.Join(err, s.DB.From(ctx).Exec("UPDATE register_state SET expired_on = ? WHERE id = 1", today).Error)
}

// batch is what one transaction of the daily job did.
type batch struct {
	now    time.Time
	today  calendar.Date
	looked int
	done   Passed
	silent []string // permits that ended while nobody decided on their renewal
	events []Event

	undecided map[string]bool // of the authority, by the numbers of the permits
	owed      map[string]bool // of the applicant
	audits    []audit.Row
}

var errMoved = errors.New("register: a permit was changed meanwhile")

// pass does one batch. The row of the register's state is locked first, so that two
// processes take turns.
func (s *Service) pass(ctx context.Context, today calendar.Date) (b batch, err error) {
	now := s.Now().UTC().Truncate(time.Microsecond)
	if err := s.DB.From(ctx).Exec("UPDATE register_state SET looked_at = ? WHERE id = 1", now).Error; err != nil {
		return b, fmt.Errorf("take turns: %w", db.Fault(err, "", ""))
	}
	var list []Permit
	err = s.DB.Together(ctx, db.Rows(&list, dueToday, today, expireBatch))
	if err != nil {
		return b, fmt.Errorf("find the permits of the day: %w", db.Fault(err, "", ""))
	}
	b.now, b.today, b.looked = now, today, len(list)
	if len(list) == 0 {
		return b, nil
	}
	if err := s.renewals(ctx, &b, list); err != nil {
		return b, err
	}
	var ended, moved [][]any
	for i := range list {
		p := &list[i]
		if p.ValidUntil == nil || today <= *p.ValidUntil || b.undecided[p.PermitNo] {
			row, err := s.near(ctx, &b, p)
			if err != nil {
				return b, err
			}
			moved = append(moved, row)
			continue
		}
		ended = append(ended, []any{p.ID, p.Version, string(Expired), now, today.String()})
		end := Event{Act: Ended, At: now, OnDay: today, State: Expired}
		if b.owed[p.PermitNo] {
			end.Ground = GroundUncorrected
		}
		if err := s.happened(ctx, &b, p, end, audit.Change{Field: "state", Before: string(p.State), After: string(Expired)}); err != nil {
			return b, err
		}
	}
	b.done.Expired = len(ended)
	return b, s.store(ctx, &b, ended, moved)
}

var dueToday = "SELECT " + db.Columns[Permit]() + " FROM permits WHERE next_on <= ? ORDER BY next_on, id LIMIT ?"

// renewals asks about renewals of permits whose end is near or past.
func (s *Service) renewals(ctx context.Context, b *batch, list []Permit) (err error) {
	if s.Renewals == nil {
		return nil // nobody can ask to renew
	}
	var nos []string
	for i := range list {
		if u := list[i].ValidUntil; u != nil && u.Add(-watched) <= b.today {
			nos = append(nos, list[i].PermitNo)
		}
	}
	if len(nos) == 0 {
		return nil
	}
	if b.undecided, err = s.Renewals.Undecided(ctx, nos); err != nil {
		return err
	}
	b.owed, err = s.Renewals.Owed(ctx, nos)
	return err
}

// near tells of an end that is not there yet, and says when to look again.
func (s *Service) near(ctx context.Context, b *batch, p *Permit) ([]any, error) {
	row := func(days int64, next *calendar.Date) []any {
		var on any
		if next != nil {
			on = next.String()
		}
		return []any{p.ID, p.Version, days, on}
	}
	if p.ValidUntil == nil {
		return row(p.NoticeDays, nil), nil
	}
	left := int(*p.ValidUntil - b.today)
	if left < 0 { // renewed by silence, once that is entered
		b.silent = append(b.silent, p.PermitNo)
		next := b.today.Add(1)
		return row(p.NoticeDays, &next), nil
	}
	told := p.NoticeDays
	for _, days := range notices {
		if left <= days && (p.NoticeDays == 0 || int64(days) < p.NoticeDays) {
			told = int64(days)
		}
	}
	if told != p.NoticeDays {
		b.done.Noticed++
		if err := s.happened(ctx, b, p, Event{Act: Noticed, At: b.now, OnDay: b.today, State: p.State, Days: told}, audit.Change{Field: "notice_days", After: fmt.Sprint(told)}); err != nil {
			return nil, err
		}
	}
	if b.owed[p.PermitNo] {
		if err := s.stalled(ctx, b, p); err != nil {
			return nil, err
		}
	}
	if !b.undecided[p.PermitNo] {
		return row(told, p.firstLook(b.today)), nil
	}
	if days := s.alarm(ctx, p, b.today, told); days > 0 {
		told = days
		if err := s.happened(ctx, b, p, Event{Act: Alarmed, At: b.now, OnDay: b.today, State: p.State, Days: days}, audit.Change{Field: "working_days", After: fmt.Sprint(days)}); err != nil {
			return nil, err
		}
	}
	next := b.today.Add(1)
	return row(told, &next), nil
}

// longestHoliday is how many days offices were closed at most without a break (Spring
// Festival of 2026). In a year whose calendar is not published one may lie before the end
// of a permit, and the days before it are fewer than weekends alone say.
const longestHoliday = 9

// stalled warns holder and unit that an application to renew is not accepted, for a
// correction is owed, and that the permit is about to end: on the days of the alarms,
// each once. What it told holds back no alarm of a renewal that is corrected later.
func (s *Service) stalled(ctx context.Context, b *batch, p *Permit) error {
	var told int64
	err := s.DB.From(ctx).Raw("SELECT COALESCE(MIN(days), 0) FROM permit_events WHERE permit_id = ? AND act = ? AND on_day > ?", p.ID, string(Stalled), p.ValidUntil.Add(-AskBefore)).Scan(&told).Error
	if err != nil {
		return fmt.Errorf("look for what was told of a renewal: %w", db.Fault(err, "", ""))
	}
	days := s.alarm(ctx, p, b.today, told)
	if days == 0 {
		return nil
	}
	return s.happened(ctx, b, p, Event{Act: Stalled, At: b.now, OnDay: b.today, State: p.State, Days: days}, audit.Change{Field: "working_days", After: fmt.Sprint(days)})
}

// alarm is how many working days before the end the newest alarm stands for that
// has come and was not raised yet; 0 when there is none. Where a day that counts lies in a
// year without a published calendar, all alarms but the last come so much earlier that a
// holiday which nobody has announced yet leaves the head those days; the last comes where
// weekends alone put it. Once the calendar is there, the next look counts by it.
func (s *Service) alarm(ctx context.Context, p *Permit, today calendar.Date, told int64) (due int64) {
	cal := s.counting(ctx, p)
	for i, days := range alarms {
		last := p.ValidUntil.Add(-days)
		if cal != nil {
			last = cal.AddWorkingDays(*p.ValidUntil, -days)
			provisional := !cal.Published(p.ValidUntil.Year()) || !cal.Published(last.Year())
			if provisional && i < len(alarms)-1 {
				last = last.Add(-longestHoliday)
			}
		}
		if today >= last && (told == 0 || int64(days) < told) {
			due = int64(days)
		}
	}
	return due
}

// counting is the calendar of a permit's unit; nil where it cannot be read, which
// must not keep an alarm back.
func (s *Service) counting(ctx context.Context, p *Permit) *calendar.Calendar {
	if s.CalendarOf == nil {
		return nil
	}
	cal, err := s.CalendarOf(ctx, p.UnitID)
	if err != nil {
		return nil
	}
	return cal
}

// happened gathers an event with its entry in the trail.
func (s *Service) happened(ctx context.Context, b *batch, p *Permit, e Event, changes ...audit.Change) error {
	e.ID, e.PermitID, e.Changed = db.NewID(e.At), p.ID, Facts{}
	row, err := s.Audit.Prepare(ctx, audit.Entry{Action: "permit." + string(e.Act), Kind: "permit", ID: p.PermitNo, Fields: changes})
	b.events, b.audits = append(b.events, e), append(b.audits, row)
	return err
}

// store writes a batch in a few statements.
func (s *Service) store(ctx context.Context, b *batch, ended, moved [][]any) error {
	keys := []db.Column{{Name: "id", Type: "uuid"}, {Name: "version", Type: "bigint"}}
	n, err := s.DB.UpdateRows(ctx, db.Changes{Table: "permits", Keys: keys, Further: "next_on = NULL, ground = '', version = permits.version + 1",
		Set: []db.Column{{Name: "state", Type: "text"}, {Name: "since", Type: "timestamptz"}, {Name: "since_on", Type: "date"}}, Rows: ended})
	if err != nil {
		return err
	}
	m, err := s.DB.UpdateRows(ctx, db.Changes{Table: "permits", Keys: keys, Further: "version = permits.version + 1",
		Set: []db.Column{{Name: "notice_days", Type: "bigint"}, {Name: "next_on", Type: "date"}}, Rows: moved})
	if err != nil {
		return err
	}
	if n+m < int64(len(ended)+len(moved)) {
		return errMoved
	}
	bulk := db.NewBulk("permit_events", "audit_entries")
	var tell []jobs.Args
	for i, e := range b.events {
		bulk.Add(db.Insert("permit_events", "id, permit_id, at, on_day, act, state, ground, days, changed", e.ID, e.PermitID, e.At, e.OnDay, string(e.Act), string(e.State), e.Ground, e.Days, "{}"))
		if i%tellBatch == 0 {
			tell = append(tell, TellJob{})
		}
		last, _ := tell[len(tell)-1].(TellJob)
		last.EventIDs = append(last.EventIDs, e.ID)
		tell[len(tell)-1] = last
	}
	for _, r := range b.audits {
		bulk.Add(db.Insert("audit_entries", auditColumns, r.Args()...))
	}
	if err := s.DB.Store(ctx, bulk); err != nil {
		return err
	}
	if len(tell) == 0 {
		return nil
	}
	return s.Jobs.AddMany(ctx, tell)
}

const auditColumns = "id, at, actor_kind, account_id, as_account_id, job, ip, request_id, action, object_kind, object_id, changes, reason, digest"

// renewSilent enters the renewals that nobody decided in time, each by itself: one
// that fails holds nothing else up and is tried again with the next run.
func (s *Service) renewSilent(ctx context.Context, nos []string) (n int, err error) {
	for _, no := range nos {
		one := s.DB.Tx(ctx, func(ctx context.Context) error {
			p, err := s.byNo(ctx, no)
			if err != nil || p.NextOn == nil {
				return err
			}
			return s.Renewals.Renew(ctx, p)
		})
		if one != nil {
			err = errors.Join(err, fmt.Errorf("renew %s by silence: %w", no, one))
			continue
		}
		n++
	}
	return n, err
}
