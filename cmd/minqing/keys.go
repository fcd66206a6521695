package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"minqing/internal/app"
	"minqing/internal/keys"
	"minqing/internal/vault"
)

// KeysCmd changes keys while work goes on.
type KeysCmd struct {
	List    KeysListCmd    `cmd:"" help:"Show the keys of the ring, their fingerprints and what lies under each."`
	Add     KeysAddCmd     `cmd:"" help:"Put a fresh key into the key file; nothing uses it yet."`
	Promote KeysPromoteCmd `cmd:"" help:"Make a key the current one; workers then wrap everything under it."`
	Status  KeysStatusCmd  `cmd:"" help:"Show how far changes of keys have come."`
	Run     KeysRunCmd     `cmd:"" help:"Go on with open changes here and now, to their end."`
	Renew   KeysRenewCmd   `cmd:"" help:"Give people, accounts, cases or files new data keys and seal their data anew."`
	Retire  KeysRetireCmd  `cmd:"" help:"Take away all of an old key but what recognises codes and signatures; refused while anything lies under it."`
	Drop    KeysDropCmd    `cmd:"" help:"Take a retired key out of the file for good."`
}

// Help shows an example.
func (KeysCmd) Help() string { return "Example: minqing keys list" }

// file is the path of the key file, which the environment may stand in for.
func keyFile(a *app.App) (string, error) {
	if vault.Inline(a.Config.Keys) {
		return "", errors.New("the key ring stands in MINQING_KEYS itself: change it in a file (MINQING_KEYS=that file), and put the file's content back where the setting is kept")
	}
	return a.Config.Keys, nil
}

// KeysListCmd shows the ring.
type KeysListCmd struct{}

// Help shows an example.
func (KeysListCmd) Help() string { return "Example: minqing keys list" }

// Run lists.
func (*KeysListCmd) Run(e *env) error {
	return e.withApp("keys list", func(ctx context.Context, a *app.App) error {
		ring := a.Vault.Ring()
		prints := ring.Fingerprints()
		for _, id := range ring.IDs() {
			u, err := a.Keys.UsedBy(ctx, id, true)
			if err != nil {
				return err
			}
			state := "old"
			switch {
			case id == ring.Current():
				state = "current"
			case !ring.Wraps(id):
				state = "retired"
			}
			fmt.Fprintf(e.Out, "%-8s %-8s %-24s %d data keys, %d keyed hashes, %d codes and links\n", id, state, prints[id], u.DataKeys, u.Indexes, u.Codes)
		}
		return nil
	})
}

// KeysAddCmd adds a key.
type KeysAddCmd struct{}

// Help shows an example.
func (KeysAddCmd) Help() string {
	return "Copy the key file to every machine, and to the safe place of its copy, before you promote the new key.\n\nExample: minqing keys add"
}

// Run adds.
func (*KeysAddCmd) Run(e *env) error {
	return e.withApp("keys add", func(ctx context.Context, a *app.App) error {
		path, err := keyFile(a)
		if err != nil {
			return err
		}
		retired, err := a.Vault.RetiredKeys(ctx)
		if err != nil {
			return err
		}
		id, err := vault.AddKey(path, retired...)
		if err != nil {
			return err
		}
		if err := a.Keys.Record(ctx, "keys.added", id); err != nil {
			return err
		}
		fmt.Fprintf(e.Out, "%s has the new key %s. Copy the file to every machine and to its safe place, then: minqing keys promote %s\n", path, id, id)
		return nil
	})
}

// KeysPromoteCmd makes a key the current one.
type KeysPromoteCmd struct {
	ID string `arg:"" help:"The key, such as k2."`
}

// Help shows an example.
func (KeysPromoteCmd) Help() string {
	return "Servers follow within 15 seconds; other machines need the changed file too.\n\nExample: minqing keys promote k2"
}

// Run promotes.
func (c *KeysPromoteCmd) Run(e *env) error {
	return e.withApp("keys promote", func(ctx context.Context, a *app.App) error {
		path, err := keyFile(a)
		if err != nil {
			return err
		}
		if err := vault.PromoteKey(path, c.ID); err != nil {
			return err
		}
		if _, err := a.Vault.Reload(); err != nil {
			return err
		}
		if err := a.Keys.Record(ctx, "keys.promoted", c.ID); err != nil {
			return err
		}
		if _, err := a.Keys.BeginRing(ctx, keys.Promoted); err != nil {
			return err
		}
		if err := a.Keys.Add(ctx); err != nil {
			return err
		}
		fmt.Fprintf(e.Out, "%s is the current key. Workers bring everything under it: minqing keys status\n", c.ID)
		return nil
	})
}

// KeysStatusCmd shows progress.
type KeysStatusCmd struct{}

// Help shows an example.
func (KeysStatusCmd) Help() string { return "Example: minqing keys status" }

// Run shows.
func (*KeysStatusCmd) Run(e *env) error {
	return e.withApp("keys status", func(ctx context.Context, a *app.App) error {
		runs, err := a.Keys.Runs(ctx)
		if err != nil {
			return err
		}
		if len(runs) == 0 {
			fmt.Fprintln(e.Out, "No keys were ever changed.")
		}
		for _, r := range runs {
			fmt.Fprintln(e.Out, runLine(r))
		}
		return nil
	})
}

func runLine(r keys.Run) string {
	what := "wrap under " + r.Target
	if r.Kind == keys.Data {
		what = "new data keys of " + r.Target
	}
	state := "runs since " + r.StartedAt.UTC().Format(time.RFC3339)
	if r.FinishedAt != nil {
		state = "done " + r.FinishedAt.UTC().Format(time.RFC3339)
	} else if r.Kind == keys.Ring && r.Step > 0 {
		state += ", now the keyed hashes"
	}
	return fmt.Sprintf("%-40s %d of %d, %d stuck, %s", what, r.Done, r.Total, r.Stuck, state)
}

// KeysRunCmd works in the foreground.
type KeysRunCmd struct{}

// Help shows an example.
func (KeysRunCmd) Help() string {
	return "It may be stopped and started again, and servers may run meanwhile.\n\nExample: minqing keys run"
}

// Run works.
func (*KeysRunCmd) Run(e *env) error {
	return e.withApp("keys run", func(ctx context.Context, a *app.App) error {
		if _, err := a.Keys.BeginRing(ctx, keys.Again); err != nil {
			return err
		}
		return e.workKeys(ctx, a)
	})
}

// workKeys goes on with every change to its end and tells of it every few seconds.
func (e *env) workKeys(ctx context.Context, a *app.App) error {
	var last keys.Run
	told := time.Now()
	for more := true; more; {
		var err error
		more, err = a.Keys.Work(ctx, time.Minute, func(r keys.Run) {
			if time.Since(told) > 5*time.Second || r.FinishedAt != nil {
				fmt.Fprintln(e.Out, runLine(r))
				told = time.Now()
			}
			last = r
		})
		if err != nil {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
	}
	if last.Stuck > 0 {
		return fmt.Errorf("%d rows could not be changed: the audit trail names them under keys.stuck", last.Stuck)
	}
	return nil
}

// KeysRenewCmd renews data keys.
type KeysRenewCmd struct {
	Kinds []string `arg:"" optional:"" help:"person, account, case, file, follower; all of them when left out."`
	Now   bool     `help:"Work here instead of leaving it to the workers."`
}

// Help shows an example.
func (KeysRenewCmd) Help() string {
	return "Each owner is a transaction of its own. Old data keys are destroyed an hour later.\n\nExample: minqing keys renew person account"
}

// Run renews.
func (c *KeysRenewCmd) Run(e *env) error {
	return e.withApp("keys renew", func(ctx context.Context, a *app.App) error {
		run, err := a.Keys.BeginData(ctx, c.Kinds...)
		if err != nil {
			return usageError{err}
		}
		if c.Now {
			return e.workKeys(ctx, a)
		}
		if err := a.Keys.Add(ctx); err != nil {
			return err
		}
		fmt.Fprintln(e.Out, runLine(*run))
		return nil
	})
}

// KeysRetireCmd retires a key.
type KeysRetireCmd struct {
	ID string `arg:"" help:"The key, such as k1."`
}

// Help shows an example.
func (KeysRetireCmd) Help() string {
	return "Archives that were made under the key need it whole: keep a copy of the key file with them, apart from the new one.\n\nExample: minqing keys retire k1"
}

// Run retires.
func (c *KeysRetireCmd) Run(e *env) error {
	return e.withApp("keys retire", func(ctx context.Context, a *app.App) error {
		path, err := keyFile(a)
		if err != nil {
			return err
		}
		u, err := a.Keys.Retire(ctx, path, c.ID)
		if err != nil {
			return err
		}
		fmt.Fprintf(e.Out, "%s is retired: nothing lies under it, and it opens nothing. %d codes and links that people may hold still work.\n", c.ID, u.Codes)
		return nil
	})
}

// KeysDropCmd drops a key.
type KeysDropCmd struct {
	ID    string `arg:"" help:"The key, such as k1."`
	Renew bool   `name:"renew-codes" help:"Let the codes and links that people hold of it end: cases get new query codes."`
}

// Help shows an example.
func (KeysDropCmd) Help() string { return "Example: minqing keys drop k1 --renew-codes" }

// Run drops.
func (c *KeysDropCmd) Run(e *env) error {
	return e.withApp("keys drop", func(ctx context.Context, a *app.App) error {
		path, err := keyFile(a)
		if err != nil {
			return err
		}
		n, err := a.Keys.Drop(ctx, path, c.ID, c.Renew)
		if err != nil {
			return err
		}
		fmt.Fprintf(e.Out, "%s is gone; %d codes and links were renewed.\n", c.ID, n)
		return nil
	})
}
