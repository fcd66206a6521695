package register

import (
	"context"
	"fmt"
	"maps"
	"slices"
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

// Act is what is done to a permit.
type Act string

// The acts. Issued, Noticed, Ended, Alarmed and Stalled are the program's own; AskHolder only tells.
const (
	Issued    Act = "issued"
	Noticed   Act = "noticed" // the holder hears that the end is near
	Ended     Act = "expired"
	Alarmed   Act = "alarmed" // the head hears that silence is about to renew it
	Stalled   Act = "stalled" // holder and head hear that it ends unless a correction comes
	Suspend   Act = "suspend"
	Reinstate Act = "reinstate"
	Revoke    Act = "revoke"
	Cancel    Act = "cancel"
	Change    Act = "change"
)

// ByItself says that no person did it, but the daily job, at whatever hour that ran.
func (e *Event) ByItself() bool {
	switch e.Act {
	case Noticed, Ended, Alarmed, Stalled:
		return true
	case Issued:
		return e.Ground == GroundSilence
	}
	return false
}

// Acts lists those of staff in the order in which pages offer them.
var Acts = []Act{Change, Suspend, Reinstate, Revoke, Cancel}

// Grounds of the program's own acts.
const (
	GroundReplaced = "replaced" // why a permit ends for which a new one was issued
	GroundSilence  = "silence"  // why one is issued of which nobody decided in time

	// GroundUncorrected is why a permit ended although its renewal was asked for in time:
	// the application was never accepted, for its applicant owed a correction.
	GroundUncorrected = "uncorrected"
)

// transition says from which states an act is possible, to which it leads (empty:
// the state stays), who may do it and on which grounds.
type transition struct {
	from    []State
	to      State
	verb    access.Verb
	grounds []string
}

// transitions follow the Administrative Licensing Law of the PRC: change art. 49,
// withdrawal for the public good art. 8, revocation art. 69, cancellation art. 70.
var transitions = map[Act]transition{
	Change:    {[]State{Valid}, "", access.PermitChange, []string{"asked", "error", "law_changed"}},
	Suspend:   {[]State{Valid}, Suspended, access.PermitSuspend, []string{"breach", "danger", "inquiry", "asked"}},
	Reinstate: {[]State{Suspended}, Valid, access.PermitReinstate, []string{"mended", "unfounded", "appeal"}},
	Revoke:    {[]State{Valid, Suspended}, Revoked, access.PermitRevoke, []string{"deceit", "unlawful", "penalty", "public_good"}},
	Cancel:    {[]State{Valid, Suspended, Expired}, Cancelled, access.PermitCancel, []string{"given_up", "holder_gone", "impossible", GroundReplaced}},
}

// Grounds are the reasons in law that an act can have.
func (a Act) Grounds() []string { return transitions[a].grounds }

// NeedsTwo says that one person proposes the act and another decides: what takes
// a permit away for good.
func (a Act) NeedsTwo() bool { return a == Revoke || a == Cancel }

// Verb is what somebody must be allowed to do it.
func (a Act) Verb() access.Verb { return transitions[a].verb }

// may says whether an act is possible from where a permit stands; one that is not
// in force yet is as a valid one.
func may(a Act, from State) bool {
	if from == Future {
		from = Valid
	}
	return slices.Contains(transitions[a].from, from)
}

// Do is an act on a permit.
type Do struct {
	Act     Act
	Ground  string
	Reason  string // in words, for the holder
	Version int64  // of the permit that the page showed

	// Of a change: the last day and the public facts as they are to stand.
	ValidUntil  *calendar.Date
	Particulars map[string]string
}

// reasonMost is the longest reason, in characters.
const reasonMost = 1000

// Validate checks the form of an act.
func (d *Do) Validate() error {
	t, known := transitions[d.Act]
	if !known {
		return fault.New(fault.Invalid, "register.act.unknown")
	}
	d.Reason = strings.TrimSpace(d.Reason)
	var c fault.Check
	c.That(slices.Contains(t.grounds, d.Ground), "ground", "register.act.ground")
	c.That(d.Reason != "", "reason", "register.act.reason")
	c.That(utf8.RuneCountInString(d.Reason) <= reasonMost, "reason", "register.act.long", "Max", reasonMost)
	if d.Act == Change {
		checkFacts(d.Particulars, &c)
	}
	return c.Err()
}

// Possible are the acts that the actor may do alone on a permit as it stands.
func (s *Service) Possible(ctx context.Context, p *Permit) (acts []Act) {
	for _, a := range Acts {
		if !a.NeedsTwo() && may(a, p.On(s.Today())) && s.Access.CanOn(ctx, a.Verb(), access.Object{UnitPaths: []string{p.UnitPath}}) == nil {
			acts = append(acts, a)
		}
	}
	return acts
}

// Act does something to a permit, tells its holder and notes who did it and why.
// What needs two people goes by Propose and Decide.
func (s *Service) Act(ctx context.Context, no string, d Do) (*Permit, error) {
	if err := d.Validate(); err != nil {
		return nil, err
	}
	if d.Act.NeedsTwo() {
		return nil, fault.New(fault.Conflict, "register.act.two")
	}
	var p *Permit
	err := s.DB.Tx(ctx, func(ctx context.Context) (err error) {
		if p, err = s.Read(ctx, no); err != nil {
			return err
		}
		if ctx, err = s.Access.CanAs(ctx, d.Act.Verb(), access.Object{UnitPaths: []string{p.UnitPath}}); err != nil {
			return err
		}
		return s.apply(ctx, p, d)
	})
	if err != nil {
		return nil, err
	}
	return p, nil
}

// apply moves a permit on by the table of transitions, in the open transaction.
func (s *Service) apply(ctx context.Context, p *Permit, d Do) error {
	now, t := s.Now().UTC().Truncate(time.Microsecond), transitions[d.Act]
	today := calendar.DateOf(now, s.Zone)
	if p.Version != d.Version {
		return fault.New(fault.Conflict, "register.changed")
	}
	if stands := p.On(today); !may(d.Act, stands) {
		return fault.New(fault.Conflict, "register.state."+string(stands))
	}
	was := *p
	e := Event{Act: d.Act, At: now, Ground: d.Ground, Reason: d.Reason}
	changes := []audit.Change{{Field: "ground", After: d.Ground}}
	if t.to == "" {
		if err := p.change(d, today, &e); err != nil {
			return err
		}
		changes = append(changes, changedFields(&was, p)...)
	} else {
		p.State, p.Ground, p.Since, p.SinceOn = t.to, d.Ground, now, today
		changes = append(changes, audit.Change{Field: "state", Before: string(was.State), After: string(p.State)})
	}
	switch p.State {
	case Revoked, Cancelled:
		p.NextOn = nil
	case Valid, Suspended:
		if d.Act == Change {
			p.NoticeDays, p.NextOn = 0, p.firstLook(today)
		}
	}
	e.State = p.State
	if err := s.save(ctx, p); err != nil {
		return err
	}
	return s.note(ctx, p, e, changes...)
}

// change sets what a permit says; what stood there before goes into the event.
func (p *Permit) change(d Do, today calendar.Date, e *Event) error {
	if d.ValidUntil != nil && (*d.ValidUntil < p.ValidFrom || *d.ValidUntil < today) {
		return fault.InvalidInput(fault.Field{Name: "valid_until", Key: "register.change.until"})
	}
	same := p.ValidUntil == nil && d.ValidUntil == nil || p.ValidUntil != nil && d.ValidUntil != nil && *p.ValidUntil == *d.ValidUntil
	if same && maps.Equal(p.Particulars, Facts(d.Particulars)) {
		return fault.New(fault.Invalid, "register.change.nothing")
	}
	e.Changed = Facts{}
	for name, value := range p.Particulars {
		if d.Particulars[name] != value {
			e.Changed[name] = value
		}
	}
	for name := range d.Particulars {
		if _, had := p.Particulars[name]; !had {
			e.Changed[name] = ""
		}
	}
	if !same {
		e.Changed["valid_until"] = dayOrNone(p.ValidUntil)
	}
	p.ValidUntil, p.Particulars = d.ValidUntil, d.Particulars
	return nil
}

func dayOrNone(d *calendar.Date) string {
	if d == nil {
		return ""
	}
	return d.String()
}

// changedFields names what a change touched; the facts themselves are in the event.
func changedFields(was, is *Permit) (list []audit.Change) {
	if a, b := dayOrNone(was.ValidUntil), dayOrNone(is.ValidUntil); a != b {
		list = append(list, audit.Change{Field: "valid_until", Before: a, After: b})
	}
	if !maps.Equal(was.Particulars, is.Particulars) {
		list = append(list, audit.Change{Field: "particulars"})
	}
	return list
}

// save stores a permit that was read with this version, and gives it the next.
func (s *Service) save(ctx context.Context, p *Permit) error {
	p.UpdatedAt = s.Now().UTC().Truncate(time.Microsecond)
	res := s.DB.From(ctx).Exec(`UPDATE permits SET valid_until = ?, particulars = ?, state = ?, ground = ?, since = ?, since_on = ?, next_on = ?, notice_days = ?,
 version = version + 1, updated_at = ? WHERE id = ? AND version = ?`,
		p.ValidUntil, p.Particulars, p.State, p.Ground, p.Since, p.SinceOn, p.NextOn, p.NoticeDays, p.UpdatedAt, p.ID, p.Version)
	if res.Error != nil {
		return fmt.Errorf("change a permit: %w", db.Fault(res.Error, "", ""))
	}
	if res.RowsAffected == 0 {
		return fault.New(fault.Conflict, "register.changed")
	}
	p.Version++
	return nil
}

// note writes an event with its entry in the trail, and has the holder told.
func (s *Service) note(ctx context.Context, p *Permit, e Event, changes ...audit.Change) error {
	a := actor.From(ctx)
	e.ID, e.PermitID, e.OnDay = db.NewID(e.At), p.ID, calendar.DateOf(e.At, s.Zone)
	if a.Kind == actor.Staff {
		e.AccountID = db.Ref(a.AccountID)
	}
	if e.Changed == nil {
		e.Changed = Facts{}
	}
	if err := s.DB.From(ctx).Create(&e).Error; err != nil {
		return fmt.Errorf("note what was done to a permit: %w", db.Fault(err, "", ""))
	}
	err := s.Audit.Record(ctx, audit.Entry{Action: "permit." + string(e.Act), Kind: "permit", ID: p.PermitNo, Reason: e.Reason, Fields: changes})
	if err != nil {
		return err
	}
	if p.CaseID == nil && e.Act == Issued { // brought over: its holder has long known
		return nil
	}
	return s.Jobs.Add(ctx, TellJob{EventIDs: []string{e.ID}})
}
