package app

import (
	"context"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"

	"minqing/internal/actor"
	"minqing/internal/calendar"
	"minqing/internal/demo"
	"minqing/internal/fault"
	"minqing/internal/identity"
)

// DemoPassword opens every demo account, and only under --demo.
const DemoPassword = identity.DemoPassword

// DemoAccount is an account of the demo city with a word on what it is for.
type DemoAccount struct {
	identity.DemoAccount
	About string
}

func staff(email, name, role, unit, about string) DemoAccount {
	return DemoAccount{identity.DemoAccount{Email: email + "@demo.test", Name: name, Role: role, UnitCode: unit, Kind: "staff", Locale: "zh-Hant"}, about}
}

// DemoAccounts are the people of the demo city who may sign in.
var DemoAccounts = []DemoAccount{
	{identity.DemoAccount{Email: "citizen@demo.test", Name: "林小滿", Kind: "citizen", Locale: "zh-Hant"}, "a citizen"},
	{identity.DemoAccount{Email: "company@demo.test", Name: "樂小川", Kind: "citizen", Locale: "zh-Hant"}, "owns an enterprise"},
	{identity.DemoAccount{Email: "clerk@demo.test", Name: "何小帳", Kind: "citizen", Locale: "zh-Hant"}, "applies for that enterprise"},
	staff("agent", "周話務", "call_agent", "HL", "call centre and counter"),
	staff("dispatcher", "吳派案", "dispatcher", "LJ", "accepts and dispatches"),
	staff("handler", "陳承辦", "handler", "CG03", "handles street-lighting cases"),
	staff("head", "李主管", "head", "CG", "head of the City Management Bureau"),
	staff("mayor", "韓市長", "head", "LJ", "head of the municipal government: more time where several authorities decide together"),
	staff("permits", "楊審批", "handler", "CG01", "decides on permits for signs"),
	staff("roofs", "宋工務", "handler", "ZJ04", "gives the opinion that some permits want"),
	staff("supervisor", "趙督辦", "supervisor", "LJ", "supervises the whole city"),
	staff("integrity", "許廉政", "whistle_officer", "JJ", "receives whistle-blowers' reports"),
	staff("outreach", "何主動", "outreach_officer", "LJ", "offers services to those who need them"),
	staff("official", "孫首長", "official", "LJ", "reads the reports"),
	staff("auditor", "錢稽核", "auditor", "LJ", "reads the audit trail"),
	staff("security", "馮安全", "security_admin", "LJ", "grants roles"),
	staff("security2", "蔣覆核", "security_admin", "LJ", "approves what the first one asks for"),
	staff("admin", "鄭系統", "system_admin", "LJ", "runs the system"),
	staff("admin2", "沈覆核", "system_admin", "LJ", "publishes what the first one writes"),
}

// LoadDemo loads the demo city and its accounts; again it changes nothing.
func (a *App) LoadDemo(ctx context.Context) error {
	ctx = actor.AsSystem(ctx, "demo.load")
	if err := a.Demo.LoadCityOnce(ctx, a.DB, a.Options.Now()); err != nil {
		return err
	}
	if err := a.Demo.LoadTexts(ctx, a.prepared()); err != nil {
		return err
	}
	list := make([]identity.DemoAccount, len(DemoAccounts))
	for i, d := range DemoAccounts {
		list[i] = d.DemoAccount
	}
	if err := a.Identity.EnsureDemo(ctx, list); err != nil {
		return err
	}
	return a.demoEnterprises(ctx)
}

// What a first start brings, so that inbox and reports have something to show:
// a year of cases.
const (
	firstCases = 1200
	firstSeed  = 1
)

// LoadDemoStaff makes those in whose name the cases of the city are handled;
// again it changes nothing. Loading cases does it too.
func (a *App) LoadDemoStaff(ctx context.Context) error {
	ctx = actor.AsSystem(ctx, "demo.load")
	staff, err := demo.Staff()
	if err != nil {
		return err
	}
	list := make([]identity.DemoAccount, len(staff))
	for i, c := range staff {
		list[i] = identity.DemoAccount{Email: c.Email, Name: c.Name, Role: c.Role, UnitCode: c.Unit, Kind: "staff", Locale: "zh-Hant"}
	}
	return a.Identity.EnsureColleagues(ctx, list)
}

// filers are the people of the demo city who may sign in and see their cases.
func (a *App) filers(ctx context.Context) (map[string]demo.Filer, error) {
	list := map[string]demo.Filer{}
	for _, d := range DemoAccounts {
		if d.Kind == "staff" {
			continue
		}
		known, err := a.Identity.ByEmail(ctx, d.Email)
		if err != nil {
			return nil, err
		}
		list[d.Email] = demo.Filer{AccountID: known.ID, ConstituentID: known.ConstituentID}
	}
	if err := a.demoFiler(ctx, list); err != nil {
		return nil, err
	}
	return list, nil
}

// DemoPeriod completes a period: zero dates mean the year up to today. One that
// makes no sense is demo.ErrPeriod.
func (a *App) DemoPeriod(o demo.LoadOptions) (demo.LoadOptions, error) {
	if o.To == 0 {
		o.To = calendar.DateOf(a.Options.Now(), a.zone)
	}
	if o.From == 0 {
		o.From = o.To.Add(-364)
	}
	if o.To < o.From || o.Cases < 0 {
		return o, demo.ErrPeriod
	}
	return o, nil
}

// LoadDemoCases writes cases with their whole lives and counts the figures
// anew. Zero dates mean the year up to today. It gives how many it added.
func (a *App) LoadDemoCases(ctx context.Context, o demo.LoadOptions) (int, error) {
	ctx = actor.AsSystem(ctx, "demo.load")
	o, err := a.DemoPeriod(o)
	if err != nil {
		return 0, err
	}
	if err := a.LoadDemoStaff(ctx); err != nil {
		return 0, fmt.Errorf("make the staff of the demo city: %w", err)
	}
	filers, err := a.filers(ctx)
	if err != nil {
		return 0, err
	}
	l := demo.Loader{Cases: a.Cases, Satisfaction: a.Satisfaction, Audit: a.Audit, Filers: filers}
	n, err := l.Load(ctx, o)
	if err != nil {
		return 0, fmt.Errorf("load the cases of the demo city: %w", err)
	}
	if n == 0 {
		return 0, nil
	}
	if err := a.Outreach.RefreshAll(ctx); err != nil {
		return n, err
	}
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return a.Insight.Rebuild(ctx) })
	group.Go(func() error { return a.Seven.Count(ctx) })
	return n, group.Wait()
}

// LoadFirstCases brings a year of cases into a demo that has none.
func (a *App) LoadFirstCases(ctx context.Context) error {
	l := demo.Loader{Cases: a.Cases}
	there, err := l.Any(ctx)
	if err != nil || there {
		return err
	}
	if _, err = a.LoadDemoCases(ctx, demo.LoadOptions{Cases: firstCases, Seed: firstSeed, Whole: true}); err != nil {
		return err
	}
	filers, err := a.filers(ctx)
	if err != nil {
		return err
	}
	ctx = actor.AsSystem(ctx, "demo.load")
	merge := func(ctx context.Context) error { _, err := a.Merging.Go(ctx, time.Minute, true); return err }
	of := func(load func(context.Context, map[string]demo.Filer) error) func(context.Context) error {
		return func(ctx context.Context) error { return load(ctx, filers) }
	}
	for _, load := range []func(context.Context) error{a.demoTogether, a.demoPictures, a.demoDisclosure, of(a.demoKnown), of(a.demoHeld), a.demoSegments, a.demoCampaign, of(a.demoResult),
		of(a.demoOffers), of(a.demoDecided), merge, a.demoHouses, a.demoBundle, a.demoSeven} {
		switch err := load(ctx); {
		case fault.KindOf(err) == fault.Unavailable: // the store of attachments is down
			a.Log.WarnContext(ctx, "a part of the demo city is left out", "error", err)
		case err != nil:
			return fmt.Errorf("load the first year of the demo city: %w", err)
		}
	}
	by, err := a.Identity.ByEmail(ctx, "supervisor@demo.test")
	if err != nil {
		return err
	}
	return demo.Publish(ctx, a.Cases, a.Voices, by.ID)
}

// demoAddresses are shown at sign-in under --demo.
func (a *App) demoAddresses() []string {
	if !a.Options.Demo {
		return nil
	}
	out := make([]string, len(DemoAccounts))
	for i, d := range DemoAccounts {
		out[i] = d.Email
	}
	return out
}
