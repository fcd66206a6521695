package constituents_test

import (
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/access"
	"minqing/internal/audit"
	"minqing/internal/constituents"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/vault"
)

// crowdOf makes people on PostgreSQL without opening a single one: 60,000 names,
// households of four with one phone, an address for half, a mailbox for two in
// five, a twin for one in fifty, and 5,000 who share one phone.
func crowdOf(b *testing.B, d *db.DB, key string, n int) {
	for _, sql := range []string{
		`INSERT INTO constituents (id, kind, vault_key_id, name_cipher, name_index, locale, created_at, birth_year)
 SELECT ('00000000-0000-7000-8000-' || lpad(to_hex(i), 12, '0'))::uuid, 'person', '#key', '\x00', '\x0107'::bytea || substr(sha256(('n' || ((i - (i % 50 = 0)::int)::bigint * 7919 % 60000))::bytea), 1, 20),
 'zh-Hant', now(), CASE WHEN i % 3 = 0 THEN 1930 + i % 80 END FROM generate_series(#from, #to) i`,
		point("i", "phone", "CASE WHEN i % 200 = 7 THEN 0 WHEN i % 10 < 3 THEN 4 * (i / 4) ELSE i - (i % 50 = 0)::int END", "true", false),
		point("i + 100000000", "email", "i", "i % 5 < 2", false),
		point("i + 200000000", "address", "i / 3", "i % 2 = 0", true),
		"ANALYZE constituents", "ANALYZE contact_points",
	} {
		for from := 1; from <= n; from += 50000 { // a statement may take so long and no longer
			part := strings.NewReplacer("#key", key, "#from", strconv.Itoa(from), "#to", strconv.Itoa(min(from+49999, n))).Replace(sql)
			require.NoError(b, d.From(system()).Exec(part).Error)
			if part == sql {
				break
			}
		}
	}
}

func point(id, kind, value, which string, place bool) string {
	hash := "'\\x0107'::bytea || substr(sha256(('" + kind + "' || (" + value + "))::bytea), 1, 20)"
	match := "NULL"
	if place {
		match = hash
	}
	return "INSERT INTO contact_points (id, constituent_id, kind, value_cipher, blind_index, match_index, valid_from, link_key) SELECT ('00000000-0000-7000-9000-' || lpad(to_hex(" + id +
		"), 12, '0'))::uuid, ('00000000-0000-7000-8000-' || lpad(to_hex(i), 12, '0'))::uuid, '" + kind + "', '\\x00', " + hash + ", " + match + ", now(), '' FROM generate_series(#from, #to) i WHERE " + which
}

// BenchmarkDuplicates looks for pairs among TEST_PEOPLE records, and for who may be
// the same as one of them. docs/duplicates.md has the figures of a million.
func BenchmarkDuplicates(b *testing.B) {
	n, err := strconv.Atoi(os.Getenv("TEST_PEOPLE"))
	if err != nil {
		n = 20000
	}
	d := dbtest.Postgres(b)
	ring, err := vault.CreateRing(b.TempDir() + "/keys.json")
	require.NoError(b, err)
	clock := start
	now := func() time.Time { return clock }
	s := constituents.New(constituents.Deps{DB: d, Vault: vault.New(d, ring, now), Audit: audit.New(d, now), Now: now, Region: "CN"})
	key, err := s.Vault.NewKey(system(), vault.OwnerConstituent)
	require.NoError(b, err)
	crowdOf(b, d, key, n)
	who, err := access.New(d, s.Audit, os.DirFS("../../policies"), now)
	require.NoError(b, err)
	m := constituents.NewMerging(s, who, nil)
	require.NoError(b, d.From(system()).Exec("INSERT INTO constituent_sweeps (kind, after, started_at) VALUES ('mark', 'ffffffff-ffff-7fff-8fff-ffffffffffff', now())").Error)
	b.Run("sweep", func(b *testing.B) {
		for b.Loop() {
			clock = clock.Add(48 * time.Hour)
			_, err := m.Go(system(), time.Hour, true)
			require.NoError(b, err)
		}
		b.ReportMetric(float64(n), "records")
	})
	b.Run("one", func(b *testing.B) {
		for i := 0; b.Loop(); i++ {
			id := "00000000-0000-7000-8000-" + strings.Repeat("0", 12-len(hex(i*7919%n+1))) + hex(i*7919%n+1)
			_, err := m.CandidatesOf(system(), id)
			require.NoError(b, err)
		}
	})
	b.Run("thousand", func(b *testing.B) { candidatesOfMany(b, m, n) })
	var plan []string
	require.NoError(b, d.From(system()).Raw("EXPLAIN (ANALYZE, COSTS OFF) "+constituents.LinksOf, "00000000-0000-7000-8000-0000000000c8").Scan(&plan).Error)
	b.Log(strings.Join(plan, "\n"))
}

// candidatesMost is within what time the candidates of nineteen people in twenty have to be there.
const candidatesMost = 30 * time.Millisecond

// candidatesOfMany looks for the candidates of 1,000 people, spread over all, each timed by
// itself: twins, households, and some of those who share one phone with 5,000 among them.
func candidatesOfMany(b *testing.B, m *constituents.Merging, n int) {
	for b.Loop() {
		var took []time.Duration
		found := 0
		for i := range 1000 {
			at := hex(i*7919%n + 1)
			began := time.Now()
			pairs, err := m.CandidatesOf(system(), "00000000-0000-7000-8000-"+strings.Repeat("0", 12-len(at))+at)
			took = append(took, time.Since(began))
			require.NoError(b, err)
			found += min(len(pairs), 1)
		}
		require.Positive(b, found, "nobody has a candidate: the plan is of nothing")
		slices.Sort(took)
		ms := func(at int) float64 { return float64(took[at].Microseconds()) / 1000 }
		b.ReportMetric(ms(500), "p50-ms")
		b.ReportMetric(ms(950), "p95-ms")
		b.ReportMetric(ms(999), "max-ms")
		b.ReportMetric(float64(found), "with-candidates")
		if took[950] > candidatesMost {
			b.Errorf("the candidates of one person in twenty take longer than %s: %s", candidatesMost, took[950])
		}
	}
}

func hex(i int) string { return strconv.FormatInt(int64(i), 16) }
