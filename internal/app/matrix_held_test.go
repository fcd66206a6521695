package app_test

import (
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/actor"
	"minqing/internal/calendar"
	"minqing/internal/register"
)

// fillHeld gives the citizen a permit of the City Management Bureau.
func (m *matrix) fillHeld() {
	ctx := actor.AsSystem(m.t.Context(), "test")
	citizen, err := m.Identity.ByEmail(ctx, "citizen@demo.test")
	require.NoError(m.t, err)
	end := calendar.DateOf(time.Now(), time.UTC).Add(400)
	no, err := m.Register.Bring(ctx, register.Issue{TypeCode: "outdoor-sign", TypeVersion: 1, HolderID: citizen.ConstituentID, UnitID: "CG01",
		ValidFrom: end.Add(-500), ValidUntil: &end}, time.Now())
	require.NoError(m.t, err)
	at := map[string]string{":no": no}
	m.owned["/me/permits/"] = []owned{{name: "the citizen's permit", more: at, closed: but("citizen")}}
	m.owned["/desk/permits/"] = []owned{{name: "a permit of the Street Cleansing Section", more: at, closed: but("head", "supervisor", "official"),
		body: "do=suspend&suspend.ground=danger&suspend.reason=x&version=999999"}}
}
