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

	"minqing/internal/access"
	"minqing/internal/config"
	"minqing/internal/i18n"
	"minqing/internal/replies"
	"minqing/internal/web"
)

// ServeOptions say which half of the product this process runs.
type ServeOptions struct {
	Workers bool
	Web     bool
	Ready   func(url string) // called once pages are served
}

// grace is how long running requests and jobs may finish at a stop.
const grace = 20 * time.Second

// firstPages is how long the workers let people go first.
const firstPages = 500 * time.Millisecond

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
	if o.Web {
		go a.warm(ctx, pages)
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
	if o.Workers {
		group.Go(func() error { return a.work(ctx, o.Web) })
	}
	group.Go(func() error { a.Access.Watch(ctx); return nil })
	group.Go(func() error { a.Worklist.WatchLive(ctx); return nil })
	group.Go(func() error { tidy(ctx); return nil })
	group.Go(func() error { a.watchKeys(ctx); return nil })
	return group.Wait()
}

// work runs background jobs until ctx ends. The pages, for which people wait, get
// the first moment for themselves.
func (a *App) work(ctx context.Context, after bool) error {
	if after {
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(firstPages):
		}
	}
	if err := a.Jobs.Start(context.WithoutCancel(ctx)); err != nil {
		return fmt.Errorf("start the workers: %w", err)
	}
	<-ctx.Done()
	stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), grace)
	defer cancel()
	return a.Jobs.Stop(stop)
}

// warm reads what the first page shows while the start looks at other things. A
// city that is about to be loaded has nothing to read yet, and what cannot be read
// is said by whoever asks for it.
func (a *App) warm(ctx context.Context, pages func() (*web.Kit, error)) {
	snap, err := a.Catalogue.Snapshot(ctx)
	if err != nil || snap.Root() == nil {
		return
	}
	_, _ = a.Places.Map(ctx)
	if kit, err := pages(); err == nil {
		kit.Warm(ctx)
	}
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
		if err := s.Serve(web.Joining{Listener: l}); !errors.Is(err, http.ErrServerClosed) {
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
	links := make([]web.Link, 0, 8)
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
	add(access.PermitApply, "/desk/counter", "nav.counter")
	add(access.PeopleRead, "/people", "nav.people")
	add(access.CaseList, "/desk/clocks", "nav.clocks")
	add(access.CaseList, "/desk/knowledge", "nav.knowledge")
	add(access.TemplateWrite, "/desk/templates", "nav.templates")
	add(access.CasePublish, "/desk/voices", "nav.publish")
	add(access.ReportRead, "/insight/performance", "nav.insight")
	add(access.ReportRead, "/insight/7p", "nav.seven")
	add(access.PermitRead, "/desk/permits", "nav.held")
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
