package cases

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"minqing/internal/access"
	"minqing/internal/calendar"
	"minqing/internal/catalogue"
	"minqing/internal/clocks"
	"minqing/internal/constituents"
	"minqing/internal/db"
)

// Event is one step of a case's story.
type Event struct {
	ID          string
	Seq         int64
	At          time.Time
	Action      Action
	FromStatus  Status
	ToStatus    Status
	ActorKind   string
	AccountID   *string
	AsAccountID *string
	UnitID      *string
	Public      bool
	Text        string
	TextCipher  []byte
	Data        string

	facts *Facts // read from Data once
}

// Message is one turn of the conversation with the citizen.
type Message struct {
	ID         string
	EventID    string
	At         time.Time
	Direction  string
	Kind       string
	Published  bool
	AccountID  *string
	UnitID     *string
	Text       string
	TextCipher []byte
}

// Party is somebody who takes part; a constituent is shown masked.
type Party struct {
	Role          string
	ConstituentID *string
	UnitID        *string
	Path          *string // the unit's
	AccountID     *string
	NameCipher    []byte
	Relation      string
	Name          string // of a person who is no constituent, masked by the page
}

// View is a case as the actor may see it.
type View struct {
	Case
	Address  string
	Units    []UnitRole
	Parties  []Party
	People   map[string]constituents.View // masked, by constituent id
	Events   []Event
	Messages []Message
	Clocks   []clocks.Clock
	Orders   []Order  // the newest last; of a case that never had one, nothing is read
	Actions  []Action // possible now and granted to this actor
	HasFiles bool     // something is attached to the case itself
	Reveals  bool     // the actor may have people shown in the clear
	Exports  bool     // the actor may take it out as a file
	Follows  Status   // of the leading case, where this one was merged: the citizen's view
	Alarm    *Alarm   // nil when nobody looked for it who must not

	OnlyReads bool // the citizen sees it for an enterprise and may do nothing: the citizen's view

	may func(access.Verb) error // whether this actor may do it to this case
}

// StillReadable says whether the actor may read the case by the grants in force now.
func (v *View) StillReadable() bool { return v.may != nil && v.may(access.CaseRead) == nil }

// UnitRole is a unit that has to do with the case.
type UnitRole struct {
	UnitID string
	Role   string
}

// View shows a case to staff: in scope, parties masked, every event.
func (s *Service) View(ctx context.Context, caseNo string) (*View, error) {
	return s.ViewFor(ctx, caseNo, access.CaseRead)
}

// ViewFor is View for another verb: to reveal somebody, or to export.
func (s *Service) ViewFor(ctx context.Context, caseNo string, v access.Verb) (*View, error) {
	view := &View{}
	people := s.Constituents.Ask()
	of := func(this db.Sub) []db.Read {
		return people.Of(db.Sub{SQL: "SELECT constituent_id FROM case_parties WHERE case_id = (" + this.SQL + ")", Args: this.Args})
	}
	c, units, parties, o, err := s.loadWith(ctx, caseNo, v, view.reads, of)
	if err != nil {
		return nil, s.alarmed(ctx, caseNo, wayOpen, err)
	}
	if len(o.SubjectPaths) > 0 || len(o.SubjectAccounts) > 0 {
		if view.Alarm, err = s.alarms(ctx, c.ID); err != nil {
			return nil, err
		}
	}
	view.Case, view.HasFiles, view.Parties = c.Case, c.HasFiles, parties
	slices.SortFunc(view.Clocks, func(a, b clocks.Clock) int {
		return cmp.Or(a.StartedAt.Compare(b.StartedAt), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.No, b.No))
	})
	for _, u := range units {
		view.Units = append(view.Units, UnitRole{UnitID: u.UnitID, Role: u.Role})
	}
	if err := s.open(ctx, view); err != nil {
		return nil, err
	}
	if err := s.fillParties(ctx, view, people); err != nil {
		return nil, err
	}
	if slices.ContainsFunc(view.Events, func(e Event) bool { return e.Action == ActSupervise }) {
		if view.Orders, err = s.orders(ctx, c.ID); err != nil {
			return nil, err
		}
	}
	on, err := s.revealing(ctx, o, units)
	if err != nil {
		return nil, err
	}
	view.Reveals = s.Access.CanOn(ctx, access.CaseReveal, on) == nil
	view.may = func(verb access.Verb) error {
		if verb == access.CaseRead {
			return s.Access.CanOn(ctx, verb, o)
		}
		return s.Access.CanOn(ctx, verb, acting(o, units, verb))
	}
	view.Exports = s.Access.CanOn(ctx, access.CaseExport, o) == nil
	for _, a := range c.possible() {
		if a == ActReviewReply || a == ActConclude {
			if !s.reviewFits(ctx, &c.Case, a) {
				continue
			}
		}
		if view.may(c.step(a).Verb) == nil {
			view.Actions = append(view.Actions, a)
		}
	}
	return view, nil
}

// reviewFits leaves out the review where the matter wants none, and the
// conclusion where the review comes first.
func (s *Service) reviewFits(ctx context.Context, c *Case, a Action) bool {
	if c.Status != Replied {
		return true
	}
	needs := false
	if c.MatterID != nil {
		if snap, err := s.Catalogue.Snapshot(ctx); err == nil {
			if m, err := snap.Matter(*c.MatterID); err == nil {
				needs = needsReview(m)
			}
		}
	}
	return needs == (a == ActReviewReply)
}

const (
	readEvents = `SELECT id, seq, at, action, from_status, to_status, actor_kind, account_id, as_account_id, unit_id, public, text, text_cipher, data
 FROM case_events WHERE case_id = `
	readMessages = `SELECT id, event_id, at, direction, kind, published, account_id, unit_id, text, text_cipher FROM case_messages WHERE case_id = `
	// The path stands in a select of its own: for a join PostgreSQL reads every unit.
	readParties = `SELECT p.role, p.constituent_id, p.unit_id, (SELECT u.path FROM units u WHERE u.id = p.unit_id) AS path, p.account_id, p.name_cipher, p.relation
 FROM case_parties p WHERE p.case_id = `
)

// readTicking asks for what is shown of clocks.
const readTicking = `SELECT kind, no, time_limit, started_at, due_at, state, stopped_at, pauses FROM case_clocks WHERE case_id = `

// reads ask for everything that happened. The few clocks are put in order here: a sort of
// PostgreSQL's takes longer to set up.
func (v *View) reads(this db.Sub) []db.Read {
	return []db.Read{db.Rows(&v.Events, readEvents+"("+this.SQL+") ORDER BY seq", this.Args...),
		db.Rows(&v.Messages, readMessages+"("+this.SQL+") ORDER BY id", this.Args...),
		db.Rows(&v.Clocks, readTicking+"("+this.SQL+")", this.Args...)}
}

// fillPublic reads what citizens see of it.
func (s *Service) fillPublic(ctx context.Context, v *View) error {
	err := s.DB.Together(ctx, db.Rows(&v.Events, readEvents+"? AND public = ? ORDER BY seq", v.ID, true),
		db.Rows(&v.Messages, readMessages+"? AND published = ? ORDER BY id", v.ID, true))
	if err != nil {
		return fmt.Errorf("read the story: %w", db.Fault(err, "", ""))
	}
	return s.open(ctx, v)
}

func (s *Service) open(ctx context.Context, v *View) error {
	var err error
	if err = s.unseal(ctx, &v.Case); err != nil {
		return err
	}
	address, err := s.Vault.Open(ctx, purposeAddress, v.AddressCipher)
	if err != nil {
		return err
	}
	v.Address = string(address)
	for i := range v.Events {
		e := &v.Events[i]
		e.facts = new(e.Facts())
		if e.Text, err = s.opened(ctx, purposeEvent, e.Text, e.TextCipher); err != nil {
			return err
		}
	}
	for i := range v.Messages {
		m := &v.Messages[i]
		if m.Text, err = s.opened(ctx, purposeMessage, m.Text, m.TextCipher); err != nil {
			return err
		}
	}
	return nil
}

// fillParties names who takes part, masked, and leaves out who is hidden.
func (s *Service) fillParties(ctx context.Context, v *View, people *constituents.Asked) error {
	hide, err := s.hidden(ctx, &v.Case)
	if err != nil {
		return err
	}
	if hide {
		v.Parties = slices.DeleteFunc(v.Parties, func(p Party) bool { return p.Role != RoleSubject && p.Role != RoleFiledBy })
	}
	var ids []string
	for i := range v.Parties {
		p := &v.Parties[i]
		name, err := s.Vault.Open(ctx, purposeParty, p.NameCipher)
		if err != nil {
			return err
		}
		p.Name = string(name)
		if p.ConstituentID != nil {
			ids = append(ids, *p.ConstituentID)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	v.People, err = people.Masked(ctx, ids)
	return err
}

// Trace explains the due time day by day.
func (s *Service) Trace(ctx context.Context, v *View) (calendar.Result, error) {
	snap, err := s.Catalogue.Snapshot(ctx)
	if err != nil {
		return calendar.Result{}, err
	}
	cal, err := s.counting(snap, &v.Case)
	if err != nil {
		return calendar.Result{}, err
	}
	one := clocks.Clock{StartedAt: v.ReceivedAt, TimeLimit: v.HandlingLimit}
	if k := v.Clock(clocks.Conclusion); k != nil {
		one.Pauses, one.StartedAt = k.Pauses, k.StartedAt // of the earliest of the cases that are handled as one
	}
	return clocks.Explain(cal, one), nil
}

// Clock is the newest clock of a kind, or nil. Its number tells: it may have begun
// before others, with the promise of a case that was merged into this one.
func (v *View) Clock(kind clocks.Kind) *clocks.Clock {
	var newest *clocks.Clock
	for i := range v.Clocks {
		if k := &v.Clocks[i]; k.Kind == kind && (newest == nil || k.No > newest.No) {
			newest = k
		}
	}
	return newest
}

// Remains is what is left of the citizen's clock once it runs again.
func (s *Service) Remains(ctx context.Context, v *View) (n int, unit calendar.Unit, err error) {
	snap, err := s.Catalogue.Snapshot(ctx)
	if err != nil {
		return 0, "", err
	}
	cal, err := s.counting(snap, &v.Case)
	k := v.Clock(clocks.Conclusion)
	if err != nil || k == nil {
		return 0, "", err
	}
	n, unit = clocks.Left(cal, *k)
	return n, unit, nil
}

// DaysLeft counts working days until the case is due; negative when overdue.
func (s *Service) DaysLeft(ctx context.Context, c *Case) (int, error) {
	snap, err := s.Catalogue.Snapshot(ctx)
	if err != nil || c.DueAt == nil {
		return 0, err
	}
	unit, err := snap.Unit(c.UnitID)
	if err != nil {
		return 0, err
	}
	cal, err := s.Clocks.Of(snap, unit)
	if err != nil {
		return 0, err
	}
	return cal.Remaining(s.Now(), *c.DueAt), nil
}

// Left counts the working days until a clock of a case is due; negative when it
// is overdue.
func (s *Service) Left(ctx context.Context, c *Case, due time.Time) (int, error) {
	other := Case{UnitID: c.UnitID, DueAt: &due}
	return s.DaysLeft(ctx, &other)
}

// Zone is the time zone in which the case is handled.
func (s *Service) Zone(ctx context.Context, c *Case) (*time.Location, error) {
	snap, err := s.Catalogue.Snapshot(ctx)
	if err != nil {
		return nil, err
	}
	unit, err := snap.Unit(c.UnitID)
	if err != nil {
		return nil, err
	}
	cal, err := s.Clocks.Of(snap, unit)
	if err != nil {
		return nil, err
	}
	return cal.Zone(), nil
}

// Handlers are the accounts that may handle the case at a unit.
func (s *Service) Handlers(ctx context.Context, c *Case, u *catalogue.Unit) ([]string, error) {
	return s.Access.Holders(ctx, access.CaseReply, c.pathAt(u))
}
