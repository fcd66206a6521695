package main

import (
	"context"
	"fmt"
	"strings"

	"minqing/internal/app"
	"minqing/internal/constituents"
)

// PersonCmd carries out what people ask for on paper.
type PersonCmd struct {
	Find  PersonFindCmd  `cmd:"" help:"List the records that may be reached at an address or a number, by their ids."`
	Erase PersonEraseCmd `cmd:"" help:"Erase a person now: keys, names, addresses, accounts. Files of closed cases stay, frozen."`
}

// Help shows an example.
func (PersonCmd) Help() string { return "Example: minqing person find wang@example.org" }

// PersonFindCmd finds records.
type PersonFindCmd struct {
	Contact string `arg:"" help:"An email address or a phone number."`
}

// Help shows an example.
func (PersonFindCmd) Help() string { return "Example: minqing person find wang@example.org" }

// Run lists ids with their numbers of cases, and nothing else.
func (c *PersonFindCmd) Run(e *env) error {
	return e.withApp("person find", func(ctx context.Context, a *app.App) error {
		kind := constituents.Phone
		if strings.Contains(c.Contact, "@") {
			kind = constituents.Email
		}
		ids, err := a.Constituents.FindByContact(ctx, kind, c.Contact)
		if err != nil {
			return err
		}
		for _, id := range ids {
			family, err := a.Constituents.Family(ctx, id)
			if err != nil {
				return err
			}
			numbers, err := a.Cases.AllOf(ctx, family)
			if err != nil {
				return err
			}
			open, err := a.Cases.OpenOf(ctx, family)
			if err != nil {
				return err
			}
			fmt.Fprintf(e.Out, "%s  %d cases, %d open\n", id, len(numbers), len(open))
		}
		return nil
	})
}

// PersonEraseCmd erases somebody.
type PersonEraseCmd struct {
	ID     string `arg:"" help:"The record, as minqing person find lists it."`
	Reason string `required:"" help:"Where the wish is filed; it goes into the audit trail, so name nobody."`
}

// Help shows an example.
func (PersonEraseCmd) Help() string {
	return "Make sure first who asks. Nothing brings the data back.\n\nExample: minqing person erase 01a222ab-… --reason \"letter 2026-118\""
}

// Run erases.
func (c *PersonEraseCmd) Run(e *env) error {
	return e.withApp("person erase", func(ctx context.Context, a *app.App) error {
		kept, err := a.Privacy.Erase(ctx, c.ID, c.Reason)
		if err != nil {
			return err
		}
		fmt.Fprintf(e.Out, "Erased. %d files of closed cases are kept without anybody's name.\n", kept)
		return nil
	})
}
