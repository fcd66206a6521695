package campaign

import (
	"context"
	"errors"
	"time"

	"minqing/internal/actor"
	"minqing/internal/fault"
	"minqing/internal/jobs"
)

// TickJob has every campaign looked at that is under way.
type TickJob struct{}

// Kind names the job.
func (TickJob) Kind() string { return "campaign.tick" }

// RunJob brings one campaign on.
type RunJob struct {
	CampaignID string `json:"campaign_id"`
}

// Kind names the job.
func (RunJob) Kind() string { return "campaign.run" }

const (
	tickEvery = time.Minute
	runTime   = 10 * time.Minute
	// runTries is how often one job tries: the next tick brings another, sooner than
	// one that has failed often would be tried again.
	runTries = 3

	// settling is how long after its end a campaign still hears of mails that
	// come back, and of those that were on their way.
	settling = 14 * 24 * time.Hour
	// countEvery is how often it is counted anew who took up what was offered.
	countEvery = time.Hour
)

// Register has the queue bring campaigns on.
func (s *Service) Register(q *jobs.Queue) {
	jobs.Work(q, func(ctx context.Context, _ TickJob) error { return s.Tick(ctx) })
	jobs.Work(q, func(ctx context.Context, j RunJob) error { return s.Run(ctx, j.CampaignID) }, jobs.Within(runTime))
	q.Every(tickEvery, TickJob{})
	s.registerWarnings(q)
}

// Tick adds a job for each campaign that is under way or settles.
func (s *Service) Tick(ctx context.Context) error {
	return s.DB.Tx(ctx, func(ctx context.Context) error {
		var ids []string
		// One that was stopped counts who took up what was offered until its window is over.
		since := s.moment().Add(-settling)
		err := s.DB.From(ctx).Raw(`SELECT id FROM campaigns WHERE state IN ('approved', 'running') OR started_at IS NOT NULL
 AND (ended_at > ? OR state = 'stopped' AND window_ends_at > ?) ORDER BY id`, since, since).Scan(&ids).Error
		if err != nil {
			return fail("find the campaigns under way", err)
		}
		for _, id := range ids {
			if err := s.Jobs.Add(ctx, RunJob{CampaignID: id}, jobs.Unique(id), jobs.MaxAttempts(runTries)); err != nil {
				return err
			}
		}
		return nil
	})
}

// Run brings a campaign on: begins it on its day, notes what became of its
// messages, stops it where too many refuse, sends what may be sent this minute,
// counts who took up what was offered, and ends it. It may be repeated, and be
// interrupted anywhere.
func (s *Service) Run(ctx context.Context, id string) error {
	ctx = actor.AsSystem(ctx, "campaign.run")
	c, err := s.load(ctx, id)
	if err != nil {
		if fault.KindOf(err) == fault.NotFound {
			return nil
		}
		return err
	}
	if c.State == Approved {
		if c, err = s.start(ctx, c); err != nil || c.State == Approved {
			return err
		}
	}
	if c.StartedAt == nil {
		return nil
	}
	// What goes wrong with one step keeps nobody from being told by another; but while
	// nobody knows whether too many refuse, those alone are told whose due it is.
	failed := errors.Join(s.settle(ctx, c), s.guard(ctx, c))
	blind := failed != nil
	failed = errors.Join(failed, s.late(ctx, c), s.release(ctx, c, blind), s.count(ctx, c), s.finish(ctx, c))
	return failed
}

// start begins a campaign on its day, in the hours in which people are written to.
// Everybody's window begins at this moment, of those held back too: the arms are
// compared over the same days.
func (s *Service) start(ctx context.Context, c *Campaign) (*Campaign, error) {
	if c.OpensOn != nil && *c.OpensOn > s.today() {
		return c, nil
	}
	now := s.moment()
	err := s.DB.Tx(ctx, func(ctx context.Context) error {
		return s.step(ctx, c, Start, ", started_at = ?, window_ends_at = ?", now, now.AddDate(0, 0, c.WindowDays))
	})
	if err != nil {
		return nil, err
	}
	return s.load(ctx, c.ID)
}

// windowOver says that the time is over in which taking up counts.
func (s *Service) windowOver(c *Campaign) bool {
	return c.WindowEndsAt != nil && !c.WindowEndsAt.After(s.Now())
}

// late gives up on those who could not be told before the window was over, and has
// those written to then who were told later by design. Those are never given up,
// however late the program comes to it.
func (s *Service) late(ctx context.Context, c *Campaign) error {
	if c.State != Running || !s.windowOver(c) {
		return nil
	}
	if _, err := s.exec(ctx, "give up on the late", "UPDATE campaign_assignments SET status = 'skipped', reason = ? WHERE campaign_id = ? AND status = 'waiting' AND arm = 'told'", SkipLate, c.ID); err != nil {
		return err
	}
	if c.CountedAt == nil || c.CountedAt.Before(*c.WindowEndsAt) { // first who took it up untold
		if err := s.countNow(ctx, c); err != nil && s.Now().Before(c.WindowEndsAt.Add(countPatience)) {
			return err
		}
	}
	_, err := s.exec(ctx, "write to those who were to wait", "UPDATE campaign_assignments SET status = 'waiting' WHERE campaign_id = ? AND status = 'kept' AND arm = 'delayed'", c.ID)
	return err
}

// countPatience is how long those who were to wait go on waiting for a count that
// fails: after that what is theirs goes before what it would tell.
const countPatience = 24 * time.Hour

// finish ends a campaign when its window is over and nothing waits.
func (s *Service) finish(ctx context.Context, c *Campaign) error {
	if c.State != Running || !s.windowOver(c) {
		return nil
	}
	var open int64
	err := s.DB.From(ctx).Raw("SELECT COUNT(*) FROM campaign_assignments WHERE campaign_id = ? AND (status IN ('waiting', 'queued') OR status = 'kept' AND arm = 'delayed')", c.ID).Scan(&open).Error
	if err != nil {
		return fail("look whether a campaign is over", err)
	}
	if open > 0 {
		return nil
	}
	if err := s.countNow(ctx, c); err != nil {
		return err
	}
	return s.DB.Tx(ctx, func(ctx context.Context) error {
		return s.step(ctx, c, Finish, ", ended_at = ?", s.moment())
	})
}

// guard stops a campaign that too many refuse or complain of.
func (s *Service) guard(ctx context.Context, c *Campaign) error {
	if c.State != Running {
		return nil
	}
	var n struct{ Sent, Refused, Complained int64 }
	err := s.DB.From(ctx).Raw(`SELECT COUNT(CASE WHEN `+stood+` = 'sent' THEN 1 END) AS sent, COUNT(refused_at) AS refused, COUNT(complained_at) AS complained
 FROM campaign_assignments WHERE campaign_id = ?`, c.ID).Scan(&n).Error
	if err != nil {
		return fail("count who refuses", err)
	}
	why := rail(n.Sent, n.Refused, n.Complained)
	if why == "" {
		return nil
	}
	if err := s.DB.Tx(ctx, func(ctx context.Context) error { return s.stop(ctx, c, why) }); err != nil {
		return err
	}
	fresh, err := s.load(ctx, c.ID)
	if err == nil {
		*c = *fresh
	}
	return err
}
