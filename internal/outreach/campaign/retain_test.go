package campaign

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/i18n"
	"minqing/internal/outreach"
)

func TestAfterItsTermACampaignKeepsItsFiguresAndNobody(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := newTown(t, d)
		people := c.crowd(6)
		segment := c.segment(outreach.Offer, outreach.Benefit, people...)
		id := c.approved(plan(segment))
		c.works()
		c.run(id)
		c.settled()
		c.run(id)
		sent := c.post.all()
		require.NoError(t, c.Complain(system(), stopLink(t, sent[0]), "x", i18n.En))
		c.asks(people[1], "normal")
		list, err := c.Of(system(), people[1:2])
		require.NoError(t, err)
		require.Len(t, list, 1)
		require.Equal(t, []any{id, Told, Sent}, []any{list[0].ID, list[0].Arm, list[0].Status})
		require.NotNil(t, list[0].QueuedAt)
		still := c.approved(plan(segment))
		require.NoError(t, c.Stop(as(c.author), id, c.get(id).Version, "已恢復"))
		before, err := c.Result(system(), c.get(id))
		require.NoError(t, err)
		require.EqualValues(t, 1, before.Complained)

		const first = "00000000-0000-0000-0000-000000000000"
		old, err := c.Old(system(), c.now(), first, 10)
		require.NoError(t, err)
		require.Empty(t, old, "its term is not over")
		c.wait(3 * 366 * 24 * time.Hour)
		old, err = c.Old(system(), c.now().AddDate(-3, 0, 0), first, 10)
		require.NoError(t, err)
		require.Equal(t, []string{id}, old, "what has not ended has no term")
		went, err := c.Forget(system(), id)
		require.NoError(t, err)
		require.True(t, went)
		for _, one := range []string{id, still} {
			went, err := c.Forget(system(), one)
			require.NoError(t, err)
			require.False(t, went, "twice, or under way")
		}
		require.Zero(t, c.count("campaign_assignments WHERE campaign_id = ?", id))
		require.Equal(t, 6, c.count("campaign_assignments WHERE campaign_id = ?", still))
		after, err := c.Result(system(), c.get(id))
		require.NoError(t, err)
		require.Equal(t, before, after)

		token := stopLink(t, sent[1])
		r, err := c.Refusal(system(), token)
		require.NoError(t, err)
		require.False(t, r.Test || r.Gone || r.Refused)
		words := c.count("consents")
		require.NoError(t, c.Refuse(system(), token, "x", i18n.En))
		require.Equal(t, words+3, c.count("consents"), "while the message is in the log its link refuses")
		r, err = c.Refusal(system(), token)
		require.NoError(t, err)
		require.True(t, r.Refused)
		c.exec("DELETE FROM deliveries")
		r, err = c.Refusal(system(), token)
		require.NoError(t, err)
		require.True(t, r.Gone, "the page says so, and where else to refuse")
		require.NoError(t, c.Refuse(system(), token, "x", i18n.En))
	})
}

func TestACampaignThatIsBroughtIsCountedLikeOthers(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := newTown(t, d)
		people := c.crowd(431)
		p := plan(c.segment(outreach.Offer, outreach.Benefit, people...))
		c.wait(time.Minute)
		p.WindowDays = 20
		_, err := c.Bring(as(c.author), Past{Plan: p, Approver: c.author})
		require.Error(t, err, "nobody approves what they wrote")
		b, err := c.Bring(as(c.author), Past{Plan: p, Approver: c.second, Without: people[:1], Became: func(n int) Outcome {
			if n == 3 {
				return Outcome{Status: Skipped, Reason: SkipUnreachable}
			}
			if n == 4 {
				return Outcome{Status: Sent, Refused: time.Minute}
			}
			return Outcome{Status: Sent}
		}})
		require.NoError(t, err)
		require.Len(t, b.Told, 230)
		require.Len(t, b.Control, HoldLeast)
		require.Equal(t, HoldLeast, c.count("campaign_assignments WHERE campaign_id = ? AND arm = 'held'", b.ID))
		for _, who := range b.Told[:9] {
			c.asks(who, "normal")
		}
		c.asks(b.Control[0], "normal")
		c.wait(21 * 24 * time.Hour)
		c.run(b.ID)
		k := c.get(b.ID)
		require.Equal(t, Done, k.State)
		r, err := c.Result(system(), k)
		require.NoError(t, err)
		require.Equal(t, [5]int64{int64(len(b.Told)), int64(len(b.Told) - 1), 9, int64(len(b.Control)), 1}, [5]int64{r.Told, r.Sent, r.ToldTook, r.Control, r.ControlTook})
		require.Empty(t, c.post.all(), "nothing is sent")
	})
}
