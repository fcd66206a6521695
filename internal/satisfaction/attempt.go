package satisfaction

import (
	"context"
	"fmt"
	"slices"
	"time"

	"minqing/internal/access"
	"minqing/internal/actor"
	"minqing/internal/audit"
	"minqing/internal/calendar"
	"minqing/internal/cases"
	"minqing/internal/db"
	"minqing/internal/fault"
)

// againMost is how far ahead somebody may wish to be rung.
const againMost = 30 * 24 * time.Hour

// Rang is what came of an attempt. Said is what the person answered, nothing of
// it filled in by the program.
type Rang struct {
	Channel string
	Outcome string
	Again   *time.Time
	Said    Judgement
}

// Validate checks the form at a time.
func (r Rang) Validate(now time.Time) error {
	var c fault.Check
	c.That(slices.Contains(CallChannels, r.Channel), "channel", "callback.channel.required")
	c.That(slices.Contains(Outcomes, r.Outcome), "outcome", "callback.outcome.required")
	if r.Outcome == "again" {
		c.That(r.Again != nil && r.Again.After(now) && r.Again.Before(now.Add(againMost)), "again", "callback.again.required", "Max", int(againMost.Hours()/24))
	}
	if err := c.Err(); err != nil {
		return err
	}
	if r.Outcome == "judged" {
		return r.Said.Validate()
	}
	return nil
}

// Record writes down an attempt of the caller who has taken the callback, and
// what the person said.
func (s *Service) Record(ctx context.Context, caseNo string, r Rang) (*Callback, error) {
	now := s.Now().UTC()
	if err := r.Validate(now); err != nil {
		return nil, err
	}
	var after *Callback
	err := s.DB.Tx(ctx, func(ctx context.Context) error {
		v, k, tried, err := s.Callback(ctx, caseNo)
		if err != nil {
			return err
		}
		if err := k.open(now); err != nil {
			return err
		}
		if !k.Mine(ctx, now) {
			return fault.New(fault.Conflict, "callback.not_taken")
		}
		after = k
		return s.record(ctx, v, k, tried, r)
	})
	return after, err
}

func (s *Service) record(ctx context.Context, v *cases.View, k *Callback, tried []Attempt, r Rang) error {
	now := s.Now().UTC()
	day, err := s.Cases.LocalDay(ctx, &v.Case, now)
	if err != nil {
		return err
	}
	one := Attempt{ID: db.NewID(now), CallbackID: k.ID, At: now, OnDay: day, AccountID: db.Ref(actor.From(ctx).AccountID), Channel: r.Channel, Outcome: r.Outcome}
	if r.Outcome == "again" {
		one.AgainAt = r.Again
	}
	if err := s.DB.From(ctx).Create(&one).Error; err != nil {
		return fmt.Errorf("write down an attempt: %w", db.Fault(err, "", ""))
	}
	tried = append(tried, one)
	next := Became(tried)
	// The row is changed first: whoever judges at the same moment waits here, or has been before.
	res := s.DB.From(ctx).Exec(`UPDATE callbacks SET state = ?, attempts = ?, again_at = ?, claimed_by_id = NULL, claimed_until = NULL, closed_at = ?,
 remind_at = CASE WHEN ? = 'open' THEN remind_at END WHERE id = ? AND state = 'open'`, next, len(tried), one.AgainAt, closedAt(next, now), next, k.ID)
	if res.Error != nil {
		return fmt.Errorf("change a callback: %w", db.Fault(res.Error, "", ""))
	}
	if res.RowsAffected == 0 {
		return fault.New(fault.Conflict, "callback.judged")
	}
	k.State, k.Attempts, k.AgainAt, k.ClaimedByID, k.ClaimedUntil = next, int64(len(tried)), one.AgainAt, nil, nil
	err = s.Audit.Record(ctx, audit.Entry{Action: "callback.attempt", Kind: "case", ID: v.CaseNo,
		Fields: []audit.Change{{Field: "outcome", After: r.Outcome}, {Field: "channel", After: r.Channel}, {Field: "state", After: string(next)}}})
	if err != nil {
		return err
	}
	if r.Outcome != "judged" {
		return s.missed(ctx, k, r, day, now)
	}
	r.Said.Channel = r.Channel
	return s.keep(ctx, &v.Case, r.Said, k)
}

func closedAt(state CallbackState, now time.Time) *time.Time {
	if state == CallbackOpen {
		return nil
	}
	return &now
}

// Became is where a callback stands after its attempts, the last of which was
// just made. Nobody is given up before several attempts on several days; a
// wrong number counts as one of them.
func Became(tried []Attempt) CallbackState {
	switch tried[len(tried)-1].Outcome {
	case "judged":
		return CallbackAnswered
	case "refused":
		return CallbackRefused
	case "again":
		return CallbackOpen // somebody was reached
	}
	missed := 0
	days := map[calendar.Date]bool{}
	for _, a := range tried {
		if a.Outcome == "not_reached" || a.Outcome == "wrong_number" {
			missed++
			days[a.OnDay] = true
		}
	}
	if missed >= attemptsLeast && len(days) >= daysLeast {
		return CallbackUnreachable
	}
	return CallbackOpen
}

// Ring takes a due callback and writes down what came of it, both or neither: for
// programs, which have rung before they tell.
func (s *Service) Ring(ctx context.Context, caseNo string, version int64, r Rang) error {
	if err := s.Cases.Access.Can(ctx, access.CaseCallback); err != nil {
		return err
	}
	if err := r.Validate(s.Now().UTC()); err != nil {
		return err
	}
	return s.DB.Tx(ctx, func(ctx context.Context) error {
		v, _, _, err := s.Callback(ctx, caseNo)
		if err != nil {
			return err
		}
		if v.Version != version {
			return fault.New(fault.Conflict, "case.changed").With("Version", v.Version)
		}
		if err := s.Take(ctx, caseNo); err != nil {
			return err
		}
		_, err = s.Record(ctx, caseNo, r)
		return err
	})
}

// Rings says whether the actor may ring about a case now.
func (s *Service) Rings(ctx context.Context, caseNo string) (bool, error) {
	_, k, _, err := s.Callback(ctx, caseNo)
	if kind := fault.KindOf(err); err != nil && (kind == fault.NotFound || kind == fault.Forbidden) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	now := s.Now().UTC()
	return k.open(now) == nil && (!k.Taken(now) || k.Mine(ctx, now)), nil
}
