package identity

import (
	"context"
	"encoding/hex"
	"net/http"
	"strings"
	"time"

	"minqing/internal/cookie"
	"minqing/internal/db"
	"minqing/internal/vault"
)

// A browser in which somebody has signed in carries a device cookie from then
// on, which says so for that one account and for nothing else. Its attempts are
// counted apart: whoever keeps a name locked by wrong passwords from elsewhere,
// or sits behind the same network address, does not keep its owner out (OWASP,
// "Slow Down Online Guessing Attacks with Device Cookies"). The cookie is no
// session: without the password it opens nothing, and it has its own limit.

const (
	deviceLife = 180 * 24 * time.Hour
	devicePath = "/sign-in" // it counts nowhere else
)

type deviceKey struct{}

func (s *Service) withDevice(ctx context.Context, r *http.Request) context.Context {
	if value := s.jar().Read(r, cookie.Device); value != "" && (r.URL.Path == devicePath || strings.HasPrefix(r.URL.Path, devicePath+"/")) {
		return context.WithValue(ctx, deviceKey{}, value)
	}
	return ctx
}

// DeviceCookie marks the browser as one that its account's owner has used.
func (s *Service) DeviceCookie(a *Account) *http.Cookie {
	id := db.NewID(s.Now())
	return s.jar().Make(cookie.Device, id+"."+s.Vault.CurrentKey()+"."+s.deviceCode(s.Vault.CurrentKey(), id, a.login))
}

func (s *Service) deviceCode(ringKey, id string, login []byte) string {
	return s.Vault.DeriveWith(ringKey, purposeDevice, id+"."+hex.EncodeToString(login), 0, vault.LinkLength)
}

// device is what attempts with this browser and name are counted under, nil for
// a browser that nobody has signed in with, or an older cookie than deviceLife.
func (s *Service) device(ctx context.Context, login []byte) []byte {
	value, _ := ctx.Value(deviceKey{}).(string)
	f := strings.Split(value, ".")
	if len(f) != 3 || !uuidLike(f[0]) || !vault.Matches(f[2], s.deviceCode(f[1], f[0], login)) ||
		s.Now().Sub(db.IDTime(f[0])) > deviceLife {
		return nil
	}
	return s.Vault.BlindIndex(purposeDevice, f[0]+"."+hex.EncodeToString(login))
}

// counted is what an attempt with a name is counted under: the browser where its
// owner has used it, whose address is then not asked either; else the name.
func (s *Service) counted(ctx context.Context, login []byte) ([]byte, error) {
	if device := s.device(ctx, login); device != nil {
		return device, nil
	}
	return login, s.checkAddress(ctx, s.address(ctx))
}
