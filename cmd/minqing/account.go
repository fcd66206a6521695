package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"

	"minqing/internal/actor"
	"minqing/internal/app"
	"minqing/internal/fault"
	"minqing/internal/i18n"
	"minqing/internal/identity"
)

// AccountCmd makes accounts, sets their passwords and lifts what locks them.
type AccountCmd struct {
	Create   AccountCreateCmd   `cmd:"" help:"Make an account and give it a role."`
	Unlock   AccountUnlockCmd   `cmd:"" help:"Lift what locks an account: an administrator's lock, or wrong passwords."`
	Password AccountPasswordCmd `cmd:"" help:"Set a new password; sessions and access tokens of the account end."`
}

// Help shows an example.
func (AccountCmd) Help() string {
	return "Example: minqing account create li@city.gov --role handler --unit CG01"
}

// AccountCreateCmd makes an account.
type AccountCreateCmd struct {
	Email string `arg:"" help:"The address to sign in with."`
	Role  string `required:"" help:"call_agent, dispatcher, handler, head, supervisor, whistle_officer, outreach_officer, official, auditor, security_admin, system_admin, or citizen."`
	Unit  string `help:"Code of the unit that the role is for; the whole government when left out."`
	Name  string `help:"The name that colleagues see; the part of the address before the @ when left out."`
}

// Help shows an example.
func (AccountCreateCmd) Help() string {
	return "The password is asked for on a terminal, or read from the first line of standard input.\n\n" +
		"Example: minqing account create li@city.gov --role handler --unit CG01"
}

const citizenRole = "citizen"

// Run makes the account and its grant together, or neither.
func (c *AccountCreateCmd) Run(e *env) error {
	return e.withApp("account create", func(ctx context.Context, a *app.App) error {
		n := identity.NewAccount{Email: c.Email, Name: c.Name, UnitCode: c.Unit, Locale: a.Config.Locale}
		citizen, role := c.Role == citizenRole, c.Role
		if citizen {
			role = ""
		}
		if citizen && c.Unit != "" {
			return usageError{errors.New("a citizen belongs to no unit: leave --unit out")}
		}
		err := a.Identity.CheckNew(ctx, n, role) // before anybody thinks of a password
		if err != nil {
			return err
		}
		if n.Password, err = e.password(); err != nil {
			return err
		}
		if citizen {
			_, err = a.Identity.CreateCitizen(ctx, n)
		} else {
			err = createStaff(ctx, a, n, role)
		}
		if err != nil {
			return err
		}
		fmt.Fprintf(e.Out, "%s may now sign in as %s.\n", c.Email, c.Role)
		return nil
	})
}

func createStaff(ctx context.Context, a *app.App, n identity.NewAccount, role string) error {
	return a.DB.Tx(ctx, func(ctx context.Context) error {
		id, err := a.Identity.CreateStaff(ctx, n)
		if err != nil {
			return err
		}
		_, err = a.Identity.Grant(ctx, id, role, n.UnitCode, "account create")
		return err
	})
}

// AccountPasswordCmd sets a password.
type AccountPasswordCmd struct {
	Email string `arg:"" help:"The address of the account."`
}

// Help shows an example.
func (AccountPasswordCmd) Help() string {
	return "The password is asked for on a terminal, or read from the first line of standard input.\n\n" +
		"Example: minqing account password li@city.gov < new-password.txt"
}

// Run sets it.
func (c *AccountPasswordCmd) Run(e *env) error {
	return e.withApp("account password", func(ctx context.Context, a *app.App) error {
		password, err := e.password()
		if err != nil {
			return err
		}
		if err := a.Identity.SetPassword(ctx, c.Email, password); err != nil {
			return err
		}
		fmt.Fprintf(e.Out, "The password of %s is set.\n", c.Email)
		return nil
	})
}

// AccountUnlockCmd opens an account again.
type AccountUnlockCmd struct {
	Email string `arg:"" help:"The address of the account."`
}

// Help shows an example.
func (AccountUnlockCmd) Help() string {
	return "Password and second factor stay; sessions and access tokens that ended stay ended.\n\nExample: minqing account unlock li@city.gov"
}

// Run lifts it.
func (c *AccountUnlockCmd) Run(e *env) error {
	return e.withApp("account unlock", func(ctx context.Context, a *app.App) error {
		lifted, err := a.Identity.UnlockByEmail(ctx, c.Email)
		if err != nil {
			return err
		}
		if !lifted {
			fmt.Fprintf(e.Out, "Nothing locks %s.\n", c.Email)
			return nil
		}
		fmt.Fprintf(e.Out, "%s may sign in again.\n", c.Email)
		return nil
	})
}

// withApp opens the product, acts as the named command, and says what went
// wrong in words.
func (e *env) withApp(command string, do func(ctx context.Context, a *app.App) error) error {
	a, err := e.App(false)
	if err != nil {
		return err
	}
	defer a.Close()
	if a.Config.AutoMigrate {
		if err := a.Migrate(e.Ctx); err != nil {
			return err
		}
	}
	if err := a.CheckKeys(e.Ctx); err != nil {
		return err
	}
	return inWords(a.Bundle, do(actor.AsSystem(e.Ctx, command), a))
}

// inWords turns a fault into the sentence that says how to mend it; any other
// error stays as it is.
func inWords(b *i18n.Bundle, err error) error {
	f, ok := fault.As(err)
	if !ok || f.Kind == fault.Internal {
		return err
	}
	lines := make([]string, 0, len(f.Fields))
	for _, field := range f.Fields {
		lines = append(lines, b.T(i18n.En, field.Key, field.Args))
	}
	if len(lines) == 0 {
		lines = []string{b.T(i18n.En, f.Key, f.Args)}
	}
	return errors.New(strings.Join(lines, "\n"))
}

// passwordMost bounds a line of standard input.
const passwordMost = 4096

// password asks for a password: twice and unseen on a terminal, else it is the
// first line of standard input.
func (e *env) password() (string, error) {
	in := bufio.NewReader(io.LimitReader(e.In, passwordMost))
	tty, ok := e.In.(*os.File)
	if !ok || !isTerminal(tty) {
		return e.readLine(in)
	}
	hide := exec.Command("stty", "-echo")
	hide.Stdin = tty
	if err := hide.Run(); err != nil {
		fmt.Fprintln(e.Err, "The terminal will show what you type.")
	}
	defer func() {
		show := exec.Command("stty", "echo")
		show.Stdin = tty
		if show.Run() == nil {
			fmt.Fprintln(e.Err)
		}
	}()
	fmt.Fprint(e.Err, "Password: ")
	first, err := e.readLine(in)
	if err != nil {
		return "", err
	}
	fmt.Fprint(e.Err, "\nThe same again: ")
	second, err := e.readLine(in)
	if err == nil && first != second {
		err = errors.New("the two passwords differ; run the command again")
	}
	return first, err
}

// readLine reads a line, or gives up when the command is interrupted, so that
// the terminal shows again what is typed.
func (e *env) readLine(in *bufio.Reader) (line string, err error) {
	done := make(chan struct{})
	go func() {
		line, err = in.ReadString('\n')
		close(done)
	}()
	select {
	case <-e.Ctx.Done():
		return "", errors.New("interrupted; nothing was changed")
	case <-done:
	}
	if err != nil && (!errors.Is(err, io.EOF) || line == "") {
		return "", errors.New("no password: type one, or send it as the first line of standard input")
	}
	return strings.TrimRight(line, "\r\n"), nil
}

func isTerminal(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
