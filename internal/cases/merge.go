package cases

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"minqing/internal/access"
	"minqing/internal/actor"
	"minqing/internal/calendar"
	"minqing/internal/clocks"
	"minqing/internal/db"
	"minqing/internal/fault"
	"minqing/internal/i18n"
)

// Merge lets a case follow another about the same thing (併案): it is handled as
// that one, and whoever asked gets the same reply, to judge on their own.
type Merge struct {
	Into        string // number of the leading case
	LeadVersion int64  // of the leading case as the page showed it; 0: any
	Note        string // stays inside
}

// Action names the act.
func (Merge) Action() Action { return ActMerge }

// Validate checks what was typed.
func (m Merge) Validate() error {
	var c fault.Check
	c.That(m.Into != "", "into", "case.merge.required")
	checkNote(&c, m.Note, false)
	return c.Err()
}

// What the event of the leading case is called: nobody does these by a form.
const (
	actGather  Action = "gather"  // another case follows this one
	actScatter Action = "scatter" // and does no more
)

// merged is a row of case_merges: what a case was before it followed another.
type merged struct {
	ID        string
	CaseID    string
	LeadID    string
	At        time.Time
	Before    string
	LeadClock string
}

// before is how a case stood when it was merged.
type before struct {
	Status    Status         `json:"status"`
	Resume    Status         `json:"resume,omitempty"`
	HandlerID *string        `json:"handler_id,omitempty"`
	RepliedAt *time.Time     `json:"replied_at,omitempty"`
	Asked     string         `json:"extension_asked,omitempty"`
	AskedByID *string        `json:"extension_by_id,omitempty"`
	AskedAsID *string        `json:"extension_as_id,omitempty"`
	Units     []unitBefore   `json:"units"`
	Clocks    []clocks.Clock `json:"clocks"` // that ran
	Promise   owed           `json:"promise"`
}

type unitBefore struct {
	UnitID string `json:"unit_id"`
	Role   string `json:"role"`
	Open   bool   `json:"open"`
}

// owed is the citizen's clock of a case, with what the case says of it.
type owed struct {
	Clock       clocks.Clock `json:"clock"`
	On          string       `json:"on,omitempty"`
	Provisional bool         `json:"provisional,omitempty"`
	Extensions  int64        `json:"extensions,omitempty"`
}

func (s *Service) owed(ctx context.Context, c *Case) (owed, error) {
	k, err := s.conclusion(ctx, c)
	o := owed{Clock: k, Provisional: c.DueProvisional, Extensions: c.ExtensionCount}
	if c.DueOn != nil {
		o.On = c.DueOn.String()
	}
	return o, err
}

func (m Merge) apply(ctx context.Context, ch *change) error {
	lead, units, err := ch.s.leadFor(ctx, ch.c, m.Into)
	if err != nil {
		return err
	}
	if m.LeadVersion != 0 && m.LeadVersion != lead.Version {
		return fault.New(fault.Conflict, "case.merge.lead_changed").With("CaseNo", lead.CaseNo)
	}
	if err := ch.s.inOrder(ctx, ch.c.ID, lead.ID); err != nil {
		return err
	}
	was, err := ch.s.beforeMerge(ctx, ch.c)
	if err != nil {
		return err
	}
	if ch.c.Duplicate, err = ch.s.samePerson(ctx, ch.c.ID, lead.ID); err != nil {
		return err
	}
	ch.c.MergedIntoID = &lead.ID
	ch.data["case"] = lead.CaseNo
	ch.note("merged_into", "", lead.CaseNo)
	ch.text, ch.tell = m.Note, true
	row := merged{ID: db.NewID(ch.now), CaseID: ch.c.ID, LeadID: lead.ID, At: ch.now}
	no := ch.c.CaseNo
	ch.after = append(ch.after, func(ctx context.Context) error {
		l, err := ch.s.begin(ctx, lead, units, &Transition{Action: actGather})
		if err != nil {
			return err
		}
		return l.gather(ctx, row, was, no)
	})
	return nil
}

// inOrder takes two cases in one order, so that two people who merge them into
// one another do not wait for each other.
func (s *Service) inOrder(ctx context.Context, a, b string) error {
	for _, id := range []string{min(a, b), max(a, b)} {
		if err := s.DB.From(ctx).Exec("UPDATE cases SET version = version WHERE id = ?", id).Error; err != nil {
			return fmt.Errorf("take a case that is merged: %w", err)
		}
	}
	return nil
}

// leadFor finds the case that shall lead: the actor may merge on both sides.
func (s *Service) leadFor(ctx context.Context, c *Case, into string) (*Case, []unitState, error) {
	refuse := func(key string, args ...any) error {
		f := fault.Field{Name: "into", Key: key, Args: map[string]any{}}
		for i := 0; i+1 < len(args); i += 2 {
			f.Args[args[i].(string)] = args[i+1]
		}
		return fault.InvalidInput(f)
	}
	lead, units, _, o, err := s.loadObject(ctx, into, access.CaseRead)
	switch {
	case err != nil && fault.KindOf(err) == fault.NotFound:
		return nil, nil, fault.InvalidInput(fault.Field{Name: "into", Key: "case.merge.unknown"}).Because(err)
	case err != nil:
		return nil, nil, err
	}
	if err := s.Access.CanOn(ctx, access.CaseMerge, acting(o, units, access.CaseMerge)); err != nil {
		if fault.KindOf(err) == fault.Forbidden {
			return nil, nil, refuse("case.merge.not_yours")
		}
		return nil, nil, err
	}
	if key := c.mayFollow(lead); key != "" {
		return nil, nil, refuse(key)
	}
	snap, err := s.Catalogue.Snapshot(ctx)
	if err != nil {
		return nil, nil, err
	}
	for _, u := range units {
		one, err := snap.Unit(u.UnitID)
		if err != nil {
			return nil, nil, err
		}
		conflict, err := s.conflict(ctx, c, snap, one)
		if err != nil {
			return nil, nil, err
		}
		if conflict && u.Role != "past" {
			return nil, nil, refuse("case.unit.conflict", "Unit", one.Name.In(i18n.Lang(c.Locale)))
		}
	}
	return lead, units, nil
}

// mayFollow is why a case may not follow another; empty when it may. Texts of a
// sealed case go to nobody's open one, and a whistle-blower's case goes nowhere.
func (c *Case) mayFollow(lead *Case) string {
	switch {
	case lead.ID == c.ID:
		return "case.merge.itself"
	case c.Confidentiality == Whistle || lead.Confidentiality == Whistle:
		return "case.merge.whistle"
	case lead.ParentID != nil:
		return "case.merge.part"
	case lead.FrozenAt != nil:
		return "case.frozen"
	case mixed(c.Track, lead.Track):
		return "case.merge.track"
	case lead.Status == Merged:
		return "case.merge.into_merged"
	case lead.Status.Ended():
		return "case.merge.ended"
	case lead.SuspendedAt != nil:
		return "case.merge.suspended"
	case lead.AwaitsCorrection():
		return "case.correction.awaited"
	case lead.Confidentiality.Sealed() && !c.Confidentiality.Sealed():
		return "case.merge.sealed"
	}
	return ""
}

func (s *Service) beforeMerge(ctx context.Context, c *Case) (*before, error) {
	b := &before{Status: c.Status, Resume: c.ResumeStatus, HandlerID: c.HandlerID, RepliedAt: c.RepliedAt,
		AskedByID: c.ExtensionByID, AskedAsID: c.ExtensionAsID}
	if !c.ExtensionAsked.IsZero() {
		b.Asked = c.ExtensionAsked.String()
	}
	var err error
	if b.Promise, err = s.owed(ctx, c); err != nil {
		return nil, err
	}
	if err := s.DB.From(ctx).Raw("SELECT unit_id, role, open FROM case_units WHERE case_id = ? ORDER BY unit_id", c.ID).Scan(&b.Units).Error; err != nil {
		return nil, fmt.Errorf("read the units of the case: %w", db.Fault(err, "", ""))
	}
	err = s.DB.Together(ctx, db.Rows(&b.Clocks, readClocks+"? AND state = 'running' ORDER BY kind, no", c.ID))
	if err != nil {
		return nil, fmt.Errorf("read the clocks of the case: %w", db.Fault(err, "", ""))
	}
	return b, nil
}

// samePerson says whether somebody asks in the leading case, or in one that
// follows it, who asks in this case.
func (s *Service) samePerson(ctx context.Context, id, lead string) (bool, error) {
	asks, err := s.Requester(ctx, id)
	if err != nil || asks == "" {
		return false, err
	}
	family, err := s.Constituents.Family(ctx, asks)
	if err != nil {
		return false, err
	}
	var n int
	err = s.DB.From(ctx).Raw(`SELECT count(*) FROM case_parties p JOIN cases c ON c.id = p.case_id
 WHERE (c.id = ? OR c.merged_into_id = ?) AND c.id <> ? AND p.role = 'requester' AND p.constituent_id IN ?`, lead, lead, id, family).Scan(&n).Error
	if err != nil {
		return false, fmt.Errorf("look who asks: %w", db.Fault(err, "", ""))
	}
	return n > 0, nil
}

// gather is the other side of a merge, at the leading case.
func (l *change) gather(ctx context.Context, row merged, was *before, no string) error {
	s, c := l.s, l.c
	own, err := s.owed(ctx, c)
	if err != nil {
		return err
	}
	if c.MergedCount > 0 {
		if own, err = s.ownClock(ctx, c.ID); err != nil {
			return err
		}
	}
	if err := l.takeClock(ctx, was.Promise); err != nil {
		return err
	}
	beforeJSON, err := json.Marshal(was)
	if err != nil {
		return fmt.Errorf("write how the case stood: %w", err)
	}
	ownJSON, err := json.Marshal(own)
	if err != nil {
		return fmt.Errorf("write the clock of the leading case: %w", err)
	}
	l.stmts = append(l.stmts, db.Insert("case_merges", "id, case_id, lead_id, at, by_id, before, lead_clock", row.ID, row.CaseID, row.LeadID, row.At,
		db.Ref(actor.From(ctx).AccountID), string(beforeJSON), string(ownJSON)))
	c.MergedCount++
	l.data["case"] = no
	l.note("follows", "", no)
	if err := s.store(ctx, l, actGather); err != nil {
		return err
	}
	if err := s.shareLead(ctx, l, row.CaseID); err != nil {
		return err
	}
	return s.welcome(ctx, l, row.CaseID)
}

// ownClock is the clock of a leading case as it was before others followed it.
func (s *Service) ownClock(ctx context.Context, leadID string) (o owed, err error) {
	rows, err := s.merges(ctx, "lead_id = ?", leadID)
	if err != nil || len(rows) == 0 {
		return o, err
	}
	err = json.Unmarshal([]byte(rows[0].LeadClock), &o)
	return o, err
}

func (s *Service) merges(ctx context.Context, where string, args ...any) (rows []merged, err error) {
	err = s.DB.From(ctx).Raw("SELECT id, case_id, lead_id, at, before, lead_clock FROM case_merges WHERE "+where+" AND undone_at IS NULL ORDER BY id", args...).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("read what was merged: %w", db.Fault(err, "", ""))
	}
	return rows, nil
}

// takeClock lets the leading case be due when another was promised an answer
// earlier.
func (l *change) takeClock(ctx context.Context, p owed) error {
	c := l.c
	if p.Clock.DueAt == nil || c.DueAt != nil && !p.Clock.DueAt.Before(*c.DueAt) {
		return nil
	}
	return l.setClock(ctx, p)
}

func (l *change) setClock(ctx context.Context, p owed) error {
	c, k := l.c, p.Clock
	runs, err := l.s.conclusion(ctx, c)
	if err != nil {
		return err
	}
	k.CaseID, k.Kind, k.No, k.UnitID = c.ID, clocks.Conclusion, runs.No, nil // a case that was reopened has had others before
	if c.DueAt != nil && k.DueAt != nil && !c.DueAt.Equal(*k.DueAt) {
		l.data["old_due"], l.data["new_due"] = stamp(*c.DueAt), stamp(*k.DueAt)
		l.note("due", stamp(*c.DueAt), stamp(*k.DueAt))
	}
	c.HandlingLimit, c.DueAt, c.DueProvisional, c.CalendarVersion = k.TimeLimit, k.DueAt, p.Provisional, k.CalendarVersion
	c.DueOn = nil
	if on, err := calendar.ParseDate(p.On); err == nil {
		c.DueOn = &on
	}
	l.clock = &k
	return nil
}

// earliestAgain looks for the earliest clock anew after the leading case got
// another of its own.
func (s *Service) earliestAgain(ctx context.Context, ch *change) error {
	if ch.c.MergedCount == 0 {
		return nil
	}
	own := owed{Clock: *ch.clock, Provisional: ch.c.DueProvisional, Extensions: ch.c.ExtensionCount}
	if ch.c.DueOn != nil {
		own.On = ch.c.DueOn.String()
	}
	body, err := json.Marshal(own)
	if err != nil {
		return fmt.Errorf("write the clock of the leading case: %w", err)
	}
	if err := s.DB.From(ctx).Exec("UPDATE case_merges SET lead_clock = ? WHERE lead_id = ? AND undone_at IS NULL", string(body), ch.c.ID).Error; err != nil {
		return fmt.Errorf("keep the clock of the leading case: %w", err)
	}
	return ch.earliest(ctx, own)
}

// earliest sets the clock of the leading case to the earliest of its own and of
// those that follow it. Where its time was extended since, it stays.
func (l *change) earliest(ctx context.Context, own owed) error {
	rows, err := l.s.merges(ctx, "lead_id = ?", l.c.ID)
	if err != nil {
		return err
	}
	cal, err := l.s.counting(l.snap, l.c)
	if err != nil {
		return err
	}
	now, err := l.s.conclusion(ctx, l.c)
	if err != nil {
		return err
	}
	all := []owed{own}
	for _, r := range rows {
		var b before
		if err := json.Unmarshal([]byte(r.Before), &b); err != nil {
			return fmt.Errorf("read how a case stood: %w", err)
		}
		all = append(all, b.Promise)
	}
	best := -1
	for i := range all {
		p := &all[i]
		if p.Clock.DueAt == nil {
			continue
		}
		p.paused(cal, now.Pauses)
		if best < 0 || p.Clock.DueAt.Before(*all[best].Clock.DueAt) {
			best = i
		}
	}
	if best < 0 {
		return nil
	}
	return l.setClock(ctx, all[best])
}

// paused lets a clock stand still too while the leading one did.
func (p *owed) paused(cal *calendar.Calendar, pauses clocks.Pauses) {
	more := false
	for _, one := range pauses {
		if n := len(p.Clock.Pauses); one.To != nil && (n == 0 || one.From.After(p.Clock.Pauses[n-1].From)) {
			p.Clock.Pauses, more = append(p.Clock.Pauses, one), true
		}
	}
	if !more || p.Clock.TimeLimit.IsZero() {
		return
	}
	r := clocks.Count(cal, p.Clock)
	p.Clock.DueAt, p.On, p.Provisional = &r.Due, r.On.String(), r.Provisional
}
