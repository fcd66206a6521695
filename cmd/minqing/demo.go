package main

import (
	"fmt"
	"time"

	"minqing/internal/calendar"
	"minqing/internal/demo"
)

// DemoCmd fills the database with made-up data.
type DemoCmd struct {
	Load DemoLoadCmd `cmd:"" help:"Load the city: districts, units, matters, rules and accounts, and cases with their whole lives."`
}

// Help shows an example.
func (DemoCmd) Help() string { return "Example: minqing demo load --cases 20000" }

// DemoLoadCmd loads the city and its cases.
type DemoLoadCmd struct {
	Cases int           `help:"How many cases, 0 for none." default:"0"`
	Seed  uint64        `help:"The same seed, number and period give the same cases." default:"1"`
	From  calendar.Date `help:"First day of receipt, YYYY-MM-DD; a year before the last day when absent." placeholder:"DATE" optional:""`
	To    calendar.Date `help:"Last day of receipt; today when absent." placeholder:"DATE" optional:""`
}

// Help shows an example.
func (DemoLoadCmd) Help() string {
	return "Example: minqing demo load --cases 20000 --seed 7 --from 2025-11-01 --to 2026-10-31"
}

// Run loads.
func (c *DemoLoadCmd) Run(e *env) error {
	a, err := e.App(true)
	if err != nil {
		return err
	}
	defer a.Close()
	o, err := a.DemoPeriod(demo.LoadOptions{Cases: c.Cases, Seed: c.Seed, From: c.From, To: c.To})
	if err != nil {
		return usageError{fmt.Errorf("--from %s --to %s --cases %d: %w", o.From, o.To, o.Cases, err)}
	}
	if err := a.Migrate(e.Ctx); err != nil {
		return err
	}
	if err := a.LoadDemo(e.Ctx); err != nil {
		return err
	}
	fmt.Fprintln(e.Out, "The demo city is loaded.")
	if c.Cases == 0 {
		return nil
	}
	if err := a.LoadDemoStaff(e.Ctx); err != nil {
		return err
	}
	defer hurry()()
	begin := time.Now()
	n, err := a.LoadDemoCases(e.Ctx, o)
	if err != nil {
		return err
	}
	took := time.Since(begin).Seconds()
	fmt.Fprintf(e.Out, "Added %d cases in %.1f s (%.0f a second).\n", n, took, float64(n)/took)
	return nil
}
