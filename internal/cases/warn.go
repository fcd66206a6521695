package cases

import (
	"context"
	"fmt"
	"slices"
	"time"

	"minqing/internal/access"
	"minqing/internal/actor"
	"minqing/internal/calendar"
	"minqing/internal/catalogue"
	"minqing/internal/clocks"
	"minqing/internal/db"
	"minqing/internal/fault"
	"minqing/internal/jobs"
)

// WarnJob looks for clocks whose next warning is due.
type WarnJob struct{}

// Kind names the job.
func (WarnJob) Kind() string { return "case.warn" }

// Warned says that a clock warns at a level. The job tells those who have to
// hear of it; it holds ids only.
type Warned struct {
	ID      string       `json:"id"` // the cause of the messages
	CaseID  string       `json:"case_id"`
	Clock   clocks.Kind  `json:"clock"`
	No      int64        `json:"no"`
	Level   clocks.Level `json:"level"`
	DueUnix int64        `json:"due"`
}

// Kind names the job.
func (Warned) Kind() string { return "case.warned" }

const (
	warnEvery = time.Minute
	warnBatch = 100 // clocks in one transaction
)

// warning is a clock that is to warn, with what of its case says by which rules.
type warning struct {
	clocks.Clock
	LeadID      string
	RouteUnitID *string
	MatterID    *string
}

const readWarnings = `SELECT k.case_id, k.kind, k.no, k.unit_id, k.time_limit, k.started_at, k.due_at, k.state, k.pauses, k.warn_at, k.warn_level,
 c.unit_id AS lead_id, c.route_unit_id, c.matter_id
 FROM case_clocks k JOIN cases c ON c.id = k.case_id WHERE k.warn_at <= ? ORDER BY k.warn_at LIMIT ?`

// Warn lets clocks warn whose time has come, each once for a level and due time,
// until none is left. Idle, it asks one question of an index.
func (s *Service) Warn(ctx context.Context) error {
	for {
		var list []warning
		now := s.Now().UTC().Truncate(time.Microsecond)
		if err := s.DB.Together(ctx, db.Rows(&list, readWarnings, now, warnBatch)); err != nil {
			return fmt.Errorf("look for clocks that warn: %w", db.Fault(err, "", ""))
		}
		if len(list) == 0 {
			return s.warnOrders(ctx)
		}
		snap, err := s.Catalogue.Snapshot(ctx)
		if err != nil {
			return err
		}
		err = s.DB.Tx(ctx, func(ctx context.Context) error { return s.warnAll(ctx, snap, list, now) })
		if err != nil {
			return err
		}
		if len(list) < warnBatch {
			return s.warnOrders(ctx)
		}
	}
}

func (s *Service) warnAll(ctx context.Context, snap *catalogue.Snapshot, list []warning, now time.Time) error {
	var told []jobs.Args
	for _, w := range list {
		one, level, err := s.warns(snap, w, now)
		if err != nil {
			return err
		}
		res := s.DB.From(ctx).Exec(`UPDATE case_clocks SET warn_at = ?, warn_level = ? WHERE case_id = ? AND kind = ? AND no = ?
 AND state = 'running' AND warn_level = ? AND warn_at <= ?`, one.WarnAt, one.WarnLevel, w.CaseID, w.Kind, w.No, w.WarnLevel, now)
		if res.Error != nil {
			return fmt.Errorf("set the next warning: %w", res.Error)
		}
		if res.RowsAffected == 0 || level == clocks.None {
			continue // it was stopped, or moved, meanwhile
		}
		res = s.DB.From(ctx).Exec("INSERT INTO clock_warnings (case_id, kind, no, level, due_at, at) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
			w.CaseID, w.Kind, w.No, level, w.DueAt, now)
		if res.Error != nil {
			return fmt.Errorf("note a warning: %w", res.Error)
		}
		if res.RowsAffected > 0 {
			told = append(told, Warned{ID: db.NewID(now), CaseID: w.CaseID, Clock: w.Kind, No: w.No, Level: level, DueUnix: w.DueAt.Unix()})
		}
	}
	if len(told) == 0 {
		return nil
	}
	return s.Jobs.AddMany(ctx, told)
}

// warns says at which level a clock warns now, the highest that has come, and
// when it warns next.
func (s *Service) warns(snap *catalogue.Snapshot, w warning, now time.Time) (clocks.Clock, clocks.Level, error) {
	cal, rules, err := s.warnRules(snap, w)
	if err != nil {
		return w.Clock, clocks.None, err
	}
	if w.DueAt == nil {
		w.WarnAt, w.WarnLevel = nil, clocks.None
		return w.Clock, clocks.None, nil
	}
	level := clocks.None
	for i, at := range clocks.Warnings(cal, rules, w.Clock) {
		if !at.After(now) {
			level = clocks.Levels[i]
		}
	}
	return clocks.Armed(cal, rules, w.Clock, now), level, nil
}

func (s *Service) warnRules(snap *catalogue.Snapshot, w warning) (*calendar.Calendar, catalogue.ClockRules, error) {
	c := Case{UnitID: w.LeadID, RouteUnitID: w.RouteUnitID, MatterID: w.MatterID}
	rules := c.clockRules(snap)
	if w.Kind == clocks.SignIn || w.Kind == clocks.Joint {
		of := w.LeadID
		if w.UnitID != nil {
			of = *w.UnitID
		}
		unit, err := snap.Unit(of)
		if err != nil {
			return nil, rules, err
		}
		cal, err := s.Clocks.Of(snap, unit)
		return cal, rules, err
	}
	cal, err := s.counting(snap, &c)
	return cal, rules, err
}

// told says who hears of a warning at a level: as the standard of the day says on
// which the limit is over.
func (s *Service) told(ctx context.Context, l clocks.Level, due time.Time) (catalogue.Codes, error) {
	snap, err := s.Catalogue.Snapshot(ctx)
	if err != nil {
		return nil, err
	}
	cal, err := s.Clocks.Of(snap, snap.Root())
	if err != nil {
		return nil, err
	}
	if set := snap.Standards.On("warn_"+l.String(), cal.ReceivedOn(due)); set != nil {
		return set.Told, nil
	}
	return catalogue.Hearers[:l], nil
}

// Warnees are the accounts that hear of a warning: where nobody set it otherwise,
// the handler before the limit is over, the head of the unit too when it is, and
// then the supervisor; the head for a handler who is not named yet. Nobody hears of a case that they may not read, and nobody of a clock that has been
// stopped, or that is due at another time by now.
func (s *Service) Warnees(ctx context.Context, w Warned) ([]string, error) {
	var found []struct {
		CaseNo    string
		UnitPath  string
		HandlerID *string
		DueAt     *time.Time
	}
	err := s.DB.From(ctx).Raw(`SELECT c.case_no, cu.unit_path, CASE WHEN k.unit_id IS NULL THEN c.handler_id ELSE cu.handler_id END AS handler_id, k.due_at
 FROM case_clocks k JOIN cases c ON c.id = k.case_id
 JOIN case_units cu ON cu.case_id = c.id AND (k.unit_id IS NULL AND cu.role = 'lead' OR cu.unit_id = k.unit_id) WHERE k.case_id = ? AND k.kind = ? AND k.no = ? AND k.state = 'running'`,
		w.CaseID, w.Clock, w.No).Scan(&found).Error
	if err != nil {
		return nil, fmt.Errorf("read the clock that warns: %w", db.Fault(err, "", ""))
	}
	if len(found) == 0 || found[0].DueAt == nil || found[0].DueAt.Unix() != w.DueUnix {
		return nil, nil
	}
	f := found[0]
	told, err := s.told(ctx, w.Level, *f.DueAt)
	if err != nil {
		return nil, err
	}
	var who []string
	if f.HandlerID != nil && told.Has(catalogue.HearHandler) {
		who = append(who, *f.HandlerID)
	}
	chief := access.CaseDecideExtension
	if w.Clock == clocks.Acceptance {
		chief = access.CaseAccept
	}
	if told.Has(catalogue.HearHead) || told.Has(catalogue.HearHandler) && len(who) == 0 {
		heads, err := s.Access.Nearest(ctx, chief, f.UnitPath)
		if err != nil {
			return nil, err
		}
		who = append(who, heads...)
	}
	if told.Has(catalogue.HearSupervisor) {
		above, err := s.Access.NearestIn(ctx, f.UnitPath, "supervisor")
		if err != nil {
			return nil, err
		}
		who = append(who, above...)
	}
	return s.readers(ctx, f.CaseNo, who)
}

// readers leaves those who may read a case, each once.
func (s *Service) readers(ctx context.Context, caseNo string, who []string) ([]string, error) {
	slices.Sort(who)
	var list []string
	for _, id := range slices.Compact(who) {
		_, _, err := s.loadFor(actor.With(ctx, actor.Actor{Kind: actor.Staff, AccountID: id}), caseNo, access.CaseRead)
		switch {
		case err == nil:
			list = append(list, id)
		case fault.KindOf(err) != fault.NotFound && fault.KindOf(err) != fault.Forbidden:
			return nil, err
		}
	}
	return list, nil
}
