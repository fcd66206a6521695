package app

import (
	"strings"

	"minqing"
	"minqing/internal/db"
	"minqing/internal/i18n"
	"minqing/internal/web"
	"minqing/internal/web/admin"
	"minqing/internal/web/api"
	"minqing/internal/web/desk"
	"minqing/internal/web/editor"
	"minqing/internal/web/enterprise"
	insightpages "minqing/internal/web/insight"
	"minqing/internal/web/people"
	"minqing/internal/web/portal"
)

// Pages makes the web server with every page mounted.
func (a *App) Pages() (*web.Kit, error) {
	kit, err := a.kit()
	if err != nil {
		return nil, err
	}
	a.portalPages(kit)
	a.adminPages(kit)
	a.deskPages(kit)
	a.enterprisePages(kit)
	a.peoplePages(kit)
	insightpages.Register(insightpages.Deps{Kit: kit, Words: a.Bundle, Insight: a.Insight, Catalogue: a.Catalogue, Places: a.Places, Now: a.Options.Now, PermitTypes: a.PermitTypes})
	insightpages.RegisterSeven(insightpages.SevenDeps{Kit: kit, Words: a.Bundle, Seven: a.Seven})
	api.Register(api.Deps{Kit: kit, Words: a.Bundle, Cases: a.Cases, Once: a.Once, Satisfaction: a.Satisfaction, Catalogue: a.Catalogue,
		Places: a.Places, Clocks: a.Clocks, People: a.Identity, Insight: a.Insight, Register: a.Register, Now: a.Options.Now})
	return kit, nil
}

func (a *App) kit() (*web.Kit, error) {
	factor := 1.0
	if a.Options.Demo {
		factor = 100
	}
	if !a.Config.RateLimits {
		factor = 0
	}
	base := a.Config.BaseURL
	return web.New(web.Options{Files: minqing.Files, Bundle: a.Bundle, Sessions: a.Identity, Authoriser: a.Access, Now: a.Options.Now,
		Zone: a.zone, Default: i18n.Lang(a.Config.Locale), City: a.city, Demo: a.Options.Demo, BaseURL: base,
		CookieKey: []byte(a.Vault.Derive("web.cookie", "flash", 1)), TrustedProxies: a.Config.TrustedProxies, RateFactor: factor, Meter: a.Limits,
		Log: a.Log, Tracer: a.Tracer, Nav: a.nav, Footer: footer, Acting: a.actingOn(), Checks: []web.Check{{Name: "database", Do: a.DB.Ping}}, Proof: a.Options.Proof,
		InTurn:   a.DB.InTurn,
		Classify: func(err error) error { return db.Fault(err, "", "") }})
}

func (a *App) portalPages(kit *web.Kit) {
	forPortal := portal.Deps{Kit: kit, Permits: a.PermitTypes, Replies: a.prepared(), Voices: a.Voices, Cases: a.Cases, Drafts: a.Drafts, Once: a.Once, Catalogue: a.Catalogue, Places: a.Places,
		Files: a.Files, Clocks: a.Clocks, Insight: a.Insight, Next: a.NextStep, Privacy: a.Privacy, Offers: a.Offers, Campaigns: a.Campaigns, Log: a.Log,
		Now: a.Options.Now, BaseURL: a.baseURL()}
	portal.RegisterFiling(forPortal)
	portal.RegisterPermits(portal.PermitDeps{Deps: forPortal, Words: a.Bundle})
	portal.RegisterPermitPreview(portal.PermitDeps{Deps: forPortal, Words: a.Bundle})
	portal.RegisterFollowing(portal.Following{Kit: kit, Cases: a.Cases, Satisfaction: a.Satisfaction, Notify: a.Notify, Catalogue: a.Catalogue,
		Voices: a.Voices, Now: a.Options.Now})
	portal.RegisterMessages(portal.MessageDeps{Kit: kit, Cases: a.Cases, Notify: a.Notify, Forget: a.Identity.ForgetVisit, Now: a.Options.Now})
	portal.RegisterVoices(portal.VoiceDeps{Kit: kit, Words: a.Bundle, Voices: a.Voices, Catalogue: a.Catalogue, Places: a.Places, Zone: a.zone,
		BaseURL: a.baseURL(), Mail: a.Config.SMTPURL != "", Now: a.Options.Now})
	portal.RegisterRefusal(portal.RefuseDeps{Kit: kit, Words: a.Bundle, Campaigns: a.Campaigns})
	portal.RegisterOffers(portal.OfferDeps{Kit: kit, Offers: a.Offers, Outreach: a.Outreach, Catalogue: a.Catalogue, Zone: a.zone})
	portal.RegisterAccounts(portal.AccountDeps{Kit: kit, Identity: a.Identity, Demo: a.demoAddresses()})
	portal.RegisterSecurity(portal.SecurityDeps{Kit: kit, Contact: a.Config.Security, BaseURL: a.baseURL(), Now: a.Options.Now})
	portal.RegisterPrivacy(portal.PrivacyDeps{Kit: kit, Words: a.Bundle, Privacy: a.Privacy, Constituents: a.Constituents, Identity: a.Identity, Retention: a.Retention,
		Withdraw: a.Campaigns.Withdraw, Zone: a.zone, Region: region(a.Config.Calendar)})
}

func (a *App) adminPages(kit *web.Kit) {
	admin.Register(admin.Deps{Kit: kit, Jobs: a.Jobs, Notify: a.Notify, Mailbox: a.mailHealth()})
	admin.RegisterPermitTypes(admin.PermitTypeDeps{Kit: kit, Types: a.PermitTypes, Words: a.Bundle})
	editor.RegisterTypes(editor.TypeDeps{Kit: kit, Types: a.PermitTypes, Catalogue: a.Catalogue, Words: a.Bundle, People: a.Identity})
	editor.RegisterEvents(editor.EventDeps{Kit: kit, Types: a.PermitTypes, Words: a.Bundle, People: a.Identity})
	admin.RegisterKeys(admin.KeysDeps{Kit: kit, Keys: a.Keys, Vault: a.Vault, Zone: a.zone})
	admin.RegisterTiming(admin.TimingDeps{Kit: kit, Catalogue: a.Catalogue, Cases: a.Cases, Clocks: a.Clocks, People: a.Identity, Now: a.Options.Now})
	admin.RegisterRetention(admin.RetentionDeps{Kit: kit, Retention: a.Retention, Cases: a.Cases, Access: a.Access, Zone: a.zone})
	admin.RegisterTrail(admin.TrailDeps{Kit: kit, Words: a.Bundle, Audit: a.Audit, Access: a.Access, People: a.Identity, Reason: a.Constituents.Reason, Zone: a.zone})
	admin.RegisterAccess(admin.AccessDeps{Kit: kit, Access: a.Access, Cases: a.Cases, Catalogue: a.Catalogue, People: a.Identity, Zone: a.zone})
	admin.RegisterAccounts(admin.AccountDeps{Kit: kit, Identity: a.Identity, Catalogue: a.Catalogue})
}

func (a *App) deskPages(kit *web.Kit) {
	forDesk := desk.Deps{Kit: kit, Words: a.Bundle, Cases: a.Cases, Replies: a.prepared(), Catalogue: a.Catalogue, Places: a.Places, Access: a.Access, Files: a.Files, Once: a.Once,
		People: a.Identity, Constituents: a.Constituents, Bulk: a.Worklist, Callbacks: a.Satisfaction, Notices: a.Notify, Mail: a.Config.SMTPURL != "", Permits: a.Permits, BaseURL: strings.TrimSuffix(a.baseURL(), "/"), Now: a.Options.Now}
	desk.Register(forDesk)
	desk.RegisterVoices(forDesk, a.Voices)
	a.feePages(kit, forDesk)
	desk.RegisterPermits(forDesk)
	a.heldPages(kit)
}

func (a *App) enterprisePages(kit *web.Kit) {
	applying := enterprise.ApplyDeps{Kit: kit, Permits: a.Permits, Types: a.Permits.Types, Holders: a.Permits.Holders, Catalogue: a.Catalogue, Fees: a.Fees,
		Seal: a.Register.SealReceipt, Name: a.signer, Zone: a.zone, BaseURL: a.baseURL(), Now: a.Options.Now}
	enterprise.RegisterApplications(applying)
	enterprise.RegisterCounter(enterprise.CounterDeps{ApplyDeps: applying, InForce: a.PermitTypes, People: a.Identity, Once: a.Once})
	enterprise.RegisterEventPreview(applying, a.PermitTypes.WorkingEvent)
	a.registerVerify(kit)
	a.housePages(kit)
}

func (a *App) peoplePages(kit *web.Kit) {
	forPeople := people.Deps{Kit: kit, Words: a.Bundle, Access: a.Access, Record: a.Record, Segments: a.Outreach, Campaigns: a.Campaigns, Offers: a.Offers, Discover: a.Discover, Cases: a.Cases, Constituents: a.Constituents, Catalogue: a.Catalogue,
		Places: a.Places, Accounts: a.Identity, Zone: a.zone, Now: a.Options.Now}
	people.Register(forPeople)
	people.RegisterEnterprises(forPeople, a.Enterprises)
	people.RegisterDuplicates(people.DuplicateDeps{Kit: kit, Merging: a.Merging, Record: a.Record, Access: a.Access, Places: a.Places, Accounts: a.Identity, Zone: a.zone})
}
