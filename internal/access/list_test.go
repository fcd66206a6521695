package access_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/access"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/fault"
)

func TestGrantsInForceAreListedWithinOnesUnits(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := small(t, d)
		city, bureau, who := w.account(), w.account(), w.account()
		w.give(city, "security_admin", "LJ")
		w.give(bureau, "security_admin", "CG")
		later := start.Add(time.Hour)
		for _, g := range []access.Giving{{Role: "handler", UnitCode: "CG01", Reason: "joined"}, {Role: "head", UnitCode: "CG"},
			{Role: "handler", UnitCode: "CG02", From: later}, {Role: "auditor", UnitCode: "LJ"}, {Role: "handler", UnitCode: "LJ", Until: &later}} {
			g.AccountID = who
			_, err := w.s.Give(as(city), g)
			require.NoError(t, err)
		}
		list := func(account string, l access.Listing) (found []string) {
			l.Limit = 2
			for {
				page, next, err := w.s.InForce(as(account), l)
				require.NoError(t, err)
				for _, g := range page {
					found = append(found, g.Role+" "+g.UnitPath)
				}
				if l.Cursor = next; next == "" {
					return found
				}
			}
		}
		require.Equal(t, []string{"handler LJ/", "auditor LJ/", "head LJ/CG/", "handler LJ/CG/CG01/", "security_admin LJ/CG/", "security_admin LJ/"}, list(city, access.Listing{}))
		require.Equal(t, []string{"head LJ/CG/", "handler LJ/CG/CG01/", "security_admin LJ/CG/"}, list(bureau, access.Listing{}))
		require.Equal(t, []string{"handler LJ/CG/CG01/"}, list(bureau, access.Listing{Role: "handler"}))
		require.Equal(t, []string{"handler LJ/CG/CG01/"}, list(city, access.Listing{UnitPath: "LJ/CG/CG01/"}))
		require.Empty(t, list(who, access.Listing{}), "who grants nothing")
		page, _, err := w.s.InForce(as(city), access.Listing{UnitPath: "LJ/CG/CG01/"})
		require.NoError(t, err)
		require.Equal(t, "joined", page[0].Reason)
		require.Equal(t, city, *page[0].GrantedBy)
		w.now = later
		require.Equal(t, []string{"handler LJ/CG/CG02/", "handler LJ/CG/CG01/"}, list(city, access.Listing{Role: "handler"}), "one has ended, one begun")
		_, _, err = w.s.InForce(as(city), access.Listing{Cursor: db.EncodeCursor("x")})
		require.Equal(t, fault.Invalid, fault.KindOf(err))
	})
}
