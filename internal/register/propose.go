package register

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"minqing/internal/access"
	"minqing/internal/actor"
	"minqing/internal/audit"
	"minqing/internal/calendar"
	"minqing/internal/db"
	"minqing/internal/fault"
)

// Proposal is an act for which two people are needed, from what the first one
// wrote on.
type Proposal struct {
	ID           string
	PermitID     string
	Act          Act
	Ground       string
	Reason       string
	State        string // open, done, refused
	ProposedAt   time.Time
	ProposedOn   calendar.Date
	ProposedByID *string
	ProposedAsID *string // the absent colleague in whose place
	DecidedAt    *time.Time
	DecidedByID  *string
	Note         string // of who refused it

	ToldAt     *time.Time // the holder heard of it
	ToldOn     *calendar.Date
	ToldByID   *string
	AnswerBy   *calendar.Date // the day until which they can answer
	Statement  string         // what they said
	StatedAt   *time.Time
	StatedByID *string // who wrote it down: the holder's side, or staff
}

// TableName names the table for gorm.
func (Proposal) TableName() string { return "permit_proposals" }

// The states of a proposal.
const (
	proposed = "open"
	agreed   = "done"
	refused  = "refused"
)

// MayPropose says whether the actor may propose acts on a permit.
func (s *Service) MayPropose(ctx context.Context, p *Permit) bool {
	return s.Access.CanOn(ctx, access.PermitPropose, access.Object{UnitPaths: []string{p.UnitPath}}) == nil
}

// Proposable are the acts that the actor may propose on a permit as it stands.
func (s *Service) Proposable(ctx context.Context, p *Permit) (acts []Act) {
	if !s.MayPropose(ctx, p) {
		return nil
	}
	for _, a := range Acts {
		if a.NeedsTwo() && may(a, p.On(s.Today())) {
			acts = append(acts, a)
		}
	}
	return acts
}

// MayDecide says whether the actor may decide on a proposal: never on their own.
func (s *Service) MayDecide(ctx context.Context, p *Permit, one *Proposal) bool {
	_, err := s.decider(ctx, p.UnitPath, one)
	return err == nil
}

// decider gives the context in which the actor decides. Nobody decides on what they
// proposed, nor on what their deputy did in their name, nor a deputy in the name of
// who did.
func (s *Service) decider(ctx context.Context, unitPath string, one *Proposal) (context.Context, error) {
	ctx, err := s.Access.CanAs(ctx, one.Act.Verb(), access.Object{UnitPaths: []string{unitPath}})
	if err != nil {
		return ctx, err
	}
	if actor.From(ctx).Is(one.ProposedByID, one.ProposedAsID) {
		return ctx, fault.New(fault.Forbidden, "register.propose.own")
	}
	return ctx, nil
}

// Open is the proposal that waits on a permit; nil when there is none.
func (s *Service) Open(ctx context.Context, p *Permit) (*Proposal, error) {
	var list []Proposal
	if err := s.DB.From(ctx).Where("permit_id = ? AND state = ?", p.ID, proposed).Find(&list).Error; err != nil {
		return nil, fmt.Errorf("read what is proposed for a permit: %w", db.Fault(err, "", ""))
	}
	if len(list) == 0 {
		return nil, nil //nolint:nilnil // nothing is proposed
	}
	return &list[0], nil
}

// Propose writes down an act that somebody else decides. The holder hears nothing
// yet. A permit has one open proposal.
func (s *Service) Propose(ctx context.Context, no string, d Do) (*Permit, error) {
	if err := d.Validate(); err != nil {
		return nil, err
	}
	if !d.Act.NeedsTwo() {
		return nil, fault.New(fault.Invalid, "register.act.unknown")
	}
	var p *Permit
	err := s.DB.Tx(ctx, func(ctx context.Context) (err error) {
		if p, err = s.Read(ctx, no); err != nil {
			return err
		}
		if ctx, err = s.Access.CanAs(ctx, access.PermitPropose, access.Object{UnitPaths: []string{p.UnitPath}}); err != nil {
			return err
		}
		if p.Version != d.Version {
			return fault.New(fault.Conflict, "register.changed")
		}
		if stands := p.On(s.Today()); !may(d.Act, stands) {
			return fault.New(fault.Conflict, "register.state."+string(stands))
		}
		return s.propose(ctx, p, d)
	})
	if err != nil {
		return nil, err
	}
	return p, nil
}

func (s *Service) propose(ctx context.Context, p *Permit, d Do) error {
	now, who := s.Now().UTC().Truncate(time.Microsecond), actor.From(ctx)
	one := Proposal{ID: db.NewID(now), PermitID: p.ID, Act: d.Act, Ground: d.Ground, Reason: d.Reason, State: proposed,
		ProposedAt: now, ProposedOn: calendar.DateOf(now, s.Zone), ProposedByID: db.Ref(who.AccountID), ProposedAsID: db.Ref(who.AsAccountID)}
	if err := s.DB.From(ctx).Create(&one).Error; err != nil {
		return fmt.Errorf("propose an act on a permit: %w", db.Fault(err, "", "register.propose.open"))
	}
	return s.Audit.Record(ctx, audit.Entry{Action: "permit.propose", Kind: "permit", ID: p.PermitNo, Reason: d.Reason,
		Fields: []audit.Change{{Field: "act", After: string(d.Act)}, {Field: "ground", After: d.Ground}}})
}

// Verdict is what the second person says to a proposal.
type Verdict struct {
	ProposalID string
	Agrees     bool
	Note       string // why not
	Version    int64  // of the permit that the page showed
}

// Decide does what was proposed, or refuses it, which ends the proposal. Whoever
// proposed it may not.
func (s *Service) Decide(ctx context.Context, no string, v Verdict) (*Permit, error) {
	v.Note = strings.TrimSpace(v.Note)
	var c fault.Check
	c.That(v.Agrees || v.Note != "", "note", "register.propose.note")
	c.That(utf8.RuneCountInString(v.Note) <= reasonMost, "note", "register.act.long", "Max", reasonMost)
	if err := c.Err(); err != nil {
		return nil, err
	}
	var p *Permit
	err := s.DB.Tx(ctx, func(ctx context.Context) (err error) {
		if p, err = s.Read(ctx, no); err != nil {
			return err
		}
		return s.decide(ctx, p, v)
	})
	if err != nil {
		return nil, err
	}
	return p, nil
}

func (s *Service) decide(ctx context.Context, p *Permit, v Verdict) error {
	one, err := s.Open(ctx, p)
	if err != nil {
		return err
	}
	if one == nil || one.ID != v.ProposalID {
		return fault.New(fault.Conflict, "register.propose.gone")
	}
	if ctx, err = s.decider(ctx, p.UnitPath, one); err != nil {
		return err
	}
	if v.Agrees {
		if err := s.heard(one); err != nil {
			return err
		}
	}
	to, now := refused, s.Now().UTC().Truncate(time.Microsecond)
	if v.Agrees {
		to = agreed
	}
	res := s.DB.From(ctx).Exec("UPDATE permit_proposals SET state = ?, decided_at = ?, decided_by_id = ?, note = ? WHERE id = ? AND state = ?",
		to, now, db.Ref(actor.From(ctx).AccountID), v.Note, one.ID, proposed)
	if res.Error != nil {
		return fmt.Errorf("decide on a proposal: %w", db.Fault(res.Error, "", ""))
	}
	if res.RowsAffected == 0 {
		return fault.New(fault.Conflict, "register.propose.gone")
	}
	if v.Agrees {
		return s.apply(ctx, p, Do{Act: one.Act, Ground: one.Ground, Reason: one.Reason, Version: v.Version})
	}
	return s.Audit.Record(ctx, audit.Entry{Action: "permit.refuse_proposal", Kind: "permit", ID: p.PermitNo, Reason: v.Note,
		Fields: []audit.Change{{Field: "act", Before: string(one.Act)}}})
}

// Wait is a proposal that somebody may decide on.
type Wait struct {
	PermitNo string
	Act      Act
}

// Waiting lists the proposals that the actor may decide on within their units, the
// oldest first.
func (s *Service) Waiting(ctx context.Context) (waits []Wait, err error) {
	reads, err := s.Access.Scope(ctx, access.PermitRead)
	if err != nil {
		return nil, err
	}
	within, args := reads.Where("p.unit_path")
	var decides []string
	for _, a := range Acts {
		if !a.NeedsTwo() {
			continue
		}
		scope, err := s.Access.Scope(ctx, a.Verb())
		if err != nil {
			return nil, err
		}
		where, more := scope.Where("p.unit_path")
		decides, args = append(decides, "r.act = ? AND "+where), append(append(args, a), more...)
	}
	args = append(args, actor.From(ctx).AccountID, waitsMost)
	var list []struct {
		Proposal
		PermitNo, UnitPath string
	}
	err = s.DB.Reader(ctx).Raw("SELECT r.act, r.proposed_by_id, r.proposed_as_id, p.permit_no, p.unit_path FROM permit_proposals r JOIN permits p ON p.id = r.permit_id WHERE r.state = 'open' AND "+within+
		" AND ("+strings.Join(decides, " OR ")+") AND (r.proposed_by_id IS NULL OR r.proposed_by_id <> ?) ORDER BY r.proposed_at, r.id LIMIT ?", args...).Scan(&list).Error
	if err != nil {
		return nil, fmt.Errorf("list what is proposed: %w", db.Fault(err, "", ""))
	}
	for i := range list {
		if _, refused := s.decider(ctx, list[i].UnitPath, &list[i].Proposal); refused == nil { // not as the deputy of who proposed it
			waits = append(waits, Wait{PermitNo: list[i].PermitNo, Act: list[i].Act})
		}
	}
	return waits, nil
}

// waitsMost bounds what a page lists of proposals.
const waitsMost = 50
