package db

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"strings"

	"github.com/XSAM/otelsql"
	"github.com/jackc/pgx/v5"
	"go.opentelemetry.io/otel/attribute"

	"minqing/internal/tracing"
)

// queryTrace tells the tracer what the PostgreSQL driver does: by the driver and
// not by a wrapper around it, so that questions asked together are seen too.
type queryTrace struct{ t *tracing.Tracer }

var (
	_ pgx.QueryTracer = queryTrace{}
	_ pgx.BatchTracer = queryTrace{}
)

type spanKey struct{}

func (q queryTrace) begin(ctx context.Context, text string) context.Context {
	if !tracing.Inside(ctx) {
		return ctx
	}
	ctx, end := q.t.Statement(ctx, "postgresql", text)
	return context.WithValue(ctx, spanKey{}, end)
}

func (q queryTrace) end(ctx context.Context, err error) {
	if end, ok := ctx.Value(spanKey{}).(func(error)); ok {
		end(err)
	}
}

// TraceQueryStart begins the span of one statement.
func (q queryTrace) TraceQueryStart(ctx context.Context, _ *pgx.Conn, d pgx.TraceQueryStartData) context.Context {
	return q.begin(ctx, d.SQL)
}

// TraceQueryEnd ends it.
func (q queryTrace) TraceQueryEnd(ctx context.Context, _ *pgx.Conn, d pgx.TraceQueryEndData) {
	q.end(ctx, d.Err)
}

// TraceBatchStart begins the span of questions that travel together.
func (q queryTrace) TraceBatchStart(ctx context.Context, _ *pgx.Conn, d pgx.TraceBatchStartData) context.Context {
	if !tracing.Inside(ctx) {
		return ctx
	}
	texts := make([]string, 0, d.Batch.Len())
	for _, one := range d.Batch.QueuedQueries {
		texts = append(texts, one.SQL)
	}
	return q.begin(ctx, strings.Join(texts, "; "))
}

// TraceBatchQuery is told of each answer; the span covers them all.
func (q queryTrace) TraceBatchQuery(context.Context, *pgx.Conn, pgx.TraceBatchQueryData) {}

// TraceBatchEnd ends the span.
func (q queryTrace) TraceBatchEnd(ctx context.Context, _ *pgx.Conn, d pgx.TraceBatchEndData) {
	q.end(ctx, d.Err)
}

// openTraced opens a SQLite pool whose statements are traced.
func openTraced(address string, t *tracing.Tracer) (*sql.DB, error) {
	if t == nil {
		return sql.Open("sqlite", address)
	}
	return otelsql.Open("sqlite", address, otelsql.WithTracerProvider(t.Provider()),
		otelsql.WithAttributes(attribute.String("db.system.name", "sqlite")),
		otelsql.WithSpanErrorAttributesGetter(func(err error) []attribute.KeyValue {
			return []attribute.KeyValue{attribute.String("error.type", tracing.Kind(err))}
		}),
		otelsql.WithSpanOptions(otelsql.SpanOptions{DisableErrSkip: true, OmitConnResetSession: true, OmitConnPrepare: true, OmitRows: true,
			OmitConnectorConnect: true, SpanFilter: ofStatement}))
}

// ofStatement leaves out what is no statement, and what belongs to no request
// and no job.
func ofStatement(ctx context.Context, _ otelsql.Method, query string, _ []driver.NamedValue) bool {
	return query != "" && tracing.Inside(ctx)
}
