package campaign

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/constituents"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/fault"
	"minqing/internal/i18n"
	"minqing/internal/notify"
	"minqing/internal/outreach"
)

func TestWhatWaitsForTheMailServerIsNotSentOnceItIsStopped(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := newTown(t, d)
		people := c.crowd(5)
		p := plan(c.segment(outreach.Offer, outreach.Benefit, people...))
		p.PerHour = 120 // two a minute
		id := c.approved(p)
		c.run(id)
		require.Equal(t, 2, c.count("campaign_assignments WHERE campaign_id = ? AND status = 'queued'", id))
		k := c.get(id)
		require.Equal(t, fault.Invalid, fault.KindOf(c.Stop(as(c.author), id, k.Version, " ")), "a reason is needed")
		require.Equal(t, fault.Conflict, fault.KindOf(c.Stop(as(c.author), id, k.Version-1, "內容有誤")))
		require.NoError(t, c.Stop(as(c.second), id, k.Version, "內容有誤"), "who may let it run may stop it")
		c.works()
		c.run(id)
		require.Empty(t, c.post.all())
		require.Equal(t, 5, c.count("campaign_assignments WHERE campaign_id = ? AND status = 'skipped' AND reason = 'stopped'", id))
		require.Equal(t, fault.Conflict, fault.KindOf(c.Stop(as(c.author), id, c.get(id).Version, "again")))
	})
}

// One that was stopped still says who took up what was offered within its window, long after
// the stop.
func TestAStoppedCampaignCountsUntilItsWindowIsOver(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := newTown(t, d)
		people := c.crowd(5)
		p := plan(c.segment(outreach.Offer, outreach.Benefit, people...))
		p.WindowDays = 60
		id := c.approved(p)
		c.run(id)
		require.NoError(t, c.Stop(as(c.author), id, c.get(id).Version, "內容有誤"))
		c.wait(20 * 24 * time.Hour)
		for _, who := range people {
			c.asks(who, "normal")
		}
		c.exec("DELETE FROM river_job")
		require.NoError(t, c.Tick(system()))
		require.Equal(t, 1, c.count("river_job WHERE kind = 'campaign.run'"))
		c.run(id)
		r, err := c.Result(system(), c.get(id))
		require.NoError(t, err)
		require.EqualValues(t, 5, r.ToldTook+r.ControlTook)
	})
}

func TestAMailServerThatIsDownHalfWayLosesAndRepeatsNothing(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := newTown(t, d)
		people := c.crowd(6)
		id := c.approved(plan(c.segment(outreach.Offer, outreach.Benefit, people...)))
		n := 0
		c.post.before = func(notify.Message) {
			if n++; n == 3 {
				c.post.down = true
			}
		}
		c.run(id)
		require.NoError(t, c.queue.Start(t.Context()))
		require.Eventually(t, func() bool { return c.count("deliveries WHERE status = 'queued' AND attempts > 0") == 4 }, 30*time.Second, 20*time.Millisecond)
		c.post.with(func() { c.post.before, c.post.down = nil, false })
		c.settled()
		c.run(id)
		got := map[string]int{}
		for _, m := range c.post.all() {
			got[m.To]++
		}
		require.Len(t, got, 6)
		for to, n := range got {
			require.Equal(t, 1, n, to)
		}
	})
}

func TestASendWhoseOutcomeIsUnknownIsListedAndNotRepeated(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := newTown(t, d)
		people := c.crowd(3)
		id := c.approved(plan(c.segment(outreach.Offer, outreach.Benefit, people...)))
		c.post.fails[mailOf(people[0])] = &notify.SendError{Outcome: notify.Unknown, Code: "dot"}
		c.post.fails[mailOf(people[1])] = &notify.SendError{Outcome: notify.Never, Code: "rcpt_550"}
		c.works()
		for range 3 {
			c.run(id)
			c.settled()
			c.wait(time.Minute)
		}
		require.Equal(t, "told uncertain dot", c.statusOf(id, people[0]))
		require.Equal(t, "told failed rcpt_550", c.statusOf(id, people[1]))
		require.Len(t, c.post.all(), 1)
		doubts, total, err := c.Doubts(system(), c.get(id))
		require.NoError(t, err)
		require.Len(t, doubts, 1)
		require.Equal(t, 1, total)
		require.NotZero(t, doubts[0].At)
		require.True(t, strings.HasSuffix(doubts[0].MessageID, "@portal.example.org"))
		r, err := c.Result(system(), c.get(id))
		require.NoError(t, err)
		require.Equal(t, [3]int64{1, 1, 1}, [3]int64{r.Sent, r.Failed, r.Uncertain})

		c.exec("UPDATE deliveries SET status = 'uncertain'")
		most := doubtsMost
		t.Cleanup(func() { doubtsMost = most })
		doubtsMost = 1
		first, total, err := c.Doubts(system(), c.get(id))
		require.NoError(t, err)
		require.Len(t, first, 1)
		require.Equal(t, c.count("campaign_assignments a JOIN deliveries d ON d.id = a.delivery_id"), total)
		require.Greater(t, total, 1, "what is not listed is counted")
	})
}

func TestTwoRecordsOfOnePersonAreToldOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := newTown(t, d)
		people := c.crowd(6)
		id := c.approved(plan(c.segment(outreach.Offer, outreach.Benefit, people...)))
		merge := func(from, into string) {
			c.exec("UPDATE constituents SET merged_into_id = ?, head_id = ? WHERE id = ?", into, into, from)
		}
		merge(people[1], people[0]) // both in the campaign, before anything is sent
		c.exec("UPDATE campaign_assignments SET arm = 'held', status = 'kept' WHERE constituent_id = ?", people[2])
		merge(people[3], people[2]) // one of them is held back
		c.works()
		c.run(id)
		c.settled()
		merge(people[5], people[4]) // after both were told
		c.wait(2 * time.Hour)
		c.asks(people[1], "normal") // under the record that was merged away
		c.run(id)
		require.Len(t, c.post.all(), 3, "one of the first two, none of the next two, both of the last")
		require.Equal(t, "told skipped merged", c.statusOf(id, people[3]))
		require.NoError(t, c.countNow(system(), c.get(id)))
		r, err := c.Result(system(), c.get(id))
		require.NoError(t, err)
		require.EqualValues(t, 2, r.Told, "each person once")
		require.EqualValues(t, 1, r.Control)
		require.EqualValues(t, 1, r.ToldTook)
		c.exec("UPDATE constituents SET merged_into_id = NULL, head_id = NULL WHERE id = ?", people[5])
		require.NoError(t, c.countNow(system(), c.get(id)))
		r, err = c.Result(system(), c.get(id))
		require.NoError(t, err)
		require.EqualValues(t, 3, r.Told, "parted again")
	})
}

func TestTheCapCountsAllCampaigns(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := newTown(t, d)
		who := c.person("en")
		c.works()
		send := func(b outreach.Basis) string {
			id := c.approved(plan(c.segment(outreach.Offer, b, who)))
			c.run(id)
			c.settled()
			c.run(id)
			c.wait(time.Hour)
			return id
		}
		require.Equal(t, "told sent", c.statusOf(send(outreach.Benefit), who))
		require.Equal(t, "told sent", c.statusOf(send(outreach.Benefit), who))
		third := send(outreach.Benefit)
		require.Equal(t, "told waiting capped", c.statusOf(third, who))
		require.Equal(t, "told sent", c.statusOf(send(outreach.Urgent), who), "danger is told anyway")
		require.Len(t, c.post.all(), 3)
		c.wait(29*24*time.Hour + 20*time.Hour + 30*time.Minute)
		c.run(third)
		require.Equal(t, "told waiting capped", c.statusOf(third, who), "the first is 30 days ago, the second and the urgent one are not")
		c.wait(time.Hour)
		c.run(third)
		c.settled()
		require.Len(t, c.post.all(), 4)
	})
}

func TestNobodyIsWrittenToByNightNotEvenFromTheQueue(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := newTown(t, d)
		people := c.crowd(2)
		c.wait(4*time.Hour + 59*time.Minute) // 20:59
		p := plan(c.segment(outreach.Offer, outreach.Benefit, people...))
		p.PerHour = 1
		id := c.approved(p)
		c.run(id)
		require.Equal(t, 1, c.count("campaign_assignments WHERE status = 'queued'"))
		c.wait(2 * time.Minute)
		c.works()
		c.run(id)
		require.Empty(t, c.post.all())
		require.Equal(t, 1, c.count("deliveries WHERE status = 'queued' AND send_after = ?", time.Date(2026, 11, 25, 0, 0, 0, 0, time.UTC)), "08:00 in the city")
		c.exec("INSERT INTO quiet_hours (person_id, begins, ends, created_at) VALUES (?, 720, 719, ?)", people[0], c.Now())
		urgent := c.approved(plan(c.segment(outreach.Notice, outreach.Urgent, people[0])))
		c.run(urgent)
		c.settled()
		require.Len(t, c.post.all(), 1, "danger is told in the night, and in hours that somebody keeps")
	})
}

func TestNobodyIsKeptForGoodFromWhatTheLawGivesThem(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := newTown(t, d)
		people := c.crowd(440)
		p := plan(c.segment(outreach.Offer, outreach.LegalDuty, people...))
		p.Entitlement, p.PerHour = true, PerHourMost
		id := c.approved(p)
		delayed := c.count("campaign_assignments WHERE campaign_id = ? AND arm = 'delayed' AND status = 'kept'", id)
		require.Equal(t, HoldLeast, delayed)
		c.works()
		c.run(id)
		c.settled()
		require.Len(t, c.post.all(), 440-delayed)
		c.wait(30*24*time.Hour + time.Minute)
		c.run(id)
		c.settled()
		c.run(id)
		require.Len(t, c.post.all(), 440, "once the window is over everybody is told")
		k := c.get(id)
		require.Equal(t, Done, k.State)
		r, err := c.Result(system(), k)
		require.NoError(t, err)
		require.Equal(t, c.recounted(k), r)
		require.EqualValues(t, delayed, r.DelayedSent)
	})
}

func TestTooManyRefusalsOrComplaintsStopACampaign(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		t.Run(ByRefusals, func(t *testing.T) { stopsFor(t, newTown(t, d), ByRefusals, (*Service).Refuse) })
	})
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		t.Run(ByComplaints, func(t *testing.T) { stopsFor(t, newTown(t, d), ByComplaints, (*Service).Complain) })
	})
}

// stopsFor has three of the first fifteen say something, and the campaign stop for it.
func stopsFor(t *testing.T, c *town, why string, say func(*Service, context.Context, string, string, i18n.Lang) error) {
	people := c.crowd(30)
	p := plan(c.segment(outreach.Offer, outreach.Benefit, people...))
	p.PerHour = 900 // fifteen a minute
	id := c.approved(p)
	c.works()
	c.run(id)
	c.settled()
	sent := c.post.all()
	require.Len(t, sent, 15)
	for _, m := range sent[:3] {
		require.NoError(t, say(c.Service, system(), stopLink(t, m), "x", i18n.En))
	}
	jobs := map[string]int{ByRefusals: 4, ByComplaints: 7}[why] // who complains refuses too
	require.Equal(t, jobs, c.count("river_job WHERE kind = 'campaign.run'"), "the approval and each word have it looked at")
	c.run(id)
	require.Equal(t, Stopped, c.get(id).State)
	require.Equal(t, why, c.get(id).Note)
	require.Equal(t, 1, c.count("audit_entries WHERE action = 'campaign.stop' AND actor_kind = 'system' AND object_id = ?", id))
	require.Len(t, c.post.all(), 15)
}

func TestWhatChangesBetweenAskingAndApprovingIsNotApproved(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := newTown(t, d)
		segment := c.segment(outreach.Offer, outreach.Benefit, c.crowd(2)...)
		id, err := c.Create(as(c.author), plan(segment))
		require.NoError(t, err)
		require.NoError(t, c.Ask(as(c.author), id, 1))
		c.exec("UPDATE segments SET version = version + 1 WHERE id = ?", segment)
		require.Equal(t, fault.Conflict, fault.KindOf(c.Approve(as(c.second), id, 2)))
		c.exec("UPDATE segments SET version = version - 1, state = 'orphaned' WHERE id = ?", segment)
		require.Equal(t, fault.Conflict, fault.KindOf(c.Approve(as(c.second), id, 2)))
		c.exec("UPDATE segments SET state = 'counted' WHERE id = ?", segment)
		third := c.staff("head", "LJ")
		var all sync.WaitGroup
		errs := make([]error, 2)
		for i, who := range []string{c.second, third} {
			all.Go(func() { errs[i] = c.Approve(as(who), id, 2) })
		}
		all.Wait()
		require.True(t, (errs[0] == nil) != (errs[1] == nil), "one of two at once: %v", errs)
		require.Equal(t, 2, c.count("campaign_assignments WHERE campaign_id = ?", id))
	})
}

func TestATestGoesToNobodyButTheAuthor(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := newTown(t, d)
		id, err := c.Create(as(c.author), plan(c.segment(outreach.Offer, outreach.Benefit, c.crowd(2)...)))
		require.NoError(t, err)
		require.NoError(t, c.Try(as(c.author), id, i18n.En))
		c.works()
		sent := c.post.all()
		require.Len(t, sent, 1)
		require.Equal(t, c.author+"@staff.example.org", sent[0].To)
		require.Equal(t, "[Test] Report a dark street light", sent[0].Subject)
		token := stopLink(t, sent[0])
		r, err := c.Refusal(system(), token)
		require.NoError(t, err)
		require.True(t, r.Test)
		require.NoError(t, c.Refuse(system(), token, "x", i18n.En))
		require.Zero(t, c.count("consents"))
	})
}

// breaking sends nothing more once it has noted a message.
type breaking struct{ Messages }

func (b breaking) Invite(ctx context.Context, i notify.Inviting) (string, error) {
	if _, err := b.Messages.Invite(ctx, i); err != nil {
		return "", err
	}
	return "", errors.New("the connection is gone")
}

// A test that is interrupted leaves nothing while it is noted, and while it leaves it is in
// doubt, not sent again by itself, and of no member. Another try is another message.
func TestATestThatIsInterruptedIsNotRepeated(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := newTown(t, d)
		id, err := c.Create(as(c.author), plan(c.segment(outreach.Offer, outreach.Benefit, c.crowd(2)...)))
		require.NoError(t, err)
		before := [3]int{c.count("deliveries"), c.count("river_job"), c.count("audit_entries")}
		broken := *c.Service
		broken.Messages = breaking{c.Messages}
		require.Error(t, broken.Try(as(c.author), id, i18n.En))
		require.Equal(t, before, [3]int{c.count("deliveries"), c.count("river_job"), c.count("audit_entries")}, "all of it or nothing")

		require.NoError(t, c.Try(as(c.author), id, i18n.En))
		c.exec("UPDATE deliveries SET status = 'sending', attempts = 1") // as a process leaves it that is killed while it sends
		c.works()
		require.Equal(t, 1, c.count("deliveries WHERE status = 'uncertain' AND reason = 'interrupted'"))
		require.Empty(t, c.post.all())
		require.NoError(t, c.Try(as(c.author), id, i18n.En))
		c.settled()
		require.Len(t, c.post.all(), 1, "that one, and not the other once more")
		require.Equal(t, 1, c.count("deliveries WHERE status = 'uncertain'"))
		require.Zero(t, c.count("campaign_assignments"))
		doubts, total, err := c.Doubts(system(), c.get(id))
		require.NoError(t, err)
		require.Empty(t, doubts)
		require.Zero(t, total, "none of a member is in doubt")
		require.Equal(t, Draft, c.get(id).State)
	})
}

func TestWhoAskedInConfidenceOnlyIsNotWrittenTo(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := newTown(t, d)
		people := c.crowd(3)
		c.asks(people[0], "whistle")
		c.asks(people[1], "whistle")
		c.asks(people[1], "normal")
		id := c.approved(plan(c.segment(outreach.Offer, outreach.Benefit, people...)))
		require.EqualValues(t, 2, c.get(id).Targeted)
		require.Zero(t, c.count("campaign_assignments WHERE constituent_id = ?", people[0]))
	})
}

func TestTheEstimateIsWhatIsSent(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := newTown(t, d)
		people := c.crowd(40)
		for _, who := range people[:6] {
			require.NoError(t, c.people.Decide(system(), who, constituents.Decision{Purpose: constituents.Outreach, Channel: "mail", Given: false}))
		}
		for _, who := range people[6:13] {
			c.exec("UPDATE contact_points SET verified_at = NULL WHERE constituent_id = ?", who)
		}
		p := plan(c.segment(outreach.Offer, outreach.Benefit, people...))
		id, err := c.Create(as(c.author), p)
		require.NoError(t, err)
		e, err := c.Estimate(system(), c.get(id))
		require.NoError(t, err)
		require.Equal(t, [4]int64{40, 27, 6, 7}, [4]int64{e.Members, e.ByMail, e.Refused, e.NoWay})
		require.NoError(t, c.Ask(as(c.author), id, 1))
		require.NoError(t, c.Approve(as(c.second), id, 2))
		c.works()
		c.run(id)
		c.settled()
		c.run(id)
		require.Len(t, c.post.all(), 27)
	})
}

func TestTwoProcessesKeepOneThrottle(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := newTown(t, d)
		p := plan(c.segment(outreach.Offer, outreach.Benefit, c.crowd(20)...))
		p.PerHour = 300 // five a minute
		id := c.approved(p)
		c.exec("UPDATE campaigns SET state = 'running', started_at = ?, window_ends_at = ? WHERE id = ?", c.now(), c.now().AddDate(0, 0, 30), id)
		var all sync.WaitGroup
		for range 3 {
			all.Go(func() { require.NoError(t, c.release(system(), c.get(id), false)) })
		}
		all.Wait()
		require.Equal(t, 5, c.count("campaign_assignments WHERE campaign_id = ? AND status = 'queued'", id))
	})
}
