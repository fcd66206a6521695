// Package app wires the house by hand, in the order in which its parts depend
// on each other. The program and the end-to-end tests use the same wiring.
package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"minqing"
	"minqing/internal/access"
	"minqing/internal/audit"
	"minqing/internal/cases"
	"minqing/internal/catalogue"
	"minqing/internal/clocks"
	"minqing/internal/config"
	"minqing/internal/constituents"
	"minqing/internal/db"
	"minqing/internal/demo"
	"minqing/internal/duties"
	"minqing/internal/enterprises"
	"minqing/internal/fees"
	"minqing/internal/files"
	"minqing/internal/i18n"
	"minqing/internal/identity"
	"minqing/internal/insight"
	"minqing/internal/insight/seven"
	"minqing/internal/jobs"
	"minqing/internal/keys"
	"minqing/internal/limits"
	"minqing/internal/mailroom"
	"minqing/internal/nextstep"
	"minqing/internal/notify"
	"minqing/internal/outreach"
	"minqing/internal/outreach/campaign"
	"minqing/internal/outreach/discover"
	"minqing/internal/outreach/offers"
	"minqing/internal/permits"
	"minqing/internal/permittypes"
	"minqing/internal/place"
	"minqing/internal/privacy"
	"minqing/internal/record"
	"minqing/internal/register"
	"minqing/internal/retention"
	"minqing/internal/satisfaction"
	"minqing/internal/tracing"
	"minqing/internal/vault"
	"minqing/internal/voices"
	"minqing/internal/worklist"
)

// Options are what the command line adds to the environment.
type Options struct {
	Demo    bool
	Listen  string    // MINQING_LISTEN when empty
	Log     io.Writer // standard error when nil
	Version string
	Now     func() time.Time // the clock; time.Now when nil
	Proof   bool             // every page is rendered in two ways and compared, for tests
}

// App is the product, opened.
type App struct {
	Config       config.Config
	Options      Options
	Log          *slog.Logger
	Tracer       *tracing.Tracer // nil unless a collector was named
	Bundle       *i18n.Bundle
	DB           *db.DB
	Vault        *vault.Vault
	Keys         *keys.Service
	Audit        *audit.Service
	Jobs         *jobs.Queue
	Files        *files.Service
	Store        files.Store
	Places       *place.Service
	Catalogue    *catalogue.Service
	Access       *access.Service
	Limits       *limits.Service
	Constituents *constituents.Service
	Identity     *identity.Service
	Enterprises  *enterprises.Service
	Clocks       *clocks.Service
	Drafts       *cases.Drafts
	Once         *cases.Once
	Notify       *notify.Service
	Cases        *cases.Service
	Permits      *permits.Service
	Register     *register.Service
	Duties       *duties.Service
	Fees         *fees.Service
	sandbox      *fees.Sandbox // the bank of the demo; nil outside
	PermitTypes  *permittypes.Service
	Satisfaction *satisfaction.Service
	Worklist     *worklist.Service
	Voices       *voices.Service
	Privacy      *privacy.Service
	Record       *record.Service
	Merging      *constituents.Merging
	Outreach     *outreach.Service
	Campaigns    *campaign.Service
	Offers       *offers.Service
	Discover     *discover.Service
	NextStep     *nextstep.Service
	Retention    *retention.Service
	Insight      *insight.Service
	Seven        *seven.Service
	Demo         *demo.Service
	mailroom     *mailroom.Service // nil without a mailbox
	zone         *time.Location
}

// words are the same in every App of a process.
var words = sync.OnceValues(func() (*i18n.Bundle, error) { return i18n.Load(minqing.Files) })

// New opens the database and everything above it. It changes nothing.
func New(ctx context.Context, c config.Config, o Options) (*App, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = os.Stderr
	}
	if o.Listen != "" {
		c.Listen = o.Listen
	}
	a := &App{Config: c, Options: o, Log: slog.New(slog.NewJSONHandler(o.Log, &slog.HandlerOptions{Level: c.LogLevel}))}
	if err := a.trace(); err != nil {
		return nil, err
	}
	var err error
	if a.zone, err = time.LoadLocation(c.Timezone); err != nil {
		return nil, fmt.Errorf("MINQING_TIMEZONE: %w", err)
	}
	var both errgroup.Group // neither needs the other, and a start waits for both
	both.Go(func() (err error) {
		if a.Bundle, err = words(); err == nil {
			a.Bundle.Read(i18n.Langs[0]) // the others when somebody asks for them
		}
		return err
	})
	a.DB, err = db.Open(ctx, c.DatabaseURL, db.Options{Now: o.Now, Replicas: c.ReplicaURLs, Tracer: a.Tracer})
	if unread := both.Wait(); unread != nil || err != nil {
		if a.DB != nil {
			a.DB.Close()
		}
		a.Tracer.Close()
		return nil, errors.Join(unread, err)
	}
	if err := a.wire(); err != nil {
		a.DB.Close()
		a.Tracer.Close()
		return nil, err
	}
	return a, nil
}

// pollEvery is how often workers look for jobs without being woken. Every commit
// that adds some wakes them, so that this only mends a lost call; looking more
// often would be a good part of what an idle system asks of its database.
const pollEvery = 30 * time.Second

// ring opens the key ring, or makes a key file with a loud word: it must be kept.
func (a *App) ring() (*vault.Ring, error) {
	ring, err := vault.LoadRing(a.Config.Keys)
	if !errors.Is(err, os.ErrNotExist) {
		return ring, err
	}
	if used, err := vault.New(a.DB, nil, a.Options.Now).RingKeysInUse(context.Background()); err == nil && len(used) > 0 { // a database without tables has none
		return nil, fmt.Errorf("there is no key file %s, though personal data of this database lie under %s: put it back from its copy, or name it in MINQING_KEYS", a.Config.Keys, strings.Join(used, ", "))
	}
	a.Log.Warn("made a new key file; keep a copy apart from the database: without it personal data cannot be read", "file", a.Config.Keys)
	return vault.CreateRing(a.Config.Keys)
}

func (a *App) wire() error {
	now := a.Options.Now
	ring, err := a.ring()
	if err != nil {
		return err
	}
	a.Vault = vault.New(a.DB, ring, now)
	a.Vault.ReloadBy(func() (*vault.Ring, error) { return vault.LoadRing(a.Config.Keys) })
	a.Limits = limits.New(a.DB, a.Vault, now)
	a.Audit = audit.New(a.DB, now)
	a.Audit.SignWith(a.Vault)
	if a.Jobs, err = jobs.New(a.DB, a.Audit, jobs.Options{Log: a.Log, Poll: pollEvery, Tracer: a.Tracer}); err != nil {
		return err
	}
	if a.Store, err = files.OpenStore(a.Config.BlobURL); err != nil {
		return err
	}
	a.Files = files.New(files.Deps{DB: a.DB, Vault: a.Vault, Audit: a.Audit, Store: a.Store, Now: now})
	a.Places = place.New(a.DB, a.Audit, now)
	a.Catalogue = catalogue.New(a.DB, a.Audit, now)
	policies, err := fs.Sub(minqing.Files, "policies")
	if err != nil {
		return err
	}
	if a.Access, err = access.New(a.DB, a.Audit, policies, now); err != nil {
		return err
	}
	a.Constituents = constituents.New(constituents.Deps{DB: a.DB, Vault: a.Vault, Audit: a.Audit, Now: now, Region: region(a.Config.Calendar)})
	if err := a.wirePeople(); err != nil {
		return err
	}
	a.wireEnterprises()
	if a.Clocks, err = clocks.New(a.Config.Calendar); err != nil {
		return err
	}
	a.Cases = cases.New(cases.Deps{DB: a.DB, Vault: a.Vault, Audit: a.Audit, Jobs: a.Jobs, Catalogue: a.Catalogue, Places: a.Places,
		Access: a.Access, Constituents: a.Constituents, Clocks: a.Clocks, Now: now, Attachments: a.Files, StaffAt: a.staffAt})
	a.Satisfaction = satisfaction.New(satisfaction.Deps{DB: a.DB, Cases: a.Cases, Vault: a.Vault, Audit: a.Audit, Now: now,
		CallbackDays: a.Config.CallbackDays, ReminderDays: a.Config.ReminderDays})
	a.Voices = voices.New(voices.Deps{DB: a.DB, Audit: a.Audit, Cases: a.Cases, Catalogue: a.Catalogue, Places: a.Places, Now: now,
		Vault: a.Vault, Jobs: a.Jobs, Tell: func(ctx context.Context, t notify.Telling) error { return a.Notify.Tell(ctx, t) }})
	a.Insight = insight.New(insight.Deps{DB: a.DB, Access: a.Access, Audit: a.Audit, Zone: a.zone, Now: now})
	a.wireSeven()
	a.PermitTypes = permittypes.New(a.DB, a.Audit, a.Catalogue, a.zone, now)
	a.Insight.PermitTypes = a.PermitTypes
	a.Demo = demo.New(a.Catalogue, a.Places)
	a.Demo.Permits = a.PermitTypes
	a.wirePermits()
	a.wireDuties()
	if err := a.wireFees(); err != nil {
		return err
	}
	return a.wireWork()
}

// region reads phone numbers without a country code.
func region(calendar string) string {
	if calendar == "TW" {
		return "TW"
	}
	return "CN"
}

// Migrate brings the tables up, the queue's after ours.
func (a *App) Migrate(ctx context.Context) error {
	if err := a.DB.Migrate(ctx); err != nil {
		return err
	}
	return jobs.Migrate(ctx, a.DB)
}

// CheckKeys says, before anybody is served, which keys the ring lacks.
func (a *App) CheckKeys(ctx context.Context) error {
	if !a.DB.UpToDate(ctx) {
		return nil // which the tables say elsewhere
	}
	return a.Vault.CheckRing(ctx)
}

// Close ends what New opened.
func (a *App) Close() error {
	a.Jobs.Close()
	err := a.DB.Close()
	a.Tracer.Close()
	return err
}
