package demo

import (
	"context"
	"hash/fnv"
	"math/rand/v2"
	"strings"
	"time"

	"minqing/internal/calendar"
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
	again  []reporter // people who file more than once
	walk   *walk
}

type reporter struct {
	id   string
	lang i18n.Lang
}

func newGenerator(r *run, batch uint64) *generator {
	return &generator{run: r, r: rand.New(rand.NewPCG(r.o.Seed, batch))}
}

func (g *generator) chance(p float64) bool { return g.r.Float64() < p }

// speed and care of a unit are its own: 0 is the best of the city, 1 the worst.
func (g *generator) trait(u *catalogue.Unit, what string) float64 {
	h := fnv.New32a()
	h.Write([]byte(what + u.Code))
	return float64(h.Sum32()%1000) / 1000
}

// pickMatters sorts out what people file about, and what a storm brings up.
func (r *run) pickMatters() {
	for _, m := range r.snap.MattersOn(r.o.From, "") {
		if m.Track != catalogue.TrackHotline {
			continue
		}
		r.matters = append(r.matters, m)
		for _, part := range []string{"water", "drain", "flood", "tree", "power", "light", "road"} {
			if m.NeedsPlace && strings.Contains(m.Code, part) {
				r.wet = append(r.wet, m)
				break
			}
		}
	}
	if len(r.wet) == 0 {
		r.wet = r.matters
	}
}

// topic draws matter and place; a few matters make most of the cases.
func (g *generator) topic(a arrival) (*catalogue.Matter, *place.District) {
	if a.storm {
		return pick(g.r, g.wet), pick(g.r, g.flooded)
	}
	n := int(g.r.ExpFloat64() * float64(len(g.matters)) / 4)
	d := int(g.r.ExpFloat64() * float64(len(g.streets)) / 2)
	return g.matters[n%len(g.matters)], g.streets[d%len(g.streets)]
}

// life invents the case at a place of the plan with all that happens to it.
func (g *generator) life(ctx context.Context, i int) error {
	a := g.plan[i]
	m, d := g.topic(a)
	kind := g.kind(m)
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
	g.walk = &walk{g: g, life: cases.Life{Case: c, Address: text.Address}, m: m, unit: unit, desk: unit, cal: root,
		route: route, about: about, lang: lang, street: text.Address}
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
	switch x := g.r.Float64(); {
	case x < 0.05:
		l.Case.Confidentiality = cases.AnonymousFiler
		return nil
	case x < 0.08:
		l.Case.Confidentiality = cases.IdentityHidden
	case x < 0.38:
		l.Case.Channel = cases.ChannelPhone
		l.FiledBy = g.account("call_agent", g.walk.desk)
	case x < 0.44:
		l.Case.Channel = cases.ChannelCounter
		l.FiledBy = g.account("call_agent", g.walk.desk)
	}
	if len(g.again) > 0 && g.chance(0.05) {
		l.Requester = pick(g.r, g.again).id
		return nil
	}
	p := g.w.Person(g.r, g.walk.lang, i)
	contact := constituents.Contact{Name: p.Name, Phone: p.Phone}
	if g.chance(0.6) {
		contact.Email = p.Email
	}
	deps := g.l.Cases.Constituents.Deps
	deps.Now = func() time.Time { return at }
	rows, err := constituents.New(deps).Prepare(ctx, contact, string(g.walk.lang))
	if err != nil {
		return err
	}
	l.Contact, l.Requester = &rows, rows.ConstituentID()
	if len(g.again) < 6 && g.chance(0.1) {
		g.again = append(g.again, reporter{l.Requester, g.walk.lang})
	}
	return nil
}

// judge lets the person say how it went, more kindly where the unit is good,
// quick and successful. About one in three answers.
func (g *generator) judge(w *walk) error {
	c := &w.life.Case
	at := c.ConcludedAt.Add(time.Duration(1+g.r.IntN(90)) * time.Hour)
	if !g.chance(0.35) || at.After(g.until) {
		return nil
	}
	score := 4.9 - 1.3*g.trait(w.unit, "care") + g.r.NormFloat64()*0.8
	if c.ConcludedAt.After(*c.DueAt) {
		score -= 1.1
	}
	solved := "yes"
	switch c.Outcome {
	case cases.PartlySolved:
		solved, score = "partly", score-0.6
	case cases.NotSupported, cases.Referred:
		solved, score = "no", score-1.4
	}
	grade := max(1, min(5, int(score+0.5)))
	reasons := `["fast","clear"]`
	if grade <= 2 {
		reasons = `["slow"]`
	} else if grade == 3 {
		reasons = "[]"
	}
	e := satisfaction.Evaluation{ID: db.NewID(at), CaseID: c.ID, ConclusionNo: c.ConclusionNo, Grade: grade, Resolved: solved, Reasons: reasons,
		Channel: cases.ChannelWeb, FormVersion: satisfaction.FormVersion, EvaluatedAt: at, EvaluatedOn: w.day(at)}
	if !c.Confidentiality.Sealed() && g.chance(0.3) {
		var err error
		if e.Comment, err = g.w.Comment(g.r, grade, w.lang, w.about); err != nil {
			return err
		}
	}
	g.judged = append(g.judged, e)
	return nil
}

// walk is one case on its way through the state machine.
type walk struct {
	g      *generator
	life   cases.Life
	m      *catalogue.Matter
	unit   *catalogue.Unit // that handles it
	desk   *catalogue.Unit // that takes it in
	cal    *calendar.Calendar
	route  routing.Decision
	about  About
	lang   i18n.Lang
	street string
	at     time.Time
}

func (w *walk) day(t time.Time) calendar.Date { return w.cal.ReceivedOn(t) }
