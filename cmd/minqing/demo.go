package main

import "fmt"

// DemoCmd fills the database with made-up data.
type DemoCmd struct {
	Load DemoLoadCmd `cmd:"" help:"Load the city: districts, units, matters, rules and accounts."`
}

// DemoLoadCmd loads the city.
type DemoLoadCmd struct{}

// Help shows an example.
func (DemoLoadCmd) Help() string { return "Example: minqing demo load" }

// Run loads.
func (*DemoLoadCmd) Run(e *env) error {
	a, err := e.App(true)
	if err != nil {
		return err
	}
	defer a.Close()
	if err := a.Migrate(e.Ctx); err != nil {
		return err
	}
	if err := a.LoadDemo(e.Ctx); err != nil {
		return err
	}
	fmt.Fprintln(e.Out, "The demo city is loaded.")
	return nil
}
