package main

import (
	"bufio"
	"context"

	"minqing/internal/app"
)

// ExportCmd writes data to standard output.
type ExportCmd struct {
	Table  string `arg:"" enum:"cases,evaluations,constituents" help:"cases, evaluations or constituents."`
	Format string `default:"csv" enum:"csv,xlsx,jsonl" help:"csv, xlsx or jsonl."`
}

// Help shows an example.
func (ExportCmd) Help() string {
	return "Example: minqing export cases --format xlsx > cases.xlsx"
}

// Run exports.
func (c *ExportCmd) Run(e *env) error {
	return e.withApp("export", func(ctx context.Context, a *app.App) error {
		out := bufio.NewWriterSize(e.Out, 1<<16)
		if _, err := exchanger(a).Export(ctx, c.Table, c.Format, out); err != nil {
			return err
		}
		return out.Flush()
	})
}
