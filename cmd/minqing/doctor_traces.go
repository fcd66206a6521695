package main

import (
	"context"

	"minqing/internal/tracing"
)

// collector asks whether traces can be sent. Nobody is harmed when they cannot.
func (d *doctor) collector(ctx context.Context) {
	if d.c.OtelEndpoint == "" {
		return
	}
	if err := tracing.Check(ctx, d.c.OtelEndpoint); err != nil {
		d.warn("traces", "they cannot be sent and are dropped: "+err.Error(), "start the collector, or correct MINQING_OTEL_ENDPOINT")
		return
	}
	d.ok("traces", "the collector takes them")
}
