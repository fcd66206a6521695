package register_test

import (
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"minqing/internal/db/dbtest"
	"minqing/internal/i18n"
	"minqing/internal/register"
)

// keepPDF keeps a document for looking at: KEEP_PDF=DIR.
func keepPDF(t testing.TB, name string, pdf []byte) {
	if dir := os.Getenv("KEEP_PDF"); dir != "" {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name+".pdf"), pdf, 0o600))
	}
}

// The permit on paper with fonts and code, one after the other: -cpu 1 gives what
// one core does.
func BenchmarkPaper(b *testing.B) {
	o := newOffice(b, dbtest.New(b))
	p := o.get(o.issue())
	runtime.GC()
	var before, now runtime.MemStats
	runtime.ReadMemStats(&before)
	var took []time.Duration
	most, size := uint64(0), 0
	for b.Loop() {
		from := time.Now()
		pdf, err := o.Print(system(), register.Paper{Permit: p, Lang: i18n.ZhHant, Holder: "臨江四海餐飲有限公司", Conditions: "夜間十時後不得施工；占用範圍設圍籬與警示燈；完工三日內回復路面。"})
		took = append(took, time.Since(from))
		require.NoError(b, err)
		size = len(pdf)
		runtime.ReadMemStats(&now)
		most = max(most, now.HeapInuse-min(before.HeapInuse, now.HeapInuse))
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)*95/100].Microseconds())/1000, "p95-ms")
	b.ReportMetric(float64(most)/(1<<20), "heap-MB-more")
	b.ReportMetric(float64(size), "bytes/file")
}
