package vault_test

import (
	"encoding/hex"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"minqing/internal/vault"
)

const someID = "019f22e2-79b0-7000-8000-000000000001"

// The vectors were computed apart from this program, with Python's hmac: codes
// that people hold on paper must stay good under every later version.
func TestDerivedCodesStayAsTheyAre(t *testing.T) {
	v := vault.New(nil, ring(t, "k1"), time.Now)
	require.Equal(t, "95QDXJXE2MBSNKNGNT434Z3479", v.Derive("evaluate", someID, 1))
	require.Equal(t, "ZPRBK46FK396A9ZC9BG5VJARW3", v.Derive("evaluate", someID, 2))
	require.Equal(t, "V8W6NYWCEKS2", v.DeriveWith("k1", "case.query", someID, 1, 12))
	require.Equal(t, "3KS8JW9H5XEY6Z1VQ3HMPW5YEMR86MNK1A6YT3CS59QBBDQ84NB", v.DeriveWith("k1", "x", "", 0, 51))
	require.Empty(t, v.DeriveWith("k9", "case.query", someID, 1, 12))
}

func TestBlindIndexesAndFingerprintsStayAsTheyAre(t *testing.T) {
	v := vault.New(nil, ring(t, "k1"), time.Now)
	require.Equal(t, "016a2473c437299418820b67d04d69b632c0efe4c777", hex.EncodeToString(v.BlindIndex(purpose, "+886912345678")))
	v = vault.New(nil, ring(t, "k1", "k2"), time.Now)
	require.Equal(t, "0101bbabf9d51321e56f3c9224fab66e9ec9eb343e2a", hex.EncodeToString(v.BlindIndex(purpose, "+886912345678")))
	require.Equal(t, "e860214d59d2ca1c", ring(t, "k1", "k2").Fingerprints()["k1"])
}

func TestCodesAndIndexesOfDifferentThingsDiffer(t *testing.T) {
	v := vault.New(nil, ring(t, "k1"), time.Now)
	type of struct {
		purpose, id string
		generation  int
	}
	text := rapid.StringMatching(`[a-z.]{1,8}`)
	rapid.Check(t, func(t *rapid.T) {
		draw := func(name string) of {
			return of{text.Draw(t, name+" purpose"), text.Draw(t, name+" id"), rapid.IntRange(0, 3).Draw(t, name+" generation")}
		}
		a, b := draw("a"), draw("b")
		x, y := v.Derive(a.purpose, a.id, a.generation), v.Derive(b.purpose, b.id, b.generation)
		if (a == b) != (x == y) || len(x) != vault.LinkLength {
			t.Fatalf("%v gives %s, %v gives %s", a, x, b, y)
		}
		i, j := string(v.BlindIndex(a.purpose, a.id)), string(v.BlindIndex(b.purpose, b.id))
		if (a.purpose == b.purpose && a.id == b.id) != (i == j) {
			t.Fatalf("%v and %v: %x, %x", a, b, i, j)
		}
	})
}

func TestACodeMatchesOnlyItself(t *testing.T) {
	v := vault.New(nil, ring(t, "k1"), time.Now)
	code := v.Derive("evaluate", someID, 1)
	require.True(t, vault.Matches(code, code))
	require.False(t, vault.Matches(code[:25], code))
	require.False(t, vault.Matches(code+"0", code))
	require.False(t, vault.Matches(strings.ToLower(code), code))
	require.False(t, vault.Matches("", code))
	require.False(t, vault.Matches("", v.DeriveWith("gone", "evaluate", someID, 1, 26)), "a code of a removed key never matches")
}

func TestABadKeyFileIsRefusedWithoutShowingASecret(t *testing.T) {
	good := string(ringFile("k1", "k2"))
	for what, body := range map[string]string{
		"empty":              "",
		"no keys":            `{"current": "k1"}`,
		"an unknown current": strings.Replace(good, `"current": "k2"`, `"current": "k3"`, 1),
		"a double id":        strings.Replace(good, `"id": "k2"`, `"id": "k1"`, 1),
		"an empty id":        strings.Replace(good, `"id": "k1"`, `"id": ""`, 1),
		"an unknown suite":   strings.Replace(good, "aes256gcm", "sm4", 1),
		"a short secret":     strings.Replace(good, `"secret": "AAEC`, `"secret": "`, 1),
		"no base64":          strings.Replace(good, `"secret": "AAEC`, `"secret": "AA!C`, 1),
	} {
		require.NotEqual(t, good, body, what)
		_, err := vault.ParseRing([]byte(body))
		require.Error(t, err, what)
		require.NotContains(t, err.Error(), "AwQFBgcI", what)
	}
}
