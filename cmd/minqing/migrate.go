package main

import "fmt"

// MigrateCmd looks after the tables.
type MigrateCmd struct {
	Up     MigrateUpCmd     `cmd:"" help:"Apply what is missing."`
	Status MigrateStatusCmd `cmd:"" help:"List the migrations."`
	Down   MigrateDownCmd   `cmd:"" help:"Take the newest one back."`
}

// Help shows an example.
func (MigrateCmd) Help() string { return "Example: minqing migrate up" }

// MigrateUpCmd applies what is missing.
type MigrateUpCmd struct{}

// Help shows an example.
func (MigrateUpCmd) Help() string {
	return "Example: MINQING_DATABASE_URL=postgres://… minqing migrate up"
}

// Run migrates.
func (*MigrateUpCmd) Run(e *env) error {
	a, err := e.App(false)
	if err != nil {
		return err
	}
	defer a.Close()
	if err := a.Migrate(e.Ctx); err != nil {
		return err
	}
	fmt.Fprintln(e.Out, "The tables are up to date.")
	return nil
}

// MigrateStatusCmd lists the migrations.
type MigrateStatusCmd struct{}

// Help shows an example.
func (MigrateStatusCmd) Help() string { return "Example: minqing migrate status" }

// Run lists them.
func (*MigrateStatusCmd) Run(e *env) error {
	a, err := e.App(false)
	if err != nil {
		return err
	}
	defer a.Close()
	steps, err := a.DB.Steps(e.Ctx)
	if err != nil {
		return err
	}
	for _, s := range steps {
		when := "pending"
		if !s.At.IsZero() {
			when = s.At.UTC().Format("2006-01-02 15:04:05Z")
		}
		fmt.Fprintf(e.Out, "%-22s %s\n", when, s.Name)
	}
	return nil
}

// MigrateDownCmd takes the newest step back.
type MigrateDownCmd struct{}

// Help shows an example.
func (MigrateDownCmd) Help() string { return "Example: minqing migrate down" }

// Run takes it back.
func (*MigrateDownCmd) Run(e *env) error {
	a, err := e.App(false)
	if err != nil {
		return err
	}
	defer a.Close()
	return a.DB.MigrateDown(e.Ctx)
}
