package main

import (
	"fmt"

	"minqing/internal/cases"
)

// StatesCmd draws the state machine.
type StatesCmd struct{}

// Help shows an example.
func (StatesCmd) Help() string { return "Example: minqing states > docs/states.md" }

// Run writes Markdown with a Mermaid diagram and a table.
func (*StatesCmd) Run(e *env) error {
	_, err := fmt.Fprint(e.Out, cases.Drawing())
	return err
}
