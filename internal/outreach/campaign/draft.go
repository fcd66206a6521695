package campaign

import (
	"context"
	"encoding/json"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"minqing/internal/access"
	"minqing/internal/actor"
	"minqing/internal/audit"
	"minqing/internal/calendar"
	"minqing/internal/db"
	"minqing/internal/fault"
	"minqing/internal/i18n"
	"minqing/internal/notify"
	"minqing/internal/outreach"
)

// Plan is a campaign as somebody writes it. Its purpose and its ground in law are
// those of the segment: who is in it was found for that, and for nothing else.
type Plan struct {
	Name        i18n.Text      `json:"name"`
	SegmentID   string         `json:"segment_id"`
	Matter      string         `json:"matter"` // code; empty when there is nothing to take up
	Entitlement bool           `json:"entitlement"`
	HoldPercent int            `json:"hold_percent"`
	WindowDays  int            `json:"window_days"`
	PerHour     int            `json:"per_hour"`
	Cost        int64          `json:"cost"`
	OpensOn     *calendar.Date `json:"opens_on"`
	Texts       MessagesBy     `json:"texts"`
}

// How much may be written, in characters, and how far numbers may go.
const (
	NameMost    = 60
	SubjectMost = 80
	BodyMost    = 2000
	TextMost    = 140 // of a text message, before its two links
	WindowMost  = 180
	PerHourMost = 20000
	CostMost    = 1_000_000_000
	PerHour     = 600 // usual
	WindowDays  = 30  // usual
)

// tidied takes away what only looks like text.
func (p Plan) tidied() Plan {
	p.Name = trimmed(p.Name)
	texts := MessagesBy{}
	for _, by := range channels {
		m := Message{Subject: trimmed(p.Texts[by].Subject), Body: trimmed(p.Texts[by].Body)}
		if by == notify.SMS {
			m.Subject = i18n.Text{}
		}
		if !m.Subject.Empty() || !m.Body.Empty() {
			texts[by] = m
		}
	}
	p.Texts = texts
	return p
}

func trimmed(t i18n.Text) i18n.Text {
	out := i18n.Text{}
	for l, s := range t {
		if s = strings.TrimSpace(strings.ReplaceAll(s, "\r\n", "\n")); s != "" {
			out[l] = s
		}
	}
	return out
}

// check looks at everything that somebody wrote, at once.
func (s *Service) check(ctx context.Context, p Plan) (g *outreach.Segment, matterID *string, err error) {
	var c fault.Check
	c.That(!p.Name.Empty(), "name", "campaign.name.required")
	for _, l := range i18n.Langs {
		c.That(utf8.RuneCountInString(p.Name[l]) <= NameMost, "name."+string(l), "campaign.name.long", "Max", NameMost)
	}
	if g, err = s.segment(ctx, &c, p.SegmentID); err != nil {
		return nil, nil, err
	}
	if p.Matter != "" {
		snap, err := s.Catalogue.Snapshot(ctx)
		if err != nil {
			return nil, nil, err
		}
		m, err := snap.MatterOn(p.Matter, s.today())
		c.That(err == nil && m.Code == p.Matter, "matter", "campaign.matter.unknown")
		if err == nil {
			matterID = &m.ID
		}
	}
	c.That(!p.Entitlement || p.Matter != "", "matter", "campaign.matter.entitlement")
	within := func(n, least, most int64, field string) {
		c.That(n >= least && n <= most, field, "campaign.number.range", "Least", least, "Most", most)
	}
	within(int64(p.HoldPercent), 0, HoldMost, "hold_percent")
	within(int64(p.WindowDays), 1, WindowMost, "window_days")
	within(int64(p.PerHour), 1, PerHourMost, "per_hour")
	within(p.Cost, 0, CostMost, "cost")
	c.That(p.OpensOn == nil || *p.OpensOn >= s.today(), "opens_on", "campaign.opens_on.past")
	checkTexts(&c, p.Texts)
	return g, matterID, c.Err()
}

// segment finds the segment that is meant: one that the actor may read and whose
// members may be written to.
func (s *Service) segment(ctx context.Context, c *fault.Check, id string) (*outreach.Segment, error) {
	if id == "" {
		c.That(false, "segment", "campaign.segment.required")
		return nil, nil //nolint:nilnil // the check tells
	}
	g, err := s.Segments.Get(ctx, id)
	if kind := fault.KindOf(err); err != nil && (kind == fault.NotFound || kind == fault.Forbidden) {
		c.That(false, "segment", "campaign.segment.required")
		return nil, nil //nolint:nilnil // the check tells
	}
	if err != nil {
		return nil, err
	}
	c.That(g.Purpose.Members(), "segment", "campaign.segment.planning")
	err = s.Access.CanOn(ctx, access.CampaignWrite, access.Object{UnitPaths: []string{g.UnitPath}})
	if err != nil && fault.KindOf(err) != fault.Forbidden {
		return nil, err
	}
	c.That(err == nil, "segment", "campaign.segment.refused")
	return g, nil
}

// checkTexts wants one message at least, each of them whole.
func checkTexts(c *fault.Check, texts MessagesBy) {
	first, none := i18n.Langs[0], true
	for _, by := range channels {
		none = none && texts[by].Body.Empty()
	}
	c.That(!none, Field(notify.Mail, "body", first), "campaign.text.required")
	for _, l := range i18n.Langs {
		for _, by := range []notify.Channel{notify.Mail, notify.InApp} {
			subject, body := texts[by].Subject[l], texts[by].Body[l]
			c.That(subject != "" || body == "", Field(by, "subject", l), "campaign.text.subject.required")
			c.That(body != "" || subject == "", Field(by, "body", l), "campaign.text.body.required")
			c.That(!strings.ContainsAny(subject, "\r\n"), Field(by, "subject", l), "campaign.text.subject.line")
			c.That(utf8.RuneCountInString(subject) <= SubjectMost, Field(by, "subject", l), "campaign.text.long", "Max", SubjectMost)
			c.That(utf8.RuneCountInString(body) <= BodyMost, Field(by, "body", l), "campaign.text.long", "Max", BodyMost)
		}
		c.That(utf8.RuneCountInString(texts[notify.SMS].Body[l]) <= TextMost, Field(notify.SMS, "body", l), "campaign.text.long", "Max", TextMost)
	}
}

// Field is the name of a text on a form and in an error.
func Field(by notify.Channel, part string, l i18n.Lang) string {
	return string(by) + "." + part + "." + string(l)
}

func (s *Service) today() calendar.Date { return calendar.DateOf(s.Now(), s.Zone) }

func (s *Service) moment() time.Time { return s.Now().UTC().Truncate(time.Microsecond) }

// writes gives the context in which the actor writes a campaign: as an absent
// colleague, who does not decide on it then.
func (s *Service) writes(ctx context.Context, unitPath string) (context.Context, error) {
	return s.Access.For(ctx, access.CampaignWrite, access.Object{UnitPaths: []string{unitPath}})
}

// Create keeps a new draft, whose author is the actor.
func (s *Service) Create(ctx context.Context, p Plan) (id string, err error) {
	if err := s.Access.Can(ctx, access.CampaignWrite); err != nil {
		return "", err
	}
	p = p.tidied()
	g, matter, err := s.check(ctx, p)
	if err != nil {
		return "", err
	}
	if ctx, err = s.writes(ctx, g.UnitPath); err != nil {
		return "", err
	}
	now := s.moment()
	id = db.NewID(now)
	err = s.DB.Tx(ctx, func(ctx context.Context) error {
		err := s.DB.InsertAll(ctx, db.Insert("campaigns", `id, segment_id, segment_version, author_id, name, purpose, basis, basis_text, matter_id, entitlement, hold_percent,
 window_days, per_hour, cost, opens_on, created_at, updated_at`, id, g.ID, g.Version, actor.From(ctx).AccountID, p.Name, g.Purpose, g.Basis, g.BasisText, matter, p.Entitlement,
			p.HoldPercent, p.WindowDays, p.PerHour, p.Cost, p.OpensOn, now, now))
		if err != nil {
			return fail("keep a campaign", err)
		}
		return s.kept(ctx, id, 1, p, "campaign.create")
	})
	return id, err
}

// Change saves another version of a draft. Whoever saves it is its author from
// then on.
func (s *Service) Change(ctx context.Context, id string, version int64, p Plan) error {
	if _, err := s.open(ctx, id, Edit, access.CampaignWrite); err != nil {
		return err
	}
	p = p.tidied()
	g, matter, err := s.check(ctx, p)
	if err != nil {
		return err
	}
	if ctx, err = s.writes(ctx, g.UnitPath); err != nil {
		return err
	}
	return s.DB.Tx(ctx, func(ctx context.Context) error {
		n, err := s.exec(ctx, "change a campaign", `UPDATE campaigns SET segment_id = ?, segment_version = ?, author_id = ?, name = ?, purpose = ?, basis = ?, basis_text = ?, matter_id = ?,
 entitlement = ?, hold_percent = ?, window_days = ?, per_hour = ?, cost = ?, opens_on = ?, version = version + 1, updated_at = ? WHERE id = ? AND version = ? AND state = 'draft'`,
			g.ID, g.Version, actor.From(ctx).AccountID, p.Name, g.Purpose, g.Basis, g.BasisText, matter, p.Entitlement, p.HoldPercent, p.WindowDays, p.PerHour, p.Cost, p.OpensOn,
			s.moment(), id, version)
		if err != nil {
			return err
		}
		if n == 0 {
			return errChanged
		}
		if _, err := s.exec(ctx, "change the words of a campaign", "DELETE FROM campaign_texts WHERE campaign_id = ?", id); err != nil {
			return err
		}
		return s.kept(ctx, id, version+1, p, "campaign.change")
	})
}

var errChanged = fault.New(fault.Conflict, "campaign.changed")

// kept writes down the words and the version, and says so in the trail.
func (s *Service) kept(ctx context.Context, id string, no int64, p Plan, action string) error {
	content, err := json.Marshal(p)
	if err != nil {
		return err
	}
	who := actor.From(ctx)
	rows := []db.Stmt{db.Insert("campaign_versions", "campaign_id, no, content, account_id, as_account_id, at", id, no, string(content), who.AccountID, db.Ref(who.AsAccountID), s.moment())}
	for by, m := range p.Texts {
		for l, body := range m.Body {
			rows = append(rows, db.Insert("campaign_texts", "campaign_id, locale, channel, subject, body", id, l, by, m.Subject[l], body))
		}
	}
	if err := s.DB.InsertAll(ctx, rows...); err != nil {
		return fail("keep the words of a campaign", err)
	}
	return s.Audit.Record(ctx, audit.Entry{Action: action, Kind: "campaign", ID: id,
		Fields: []audit.Change{{Field: "version", After: strconv.FormatInt(no, 10)}, {Field: "segment", After: p.SegmentID}, {Field: "matter", After: p.Matter}}})
}

// PlanOf is a campaign as it can be written on, or copied.
func (s *Service) PlanOf(ctx context.Context, c *Campaign) (p Plan, err error) {
	p = Plan{Name: c.Name, SegmentID: c.SegmentID, Entitlement: c.Entitlement, HoldPercent: c.HoldPercent, WindowDays: c.WindowDays, PerHour: c.PerHour, Cost: c.Cost, OpensOn: c.OpensOn}
	if p.Matter, err = s.matterCode(ctx, c); err != nil {
		return p, err
	}
	p.Texts, err = s.Texts(ctx, c.ID)
	return p, err
}

func (s *Service) matterCode(ctx context.Context, c *Campaign) (string, error) {
	if c.MatterID == nil {
		return "", nil
	}
	snap, err := s.Catalogue.Snapshot(ctx)
	if err != nil {
		return "", err
	}
	m, err := snap.Matter(*c.MatterID)
	if err != nil {
		return "", err
	}
	return m.Code, nil
}
