package app_test

import (
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// The file of the case with the longest story, one after the other: -cpu 1 gives
// what one core does.
func BenchmarkCaseFile(b *testing.B) {
	eachEngine(b, func(b *testing.B, s *busy) {
		var no string
		require.NoError(b, s.h.DB.From(b.Context()).Raw(`SELECT case_no FROM cases WHERE confidentiality = 'normal' AND status = 'concluded'
 ORDER BY event_count DESC, case_no LIMIT 1`).Scan(&no).Error)
		cookie := s.session(b, "supervisor")
		runtime.GC()
		var before, now runtime.MemStats
		runtime.ReadMemStats(&before)
		var took []time.Duration
		most, size := uint64(0), 0
		b.ReportAllocs()
		for b.Loop() {
			from := time.Now()
			w := s.ask("GET", "/desk/cases/"+no+"/file.pdf", cookie, "", "")
			took = append(took, time.Since(from))
			require.Equal(b, 200, w.Code)
			size = w.Body.Len()
			runtime.ReadMemStats(&now)
			most = max(most, now.HeapInuse-min(before.HeapInuse, now.HeapInuse))
		}
		slices.Sort(took)
		b.ReportMetric(float64(took[len(took)*95/100].Microseconds())/1000, "p95-ms")
		b.ReportMetric(float64(most)/(1<<20), "heap-MB-more")
		b.ReportMetric(float64(size), "bytes/file")
	})
}
