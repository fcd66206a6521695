package main

import (
	"context"
	"fmt"

	"minqing/internal/app"
)

// AuditCmd looks after the trail.
type AuditCmd struct {
	Verify AuditVerifyCmd `cmd:"" help:"Check the whole chain; exit 1 and the first broken entry if it was altered."`
}

// AuditVerifyCmd checks the chain.
type AuditVerifyCmd struct{}

// Help shows an example.
func (AuditVerifyCmd) Help() string { return "Example: minqing audit verify" }

// Run checks.
func (*AuditVerifyCmd) Run(e *env) error {
	return e.withApp("audit verify", func(ctx context.Context, a *app.App) error {
		if _, err := a.Audit.Seal(ctx); err != nil {
			return err
		}
		n, err := a.Audit.Verify(ctx)
		if err != nil {
			return err
		}
		fmt.Fprintf(e.Out, "The audit trail holds: %d entries.\n", n)
		return nil
	})
}
