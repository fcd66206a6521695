package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"minqing/internal/actor"
	"minqing/internal/app"
	"minqing/internal/catalogue"
	"minqing/internal/fault"
	"minqing/internal/i18n"
	"minqing/internal/place"
)

// ImportCatalogueCmd brings in what a government is made of.
type ImportCatalogueCmd struct {
	Files  []string `arg:"" help:"Catalogue files (.yaml) and maps of districts (.geojson); docs/catalogue.md."`
	CRS    string   `default:"wgs84" enum:"wgs84,gcj02,bd09" help:"Coordinates of the maps: wgs84, gcj02 or bd09."`
	DryRun bool     `help:"Check everything and say what would change, store nothing."`
}

// Help shows an example.
func (ImportCatalogueCmd) Help() string {
	return "Example: minqing import catalogue units.yaml matters.yaml districts.geojson --dry-run"
}

var errDryRun = errors.New("this was a dry run")

// Run imports.
func (c *ImportCatalogueCmd) Run(e *env) error {
	content, districts, err := c.read()
	if err != nil {
		return usageError{err}
	}
	a, err := e.App(false)
	if err != nil {
		return err
	}
	defer a.Close()
	if err := a.Migrate(e.Ctx); err != nil {
		return err
	}
	ctx := actor.AsSystem(e.Ctx, "import.catalogue")
	var changes catalogue.Changes
	written := 0
	err = a.DB.Tx(ctx, func(ctx context.Context) error {
		if len(districts) > 0 {
			if written, err = a.Places.Load(ctx, content.Source, content.ValidFrom, districts); err != nil {
				return err
			}
		}
		if changes, err = a.Catalogue.Load(ctx, content); err != nil {
			return err
		}
		if c.DryRun {
			return errDryRun
		}
		return nil
	})
	if err != nil && !errors.Is(err, errDryRun) {
		return fieldsInWords(a, err)
	}
	fmt.Fprintln(e.Out, summary(changes, written))
	if c.DryRun {
		fmt.Fprintln(e.Out, "This was a dry run: nothing was stored.")
	}
	return nil
}

// read reads every file before the database is touched.
func (c *ImportCatalogueCmd) read() (catalogue.Content, []place.DistrictDef, error) {
	var contents []catalogue.Content
	var districts []place.DistrictDef
	for _, name := range c.Files {
		raw, err := os.ReadFile(name)
		if err != nil {
			return catalogue.Content{}, nil, err
		}
		switch filepath.Ext(name) {
		case ".geojson", ".json":
			defs, err := place.ReadGeoJSON(raw, place.CRS(c.CRS))
			if err != nil {
				return catalogue.Content{}, nil, fmt.Errorf("%s: %w", name, err)
			}
			districts = append(districts, defs...)
		default:
			content, err := catalogue.ReadContent(strings.NewReader(string(raw)))
			if err != nil {
				return catalogue.Content{}, nil, fmt.Errorf("%s: %w", name, err)
			}
			contents = append(contents, content)
		}
	}
	return catalogue.Join(contents...), districts, nil
}

// fieldsInWords says what is wrong and where: "unit.CG.kind: Choose a kind".
func fieldsInWords(a *app.App, err error) error {
	f, ok := fault.As(err)
	if !ok || len(f.Fields) == 0 {
		return inWords(a.Bundle, err)
	}
	lines := make([]string, len(f.Fields))
	for i, field := range f.Fields {
		lines[i] = field.Name + ": " + a.Bundle.T(i18n.En, field.Key, field.Args)
	}
	return errors.New(strings.Join(lines, "\n"))
}

// summary tells what changed, or would.
func summary(c catalogue.Changes, districts int) string {
	var parts []string
	if districts > 0 {
		parts = append(parts, fmt.Sprintf("%d districts written", districts))
	}
	for _, kind := range slices.Sorted(maps.Keys(c.Added)) {
		parts = append(parts, fmt.Sprintf("%d %ss added", c.Added[kind], kind))
	}
	for _, kind := range slices.Sorted(maps.Keys(c.Changed)) {
		parts = append(parts, fmt.Sprintf("%d %ss changed", c.Changed[kind], kind))
	}
	if len(parts) == 0 {
		return "Everything is known already; nothing changed."
	}
	return strings.Join(parts, ", ") + "."
}
