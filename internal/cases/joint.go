package cases

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"minqing/internal/access"
	"minqing/internal/actor"
	"minqing/internal/calendar"
	"minqing/internal/catalogue"
	"minqing/internal/clocks"
	"minqing/internal/db"
	"minqing/internal/fault"
	"minqing/internal/i18n"
)

const jointDaysMost = 90

// How the part of a joint unit stands.
const (
	JointAsked    = "asked"
	JointSignedIn = "signed_in"
	JointAnswered = "answered"
	JointReleased = "released"
)

// Part is what a joint unit was asked to do for a case (會辦).
type Part struct {
	ID           string
	No           int64
	UnitID       string
	State        string
	AskedAt      time.Time
	SignedInAt   *time.Time
	EndedAt      *time.Time
	Task         string
	TaskCipher   []byte
	Answer       string // or why it was released
	AnswerCipher []byte
	DueAt        *time.Time
	ClockState   clocks.State
	Unit         *catalogue.Unit `gorm:"-"`
	Mine         bool            `gorm:"-"` // the actor answers for that unit
}

// Open says that the lead waits for it.
func (p *Part) Open() bool { return p.State == JointAsked || p.State == JointSignedIn }

const (
	purposeTask   = "case.joint.task"
	purposeAnswer = "case.joint.answer"

	readParts = `SELECT j.id, j.no, j.unit_id, j.state, j.asked_at, j.signed_in_at, j.ended_at, j.task, j.task_cipher, j.answer, j.answer_cipher,
 k.due_at, k.state AS clock_state FROM case_joints j LEFT JOIN case_clocks k ON k.case_id = j.case_id AND k.kind = 'joint' AND k.no = j.no WHERE j.case_id = `
)

// parts reads the joint units of a case, in the order in which they were asked.
func (s *Service) parts(ctx context.Context, caseID string) ([]Part, error) {
	var list []Part
	if err := s.DB.From(ctx).Raw(readParts+"? ORDER BY j.no", caseID).Scan(&list).Error; err != nil {
		return nil, fmt.Errorf("read the joint units: %w", db.Fault(err, "", ""))
	}
	return list, nil
}

// Parts shows what joint units were asked and answered to somebody who may read
// the case. A case that never had one is asked nothing of the database.
func (s *Service) Parts(ctx context.Context, v *View) ([]Part, error) {
	if !slices.ContainsFunc(v.Events, func(e Event) bool { return e.Action == ActAddJoint }) {
		return nil, nil
	}
	list, err := s.parts(ctx, v.ID)
	if err != nil {
		return nil, err
	}
	snap, err := s.Catalogue.Snapshot(ctx)
	if err != nil {
		return nil, err
	}
	for i := range list {
		p := &list[i]
		if p.Unit, err = snap.Unit(p.UnitID); err != nil {
			return nil, err
		}
		if p.Task, err = s.opened(ctx, purposeTask, p.Task, p.TaskCipher); err != nil {
			return nil, err
		}
		if p.Answer, err = s.opened(ctx, purposeAnswer, p.Answer, p.AnswerCipher); err != nil {
			return nil, err
		}
		p.Mine = p.Open() && s.Access.CanOn(ctx, access.CaseJointAnswer, access.Object{UnitPaths: []string{v.pathAt(p.Unit)}}) == nil
	}
	return list, nil
}

// AddJoint asks another unit to do a part of the handling. The lead keeps the case
// and the citizen's clock; the unit has a clock of its own.
type AddJoint struct {
	UnitCode string
	Task     string
	Days     string // working days, as typed; empty: the usual
}

// Action names the act.
func (AddJoint) Action() Action { return ActAddJoint }

// Validate checks what was typed.
func (a AddJoint) Validate() error {
	var c fault.Check
	c.That(a.UnitCode != "", "unit_code", "case.unit.required")
	checkText(&c, "text", a.Task)
	c.That(a.Days == "" || a.days() > 0, "days", "case.joint.days.invalid", "Max", jointDaysMost)
	return c.Err()
}

func (a AddJoint) days() int {
	n, err := strconv.Atoi(a.Days)
	if err != nil || n < 1 || n > jointDaysMost {
		return 0
	}
	return n
}

func (a AddJoint) apply(ctx context.Context, ch *change) error {
	u, err := ch.asked(ctx, a.UnitCode)
	if err != nil {
		return err
	}
	list, err := ch.s.parts(ctx, ch.c.ID)
	if err != nil {
		return err
	}
	for i := range list {
		if list[i].UnitID == u.ID && list[i].Open() {
			return unitRefused("case.joint.twice", u, ch.c)
		}
	}
	no := int64(len(list) + 1)
	if err := ch.startJoint(u, no, a); err != nil {
		return err
	}
	task, cipher, err := ch.s.sealed(ctx, ch.c, purposeTask, a.Task)
	if err != nil {
		return err
	}
	ch.stmts = append(ch.stmts, db.Insert("case_joints", "id, case_id, no, unit_id, state, asked_at, asked_by_id, task, task_cipher",
		db.NewID(ch.now), ch.c.ID, no, u.ID, JointAsked, ch.now, db.Ref(actor.From(ctx).AccountID), task, cipher))
	ch.c.JointOpen++
	ch.unitID, ch.text, ch.tell = u.ID, a.Task, true
	ch.data["unit"] = u.Code
	ch.note("joint", "", u.Code)
	return nil
}

func unitRefused(key string, u *catalogue.Unit, c *Case) error {
	return fault.InvalidInput(fault.Field{Name: "unit_code", Key: key, Args: map[string]any{"Unit": u.Name.In(i18n.Lang(c.Locale))}})
}

// asked is a unit that may be asked to take part: as with dispatching, never one
// that the case complains about.
func (ch *change) asked(ctx context.Context, code string) (*catalogue.Unit, error) {
	u, err := ch.snap.UnitOn(code, ch.today)
	if err != nil {
		return nil, fault.InvalidInput(fault.Field{Name: "unit_code", Key: "case.unit.unknown"})
	}
	conflict, err := ch.s.conflict(ctx, ch.c, ch.snap, u)
	if err != nil {
		return nil, err
	}
	receives, err := ch.s.receives(ctx, ch.c, u)
	if err != nil {
		return nil, err
	}
	switch {
	case conflict:
		return nil, unitRefused("case.unit.conflict", u, ch.c)
	case !receives:
		return nil, unitRefused("case.whistle.unit", u, ch.c)
	case u.ID == ch.lead.UnitID:
		return nil, unitRefused("case.joint.lead", u, ch.c)
	}
	for _, one := range ch.units {
		if one.UnitID == u.ID && one.Role == "supervising" && one.Open {
			return nil, unitRefused("case.joint.supervises", u, ch.c)
		}
	}
	return u, nil
}

// jointLimit is how long another unit has for its part: the usual where nobody says.
func (ch *change) jointLimit(days string) (calendar.Limit, error) {
	if days == "" {
		return clocks.Standard(ch.snap, catalogue.StdJoint, ch.today), nil
	}
	limit, err := calendar.NewLimit((AddJoint{Days: days}).days(), calendar.WorkingDays)
	if err != nil {
		return limit, fmt.Errorf("make the limit of a joint unit: %w", err)
	}
	return limit, nil
}

// startJoint starts the unit's clock and puts the case into its queue.
func (ch *change) startJoint(u *catalogue.Unit, no int64, a AddJoint) error {
	cal, err := ch.s.Clocks.Of(ch.snap, u)
	if err != nil {
		return err
	}
	limit, err := ch.jointLimit(a.Days)
	if err != nil {
		return err
	}
	k := clocks.Begun(cal, ch.c.clockRules(ch.snap), clocks.Joint, limit, ch.now)
	if ch.c.DueAt != nil && ch.now.Before(*ch.c.DueAt) && ch.c.DueAt.Before(*k.DueAt) {
		if a.Days != "" {
			return fault.InvalidInput(fault.Field{Name: "days", Key: "case.joint.days.late"})
		}
		due := *ch.c.DueAt // nobody said how long: not longer than the citizen was promised
		k.DueAt = &due
		k = clocks.Armed(cal, ch.c.clockRules(ch.snap), k, ch.now)
	}
	k.CaseID, k.No, k.UnitID = ch.c.ID, no, &u.ID
	ch.stmts = append(ch.stmts, clocks.Whole(k))
	ch.after = append(ch.after, func(ctx context.Context) error {
		tx := ch.s.DB.From(ctx)
		if err := tx.Exec("DELETE FROM case_units WHERE case_id = ? AND unit_id = ? AND role <> 'lead'", ch.c.ID, u.ID).Error; err != nil {
			return fmt.Errorf("prepare the joint unit's queue: %w", err)
		}
		row := unitRow(ch.c, u, "joint", true)
		if err := tx.Exec(row.SQL, row.Args...).Error; err != nil {
			return fmt.Errorf("queue the case at the joint unit: %w", err)
		}
		err := tx.Exec("UPDATE case_units SET queue_at = ?, due_at = ?, handler_id = NULL WHERE case_id = ? AND unit_id = ?", k.DueAt, k.DueAt, ch.c.ID, u.ID).Error
		if err != nil {
			return fmt.Errorf("queue the case at the joint unit: %w", err)
		}
		return nil
	})
	return nil
}

// awaited are the joint units that the lead waits for; with a code, that one of
// them.
func (ch *change) awaited(ctx context.Context, code string) ([]Part, error) {
	list, err := ch.s.parts(ctx, ch.c.ID)
	if err != nil {
		return nil, err
	}
	var open []Part
	for _, p := range list {
		if !p.Open() {
			continue
		}
		if p.Unit, err = ch.snap.Unit(p.UnitID); err != nil {
			return nil, err
		}
		if code == "" || p.Unit.Code == code {
			open = append(open, p)
		}
	}
	return open, nil
}

// own is the one part that the actor does for its unit.
func (ch *change) own(ctx context.Context, v access.Verb, code string) (*Part, error) {
	open, err := ch.awaited(ctx, code)
	if err != nil {
		return nil, err
	}
	var mine []Part
	for _, p := range open {
		err := ch.s.Access.CanOn(ctx, v, access.Object{UnitPaths: []string{ch.c.pathAt(p.Unit)}})
		if err == nil {
			mine = append(mine, p)
		} else if fault.KindOf(err) != fault.Forbidden {
			return nil, err
		}
	}
	switch len(mine) {
	case 0:
		return nil, fault.InvalidInput(fault.Field{Name: "unit_code", Key: "case.joint.none"})
	case 1:
		return &mine[0], nil
	}
	return nil, fault.InvalidInput(fault.Field{Name: "unit_code", Key: "case.unit.required"})
}

// end stops the clock of a part and takes the case out of the unit's queue.
func (ch *change) endPart(ctx context.Context, p *Part, state, said string) error {
	answer, cipher, err := ch.s.sealed(ctx, ch.c, purposeAnswer, said)
	if err != nil {
		return err
	}
	tx := ch.s.DB.From(ctx)
	err = tx.Exec("UPDATE case_joints SET state = ?, ended_at = ?, ended_by_id = ?, answer = ?, answer_cipher = ?, signed_in_at = CASE WHEN ? = 'answered' THEN COALESCE(signed_in_at, ?) ELSE signed_in_at END WHERE id = ?",
		state, ch.now, db.Ref(actor.From(ctx).AccountID), answer, cipher, state, ch.now, p.ID).Error
	if err != nil {
		return fmt.Errorf("end the part of a joint unit: %w", err)
	}
	role, ended := "joint", "CASE WHEN due_at < ? THEN 'late' ELSE 'met' END"
	args := []any{ch.now, ch.now, ch.c.ID, p.No}
	if state == JointReleased {
		role, ended, args = "past", "'dropped'", []any{ch.now, ch.c.ID, p.No}
	}
	err = tx.Exec("UPDATE case_clocks SET stopped_at = ?, warn_at = NULL, warn_level = 0, state = "+ended+
		" WHERE case_id = ? AND kind = 'joint' AND no = ? AND state IN ('running', 'paused')", args...).Error
	if err != nil {
		return fmt.Errorf("stop the clock of a joint unit: %w", err)
	}
	err = tx.Exec("UPDATE case_units SET open = ?, role = ? WHERE case_id = ? AND unit_id = ? AND role = 'joint'", false, role, ch.c.ID, p.UnitID).Error
	if err != nil {
		return fmt.Errorf("take the case out of a joint unit's queue: %w", err)
	}
	ch.c.JointOpen--
	return nil
}

// JointSignIn confirms that a joint unit has its part.
type JointSignIn struct {
	UnitCode string // only for somebody who answers for several of them
}

// Action names the act.
func (JointSignIn) Action() Action { return ActJointSignIn }

// Validate has nothing to check.
func (JointSignIn) Validate() error { return nil }

func (j JointSignIn) apply(ctx context.Context, ch *change) error {
	p, err := ch.own(ctx, access.CaseJointSignIn, j.UnitCode)
	if err != nil {
		return err
	}
	if p.State != JointAsked {
		return fault.New(fault.Conflict, "case.joint.signed_in").With("Possible", without(ch.was.nowNames(), ActJointSignIn))
	}
	err = ch.s.DB.From(ctx).Exec("UPDATE case_joints SET state = ?, signed_in_at = ? WHERE id = ?", JointSignedIn, ch.now, p.ID).Error
	if err != nil {
		return fmt.Errorf("sign a part in: %w", err)
	}
	ch.unitID = p.UnitID
	ch.data["unit"] = p.Unit.Code
	return nil
}

// JointAnswer is what a joint unit tells the lead; the citizen never sees it.
type JointAnswer struct {
	UnitCode string
	Text     string
}

// Action names the act.
func (JointAnswer) Action() Action { return ActJointAnswer }

// Validate checks what was typed.
func (j JointAnswer) Validate() error {
	var c fault.Check
	checkText(&c, "text", j.Text)
	return c.Err()
}

func (j JointAnswer) apply(ctx context.Context, ch *change) error {
	p, err := ch.own(ctx, access.CaseJointAnswer, j.UnitCode)
	if err != nil {
		return err
	}
	if err := ch.endPart(ctx, p, JointAnswered, j.Text); err != nil {
		return err
	}
	ch.unitID, ch.text, ch.tell = p.UnitID, j.Text, true
	ch.data["unit"] = p.Unit.Code
	ch.note("joint", p.Unit.Code, JointAnswered)
	return nil
}

// ReleaseJoint lets a joint unit go that the lead does not need any more.
type ReleaseJoint struct {
	UnitCode string
	Reason   string
}

// Action names the act.
func (ReleaseJoint) Action() Action { return ActReleaseJoint }

// Validate checks what was typed.
func (r ReleaseJoint) Validate() error {
	var c fault.Check
	c.That(r.UnitCode != "", "unit_code", "case.unit.required")
	checkText(&c, "explanation", r.Reason)
	return c.Err()
}

func (r ReleaseJoint) apply(ctx context.Context, ch *change) error {
	open, err := ch.awaited(ctx, r.UnitCode)
	if err != nil {
		return err
	}
	if len(open) == 0 {
		return fault.InvalidInput(fault.Field{Name: "unit_code", Key: "case.joint.none"})
	}
	p := &open[0]
	if err := ch.endPart(ctx, p, JointReleased, r.Reason); err != nil {
		return err
	}
	ch.unitID, ch.text, ch.tell = p.UnitID, r.Reason, true
	ch.data["unit"] = p.Unit.Code
	ch.note("joint", p.Unit.Code, JointReleased)
	return nil
}

// letGo releases joint units because of something else: all of them when the case
// is over, and one that becomes the lead.
func (ch *change) letGo(ctx context.Context) error {
	if ch.c.JointOpen == 0 {
		return nil
	}
	over := ch.to.Ended() && !ch.from.Ended()
	if !over && ch.moved == nil {
		return nil
	}
	open, err := ch.awaited(ctx, "")
	if err != nil {
		return err
	}
	for i := range open {
		if over || open[i].UnitID == ch.moved.ID {
			if err := ch.endPart(ctx, &open[i], JointReleased, ""); err != nil {
				return err
			}
		}
	}
	return nil
}

// Concerned are the accounts that hear of an act inside the house: a joint unit
// that is asked or released, and who handles the case when a unit has answered.
func (s *Service) Concerned(ctx context.Context, t Told) ([]string, error) {
	var found []struct {
		CaseNo    string
		UnitID    *string
		HandlerID *string
		LeadPath  string
		Whistle   bool
	}
	err := s.DB.From(ctx).Raw(`SELECT c.case_no, e.unit_id, c.handler_id, cu.unit_path AS lead_path, c.confidentiality = 'whistle' AS whistle
 FROM case_events e JOIN cases c ON c.id = e.case_id JOIN case_units cu ON cu.case_id = c.id AND cu.role = 'lead' WHERE e.id = ?`, t.EventID).Scan(&found).Error
	if err != nil {
		return nil, fmt.Errorf("read who is concerned: %w", db.Fault(err, "", ""))
	}
	if len(found) == 0 {
		return nil, nil
	}
	f := found[0]
	if t.Action == ActJointAnswer || t.Action == ActPartEnded {
		if f.HandlerID != nil {
			return s.readers(ctx, f.CaseNo, []string{*f.HandlerID})
		}
		who, err := s.Access.Nearest(ctx, access.CaseReply, f.LeadPath)
		if err != nil {
			return nil, err
		}
		return s.readers(ctx, f.CaseNo, who)
	}
	if f.UnitID == nil {
		return nil, nil
	}
	snap, err := s.Catalogue.Snapshot(ctx)
	if err != nil {
		return nil, err
	}
	u, err := snap.Unit(*f.UnitID)
	if err != nil {
		return nil, err
	}
	path := u.Path
	if f.Whistle {
		path = access.Sealed(path)
	}
	who, err := s.Access.Nearest(ctx, access.CaseJointAnswer, path)
	if err != nil {
		return nil, err
	}
	return s.readers(ctx, f.CaseNo, who)
}
