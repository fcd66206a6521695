package identity_test

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"minqing/internal/db"
	"minqing/internal/db/dbtest"
)

// TestNoSessionOutlivesItsPassword signs in while the password is changed: whichever
// comes first, the old password leaves no session behind.
func TestNoSessionOutlivesItsPassword(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := open(t, d)
		h.staff("chen@lj.test")
		old := good
		for i := range 25 {
			next := fmt.Sprintf("correct horse 電池 %d", i)
			var token string
			var both sync.WaitGroup
			both.Go(func() { token, _, _ = h.s.SignIn(visitor("192.0.2.7"), "chen@lj.test", old) })
			both.Go(func() { require.NoError(t, h.s.SetPassword(system(), "chen@lj.test", next)) })
			both.Wait()
			if token != "" {
				_, _, err := h.s.Resolve(context.Background(), token)
				require.Error(t, err, "a session of the password before")
			}
			old = next
		}
	})
}
