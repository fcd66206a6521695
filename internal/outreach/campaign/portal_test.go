package campaign

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync/atomic"
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

// reader is somebody who has an account and no address that takes mail.
func (c *town) reader() string {
	c.t.Helper()
	id, err := c.people.Create(system(), constituents.Contact{Name: "林小雨"}, "zh-Hant")
	require.NoError(c.t, err)
	c.joins(id)
	return id
}

// joins gives somebody an account.
func (c *town) joins(id string) {
	c.t.Helper()
	account := db.NewID(c.now())
	c.exec(`INSERT INTO accounts (id, kind, constituent_id, login_index, vault_key_id, email_cipher, locale, status, demo, link_key, created_at)
 VALUES (?, 'citizen', ?, ?, ?, ?, 'zh-Hant', 'active', ?, 'k1', ?)`, account, id, []byte(account), c.keyOf(c.author), []byte{1}, true, c.now())
}

func inPortal(segment string) Plan {
	p := plan(segment)
	p.Texts = MessagesBy{notify.InApp: {Subject: i18n.Text{i18n.ZhHant: "路燈不亮可以線上通報", i18n.En: "Report a dark street light"}, Body: i18n.Text{i18n.ZhHant: "您好：\n可以線上通報。", i18n.En: "Report it online."}}}
	return p
}

// inbox are the messages that lie in the portal for somebody.
func (c *town) inbox(who ...string) []notify.Note {
	c.t.Helper()
	notes, _, err := c.notes.Inbox(system(), who, "")
	require.NoError(c.t, err)
	return notes
}

func (c *town) refuses(who, by string) {
	c.t.Helper()
	require.NoError(c.t, c.people.Decide(system(), who, constituents.Decision{Purpose: constituents.Outreach, Channel: by, Given: false}))
}

func TestACampaignIsReadInThePortal(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := newTown(t, d)
		reads, both, mailed, neither := c.reader(), c.person("en"), c.person("en"), c.reader()
		c.joins(both)
		c.exec("UPDATE accounts SET status = 'disabled' WHERE constituent_id = ?", neither)
		p := inPortal(c.segment(outreach.Offer, outreach.Benefit, reads, both, mailed, neither))
		p.Texts[notify.Mail] = plan("").Texts[notify.Mail]
		bad := inPortal(p.SegmentID)
		bad.Texts[notify.InApp] = Message{Body: i18n.Text{i18n.En: "no title"}}
		_, err := c.Create(as(c.author), bad)
		require.Equal(t, fault.Invalid, fault.KindOf(err), "a message has a title")
		id, err := c.Create(as(c.author), p)
		require.NoError(t, err)
		e, err := c.Estimate(system(), c.get(id))
		require.NoError(t, err)
		require.Equal(t, [4]int64{4, 2, 1, 1}, [4]int64{e.Members, e.ByMail, e.Portal, e.NoWay})
		require.NoError(t, c.Ask(as(c.author), id, 1))
		require.NoError(t, c.Approve(as(c.second), id, 2))
		c.works()
		for range 2 {
			c.run(id)
			c.settled()
		}
		require.Len(t, c.post.all(), 2)
		require.Equal(t, "told sent", c.statusOf(id, reads))
		require.Equal(t, "told skipped unreachable", c.statusOf(id, neither), "an account that is closed reads nothing")
		require.Len(t, c.inbox(reads), 1)
		require.Len(t, c.inbox(both), 1, "besides the mail, where they read the portal")
		require.Empty(t, c.inbox(mailed))
		r, err := c.Result(system(), c.get(id))
		require.NoError(t, err)
		require.Equal(t, [3]int64{2, 1, 4}, [3]int64{r.Sent, r.Laid, r.Told}, "what lies unopened has reached nobody")

		n := c.inbox(reads)[0]
		lines, err := c.notes.Lines(system(), i18n.ZhHans, []notify.Note{n}, nil)
		require.NoError(t, err)
		line := lines[0]
		require.Equal(t, "路燈不亮可以線上通報", line.Subject, "the nearest language")
		require.Equal(t, i18n.ZhHant, line.Says.Lang)
		require.Equal(t, "/matters/street-light", line.Says.LinkPath)
		require.Contains(t, line.Says.Why, "個人信息保護法第 13 條")
		_, err = c.notes.Open(system(), []string{both}, n.ID)
		require.Equal(t, fault.NotFound, fault.KindOf(err), "somebody else's")
		n, err = c.notes.Open(system(), []string{reads}, n.ID)
		require.NoError(t, err)
		require.True(t, n.Read)
		c.run(id)
		r, err = c.Result(system(), c.get(id))
		require.NoError(t, err)
		require.Equal(t, [3]int64{3, 0, 4}, [3]int64{r.Sent, r.Laid, r.Told})
		require.Equal(t, []Way{{notify.Mail, 2, 2}, {notify.InApp, 2, 1}}, r.Ways)
		list, err := c.Of(system(), []string{reads})
		require.NoError(t, err)
		require.Equal(t, notify.InApp, *list[0].Channel)
		require.NotNil(t, list[0].OpenedAt, "the copy of their data says so")

		token := line.Says.StopPath[len("/refuse/"):]
		require.NoError(t, c.Refuse(system(), token, "x", i18n.ZhHant))
		require.Equal(t, 3, c.count("consents WHERE constituent_id = ? AND NOT given", reads), "by no channel")
		require.Equal(t, 1, c.count("campaign_assignments WHERE constituent_id = ? AND refused_at IS NOT NULL", reads))
		require.Len(t, c.inbox(reads), 1, "what was opened stays theirs to read")
	})
}

func TestAWordAgainstThePortalHoldsASecondBeforeTheMessageIsShown(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := newTown(t, d)
		before, early, late, old, opened := c.reader(), c.reader(), c.reader(), c.reader(), c.reader()
		c.refuses(before, constituents.ChannelPortal)
		c.refuses(old, constituents.ChannelMail) // before there was a word for the portal
		c.refuses(old, constituents.ChannelSMS)
		id := c.approved(inPortal(c.segment(outreach.Offer, outreach.Benefit, before, early, late, old, opened)))
		c.refuses(early, constituents.ChannelPortal) // after the approval
		c.run(id)
		c.refuses(late, constituents.ChannelPortal) // it lies there, and nobody saw it
		require.Empty(t, c.inbox(before, early, late, old))
		require.Equal(t, 1, c.count("deliveries WHERE status = 'suppressed' AND reason = 'refused' AND constituent_id = ?", late))
		n := c.inbox(opened)
		_, err := c.notes.Open(system(), []string{opened}, n[0].ID)
		require.NoError(t, err)
		c.run(id)
		for _, who := range []string{before, early, late, old} {
			require.Equal(t, "told skipped refused", c.statusOf(id, who))
		}
		require.Equal(t, "told sent", c.statusOf(id, opened))
		require.NoError(t, c.Stop(as(c.second), id, c.get(id).Version, "內容有誤"))
		require.Len(t, c.inbox(opened), 1)

		agreed := c.reader()
		require.NoError(t, c.people.Decide(system(), agreed, constituents.Decision{Purpose: constituents.Outreach, Channel: constituents.ChannelPortal, Given: true}))
		other := c.reader()
		require.NoError(t, c.people.Decide(system(), other, constituents.Decision{Purpose: constituents.Outreach, Channel: constituents.ChannelMail, Given: true}))
		id = c.approved(inPortal(c.segment(outreach.Offer, outreach.Consented, agreed, other)))
		c.run(id)
		require.Equal(t, "told sent", c.statusOf(id, agreed))
		require.Equal(t, "told skipped no_consent", c.statusOf(id, other), "a word for mail is none for the portal")
		require.NoError(t, c.Stop(as(c.second), id, c.get(id).Version, "內容有誤"))
		require.Equal(t, 1, c.count("deliveries WHERE status = 'suppressed' AND reason = 'stopped' AND constituent_id = ?", agreed), "stopped, it is taken back at once")
		require.Empty(t, c.inbox(agreed))
	})
}

// dying notes a message and then the process ends, once.
type dying struct {
	Messages
	died bool
}

func (m *dying) Invite(ctx context.Context, i notify.Inviting) (string, error) {
	id, err := m.Messages.Invite(ctx, i)
	if err == nil && !m.died {
		m.died = true
		return "", errors.New("the process ended")
	}
	return id, err
}

func TestThePortalKeepsWhatTheMailKeeps(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := newTown(t, d)
		people := []string{c.reader(), c.reader(), c.reader(), c.reader(), c.reader()}
		c.wait(5 * time.Hour) // 21:00
		id := c.approved(inPortal(c.segment(outreach.Offer, outreach.Benefit, people...)))
		merge := func(from, into string) {
			c.exec("UPDATE constituents SET merged_into_id = ?, head_id = ? WHERE id = ?", into, into, from)
		}
		merge(people[1], people[0]) // before anything is sent
		c.exec("UPDATE campaign_assignments SET arm = 'held', status = 'kept' WHERE campaign_id = ? AND constituent_id = ?", id, people[2])
		merge(people[3], people[2]) // one of them is held back
		c.Messages = &dying{Messages: c.notes}
		require.Error(t, c.Run(system(), id))
		require.Zero(t, c.count("deliveries"), "neither the message nor that it was noted")
		require.Equal(t, 4, c.count("campaign_assignments WHERE campaign_id = ? AND status = 'waiting'", id))
		c.run(id)
		c.run(id)
		require.Equal(t, 2, c.count("deliveries WHERE channel = 'inapp'"), "each person once, by night too: it rings nowhere")
		require.Equal(t, "told skipped merged", c.statusOf(id, people[3]))
		require.Empty(t, c.inbox(people[2:4]...))
		merge(people[4], people[0]) // after both were told
		require.NoError(t, c.countNow(system(), c.get(id)))
		r, err := c.Result(system(), c.get(id))
		require.NoError(t, err)
		require.EqualValues(t, 1, r.Told, "one person")
		require.Equal(t, []Way{{notify.InApp, 1, 0}}, r.Ways)

		who := c.reader()
		for range 3 {
			c.wait(time.Hour)
			id = c.approved(inPortal(c.segment(outreach.Offer, outreach.Benefit, who)))
			c.run(id)
		}
		require.Equal(t, "told waiting capped", c.statusOf(id, who), "the cap counts it")
	})
}

func TestWhoeverIsErasedStaysANumberAndIsToldNoMore(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := newTown(t, d)
		told, waits, stays := c.reader(), c.person("en"), c.reader()
		p := inPortal(c.segment(outreach.Offer, outreach.Benefit, told, stays))
		id := c.approved(p)
		c.run(id)
		p = inPortal(c.segment(outreach.Offer, outreach.Benefit, waits))
		p.Texts[notify.Mail] = plan("").Texts[notify.Mail]
		next := c.approved(p)
		for _, who := range []string{told, waits} {
			require.NoError(t, d.Tx(system(), func(ctx context.Context) error {
				if err := c.notes.Erase(ctx, []string{who}, nil); err != nil {
					return err
				}
				return c.people.Erase(ctx, []string{who}, c.now())
			}))
		}
		c.run(next)
		require.Contains(t, c.statusOf(next, waits), "told skipped")
		require.Zero(t, c.count("deliveries WHERE constituent_id = ?", waits))
		r, err := c.Result(system(), c.get(id))
		require.NoError(t, err)
		require.Equal(t, [2]int64{2, 2}, [2]int64{r.Told, r.Laid}, "the figures stay")
		require.Zero(t, c.count("deliveries WHERE address_cipher IS NOT NULL AND constituent_id = ?", told), "and lead to nobody")
		require.Zero(t, c.count("contact_points WHERE constituent_id = ? AND value_cipher IS NOT NULL", waits))
	})
}

// Whom the law lets a campaign tell, who takes messages and who wants them is noted at
// approval, of those held back too; what happens later changes nothing of it.
func TestWhoCouldBeToldIsFixedAtApproval(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := newTown(t, d)
		could := func(id, who string) string {
			var v []bool
			require.NoError(t, d.From(t.Context()).Raw("SELECT contactable FROM campaign_assignments WHERE campaign_id = ? AND constituent_id = ?", id, who).Scan(&v).Error)
			require.Len(t, v, 1)
			return map[bool]string{true: "could", false: "could not"}[v[0]]
		}
		mailed, reads, refused, elsewhere, bounced, twice, part := c.person("en"), c.reader(), c.person("en"), c.person("en"), c.person("en"), c.person("en"), c.person("en")
		c.joins(elsewhere)
		c.refuses(refused, "mail")
		c.refuses(elsewhere, "mail") // and reads the portal
		c.refuses(part, "mail")
		c.exec("UPDATE constituents SET merged_into_id = ?, head_id = ? WHERE id = ?", twice, twice, part) // refused under another record
		c.exec("UPDATE contact_points SET bounced_at = ? WHERE constituent_id = ?", c.now(), bounced)
		p := inPortal(c.segment(outreach.Offer, outreach.Benefit, mailed, reads, refused, elsewhere, bounced, twice))
		p.Texts[notify.Mail] = plan("").Texts[notify.Mail]
		id := c.approved(p)
		for who, want := range map[string]string{mailed: "could", reads: "could", refused: "could not", elsewhere: "could", bounced: "could not", twice: "could not"} {
			require.Equal(t, want, could(id, who))
		}
		c.refuses(mailed, "mail")
		c.exec("UPDATE campaign_assignments SET arm = 'held', status = 'kept' WHERE constituent_id = ?", reads)
		c.works()
		c.run(id)
		c.settled()
		r, err := c.Result(system(), c.get(id))
		require.NoError(t, err)
		require.EqualValues(t, 3, *r.Contactable, "one has refused since, and one is held back: both could be told")
		require.EqualValues(t, 6, r.Eligible())
		c.exec("UPDATE campaign_assignments SET contactable = NULL WHERE constituent_id = ?", reads)
		r, err = c.Result(system(), c.get(id))
		require.NoError(t, err)
		require.Nil(t, r.Contactable, "what was not noted of somebody is not told of all")

		consented := plan(c.segment(outreach.Offer, outreach.Consented, refused, bounced))
		require.NoError(t, c.people.Decide(system(), refused, constituents.Decision{Purpose: constituents.Outreach, Channel: "mail", Given: true}))
		c.exec("UPDATE contact_points SET bounced_at = NULL WHERE constituent_id = ?", bounced)
		id = c.approved(consented)
		require.Equal(t, "could", could(id, refused), "agreed since")
		require.Equal(t, "could not", could(id, bounced), "never agreed, and the ground is consent")
	})
}

// Many records are asked for at once: what is noted of each person is what a message to them
// would find, and it takes no more statements for many than for few.
func TestWhoCouldBeToldIsAskedOfAllRecordsAtOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := newTown(t, d)
		r := rand.New(rand.NewPCG(3, 5))
		var heads []string
		for i := range 40 {
			records := []string{c.person("en")}
			for range r.IntN(4) { // a chain
				next := []func() string{func() string { return c.person("en") }, c.reader}[r.IntN(2)]()
				c.exec("UPDATE constituents SET merged_into_id = ?, head_id = ? WHERE id = ?", records[len(records)-1], records[0], next)
				records = append(records, next)
			}
			for _, who := range records {
				if r.IntN(3) == 0 {
					c.exec("UPDATE contact_points SET verified_at = NULL WHERE constituent_id = ?", who)
				}
				for range r.IntN(3) {
					by := constituents.OutreachChannels[r.IntN(len(constituents.OutreachChannels))]
					require.NoError(t, c.people.Decide(system(), who, constituents.Decision{Purpose: constituents.Outreach, Channel: by, Given: r.IntN(2) == 0}))
				}
			}
			if i%9 == 0 {
				c.exec("UPDATE accounts SET status = 'disabled' WHERE constituent_id IN ?", records)
			}
			heads = append(heads, records[0])
		}
		var asked atomic.Int64
		counting, err := db.Open(t.Context(), d.URL(), db.Options{OnQuery: func() { asked.Add(1) }})
		require.NoError(t, err)
		t.Cleanup(func() { _ = counting.Close() })
		counted := *c.Service
		counted.DB = counting
		for _, basis := range []outreach.Basis{outreach.Benefit, outreach.Consented} {
			var statements []int64
			for _, of := range [][]string{heads[:1], heads} {
				p := inPortal(c.segment(outreach.Offer, basis, of...))
				p.Texts[notify.Mail] = plan("").Texts[notify.Mail]
				id := c.approved(p)
				k := c.get(id)
				c.exec("UPDATE campaign_assignments SET contactable = NULL WHERE campaign_id = ?", id)
				asked.Store(0)
				require.NoError(t, counted.fixContactable(system(), k, c.Messages.Carries))
				statements = append(statements, asked.Load())
				texts, err := c.Texts(system(), id)
				require.NoError(t, err)
				could := 0
				for _, who := range of {
					family, err := c.people.Whole(system(), who)
					require.NoError(t, err)
					_, why, err := c.way(system(), k, texts, family)
					require.NoError(t, err)
					n := c.count("campaign_assignments WHERE campaign_id = ? AND constituent_id = ? AND contactable", id, who)
					require.Equal(t, why == "", n == 1, "%s: %s", basis, why)
					could += n
				}
				if len(of) > 1 {
					require.True(t, could > 3 && could < len(of)-3, "both happen: %d", could)
				}
			}
			require.Equal(t, []int64{2, 2}, statements, "the words of the campaign, and everybody")
		}
	})
}
