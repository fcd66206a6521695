package app

import (
	"context"
	"runtime/debug"
	"time"
)

// settled is when the start's own work is over.
const settled = 10 * time.Second

// tidy gives back what the start left behind. Reading templates, catalogue and
// demo city and the first run of each schedule take about as much memory as the
// program needs afterwards, and small machines have other uses for it.
func tidy(ctx context.Context) {
	select {
	case <-ctx.Done():
	case <-time.After(settled):
		debug.FreeOSMemory()
		unmapProgram()
	}
}
