package offers_test

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/fault"
	"minqing/internal/i18n"
	"minqing/internal/outreach"
	"minqing/internal/outreach/offers"
)

func fields(err error) (names []string) {
	e, ok := fault.As(err)
	if !ok {
		return nil
	}
	for _, f := range e.Fields {
		names = append(names, f.Name)
	}
	return names
}

func TestABenefitThatCannotBeUsedSaysEverythingAtOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := newTown(t, d)
		_, err := c.Create(as(c.writer), offers.Written{Code: "No Code", WindowDays: 0, MovesMoney: true})
		require.Subset(t, fields(err), []string{"code", "name.zh-Hant", "name.zh-Hans", "name.en", "gives.en", "about.zh-Hans", "law", "amount", "window", "per", "unit", "matter", "n"})
		w := c.heating()
		w.Root = rule(t, `{"op":"all","of":[{"op":"cond","leaf":"cases","with":{"within":90,"at_least":1}}]}`)
		_, err = c.Create(as(c.writer), w)
		require.Equal(t, []string{"n.0"}, fields(err), "what somebody filed is no condition")
		w.Root, w.UnitCode = rule(t, aged), "MZ"
		_, err = c.Create(as(c.other), w)
		require.Equal(t, []string{"unit"}, fields(err), "for another bureau nobody writes")
		w.MatterCode = "street-light"
		_, err = c.Create(as(c.writer), w)
		require.Equal(t, []string{"matter"}, fields(err), "nobody is there to name the place")
		w = c.heating()
		id := c.published(w)
		_, err = c.Create(as(c.writer), w)
		require.Equal(t, []string{"code"}, fields(err))
		require.NoError(t, c.Change(as(c.writer), id, 1, w))
		require.Equal(t, fault.Conflict, fault.KindOf(c.Change(as(c.writer), id, 1, w)), "two at once: the second is told")
		require.NoError(t, c.End(as(c.writer), id, 2))
		_, err = c.Match(as(c.writer), id)
		require.Equal(t, fault.Conflict, fault.KindOf(err))
		_, err = c.Public(system(), w.Code)
		require.Equal(t, fault.NotFound, fault.KindOf(err))
	})
}

func TestAListIsTrimmedByReasonsAndNobodyOnItTwice(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := newTown(t, d)
		one, two := c.person("王老", 1950), c.person("張老", 1948)
		b := c.published(c.heating())
		l := c.matched(b)
		_, err := c.Match(as(c.writer), b)
		require.Equal(t, fault.Conflict, fault.KindOf(err), "one list waits at a time")
		id := c.offer(l, one)
		require.Equal(t, []string{"reason"}, fields(c.Trim(as(c.head), l.ID, id, "", "")))
		require.Equal(t, []string{"note"}, fields(c.Trim(as(c.head), l.ID, id, "other", " ")))
		require.Equal(t, []string{"note"}, fields(c.Trim(as(c.head), l.ID, id, "other", strings.Repeat("字", 501))))
		require.Equal(t, fault.NotFound, fault.KindOf(c.Trim(as(c.other), l.ID, id, "moved", "")))
		require.NoError(t, c.Trim(as(c.head), l.ID, id, "other", "家人來電，住安養院。"))
		require.Equal(t, fault.Conflict, fault.KindOf(c.Trim(as(c.head), l.ID, id, "moved", "")))
		e, _, _, err := c.Explain(as(c.head), l.ID, id, i18n.En)
		require.NoError(t, err)
		require.Equal(t, "家人來電，住安養院。", e.Note)
		require.Zero(t, c.count("SELECT COUNT(*) FROM audit_entries WHERE CAST(changes AS text) LIKE '%安養院%' OR reason LIKE '%安養院%'"), "the trail has no words about somebody")
		off := func(who string) string {
			p, err := c.Public(system(), "heating")
			require.NoError(t, err)
			w, err := c.WhyNot(me(who), p, i18n.En)
			require.NoError(t, err)
			require.Equal(t, outreach.Yes, w.Reason.Held)
			return w.Off
		}
		require.Empty(t, off(one), "until the list is confirmed it may be put right")
		require.NoError(t, c.Confirm(as(c.head), l.ID, l.Version))
		require.Equal(t, "other", off(one))
		require.Empty(t, off(two))
		require.NoError(t, c.TellNow(system(), l.ID))
		require.Len(t, c.told, 1)
		require.Equal(t, two, c.told[0].To.ConstituentID)
		require.Equal(t, fault.Conflict, fault.KindOf(c.Untrim(as(c.head), l.ID, id)), "a confirmed list stays as it is")
		require.Zero(t, c.matched(b).Found, "who was taken off is not matched again this year")
		c.later = 60 * 24 * time.Hour
		l = c.list2(b)
		require.EqualValues(t, 2, l.Found, "a new year, a new allowance")
		require.NoError(t, c.Drop(as(c.writer), l.ID, l.Version))
		require.Equal(t, fault.Conflict, fault.KindOf(c.Confirm(as(c.head), l.ID, l.Version+1)))
		require.EqualValues(t, 2, c.matched(b).Found, "a dropped list takes nobody's place")
	})
}

// list2 drops the list that waits and matches anew.
func (c *town) list2(benefit string) *offers.List {
	c.t.Helper()
	lists, err := c.Lists(as(c.writer), benefit)
	require.NoError(c.t, err)
	require.NoError(c.t, c.Drop(as(c.writer), lists[0].ID, lists[0].Version))
	return c.matched(benefit)
}

func TestALinkAnswersOneOfferAndNothingElse(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := newTown(t, d)
		one, two := c.person("王老", 1950), c.person("張老", 1948)
		l := c.confirmed(c.published(c.heating()))
		rows, err := c.Rows(as(c.head), l, "", "")
		require.NoError(t, err)
		tokens := map[string]string{}
		for _, r := range rows.Items {
			tokens[r.ConstituentID] = c.Token(&r.Offer)
		}
		m, err := c.ByToken(system(), tokens[one], i18n.En)
		require.NoError(t, err)
		require.Equal(t, one, m.ConstituentID)
		for _, bad := range []string{"", "x", tokens[one][:37], tokens[one] + "0", tokens[two][:36] + tokens[one][36:], strings.Repeat("-", 63)} {
			_, err := c.ByToken(system(), bad, i18n.En)
			require.Equal(t, fault.NotFound, fault.KindOf(err), bad)
			require.Equal(t, fault.NotFound, fault.KindOf(c.AnswerByToken(system(), bad, offers.Agree, "")), bad)
		}
		require.NoError(t, c.AnswerByToken(system(), tokens[one], offers.Object, "不要"))
		require.NoError(t, c.AnswerByToken(system(), tokens[one], offers.Object, "不要"), "pressed twice")
		require.Equal(t, offers.Objected, c.state(c.offer(l, one)))
		require.Equal(t, offers.Offered, c.state(c.offer(l, two)))
		n, err := c.RenewCodes(system(), "k1", 10)
		require.NoError(t, err)
		require.EqualValues(t, 2, n)
		_, err = c.ByToken(system(), tokens[two], i18n.En)
		require.Equal(t, fault.NotFound, fault.KindOf(err), "a renewed link ends the old one")
	})
}

func TestWhyNotMeSaysEveryCondition(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := newTown(t, d)
		people := map[string]outreach.Held{c.person("王老", 1950): outreach.Yes, c.person("李少", 2000): outreach.No, c.person("張不說", 0): outreach.Unknown}
		c.published(c.heating())
		b, err := c.Public(system(), "heating")
		require.NoError(t, err)
		for who, held := range people {
			for _, l := range i18n.Langs {
				w, err := c.WhyNot(me(who), b, l)
				require.NoError(t, err)
				require.Equal(t, held, w.Reason.Held)
				require.Equal(t, outreach.Yes, w.Reason.Of[0].Held)
				require.Equal(t, held, w.Reason.Of[1].Held)
				require.Contains(t, w.Reason.Of[1].Says, "65")
				require.Nil(t, w.Offer)
			}
		}
		w, err := c.WhyNot(as(c.writer), b, i18n.En)
		require.NoError(t, err)
		require.Nil(t, w, "of staff nothing is said here")
	})
}

// A failure in the middle leaves an offer as it was, and the job goes on later.
func TestTellingGoesOnWhereItWasInterrupted(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := newTown(t, d)
		c.person("王老", 1950)
		c.person("張老", 1948)
		l := c.matched(c.published(c.heating()))
		require.NoError(t, c.Confirm(as(c.head), l.ID, l.Version))
		c.fails = errors.New("the database is away")
		require.Error(t, c.TellNow(system(), l.ID))
		require.Equal(t, 2, c.count("SELECT COUNT(*) FROM offers WHERE state = 'confirmed'"))
		c.fails = nil
		require.NoError(t, c.TellNow(system(), l.ID))
		require.Len(t, c.told, 2)
		require.Equal(t, 2, c.count("SELECT COUNT(*) FROM offers WHERE state = 'offered'"))
	})
}

func TestTwoGrantsAtOnceAreOne(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := newTown(t, d)
		one, twin := c.person("王老", 1950), c.person("王老", 1950)
		l := c.confirmed(c.published(c.heating()))
		first, second := c.offer(l, one), c.offer(l, twin)
		require.NoError(t, c.Answer(me(one), first, offers.Agree, ""))
		require.NoError(t, c.Answer(me(twin), second, offers.Agree, ""))
		c.exec("UPDATE constituents SET merged_into_id = ?, head_id = ? WHERE id = ?", one, one, twin)
		var all sync.WaitGroup
		failed := make([]error, 6)
		for i := range failed {
			all.Go(func() { failed[i] = c.GrantNow(system(), []string{first, second}[i%2]) })
		}
		all.Wait()
		for _, err := range failed {
			require.NoError(t, err)
		}
		require.Equal(t, 1, c.count("SELECT COUNT(*) FROM cases"))
		require.Equal(t, 1, c.count("SELECT COUNT(*) FROM offers WHERE state = 'granted'"))
		require.Equal(t, 1, c.count("SELECT COUNT(*) FROM offers WHERE state = 'refused' AND reason = 'twice'"))
	})
}

// Whoever may write and confirm still never confirms what they wrote or matched.
func TestTwoPeopleLookAtEveryList(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := newTown(t, d)
		c.person("王老", 1950)
		both := c.staff("head", "MZ")
		c.exec("INSERT INTO grants (id, account_id, role, unit_id, valid_from, created_at) SELECT ?, ?, 'outreach_officer', id, ?, ? FROM units WHERE code = 'LJ'", db.NewID(at), both, at.Add(-time.Hour), at)
		b := c.published(c.heating())
		id, err := c.Match(as(both), b)
		require.NoError(t, err)
		require.NoError(t, c.MatchNow(system(), id))
		l, _, err := c.ListOf(as(both), id)
		require.NoError(t, err)
		require.Equal(t, fault.Forbidden, fault.KindOf(c.Confirm(as(both), id, l.Version)), "who had it matched")
		deputy := c.staff("head", "MZ")
		c.exec("UPDATE grants SET deputy_for_id = ? WHERE account_id = ?", both, deputy)
		require.Equal(t, fault.Forbidden, fault.KindOf(c.Confirm(as(deputy), id, l.Version)), "nor their deputy")
		require.NoError(t, c.Drop(as(both), id, l.Version))
		require.NoError(t, c.Change(as(both), b, 1, c.heating()))
		l = c.matched(b)
		require.Equal(t, fault.Forbidden, fault.KindOf(c.Confirm(as(both), l.ID, l.Version)), "who wrote it last")
		require.Equal(t, 1, c.count("SELECT COUNT(*) FROM offers WHERE list_id = ? AND state = 'matched'", l.ID))
		require.NoError(t, c.Confirm(as(c.head), l.ID, l.Version))

		stands := c.staff("outreach_officer", "LJ")
		c.exec("UPDATE grants SET deputy_for_id = ? WHERE account_id = ?", c.head, stands)
		id, err = c.Match(as(stands), b)
		require.NoError(t, err)
		require.NoError(t, c.MatchNow(system(), id))
		l, _, err = c.ListOf(as(stands), id)
		require.NoError(t, err)
		require.Equal(t, fault.Forbidden, fault.KindOf(c.Confirm(as(c.head), id, l.Version)), "in whose place it was matched")
		require.NoError(t, c.Drop(as(stands), id, l.Version))
		require.NoError(t, c.Change(as(stands), b, 2, c.heating()))
		l = c.matched(b)
		require.Equal(t, fault.Forbidden, fault.KindOf(c.Confirm(as(c.head), l.ID, l.Version)), "in whose place it was written")
	})
}
