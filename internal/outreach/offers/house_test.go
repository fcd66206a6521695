package offers_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"minqing/internal/actor"
	"minqing/internal/cases"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/fault"
	"minqing/internal/i18n"
	"minqing/internal/outreach"
	"minqing/internal/outreach/offers"
)

// house says for whom each constituent who is signed in acts.
type house map[string]cases.For

func (h house) Acting(ctx context.Context) (*cases.For, error) {
	if as, ok := h[actor.From(ctx).ConstituentID]; ok {
		return &as, nil
	}
	return nil, nil
}

func (h house) Of(ctx context.Context, id string) (*cases.For, error) {
	as, err := h.Acting(ctx)
	if as != nil && as.ConstituentID != id {
		return nil, err
	}
	return as, err
}

const enterprise = `{"op":"cond","leaf":"kind","with":{"is":"enterprise"}}`

// What an enterprise is offered is seen by its members, answered by those who may speak
// for it, and by no agent: their authority is for permits.
func TestMembersAnswerForTheirEnterprise(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := newTown(t, d)
		owner, reader, agent, stranger, shop := c.person("樂小川", 1980), c.person("何小帳", 1990), c.person("鍾代辦", 1985), c.person("李少", 2000), c.person("樂川商行", 0)
		c.exec("UPDATE constituents SET kind = 'enterprise' WHERE id = ?", shop)
		w := c.heating()
		w.Root = &outreach.Node{Op: outreach.All, Of: []*outreach.Node{rule(t, enterprise)}}
		b := c.published(w)
		l := c.confirmed(b)
		require.EqualValues(t, 1, l.Found)
		id := c.offer(l, shop)
		n, err := c.Waiting(me(owner))
		require.NoError(t, err)
		require.Zero(t, n, "for themselves they are offered nothing")

		c.cases.Represented = house{owner: {ConstituentID: shop, Speaks: true}, reader: {ConstituentID: shop}, agent: {ConstituentID: shop, Speaks: true, OwnOnly: true}}
		for who, sees := range map[string]int{owner: 1, reader: 1, agent: 0, stranger: 0} {
			n, err := c.Waiting(me(who))
			require.NoError(t, err)
			require.Equal(t, sees, n)
			own, err := c.Own(me(who), i18n.ZhHant)
			require.NoError(t, err)
			require.Len(t, own, sees)
		}
		benefit, err := c.Public(system(), w.Code)
		require.NoError(t, err)
		why, err := c.WhyNot(me(reader), benefit, i18n.En)
		require.NoError(t, err)
		require.Equal(t, outreach.Yes, why.Reason.Held, "asked of the enterprise, not of the person")
		require.NotNil(t, why.Offer)
		why, err = c.WhyNot(me(stranger), benefit, i18n.En)
		require.NoError(t, err)
		require.Equal(t, outreach.No, why.Reason.Held)
		why, err = c.WhyNot(me(agent), benefit, i18n.En)
		require.NoError(t, err)
		require.Nil(t, why)

		require.Equal(t, fault.NotFound, fault.KindOf(c.Answer(me(agent), id, offers.Agree, "")))
		require.Equal(t, fault.NotFound, fault.KindOf(c.Answer(me(stranger), id, offers.Agree, "")))
		require.Equal(t, fault.Forbidden, fault.KindOf(c.Answer(me(reader), id, offers.Agree, "")))
		require.Equal(t, offers.Offered, c.state(id))
		require.NoError(t, c.Answer(me(owner), id, offers.Agree, ""))
		require.Equal(t, 1, c.count("SELECT COUNT(*) FROM audit_entries WHERE action = 'offer.agree' AND CAST(changes AS text) LIKE ?", "%"+shop+"%"), "the trail names the enterprise")
		require.NoError(t, c.GrantNow(system(), id))
		c.isACase(id, shop)
	})
}
