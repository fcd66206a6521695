package enterprises_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"minqing/internal/actor"
	"minqing/internal/constituents"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/enterprises"
	"minqing/internal/fault"
)

func TestRolesCoverWhatIsBelowThem(t *testing.T) {
	may := map[enterprises.Role]int{enterprises.Owner: 4, enterprises.Manager: 3, enterprises.Applicant: 2, enterprises.Reader: 1, "": 0, "king": 0}
	for role, n := range may {
		for i, act := range []enterprises.Act{enterprises.Read, enterprises.Apply, enterprises.Manage, enterprises.Own} {
			require.Equal(t, i < n, role.May(act), "%s %s", role, act)
		}
		require.False(t, role.May("burn"))
	}
}

func TestWhoMayActForAnEnterprise(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		owner, stranger := h.person("olga"), h.person("stan")
		id := h.owned(owner)

		mine, err := h.Mine(owner)
		require.NoError(t, err)
		require.Len(t, mine, 1)
		require.Equal(t, enterprises.Membership{EnterpriseID: id, Name: lechuan.Name, Role: enterprises.Owner, Since: mine[0].Since, Scope: []string{}}, mine[0])
		require.WithinDuration(t, h.now(), mine[0].Since, 0)
		require.NoError(t, h.Can(owner, id, enterprises.Own))
		require.NoError(t, h.Can(system(), id, enterprises.Own))

		mine, err = h.Mine(stranger)
		require.NoError(t, err)
		require.Empty(t, mine)
		for _, who := range []context.Context{stranger, context.Background(), actor.With(context.Background(), actor.Actor{Kind: actor.Staff, AccountID: actor.From(owner).AccountID})} {
			require.Equal(t, fault.NotFound, fault.KindOf(h.Can(who, id, enterprises.Read)))
		}
		for _, wrong := range []string{"", "x", "0197f3a0-0000-7000-8000-000000000000", "'; DROP TABLE enterprises; --"} {
			require.Equal(t, fault.NotFound, fault.KindOf(h.Can(owner, wrong, enterprises.Read)), wrong)
		}
		names, err := h.Names(stranger, id)
		require.NoError(t, err)
		require.Equal(t, map[string]string{id: lechuan.Name}, names)
		require.EqualValues(t, 1, h.count("constituent_relations WHERE to_id = ? AND kind = 'member' AND valid_to IS NULL", id))
	})
}

func TestASessionActsForWhomItChose(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		owner, stranger := h.person("olga"), h.person("stan")
		id := h.owned(owner)
		as := func(ctx context.Context) string {
			m, err := h.Acting(ctx)
			require.NoError(t, err)
			if m == nil {
				return ""
			}
			return m.EnterpriseID
		}
		require.Empty(t, as(owner), "nobody acts for an enterprise without choosing it")
		require.Equal(t, fault.NotFound, fault.KindOf(h.Switch(stranger, id)))
		require.NoError(t, h.Switch(owner, id))
		require.NoError(t, h.Switch(owner, id))
		require.Equal(t, id, as(owner))
		require.Empty(t, as(stranger))
		a := actor.From(owner)
		a.SessionID = ""
		require.Empty(t, as(actor.With(owner, a)), "another session of the same account")
		require.NoError(t, h.Switch(owner, ""))
		require.Empty(t, as(owner))
		require.NoError(t, h.Switch(owner, id))
		require.NoError(t, d.From(system()).Exec("DELETE FROM sessions WHERE id = ?", actor.From(owner).SessionID).Error)
		require.Zero(t, h.count("enterprise_acting"), "the choice ends with the session")
	})
}

func TestTheSameEnterpriseIsMadeOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		known, err := h.known.Create(system(), constituents.Contact{Kind: constituents.Enterprise, Name: "樂川"}, "zh-Hans")
		require.NoError(t, err)
		_, err = h.known.AddNumber(system(), known, constituents.Document{Kind: constituents.USCC, Value: lechuan.Code, Seen: true})
		require.NoError(t, err)
		claimed, err := h.known.Create(system(), constituents.Contact{Kind: constituents.Enterprise, Name: "樂川"}, "zh-Hans")
		require.NoError(t, err)
		_, err = h.known.AddNumber(system(), claimed, constituents.Document{Kind: constituents.USCC, Value: lechuan.Code})
		require.NoError(t, err)

		first, second := h.person("olga"), h.person("otto")
		answers := make(chan error, 2)
		for _, who := range []context.Context{first, second} {
			go func() {
				_, err := h.Establish(system(), lechuan, actor.From(who).AccountID, "zh-Hans")
				answers <- err
			}()
		}
		var won int
		for range 2 {
			if err := <-answers; err == nil {
				won++
			} else {
				require.Equal(t, fault.Conflict, fault.KindOf(err), "%v", err)
			}
		}
		require.Equal(t, 1, won)
		require.EqualValues(t, 1, h.count("enterprises WHERE id = ?", known), "the record that a document showed, not the one somebody only named")
		require.EqualValues(t, 1, h.count("enterprise_members"))
	})
}
