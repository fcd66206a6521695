package worklist_test

import (
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"minqing/internal/cases"
	"minqing/internal/db"
	"minqing/internal/db/dbtest"
	"minqing/internal/worklist"
)

// BenchmarkAThousandCases notes the time from looking at a thousand cases to
// having accepted the last, worked by as many workers as a process has.
func BenchmarkAThousandCases(b *testing.B) {
	for name, open := range map[string]func(testing.TB, ...func(*db.Options)) *db.DB{"sqlite": dbtest.New, "postgres": dbtest.Postgres} {
		b.Run(name, func(b *testing.B) { aThousand(b, newTown(b, open(b, func(o *db.Options) { o.MaxConns = 16 }))) })
	}
}

func aThousand(b *testing.B, w *town) {
	for b.Loop() {
		b.StopTimer()
		var numbers []string
		for range worklist.Most {
			numbers = append(numbers, w.file())
		}
		b.StartTimer()
		run, err := w.Prepare(w.as(w.dispatcher), cases.ActAccept, worklist.Typed{"note": "看過了"}, numbers, false)
		require.NoError(b, err)
		require.NoError(b, w.Confirm(w.as(w.dispatcher), run))
		var workers sync.WaitGroup
		for from := 1; from <= worklist.Most; from += 125 {
			workers.Go(func() {
				if err := w.Do(w.system(), worklist.Work{RunID: run, From: from, To: from + 125}); err != nil {
					b.Error(err)
				}
			})
		}
		workers.Wait()
		sums, err := w.Sums(w.system(), run)
		require.NoError(b, err)
		require.Equal(b, worklist.Most, sums[worklist.Done])
	}
}
