package app

import (
	"context"
	"fmt"

	"minqing/internal/actor"
	"minqing/internal/demo"
	"minqing/internal/outreach"
)

// demoSegments brings the segments that any authority has use for, and the city's own. Ones that
// are there already stay as they are.
func (a *App) demoSegments(ctx context.Context) error {
	ctx = actor.AsSystem(ctx, "demo.load")
	owner, err := a.Identity.ByEmail(ctx, "outreach@demo.test")
	if err != nil {
		return err
	}
	snap, err := a.Catalogue.Snapshot(ctx)
	if err != nil {
		return err
	}
	list, err := demo.Segments()
	if err != nil {
		return err
	}
	ensure := func(code string, d outreach.Draft) error {
		d.UnitCode = snap.Root().Code
		if err := a.Outreach.Ensure(ctx, code, owner.ID, d); err != nil {
			return fmt.Errorf("make the segment %s: %w", code, err)
		}
		return nil
	}
	for _, p := range outreach.Patterns {
		d, err := p.Draft()
		if err != nil {
			return err
		}
		if !d.Root.Filled() { // something has to be chosen first
			continue
		}
		if err := ensure(p.Code, d); err != nil {
			return err
		}
	}
	for _, r := range list {
		root, err := outreach.Parse([]byte(r.Definition))
		if err != nil {
			return fmt.Errorf("read the segment %s: %w", r.Code, err)
		}
		d := outreach.Draft{Name: r.Name, Purpose: outreach.Purpose(r.Purpose), Basis: outreach.Basis(r.Basis), BasisText: r.BasisText, Root: root}
		if err := ensure(r.Code, d); err != nil {
			return err
		}
	}
	return a.Outreach.RefreshAll(ctx)
}
