package portal_test

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"

	"minqing/internal/actor"
)

// shown is what an authenticator app shows, computed apart from the product.
func shown(t *testing.T, secret string, step int64) string {
	key, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(secret)
	require.NoError(t, err)
	var counter [8]byte
	binary.BigEndian.PutUint64(counter[:], uint64(step))
	mac := hmac.New(sha1.New, key)
	mac.Write(counter[:])
	sum := mac.Sum(nil)
	at := sum[19] & 15
	return fmt.Sprintf("%06d", binary.BigEndian.Uint32(sum[at:])&0x7fffffff%1e6)
}

func TestStaffTurnASecondFactorOnAndSignInWithIt(t *testing.T) {
	d := newDoor(t, true)
	d.staff()
	d.visit("GET", "/?lang=en", nil)
	require.Equal(t, 303, d.visit("POST", "/sign-in", credentials("chen@lj.test", password, "")).Code)
	require.Contains(t, d.visit("GET", "/me/security?lang=en", nil).Body.String(), `href="/me/security/totp"`)
	require.Equal(t, 303, d.visit("POST", "/me/security/totp", url.Values{"do": {"begin"}}).Code)
	page := d.visit("GET", "/me/security/totp", nil).Body.String()
	require.Contains(t, page, "<svg")
	secret := regexp.MustCompile(`<code>([A-Z2-7]{32})</code>`).FindStringSubmatch(page)[1]

	w := d.visit("POST", "/me/security/totp", url.Values{"do": {"confirm"}, "code": {"abcdef"}})
	require.Equal(t, 422, w.Code)
	require.Contains(t, w.Body.String(), secret, "the same secret still stands there")
	step := now.Unix() / 30
	w = d.visit("POST", "/me/security/totp", url.Values{"do": {"confirm"}, "code": {shown(t, secret, step-1)}})
	require.Equal(t, 200, w.Code)
	require.Equal(t, "no-store", w.Header().Get("Cache-Control"))
	require.Len(t, regexp.MustCompile(`<li><code>`).FindAllString(w.Body.String(), -1), 10)
	require.NotContains(t, d.visit("GET", "/me/security/totp", nil).Body.String(), secret)

	d.visit("POST", "/sign-out", nil)
	w = d.visit("POST", "/sign-in", credentials("chen@lj.test", password, "/mine"))
	require.Equal(t, "/sign-in/second?next=%2Fmine", w.Header().Get("Location"))
	require.Nil(t, d.jar["mq_session"])
	require.Equal(t, 303, d.visit("GET", "/mine", nil).Code, "the password alone opens nothing")
	half := d.jar["mq_half"]
	require.True(t, half.HttpOnly)
	require.Equal(t, http.SameSiteStrictMode, half.SameSite)
	d.jar["mq_session"] = &http.Cookie{Name: "mq_session", Value: half.Value}
	require.Equal(t, 303, d.visit("GET", "/mine", nil).Code, "nor does its cookie as a session")
	delete(d.jar, "mq_session")

	require.Contains(t, d.visit("GET", "/sign-in/second?next=/mine", nil).Body.String(), `autocomplete="one-time-code"`)
	w = d.visit("POST", "/sign-in/second", url.Values{"code": {shown(t, secret, step-1)}, "next": {"/mine"}})
	require.Equal(t, 422, w.Code, "used before")
	require.Contains(t, w.Body.String(), `name="next" value="/mine"`)
	w = d.visit("POST", "/sign-in/second", url.Values{"code": {shown(t, secret, step)}, "next": {"//evil.test"}})
	require.Equal(t, 303, w.Code)
	require.Equal(t, "/desk", w.Header().Get("Location"))
	require.Equal(t, 200, d.visit("GET", "/mine", nil).Code)
	require.Nil(t, d.jar["mq_half"])

	d.jar["mq_half"] = &http.Cookie{Name: "mq_half", Value: "tampered"}
	w = d.visit("POST", "/sign-in/second", url.Values{"code": {"123456"}})
	require.Equal(t, "/sign-in", w.Header().Get("Location"))
}

func TestWhoseRoleAsksForItSetsASecondFactorUpFirst(t *testing.T) {
	d := newDoor(t, true, "auditor")
	id := d.staff()
	ctx := actor.AsSystem(t.Context(), "test")
	require.NoError(t, d.units(ctx))
	_, err := d.s.Grant(ctx, id, "auditor", "", "test")
	require.NoError(t, err)
	w := d.visit("POST", "/sign-in", credentials("chen@lj.test", password, "/mine"))
	require.Equal(t, "/sign-in/enrol?next=%2Fmine", w.Header().Get("Location"))
	require.Equal(t, 303, d.visit("GET", "/mine", nil).Code, "nothing else is open")
	require.Equal(t, 303, d.visit("GET", "/me/security/totp", nil).Code)
	page := d.visit("GET", "/sign-in/enrol?next=/mine", nil).Body.String()
	secret := regexp.MustCompile(`<code>([A-Z2-7]{32})</code>`).FindStringSubmatch(page)[1]
	require.Contains(t, page, `action="/sign-in/enrol"`)
	require.Equal(t, 422, d.visit("POST", "/sign-in/enrol", url.Values{"code": {"abcdef"}}).Code)
	w = d.visit("POST", "/sign-in/enrol", url.Values{"code": {shown(t, secret, now.Unix()/30)}, "next": {"/mine"}})
	require.Equal(t, 200, w.Code)
	require.Contains(t, w.Body.String(), `href="/mine"`)
	require.Equal(t, id, d.visit("GET", "/mine", nil).Body.String())
	require.Contains(t, d.jar, "mq_device", "its owner's browser is known from now on")
	require.Equal(t, "/sign-in", d.visit("GET", "/sign-in/enrol", nil).Header().Get("Location"))
}
