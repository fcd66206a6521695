package cases_test

import (
	"context"
	"testing"

	"minqing/internal/db"
	"minqing/internal/db/dbtest"
)

// BenchmarkFile files from sixteen goroutines at once on a machine with two
// cores. Filings a second are 1e9 / (ns/op).
func BenchmarkFile(b *testing.B) {
	for name, open := range map[string]func(testing.TB, ...func(*db.Options)) *db.DB{"sqlite": dbtest.New, "postgres": dbtest.Postgres} {
		b.Run(name, func(b *testing.B) {
			w := newTown(b, open(b, func(o *db.Options) { o.MaxConns = 16 }))
			guest := w.guest()
			b.SetParallelism(8)
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					if _, err := w.File(context.WithoutCancel(guest), filing()); err != nil {
						b.Error(err)
						return
					}
				}
			})
		})
	}
}
