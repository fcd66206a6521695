package cases

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"minqing/internal/access"
	"minqing/internal/actor"
	"minqing/internal/audit"
	"minqing/internal/calendar"
	"minqing/internal/catalogue"
	"minqing/internal/clocks"
	"minqing/internal/db"
	"minqing/internal/fault"
	"minqing/internal/jobs"
)

// Command is one act on a case: what is typed, and what it changes.
type Command interface {
	Action() Action
	Validate() error
	apply(ctx context.Context, ch *change) error
}

// change gathers what an act does before anything is written.
type change struct {
	s       *Service
	c       *Case
	was     Case // before the act
	snap    *catalogue.Snapshot
	matter  *catalogue.Matter // nil when the case has none
	lead    unitState
	units   []unitState
	now     time.Time
	today   calendar.Date
	from    Status
	eventID string

	to       Status
	public   bool
	text     string         // what was said, for the story
	data     map[string]any // codes and ids that belong to the event
	unitID   string         // the unit that the event is about
	changes  []audit.Change
	reason   string
	stmts    []db.Stmt // further inserts
	after    []func(ctx context.Context) error
	moved    *catalogue.Unit // the new lead unit
	tell     bool            // people outside may have to hear of it
	byItself bool            // silence does it at the hour at which a job runs, and no person

	clock *clocks.Clock // the citizen's, where the act moves it

	restored bool // the clocks are set as they were before it was merged

	leadDecides bool // an appeal waits at the unit that has the case
	hearing     Hearing
	fresh       bool // another conclusion clock has started
}

type unitState struct {
	UnitID   string
	Role     string
	UnitPath string
	Open     bool
}

// Act does a command on a case for a member of staff: found within the actor's
// scope, allowed by the verb, unchanged since the version that the page
// carried, possible in its state. All in one transaction with event and audit.
func (s *Service) Act(ctx context.Context, caseNo string, version int64, cmd Command) (*Case, error) {
	t := byAction[cmd.Action()]
	if t == nil || t.Verb == "" {
		return nil, fault.New(fault.NotFound, "case.action.unknown")
	}
	if err := s.Access.Can(ctx, t.Verb); err != nil {
		return nil, err
	}
	if err := cmd.Validate(); err != nil {
		return nil, err
	}
	var c *Case
	err := s.DB.Tx(ctx, func(ctx context.Context) error {
		var units []unitState
		var o access.Object
		var err error
		if c, units, _, o, err = s.loadObject(ctx, caseNo, access.CaseRead); err != nil {
			return err
		}
		t = c.step(cmd.Action())
		if t.Verb != "" {
			if err := s.Access.CanOn(ctx, t.Verb, acting(o, units, t.Verb)); err != nil {
				return err
			}
		}
		if err := s.refuseOwned(c, t.Action); err != nil {
			return err
		}
		if t.Verb != "" { // else the track does not know the act, and transit says so
			if ctx, err = s.Access.For(ctx, t.Verb, acting(o, units, t.Verb)); err != nil {
				return err
			}
		}
		if version != 0 && c.Version != version {
			return fault.New(fault.Conflict, "case.changed").With("Version", c.Version)
		}
		return s.transit(ctx, c, units, t, cmd)
	})
	if err != nil {
		if m, merges := cmd.(Merge); merges && fault.KindOf(err) == fault.Invalid { // it is about the other case
			caseNo = m.Into
		}
		return nil, db.Fault(s.alarmed(ctx, caseNo, wayAct, err), "", "case.changed")
	}
	s.counted.forget(actor.From(ctx).AccountID)
	return c, nil
}

// transit applies a command to a loaded case inside the open transaction.
func (s *Service) transit(ctx context.Context, c *Case, units []unitState, t *Transition, cmd Command) error {
	if !t.Allows(c.Status) {
		return fault.New(fault.Conflict, "case.action.impossible").
			With("Action", string(t.Action)).With("Status", string(c.Status)).With("Possible", c.nowNames())
	}
	if c.FrozenAt != nil {
		return fault.New(fault.Conflict, "case.frozen")
	}
	ch, err := s.begin(ctx, c, units, t)
	if err != nil {
		return err
	}
	if t != bySilence {
		if err := ch.stands(t.Action); err != nil {
			return err
		}
	}
	if err := s.before(ctx, c, cmd); err != nil {
		return err
	}
	if err := cmd.apply(ctx, ch); err != nil {
		return err
	}
	if ch.to.Ended() {
		c.settleTime()
	}
	if ch.to.Ended() && ch.to != Concluded && c.SupervisedDue != nil { // a result is looked at before an order is closed
		ch.settleOrder()
	}
	if c.Objection != "" && ch.to != Accepted { // overtaken: it ended, or the person is asked first
		ch.settleObjection()
	}
	if err := ch.archiveTime(); err != nil {
		return err
	}
	if err := ch.letGo(ctx); err != nil {
		return err
	}
	if err := s.store(ctx, ch, t.Action); err != nil {
		return err
	}
	if err := s.bindParts(ctx, ch); err != nil {
		return err
	}
	if err := s.echo(ctx, ch, t.Action); err != nil {
		return err
	}
	return s.afterAct(ctx, c, t.Action)
}

// nowNames are the acts of staff that make sense for the case as it stands.
func (c *Case) nowNames() []string {
	var names []string
	for _, a := range possibleIn(c.Track, c.Status) {
		if c.offers(a) {
			names = append(names, string(a))
		}
	}
	return names
}

// stands refuses what the clock of the case does not allow, or what nobody has
// asked for.
func (ch *change) stands(a Action) error {
	c, key := ch.c, ""
	switch {
	case c.early(a):
		key = "case.review.early"
	case c.SuspendedAt != nil && a == ActSuspend:
		key = "case.suspend.already"
	case c.SuspendedAt != nil && (a == ActReply || a == ActRequestInfo || a == ActRequestExtension || a == ActMerge):
		key = "case.suspend.resume_first"
	case a == ActMerge && c.AwaitsCorrection():
		key = "case.correction.awaited"
	case c.JointOpen > 0 && (a == ActReply || a == ActConclude || a == ActMerge):
		key = "case.joint.open"
	case c.ParentID != nil && slices.Contains(ofCitizens, a):
		key = "case.part.inside"
	case c.PartsOpen > 0 && (a == ActConclude || a == ActMerge):
		key = "case.part.open"
	case c.MergedCount > 0 && a == ActMerge:
		key = "case.merge.leads"
	case c.MergedCount > 0 && a == ActNotAccept:
		key = "case.merge.unmerge_first"
	case c.SuspendedAt == nil && a == ActResume:
		key = "case.resume.runs"
	case a == ActRequestExtension && !c.ExtensionAsked.IsZero():
		key = "case.extension.pending"
	case a == ActDecideExtension && c.ExtensionAsked.IsZero():
		key = "case.extension.none"
	case a == ActArchive && c.Appealed:
		key = "case.archive.appealed"
	case a == ActArchive && c.Rectify.Owed():
		key = "case.archive.rated"
	case a == ActArchive && c.SupervisedDue != nil:
		key = "case.archive.supervised"
	case a == ActSupervise && c.SupervisedDue != nil:
		key = "case.supervise.already"
	case (a == ActAnswerOrder || a == ActCloseOrder || a == ActExtendOrder) && c.SupervisedDue == nil:
		key = "case.supervise.none"
	case a == ActReturn && c.bound():
		key = "case.return.bound"
	case (a == ActDecideObjection || a == ActRuleObjection) && c.Objection == "":
		key = "case.objection.none"
	case a == ActRuleObjection && c.Objection == DeskDecides:
		key = "case.objection.not_yet"
	case c.Objection == SuperiorDecides && (a == ActDecideObjection || a == ActDispatch || a == ActNotAccept || a == ActRequestInfo):
		key = "case.objection.superior"
	default:
		return nil
	}
	return ch.refuse(key, a)
}

// settleTime ends what was open about the time of a case that is over.
func (c *Case) settleTime() {
	c.SuspendedAt, c.SuspendedUntil, c.Suspension = nil, nil, ""
	c.ExtensionAsked, c.ExtensionByID, c.ExtensionAsID = calendar.Limit{}, nil, nil
}

func (s *Service) begin(ctx context.Context, c *Case, units []unitState, t *Transition) (*change, error) {
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
	now := s.Now().UTC().Truncate(time.Microsecond)
	ch := &change{s: s, c: c, was: *c, snap: snap, units: units, now: now, today: cal.ReceivedOn(now), from: c.Status,
		to: t.To, public: t.Public, data: map[string]any{}, unitID: c.UnitID, eventID: db.NewID(now), leadDecides: atLead(c, units)}
	if ch.to == "" {
		ch.to = c.Status
	}
	for _, u := range units {
		if u.Role == "lead" {
			ch.lead = u
		}
	}
	if c.MatterID != nil {
		if ch.matter, err = snap.Matter(*c.MatterID); err != nil {
			return nil, err
		}
	}
	return ch, nil
}

// note records a changed field for the audit trail. Values are codes, never
// personal data or free text.
func (ch *change) note(field, before, after string) {
	ch.changes = append(ch.changes, audit.Change{Field: field, Before: before, After: after})
}

// store writes the case, its place in the queues, the event, the audit entry
// and the job. The version check comes first: who is late changes nothing.
func (s *Service) store(ctx context.Context, ch *change, action Action) error {
	c := ch.c
	was := c.Version
	c.Version++
	c.EventCount++
	c.Status, c.UpdatedAt = ch.to, ch.now
	if ch.from != ch.to {
		ch.changes = append([]audit.Change{{Field: "status", Before: string(ch.from), After: string(ch.to)}}, ch.changes...)
	}
	res := s.DB.From(ctx).Model(&Case{}).Where("id = ? AND version = ?", c.ID, was).Select(changing).Updates(c)
	if res.Error != nil {
		return fmt.Errorf("change the case: %w", res.Error)
	}
	if res.RowsAffected == 0 {
		return fault.New(fault.Conflict, "case.changed").With("Version", c.Version)
	}
	if err := s.queueUp(ctx, ch); err != nil {
		return err
	}
	if err := s.tick(ctx, ch); err != nil {
		return err
	}
	if err := s.addEvent(ctx, ch, action); err != nil {
		return err
	}
	row, err := s.Audit.Prepare(ctx, audit.Entry{Action: "case." + string(action), Kind: "case", ID: c.CaseNo, Fields: ch.changes, Reason: ch.reason})
	if err != nil {
		return err
	}
	index, err := s.indexing()
	if err != nil {
		return err
	}
	ch.stmts = append(append(ch.stmts, db.Stmt{SQL: audit.Insert, Args: row.Args()}), index...)
	if err := s.insertInOrder(ctx, ch.stmts); err != nil {
		return err
	}
	if ch.tell {
		if err := s.Jobs.Add(ctx, Told{CaseID: c.ID, EventID: ch.eventID, Action: action, ByItself: ch.byItself}, jobs.MaxAttempts(12)); err != nil {
			return err
		}
	}
	if ch.hearing != "" {
		if err := s.Jobs.Add(ctx, Heard{CaseID: c.ID, EventID: ch.eventID, About: ch.hearing}, jobs.MaxAttempts(12)); err != nil {
			return err
		}
	}
	for _, f := range ch.after {
		if err := f(ctx); err != nil {
			return err
		}
	}
	s.announce(ctx, c, action)
	if err := s.tellMoved(ctx, ch); err != nil {
		return err
	}
	return s.marks(ctx, ch)
}

func (s *Service) announce(ctx context.Context, c *Case, action Action) {
	if s.Acted == nil {
		return
	}
	done := Done{CaseNo: c.CaseNo, Action: action, Version: c.Version}
	if a := actor.From(ctx); a.Kind == actor.Staff {
		done.AccountID = a.AccountID
	}
	s.DB.AfterCommit(ctx, func() { s.Acted(done) })
}

func (s *Service) insertInOrder(ctx context.Context, stmts []db.Stmt) error {
	if err := s.DB.InsertAll(ctx, stmts...); err != nil {
		return fmt.Errorf("record the act: %w", err)
	}
	return nil
}

// changing are the columns that acts may touch; receipt facts are not among them.
var changing = []string{"status", "resume_status", "track", "matter_id", "matter_version", "unit_id", "handler_id", "accepted_at", "dispatched_at",
	"signed_in_at", "contacted_at", "contacted_on", "replied_at", "concluded_at", "concluded_on", "outcome", "conclusion_no",
	"returned_count", "rework_count", "appealed", "appeal_declined", "code_generation", "event_count", "version", "updated_at", "handling_limit", "due_at", "due_on", "due_provisional", "calendar_version",
	"merged_into_id", "merged_count", "duplicate", "joint_open", "parts_open",
	"suspended_at", "suspended_until", "suspension", "extension_asked", "extension_by_id", "extension_as_id", "extension_count",
	"grade", "rectify", "rectify_due_at",
	"objection", "objection_reason", "proposed_id", "ruler_id", "bound_unit_id", "supervised_due", "reopened_count", "archive_at", "due_fixed"}

func (s *Service) addEvent(ctx context.Context, ch *change, action Action) error {
	data, err := json.Marshal(ch.data)
	if err != nil {
		return fmt.Errorf("write the event: %w", err)
	}
	text, cipher, err := s.sealed(ctx, ch.c, purposeEvent, ch.text)
	if err != nil {
		return err
	}
	a := actor.From(ctx)
	event := db.Insert("case_events", eventColumns, ch.eventID, ch.c.ID, ch.c.EventCount, ch.now, action, ch.from, ch.to,
		a.Kind, db.Ref(a.AccountID), db.Ref(a.AsAccountID), db.Ref(ch.unitID), ch.public, text, cipher, string(data))
	ch.stmts = append([]db.Stmt{event}, ch.stmts...)
	return nil
}

// queueUp moves the case between queues: a new lead unit takes over, the old
// one keeps it among its past cases; ended cases leave every queue.
func (s *Service) queueUp(ctx context.Context, ch *change) error {
	c := ch.c
	tx := s.DB.From(ctx)
	isOpen := !ch.to.Ended() || ch.leadDecides || c.Rectify.Owed() && !c.Appealed // an appeal is decided first
	if ch.moved != nil && ch.moved.ID != ch.lead.UnitID {
		if err := tx.Exec("UPDATE case_units SET role = 'past', open = ? WHERE case_id = ? AND role = 'lead'", false, c.ID).Error; err != nil {
			return fmt.Errorf("release the former unit: %w", err)
		}
		if err := tx.Exec("DELETE FROM case_units WHERE case_id = ? AND unit_id = ?", c.ID, ch.moved.ID).Error; err != nil {
			return fmt.Errorf("prepare the new unit's queue: %w", err)
		}
		row := unitRow(c, ch.moved, "lead", isOpen)
		if err := tx.Exec(row.SQL, row.Args...).Error; err != nil {
			return fmt.Errorf("queue the case at its new unit: %w", err)
		}
		return nil
	}
	err := tx.Exec(`UPDATE case_units SET open = ?, status = ?, handler_id = ?, queue_at = ?, due_at = ?, priority = ?, waiting = ?
 WHERE case_id = ? AND role = 'lead'`, isOpen, c.Status, c.HandlerID, queueAt(c), c.DueAt, priority(c), c.SuspendedAt != nil, c.ID).Error
	if err == nil && ch.was.JointOpen > 0 {
		err = tx.Exec("UPDATE case_units SET status = ? WHERE case_id = ? AND role = 'joint' AND open", c.Status, c.ID).Error
	}
	if err != nil {
		return fmt.Errorf("update the queue: %w", err)
	}
	return nil
}

// say adds a message of the conversation; it belongs to this event.
func (ch *change) say(ctx context.Context, direction, kind, text string, published bool) error {
	plain, cipher, err := ch.s.sealed(ctx, ch.c, purposeMessage, text)
	if err != nil {
		return err
	}
	a := actor.From(ctx)
	ch.stmts = append(ch.stmts, db.Insert("case_messages", "id, case_id, event_id, at, direction, kind, published, account_id, unit_id, text, text_cipher",
		db.NewID(ch.now), ch.c.ID, ch.eventID, ch.now, direction, kind, published, db.Ref(a.AccountID), db.Ref(ch.unitID), plain, cipher))
	return nil
}

// contacted notes the first time that a person heard from a human.
func (ch *change) contacted() {
	if ch.c.ContactedAt == nil {
		ch.c.ContactedAt, ch.c.ContactedOn = &ch.now, &ch.today
	}
}
