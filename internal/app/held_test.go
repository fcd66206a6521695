package app_test

import (
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/actor"
	"minqing/internal/app"
	"minqing/internal/calendar"
	"minqing/internal/constituents"
	"minqing/internal/db/dbtest"
	"minqing/internal/i18n"
	"minqing/internal/register"
)

// TestAHolderSeesAndHearsWhatIsDoneToAPermit goes from the head's form to the
// holder's page and messages.
func TestAHolderSeesAndHearsWhatIsDoneToAPermit(t *testing.T) {
	d := dbtest.New(t)
	h := open(t, d, true)
	h.serve(t, app.ServeOptions{Web: true})
	system := actor.AsSystem(t.Context(), "test")
	citizen, err := h.Identity.ByEmail(system, "citizen@demo.test")
	require.NoError(t, err)
	end := h.Register.Today().Add(200)
	no, err := h.Register.Bring(system, register.Issue{TypeCode: "outdoor-sign", TypeVersion: 1, HolderID: citizen.ConstituentID, UnitID: "CG01",
		ValidFrom: end.Add(-900), ValidUntil: &end, Particulars: map[string]string{"place": "南埔巷 7 號"}}, time.Now().AddDate(-2, 0, 0))
	require.NoError(t, err)
	at, desk := "/me/permits/"+no, "/desk/permits/"+no

	me, head := h.signIn(t, "citizen"), h.signIn(t, "head")
	me.open(at + "?lang=en")
	require.Contains(t, me.page, "南埔巷 7 號")
	require.NotContains(t, me.page, `value="renewal"`, "it is too early")
	me.send(url.Values{"do": {"renewal"}}, `value="change"`)
	require.Equal(t, 409, me.status)
	require.Contains(t, me.page, "too early")

	head.open(desk + "?lang=en")
	head.send(url.Values{"do": {"suspend"}, "suspend.ground": {""}, "suspend.reason": {"夜間過亮。"}}, `value="suspend"`)
	require.Equal(t, 422, head.status)
	require.Contains(t, head.page, "夜間過亮。", "what was typed is kept")
	stale := head.form(`value="suspend"`)
	head.send(url.Values{"do": {"suspend"}, "suspend.ground": {"breach"}, "suspend.reason": {"夜間過亮。"}}, `value="suspend"`)
	require.Equal(t, 200, head.status)
	head.open(desk)
	head.send(url.Values{"do": {"reinstate"}, "version": stale.values["version"], "reinstate.ground": {"mended"}, "reinstate.reason": {"x"}}, `value="reinstate"`)
	require.Equal(t, 409, head.status, "somebody was quicker")
	require.Equal(t, register.Suspended, must(h.Register.ByNo(system, no)).State)

	me.open(at)
	require.Contains(t, me.page, "夜間過亮。")
	p := must(h.Register.ByNo(system, no))
	events := must(h.Register.Story(system, p))
	for range 2 { // told twice, the second is dropped
		require.NoError(t, h.Register.Tell(system, register.Telling{Event: events[0], Permit: *p}))
	}
	require.Equal(t, 1, count(t, d, "deliveries WHERE kind = 'permit_moved' AND channel = 'inapp' AND constituent_id = ?", citizen.ConstituentID))
	for _, l := range i18n.Langs {
		f := must(h.Notify.Permits.PermitFacts(system, []string{events[0].ID}, l))[events[0].ID]
		require.Contains(t, f.Title, no)
		require.Contains(t, f.Says, h.Bundle.T(l, "held.ground.breach", nil))
		require.Equal(t, at, f.LinkPath)
	}

	// The head hears of a renewal that nobody decides, and only while it waits.
	require.NoError(t, h.Register.Tell(system, register.Telling{Event: register.Event{ID: events[0].ID, Act: register.Alarmed}, Permit: *p}))
	require.Zero(t, count(t, d, "deliveries WHERE kind = 'permit_alarm'"))

	me.open("/me/next")
	require.NotContains(t, me.page, `href="/me/permits/`+no+`"`, "it does not end soon")
	soon := h.Register.Today().Add(20)
	near := must(h.Register.Bring(system, register.Issue{TypeCode: "outdoor-sign", TypeVersion: 1, HolderID: citizen.ConstituentID, UnitID: "CG01",
		ValidFrom: calendar.NewDate(2020, 1, 1), ValidUntil: &soon}, time.Now()))
	me.open("/me/next")
	require.Contains(t, me.page, "/me/permits/"+near)
	require.Equal(t, constituents.Person, p.HolderKind)
	h.quietLog(t, "夜間過亮")
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
