package permits

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"unicode/utf8"

	"minqing/internal/access"
	"minqing/internal/actor"
	"minqing/internal/audit"
	"minqing/internal/cases"
	"minqing/internal/catalogue"
	"minqing/internal/db"
	"minqing/internal/fault"
	"minqing/internal/i18n"
	"minqing/internal/permittypes"
	"minqing/internal/text"
)

// Who comes to a counter: the applicant, of an enterprise whoever leads it, or an agent
// with a written authority (行政許可法 art. 29).
const (
	InPerson = "person"
	AsAgent  = "agent"
)

// How the statement was signed at a counter: on paper, of which a scan is kept, or, by
// who cannot sign, after it was read aloud and confirmed.
const (
	SignedPaper = "paper"
	SignedAloud = "aloud"
)

// Papers of a counter, beside those of the type: no code of a type may hold their
// underscore.
const (
	AuthorityPaper = "counter_authority" // by which an agent acts
	StatementPaper = "counter_statement" // that was signed by hand
)

// counterMost is how long what a clerk says of an authority, or of why nobody signed,
// may be, in characters.
const counterMost = 200

// Counter is who came to a counter with an application, and how they signed it.
type Counter struct {
	Kind      string `json:"kind"`                // ForPerson or ForEnterprise
	Applicant string `json:"applicant"`           // the name, as the document says that was shown
	By        string `json:"by,omitempty"`        // InPerson or AsAgent; empty: nobody was asked yet
	Agent     string `json:"agent,omitempty"`     // the name of the agent
	Authority string `json:"authority,omitempty"` // its day, and what it is for
	How       string `json:"how,omitempty"`       // SignedPaper or SignedAloud, once it is sent
	Why       string `json:"why,omitempty"`       // nobody signed on paper
}

// Speaks is the name of who stands at the counter; empty where nobody has said who speaks
// for an enterprise.
func (c *Counter) Speaks() string {
	switch {
	case c.By == AsAgent:
		return c.Agent
	case c.Kind == ForEnterprise:
		return ""
	}
	return c.Applicant
}

// side makes sure that the actor stands on the applicant's side of an application: as
// the applicant, for the enterprise that applies, or at the desk that wrote it down.
// Everybody else gets NotFound: what a desk has not sent yet is for that desk alone, and
// what people write themselves is for no desk.
func (s *Service) side(ctx context.Context, a *Application, write bool) error {
	if actor.From(ctx).Kind != actor.Staff {
		if a.CounterUnitID != nil && a.State == Draft {
			return errMissing
		}
		return s.may(ctx, a.HolderID, a.TypeCode, write)
	}
	if a.CounterUnitID == nil {
		return errMissing
	}
	snap, err := s.Catalogue.Snapshot(ctx)
	if err != nil {
		return err
	}
	scope, err := s.Access.Scope(ctx, access.PermitApply)
	if err != nil {
		return err
	}
	if u, err := snap.Unit(*a.CounterUnitID); err != nil || !scope.Covers(u.Path) {
		return errMissing
	}
	return nil
}

// looked notes that a desk looks at what somebody applies with.
func (s *Service) looked(ctx context.Context, a *Application) error {
	if actor.From(ctx).Kind != actor.Staff {
		return nil
	}
	return s.Audit.Read(ctx, "constituent", a.HolderID, []string{"application"}, "")
}

// desk is the unit in whose name the actor stands at a counter: where they work, if they
// may take applications there, else the first for which they may.
func (s *Service) desk(ctx context.Context) (*catalogue.Unit, error) {
	if actor.From(ctx).Kind != actor.Staff {
		return nil, fault.New(fault.Forbidden, "access.forbidden")
	}
	scope, err := s.Access.Scope(ctx, access.PermitApply)
	if err != nil {
		return nil, err
	}
	snap, err := s.Catalogue.Snapshot(ctx)
	if err != nil {
		return nil, err
	}
	today := s.today(ctx)
	if u, err := snap.Unit(actor.From(ctx).UnitID); err == nil && u.On(today) && scope.Covers(u.Path) {
		return u, nil
	}
	for _, u := range snap.Units {
		if u.On(today) && slices.Contains(scope.Prefixes, u.Path) {
			return u, nil
		}
	}
	return nil, fault.New(fault.Forbidden, "access.forbidden")
}

// counterPapers are what a counter takes beside the papers of the type: the authority of
// an agent, and the statement as it was signed by hand.
func (s *Service) counterPapers(a *Application) (list []permittypes.Material) {
	c := a.Counter
	if c == nil {
		return nil
	}
	if c.By == AsAgent {
		list = append(list, s.counterPaper(AuthorityPaper, true))
	}
	if c.How != SignedAloud {
		list = append(list, s.counterPaper(StatementPaper, c.How == SignedPaper))
	}
	return list
}

func (s *Service) counterPaper(code string, required bool) permittypes.Material {
	m := permittypes.Material{Code: code, Name: i18n.Text{}, Hint: i18n.Text{}, Required: required, Kinds: []string{"pdf", "image"}}
	for _, l := range i18n.Langs {
		m.Name[l], m.Hint[l] = s.Words.T(l, "counter.paper."+code, nil), s.Words.T(l, "counter.paper."+code+".hint", nil)
	}
	return m
}

// PaperName is what a paper of a counter is called; empty for a paper of a type.
func (s *Service) PaperName(code string) i18n.Text {
	if code != AuthorityPaper && code != StatementPaper {
		return nil
	}
	return s.counterPaper(code, false).Name
}

// openCounter reads what is sealed of the counter.
func (s *Service) openCounter(ctx context.Context, a *Application) error {
	if a.CounterUnitID == nil {
		return nil
	}
	a.Counter = &Counter{}
	body, err := s.Vault.Open(ctx, purposeCounter, a.CounterCipher)
	if err != nil || len(body) == 0 { // of somebody erased nothing is left
		return err
	}
	if err := json.Unmarshal(body, a.Counter); err != nil {
		return fmt.Errorf("read who came to the counter: %w", err)
	}
	return nil
}

// body is what is kept of a counter, before it is sealed.
func (c *Counter) body() ([]byte, error) {
	body, err := json.Marshal(c)
	if err != nil {
		return nil, fmt.Errorf("write who came to the counter: %w", err)
	}
	return body, nil
}

func (s *Service) sealCounter(ctx context.Context, a *Application) ([]byte, error) {
	body, err := a.Counter.body()
	if err != nil {
		return nil, err
	}
	return s.Vault.Seal(ctx, a.VaultKeyID, purposeCounter, body)
}

// Representation is who stands at the counter for the applicant.
type Representation struct {
	By        string // InPerson or AsAgent
	Agent     string // name
	Authority string // in a line: its day, and what it is for
}

// Represent writes down who came for the applicant. An agent's authority is one of the
// papers from then on. The version is that of the page: after a colleague changed the
// draft it is a Conflict.
func (s *Service) Represent(ctx context.Context, id string, version int64, r Representation) error {
	a, err := s.own(ctx, id, true)
	if err != nil {
		return err
	}
	if err := alone(a); err != nil {
		return err
	}
	if a.Counter == nil {
		return errMissing
	}
	r.Agent, r.Authority = text.Line(r.Agent), text.Line(r.Authority)
	var c fault.Check
	c.That(r.By == InPerson || r.By == AsAgent, "by", "counter.by.required")
	if r.By == AsAgent {
		c.That(r.Agent != "", "agent", "counter.agent.required")
		c.That(utf8.RuneCountInString(r.Agent) <= cases.NameMost, "agent", "case.name.long", "Max", cases.NameMost)
		c.That(r.Authority != "", "authority", "counter.authority.required")
		c.That(utf8.RuneCountInString(r.Authority) <= counterMost, "authority", "case.text.long", "Max", counterMost)
	} else {
		r.Agent, r.Authority = "", ""
	}
	if err := c.Err(); err != nil {
		return err
	}
	a.Version = version
	a.Counter.By, a.Counter.Agent, a.Counter.Authority = r.By, r.Agent, r.Authority
	cipher, err := s.sealCounter(ctx, a)
	if err != nil {
		return err
	}
	err = s.DB.Tx(ctx, func(ctx context.Context) error {
		if err := s.changed(ctx, a, map[string]any{"counter_cipher": cipher}); err != nil {
			return err
		}
		return s.Audit.Record(ctx, audit.Entry{Action: "permit.represent", Kind: "application", ID: a.ID, Fields: []audit.Change{{Field: "by", After: r.By}}})
	})
	return db.Fault(err, "", "permit.changed")
}

// signedAtCounter names what is wrong with a signature that a clerk writes down, and
// keeps with the application how it was given.
func signedAtCounter(a *Application, sign Signature) error {
	sign.Why = text.Line(sign.Why)
	var c fault.Check
	c.That(a.Counter.By != "", "by", "counter.by.required")
	c.That(text.Line(sign.Name) != "", "name", "permit.sign.name")
	c.That(utf8.RuneCountInString(sign.Name) <= cases.NameMost, "name", "case.name.long", "Max", cases.NameMost)
	c.That(sign.How == SignedPaper || sign.How == SignedAloud, "how", "counter.how.required")
	if sign.How == SignedAloud {
		c.That(sign.Why != "", "why", "counter.why.required")
		c.That(utf8.RuneCountInString(sign.Why) <= counterMost, "why", "case.text.long", "Max", counterMost)
	} else {
		sign.Why = ""
	}
	c.That(sign.Agrees, "agrees", "counter.agrees.required")
	c.That(!sign.Agrees || sign.Shown == Statement, "agrees", "permit.sign.statement")
	a.Counter.How, a.Counter.Why = sign.How, sign.Why
	return c.Err()
}

// CounterList is what the desks of the actor wrote down.
type CounterList struct {
	Drafts []Application // those changed last first
	Sent   []Application // likewise

	MoreDrafts, MoreSent bool // there are older ones
}

// counterMostDrafts and counterMostSent are how many applications a desk is shown of those
// that it writes, and of those that it sent.
const (
	counterMostDrafts = 100
	counterMostSent   = 30
)

// CounterList lists the applications of the desks for which the actor may take them.
func (s *Service) CounterList(ctx context.Context) (*CounterList, error) {
	scope, err := s.Access.Scope(ctx, access.PermitApply)
	if err != nil {
		return nil, err
	}
	where, args := scope.Where("path")
	out := &CounterList{}
	for _, part := range []struct {
		into  *[]Application
		more  *bool
		state string
		most  int
	}{{&out.Drafts, &out.MoreDrafts, "=", counterMostDrafts}, {&out.Sent, &out.MoreSent, "<>", counterMostSent}} {
		err := s.DB.Reader(ctx).Where("counter_unit_id IN (SELECT id FROM units WHERE "+where+") AND state "+part.state+" 'draft'", args...).
			Order("updated_at DESC, id DESC").Limit(part.most + 1).Find(part.into).Error
		if err != nil {
			return nil, fmt.Errorf("list what was written at a counter: %w", db.Fault(err, "", ""))
		}
		if *part.more = len(*part.into) > part.most; *part.more {
			*part.into = (*part.into)[:part.most]
		}
		for i := range *part.into {
			if err := s.openCounter(ctx, &(*part.into)[i]); err != nil {
				return nil, err
			}
		}
	}
	return out, nil
}

// CounterCase finds an application of the actor's desks by the number of its case.
func (s *Service) CounterCase(ctx context.Context, caseNo string) (id string, err error) {
	a, err := s.read(ctx, "case_no = ? AND case_no <> '' AND counter_unit_id IS NOT NULL", caseNo)
	if err != nil {
		return "", err
	}
	return a.ID, s.side(ctx, a, false)
}

// counterFile refuses a desk what somebody gave to another application: it may be used
// again there, not looked at.
func counterFile(ctx context.Context, m *Material) error {
	if actor.From(ctx).Kind == actor.Staff && m.ReusesID != nil {
		return fault.New(fault.NotFound, "files.missing")
	}
	return nil
}
