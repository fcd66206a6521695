package main

import (
	"bufio"
	"cmp"
	"context"
	"fmt"
	"io"

	"minqing/internal/app"
)

// ExportCmd writes data to standard output.
type ExportCmd struct {
	Table  string `arg:"" enum:"cases,evaluations,constituents,catalogue,districts" help:"cases, evaluations or constituents; catalogue (YAML) or districts (GeoJSON)."`
	Format string `default:"" enum:",csv,xlsx,jsonl" help:"csv (without the flag), xlsx or jsonl; not of catalogue and districts."`
}

// Help shows an example.
func (ExportCmd) Help() string {
	return "Example: minqing export cases --format xlsx > cases.xlsx"
}

// Run exports.
func (c *ExportCmd) Run(e *env) error {
	own := c.Table == "catalogue" || c.Table == "districts"
	if own && c.Format != "" {
		return usageError{fmt.Errorf("%s has one format only; leave --format out", c.Table)}
	}
	return e.withApp("export", func(ctx context.Context, a *app.App) error {
		out := bufio.NewWriterSize(e.Out, 1<<16)
		if own {
			if err := describe(ctx, a, c.Table, out); err != nil {
				return err
			}
			return out.Flush()
		}
		if _, err := exchanger(a).Export(ctx, c.Table, cmp.Or(c.Format, "csv"), out); err != nil {
			return err
		}
		return out.Flush()
	})
}

// describe writes the catalogue or the map as the import reads it.
func describe(ctx context.Context, a *app.App, table string, out io.Writer) error {
	m, err := a.Places.Map(ctx)
	if err != nil {
		return err
	}
	if table == "districts" {
		raw, err := m.Describe()
		if err == nil {
			_, err = out.Write(append(raw, '\n'))
		}
		return err
	}
	snap, err := a.Catalogue.Snapshot(ctx)
	if err != nil {
		return err
	}
	content, err := snap.Content(func(id string) string {
		if d, err := m.District(id); err == nil {
			return d.Code
		}
		return ""
	})
	if err != nil {
		return err
	}
	return content.Write(out)
}
