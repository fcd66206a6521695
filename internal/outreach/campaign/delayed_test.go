package campaign

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/notify"
	"minqing/internal/outreach"
)

// entitled is a running campaign for what the law gives people, with its delayed group.
func (c *town) entitled(people int) (id string, delayed []string) {
	c.t.Helper()
	p := plan(c.segment(outreach.Offer, outreach.LegalDuty, c.crowd(people)...))
	p.Entitlement, p.PerHour = true, PerHourMost
	id = c.approved(p)
	c.run(id)
	require.NoError(c.t, c.DB.From(system()).Raw("SELECT constituent_id FROM campaign_assignments WHERE campaign_id = ? AND arm = 'delayed' ORDER BY constituent_id", id).Scan(&delayed).Error)
	require.GreaterOrEqual(c.t, len(delayed), 2)
	return id, delayed
}

func TestADelayedGroupIsToldHoweverLateTheProgramComesToIt(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := newTown(t, d)
		id, delayed := c.entitled(440)
		c.works()
		c.settled()
		c.run(id)
		require.Len(t, c.post.all(), 440-len(delayed))
		require.NoError(t, c.Warn(system()))
		require.Empty(t, c.warned, "its day has not come")
		l, err := c.Later(system(), c.get(id))
		require.NoError(t, err)
		require.EqualValues(t, len(delayed), l.Open)
		require.False(t, l.Late)

		c.wait(120 * 24 * time.Hour) // nothing worked in all that time
		require.NoError(t, c.Warn(system()))
		require.NoError(t, c.Warn(system()))
		require.Len(t, c.warned, 2, "each once")
		require.Equal(t, []string{c.author, c.second}, []string{c.warned[0].To.AccountID, c.warned[1].To.AccountID})
		require.Equal(t, notify.CampaignDelayed, c.warned[0].Kind)
		require.Equal(t, 1, c.count("audit_entries WHERE action = 'campaign.delayed_late'"))
		l, err = c.Later(system(), c.get(id))
		require.NoError(t, err)
		require.True(t, l.Late)

		capped := delayed[0]
		for range CapMost { // who got others of late waits, and is not given up
			other, err := c.Create(as(c.author), plan(c.segment(outreach.Offer, outreach.Benefit, capped)))
			require.NoError(t, err)
			c.exec("INSERT INTO campaign_assignments (campaign_id, constituent_id, arm, status, queued_at) VALUES (?, ?, 'told', 'sent', ?)", other, capped, c.now().Add(-time.Hour))
		}
		require.NoError(t, c.late(system(), c.get(id))) // and the process ends here
		c.run(id)
		c.settled()
		c.run(id)
		require.Len(t, c.post.all(), 440-1)
		require.Equal(t, "delayed waiting capped", c.statusOf(id, capped))
		require.Equal(t, Running, c.get(id).State)
		c.wait(31 * 24 * time.Hour)
		c.run(id)
		c.settled()
		c.run(id)
		require.Len(t, c.post.all(), 440)
		require.Equal(t, Done, c.get(id).State)
		l, err = c.Later(system(), c.get(id))
		require.NoError(t, err)
		require.False(t, l.Late)
	})
}

func TestWhoStopsACampaignIsRemindedOfItsDelayedGroup(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := newTown(t, d)
		id, delayed := c.entitled(440)
		require.NoError(t, c.Stop(as(c.author), id, c.get(id).Version, "not needed any more"))
		l, err := c.Later(system(), c.get(id))
		require.NoError(t, err)
		require.EqualValues(t, len(delayed), l.Dropped)
		require.NoError(t, c.Warn(system()))
		require.Len(t, c.warned, 2)
		said, err := c.Warnings(system(), []string{id})
		require.NoError(t, err)
		require.Equal(t, c.get(id).Name, said[id].Name)
	})
}

// Whoever stopped a campaign before there were warnings is not warned the day that they come.
func TestNobodyIsWarnedOfWhatWasStoppedBeforeThereWereWarnings(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := newTown(t, d)
		stopped := func() (id string) {
			p := plan(c.segment(outreach.Offer, outreach.LegalDuty, c.crowd(2)...))
			p.Entitlement = true
			id = c.approved(p)
			c.run(id)
			c.exec("UPDATE campaign_assignments SET arm = 'delayed', status = 'kept' WHERE campaign_id = ?", id)
			require.NoError(t, c.Stop(as(c.author), id, c.get(id).Version, "not needed any more"))
			return id
		}
		stopped()
		for pending := false; !pending; {
			require.NoError(t, d.MigrateDown(t.Context()))
			steps, err := d.Steps(t.Context())
			require.NoError(t, err)
			for _, s := range steps {
				pending = pending || s.Version == 151 && s.At.IsZero()
			}
		}
		require.NoError(t, d.Migrate(t.Context()))
		require.NoError(t, c.Warn(system()))
		require.Empty(t, c.warned)
		id := stopped()
		require.NoError(t, c.Warn(system()))
		require.Len(t, c.warned, 2, "who wrote it and who approved it, of the one that was stopped since")
		require.Equal(t, id, c.warned[0].About)
	})
}

func TestByWhenADelayedGroupShouldBeTold(t *testing.T) {
	ends := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	c := &Campaign{PerHour: 10, WindowEndsAt: &ends}
	for people, days := range map[int64]int{0: 1, 1: 2, 130: 2, 131: 3} { // 13 hours of a day
		require.True(t, ends.AddDate(0, 0, days).Equal(*byWhen(c, people)), people)
	}
	require.Nil(t, byWhen(&Campaign{}, 5))
}
