package app

import (
	"fmt"
	"log/slog"

	"minqing/internal/tracing"
)

// trace opens the way to the collector, where one was named; else nothing of it
// is there, in the log neither.
func (a *App) trace() (err error) {
	if a.Config.OtelEndpoint == "" {
		return nil
	}
	if a.Tracer, err = tracing.Open(a.Config.OtelEndpoint, a.Options.Version, a.Log); err != nil {
		return fmt.Errorf("MINQING_OTEL_ENDPOINT: %w", err)
	}
	a.Log = slog.New(tracing.Log(a.Log.Handler()))
	return nil
}
