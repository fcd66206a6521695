package app

import (
	"context"
	"slices"

	"minqing/internal/actor"
	"minqing/internal/constituents"
	"minqing/internal/fault"
	"minqing/internal/register"
	"minqing/internal/web"
	"minqing/internal/web/desk"
	"minqing/internal/web/portal"
)

// registerVerify mounts what is seen and taken away of issued permits.
func (a *App) registerVerify(kit *web.Kit) {
	portal.RegisterVerify(portal.VerifyDeps{Kit: kit, Register: a.Register, Catalogue: a.Catalogue, BaseURL: a.baseURL(), Now: a.Options.Now})
	portal.RegisterPapers(portal.PaperDeps{Kit: kit, Register: a.Register, Held: a.heldPermit, Conditions: a.Permits.Conditions, Waits: a.Fees.Holds})
	desk.RegisterPapers(desk.PaperDeps{Kit: kit, Register: a.Register, Conditions: a.Permits.Conditions})
}

// heldPermit gives a permit to who holds it: a person their own, and a member of an
// enterprise, or an agent within the scope, that of the enterprise.
func (a *App) heldPermit(ctx context.Context, no string) (*register.Permit, error) {
	p, err := a.Register.ByNo(ctx, no)
	if err != nil {
		return nil, err
	}
	mine, err := a.Constituents.Family(ctx, actor.From(ctx).ConstituentID)
	if err != nil || slices.Contains(mine, p.HolderID) {
		return p, err
	}
	if p.HolderKind == constituents.Enterprise {
		err = holders{a.Enterprises}.Can(ctx, p.HolderID, p.TypeCode, false)
	}
	if p.HolderKind != constituents.Enterprise || fault.KindOf(err) == fault.NotFound {
		return nil, fault.New(fault.NotFound, "register.missing")
	}
	return p, err
}
