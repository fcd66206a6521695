package main

import (
	"context"
	"errors"
	"fmt"

	"minqing/internal/app"
	"minqing/internal/audit"
)

// AuditCmd looks after the trail.
type AuditCmd struct {
	Verify AuditVerifyCmd `cmd:"" help:"Check the whole chain; exit 1 and the first broken entry if it was altered."`
}

// Help shows an example.
func (AuditCmd) Help() string { return "Example: minqing audit verify" }

// AuditVerifyCmd checks the chain.
type AuditVerifyCmd struct {
	Anchors string   `help:"File with ends of the chain that were kept elsewhere; the one of MINQING_AUDIT_ANCHORS when absent." type:"existingfile"`
	Without []string `help:"Ring keys that were retired: what was sealed under them is checked for its order only." placeholder:"KEY"`
}

// Help shows an example.
func (AuditVerifyCmd) Help() string {
	return "Example: minqing audit verify --anchors /mnt/elsewhere/audit-anchors.txt"
}

// Run checks.
func (cmd *AuditVerifyCmd) Run(e *env) error {
	return e.withApp("audit verify", func(ctx context.Context, a *app.App) error {
		n, err := a.Audit.Verify(ctx, cmd.Without...) // and seals nothing: what was forged would hold then
		if err != nil {
			return err
		}
		path := cmd.Anchors
		if path == "" {
			path = a.Config.Anchors()
		}
		var anchors []audit.Anchor
		if path != "" {
			if anchors, err = audit.ReadAnchors(path); err != nil {
				return err
			}
			err := a.Audit.CheckAnchors(ctx, anchors)
			if errors.Is(err, audit.ErrUnanchored) {
				return fmt.Errorf("%w: %s has %d anchors, the newest more than a day older than the chain; was the file moved or the server without it?", err, path, len(anchors))
			}
			if err != nil {
				return err
			}
		}
		reads, err := a.Audit.VerifyReads(ctx, cmd.Without...)
		if err != nil {
			return err
		}
		fmt.Fprintf(e.Out, "The audit trail holds: %d entries, %d of %d anchors agree.\nThe log of reads holds: %d entries.\n", n, len(anchors), len(anchors), reads)
		return nil
	})
}
