package identity_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/actor"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/fault"
)

// from signs in from an address in a browser with cookies.
func (h *house) from(ip, email, password string, cookies ...*http.Cookie) (device *http.Cookie, err error) {
	r := httptest.NewRequest(http.MethodPost, "/sign-in", nil)
	for _, c := range cookies {
		r.AddCookie(c)
	}
	h.s.Wrap(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		ctx := actor.With(context.WithoutCancel(r.Context()), actor.Actor{Kind: actor.Anonymous, IP: ip})
		_, account, failed := h.s.SignIn(ctx, email, password)
		if err = failed; err == nil {
			device = h.s.DeviceCookie(account)
		}
	})).ServeHTTP(httptest.NewRecorder(), r)
	return device, err
}

func TestWhoLocksANameDoesNotKeepItsOwnerOut(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := open(t, d)
		h.staff("chen@lj.test")
		h.staff("wu@lj.test")
		device, err := h.from("192.0.2.1", "chen@lj.test", good)
		require.NoError(t, err)
		for range 40 { // from the same house
			_, err := h.from("192.0.2.1", "chen@lj.test", "wrong")
			require.Error(t, err)
		}
		_, err = h.from("192.0.2.1", "chen@lj.test", good)
		require.Equal(t, fault.Throttled, fault.KindOf(err), "the address waits")
		_, err = h.from("192.0.2.9", "chen@lj.test", good)
		require.Equal(t, fault.Invalid, fault.KindOf(err), "the name is locked for strangers")
		_, err = h.from("192.0.2.1", "chen@lj.test", good, device)
		require.NoError(t, err, "its owner's browser is known")
		_, err = h.from("192.0.2.9", "chen@lj.test", good)
		require.Error(t, err, "which forgives strangers nothing")
		_, err = h.from("192.0.2.1", "wu@lj.test", good, device)
		require.Equal(t, fault.Throttled, fault.KindOf(err), "the browser is known for one account only")

		for range 5 {
			_, err = h.from("192.0.2.2", "chen@lj.test", "wrong", device)
			require.Error(t, err)
		}
		_, err = h.from("192.0.2.2", "chen@lj.test", good, device)
		require.Error(t, err, "who stole the cookie has a limit too")
		forged := *device
		forged.Value = forged.Value[:len(forged.Value)-1] + "~"
		for _, value := range []string{forged.Value, "", "..", "a.b.c", device.Value + ".x", db.NewID(h.at) + device.Value[36:]} {
			_, err = h.from("192.0.2.9", "chen@lj.test", good, &http.Cookie{Name: device.Name, Value: value})
			require.Error(t, err, value)
		}
		h.pass(181 * 24 * time.Hour)
		for range 5 {
			_, err = h.from("192.0.2.9", "chen@lj.test", "wrong")
			require.Error(t, err)
		}
		_, err = h.from("192.0.2.9", "chen@lj.test", good, device)
		require.Error(t, err, "a cookie of last year counts for nothing")
	})
}
