package access_test

import (
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/access"
	"minqing/internal/audit"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
)

// BenchmarkADecision is the question that every act on a case asks, by somebody
// who holds thirty units.
func BenchmarkADecision(b *testing.B) {
	w, who, object := thirtyUnits(b)
	b.ReportAllocs()
	for b.Loop() {
		if err := w.s.CanOn(as(who), access.CaseReply, object); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkADecisionAfterTheGrantsWereForgotten reads them anew each time.
func BenchmarkADecisionAfterTheGrantsWereForgotten(b *testing.B) {
	w, who, object := thirtyUnits(b)
	b.ReportAllocs()
	for b.Loop() {
		w.now = w.now.Add(time.Minute)
		if err := w.s.CanOn(as(who), access.CaseReply, object); err != nil {
			b.Fatal(err)
		}
	}
}

func thirtyUnits(b *testing.B) (*world, string, access.Object) {
	w := newWorld(b, dbtest.New(b))
	w.unit("LJ/", "LJ")
	who := w.account()
	for i := range 30 {
		code := fmt.Sprintf("U%02d", i)
		w.unit("LJ/"+code+"/", code)
		w.give(who, "head", code)
	}
	return w, who, access.Object{UnitPaths: []string{"LJ/U29/X/"}, SubjectPaths: []string{"LJ/HL/"}}
}

// A large government: 300 rules, and 5,000 grants of 250 people.
func BenchmarkADecisionAmong300RulesAnd5000Grants(b *testing.B) {
	for _, engine := range []struct {
		name string
		open func(testing.TB, ...func(*db.Options)) *db.DB
	}{{"sqlite", dbtest.New}, {"postgresql", dbtest.Postgres}} {
		b.Run(engine.name, func(b *testing.B) {
			d := engine.open(b)
			w, who := large(b, d)
			object := access.Object{UnitPaths: []string{"LJ/U19/"}, SubjectPaths: []string{"LJ/U30/"}}
			for name, wait := range map[string]time.Duration{"kept": 0, "read anew": time.Minute} {
				b.Run(name, func(b *testing.B) {
					took := make([]time.Duration, 0, b.N)
					for i := 0; b.Loop(); i++ {
						w.now = w.now.Add(wait)
						begin := time.Now()
						err := w.s.CanOn(as(who[i%len(who)]), access.CaseReply, object)
						took = append(took, time.Since(begin))
						require.NoError(b, err)
					}
					slices.Sort(took)
					b.ReportMetric(float64(took[len(took)/2].Nanoseconds()), "median-ns")
					b.ReportMetric(float64(took[len(took)*99/100].Nanoseconds()), "p99-ns")
				})
			}
		})
	}
}

// large makes 40 units and 250 people with 20 grants each.
func large(b *testing.B, d *db.DB) (w *world, who []string) {
	w = &world{t: b, d: d, now: start}
	rules, err := fs.ReadFile(policies(b), "policy.csv")
	require.NoError(b, err)
	files := fstest.MapFS{"policy.csv": {Data: rules}}
	for _, name := range []string{"model.conf", "roles.csv"} {
		text, err := fs.ReadFile(policies(b), name)
		require.NoError(b, err)
		files[name] = &fstest.MapFile{Data: text}
	}
	for i := strings.Count(string(rules), "\np, "); i < 300; i++ {
		files["policy.csv"].Data = fmt.Appendf(files["policy.csv"].Data, "\np, %s, thing%d, thing%d.do, true, allow", access.Roles[i%len(access.Roles)], i, i)
	}
	clock := func() time.Time { return w.now }
	w.s, err = access.New(d, audit.New(d, clock), files, clock)
	require.NoError(b, err)
	w.unit("LJ/", "LJ")
	for i := range 40 {
		w.unit(fmt.Sprintf("LJ/U%02d/", i), fmt.Sprintf("U%02d", i))
	}
	for range 250 {
		id := w.account()
		who = append(who, id)
		for i := range 20 {
			w.exec(`INSERT INTO grants (id, account_id, role, unit_id, valid_from, created_at) SELECT ?, ?, ?, id, ?, ? FROM units WHERE code = ?`,
				db.NewID(start), id, []string{"handler", "head"}[i%2], start, start, fmt.Sprintf("U%02d", i))
		}
	}
	return w, who
}
