package campaign

import (
	"context"
	"errors"
	"time"

	"minqing/internal/actor"
	"minqing/internal/audit"
	"minqing/internal/i18n"
	"minqing/internal/jobs"
	"minqing/internal/notify"
)

// What the law gives to whoever qualifies is kept from nobody: the group that is
// compared with is told later (P7 of docs/7p.md), whatever became of the job that should
// have told them. Nobody of it is given up, and whoever answers for the campaign is
// warned when they have not been told by their day.

// Later is how it stands with those who are told later by design.
type Later struct {
	Due     int64      // people of the group
	Open    int64      // of these, not told yet
	Dropped int64      // who will not be told: the campaign was stopped before their turn
	By      *time.Time // by when all should be told; nil before the campaign has begun
	Late    bool       // that has passed, and some are not told
}

// sendingHours is how many hours of a day people are written to.
const sendingHours = dayEnds - dayBegins

// byWhen is when everybody of so many should have been told who waited for the end of
// the window: the rest of that day and its night, and then as long as sending takes at
// the campaign's pace, in whole days of the hours in which people are written to.
func byWhen(c *Campaign, people int64) *time.Time {
	if c.WindowEndsAt == nil {
		return nil
	}
	aDay := int64(max(c.PerHour, 1)) * sendingHours
	by := c.WindowEndsAt.AddDate(0, 0, 1+int((people+aDay-1)/aDay))
	return &by
}

// Later counts how it stands with those of a campaign who are told later.
func (s *Service) Later(ctx context.Context, c *Campaign) (*Later, error) {
	l := &Later{}
	err := s.DB.From(ctx).Raw(`SELECT COUNT(*) AS due, COUNT(CASE WHEN status IN ('kept', 'waiting') THEN 1 END) AS open, COUNT(CASE WHEN status = 'skipped' AND reason IN ('stopped', 'late') THEN 1 END) AS dropped
 FROM campaign_assignments WHERE campaign_id = ? AND arm = 'delayed' AND same_as IS NULL`, c.ID).Scan(l).Error
	if err != nil {
		return nil, fail("count who is told later", err)
	}
	l.By = byWhen(c, l.Due)
	l.Late = l.By != nil && l.Open > 0 && s.Now().After(*l.By)
	return l, nil
}

// WarnJob warns of groups that should have been told by now. It is a job of its own, so
// that what keeps campaigns from being brought on does not keep it from saying so.
type WarnJob struct{}

// Kind names the job.
func (WarnJob) Kind() string { return "campaign.warn" }

const warnEvery = time.Hour

// Warn tells the author and the approver of each campaign, once, that people who were
// to be told later have not been told by their day, or will not be because it was
// stopped.
func (s *Service) Warn(ctx context.Context) error {
	ctx = actor.AsSystem(ctx, "campaign.warn")
	var ids []string
	err := s.DB.From(ctx).Raw(`SELECT k.id FROM campaigns k WHERE k.entitlement AND k.started_at IS NOT NULL AND k.delayed_warned_at IS NULL AND (k.state = 'running' AND k.window_ends_at < ? OR k.state = 'stopped')
 AND EXISTS (SELECT 1 FROM campaign_assignments a WHERE a.campaign_id = k.id AND a.arm = 'delayed' AND (a.status IN ('kept', 'waiting') OR a.status = 'skipped' AND a.reason IN ('stopped', 'late'))) ORDER BY k.id`, s.moment()).Scan(&ids).Error
	if err != nil {
		return fail("find groups that should have been told", err)
	}
	for _, id := range ids {
		err = errors.Join(err, s.DB.Tx(ctx, func(ctx context.Context) error { return s.warnOf(ctx, id) }))
	}
	return err
}

func (s *Service) warnOf(ctx context.Context, id string) error {
	c, err := s.load(ctx, id)
	if err != nil {
		return err
	}
	l, err := s.Later(ctx, c)
	if err != nil || !l.Late && l.Dropped == 0 {
		return err
	}
	n, err := s.exec(ctx, "note that somebody was warned", "UPDATE campaigns SET delayed_warned_at = ? WHERE id = ? AND delayed_warned_at IS NULL", s.moment(), id)
	if err != nil || n == 0 {
		return err
	}
	who := []string{c.AuthorID}
	if c.ApproverID != nil && *c.ApproverID != c.AuthorID {
		who = append(who, *c.ApproverID)
	}
	for _, account := range who {
		if err := s.Tell(ctx, notify.Telling{Kind: notify.CampaignDelayed, To: notify.Recipient{AccountID: account}, About: id, Cause: id}); err != nil {
			return err
		}
	}
	return s.Audit.Record(ctx, audit.Entry{Action: "campaign.delayed_late", Kind: "campaign", ID: id})
}

// Warned is what a warning says of a campaign.
type Warned struct {
	Name i18n.Text
	By   *time.Time // by when they should have been told
}

// Warnings give what warnings say, by the campaigns' ids. They ask nobody's permission:
// a warning is to whoever answers for the campaign.
func (s *Service) Warnings(ctx context.Context, ids []string) (map[string]Warned, error) {
	all, err := s.loadAll(ctx, ids)
	if err != nil {
		return nil, err
	}
	out := make(map[string]Warned, len(all))
	for id, c := range all {
		l, err := s.Later(ctx, c)
		if err != nil {
			return nil, err
		}
		out[id] = Warned{Name: c.Name, By: l.By}
	}
	return out, nil
}

// registerWarnings has the queue look for groups that should have been told.
func (s *Service) registerWarnings(q *jobs.Queue) {
	jobs.Work(q, func(ctx context.Context, _ WarnJob) error { return s.Warn(ctx) })
	q.Every(warnEvery, WarnJob{})
}
