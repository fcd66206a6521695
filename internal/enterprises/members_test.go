package enterprises_test

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/actor"
	"minqing/internal/calendar"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/enterprises"
	"minqing/internal/fault"
	"minqing/internal/files"
	"minqing/internal/notify"
)

// invited lets somebody in by the link that was mailed to them.
func (h *house) invited(told *[]notify.Telling, by, who context.Context, id, mail string, role enterprises.Role) {
	h.t.Helper()
	_, err := h.Invite(by, id, enterprises.Invite{Mail: mail, Role: role})
	require.NoError(h.t, err)
	_, err = h.Accept(who, strings.TrimPrefix(h.mailed(told).LinkPath, "/enterprise/invitation/"), "")
	require.NoError(h.t, err)
}

func (h *house) member(ctx context.Context, id string) enterprises.Member {
	h.t.Helper()
	list, err := h.Members(ctx, id)
	require.NoError(h.t, err)
	for _, m := range list {
		if m.AccountID == actor.From(ctx).AccountID {
			return m
		}
	}
	h.t.Fatal("no member")
	return enterprises.Member{}
}

func TestAnInvitationIsBoundAndCountsOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		told := h.talking()
		olga, mia, stan := h.person("olga"), h.person("mia"), h.person("stan")
		id := h.owned(olga)
		for _, who := range []context.Context{mia, context.Background()} {
			_, err := h.Invite(who, id, enterprises.Invite{Mail: "stan@example.org", Role: enterprises.Owner})
			require.Equal(t, fault.NotFound, fault.KindOf(err))
		}
		_, err := h.Invite(olga, id, enterprises.Invite{Mail: "no address", Role: "king"})
		e, _ := fault.As(err)
		require.Len(t, e.Fields, 2)
		_, err = h.Invite(olga, id, enterprises.Invite{Mail: "Mia@Example.org", Role: enterprises.Manager})
		require.NoError(t, err)
		_, err = h.Invite(olga, id, enterprises.Invite{Mail: "mia@example.org", Role: enterprises.Reader})
		require.Equal(t, fault.Conflict, fault.KindOf(err), "one waits")
		_, err = h.Invite(olga, id, enterprises.Invite{Mail: "olga@example.org", Role: enterprises.Reader})
		require.Equal(t, fault.Conflict, fault.KindOf(err), "a member already")
		token := strings.TrimPrefix(h.mailed(told).LinkPath, "/enterprise/invitation/")

		_, err = h.Accept(stan, token, "")
		require.Equal(t, fault.Forbidden, fault.KindOf(err), "somebody else has the link")
		_, err = h.Accept(mia, token[:len(token)-1]+"!", "")
		require.Equal(t, fault.NotFound, fault.KindOf(err))
		_, err = h.Accept(mia, token, "")
		require.NoError(t, err)
		require.NoError(t, h.Can(mia, id, enterprises.Manage))
		_, err = h.Accept(mia, token, "")
		require.Equal(t, fault.Conflict, fault.KindOf(err), "used")
		_, err = h.Invite(mia, id, enterprises.Invite{Mail: "stan@example.org", Role: enterprises.Owner})
		require.Equal(t, fault.Forbidden, fault.KindOf(err), "managers make no owners")

		invitation, err := h.Invite(mia, id, enterprises.Invite{Mail: "stan@example.org", Role: enterprises.Reader})
		require.NoError(t, err)
		token = strings.TrimPrefix(h.mailed(told).LinkPath, "/enterprise/invitation/")
		require.NoError(t, h.Revoke(olga, id, invitation))
		_, err = h.Accept(stan, token, "")
		require.Equal(t, fault.Conflict, fault.KindOf(err), "revoked")
		_, err = h.Invite(mia, id, enterprises.Invite{Mail: "stan@example.org", Role: enterprises.Reader})
		require.NoError(t, err)
		token = strings.TrimPrefix(h.mailed(told).LinkPath, "/enterprise/invitation/")
		h.pass(8 * 24 * time.Hour)
		_, err = h.Accept(stan, token, "")
		require.Equal(t, fault.Conflict, fault.KindOf(err), "lapsed")
		require.NoError(t, h.Sweep(system()))
		require.Zero(t, h.count("enterprise_invitations WHERE address_cipher IS NOT NULL"))
	})
}

func TestMembersAreChangedAndRemovedAtOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		told := h.talking()
		var left int
		h.Left = func(context.Context, string) error { left++; return nil }
		olga, mia, stan := h.person("olga"), h.person("mia"), h.person("stan")
		id := h.owned(olga)
		h.invited(told, olga, mia, id, "mia@example.org", enterprises.Manager)
		h.invited(told, olga, stan, id, "stan@example.org", enterprises.Applicant)
		o, m, s := h.member(olga, id), h.member(mia, id), h.member(stan, id)

		require.Equal(t, fault.Forbidden, fault.KindOf(h.ChangeRole(stan, id, s.ID, enterprises.Manager, s.Version)))
		require.Equal(t, fault.Forbidden, fault.KindOf(h.ChangeRole(mia, id, o.ID, enterprises.Reader, o.Version)))
		require.Equal(t, fault.Forbidden, fault.KindOf(h.ChangeRole(mia, id, m.ID, enterprises.Owner, m.Version)))
		require.Equal(t, fault.Forbidden, fault.KindOf(h.Remove(mia, id, o.ID, o.Version)))
		require.Equal(t, fault.Conflict, fault.KindOf(h.ChangeRole(olga, id, o.ID, enterprises.Manager, o.Version)), "the last owner")
		require.Equal(t, fault.Conflict, fault.KindOf(h.Remove(olga, id, o.ID, o.Version)), "the last owner")
		require.NoError(t, h.ChangeRole(mia, id, s.ID, enterprises.Reader, s.Version))
		require.Equal(t, fault.Conflict, fault.KindOf(h.ChangeRole(olga, id, s.ID, enterprises.Manager, s.Version)), "the page is old")
		require.Equal(t, fault.Forbidden, fault.KindOf(h.Can(stan, id, enterprises.Apply)))

		require.NoError(t, h.Switch(stan, id))
		was := func(who context.Context) bool {
			w, err := h.Was(who, id)
			require.NoError(t, err)
			return w
		}
		require.False(t, was(stan) || was(h.person("nobody")))
		require.NoError(t, h.Remove(mia, id, s.ID, s.Version+1))
		require.True(t, was(stan))
		require.Equal(t, 1, left)
		require.Equal(t, fault.NotFound, fault.KindOf(h.Can(stan, id, enterprises.Read)))
		as, err := h.Acting(stan)
		require.NoError(t, err)
		require.Nil(t, as, "also for a session that acted for it")
		require.EqualValues(t, 2, h.count("constituent_relations WHERE to_id = ? AND kind = 'member' AND valid_to IS NULL", id))
		require.Equal(t, fault.NotFound, fault.KindOf(h.Remove(mia, id, s.ID, s.Version+2)), "twice")
		require.Equal(t, fault.NotFound, fault.KindOf(h.ChangeRole(stan, id, m.ID, enterprises.Reader, m.Version)), "removed while editing")
		require.NoError(t, h.Remove(mia, id, m.ID, m.Version), "everybody may leave")

		heard := map[notify.Kind]int{}
		for _, one := range *told {
			require.NotEqual(t, "", one.About)
			heard[one.Kind]++
		}
		require.Equal(t, map[notify.Kind]int{notify.EnterpriseInvite: 2, notify.MemberJoined: 3, notify.MemberRole: 1, notify.MemberLeft: 3}, heard, "but for who did it")
		n, err := h.NewsOf(system(), notify.MemberRole, []string{s.ID, id})
		require.NoError(t, err)
		require.Equal(t, map[string]enterprises.News{s.ID: {Enterprise: lechuan.Name, Member: actor.From(stan).AccountID, Role: enterprises.Reader}}, n)
	})
}

func TestTheLastOwnerHandsOver(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		told := h.talking()
		olga, mia, stan := h.person("olga"), h.person("mia"), h.person("stan")
		id := h.owned(olga)
		h.invited(told, olga, mia, id, "mia@example.org", enterprises.Reader)
		h.invited(told, olga, stan, id, "stan@example.org", enterprises.Manager)
		require.Equal(t, fault.Forbidden, fault.KindOf(h.Offer(stan, id, h.member(mia, id).ID)))
		require.Equal(t, fault.Invalid, fault.KindOf(h.Offer(olga, id, h.member(olga, id).ID)))
		require.NoError(t, h.Offer(olga, id, h.member(mia, id).ID))
		require.Equal(t, fault.Conflict, fault.KindOf(h.Offer(olga, id, h.member(stan, id).ID)), "one waits")
		list, err := h.Handovers(mia, id)
		require.NoError(t, err)
		require.Len(t, list, 1)
		require.Equal(t, fault.NotFound, fault.KindOf(h.Answer(stan, id, list[0].ID, true)))
		require.Equal(t, fault.Forbidden, fault.KindOf(h.Answer(olga, id, list[0].ID, true)), "nobody accepts their own")
		require.NoError(t, h.Answer(olga, id, list[0].ID, false))
		require.Equal(t, fault.Conflict, fault.KindOf(h.Answer(mia, id, list[0].ID, true)), "taken back")
		require.NoError(t, h.Offer(olga, id, h.member(mia, id).ID))
		list, err = h.Handovers(mia, id)
		require.NoError(t, err)
		require.NoError(t, h.Answer(mia, id, list[0].ID, true))
		require.NoError(t, h.Can(mia, id, enterprises.Own))
		last := (*told)[len(*told)-1]
		require.Equal(t, notify.HouseHanded, last.Kind)
		n, err := h.NewsOf(system(), notify.HouseHanded, []string{last.About})
		require.NoError(t, err)
		require.Equal(t, actor.From(mia).AccountID, n[last.About].Member)
		o := h.member(olga, id)
		require.Equal(t, enterprises.Manager, o.Role)
		require.NoError(t, h.Remove(olga, id, o.ID, o.Version))
	})
}

func TestAnAuthorityHasAScopeAndAnEnd(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		told := h.talking()
		store, err := files.OpenStore("file:" + t.TempDir())
		require.NoError(t, err)
		h.Files = files.New(files.Deps{DB: d, Vault: h.v, Audit: h.Audit, Store: store, Now: h.now})
		olga, ada, rita := h.person("olga"), h.person("ada"), h.person("rita")
		id := h.owned(olga)
		law := lechuan
		law.Code, law.Name = "91310115MA1K001700", "臨江代辦事務所"
		firm, err := h.Establish(system(), law, actor.From(ada).AccountID, "en")
		require.NoError(t, err)
		h.invited(told, ada, rita, firm, "rita@example.org", enterprises.Reader)

		today := calendar.DateOf(h.now(), h.Zone)
		v := enterprises.Invite{Mail: "ada@example.org", Agent: true, ID: db.NewID(h.now()), Scope: []string{"food"}, From: today, Until: today.Add(30)}
		_, err = h.Invite(olga, id, v)
		e, _ := fault.As(err)
		require.Equal(t, "document", e.Fields[0].Name)
		body := []byte("%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n")
		_, err = h.Files.Add(olga, files.Upload{Owner: files.Owner{Kind: files.Draft, ID: v.ID}, Name: "authority.pdf", Content: bytes.NewReader(body), Size: int64(len(body))})
		require.NoError(t, err)
		for _, wrong := range []enterprises.Invite{{From: today.Add(-1), Until: today}, {From: today, Until: today.Add(-1)}, {From: today, Until: today.Add(2000)}, {}} {
			wrong.Mail, wrong.Agent, wrong.ID = v.Mail, true, v.ID
			_, err := h.Invite(olga, id, wrong)
			require.Equal(t, fault.Invalid, fault.KindOf(err))
		}
		_, err = h.Invite(olga, id, v)
		require.NoError(t, err)
		token := strings.TrimPrefix(h.mailed(told).LinkPath, "/enterprise/invitation/")
		_, err = h.Accept(ada, token, id)
		require.Equal(t, fault.NotFound, fault.KindOf(err), "for an enterprise of somebody else")
		_, err = h.Accept(ada, token, firm)
		require.NoError(t, err)

		m, err := h.For(ada, id)
		require.NoError(t, err)
		require.True(t, m.Agent && m.Covers("food") && !m.Covers("road") && *m.Until == today.Add(30))
		require.NoError(t, h.Can(ada, id, enterprises.Apply))
		was := func(who context.Context) bool {
			w, err := h.Was(who, id)
			require.NoError(t, err)
			return w
		}
		require.False(t, was(ada) || was(rita))
		require.Equal(t, fault.Forbidden, fault.KindOf(h.Can(ada, id, enterprises.Manage)))
		require.Equal(t, fault.Forbidden, fault.KindOf(h.Can(rita, id, enterprises.Apply)), "who only reads there only reads here")
		_, err = h.Members(ada, id)
		require.Equal(t, fault.Forbidden, fault.KindOf(err))
		require.EqualValues(t, 1, h.count("constituent_relations WHERE from_id = ? AND to_id = ? AND kind = 'agent' AND valid_to IS NULL", firm, id))
		require.NoError(t, h.Switch(ada, id))

		h.pass(31 * 24 * time.Hour)
		require.Equal(t, fault.NotFound, fault.KindOf(h.Can(ada, id, enterprises.Read)), "it lapses by itself")
		require.True(t, was(ada) && was(rita), "of an agent too, and who worked there")
		as, err := h.Acting(ada)
		require.NoError(t, err)
		require.Nil(t, as)
		require.NoError(t, h.Sweep(system()))
		require.Zero(t, h.count("constituent_relations WHERE from_id = ? AND kind = 'agent' AND valid_to IS NULL", firm))
	})
}
