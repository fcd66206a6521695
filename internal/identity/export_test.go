package identity

import "time"

// CodeAt is what an authenticator app shows, for tests.
func CodeAt(secret string, at time.Time) string {
	raw, err := base32Plain.DecodeString(secret)
	if err != nil {
		panic(err)
	}
	return totpCode(raw, at.Unix()/totpSeconds)
}
