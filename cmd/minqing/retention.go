package main

import (
	"context"
	"fmt"
	"os"

	"minqing/internal/app"
	"minqing/internal/config"
	"minqing/internal/retention"
	"minqing/internal/vault"
)

// RetentionCmd lets records go when their term is over.
type RetentionCmd struct {
	Run    RetentionRunCmd    `cmd:"" help:"Let go what the rules say, or with --dry-run only say what that would be."`
	Amend  RetentionAmendCmd  `cmd:"" help:"Give a rule another period; the old version stays on record."`
	Hold   RetentionHoldCmd   `cmd:"" help:"Keep the file of a case whatever the rules say."`
	Lift   RetentionLiftCmd   `cmd:"" help:"End a hold."`
	Report RetentionReportCmd `cmd:"" help:"Write the signed report of a run once more."`
	Verify RetentionVerifyCmd `cmd:"" help:"Check the signature of a report."`
}

// Help shows an example.
func (RetentionCmd) Help() string { return "Example: minqing retention run --dry-run" }

// RetentionRunCmd carries the rules out.
type RetentionRunCmd struct {
	DryRun bool   `help:"Change nothing; say what would go."`
	Most   int    `help:"At most so many records of each rule." default:"10000"`
	Report string `help:"Where to write the signed report; must not exist." placeholder:"FILE"`
}

// Help shows an example.
func (RetentionRunCmd) Help() string {
	return "What goes does not come back. Run it with --dry-run first, and make a backup only if your rules let you keep one.\n\nExample: minqing retention run --report /mnt/elsewhere/deleted-2026-11.json"
}

// Run runs.
func (c *RetentionRunCmd) Run(e *env) error {
	return e.withApp("retention run", func(ctx context.Context, a *app.App) error {
		if c.DryRun {
			return say(ctx, e, a)
		}
		if c.Report != "" {
			if _, err := os.Lstat(c.Report); err == nil {
				return fmt.Errorf("%s exists already; name another file", c.Report)
			}
		}
		run, err := a.Retention.Run(ctx, c.Most)
		if err != nil {
			return err
		}
		body, err := a.Retention.Report(ctx, run)
		if err != nil {
			return err
		}
		if c.Report != "" {
			return writeReport(e, c.Report, body)
		}
		report, _, err := retention.Verify(a.Vault.Ring(), body)
		if err != nil {
			return err
		}
		for _, g := range report.Rules {
			fmt.Fprintf(e.Out, "%-12s %6d  %s\n", g.Rule, g.Count, g.Action)
		}
		fmt.Fprintf(e.Out, "Run %s is done; minqing retention report %s FILE writes its signed report.\n", run, run)
		return nil
	})
}

func say(ctx context.Context, e *env, a *app.App) error {
	list, err := a.Retention.Look(ctx)
	if err != nil {
		return err
	}
	for _, d := range list {
		fmt.Fprintf(e.Out, "%-12s v%d  %-10s %-6s after %-10s before %s: %d records, %d of them held\n", d.Code, d.Version, d.Action, d.Period, d.StartEvent,
			d.Before.Format("2006-01-02"), d.Count, d.Held)
	}
	return nil
}

func writeReport(e *env, path string, body []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	defer f.Close()
	if _, err := f.Write(append(body, '\n')); err != nil {
		return err
	}
	fmt.Fprintf(e.Out, "The signed report is in %s.\n", path)
	return f.Sync()
}

// RetentionAmendCmd changes a period.
type RetentionAmendCmd struct {
	Code   string `arg:"" help:"The rule: case-file, comment, delivery, read-log, guest, unconfirmed."`
	Period string `required:"" help:"P10Y, P6M, P30D."`
	Basis  string `required:"" help:"The legal basis, as people shall read it."`
	Source string `required:"" help:"Where it was decided."`
}

// Help shows an example.
func (RetentionAmendCmd) Help() string {
	return `Example: minqing retention amend delivery --period P2Y --basis "PIPL art. 19" --source "decision 2026-14"`
}

// Run amends.
func (c *RetentionAmendCmd) Run(e *env) error {
	return e.withApp("retention amend", func(ctx context.Context, a *app.App) error {
		if err := a.Retention.Amend(ctx, retention.Change{Code: c.Code, Period: c.Period, Basis: c.Basis, Source: c.Source}); err != nil {
			return err
		}
		return say(ctx, e, a)
	})
}

// RetentionHoldCmd holds a file.
type RetentionHoldCmd struct {
	CaseNo string `arg:"" help:"The case number."`
	Reason string `required:"" help:"Why; it goes into the audit trail, so name nobody."`
}

// Help shows an example.
func (RetentionHoldCmd) Help() string {
	return `Example: minqing retention hold LJ20260000123N --reason "lawsuit 2026-77"`
}

// Run holds.
func (c *RetentionHoldCmd) Run(e *env) error {
	return e.withApp("retention hold", func(ctx context.Context, a *app.App) error { return a.Cases.PlaceHold(ctx, c.CaseNo, c.Reason) })
}

// RetentionLiftCmd ends a hold.
type RetentionLiftCmd struct {
	CaseNo string `arg:"" help:"The case number."`
	Reason string `required:"" help:"Why; it goes into the audit trail, so name nobody."`
}

// Help shows an example.
func (RetentionLiftCmd) Help() string {
	return `Example: minqing retention lift LJ20260000123N --reason "lawsuit 2026-77 is over"`
}

// Run lifts.
func (c *RetentionLiftCmd) Run(e *env) error {
	return e.withApp("retention lift", func(ctx context.Context, a *app.App) error { return a.Cases.LiftHold(ctx, c.CaseNo, c.Reason) })
}

// RetentionReportCmd writes a report.
type RetentionReportCmd struct {
	RunID string `arg:"" name:"run" help:"The run's id."`
	File  string `arg:"" help:"Where to write it; must not exist."`
}

// Help shows an example.
func (RetentionReportCmd) Help() string {
	return "Example: minqing retention report 01a222ab-eab6-7448-8000-0880c62dad8f deleted.json"
}

// Run writes.
func (c *RetentionReportCmd) Run(e *env) error {
	return e.withApp("retention report", func(ctx context.Context, a *app.App) error {
		body, err := a.Retention.Report(ctx, c.RunID)
		if err != nil {
			return err
		}
		return writeReport(e, c.File, body)
	})
}

// RetentionVerifyCmd checks a report.
type RetentionVerifyCmd struct {
	File string `arg:"" help:"A report." type:"existingfile"`
}

// Help shows an example.
func (RetentionVerifyCmd) Help() string {
	return "It needs the key ring and no database.\n\nExample: minqing retention verify deleted-2026-11.json"
}

// Run checks.
func (c *RetentionVerifyCmd) Run(e *env) error {
	conf, err := config.Load(e.Environ)
	if err != nil {
		return err
	}
	ring, err := vault.LoadRing(conf.Keys)
	if err != nil {
		return err
	}
	body, err := os.ReadFile(c.File)
	if err != nil {
		return err
	}
	r, key, err := retention.Verify(ring, body)
	if err != nil {
		return fmt.Errorf("%s: %w", c.File, err)
	}
	n := 0
	for _, g := range r.Rules {
		n += g.Count
	}
	fmt.Fprintf(e.Out, "The report of run %s holds: %d records, signed with %s under %s.\n", r.Run, n, vault.SignatureAlgorithm, key)
	return nil
}
