package identity

import (
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // what RFC 6238 and every authenticator app use; HMAC-SHA-1 is not broken
	"crypto/subtle"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"net/url"
	"strings"
	"time"
)

// The one-time codes are those of RFC 6238 that every authenticator app knows:
// SHA-1, 30 seconds, six digits, one step of skew either way.
const (
	totpSeconds = 30
	totpDigits  = 6
	totpSkew    = 1
	totpSecret  = 20 // bytes, as RFC 4226 recommends
)

var base32Plain = base32.StdEncoding.WithPadding(base32.NoPadding)

// totpCode is the code of a step.
func totpCode(secret []byte, step int64) string {
	mac := hmac.New(sha1.New, secret)
	_ = binary.Write(mac, binary.BigEndian, step) // a hash never fails
	sum := mac.Sum(nil)
	at := sum[len(sum)-1] & 0x0f
	return fmt.Sprintf("%0*d", totpDigits, binary.BigEndian.Uint32(sum[at:at+4])&0x7fffffff%1_000_000)
}

// totpStep finds the step after last whose code was typed, in the same time for
// every code.
func totpStep(secret []byte, typed string, now time.Time, last int64) (step int64, ok bool) {
	typed = strings.Map(func(r rune) rune {
		if r == ' ' || r == '-' {
			return -1
		}
		return r
	}, typed)
	current := now.Unix() / totpSeconds
	for s := current - totpSkew; s <= current+totpSkew; s++ {
		if subtle.ConstantTimeCompare([]byte(totpCode(secret, s)), []byte(typed)) == 1 && s > last {
			step, ok = s, true
		}
	}
	return step, ok
}

// totpURI is what an authenticator app reads from the picture.
func totpURI(secret, account string) string {
	const issuer = "Minqing"
	q := url.Values{"secret": {secret}, "issuer": {issuer}, "algorithm": {"SHA1"}, "digits": {fmt.Sprint(totpDigits)}, "period": {fmt.Sprint(totpSeconds)}}
	return "otpauth://totp/" + url.PathEscape(issuer+":"+account) + "?" + q.Encode()
}
