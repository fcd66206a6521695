package offers_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/fault"
	"minqing/internal/i18n"
	"minqing/internal/notify"
	"minqing/internal/outreach/offers"
)

// judged merges a record into another as staff do by their judgement.
func (c *town) judged(into, id string) {
	c.exec("UPDATE constituents SET merged_into_id = ?, merged_how = 'judged' WHERE id = ?", into, id)
	require.NoError(c.t, c.people.Rehang(system()))
}

// signsIn gives a record an account.
func (c *town) signsIn(person string) {
	id := c.staff("outreach_officer", "LJ")
	c.exec("UPDATE accounts SET kind = 'citizen', constituent_id = ? WHERE id = ?", person, id)
}

func TestWhoSignsInUnderAMergedRecordAnswersTheOffer(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := newTown(t, d)
		head, mine, stranger := c.person("王老", 1950), c.person("王老", 1950), c.person("李少", 2000)
		c.signsIn(mine)
		c.judged(head, mine)
		l := c.confirmed(c.published(c.heating()))
		require.EqualValues(t, 1, l.Found)
		id := c.offer(l, head)
		n, err := c.Waiting(me(mine))
		require.NoError(t, err)
		require.Equal(t, 1, n)
		own, err := c.Own(me(mine), i18n.ZhHant)
		require.NoError(t, err)
		require.Len(t, own, 1)
		require.True(t, own[0].Open)
		require.Equal(t, fault.NotFound, fault.KindOf(c.Answer(me(stranger), id, offers.Agree, "")))
		require.NoError(t, c.Answer(me(mine), id, offers.Agree, ""))
		require.NoError(t, c.GrantNow(system(), id))
		require.Equal(t, offers.Granted, c.state(id))
		c.isACase(id, head)
	})
}

// An offer made before the merge is seen by whoever signs in under the record that
// stands for both; what belongs to an account of somebody else is not.
func TestAnOfferFromBeforeAMergeIsSeenAndAnotherAccountsIsNot(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := newTown(t, d)
		head, guest, other := c.person("王老", 1950), c.person("王老", 1950), c.person("王老", 1950)
		c.signsIn(head)
		c.signsIn(other)
		l := c.confirmed(c.published(c.heating()))
		c.judged(head, guest)
		c.judged(head, other)
		require.NoError(t, c.Answer(me(head), c.offer(l, guest), offers.Object, "不需要"))
		require.Equal(t, offers.Objected, c.state(c.offer(l, guest)))
		own, err := c.Own(me(head), i18n.ZhHant)
		require.NoError(t, err)
		require.Len(t, own, 2)
		for _, m := range own {
			require.Empty(t, m.Note, "words under a record that staff merged stay hidden")
		}
		require.Equal(t, fault.NotFound, fault.KindOf(c.Answer(me(head), c.offer(l, other), offers.Agree, "")))
		require.Equal(t, fault.NotFound, fault.KindOf(c.Answer(me(other), c.offer(l, head), offers.Agree, "")))
		require.NoError(t, c.Answer(me(other), c.offer(l, other), offers.Agree, ""), "their own they answer as before")
	})
}

func TestSilenceUnderAMergedRecordGrantsNoMoneyAndNothingUnwanted(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := newTown(t, d)
		head, twin := c.person("王老", 1950), c.person("王老", 1950)
		w := c.heating()
		money := c.confirmed(c.published(w))
		w.Code, w.MovesMoney = "service", false
		service := c.confirmed(c.published(w))
		c.judged(head, twin)
		c.told = nil
		require.NoError(t, c.Answer(me(head), c.offer(service, head), offers.Object, ""))
		c.later = 15 * 24 * time.Hour
		require.NoError(t, c.Sweep(system()))
		for _, l := range []*offers.List{money, service} {
			for _, person := range []string{head, twin} {
				require.NoError(t, c.GrantNow(system(), c.offer(l, person)))
			}
		}
		require.Zero(t, c.count("SELECT COUNT(*) FROM cases"))
		require.Equal(t, offers.Lapsed, c.state(c.offer(money, head)))
		require.Equal(t, offers.Lapsed, c.state(c.offer(money, twin)))
		require.Equal(t, offers.Objected, c.state(c.offer(service, twin)), "they said no under their other record")
		require.Len(t, c.told, 2)
		for _, told := range c.told {
			require.Equal(t, notify.OfferEnded, told.Kind)
			require.Equal(t, head, told.To.ConstituentID, "the record that stands for both is told")
		}
		c.exec("UPDATE offers SET state = 'agreed', reason = 'silent' WHERE id = ?", c.offer(money, head))
		require.NoError(t, c.GrantNow(system(), c.offer(money, head)))
		require.Zero(t, c.count("SELECT COUNT(*) FROM cases"), "however it came about, silence moves no money")
	})
}
