// Command minqing is the whole product in one program: web server, background
// workers, migrations and the tools of an operator.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"

	"minqing/internal/app"
	"minqing/internal/config"
)

// version is set when the program is built for release.
var version = "dev"

// cli is every verb; each lives in a file of its own.
type cli struct {
	Serve    ServeCmd         `cmd:"" help:"Run the web server and the background workers."`
	Migrate  MigrateCmd       `cmd:"" help:"Bring the database's tables up, show their state, or take the newest step back."`
	Demo     DemoCmd          `cmd:"" help:"Fill the database with a city that does not exist."`
	Account  AccountCmd       `cmd:"" help:"Make accounts and set passwords."`
	Token    TokenCmd         `cmd:"" help:"Make access tokens for programs."`
	Import   ImportCmd        `cmd:"" help:"Bring in cases from files of other systems."`
	Export   ExportCmd        `cmd:"" help:"Write cases, evaluations or constituents to standard output."`
	Deadline DeadlineCmd      `cmd:"" help:"Compute a due time and explain it day by day."`
	Audit    AuditCmd         `cmd:"" help:"Check the audit trail."`
	Keys     KeysCmd          `cmd:"" help:"Change the keys of personal data: list, add, promote, retire; follow a change."`
	Person   PersonCmd        `cmd:"" help:"Carry out what people ask on paper about their data."`
	Retain   RetentionCmd     `cmd:"" name:"retention" help:"Let records go when their term is over; holds and signed reports."`
	Backup   BackupCmd        `cmd:"" help:"Write the database and the attachments into one sealed archive, while work goes on."`
	Restore  RestoreCmd       `cmd:"" help:"Read an archive back into an empty database."`
	Doctor   DoctorCmd        `cmd:"" help:"Check the installation, one line each with how to mend it; exit 1 if anything is wrong."`
	States   StatesCmd        `cmd:"" help:"Draw the state machine of a case as a Mermaid diagram."`
	OpenAPI  OpenAPICmd       `cmd:"" name:"openapi" help:"Print the OpenAPI 3.1 document of the REST API."`
	Version  kong.VersionFlag `help:"Show the version." short:"V"`
}

// env is what a verb works with.
type env struct {
	Ctx      context.Context
	In       io.Reader
	Out, Err io.Writer
	Environ  []string
}

// App opens the product as the environment describes it.
func (e *env) App(demo bool) (*app.App, error) { return e.open(app.Options{Demo: demo}) }

func (e *env) open(o app.Options) (*app.App, error) {
	c, err := config.Load(e.Environ)
	if err != nil {
		return nil, err
	}
	o.Log, o.Version = e.Err, version
	return app.New(e.Ctx, c, o)
}

// usageError is wrong use: exit 2 instead of 1.
type usageError struct{ error }

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(&env{Ctx: ctx, In: os.Stdin, Out: os.Stdout, Err: os.Stderr, Environ: os.Environ()}, os.Args[1:])
	stop()
	atEnd()
	os.Exit(code)
}

// atEnd is for builds that measure the program: see profile.go.
var atEnd = func() {}

// run does one command: 0 done, 1 failed, 2 wrong use.
func run(e *env, args []string) (code int) {
	var c cli
	exited := -1
	parser, err := kong.New(&c, kong.Name("minqing"), kong.Description("Minqing (民情): requests, feedback and permits between people and their government.\n\nExample: minqing serve --demo"),
		kong.Vars{"version": version}, kong.Writers(e.Out, e.Err), kong.Exit(func(n int) { exited = n }), kong.ConfigureHelp(kong.HelpOptions{Compact: true}))
	if err != nil {
		fmt.Fprintln(e.Err, "minqing:", err)
		return 1
	}
	k, err := parser.Parse(args)
	if exited >= 0 {
		return exited // --help and --version have said what was asked
	}
	if err != nil {
		fmt.Fprintf(e.Err, "minqing: %v; see minqing --help\n", err)
		return 2
	}
	if err := k.Run(e); err != nil {
		for _, line := range strings.Split(err.Error(), "\n") {
			fmt.Fprintln(e.Err, "minqing:", line)
		}
		if _, wrong := errors.AsType[usageError](err); wrong {
			return 2
		}
		return 1
	}
	return 0
}
