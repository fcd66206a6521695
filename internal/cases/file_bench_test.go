package cases_test

import (
	"context"
	"testing"
	"time"

	"minqing/internal/db"
	"minqing/internal/db/dbtest"
)

var engines = map[string]func(testing.TB, ...func(*db.Options)) *db.DB{"sqlite": dbtest.New, "postgres": dbtest.Postgres}

// BenchmarkFile files from sixteen goroutines at once on a machine with two
// cores. Filings a second are 1e9 / (ns/op).
func BenchmarkFile(b *testing.B) {
	for name, open := range engines {
		b.Run(name, func(b *testing.B) {
			fileMany(b, newTown(b, open(b, func(o *db.Options) { o.MaxConns = 16 })))
		})
	}
}

// BenchmarkFileBesideTheIndex is the same while the index is kept.
func BenchmarkFileBesideTheIndex(b *testing.B) {
	for name, open := range engines {
		b.Run(name, func(b *testing.B) {
			w := newTown(b, open(b, func(o *db.Options) { o.MaxConns = 16 }))
			ctx, stop := context.WithCancel(w.system())
			done := make(chan struct{})
			go func() {
				defer close(done)
				for ctx.Err() == nil {
					if err := w.Index(ctx); err != nil && ctx.Err() == nil {
						b.Error(err)
					}
					time.Sleep(time.Second)
				}
			}()
			fileMany(b, w)
			stop()
			<-done
			var left int
			if err := w.db.From(b.Context()).Raw("SELECT count(*) FROM case_search_due").Scan(&left).Error; err != nil {
				b.Error(err)
			}
			b.ReportMetric(float64(left)/float64(b.N), "waiting/op")
		})
	}
}

func fileMany(b *testing.B, w *town) {
	guest := w.guest()
	b.SetParallelism(8)
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if _, err := w.File(context.WithoutCancel(guest), filing()); err != nil {
				b.Error(err)
				return
			}
		}
	})
	b.StopTimer()
}

// BenchmarkIndex takes one case after the other into the index, a step at a time.
func BenchmarkIndex(b *testing.B) {
	for name, open := range engines {
		b.Run(name, func(b *testing.B) {
			w := newTown(b, open(b))
			for range b.N {
				w.wait(time.Second)
				w.file()
			}
			b.ResetTimer()
			w.indexed()
		})
	}
}
