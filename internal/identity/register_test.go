package identity_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/actor"
	"minqing/internal/constituents"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/fault"
	"minqing/internal/identity"
)

var lin = identity.NewAccount{Email: "lin@home.test", Name: "林美玲", Password: good, Locale: "zh-Hant"}

// link is the token that the newest message carries.
func (h *house) link() string {
	reach, err := h.s.Reach(context.Background(), h.sent[len(h.sent)-1])
	require.NoError(h.t, err)
	require.False(h.t, reach.Proven)
	token := reach.ConfirmToken
	require.True(h.t, identity.IsAccountLink(token))
	return token
}

func TestAProvenMailboxBringsTheCasesThatItsGuestFiled(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := open(t, d)
		guest, err := h.people.Create(system(), constituents.Contact{Name: "林小姐", Email: "LIN@home.test"}, "zh-Hant")
		require.NoError(t, err)
		other, err := h.people.Create(system(), constituents.Contact{Name: "別人", Email: "other@home.test"}, "zh-Hant")
		require.NoError(t, err)
		require.NoError(t, h.s.RegisterCitizen(visitor(""), lin))
		_, _, err = h.s.SignIn(visitor(""), lin.Email, good)
		require.Error(t, err, "not before the mailbox is proven")

		session, account, err := h.s.Confirm(visitor(""), h.link(), good)
		require.NoError(t, err)
		family, err := h.people.Family(system(), account.ConstituentID)
		require.NoError(t, err)
		require.ElementsMatch(t, []string{account.ConstituentID, guest}, family)
		require.NotContains(t, family, other)
		who, _, err := h.s.Resolve(context.Background(), session)
		require.NoError(t, err)
		require.Equal(t, actor.Citizen, who.Kind)
		require.Equal(t, account.ConstituentID, who.ConstituentID)
		reach, err := h.people.Reach(system(), account.ConstituentID)
		require.NoError(t, err)
		require.True(t, reach.EmailProven)

		later, err := h.people.Create(system(), constituents.Contact{Email: "lin@home.test"}, "zh-Hant")
		require.NoError(t, err)
		reach, err = h.people.Reach(system(), later)
		require.NoError(t, err)
		token := reach.EmailToken
		require.False(t, identity.IsAccountLink(token))
		for range 2 { // twice does no harm
			kind, err := h.s.ConfirmContact(visitor(""), token)
			require.NoError(t, err)
			require.Equal(t, constituents.Email, kind)
		}
		family, err = h.people.Family(system(), account.ConstituentID)
		require.NoError(t, err)
		require.ElementsMatch(t, []string{account.ConstituentID, guest, later}, family)
	})
}

func TestRegisteringAnAddressThatStandsChangesNothing(t *testing.T) {
	h := open(t, dbtest.New(t))
	h.staff("chen@lj.test")
	taken := lin
	taken.Email = "chen@lj.test"
	require.NoError(t, h.s.RegisterCitizen(visitor(""), taken))
	require.Empty(t, h.sent)
	require.NoError(t, h.s.RegisterCitizen(visitor(""), lin))
	require.Len(t, h.sent, 1)
	_, _, err := h.s.SignIn(visitor(""), "chen@lj.test", good)
	require.NoError(t, err, "the owner's account is untouched")
}

func TestNobodyIsConfirmedWithAPasswordThatSomebodyElseChose(t *testing.T) {
	h := open(t, dbtest.New(t))
	require.NoError(t, h.s.RegisterCitizen(visitor(""), lin))
	old := h.link()
	thief := lin
	thief.Password = "chosen by a thief"
	require.NoError(t, h.s.RegisterCitizen(visitor(""), thief))
	_, _, err := h.s.Confirm(visitor(""), old, good)
	require.Equal(t, fault.NotFound, fault.KindOf(err), "the old link is worthless")
	_, _, err = h.s.Confirm(visitor(""), h.link(), good)
	require.Equal(t, fault.Invalid, fault.KindOf(err), "the owner notices")
	require.NoError(t, h.s.RegisterCitizen(visitor(""), lin))
	_, _, err = h.s.Confirm(visitor(""), h.link(), good)
	require.NoError(t, err)
}

func TestALinkThatWasTamperedWithConfirmsNothing(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := open(t, d)
		require.NoError(t, h.s.RegisterCitizen(visitor(""), lin))
		token := h.link()
		for _, bad := range []string{"", "a.", "a.x", "a." + strings.Repeat("-", 36) + ".x", token[:39], token[:len(token)-1] + "!", token[2:]} {
			if bad == token[2:] {
				_, err := h.s.ConfirmContact(visitor(""), bad)
				require.Error(t, err)
				continue
			}
			_, _, err := h.s.Confirm(visitor(""), bad, good)
			require.Equal(t, fault.NotFound, fault.KindOf(err), bad)
		}
	})
}

func TestATokenWorksForItsTimeOnly(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := open(t, d)
		id := h.staff("chen@lj.test")
		token, err := h.s.CreateToken(system(), "chen@lj.test", time.Hour)
		require.NoError(t, err)
		require.Regexp(t, `^mq_[0-9A-Za-z]{43}$`, token)
		who, name, err := h.s.ResolveToken(context.Background(), token)
		require.NoError(t, err)
		require.Equal(t, id, who.AccountID)
		require.Equal(t, "陳志強", name)
		last := byte('0')
		if token[len(token)-1] == last {
			last = '1'
		}
		for _, bad := range []string{"", "mq_", token + "0", token[:len(token)-1] + string(last)} {
			_, _, err = h.s.ResolveToken(context.Background(), bad)
			require.Equal(t, fault.Unauthenticated, fault.KindOf(err), bad)
		}
		h.pass(time.Hour)
		_, _, err = h.s.ResolveToken(context.Background(), token)
		require.Equal(t, fault.Unauthenticated, fault.KindOf(err), "its time is over")

		token, err = h.s.CreateToken(system(), "chen@lj.test", time.Hour)
		require.NoError(t, err)
		_, _, err = h.s.ResolveToken(context.Background(), token)
		require.NoError(t, err)
		require.NoError(t, h.s.RevokeTokens(system(), id))
		_, _, err = h.s.ResolveToken(context.Background(), token)
		require.Error(t, err)
		_, err = h.s.CreateToken(system(), "nobody@lj.test", time.Hour)
		require.Equal(t, fault.NotFound, fault.KindOf(err))
		_, err = h.s.CreateToken(system(), "chen@lj.test", 0)
		require.Equal(t, fault.Invalid, fault.KindOf(err))
	})
}

func TestDemoAccountsWorkInTheDemoOnly(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := open(t, d)
		h.s = h.node(identity.Options{Demo: true})
		all := []identity.DemoAccount{
			{Email: "citizen@demo.test", Name: "王小明", Kind: "citizen"},
			{Email: "company@demo.test", Name: "臨江電器有限公司", Kind: "enterprise"},
			{Email: "handler@demo.test", Name: "陳志強", Kind: "staff", Role: "handler", UnitCode: "CG01"},
			{Email: "head@demo.test", Name: "周敏", Kind: "staff", Role: "head", UnitCode: "CG"},
			{Email: "official@demo.test", Name: "何遠", Kind: "staff", Role: "official", UnitCode: "LJ"},
		}
		for range 2 {
			require.NoError(t, h.s.EnsureDemo(system(), all))
		}
		require.Len(t, h.text("SELECT CAST(id AS text) FROM accounts"), 5)
		require.Len(t, h.text("SELECT CAST(id AS text) FROM grants"), 3)
		colleagues, err := h.s.Colleagues(system(), "LJ/CG/CG01/")
		require.NoError(t, err)
		require.Len(t, colleagues, 2)
		require.Equal(t, "陳志強", colleagues[0].Name)
		token, _, err := h.s.SignIn(visitor(""), "handler@demo.test", identity.DemoPassword)
		require.NoError(t, err)
		_, _, err = h.s.SignIn(visitor(""), "citizen@demo.test", identity.DemoPassword)
		require.NoError(t, err)

		real := h.node(identity.Options{})
		_, _, err = real.SignIn(visitor(""), "handler@demo.test", identity.DemoPassword)
		require.Equal(t, fault.Invalid, fault.KindOf(err))
		_, _, err = real.Resolve(context.Background(), token)
		require.Equal(t, fault.Unauthenticated, fault.KindOf(err))
	})
}

func TestNoTableShowsWhoHasAnAccount(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := open(t, d)
		h.staff("chen@lj.test")
		require.NoError(t, h.s.RegisterCitizen(visitor("198.51.100.7"), lin))
		_, _, err := h.s.Confirm(visitor("198.51.100.7"), h.link(), good)
		require.NoError(t, err)
		_, _, err = h.s.SignIn(visitor("198.51.100.7"), "lin@home.test", "wrong")
		require.Error(t, err)
		token, err := h.s.CreateToken(system(), "chen@lj.test", time.Hour)
		require.NoError(t, err)
		tables, err := d.From(system()).Migrator().GetTables()
		require.NoError(t, err)
		for _, table := range tables {
			h.scan(table, "chen@", "lin@", "陳志強", "林美玲", good, token)
		}
		require.Contains(t, tables, "accounts")
	})
}

// scan looks for values in every column of a table.
func (h *house) scan(table string, secrets ...string) {
	var rows []map[string]any
	require.NoError(h.t, h.d.From(system()).Raw("SELECT * FROM "+table).Scan(&rows).Error)
	for _, row := range rows {
		for column, value := range row {
			text, _ := value.(string)
			if raw, ok := value.([]byte); ok {
				text = string(raw)
			}
			for _, secret := range secrets {
				require.NotContains(h.t, text, secret, table+"."+column)
			}
		}
	}
}
