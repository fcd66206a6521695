package app

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"syscall"
	"time"

	"golang.org/x/sync/errgroup"

	"minqing"
	"minqing/internal/access"
	"minqing/internal/config"
	"minqing/internal/db"
	"minqing/internal/i18n"
	"minqing/internal/replies"
	"minqing/internal/web"
	"minqing/internal/web/admin"
	"minqing/internal/web/api"
	"minqing/internal/web/desk"
	"minqing/internal/web/enterprise"
	insightpages "minqing/internal/web/insight"
	"minqing/internal/web/people"
	"minqing/internal/web/portal"
)

// ServeOptions say which half of the product this process runs.
type ServeOptions struct {
	Workers bool
	Web     bool
	Ready   func(url string) // called once pages are served
}

// grace is how long running requests and jobs may finish at a stop.
const grace = 20 * time.Second

const sealEvery = 45 * time.Second

// sealJob chains new entries of the audit trail, and once an hour writes the end of
// the chain outside of the database.
type sealJob struct{}

// Kind names the job.
func (sealJob) Kind() string { return "audit.seal" }

func (a *App) seal(ctx context.Context, _ sealJob) error {
	if _, err := a.Audit.SealReads(ctx); err != nil { // first: its end goes into the trail
		return err
	}
	if _, err := a.Audit.Seal(ctx); err != nil {
		return err
	}
	if path := a.Config.Anchors(); path != "" {
		return a.Audit.Anchor(ctx, path)
	}
	return nil
}

// Serve migrates, loads the demo city where asked, and runs until ctx ends;
// then it lets what is under way finish and loses nothing.
func (a *App) Serve(ctx context.Context, o ServeOptions) error {
	var pages func() (*web.Kit, error)
	if o.Web {
		pages = a.prepare()
	}
	if a.Config.AutoMigrate {
		if err := a.Migrate(ctx); err != nil {
			return err
		}
	}
	if o.Web && !a.Options.Demo {
		if err := a.refuseDemo(ctx); err != nil {
			return err
		}
	}
	if err := a.CheckKeys(ctx); err != nil {
		return err
	}
	if err := a.checkBlobs(ctx); err != nil {
		return err
	}
	if a.Options.Demo {
		if err := a.LoadDemo(ctx); err != nil {
			return err
		}
		if err := a.LoadFirstCases(ctx); err != nil {
			return err
		}
	}
	group, ctx := errgroup.WithContext(ctx)
	if o.Web {
		if err := a.listen(ctx, group, o, pages); err != nil {
			return end(group, err)
		}
	}
	if o.Workers { // after the pages, for which people wait
		if err := a.Jobs.Start(context.WithoutCancel(ctx)); err != nil {
			return end(group, fmt.Errorf("start the workers: %w", err))
		}
		group.Go(func() error {
			<-ctx.Done()
			stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), grace)
			defer cancel()
			return a.Jobs.Stop(stop)
		})
	}
	group.Go(func() error { a.Access.Watch(ctx); return nil })
	group.Go(func() error { a.Worklist.WatchLive(ctx); return nil })
	group.Go(func() error { tidy(ctx); return nil })
	group.Go(func() error { a.watchKeys(ctx); return nil })
	return group.Wait()
}

// refuseDemo keeps a demo database off the network unless the start says that it
// is a demo: its accounts cannot sign in then, but somebody has taken the wrong
// database for the city's.
func (a *App) refuseDemo(ctx context.Context) error {
	if config.Loopback(a.Config.Listen) {
		return nil
	}
	demo, err := a.Identity.HasDemo(ctx)
	if err != nil || !demo {
		return err
	}
	return fmt.Errorf("this database holds the demo city and its accounts, and %s is open to other machines: start with --demo, listen on 127.0.0.1, or name another database in MINQING_DATABASE_URL", a.Config.Listen)
}

// end stops what has begun, for the reason given.
func end(group *errgroup.Group, reason error) error {
	group.Go(func() error { return reason })
	return group.Wait()
}

// prepare makes the pages while the database is looked at.
func (a *App) prepare() func() (*web.Kit, error) {
	var kit *web.Kit
	var made errgroup.Group
	made.Go(func() (err error) {
		kit, err = a.Pages()
		return err
	})
	return func() (*web.Kit, error) {
		err := made.Wait()
		return kit, err
	}
}

func (a *App) listen(ctx context.Context, group *errgroup.Group, o ServeOptions, pages func() (*web.Kit, error)) error {
	kit, err := pages()
	if err != nil {
		return err
	}
	address := a.Config.Listen
	if err := serve(ctx, group, address, kit.Handler()); err != nil {
		return err
	}
	if a.Config.MetricsListen != config.Off {
		if err := serve(ctx, group, a.Config.MetricsListen, kit.Metrics()); err != nil {
			return fmt.Errorf("MINQING_METRICS_LISTEN: %w", err)
		}
	}
	if o.Ready != nil {
		o.Ready(config.LocalURL(address))
	}
	return nil
}

func serve(ctx context.Context, group *errgroup.Group, address string, h http.Handler) error {
	l, err := net.Listen("tcp", address)
	if err != nil {
		return taken(address, err)
	}
	s := web.NewServer(h)
	group.Go(func() error {
		if err := s.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			return err
		}
		return nil
	})
	group.Go(func() error {
		<-ctx.Done()
		stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), grace)
		defer cancel()
		return s.Shutdown(stop)
	})
	return nil
}

// taken says why nobody can listen there and what to do about it.
func taken(address string, err error) error {
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return fmt.Errorf("listen on %s: another program has this address; stop it, or name a free one in MINQING_LISTEN or --listen (MINQING_METRICS_LISTEN for the metrics)", address)
	case errors.Is(err, syscall.EACCES):
		return fmt.Errorf("listen on %s: ports below 1024 need a permission that this program has not; name another, such as :8080", address)
	}
	return fmt.Errorf("listen on %s: %w", address, err)
}

// Pages makes the web server with every page mounted.
func (a *App) Pages() (*web.Kit, error) {
	factor := 1.0
	if a.Options.Demo {
		factor = 100
	}
	if !a.Config.RateLimits {
		factor = 0
	}
	base := a.Config.BaseURL
	kit, err := web.New(web.Options{Files: minqing.Files, Bundle: a.Bundle, Sessions: a.Identity, Authoriser: a.Access, Now: a.Options.Now,
		Zone: a.zone, Default: i18n.Lang(a.Config.Locale), City: a.city, Demo: a.Options.Demo, BaseURL: base,
		CookieKey: []byte(a.Vault.Derive("web.cookie", "flash", 1)), TrustedProxies: a.Config.TrustedProxies, RateFactor: factor, Meter: a.Limits,
		Log: a.Log, Tracer: a.Tracer, Nav: a.nav, Footer: footer, Acting: a.actingOn(), Checks: []web.Check{{Name: "database", Do: a.DB.Ping}}, Proof: a.Options.Proof,
		Classify: func(err error) error { return db.Fault(err, "", "") }})
	if err != nil {
		return nil, err
	}
	forPortal := portal.Deps{Kit: kit, Permits: a.PermitTypes, Replies: a.prepared(), Voices: a.Voices, Cases: a.Cases, Drafts: a.Drafts, Once: a.Once, Catalogue: a.Catalogue, Places: a.Places,
		Files: a.Files, Clocks: a.Clocks, Insight: a.Insight, Next: a.NextStep, Privacy: a.Privacy, Offers: a.Offers, Log: a.Log,
		Now: a.Options.Now, BaseURL: a.baseURL()}
	portal.RegisterFiling(forPortal)
	portal.RegisterPermits(portal.PermitDeps{Deps: forPortal, Words: a.Bundle})
	portal.RegisterFollowing(portal.Following{Kit: kit, Cases: a.Cases, Satisfaction: a.Satisfaction, Notify: a.Notify, Catalogue: a.Catalogue,
		Voices: a.Voices, Now: a.Options.Now})
	portal.RegisterVoices(portal.VoiceDeps{Kit: kit, Words: a.Bundle, Voices: a.Voices, Catalogue: a.Catalogue, Places: a.Places, Zone: a.zone,
		BaseURL: a.baseURL(), Mail: a.Config.SMTPURL != "", Now: a.Options.Now})
	portal.RegisterRefusal(portal.RefuseDeps{Kit: kit, Words: a.Bundle, Campaigns: a.Campaigns})
	portal.RegisterOffers(portal.OfferDeps{Kit: kit, Offers: a.Offers, Outreach: a.Outreach, Catalogue: a.Catalogue, Zone: a.zone})
	portal.RegisterAccounts(portal.AccountDeps{Kit: kit, Identity: a.Identity, Demo: a.demoAddresses()})
	portal.RegisterSecurity(portal.SecurityDeps{Kit: kit, Contact: a.Config.Security, BaseURL: a.baseURL(), Now: a.Options.Now})
	portal.RegisterPrivacy(portal.PrivacyDeps{Kit: kit, Words: a.Bundle, Privacy: a.Privacy, Constituents: a.Constituents, Identity: a.Identity, Retention: a.Retention,
		Zone: a.zone, Region: region(a.Config.Calendar)})
	admin.Register(admin.Deps{Kit: kit, Jobs: a.Jobs, Notify: a.Notify, Mailbox: a.mailHealth()})
	admin.RegisterPermitTypes(admin.PermitTypeDeps{Kit: kit, Types: a.PermitTypes, Words: a.Bundle, People: a.Identity})
	admin.RegisterKeys(admin.KeysDeps{Kit: kit, Keys: a.Keys, Vault: a.Vault, Zone: a.zone})
	admin.RegisterTiming(admin.TimingDeps{Kit: kit, Catalogue: a.Catalogue, Cases: a.Cases, Clocks: a.Clocks, People: a.Identity, Now: a.Options.Now})
	admin.RegisterRetention(admin.RetentionDeps{Kit: kit, Retention: a.Retention, Cases: a.Cases, Access: a.Access, Zone: a.zone})
	admin.RegisterTrail(admin.TrailDeps{Kit: kit, Words: a.Bundle, Audit: a.Audit, Access: a.Access, People: a.Identity, Reason: a.Constituents.Reason, Zone: a.zone})
	admin.RegisterAccess(admin.AccessDeps{Kit: kit, Access: a.Access, Cases: a.Cases, Catalogue: a.Catalogue, People: a.Identity, Zone: a.zone})
	admin.RegisterAccounts(admin.AccountDeps{Kit: kit, Identity: a.Identity, Catalogue: a.Catalogue})
	insightpages.Register(insightpages.Deps{Kit: kit, Words: a.Bundle, Insight: a.Insight, Catalogue: a.Catalogue, Places: a.Places, Now: a.Options.Now, PermitTypes: a.PermitTypes})
	insightpages.RegisterSeven(insightpages.SevenDeps{Kit: kit, Words: a.Bundle, Seven: a.Seven})
	forDesk := desk.Deps{Kit: kit, Words: a.Bundle, Cases: a.Cases, Replies: a.prepared(), Catalogue: a.Catalogue, Places: a.Places, Access: a.Access, Files: a.Files, Once: a.Once,
		People: a.Identity, Constituents: a.Constituents, Bulk: a.Worklist, Callbacks: a.Satisfaction, Notices: a.Notify, Mail: a.Config.SMTPURL != "", Now: a.Options.Now}
	desk.Register(forDesk)
	desk.RegisterVoices(forDesk, a.Voices)
	a.feePages(kit, forDesk)
	desk.RegisterPermits(desk.PermitDeps{Deps: forDesk, Permits: a.Permits})
	a.heldPages(kit)
	enterprise.RegisterApplications(enterprise.ApplyDeps{Kit: kit, Permits: a.Permits, Types: a.Permits.Types, Holders: a.Permits.Holders, Catalogue: a.Catalogue, Fees: a.Fees,
		Name: a.signer, Zone: a.zone, Now: a.Options.Now})
	a.registerVerify(kit)
	a.housePages(kit)
	forPeople := people.Deps{Kit: kit, Words: a.Bundle, Access: a.Access, Record: a.Record, Segments: a.Outreach, Campaigns: a.Campaigns, Offers: a.Offers, Discover: a.Discover, Cases: a.Cases, Constituents: a.Constituents, Catalogue: a.Catalogue,
		Places: a.Places, Accounts: a.Identity, Zone: a.zone, Now: a.Options.Now}
	people.Register(forPeople)
	people.RegisterEnterprises(forPeople, a.Enterprises)
	people.RegisterDuplicates(people.DuplicateDeps{Kit: kit, Merging: a.Merging, Record: a.Record, Access: a.Access, Places: a.Places, Accounts: a.Identity, Zone: a.zone})
	api.Register(api.Deps{Kit: kit, Words: a.Bundle, Cases: a.Cases, Once: a.Once, Satisfaction: a.Satisfaction, Catalogue: a.Catalogue,
		Places: a.Places, Clocks: a.Clocks, People: a.Identity, Insight: a.Insight, Now: a.Options.Now})
	return kit, nil
}

// city names the place that the government is of, or the government itself;
// nothing while there are no units or they cannot be read: every page shows it,
// those that say what is wrong too.
func (a *App) city(ctx context.Context) i18n.Text {
	snap, err := a.Catalogue.Snapshot(ctx)
	if err != nil || snap.Root() == nil {
		return nil
	}
	root := snap.Root()
	if areas, err := a.Places.Map(ctx); err == nil && root.DistrictID != nil {
		if d, err := areas.District(*root.DistrictID); err == nil {
			return d.Name
		}
	}
	return root.Name
}

// footer leads to what some readers look for and most do not.
var footer = []web.Link{{Href: "/verify", Words: web.Say("verify.title")}, {Href: "/scorecard", Words: web.Say("portal.scorecard.title")}, {Href: "/api/docs", Words: web.Say("portal.footer.api")}}

// nav lists the areas that the actor may enter.
func (a *App) nav(ctx context.Context) []web.Link {
	links := []web.Link{}
	add := func(v access.Verb, href, key string) {
		if v == access.Public || a.Access.Can(ctx, v) == nil {
			links = append(links, web.Link{Href: href, Words: web.Say(key)})
		}
	}
	if a.Access.Can(ctx, access.DeskEnter) != nil {
		add(access.Public, "/file", "nav.file")
		add(access.Public, "/matters", "nav.matters")
		add(access.Public, "/track", "nav.track")
		add(access.Public, "/voices", "nav.voices")
		add(access.OwnRead, "/enterprise", "house.title")
		return links
	}
	add(access.CaseList, "/desk", "nav.desk")
	add(access.CaseFile, "/desk/intake", "nav.intake")
	add(access.PeopleRead, "/people", "nav.people")
	add(access.PermitRead, "/desk/permits", "nav.held")
	add(access.CaseList, "/desk/clocks", "nav.clocks")
	add(access.CaseList, "/desk/knowledge", "nav.knowledge")
	add(access.TemplateWrite, "/desk/templates", "nav.templates")
	add(access.CasePublish, "/desk/voices", "nav.publish")
	add(access.ReportRead, "/insight/performance", "nav.insight")
	add(access.ReportRead, "/insight/7p", "nav.seven")
	add(access.JobRead, "/admin/jobs", "nav.jobs")
	add(access.CatalogueWrite, "/admin/clocks", "nav.timing")
	add(access.FigureEnter, "/insight/7p/inputs", "nav.inputs")
	add(access.PermitTypeWrite, "/admin/permits", "nav.permit_types")
	add(access.AuditRead, "/admin/audit", "nav.audit")
	add(access.AccessGrant, "/admin/access", "nav.access")
	add(access.KeyRead, "/admin/keys", "nav.keys")
	add(access.RetentionRead, "/admin/retention", "nav.retention")
	return links
}

// prepared has the templates and articles.
func (a *App) prepared() *replies.Service {
	return &replies.Service{DB: a.DB, Audit: a.Audit, Access: a.Access, Catalogue: a.Catalogue, Now: a.Options.Now}
}
