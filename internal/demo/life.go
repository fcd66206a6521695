package demo

import (
	"context"
	"math/rand/v2"
	"time"

	"minqing/internal/cases"
	"minqing/internal/catalogue"
	"minqing/internal/constituents"
	"minqing/internal/db"
	"minqing/internal/i18n"
	"minqing/internal/place"
	"minqing/internal/routing"
	"minqing/internal/satisfaction"
)

// generator invents the cases of one batch.
type generator struct {
	*run
	r      *rand.Rand
	judged []satisfaction.Evaluation

	callbacks []satisfaction.Callback
	attempts  []satisfaction.Attempt
	again     map[i18n.Lang][]string // people who file more than once: constituents
	before    string                 // the person before, of the same batch
	met       []met                  // who will be written down once more
	twin      twin                   // how the next one is
	walk      *walk
}

func newGenerator(r *run, batch uint64) *generator {
	return &generator{run: r, twin: twin(batch), again: map[i18n.Lang][]string{}, r: rand.New(rand.NewPCG(r.o.Seed, batch))}
}

func (g *generator) chance(p float64) bool { return g.r.Float64() < p }

// life invents the case at a place of the plan with all that happens to it.
func (g *generator) life(ctx context.Context, i int) error {
	a, f := g.plan[i], g.fates[i]
	m, d := g.topic(a)
	kind := g.kind(m)
	if f != nil {
		var err error
		if m, err = g.snap.MatterOn(f.matter, g.o.From); err != nil {
			return err
		}
		kind = f.kind
	}
	root, err := g.l.Cases.Clocks.Of(g.snap, g.snap.Root())
	if err != nil {
		return err
	}
	day := root.ReceivedOn(a.at)
	route, err := routing.Decide(g.snap, g.areas, routing.Facts{MatterID: m.ID, Kind: string(kind), DistrictID: d.ID, Day: day})
	if err != nil {
		return err
	}
	unit, err := g.snap.Unit(route.UnitID)
	if err != nil {
		return err
	}
	started, err := g.l.Cases.Clocks.Start(g.snap, unit, m, m.Urgent, a.at)
	if err != nil {
		return err
	}
	about := About{Code: m.Code, Kind: string(kind), Matter: m.Name, District: d.Name, Unit: unit.Name}
	if f, err := g.snap.Field(m.FieldID); err == nil {
		about.Field = f.Code
	}
	lang := g.language()
	if f != nil {
		lang = i18n.ZhHant
	}
	text, err := g.w.Case(g.r, m.Code, string(kind), lang, about)
	if err != nil {
		return err
	}
	source := g.sourceID(i)
	c := cases.Case{ID: db.NewID(a.at), CaseNo: g.l.Cases.MakeNumber(day.Year(), g.first+int64(i)), Track: m.Track, Kind: kind,
		Status: cases.Submitted, Confidentiality: cases.Normal, Channel: cases.ChannelWeb, Locale: string(lang), MatterID: &m.ID,
		MatterVersion: m.Version, UnitID: unit.ID, DistrictID: &d.ID, Title: text.Title, Description: text.Body, Answers: "{}",
		Urgent: m.Urgent, RouteRule: route.RuleCode, RouteVersion: route.RuleVersion, RouteUnitID: &unit.ID, RouteReason: route.Reason,
		HandlingLimit: started.Limit, ReceivedAt: a.at, ReceivedOn: day, ResponseDueAt: &started.Response.Due,
		ResponseDueOn: &started.Response.On, DueAt: &started.Due.Due, DueOn: &started.Due.On, DueProvisional: started.Due.Provisional,
		CalendarVersion: started.Due.CalendarVersion, CodeGeneration: 1, CodeKey: g.l.Cases.Vault.CurrentKey(),
		Source: Source, SourceID: &source, CreatedAt: a.at}
	g.walk = &walk{g: g, area: d.Code, life: cases.Life{Case: c, Address: text.Address}, m: m, unit: unit, desk: unit, cal: root, fate: f,
		traits: g.traits[unit.ID], route: route, about: about, lang: lang, street: text.Address, busy: a.storm > 0}
	if desks := g.snap.WithDuty(catalogue.DutyIntake, day); len(desks) > 0 {
		g.walk.desk = desks[0]
	}
	g.locate(d)
	if err := g.people(ctx, i, a.at); err != nil {
		return err
	}
	return g.walk.live()
}

// locate puts half of the cases on the map, near the middle of their district.
func (g *generator) locate(d *place.District) {
	lat, lng := d.CentreLat+g.r.NormFloat64()*0.004, d.CentreLng+g.r.NormFloat64()*0.004
	if !g.chance(0.5) {
		return
	}
	if at, err := g.areas.Locate(lat, lng, g.walk.life.Case.ReceivedOn); err != nil || at == nil || at.ID != d.ID {
		lat, lng = d.CentreLat, d.CentreLng
	}
	g.walk.life.Case.Lat, g.walk.life.Case.Lng = &lat, &lng
}

func (g *generator) kind(m *catalogue.Matter) cases.Kind {
	if m.Allows(string(cases.HelpRequest)) && g.chance(0.45) {
		return cases.HelpRequest
	}
	if m.Allows(string(cases.Complaint)) && g.chance(0.6) {
		return cases.Complaint
	}
	return cases.Kind(pick(g.r, m.Kinds))
}

func (g *generator) language() i18n.Lang {
	switch x := g.r.Float64(); {
	case x < 0.62:
		return i18n.ZhHant
	case x < 0.92:
		return i18n.ZhHans
	}
	return i18n.En
}

// people says who files, how, and whether the name is kept back.
func (g *generator) people(ctx context.Context, i int, at time.Time) error {
	l := &g.walk.life
	if f := g.walk.fate; f != nil && f.who != "" {
		l.Requester, g.walk.filer = g.l.Filers[f.who].ConstituentID, g.l.Filers[f.who].AccountID
		return nil
	}
	switch x := g.r.Float64(); {
	case x < 0.03:
		l.Case.Confidentiality = cases.AnonymousFiler
		return nil
	case x < 0.06:
		l.Case.Confidentiality = cases.IdentityHidden
	case x < 0.38:
		l.Case.Channel = cases.ChannelPhone
		l.FiledBy = g.account("call_agent", g.walk.desk)
	case x < 0.44:
		l.Case.Channel = cases.ChannelCounter
		l.FiledBy = g.account("call_agent", g.walk.desk)
	case x < 0.47:
		l.Case.Channel = cases.ChannelEmail
	}
	known := g.again[g.walk.lang]
	if len(known) > 4 && g.chance(0.28) {
		l.Requester = pick(g.r, known)
		return nil
	}
	p := g.w.Person(g.r, g.walk.lang, i)
	contact := constituents.Contact{Name: p.Name, Phone: p.Phone}
	if g.chance(0.6) {
		contact.Email = p.Email
	}
	deps := g.l.Cases.Constituents.Deps
	deps.Now = func() time.Time { return at }
	facts, r := g.known(i, at, g.walk.area)
	if facts.BirthYear == 0 {
		contact.Kind, contact.Name = constituents.Enterprise, g.w.firm(r, g.walk.lang)
	} else {
		g.double(i, r, p, &contact, &facts)
	}
	rows, err := constituents.New(deps).Prepare(ctx, contact, string(g.walk.lang))
	if err != nil {
		return err
	}
	if rows, err = g.l.Cases.Constituents.With(rows, facts); err != nil {
		return err
	}
	g.before = ""
	if facts.BirthYear > 0 {
		g.before = rows.ConstituentID()
	}
	l.Contact, l.Requester = &rows, rows.ConstituentID()
	if n := len(g.met); n > 0 && g.met[n-1].at == i {
		g.met[n-1].id = l.Requester
	}
	if g.chance(0.25) {
		g.again[g.walk.lang] = append(known, l.Requester)
	}
	return nil
}
