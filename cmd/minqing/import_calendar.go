package main

import (
	"fmt"
	"os"
	"strings"

	"minqing/internal/actor"
)

// ImportCalendarCmd brings in an official calendar.
type ImportCalendarCmd struct {
	File string `arg:"" help:"The calendar file (docs/calendars.md)."`
}

// Help shows an example.
func (ImportCalendarCmd) Help() string { return "Example: minqing import calendar cn-2027.toml" }

// Run imports.
func (c *ImportCalendarCmd) Run(e *env) error {
	file, err := os.ReadFile(c.File)
	if err != nil {
		return usageError{err}
	}
	a, err := e.App(false)
	if err != nil {
		return err
	}
	defer a.Close()
	if err := a.Migrate(e.Ctx); err != nil {
		return err
	}
	ctx := actor.AsSystem(e.Ctx, "import.calendar")
	code, years, changed, err := a.Catalogue.ImportCalendar(ctx, string(file))
	if err != nil {
		return fmt.Errorf("import %s: %w", c.File, err)
	}
	listed := strings.Trim(fmt.Sprint(years), "[]")
	if !changed {
		fmt.Fprintf(e.Out, "%s %s is known already; nothing changed\n", code, listed)
		return nil
	}
	moved, err := a.Cases.Recount(ctx)
	if err != nil {
		return fmt.Errorf("count open cases anew (the workers go on with it): %w", err)
	}
	fmt.Fprintf(e.Out, "imported %s %s; %d due times moved\n", code, listed, moved)
	return nil
}
