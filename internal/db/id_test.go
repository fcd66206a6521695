package db_test

import (
	"math/rand/v2"
	"regexp"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"minqing/internal/db"
)

var uuid7 = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)

func TestIDsSortByTheirTimeToTheMicrosecond(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		micros := rapid.Int64Range(0, 4102444800_000000) // until 2100
		a, b := time.UnixMicro(micros.Draw(t, "a")), time.UnixMicro(micros.Draw(t, "b"))
		if rapid.Bool().Draw(t, "near") {
			b = a.Add(time.Duration(rapid.IntRange(1, 3000).Draw(t, "us")) * time.Microsecond)
		}
		x, y := db.NewID(a), db.NewID(b.In(time.FixedZone("", 8*3600)))
		for _, id := range []string{x, y} {
			if !uuid7.MatchString(id) {
				t.Fatalf("%s is no UUIDv7", id)
			}
		}
		if a.Before(b) && x >= y || b.Before(a) && y >= x {
			t.Fatalf("%v gives %s, %v gives %s", a, x, b, y)
		}
	})
}

func TestAnIDBeginsWithItsMillisecond(t *testing.T) {
	// RFC 9562, appendix A.6.
	id := db.NewID(time.Date(2022, 2, 22, 14, 22, 22, 0, time.FixedZone("", -5*3600)))
	require.Equal(t, "017f22e2-79b0-7000-8", id[:20])
	require.Equal(t, time.Date(2022, 2, 22, 19, 22, 22, 0, time.UTC), db.IDTime(id))
	require.Less(t, db.FirstID(db.IDTime(id)), id)
	require.Greater(t, db.FirstID(db.IDTime(id).Add(time.Millisecond)), id)
	require.Regexp(t, "^00000000-0000-7", db.NewID(time.Time{}))
	for _, other := range []string{"", "x", "017f22e2-79b0-4000-8000-000000000000", "zzzzzzzz-79b0-7000-8000-000000000000"} {
		require.Zero(t, db.IDTime(other), other)
	}
}

func TestIDsOfOneInstantKeepTheirOrder(t *testing.T) {
	at := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC).Add(time.Duration(rand.IntN(1_000_000)) * time.Millisecond) // another one each time
	ids := make([]string, 70_000)
	for i := range ids {
		ids[i] = db.NewID(at)
	}
	require.IsIncreasing(t, ids)
	require.Less(t, ids[len(ids)-1], db.NewID(at.Add(2*time.Microsecond)))
}

// Two requests, each with a time of its own, mint in turn.
func TestIDsOfOneInstantKeepTheirOrderAmongOthers(t *testing.T) {
	at := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	var mine, others []string
	for range 100 {
		mine, others = append(mine, db.NewID(at)), append(others, db.NewID(at.Add(time.Second)))
	}
	require.IsIncreasing(t, mine)
	require.IsIncreasing(t, others)
}

func TestIDsMintedAtOnceDiffer(t *testing.T) {
	at := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	var seen sync.Map
	var all sync.WaitGroup
	for g := range 8 {
		all.Go(func() {
			for i := range 2000 {
				if _, twice := seen.LoadOrStore(db.NewID(at.Add(time.Duration(i*g%3)*time.Millisecond)), true); twice {
					t.Error("an id came twice")
				}
			}
		})
	}
	all.Wait()
}

func TestAnAbsentReferenceIsNull(t *testing.T) {
	require.Nil(t, db.Ref(""))
	require.Equal(t, "x", *db.Ref("x"))
}
