package main

import (
	"context"
	"fmt"
	"time"

	"minqing/internal/app"
)

// TokenCmd makes access tokens for programs.
type TokenCmd struct {
	Create TokenCreateCmd `cmd:"" help:"Print a personal access token for the REST API, and nothing else."`
}

// Help shows an example.
func (TokenCmd) Help() string { return "Example: TOKEN=$(minqing token create li@city.gov)" }

// TokenCreateCmd makes a token.
type TokenCreateCmd struct {
	Email string        `arg:"" help:"The account whose rights the token carries."`
	TTL   time.Duration `name:"ttl" default:"24h" help:"How long it is valid, up to 8784h."`
}

// Help shows an example.
func (TokenCreateCmd) Help() string {
	return "The token is shown this once: only its hash is kept.\n\nExample: TOKEN=$(minqing token create li@city.gov --ttl 24h)"
}

// Run prints it.
func (c *TokenCreateCmd) Run(e *env) error {
	return e.withApp("token create", func(ctx context.Context, a *app.App) error {
		token, err := a.Identity.CreateToken(ctx, c.Email, c.TTL)
		if err != nil {
			return err
		}
		fmt.Fprintln(e.Out, token)
		return nil
	})
}
