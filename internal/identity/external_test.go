package identity_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/access"
	"minqing/internal/actor"
	"minqing/internal/constituents"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/fault"
	"minqing/internal/identity"
	"minqing/internal/oidc"
	"minqing/internal/oidc/oidctest"
)

// abroad is a house with a provider for citizens and one for staff.
type abroad struct {
	*house
	public, staffs *oidctest.Provider
}

func settle(t *testing.T, d *db.DB, change func(*identity.Options)) *abroad {
	h := &abroad{house: open(t, d)}
	h.public, h.staffs = oidctest.New(t, h.now), oidctest.New(t, h.now)
	client := func(p *oidctest.Provider, key, groups string) *oidc.Provider {
		return oidc.New(oidc.Settings{Issuer: p.URL, ClientID: "portal", ClientSecret: oidctest.Secret, Groups: groups, Now: h.now,
			Redirect: "https://portal.city.test/sign-in/with/" + key + "/back", Home: "https://portal.city.test/"})
	}
	roles, err := identity.ParseRoles("lamps=handler@CG01; cn=heads,o=city=head@CG; guards=security_admin; readers=auditor; gone=handler@XX")
	require.NoError(t, err)
	o := identity.Options{Providers: []identity.Provider{
		{Key: "public", Name: "City ID", Kind: identity.Citizen, Client: client(h.public, "public", "")},
		{Key: "staff", Name: "Intranet", Kind: identity.Staff, Client: client(h.staffs, "staff", "groups"), Roles: roles},
	}}
	if change != nil {
		change(&o)
	}
	h.s = h.node(o)
	return h
}

func (h *abroad) provider(key string) *oidctest.Provider {
	if key == "staff" {
		return h.staffs
	}
	return h.public
}

// walk goes to a provider and back.
func (h *abroad) walk(ctx context.Context, key string) (identity.Arrival, error) {
	h.t.Helper()
	address, token, err := h.s.Depart(ctx, key, "/mine", "en")
	require.NoError(h.t, err)
	return h.s.Arrive(ctx, key, token, h.visit(key, address))
}

func (h *abroad) visit(key, address string) oidc.Answer {
	q := h.provider(key).Visit(address).Query()
	return oidc.Answer{State: q.Get("state"), Code: q.Get("code"), Issuer: q.Get("iss"), Error: q.Get("error")}
}

func (h *abroad) roles(account string) []string {
	return h.text(`SELECT g.role || ' ' || u.code || ' ' || g.source FROM grants g JOIN units u ON u.id = g.unit_id
 WHERE g.account_id = ? AND (g.valid_until IS NULL OR g.valid_until > ?) ORDER BY 1`, account, h.now())
}

func (h *abroad) refusals() []string {
	return h.text("SELECT CAST(changes AS text) FROM audit_entries WHERE action = 'identity.provider_refused' ORDER BY id")
}

func key(err error) string {
	if e, ok := fault.As(err); ok {
		return e.Key
	}
	return ""
}

func TestACitizenOfAProviderGetsAnAccountOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := settle(t, d, nil)
		guest, err := h.people.Create(system(), constituents.Contact{Name: "林小姐", Email: "lin@home.test"}, "zh-Hant")
		require.NoError(t, err)
		h.public.Who = map[string]any{"sub": "7", "name": "林美玲", "email": "Lin@home.test", "email_verified": true}
		first, err := h.walk(visitor("192.0.2.1"), "public")
		require.NoError(t, err)
		require.Equal(t, "/mine", first.Next)
		who, name, err := h.s.Resolve(context.Background(), first.Token)
		require.NoError(t, err)
		require.Equal(t, "林美玲", name)
		require.Equal(t, actor.Citizen, who.Kind)
		family, err := h.people.Family(system(), who.ConstituentID)
		require.NoError(t, err)
		require.Contains(t, family, guest, "the mailbox is proven")
		h.public.Who["email"] = "new@home.test"
		second, err := h.walk(visitor("192.0.2.1"), "public")
		require.NoError(t, err)
		require.Equal(t, first.Account.ID, second.Account.ID, "by issuer and subject")
		require.Empty(t, h.text("SELECT id FROM external_identities WHERE CAST(subject_cipher AS text) LIKE ?", "%"+h.public.URL+"%"))
		who, _, err = h.s.Resolve(context.Background(), second.Token)
		require.NoError(t, err)
		address, name, err := h.s.Farewell(actor.With(visitor(""), who))
		require.NoError(t, err)
		require.Equal(t, "City ID", name)
		require.True(t, strings.HasPrefix(address, h.public.URL+"/end?") && strings.Contains(address, "id_token_hint=ey"), address)
	})
}

func TestAnAddressAloneOpensNobodysAccount(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := settle(t, d, nil)
		owner, err := h.s.CreateCitizen(system(), lin)
		require.NoError(t, err)
		h.public.Who = map[string]any{"sub": "8", "email": "lin@home.test", "email_verified": true}
		_, err = h.walk(visitor(""), "public")
		require.Equal(t, "identity.provider.taken", key(err))
		h.public.Who["email_verified"] = false
		other, err := h.walk(visitor(""), "public")
		require.NoError(t, err, "an address that is not proven counts for nothing")
		require.NotEqual(t, owner, other.Account.ID)
		reach, err := h.people.Reach(system(), other.Account.ConstituentID)
		require.NoError(t, err)
		require.Empty(t, reach.Email)
		_, name, err := h.s.Resolve(context.Background(), other.Token)
		require.NoError(t, err)
		require.Empty(t, name)
	})
}

func TestAStrangersRegistrationKeepsNobodyOut(t *testing.T) {
	h := settle(t, dbtest.New(t), nil)
	require.NoError(t, h.s.RegisterCitizen(visitor(""), lin))
	link := h.link()
	h.public.Who = map[string]any{"sub": "8", "email": "lin@home.test", "email_verified": true}
	_, err := h.walk(visitor(""), "public")
	require.NoError(t, err)
	_, _, err = h.s.SignIn(visitor(""), lin.Email, lin.Password)
	require.Error(t, err, "the stranger's password is gone")
	_, _, err = h.s.Confirm(visitor(""), link, lin.Password)
	require.Error(t, err, "and so is the link")
}

func TestStaffHoldWhatTheirGroupsSay(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := settle(t, d, nil)
		h.staffs.Who = map[string]any{"sub": "c", "name": "陳志強", "email": "chen@lj.test", "email_verified": true, "groups": []string{"nobody"}}
		_, err := h.walk(visitor(""), "staff")
		require.Equal(t, "identity.provider.no_role", key(err))
		require.Empty(t, h.text("SELECT kind FROM accounts"))

		h.staffs.Who["groups"] = []string{"lamps", "cn=heads,o=city", "gone"}
		in, err := h.walk(visitor(""), "staff")
		require.NoError(t, err)
		id := in.Account.ID
		require.Equal(t, identity.Staff, in.Account.Kind)
		require.NotEmpty(t, in.Account.UnitID)
		require.Equal(t, []string{"handler CG01 oidc.staff", "head CG oidc.staff"}, h.roles(id))
		_, err = h.s.Grant(system(), id, "handler", "CG01", "by hand")
		require.NoError(t, err)
		_, err = h.s.Grant(system(), id, "official", "CG", "by hand")
		require.NoError(t, err)

		h.pass(2 * 24 * time.Hour)
		h.staffs.Who["groups"] = []string{"cn=heads,o=city"}
		_, err = h.walk(visitor(""), "staff")
		require.NoError(t, err)
		require.Equal(t, []string{"handler CG01 ", "head CG oidc.staff", "official CG "}, h.roles(id), "what was given by hand stays")
		h.pass(29 * 24 * time.Hour)
		require.Contains(t, h.roles(id), "head CG oidc.staff", "renewed")
		h.pass(24 * time.Hour)
		require.NotContains(t, h.roles(id), "head CG oidc.staff", "not for ever")
		require.Equal(t, []string{"access.give", "access.give", "access.give", "access.give", "access.take", "access.renew"},
			h.text("SELECT action FROM audit_entries WHERE object_id = ? AND action LIKE 'access.%' ORDER BY id", id))
		require.Empty(t, h.text("SELECT action FROM audit_entries WHERE job = '' AND action LIKE 'access.%' ORDER BY id"))
	})
}

func TestAProviderMakesNobodyTwoAdministrators(t *testing.T) {
	h := settle(t, dbtest.New(t), nil)
	h.staffs.Who = map[string]any{"sub": "c", "groups": []string{"lamps", "guards", "readers"}}
	in, err := h.walk(visitor(""), "staff")
	require.NoError(t, err)
	require.Equal(t, []string{"handler CG01 oidc.staff"}, h.roles(in.Account.ID))
	h.staffs.Who["groups"] = []string{"guards"}
	_, err = h.walk(visitor(""), "staff")
	require.NoError(t, err)
	require.Equal(t, []string{"security_admin LJ oidc.staff"}, h.roles(in.Account.ID))
	_, err = h.s.Grant(system(), in.Account.ID, "auditor", "", "by hand")
	require.ErrorContains(t, err, "access.duties.apart")
	h.staffs.Who["groups"] = []string{"lamps"}
	_, err = h.walk(visitor(""), "staff")
	require.NoError(t, err)
	_, err = h.s.Grant(system(), in.Account.ID, "auditor", "", "by hand")
	require.NoError(t, err)
	h.staffs.Who["groups"] = []string{"guards"}
	_, err = h.walk(visitor(""), "staff")
	require.NoError(t, err)
	require.Equal(t, []string{"auditor LJ "}, h.roles(in.Account.ID))

	_, err = identity.New(identity.Deps{}, identity.Options{Providers: []identity.Provider{{Roles: []identity.GroupRole{{Group: "*", Role: access.Role{Name: "auditor"}}}}}})
	require.ErrorContains(t, err, "not everybody")
	_, err = identity.New(identity.Deps{}, identity.Options{Providers: []identity.Provider{{Roles: []identity.GroupRole{{Group: "x", Role: access.Role{Name: "king"}}}}}})
	require.ErrorContains(t, err, "king")
}

func TestAnAccountOfStaffIsJoinedOnlyWhereTheProviderIsLaw(t *testing.T) {
	h := settle(t, dbtest.New(t), nil)
	h.staff("chen@lj.test")
	h.staffs.Who = map[string]any{"sub": "c", "email": "chen@lj.test", "email_verified": true, "groups": []string{"lamps"}}
	_, err := h.walk(visitor(""), "staff")
	require.Equal(t, "identity.provider.taken", key(err))
	h = settle(t, dbtest.New(t), func(o *identity.Options) { o.Providers[1].Adopt = true })
	_, err = h.s.CreateCitizen(system(), lin)
	require.NoError(t, err)
	id := h.staff("wang@lj.test")
	h.staffs.Who = map[string]any{"sub": "w", "email": "wang@lj.test", "groups": []string{"lamps"}}
	in, err := h.walk(visitor(""), "staff")
	require.NoError(t, err)
	require.NotEqual(t, id, in.Account.ID, "not verified")
	h.staffs.Who = map[string]any{"sub": "w2", "email": "wang@lj.test", "email_verified": true}
	in, err = h.walk(visitor(""), "staff")
	require.NoError(t, err)
	require.Equal(t, id, in.Account.ID)
	h.staffs.Who = map[string]any{"sub": "l", "email": "lin@home.test", "email_verified": true, "groups": []string{"lamps"}}
	_, err = h.walk(visitor(""), "staff")
	require.Equal(t, "identity.provider.taken", key(err), "a citizen's account is never staff's")
}

func TestOnlyAConfiguredProofStandsForTheSecondFactor(t *testing.T) {
	h := settle(t, dbtest.New(t), func(o *identity.Options) {
		o.SecondFor, o.Providers[1].Second = []string{"security_admin"}, []string{"mfa"}
	})
	h.staffs.Who = map[string]any{"sub": "c", "email": "chen@lj.test", "email_verified": true, "groups": []string{"guards"}, "amr": []string{"pwd"}}
	_, err := h.walk(visitor(""), "staff")
	var step *identity.SecondStep
	require.ErrorAs(t, err, &step)
	require.True(t, step.Enrol, "the role that has just come asks for one")
	f, err := h.s.HalfFactor(visitor(""), step.Token)
	require.NoError(t, err)
	token, account, _, err := h.s.EnrolSecond(visitor(""), step.Token, identity.CodeAt(f.Secret, h.now()))
	require.NoError(t, err)
	who, _, err := h.s.Resolve(context.Background(), token)
	require.NoError(t, err)
	address, _, err := h.s.Farewell(actor.With(visitor(""), who))
	require.NoError(t, err)
	require.NotEmpty(t, address, "the session knows where it came from")
	h.staffs.Who["amr"] = []string{"pwd", "mfa"}
	in, err := h.walk(visitor(""), "staff")
	require.NoError(t, err)
	require.Equal(t, account.ID, in.Account.ID)
}

func TestWhatWasBegunElsewhereOrBeforeIsRefused(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := settle(t, d, nil)
		h.public.Who = map[string]any{"sub": "7"}
		address, token, err := h.s.Depart(visitor(""), "public", "/", "en")
		require.NoError(t, err)
		answer := h.visit("public", address)
		_, err = h.s.Arrive(visitor(""), "public", "", answer)
		require.Equal(t, "identity.step.over", key(err), "another browser")
		_, other, err := h.s.Depart(visitor(""), "public", "/", "en")
		require.NoError(t, err)
		_, err = h.s.Arrive(visitor(""), "public", other, answer)
		require.Equal(t, "identity.provider.refused", key(err), "another state")
		_, err = h.s.Arrive(visitor(""), "public", token, answer)
		require.NoError(t, err)
		_, err = h.s.Arrive(visitor(""), "public", token, answer)
		require.Equal(t, "identity.step.over", key(err), "replayed")

		address, token, err = h.s.Depart(visitor(""), "public", "/", "en")
		require.NoError(t, err)
		_, err = h.s.Arrive(visitor(""), "staff", token, h.visit("public", address))
		require.Equal(t, "identity.step.over", key(err), "mixed up with the other provider")
		address, token, err = h.s.Depart(visitor(""), "public", "/", "en")
		require.NoError(t, err)
		h.pass(11 * time.Minute)
		_, err = h.s.Arrive(visitor(""), "public", token, h.visit("public", address))
		require.Equal(t, "identity.step.over", key(err), "too late")
		h.public.Deny = "access_denied"
		_, err = h.walk(visitor(""), "public")
		require.Equal(t, "identity.provider.denied", key(err))
		require.Len(t, h.refusals(), 6)
		require.Contains(t, h.refusals()[5], "denied")
	})
}

func TestADeadProviderIsSaidToBeAway(t *testing.T) {
	h := settle(t, dbtest.New(t), nil)
	h.public.Close()
	_, _, err := h.s.Depart(visitor(""), "public", "/", "en")
	require.Equal(t, "identity.provider.away", key(err))
	require.True(t, errors.Is(err, oidc.ErrAway))
	h.staff("chen@lj.test")
	h.enter("chen@lj.test", good, "", "")
}

func TestADisabledAccountStaysOut(t *testing.T) {
	h := settle(t, dbtest.New(t), nil)
	h.public.Who = map[string]any{"sub": "7"}
	in, err := h.walk(visitor(""), "public")
	require.NoError(t, err)
	require.NoError(t, h.d.From(system()).Exec("UPDATE accounts SET status = 'disabled' WHERE id = ?", in.Account.ID).Error)
	_, err = h.walk(visitor(""), "public")
	require.Equal(t, "identity.provider.refused", key(err))
}

func TestPeopleConnectAndDisconnectAProviderByTheirPassword(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := settle(t, d, nil)
		id := h.staff("chen@lj.test")
		_, ctx := h.enter("chen@lj.test", good, "", "")
		list, err := h.s.Connections(ctx)
		require.NoError(t, err)
		require.Len(t, list, 1)
		require.False(t, list[0].Connected)
		_, _, _, err = h.s.Connect(ctx, "staff", "wrong", "en")
		require.Equal(t, fault.Invalid, fault.KindOf(err))
		_, _, _, err = h.s.Connect(ctx, "public", good, "en")
		require.Equal(t, fault.Forbidden, fault.KindOf(err), "a provider for citizens opens no account of staff")

		h.staffs.Who = map[string]any{"sub": "c", "groups": []string{"lamps"}}
		address, _, token, err := h.s.Connect(ctx, "staff", good, "en")
		require.NoError(t, err)
		_, err = h.s.Arrive(visitor(""), "staff", token, h.visit("staff", address))
		require.Equal(t, "identity.step.over", key(err), "signed out meanwhile")
		address, _, token, err = h.s.Connect(ctx, "staff", good, "en")
		require.NoError(t, err)
		got, err := h.s.Arrive(ctx, "staff", token, h.visit("staff", address))
		require.NoError(t, err)
		require.True(t, got.Connected)
		in, err := h.walk(visitor(""), "staff")
		require.NoError(t, err)
		require.Equal(t, id, in.Account.ID)
		require.Equal(t, []string{"handler CG01 oidc.staff"}, h.roles(id))

		h.staff("wang@lj.test")
		_, other := h.enter("wang@lj.test", good, "", "")
		address, _, token, err = h.s.Connect(other, "staff", good, "en")
		require.NoError(t, err)
		_, err = h.s.Arrive(other, "staff", token, h.visit("staff", address))
		require.Equal(t, "identity.provider.connected_elsewhere", key(err))

		_, ctx = h.enter("chen@lj.test", good, "", "")
		require.Equal(t, fault.Invalid, fault.KindOf(h.s.Disconnect(ctx, "staff", "wrong")))
		require.NoError(t, h.s.Disconnect(ctx, "staff", good))
		require.Empty(t, h.roles(id))
		in, err = h.walk(visitor(""), "staff")
		require.NoError(t, err)
		require.NotEqual(t, id, in.Account.ID)
	})
}
