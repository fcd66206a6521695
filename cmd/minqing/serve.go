package main

import (
	"fmt"
	"slices"

	"minqing/internal/app"
)

// ServeCmd runs the product.
type ServeCmd struct {
	Listen  string `help:"Address to listen on; MINQING_LISTEN when empty." placeholder:":8080"`
	Demo    bool   `help:"Load the demo city on the first start and let its accounts sign in."`
	Workers bool   `help:"Work background jobs." default:"true" negatable:""`
	Web     bool   `help:"Serve pages and machines." default:"true" negatable:""`
}

// Help shows an example.
func (ServeCmd) Help() string { return "Example: minqing serve --demo --listen :8080" }

// Run serves until the process is told to stop.
func (s *ServeCmd) Run(e *env) error {
	tell := thrifty(e.Ctx, e.Environ) // first of all: a start makes much that stays
	a, err := e.open(app.Options{Demo: s.Demo, Listen: s.Listen, Proof: slices.Contains(e.Environ, "TEST_PROOF_PAGES=on")})
	if err != nil {
		return err
	}
	defer a.Close()
	tell(a.DB.Caches())
	return a.Serve(e.Ctx, app.ServeOptions{Workers: s.Workers, Web: s.Web, Ready: func(url string) { s.greet(e, a, url) }})
}

func (s *ServeCmd) greet(e *env, a *app.App, url string) {
	fmt.Fprintf(e.Out, "Minqing %s is at %s (%s)\n", version, url, a.DB.Engine())
	if !s.Demo {
		return
	}
	fmt.Fprintf(e.Out, "Demo accounts, password %s:\n", app.DemoPassword)
	for _, d := range app.DemoAccounts {
		fmt.Fprintf(e.Out, "  %-24s %s\n", d.Email, d.About)
	}
}
