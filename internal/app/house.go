package app

import (
	"context"

	"minqing/internal/web"
	"minqing/internal/web/enterprise"
)

// actingOn says for whom somebody acts above the pages on which it matters.
func (a *App) actingOn() func(context.Context, string) *web.Acting {
	return enterprise.HouseDeps{Enterprises: a.Enterprises, Log: a.Log}.Acting
}

// housePages mounts the home of enterprises, and who may act for them.
func (a *App) housePages(kit *web.Kit) {
	enterprise.RegisterHouse(enterprise.HouseDeps{Kit: kit, Words: a.Bundle, Enterprises: a.Enterprises, Files: a.Files, People: a.Identity, Types: a.PermitTypes,
		Sections: enterprise.Sections(enterprise.SectionDeps{Enterprises: a.Enterprises, Permits: a.Permits, Types: a.Permits.Types, Register: a.Register, Cases: a.Cases,
			Notify: a.Notify, Next: a.NextStep, Now: a.Options.Now}),
		Mails: a.Config.SMTPURL != "", BaseURL: a.baseURL(), Zone: a.zone, Now: a.Options.Now, Log: a.Log})
}
