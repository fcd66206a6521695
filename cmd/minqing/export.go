package main

import (
	"bufio"
	"errors"

	"minqing/internal/actor"
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
	a, err := e.App(false)
	if err != nil {
		return err
	}
	defer a.Close()
	out := bufio.NewWriterSize(e.Out, 1<<16)
	_, err = exchanger(a).Export(actor.AsSystem(e.Ctx, "export"), c.Table, c.Format, out)
	return errors.Join(err, out.Flush())
}
