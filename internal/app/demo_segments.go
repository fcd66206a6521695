package app

import (
	"context"
	"fmt"

	"minqing/internal/actor"
	"minqing/internal/calendar"
	"minqing/internal/demo"
	"minqing/internal/outreach"
)

// demoSegments brings the ready-made segments. Ones that are there already stay as they are.
func (a *App) demoSegments(ctx context.Context) error {
	ctx = actor.AsSystem(ctx, "demo.load")
	areas, err := a.Places.Map(ctx)
	if err != nil {
		return err
	}
	today := calendar.DateOf(a.Options.Now(), a.zone)
	owner, err := a.Identity.ByEmail(ctx, "outreach@demo.test")
	if err != nil {
		return err
	}
	snap, err := a.Catalogue.Snapshot(ctx)
	if err != nil {
		return err
	}
	list, err := demo.Segments(areas, today)
	if err != nil {
		return err
	}
	for _, r := range list {
		root, err := outreach.Parse([]byte(r.Definition))
		if err != nil {
			return fmt.Errorf("read the segment %s: %w", r.Code, err)
		}
		d := outreach.Draft{Name: r.Name, Purpose: outreach.Purpose(r.Purpose), Basis: outreach.Basis(r.Basis), BasisText: r.BasisText, UnitCode: snap.Root().Code, Root: root}
		if err := a.Outreach.Ensure(ctx, r.Code, owner.ID, d); err != nil {
			return fmt.Errorf("make the segment %s: %w", r.Code, err)
		}
	}
	return a.Outreach.RefreshAll(ctx)
}
