package access_test

import (
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/access"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/fault"
)

// pair is two people who grant roles for the city, one of a bureau, and one who works.
func pair(t *testing.T, d *db.DB) (w *world, one, two, bureau, clerk string) {
	w = small(t, d)
	one, two, bureau, clerk = w.account(), w.account(), w.account(), w.account()
	w.give(one, "security_admin", "LJ")
	w.give(two, "security_admin", "LJ")
	w.give(bureau, "security_admin", "CG")
	return w, one, two, bureau, clerk
}

func kindOf(t *testing.T, err error, key string) {
	t.Helper()
	e, ok := fault.As(err)
	require.True(t, ok, "%v", err)
	if len(e.Fields) > 0 {
		require.Equal(t, key, e.Fields[0].Key)
		return
	}
	require.Equal(t, key, e.Key)
}

func TestASecondPersonDecidesOnARole(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w, one, two, bureau, clerk := pair(t, d)
		other := w.another()
		wish := access.Giving{AccountID: clerk, Role: "handler", UnitCode: "CG01", Reason: "joined the section"}
		id, err := w.s.AskToGive(as(one), wish)
		require.NoError(t, err)
		require.Error(t, w.s.Can(as(clerk), access.CaseReply), "asking gives nothing")
		require.Error(t, other.Can(as(clerk), access.CaseReply))
		_, err = w.s.AskToGive(as(two), wish)
		kindOf(t, err, "access.request.twice")
		kindOf(t, w.s.Decide(as(one), id, true), "access.request.own")
		kindOf(t, w.s.Decide(as(clerk), id, true), "access.request.missing")
		waiting, err := w.s.Waiting(as(bureau))
		require.NoError(t, err)
		require.Len(t, waiting, 1)
		require.NoError(t, w.s.Decide(as(two), id, true))
		kindOf(t, w.s.Decide(as(bureau), id, false), "access.request.decided")
		require.NoError(t, w.s.Can(as(clerk), access.CaseReply), "at once where it was approved")
		w.now = w.now.Add(5 * time.Second)
		require.NoError(t, other.Can(as(clerk), access.CaseReply), "soon on every node")

		grants, err := w.s.Grants(as(one), clerk)
		require.NoError(t, err)
		id, err = w.s.AskToEnd(as(two), grants[0].ID, "left")
		require.NoError(t, err)
		kindOf(t, w.s.Decide(as(two), id, true), "access.request.own")
		require.NoError(t, w.s.Decide(as(bureau), id, true))
		w.now = w.now.Add(5 * time.Second)
		require.Error(t, w.s.Can(as(clerk), access.CaseReply))
		require.Error(t, other.Can(as(clerk), access.CaseReply))
		_, err = w.s.AskToEnd(as(two), grants[0].ID, "again")
		kindOf(t, err, "access.grant.missing")

		var actions []string
		require.NoError(t, d.From(system()).Raw("SELECT action FROM audit_entries WHERE object_id = ? ORDER BY id", clerk).Scan(&actions).Error)
		require.Equal(t, []string{"access.ask", "access.approve", "access.give", "access.ask", "access.approve", "access.take"}, actions)
	})
}

// System, security and audit administrators watch each other.
func TestNobodyBecomesTwoAdministrators(t *testing.T) {
	w, one, two, _, clerk := pair(t, dbtest.New(t))
	later := start.Add(48 * time.Hour)
	id, err := w.s.AskToGive(as(one), access.Giving{AccountID: clerk, Role: "auditor", UnitCode: "LJ", From: later, Reason: "test"})
	require.NoError(t, err)
	second, err := w.s.AskToGive(as(one), access.Giving{AccountID: clerk, Role: "system_admin", UnitCode: "LJ", Reason: "test"})
	require.NoError(t, err, "neither is given yet")
	require.NoError(t, w.s.Decide(as(two), id, true))
	kindOf(t, w.s.Decide(as(two), second, true), "access.duties.apart")
	_, err = w.s.AskToGive(as(one), access.Giving{AccountID: two, Role: "auditor", UnitCode: "CG", Reason: "test"})
	kindOf(t, err, "access.duties.apart")
}

func TestTwoDutiesApprovedAtOnceAreKeptApart(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w, one, two, _, _ := pair(t, d)
		for range 15 {
			clerk := w.account()
			var ids []string
			for _, role := range []string{"auditor", "system_admin"} {
				id, err := w.s.AskToGive(as(one), access.Giving{AccountID: clerk, Role: role, UnitCode: "LJ", Reason: "test"})
				require.NoError(t, err)
				ids = append(ids, id)
			}
			var both sync.WaitGroup
			failed := make([]error, 2)
			for i, id := range ids {
				both.Go(func() { failed[i] = w.s.Decide(as(two), id, true) })
			}
			both.Wait()
			require.False(t, failed[0] == nil && failed[1] == nil, "one person, two administrators")
			require.False(t, failed[0] != nil && failed[1] != nil, "neither")
		}
	})
}

// What belongs to no unit is for those alone who administer the whole government.
func TestAdministratorsOfAPartDoNotReachTheWhole(t *testing.T) {
	w := small(t, dbtest.New(t))
	for role, verbs := range map[string][]access.Verb{"system_admin": {access.JobRead, access.JobChange, access.KeyRead, access.RetentionRead, access.CatalogueWrite, access.PermitTypeWrite, access.PermitTypePublish},
		"auditor": {access.AuditRead, access.RetentionRead, access.RetentionHold}, "security_admin": {access.KeyRead}} {
		part, whole := w.account(), w.account()
		w.give(part, role, "CG01")
		w.give(whole, role, "LJ")
		for _, v := range verbs {
			require.Equal(t, fault.Forbidden, fault.KindOf(w.s.Can(as(part), v)), "%s %s", role, v)
			require.NoError(t, w.s.Can(as(whole), v), "%s %s", role, v)
		}
	}
	security := w.account()
	w.give(security, "security_admin", "CG01")
	require.NoError(t, w.s.Can(as(security), access.AccessGrant), "grants are given for units")
}

// A colleague of the unit that is complained about handles nothing of it, for
// whatever unit they hold a role.
func TestWhoWorksInTheUnitIsRecused(t *testing.T) {
	w := small(t, dbtest.New(t))
	who := w.account()
	w.give(who, "supervisor", "LJ")
	about := access.Object{UnitPaths: []string{"LJ/CG/CG02/"}, SubjectPaths: []string{"LJ/CG/CG01/"}}
	require.NoError(t, w.s.CanOn(as(who), access.CaseRead, about))
	w.exec("UPDATE accounts SET unit_id = (SELECT id FROM units WHERE code = 'CG01') WHERE id = ?", who)
	w.s.Forget(who)
	require.Error(t, w.s.CanOn(as(who), access.CaseRead, about))
	require.NoError(t, w.s.CanOn(as(who), access.CaseRead, access.Object{UnitPaths: about.UnitPaths}))
}

func TestNobodyAsksForThemselvesOrOutsideTheirUnits(t *testing.T) {
	w, one, two, bureau, clerk := pair(t, dbtest.New(t))
	past := start.Add(-time.Minute)
	for _, c := range []struct {
		who string
		g   access.Giving
		key string
	}{
		{one, access.Giving{AccountID: one, Role: "head", UnitCode: "CG", Reason: "me"}, "access.own_grant"},
		{bureau, access.Giving{AccountID: clerk, Role: "head", UnitCode: "LJ", Reason: "above me"}, "access.forbidden"},
		{clerk, access.Giving{AccountID: two, Role: "head", UnitCode: "CG", Reason: "no administrator"}, "access.forbidden"},
		{one, access.Giving{AccountID: clerk, Role: "head", UnitCode: "CG", Reason: " "}, "access.reason.required"},
		{one, access.Giving{AccountID: clerk, Role: "king", UnitCode: "CG", Reason: "r"}, "access.role.unknown"},
		{one, access.Giving{AccountID: clerk, Role: "head", UnitCode: "CG", Reason: "r", Until: &past, From: start.Add(-time.Hour)}, "access.until.past"},
	} {
		_, err := w.s.AskToGive(as(c.who), c.g)
		kindOf(t, err, c.key)
	}
	id, err := w.s.AskToGive(as(one), access.Giving{AccountID: two, Role: "official", UnitCode: "LJ", Reason: "r"})
	require.NoError(t, err)
	kindOf(t, w.s.Decide(as(two), id, true), "access.own_grant")
	kindOf(t, w.s.Decide(as(bureau), id, true), "access.request.missing")
}

func TestARequestLosesItsForceWithWhoAskedAndWithTime(t *testing.T) {
	w, one, two, bureau, clerk := pair(t, dbtest.New(t))
	until := start.Add(time.Hour)
	late, err := w.s.AskToGive(as(one), access.Giving{AccountID: clerk, Role: "handler", UnitCode: "CG01", Reason: "an hour", Until: &until})
	require.NoError(t, err)
	void, err := w.s.AskToGive(as(bureau), access.Giving{AccountID: clerk, Role: "head", UnitCode: "CG01", Reason: "r"})
	require.NoError(t, err)
	grants, err := w.s.Grants(system(), bureau)
	require.NoError(t, err)
	require.NoError(t, w.s.Take(system(), grants[0].ID, "moved"))
	w.now = until
	kindOf(t, w.s.Decide(as(two), late, true), "access.request.late")
	kindOf(t, w.s.Decide(as(two), void, true), "access.request.void")
	require.NoError(t, w.s.Decide(as(two), late, false), "it can still be declined")
	waiting, err := w.s.Waiting(as(two))
	require.NoError(t, err)
	require.Len(t, waiting, 1)
}

func TestTwoWhoDecideAtOnceGiveOneGrant(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w, one, two, bureau, clerk := pair(t, d)
		id, err := w.s.AskToGive(as(one), access.Giving{AccountID: clerk, Role: "handler", UnitCode: "CG01", Reason: "r"})
		require.NoError(t, err)
		var both sync.WaitGroup
		failed := make([]error, 2)
		for i, who := range []string{two, bureau} {
			both.Go(func() { failed[i] = w.s.Decide(as(who), id, true) })
		}
		both.Wait()
		require.True(t, (failed[0] == nil) != (failed[1] == nil), "%v", failed)
		grants, err := w.s.Grants(system(), clerk)
		require.NoError(t, err)
		require.Len(t, grants, 1)
	})
}
