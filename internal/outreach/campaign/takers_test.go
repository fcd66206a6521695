package campaign

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/outreach"
)

// party adds somebody to a case about the matter that another filed, at this time.
func (c *town) party(filer, who, role, conf string) {
	c.t.Helper()
	c.exec("INSERT INTO case_parties (id, case_id, role, constituent_id) VALUES (?, ?, ?, ?)", db.NewID(c.now()), c.asks(filer, conf), role, who)
}

// Who took up what was offered is told by the cases: whoever asked for it, and for whom it was
// asked, under any of their records; not who filed it for another, and not in confidence. It
// is recounted by SQL that walks from record to record by itself.
func TestWhoTookItUpIsWhatTheCasesSay(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := newTown(t, d)
		people := c.crowd(12)
		outside := c.crowd(1)[0]
		p := plan(c.segment(outreach.Offer, outreach.Benefit, people...))
		p.WindowDays = 10
		c.party(outside, people[0], "beneficiary", "normal") // before it began
		c.wait(time.Minute)
		id := c.approved(p)
		c.run(id)
		c.exec("UPDATE campaign_assignments SET arm = 'held', status = 'kept' WHERE campaign_id = ? AND constituent_id IN ?", id, people[6:])
		c.wait(time.Hour)
		c.asks(people[1], "normal")
		c.party(outside, people[2], "beneficiary", "normal")
		for i, role := range []string{"agent", "filed_by", "co_requester", "subject"} {
			c.party(outside, people[[]int{3, 4, 5, 9}[i]], role, "normal")
		}
		c.party(outside, people[6], "beneficiary", "whistle")
		c.party(outside, people[7], "beneficiary", "normal")
		c.party(people[8], people[8], "beneficiary", "normal") // both: one person
		chain := c.crowd(2)                                    // merged into a member, one under the other
		c.exec("UPDATE constituents SET merged_into_id = ?, head_id = ? WHERE id = ?", people[10], people[10], chain[0])
		c.exec("UPDATE constituents SET merged_into_id = ?, head_id = ? WHERE id = ?", chain[0], people[10], chain[1])
		c.party(outside, chain[1], "beneficiary", "normal")
		c.wait(10 * 24 * time.Hour)
		c.party(outside, people[11], "beneficiary", "normal") // after the window
		require.NoError(t, c.countNow(system(), c.get(id)))

		k := c.get(id)
		took, err := c.takers(system(), k)
		require.NoError(t, err)
		require.Len(t, took, 5, "nobody is written down who is not in the campaign, however many ask")
		require.NotContains(t, took, outside)
		r, err := c.Result(system(), k)
		require.NoError(t, err)
		for arm, got := range map[string]int64{"told": r.ToldTook, "held": r.ControlTook} {
			var n int64
			require.NoError(t, d.From(system()).Raw(`WITH RECURSIVE records (member, id) AS (SELECT constituent_id, constituent_id FROM campaign_assignments WHERE campaign_id = ? AND arm = ?
 UNION SELECT r.member, x.id FROM records r JOIN constituents x ON x.merged_into_id = r.id)
 SELECT COUNT(DISTINCT r.member) FROM records r JOIN case_parties p ON p.constituent_id = r.id JOIN cases k ON k.id = p.case_id
 WHERE (p.role = 'requester' OR p.role = 'beneficiary') AND k.confidentiality = 'normal' AND k.matter_id = ? AND k.received_at >= ? AND k.received_at < ?`,
				id, arm, *k.MatterID, *k.StartedAt, k.StartedAt.AddDate(0, 0, 10)).Scan(&n).Error)
			require.Equal(t, n, got, arm)
		}
		require.Equal(t, [2]int64{2, 3}, [2]int64{r.ToldTook, r.ControlTook}, "one and two; seven, eight and ten")
		for i, want := range []int{0, 1, 1, 0, 0, 0, 0, 1, 1, 0, 1, 0} {
			require.Equal(t, want, c.count("campaign_assignments WHERE campaign_id = ? AND constituent_id = ? AND taken_at IS NOT NULL", id, people[i]), i)
		}
	})
}

// How many complain is what the page tells and what stops a campaign: each who did, once.
func TestComplaintsAreCountedFromThoseWhoMadeThem(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := newTown(t, d)
		people := c.crowd(30)
		id := c.approved(plan(c.segment(outreach.Offer, outreach.Benefit, people...)))
		c.works()
		c.run(id)
		c.settled()
		sent := c.post.all()
		require.Len(t, sent, 30)
		for i, m := range sent[:8] {
			token := stopLink(t, m)
			if i < 5 {
				require.NoError(t, c.Complain(system(), token, "x", "en"))
				require.NoError(t, c.Complain(system(), token, "x", "en"), "again")
			} else {
				require.NoError(t, c.Refuse(system(), token, "x", "en"))
			}
		}
		r, err := c.Result(system(), c.get(id))
		require.NoError(t, err)
		require.EqualValues(t, 5, r.Complained)
		refused := c.count("(SELECT DISTINCT a.constituent_id FROM campaign_assignments a JOIN consents s ON s.constituent_id = a.constituent_id WHERE a.campaign_id = ? AND NOT s.given AND s.at >= a.queued_at) q", id)
		require.EqualValues(t, 8, refused, "who complains refuses too")
		require.EqualValues(t, refused, r.Refused)
		c.run(id)
		require.Equal(t, ByComplaints, c.get(id).Note)
	})
}
