package campaign

import (
	"fmt"
	"math"
	"strings"
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

func (c *town) crowd(n int) (ids []string) {
	for i := range n {
		ids = append(ids, c.person([]string{"zh-Hant", "zh-Hans", "en"}[i%3]))
	}
	return ids
}

func TestACampaignFromDraftToResult(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := newTown(t, d)
		people := c.crowd(440)
		id := c.approved(plan(c.segment(outreach.Offer, outreach.Benefit, people...)))
		require.Equal(t, Approved, c.get(id).State)
		require.EqualValues(t, 440, c.get(id).Targeted)
		held := c.count("campaign_assignments WHERE campaign_id = ? AND arm = 'held'", id)
		require.Equal(t, HoldLeast, held, "a tenth would be 44")
		c.asks(people[0], "normal") // before it began: tells nothing
		c.wait(time.Minute)
		c.works()
		for range 4 {
			c.run(id)
			c.settled()
			c.wait(time.Minute)
		}
		sent := c.post.all()
		require.Len(t, sent, 440-held, "each once")
		got := map[string]int{}
		for _, m := range sent {
			got[m.To]++
		}
		for _, who := range people {
			require.Equal(t, strings.HasPrefix(c.statusOf(id, who), "told"), got[mailOf(who)] == 1, who)
		}
		c.looksRight(sent)

		var took, untold int
		for i, who := range people {
			if arm := c.statusOf(id, who); strings.HasPrefix(arm, "held") && untold < 5 {
				c.asks(who, "normal")
				untold++
			} else if strings.HasPrefix(arm, "told") && i%2 == 0 {
				c.asks(who, "normal")
				c.asks(who, "normal")
				took++
			} else if i%7 == 0 {
				c.asks(who, "whistle")
			}
		}
		c.wait(31 * 24 * time.Hour)
		c.asks(people[1], "normal") // after the window
		c.run(id)
		k := c.get(id)
		require.Equal(t, Done, k.State)
		r, err := c.Result(system(), k)
		require.NoError(t, err)
		require.Equal(t, c.recounted(k), r)
		require.EqualValues(t, took, r.ToldTook)
		require.EqualValues(t, untold, r.ControlTook)
		require.EqualValues(t, 440-held, r.Sent)
		require.True(t, r.Compared())
		c.figuresHold(k, r)
		c.run(id)
		require.Len(t, c.post.all(), 440-held, "when it is over nothing more is sent")
	})
}

// looksRight reads a mail of each language.
func (c *town) looksRight(sent []notify.Message) {
	t := c.t
	t.Helper()
	seen := map[string]bool{}
	for _, m := range sent {
		seen[m.Lang] = true
		if m.Lang == "en" {
			require.Equal(t, "Report a dark street light", m.Subject)
			require.Contains(t, m.Text, "You can report it online.")
			require.Contains(t, m.HTML, "Write to me no more")
		} else {
			require.Equal(t, "路燈不亮可以線上通報", m.Subject)
		}
		require.Contains(t, m.Text, "https://portal.example.org/matters/street-light")
		require.Contains(t, m.Text, m.Stop)
		require.Contains(t, m.HTML, "個人信息保護法第 13 條", "why it comes")
		require.NotContains(t, m.HTML, "notify.")
		require.NotContains(t, m.HTML, "campaign.")
		require.NotContains(t, m.HTML, "林小雨")
	}
	require.Equal(t, map[string]bool{"zh-Hant": true, "en": true}, seen, "who reads zh-Hans gets the nearest")
}

// recounted is the result by SQL of its own, from the cases and the delivery log.
func (c *town) recounted(k *Campaign) *Result {
	c.t.Helper()
	r := &Result{}
	n := func(sql string, args ...any) int64 {
		var n int64
		require.NoError(c.t, c.DB.From(system()).Raw(sql, args...).Scan(&n).Error)
		return n
	}
	in := "SELECT COUNT(DISTINCT a.constituent_id) FROM campaign_assignments a "
	took := in + `WHERE a.campaign_id = ? AND a.arm %s 'told' AND EXISTS (SELECT 1 FROM case_parties p JOIN cases k ON k.id = p.case_id
 WHERE p.constituent_id = a.constituent_id AND p.role IN ('requester', 'beneficiary') AND k.confidentiality = 'normal' AND k.matter_id = ? AND k.received_at >= ? AND k.received_at < ?)`
	from, to := *k.StartedAt, k.StartedAt.AddDate(0, 0, k.WindowDays)
	r.Told, r.Control = n(in+"WHERE a.campaign_id = ? AND a.arm = 'told'", k.ID), n(in+"WHERE a.campaign_id = ? AND a.arm <> 'told'", k.ID)
	r.ToldTook, r.ControlTook = n(fmt.Sprintf(took, "="), k.ID, *k.MatterID, from, to), n(fmt.Sprintf(took, "<>"), k.ID, *k.MatterID, from, to)
	mails := in + "JOIN deliveries d ON d.id = a.delivery_id WHERE a.campaign_id = ? AND a.arm %s 'told' AND d.status = ?"
	r.Sent, r.DelayedSent = n(fmt.Sprintf(mails, "="), k.ID, "sent"), n(fmt.Sprintf(mails, "<>"), k.ID, "sent")
	r.Failed, r.Uncertain = n(fmt.Sprintf(mails, "="), k.ID, "failed"), n(fmt.Sprintf(mails, "="), k.ID, "uncertain")
	r.Refused = n(`SELECT COUNT(DISTINCT a.constituent_id) FROM campaign_assignments a JOIN consents s ON s.constituent_id = a.constituent_id
 WHERE a.campaign_id = ? AND s.purpose = 'outreach' AND NOT s.given AND a.delivery_id IS NOT NULL AND s.at >= a.queued_at`, k.ID)
	r.Delivered = r.Sent + r.DelayedSent
	r.Wrote = n(in+"JOIN deliveries d ON d.id = a.delivery_id WHERE a.campaign_id = ? AND d.status <> 'suppressed'", k.ID)
	can := n(in+`WHERE a.campaign_id = ? AND EXISTS (SELECT 1 FROM contact_points p WHERE p.constituent_id = a.constituent_id AND p.kind = 'email' AND p.verified_at IS NOT NULL)
 AND NOT EXISTS (SELECT 1 FROM consents s WHERE s.constituent_id = a.constituent_id AND s.channel = 'mail' AND NOT s.given AND s.at < ?)`, k.ID, *k.ApprovedAt)
	r.Contactable = &can
	if went := n(in+"JOIN deliveries d ON d.id = a.delivery_id WHERE a.campaign_id = ? AND a.arm = 'told' AND d.channel = 'mail' AND d.status <> 'suppressed'", k.ID); went > 0 {
		r.Ways = []Way{{notify.Mail, went, r.Sent}}
	}
	return r
}

// figuresHold works the figures that the page shows out once more from counts of
// SQL, by the formulas of Wilson (1927) and Newcombe (1998, method 10).
func (c *town) figuresHold(k *Campaign, r *Result) {
	c.t.Helper()
	n := c.recounted(k)
	wilson := func(x, of int64) (p, low, high float64) {
		const z = 1.959964 // as the figures have it: a bound near zero shows the seventh digit
		m := float64(of)
		p = float64(x) / m
		middle, half := (p+z*z/(2*m))/(1+z*z/m), z*math.Sqrt(p*(1-p)/m+z*z/(4*m*m))/(1+z*z/m)
		return p, middle - half, middle + half
	}
	p1, low1, high1 := wilson(n.ToldTook, n.Told)
	p2, low2, high2 := wilson(n.ControlTook, n.Control)
	value, low, high := r.Uplift()
	near := func(want, got float64) { c.t.Helper(); require.InEpsilon(c.t, want, got, 1e-6) }
	near(p1-p2, value)
	near(p1-p2-math.Sqrt((p1-low1)*(p1-low1)+(high2-p2)*(high2-p2)), low)
	near(p1-p2+math.Sqrt((high1-p1)*(high1-p1)+(p2-low2)*(p2-low2)), high)
	near((p1-p2)*float64(n.Told), r.Additional())
	each, from, to := r.CostEach(k.Cost)
	near(float64(k.Cost)/((p1-p2)*float64(n.Told)), each)
	near(float64(k.Cost)/(high*float64(n.Told)), from)
	if low > 0 {
		near(float64(k.Cost)/(low*float64(n.Told)), to)
	} else {
		require.True(c.t, math.IsNaN(to), "no bound")
	}
	p, low, high := wilson(n.Delivered, n.Told+n.Control)
	near(p, r.Reach().Value())
	near(low, r.Reach().Low())
	near(min(high, 1), r.Reach().High())
}

func TestWhoWroteACampaignNeverApprovesIt(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := newTown(t, d)
		c.exec("INSERT INTO grants (id, account_id, role, unit_id, valid_from, created_at) SELECT ?, ?, 'head', id, ?, ? FROM units WHERE code = 'LJ'", db.NewID(at), c.author, at.Add(-time.Hour), at)
		other := c.staff("outreach_officer", "LJ")
		c.exec("INSERT INTO grants (id, account_id, role, unit_id, valid_from, created_at) SELECT ?, ?, 'head', id, ?, ? FROM units WHERE code = 'LJ'", db.NewID(at), other, at.Add(-time.Hour), at)
		p := plan(c.segment(outreach.Offer, outreach.Benefit, c.crowd(3)...))
		id, err := c.Create(as(c.author), p)
		require.NoError(t, err)
		require.NoError(t, c.Change(as(other), id, 1, p))
		require.NoError(t, c.Ask(as(other), id, 2))
		for _, who := range []string{c.author, other} {
			require.Equal(t, fault.Forbidden, fault.KindOf(c.Approve(as(who), id, 3)), "an earlier author neither")
		}
		deputy := c.staff("head", "LJ")
		c.exec("UPDATE grants SET deputy_for_id = ? WHERE account_id = ?", c.author, deputy)
		require.Equal(t, fault.Forbidden, fault.KindOf(c.Approve(as(deputy), id, 3)), "nor the deputy of an author")
		may, err := c.MayApprove(as(deputy), c.get(id))
		require.NoError(t, err)
		require.False(t, may)
		officer := c.staff("outreach_officer", "LJ")
		require.Equal(t, fault.Forbidden, fault.KindOf(c.Approve(as(officer), id, 3)), "who may only write")
		require.Equal(t, fault.Invalid, fault.KindOf(c.Return(as(c.second), id, 3, " ")))
		require.NoError(t, c.Return(as(c.second), id, 3, "請寫清楚期限。"))
		require.Equal(t, "請寫清楚期限。", c.get(id).Note)
		require.NoError(t, c.Ask(as(c.author), id, 4))
		require.Equal(t, fault.Conflict, fault.KindOf(c.Approve(as(c.second), id, 4)), "what they read was another version")
		require.NoError(t, c.Approve(as(c.second), id, 5))
		require.Equal(t, fault.Conflict, fault.KindOf(c.Approve(as(c.second), id, 6)), "twice")
		require.Equal(t, fault.Conflict, fault.KindOf(c.Change(as(c.author), id, 6, p)), "nobody edits what was approved")
		require.Equal(t, 1, c.count("audit_entries WHERE action = 'campaign.approve' AND object_id = ?", id))

		stands := c.staff("outreach_officer", "LJ")
		c.exec("UPDATE grants SET deputy_for_id = ? WHERE account_id = ?", c.second, stands)
		id, err = c.Create(as(stands), p)
		require.NoError(t, err)
		require.NoError(t, c.Ask(as(stands), id, 1))
		require.Equal(t, fault.Forbidden, fault.KindOf(c.Approve(as(c.second), id, 2)), "in whose place it was written")
		require.NoError(t, c.Approve(as(c.author), id, 2))
	})
}

func TestARefusalHoldsASecondBeforeTheMessageLeaves(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := newTown(t, d)
		people := c.crowd(4)
		refuse := func(who string) {
			require.NoError(t, c.people.Decide(system(), who, constituents.Decision{Purpose: constituents.Outreach, Channel: "mail", Given: false}))
		}
		refuse(people[0])
		id := c.approved(plan(c.segment(outreach.Offer, outreach.Benefit, people...)))
		refuse(people[1]) // after the approval
		c.run(id)         // the messages are queued, and nothing works yet
		require.Equal(t, "told queued", c.statusOf(id, people[2]))
		refuse(people[2])
		c.works()
		c.run(id)
		require.Equal(t, "told skipped refused", c.statusOf(id, people[0]))
		require.Equal(t, "told skipped refused", c.statusOf(id, people[1]))
		require.Equal(t, "told skipped refused", c.statusOf(id, people[2]))
		require.Equal(t, "told sent", c.statusOf(id, people[3]))
		require.Len(t, c.post.all(), 1)
	})
}

func TestWhereTheGroundIsConsentNobodyIsWrittenToWhoNeverGaveIt(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := newTown(t, d)
		people := c.crowd(4)
		say := func(who string, given bool) {
			require.NoError(t, c.people.Decide(system(), who, constituents.Decision{Purpose: constituents.Outreach, Channel: "mail", Given: given}))
		}
		say(people[1], true)
		say(people[2], true)
		say(people[2], false)
		say(people[3], true)
		id := c.approved(plan(c.segment(outreach.Offer, outreach.Consented, people...)))
		c.run(id) // the messages are queued, and nothing works yet
		require.Equal(t, "told queued", c.statusOf(id, people[3]))
		say(people[3], false)
		c.works()
		c.run(id)
		c.settled()
		c.run(id)
		require.Equal(t, "told skipped no_consent", c.statusOf(id, people[0]))
		require.Equal(t, "told sent", c.statusOf(id, people[1]))
		require.Equal(t, "told skipped refused", c.statusOf(id, people[2]), "the newest word counts")
		require.Equal(t, "told skipped refused", c.statusOf(id, people[3]), "taken back the moment before")
		require.Len(t, c.post.all(), 1)
	})
}

func TestOnePressRefusesAllCampaigns(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := newTown(t, d)
		people := c.crowd(2)
		segment := c.segment(outreach.Offer, outreach.Benefit, people...)
		id := c.approved(plan(segment))
		c.works()
		c.run(id)
		c.settled()
		c.run(id)
		sent := c.post.all()
		require.Len(t, sent, 2)
		token := stopLink(t, sent[0])
		who := strings.TrimSuffix(sent[0].To, "@example.org")
		for _, wrong := range []string{"", "x", token[:len(token)-1] + "0", strings.Repeat("a", 26) + token[26:], strings.ToUpper(token[:26]) + ".", token + "é"} {
			_, err := c.Refusal(system(), wrong)
			require.Equal(t, fault.NotFound, fault.KindOf(err), wrong)
			require.Equal(t, fault.NotFound, fault.KindOf(c.Refuse(system(), wrong, "x", i18n.En)))
		}
		r, err := c.Refusal(system(), token)
		require.NoError(t, err)
		require.False(t, r.Refused, "to look at the link refuses nothing")
		require.NoError(t, c.Refuse(system(), token, "請不要再寫給我。", i18n.ZhHant))
		require.NoError(t, c.Refuse(system(), strings.ToUpper(token), "請不要再寫給我。", i18n.ZhHant), "again, as some mail programs write it")
		require.NoError(t, c.Complain(system(), token, "請不要再寫給我。", i18n.ZhHant))
		require.Equal(t, 3, c.count("consents WHERE constituent_id = ? AND purpose = 'outreach'", who), "by every channel, once each")
		r, err = c.Refusal(system(), token)
		require.NoError(t, err)
		require.True(t, r.Refused && r.Complained)

		c.wait(time.Hour)
		next := c.approved(plan(segment))
		c.run(next)
		c.settled()
		c.run(next)
		require.Equal(t, "told skipped refused", c.statusOf(next, who))
		got, err := c.Result(system(), c.get(id))
		require.NoError(t, err)
		require.EqualValues(t, 1, got.Refused)
		require.EqualValues(t, 1, got.Complained)
	})
}
