package offers_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/actor"
	"minqing/internal/cases"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/fault"
	"minqing/internal/i18n"
	"minqing/internal/notify"
	"minqing/internal/outreach"
	"minqing/internal/outreach/offers"
)

func TestABenefitIsMatchedConfirmedToldAgreedAndGrantedAsACase(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := newTown(t, d)
		old, young, silent := c.person("王老", 1950), c.person("李少", 2000), c.person("張不說", 0)
		b := c.published(c.heating())
		l := c.matched(b)
		require.Equal(t, []string{old}, c.list("SELECT constituent_id FROM offers WHERE list_id = ?", l.ID), "who is too young, and of whom nothing is known, is not on it")
		require.EqualValues(t, 1, l.Found)
		id := c.offer(l, old)
		e, _, _, err := c.Explain(as(c.head), l.ID, id, i18n.En)
		require.NoError(t, err)
		require.Equal(t, outreach.Yes, e.Reason.Held)
		require.Len(t, e.Reason.Of, 2)
		require.Contains(t, e.Reason.Of[1].Says, "65")

		require.Equal(t, fault.Forbidden, fault.KindOf(c.Confirm(as(c.writer), l.ID, l.Version)), "who wrote it may not confirm it")
		require.Equal(t, fault.NotFound, fault.KindOf(c.Confirm(as(c.other), l.ID, l.Version)), "nor may another bureau")
		require.Empty(t, c.told)
		require.NoError(t, c.Confirm(as(c.head), l.ID, l.Version))
		require.Equal(t, fault.Conflict, fault.KindOf(c.Confirm(as(c.head), l.ID, l.Version)))
		require.NoError(t, c.TellNow(system(), l.ID))
		require.NoError(t, c.TellNow(system(), l.ID), "told twice, nothing is told anew")
		require.Equal(t, []notify.Telling{{Kind: notify.OfferMade, To: notify.Recipient{ConstituentID: old}, About: id, Cause: id}}, c.told)

		mine, err := c.Own(me(old), i18n.En)
		require.NoError(t, err)
		require.Len(t, mine, 1)
		require.True(t, mine[0].Open)
		require.Equal(t, "2026-12-08", mine[0].RespondOn.String())
		for _, who := range []string{young, silent} {
			none, err := c.Own(me(who), i18n.En)
			require.NoError(t, err)
			require.Empty(t, none)
			require.Equal(t, fault.NotFound, fault.KindOf(c.Answer(me(who), id, offers.Agree, "")), "nobody answers for somebody else")
		}
		require.NoError(t, c.Answer(me(old), id, offers.Agree, ""))
		require.NoError(t, c.GrantNow(system(), id))
		require.NoError(t, c.GrantNow(system(), id), "granted twice, it is granted once")
		require.Equal(t, offers.Granted, c.state(id))
		c.isACase(id, old)
		require.Equal(t, fault.Conflict, fault.KindOf(c.Answer(me(old), id, offers.Object, "")))
		l2 := c.matched(b)
		require.Zero(t, l2.Found, "who has it this year is not matched again")
	})
}

// isACase says that a granted offer is a concluded case of its person, which its
// unit had and which they may judge.
func (c *town) isACase(offer, person string) {
	c.t.Helper()
	ids := c.list("SELECT case_id FROM offers WHERE id = ?", offer)
	one, err := c.cases.ByID(system(), ids[0])
	require.NoError(c.t, err)
	require.Equal(c.t, cases.Concluded, one.Status)
	require.Equal(c.t, cases.ChannelOffer, one.Channel)
	require.Equal(c.t, cases.Resolved, one.Outcome)
	require.Equal(c.t, "冬季取暖補助", one.Title)
	require.Equal(c.t, c.list("SELECT id FROM units WHERE code = 'MZ'")[0], one.UnitID)
	require.Equal(c.t, c.head, *one.HandlerID, "who confirmed it has it")
	who, err := c.cases.Requester(system(), one.ID)
	require.NoError(c.t, err)
	require.Equal(c.t, person, who)
	require.Equal(c.t, 1, c.count("SELECT COUNT(*) FROM cases"))
	require.Equal(c.t, []string{"file", "accept", "dispatch", "sign_in", "assign", "reply", "conclude"}, c.list("SELECT action FROM case_events WHERE case_id = ? ORDER BY seq", one.ID))
	require.Equal(c.t, []string{"system"}, c.list("SELECT DISTINCT actor_kind FROM case_events WHERE case_id = ?", one.ID))
	require.Equal(c.t, 1, c.count("SELECT COUNT(*) FROM case_messages WHERE case_id = ? AND direction = 'out' AND published AND text LIKE '%《老年人權益保障法》第 33 條%'", one.ID))
	require.Equal(c.t, 1, c.count("SELECT COUNT(*) FROM river_job WHERE kind = 'case.told'"), "the person hears once, with the conclusion")
	_, err = c.cases.ByEvaluationToken(system(), c.cases.EvaluationToken(one))
	require.NoError(c.t, err, "it can be judged")
	_, err = c.cases.Track(actor.With(system(), actor.Actor{Kind: actor.Anonymous}), cases.Key{CaseNo: one.CaseNo, QueryCode: c.cases.QueryCode(one)})
	require.NoError(c.t, err, "and followed")
}

func TestSilenceGrantsAServiceAndLetsMoneyLapse(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := newTown(t, d)
		old := c.person("王老", 1950)
		w := c.heating()
		money := c.offer(c.confirmed(c.published(w)), old)
		w.Code, w.MovesMoney = "service", false
		service := c.offer(c.confirmed(c.published(w)), old)
		w.Code = "unwanted"
		unwanted := c.offer(c.confirmed(c.published(w)), old)
		c.told = nil
		require.NoError(t, c.Answer(me(old), unwanted, offers.Object, "不需要"))
		require.NoError(t, c.Answer(me(old), unwanted, offers.Back, ""))
		require.Equal(t, offers.Offered, c.state(unwanted))
		require.NoError(t, c.Answer(me(old), unwanted, offers.Object, "真的不需要"))

		c.later = 14*24*time.Hour + 7*time.Hour + 59*time.Minute // 23:59 of the last day, in the city
		require.NoError(t, c.Sweep(system()))
		require.Equal(t, offers.Offered, c.state(money))
		c.later += time.Minute
		require.Equal(t, fault.Conflict, fault.KindOf(c.Answer(me(old), money, offers.Agree, "")), "too late")
		require.Equal(t, fault.Conflict, fault.KindOf(c.Answer(me(old), unwanted, offers.Back, "")))
		require.NoError(t, c.Sweep(system()))
		require.NoError(t, c.Sweep(system()))
		require.Equal(t, offers.Lapsed, c.state(money))
		require.Equal(t, []notify.Telling{{Kind: notify.OfferEnded, To: notify.Recipient{ConstituentID: old}, About: money, Cause: money}}, c.told)
		require.Equal(t, offers.Agreed, c.state(service))
		require.NoError(t, c.GrantNow(system(), service))
		require.Equal(t, offers.Granted, c.state(service))
		require.Equal(t, offers.Objected, c.state(unwanted))
		require.NoError(t, c.GrantNow(system(), unwanted))
		require.NoError(t, c.GrantNow(system(), money))
		require.Equal(t, 1, c.count("SELECT COUNT(*) FROM cases"))
		mine, err := c.Own(me(old), i18n.ZhHant)
		require.NoError(t, err)
		require.Equal(t, "真的不需要", mine[0].Note)
	})
}

func TestWhatFitsNoMoreIsRefusedWithReasons(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := newTown(t, d)
		old, gone := c.person("王老", 1950), c.person("陳亡", 1940)
		l := c.confirmed(c.published(c.heating()))
		id, erased := c.offer(l, old), c.offer(l, gone)
		require.NoError(t, c.Answer(me(old), id, offers.Agree, ""))
		require.NoError(t, c.Answer(me(gone), erased, offers.Agree, ""))
		c.exec("UPDATE constituents SET birth_year = 1990 WHERE id = ?", old) // the year was a slip
		c.exec("UPDATE constituents SET erased_at = ? WHERE id = ?", at, gone)
		c.told = nil
		require.NoError(t, c.GrantNow(system(), id))
		require.NoError(t, c.GrantNow(system(), erased))
		require.Equal(t, offers.Refused, c.state(id))
		require.Equal(t, offers.Refused, c.state(erased))
		require.Zero(t, c.count("SELECT COUNT(*) FROM cases"))
		require.Equal(t, []notify.Telling{{Kind: notify.OfferEnded, To: notify.Recipient{ConstituentID: old}, About: id, Cause: id}}, c.told, "nobody is told who was erased")
		mine, err := c.Own(me(old), i18n.En)
		require.NoError(t, err)
		require.Equal(t, "no_longer", mine[0].Offer.Reason)
		require.Equal(t, outreach.No, mine[0].Reason.Held)
		require.Equal(t, outreach.No, mine[0].Reason.Of[1].Held, "it says which condition")
		c.exec("UPDATE constituents SET birth_year = 1950 WHERE id = ?", old)
		require.EqualValues(t, 1, c.matched(l.BenefitID).Found, "when it fits again, it is offered again")
	})
}

func TestOneWhoWasMergedGetsItOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := newTown(t, d)
		one, twin, third := c.person("王老", 1950), c.person("王老", 1950), c.person("王老", 1950)
		b := c.published(c.heating())
		l := c.confirmed(b)
		first, second, last := c.offer(l, one), c.offer(l, twin), c.offer(l, third)
		for person, id := range map[string]string{one: first, twin: second, third: last} {
			require.NoError(t, c.Answer(me(person), id, offers.Agree, ""))
		}
		c.exec("UPDATE constituents SET merged_into_id = ? WHERE id = ?", twin, third) // a chain: third, twin, one
		c.exec("UPDATE constituents SET merged_into_id = ? WHERE id = ?", one, twin)
		require.NoError(t, c.people.Rehang(system()))
		for _, id := range []string{last, second, first} {
			require.NoError(t, c.GrantNow(system(), id))
		}
		require.Equal(t, 1, c.count("SELECT COUNT(*) FROM cases"))
		require.Equal(t, 1, c.count("SELECT COUNT(*) FROM offers WHERE state = 'granted'"))
		require.Equal(t, 2, c.count("SELECT COUNT(*) FROM offers WHERE state = 'refused' AND reason = 'twice'"))
		who := c.list("SELECT p.constituent_id FROM case_parties p WHERE p.role = 'requester'")
		require.Equal(t, []string{one}, who, "it is a case of the record that stands for all")
		require.Zero(t, c.matched(b).Found)
	})
}
