package cases

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"minqing/internal/access"
	"minqing/internal/calendar"
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
}

// Facts reads the codes that the event kept.
func (e Event) Facts() map[string]any {
	m := map[string]any{}
	if json.Unmarshal([]byte(e.Data), &m) != nil {
		return map[string]any{}
	}
	return m
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
	Actions  []Action // possible now and granted to this actor
}

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
	c, units, err := s.loadFor(ctx, caseNo, v)
	if err != nil {
		return nil, err
	}
	view := &View{Case: *c}
	for _, u := range units {
		view.Units = append(view.Units, UnitRole{UnitID: u.UnitID, Role: u.Role})
	}
	if err := s.fill(ctx, view, false); err != nil {
		return nil, err
	}
	if err := s.fillParties(ctx, view); err != nil {
		return nil, err
	}
	o, err := s.object(ctx, c, units)
	if err != nil {
		return nil, err
	}
	for _, a := range Possible(c.Status) {
		if a == ActReviewReply || a == ActConclude {
			if !s.reviewFits(ctx, c, a) {
				continue
			}
		}
		if verb := byAction[a].Verb; s.Access.CanOn(ctx, verb, acting(o, units, verb)) == nil {
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
				needs = m.ReplyReview
			}
		}
	}
	return needs == (a == ActReviewReply)
}

func (s *Service) fill(ctx context.Context, v *View, publicOnly bool) error {
	q := s.DB.From(ctx).Table("case_events").Where("case_id = ?", v.ID)
	if publicOnly {
		q = q.Where("public = ?", true)
	}
	if err := q.Order("seq").Find(&v.Events).Error; err != nil {
		return fmt.Errorf("read the events: %w", db.Fault(err, "", ""))
	}
	q = s.DB.From(ctx).Table("case_messages").Where("case_id = ?", v.ID)
	if publicOnly {
		q = q.Where("published = ?", true)
	}
	if err := q.Order("id").Find(&v.Messages).Error; err != nil {
		return fmt.Errorf("read the messages: %w", db.Fault(err, "", ""))
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

func (s *Service) fillParties(ctx context.Context, v *View) error {
	hide, err := s.hidden(ctx, &v.Case)
	if err != nil {
		return err
	}
	if err := s.DB.From(ctx).Table("case_parties").Where("case_id = ?", v.ID).Order("id").Find(&v.Parties).Error; err != nil {
		return fmt.Errorf("read the parties: %w", db.Fault(err, "", ""))
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
	v.People, err = s.Constituents.MaskedAll(ctx, ids)
	return err
}

// Trace explains the due time day by day.
func (s *Service) Trace(ctx context.Context, c *Case) (calendar.Result, error) {
	snap, err := s.Catalogue.Snapshot(ctx)
	if err != nil {
		return calendar.Result{}, err
	}
	unit, err := snap.Unit(c.UnitID)
	if err != nil {
		return calendar.Result{}, err
	}
	cal, err := s.Clocks.Of(snap, unit)
	if err != nil {
		return calendar.Result{}, err
	}
	return cal.Due(c.ReceivedAt, c.HandlingLimit, nil), nil
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

// Handlers are the accounts that may handle cases of a unit.
func (s *Service) Handlers(ctx context.Context, unitPath string) ([]string, error) {
	return s.Access.Holders(ctx, access.CaseReply, unitPath)
}
