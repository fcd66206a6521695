package cases

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"minqing/internal/access"
	"minqing/internal/actor"
	"minqing/internal/audit"
	"minqing/internal/calendar"
	"minqing/internal/catalogue"
	"minqing/internal/clocks"
	"minqing/internal/constituents"
	"minqing/internal/db"
	"minqing/internal/fault"
	"minqing/internal/i18n"
	"minqing/internal/jobs"
	"minqing/internal/place"
	"minqing/internal/routing"
)

// Receipt is the written proof that the government got it.
type Receipt struct {
	CaseID      string
	CaseNo      string
	QueryCode   string
	Status      Status
	ReceivedAt  time.Time
	DueAt       time.Time
	DueOn       calendar.Date
	Provisional bool
	UnitCode    string
	UnitName    i18n.Text
	Urgent      bool

	ResponseDueAt time.Time
	Reason        i18n.Text // why this unit takes it, in the rule's words
	Anonymous     bool      // nobody can be contacted
}

// Told says that an event happened which people may have to hear of. The job
// makes the messages; it holds ids only.
type Told struct {
	CaseID  string `json:"case_id"`
	EventID string `json:"event_id"`
	Action  Action `json:"action"`

	ByItself bool `json:"by_itself,omitempty"` // no person did it: silence has, at the hour at which a job ran
}

// Kind names the job.
func (Told) Kind() string { return "case.told" }

// placed is what catalogue, map and rules say of a filing.
type placed struct {
	now      time.Time
	snap     *catalogue.Snapshot
	matter   *catalogue.Matter
	district *place.District
	subject  *catalogue.Unit
	lat, lng *float64
	route    routing.Decision
	intake   *catalogue.Unit
	clocks   clocks.Started
	urgent   bool
}

// File records a filing: parties, case, units, first event, audit entry and
// job in one statement on PostgreSQL and one transaction on SQLite. Rules route
// it in memory; the decision and its reason are stored.
func (s *Service) File(ctx context.Context, f Filing) (*Receipt, error) {
	if f.Region == "" {
		f.Region = s.Constituents.Region
	}
	if err := f.Validate(); err != nil {
		return nil, err
	}
	f = f.tidy()
	ctx, err := s.filing(ctx, &f)
	if err != nil {
		return nil, err
	}
	ctx = f.Confidentiality.For(ctx)
	if a := actor.From(ctx); a.Kind == actor.Staff {
		if err := s.Access.Can(ctx, access.CaseFile); err != nil {
			return nil, err
		}
	}
	p, err := s.place(ctx, f)
	if err != nil {
		return nil, err
	}
	b, err := s.build(ctx, f, p)
	if err != nil {
		return nil, err
	}
	r := s.receipt(b.c, p)
	if f.DraftID != "" && s.Attachments != nil {
		err = s.DB.Tx(ctx, func(ctx context.Context) error {
			if f.Confidentiality.Sealed() { // which is asked after the files came
				if err := s.Attachments.Discreet(ctx, "draft", f.DraftID); err != nil {
					return err
				}
			}
			if err := s.DB.InsertAll(ctx, b.stmts...); err != nil {
				return err
			}
			return s.Attachments.Adopt(ctx, "draft", f.DraftID, "case", b.c.ID)
		})
	} else {
		err = s.DB.InsertAll(ctx, b.stmts...)
	}
	switch {
	case db.Raised(err, "requester_erased") && f.requester != "":
		return nil, fault.InvalidInput(fault.Field{Name: "requester", Key: "case.requester.other"})
	case db.Raised(err, "requester_erased"):
		return nil, fault.New(fault.Unauthenticated, "access.sign_in")
	}
	if err != nil {
		return nil, fmt.Errorf("store the case: %w", db.Fault(err, "", "case.number.taken"))
	}
	if b.queue != "" {
		s.DB.AfterCommit(ctx, func() { s.Jobs.Ring(b.queue) })
	}
	return r, nil
}

func (s *Service) receipt(c *Case, p *placed) *Receipt {
	r := &Receipt{CaseID: c.ID, CaseNo: c.CaseNo, QueryCode: s.QueryCode(c), Status: c.Status, ReceivedAt: c.ReceivedAt,
		DueAt: p.clocks.Due.Due, DueOn: p.clocks.Due.On, Provisional: p.clocks.Due.Provisional, Urgent: c.Urgent,
		ResponseDueAt: p.clocks.Response.Due, Reason: p.route.Reason,
		Anonymous: c.Confidentiality == AnonymousFiler}
	if u, err := p.snap.Unit(c.UnitID); err == nil {
		r.UnitCode, r.UnitName = u.Code, u.Name
	}
	if p.route.Diverted {
		r.Reason = nil // it names the unit that the case was kept away from
	}
	return r
}

// place looks the filing up in catalogue and map, checks what depends on them,
// routes it and starts its clocks.
func (s *Service) place(ctx context.Context, f Filing) (*placed, error) {
	snap, err := s.Catalogue.Snapshot(ctx)
	if err != nil {
		return nil, err
	}
	areas, err := s.Places.Map(ctx)
	if err != nil {
		return nil, err
	}
	p := &placed{now: s.Now().UTC().Truncate(time.Microsecond), snap: snap}
	root, err := s.Clocks.Of(snap, snap.Root())
	if err != nil {
		return nil, err
	}
	day := root.ReceivedOn(p.now)
	if err := p.look(f, areas, day); err != nil {
		return nil, err
	}
	facts := routing.Facts{Kind: string(f.Kind), Day: day}
	if p.matter != nil {
		facts.MatterID = p.matter.ID
	}
	if p.district != nil {
		facts.DistrictID = p.district.ID
	}
	if p.subject != nil {
		facts.SubjectUnitID = p.subject.ID
	}
	unit, err := s.routed(ctx, f, p, areas, facts)
	if err != nil {
		return nil, err
	}
	p.intake = unit
	if desks := snap.WithDuty(catalogue.DutyIntake, day); len(desks) > 0 && f.Confidentiality != Whistle && f.applied == nil {
		p.intake = desks[0]
		if p.subject != nil && p.intake.Within(p.subject) {
			p.intake = unit // the intake desk is complained about: it must not see the case
		}
	}
	p.urgent = f.Danger || (p.matter != nil && p.matter.Urgent)
	p.clocks, err = s.Clocks.Start(snap, unit, p.matter, p.urgent, p.now)
	p.timed(f.applied)
	return p, err
}

// routed decides which unit takes the filing. What a whistle-blower reports goes
// past all rules to the body that receives it.
func (s *Service) routed(ctx context.Context, f Filing, p *placed, areas *place.Map, facts routing.Facts) (*catalogue.Unit, error) {
	if f.Confidentiality == Whistle {
		u, err := s.receiver(ctx, p.snap, facts.Day, p.subject)
		if err != nil {
			return nil, err
		}
		p.route = routing.Decision{UnitID: u.ID, UnitCode: u.Code, Notes: []routing.Note{{Key: "routing.whistle", Args: map[string]i18n.Text{"Unit": u.Name}}}}
		return u, nil
	}
	var err error
	if p.route, err = routing.Decide(p.snap, areas, facts); err != nil {
		return nil, err
	}
	return p.snap.Unit(p.route.UnitID)
}

func (p *placed) look(f Filing, areas *place.Map, day calendar.Date) error {
	var c fault.Check
	if f.MatterCode != "" {
		m, err := p.snap.MatterOn(f.MatterCode, day)
		c.That(err == nil, "matter_code", "case.matter.unknown")
		if err == nil {
			p.matter = m
			c.That(m.Allows(string(f.Kind)), "kind", "case.kind.not_here")
			if err := c.Add(f.checkAnswers(p.snap, m)); err != nil {
				return err
			}
		}
	} else {
		c.That(len(f.Answers) == 0, "answers", "case.answers.no_matter")
	}
	if f.Subject.UnitCode != "" {
		u, err := p.snap.UnitOn(f.Subject.UnitCode, day)
		c.That(err == nil, "subject.unit_code", "case.unit.unknown")
		p.subject = u
	}
	p.lookPlace(f, areas, day, &c)
	return c.Err()
}

// checkAnswers checks the answers to the questions of a matter. Where nobody asks,
// nobody is there to answer them.
func (f Filing) checkAnswers(snap *catalogue.Snapshot, m *catalogue.Matter) error {
	if f.unasked {
		return nil
	}
	return snap.CheckAnswers(m, f.Answers)
}

func (p *placed) lookPlace(f Filing, areas *place.Map, day calendar.Date, c *fault.Check) {
	l := f.Location
	if l.Lat != nil && l.Lng != nil {
		lat, lng := *l.Lat, *l.Lng
		if crs, err := place.ParseCRS(l.CRS); err == nil && l.CRS != "" {
			lat, lng = crs.ToWGS84(lat, lng)
		}
		d, err := areas.Locate(lat, lng, day)
		c.That(err == nil, "location", "case.point.outside")
		p.lat, p.lng, p.district = &lat, &lng, d
	}
	if l.DistrictCode != "" {
		d, err := areas.District(l.DistrictCode)
		c.That(err == nil && d != nil && d.On(day), "location.district_code", "case.district.unknown")
		if p.district == nil && err == nil {
			p.district = d
		}
	}
	if p.matter != nil && p.matter.NeedsPlace {
		c.That(p.district != nil || l.Address != "", "location.address", "case.place.required")
	}
}

// built is a case ready to be stored.
type built struct {
	c     *Case
	stmts []db.Stmt
	queue string
}

func (s *Service) build(ctx context.Context, f Filing, p *placed) (*built, error) {
	c, err := s.newCase(ctx, f, p)
	if err != nil {
		return nil, err
	}
	b := &built{c: c}
	seal, err := s.sealTexts(b, f)
	if err != nil {
		return nil, err
	}
	b.stmts = append(b.stmts, c.insert())
	if err := s.addParties(ctx, b, f, p, seal); err != nil {
		return nil, err
	}
	b.addUnits(p)
	b.stmts = append(b.stmts, clocks.Insert(p.clocks.Clocks(c.ID, p.now, p.now, c.Confidentiality != AnonymousFiler)...))
	event, err := b.addFirstEvent(ctx, p)
	if err != nil {
		return nil, err
	}
	row, err := s.Audit.Prepare(ctx, audit.Entry{Action: "case.file", Kind: "case", ID: c.CaseNo,
		Fields: []audit.Change{{Field: "status", After: string(c.Status)}, {Field: "unit", After: p.route.UnitCode}}})
	if err != nil {
		return nil, err
	}
	b.stmts = append(b.stmts, db.Stmt{SQL: audit.Insert, Args: row.Args()})
	if f.Confidentiality != AnonymousFiler && !f.unasked {
		ins, err := s.Jobs.Insertion([]jobs.Args{Told{CaseID: c.ID, EventID: event, Action: ActFile}})
		if err != nil {
			return nil, err
		}
		b.stmts = append(b.stmts, db.Stmt{SQL: ins.SQL, Args: ins.Args})
		b.queue = ins.Queue
	}
	index, err := s.indexing()
	b.stmts = append(b.stmts, index...)
	return b, err
}

func (s *Service) newCase(ctx context.Context, f Filing, p *placed) (*Case, error) {
	no, err := s.nextNumber(ctx, p.clocks.ReceivedOn.Year())
	if err != nil {
		return nil, err
	}
	answers, err := json.Marshal(f.Answers)
	if err != nil {
		return nil, fmt.Errorf("write the answers: %w", err)
	}
	if len(f.Answers) == 0 {
		answers = []byte("{}")
	}
	c := &Case{
		ID: db.NewID(p.now), CaseNo: no, Track: catalogue.TrackHotline, Kind: f.Kind, Status: Submitted,
		Confidentiality: f.Confidentiality, Channel: f.Channel, Locale: f.Locale, UnitID: p.route.UnitID,
		Title: f.Title, Description: f.Description, Answers: string(answers), Lat: p.lat, Lng: p.lng, Urgent: p.urgent,
		RouteRule: p.route.RuleCode, RouteVersion: p.route.RuleVersion, RouteUnitID: &p.route.UnitID, RouteReason: p.route.Reason,
		HandlingLimit: p.clocks.Limit, ReceivedAt: p.now, ReceivedOn: p.clocks.ReceivedOn,
		ResponseDueAt: &p.clocks.Response.Due, ResponseDueOn: &p.clocks.Response.On,
		DueAt: &p.clocks.Due.Due, DueOn: &p.clocks.Due.On, DueProvisional: p.clocks.Due.Provisional,
		CalendarVersion: p.clocks.Due.CalendarVersion, EventCount: 1, CodeGeneration: 1, CodeKey: s.Vault.CurrentKey(),
		Version: 1, CreatedAt: p.now, UpdatedAt: p.now,
	}
	if c.Channel == "" {
		c.Channel = ChannelWeb
	}
	if p.matter != nil {
		c.MatterID, c.MatterVersion, c.Track = &p.matter.ID, p.matter.Version, p.matter.Track
	}
	if p.district != nil {
		c.DistrictID = &p.district.ID
	}
	if f.Publish && c.MayPublish(p.snap) {
		c.Voice, c.VoiceID = VoiceAgreed, db.Ref(db.NewID(p.now))
	}
	return c, nil
}

const caseColumns = `id, case_no, track, kind, status, confidentiality, channel, locale, matter_id, matter_version, unit_id, district_id,
 title, description, answers, vault_key_id, text_cipher, address_cipher, lat, lng, urgent, route_rule, route_version, route_unit_id, route_reason,
 handling_limit, received_at, received_on, response_due_at, response_due_on, due_at, due_on, due_provisional, calendar_version,
 event_count, code_generation, code_key, version, created_at, updated_at, voice, voice_id`

func (c *Case) insert() db.Stmt {
	return db.Insert("cases", caseColumns, c.ID, c.CaseNo, c.Track, c.Kind, c.Status, c.Confidentiality, c.Channel, c.Locale,
		c.MatterID, c.MatterVersion, c.UnitID, c.DistrictID, c.Title, c.Description, c.Answers, c.VaultKeyID, c.TextCipher, c.AddressCipher,
		c.Lat, c.Lng, c.Urgent, c.RouteRule, c.RouteVersion, c.RouteUnitID, c.RouteReason, c.HandlingLimit, c.ReceivedAt, c.ReceivedOn,
		c.ResponseDueAt, c.ResponseDueOn, c.DueAt, c.DueOn, c.DueProvisional, c.CalendarVersion,
		c.EventCount, c.CodeGeneration, c.CodeKey, c.Version, c.CreatedAt, c.UpdatedAt, c.Voice, c.VoiceID)
}

// contactRows makes the constituent of a guest; a signed-in citizen is known.
func (s *Service) contactRows(ctx context.Context, f Filing) (constituents.Rows, bool, error) {
	if actor.From(ctx).ConstituentID != "" || f.requester != "" || f.Contact.empty() {
		return constituents.Rows{}, false, nil
	}
	rows, err := s.Constituents.Prepare(ctx, constituents.Contact{Name: f.Contact.Name, Phone: f.Contact.Phone,
		Email: f.Contact.Email}, f.Locale)
	return rows, true, err
}
