package cases

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"minqing/internal/access"
	"minqing/internal/actor"
	"minqing/internal/audit"
	"minqing/internal/catalogue"
	"minqing/internal/clocks"
	"minqing/internal/db"
	"minqing/internal/fault"
	"minqing/internal/jobs"
	"minqing/internal/text"
)

// Split makes a case of its own out of a part of another (子單): a unit handles it
// from its sign-in to its conclusion, with a clock of its own, and the case that it
// was split from waits for it. The citizen sees only that one.
type Split struct {
	UnitCode string
	Title    string
	Task     string
	Days     string // working days, as typed; empty: the usual
}

// titleMost is the longest title of a part, in characters.
const titleMost = 100

// Action names the act.
func (Split) Action() Action { return ActSplit }

// Validate checks what was typed.
func (p Split) Validate() error {
	var c fault.Check
	c.That(p.UnitCode != "", "unit_code", "case.unit.required")
	c.That(text.Line(p.Title) != "", "title", "case.text.required")
	c.That(len([]rune(p.Title)) <= titleMost, "title", "case.text.long", "Max", titleMost)
	checkText(&c, "text", p.Task)
	c.That(p.Days == "" || (AddJoint{Days: p.Days}).days() > 0, "days", "case.joint.days.invalid", "Max", jointDaysMost)
	return c.Err()
}

func (p Split) apply(ctx context.Context, ch *change) error {
	if ch.c.ParentID != nil {
		return ch.refuse("case.split.part", ActSplit)
	}
	u, err := ch.asked(ctx, p.UnitCode)
	if err != nil {
		return err
	}
	child, err := ch.newPart(ctx, u, p)
	if err != nil {
		return err
	}
	ch.c.PartsOpen++
	ch.unitID, ch.text = u.ID, p.Task
	ch.data["unit"], ch.data["case"] = u.Code, child.CaseNo
	ch.note("part", "", child.CaseNo)
	return nil
}

// newPart stores the part, dispatched to its unit, with its clocks. Who asked is
// nothing that its unit needs; whom the case complains about is.
func (ch *change) newPart(ctx context.Context, u *catalogue.Unit, p Split) (*Case, error) {
	s, from := ch.s, ch.c
	no, err := s.nextNumber(ctx, ch.today.Year())
	if err != nil {
		return nil, err
	}
	cal, err := s.Clocks.Of(ch.snap, u)
	if err != nil {
		return nil, err
	}
	limit, err := ch.jointLimit(p.Days)
	if err != nil {
		return nil, err
	}
	due := clocks.Count(cal, clocks.Clock{StartedAt: ch.now, TimeLimit: limit})
	if from.DueAt != nil && ch.now.Before(*from.DueAt) && from.DueAt.Before(due.Due) {
		if p.Days != "" {
			return nil, fault.InvalidInput(fault.Field{Name: "days", Key: "case.joint.days.late"})
		}
		due.Due, due.On = *from.DueAt, *from.DueOn
	}
	child := &Case{ID: db.NewID(ch.now), CaseNo: no, Track: from.Track, Kind: from.Kind, Status: Dispatched, Confidentiality: from.Confidentiality,
		Channel: from.Channel, Locale: from.Locale, MatterID: from.MatterID, MatterVersion: from.MatterVersion, UnitID: u.ID, DistrictID: from.DistrictID,
		Title: text.Line(p.Title), Description: text.Lines(p.Task), Answers: "{}", Lat: from.Lat, Lng: from.Lng, Urgent: from.Urgent, RouteUnitID: &u.ID,
		HandlingLimit: limit, ReceivedAt: ch.now, ReceivedOn: ch.today, DueAt: &due.Due, DueOn: &due.On, DueProvisional: due.Provisional,
		CalendarVersion: cal.ID(), EventCount: 1, CodeGeneration: 1, CodeKey: s.Vault.CurrentKey(), Version: 1, CreatedAt: ch.now, UpdatedAt: ch.now}
	b := &built{c: child}
	address, err := s.Vault.Open(ctx, purposeAddress, from.AddressCipher)
	if err != nil {
		return nil, err
	}
	if _, err := s.sealTexts(b, Filing{Confidentiality: child.Confidentiality, Location: Location{Address: string(address)}}); err != nil {
		return nil, err
	}
	rules := child.clockRules(ch.snap)
	end := clocks.Armed(cal, rules, clocks.Clock{CaseID: child.ID, Kind: clocks.Conclusion, No: 1, TimeLimit: limit, CalendarVersion: cal.ID(),
		StartedAt: ch.now, DueAt: &due.Due, State: clocks.Running}, ch.now)
	sign := clocks.Begun(cal, rules, clocks.SignIn, s.Clocks.SignInLimit(ch.snap, ch.matter, child.Urgent, ch.today), ch.now)
	sign.CaseID = child.ID
	b.stmts = append(b.stmts, child.insert(), unitRow(child, u, "lead", true), clocks.Insert(sign, end))
	if lead, err := ch.snap.Unit(ch.lead.UnitID); err == nil {
		b.stmts = append(b.stmts, unitRow(child, lead, "past", false)) // reads what becomes of it
	}
	data, err := json.Marshal(map[string]any{"case": from.CaseNo, "unit": u.Code})
	if err != nil {
		return nil, fmt.Errorf("write the event: %w", err)
	}
	a := actor.From(ctx)
	b.stmts = append(b.stmts, db.Insert("case_events", eventColumns, db.NewID(ch.now), child.ID, 1, ch.now, ActFile, "", child.Status,
		a.Kind, db.Ref(a.AccountID), db.Ref(a.AsAccountID), u.ID, false, "", nil, string(data)))
	row, err := s.Audit.Prepare(ctx, audit.Entry{Action: "case.file", Kind: "case", ID: no, Fields: []audit.Change{
		{Field: "part_of", After: from.CaseNo}, {Field: "unit", After: u.Code}}})
	if err != nil {
		return nil, err
	}
	b.stmts = append(b.stmts, db.Stmt{SQL: audit.Insert, Args: row.Args()})
	ch.after = append(ch.after, func(ctx context.Context) error { return ch.storePart(ctx, b) })
	return child, nil
}

func (ch *change) storePart(ctx context.Context, b *built) error {
	if err := ch.s.insertInOrder(ctx, b.stmts); err != nil {
		return err
	}
	tx := ch.s.DB.From(ctx)
	err := tx.Exec("UPDATE cases SET parent_id = ?, accepted_at = ?, dispatched_at = ? WHERE id = ?", ch.c.ID, ch.now, ch.now, b.c.ID).Error
	if err != nil {
		return fmt.Errorf("put a part below its case: %w", err)
	}
	if err := ch.s.Jobs.Add(ctx, Heard{CaseID: b.c.ID, EventID: db.NewID(ch.now), About: HearPart}, jobs.MaxAttempts(12)); err != nil {
		return err
	}
	var about []string
	if err := tx.Raw("SELECT DISTINCT unit_id FROM case_parties WHERE case_id = ? AND role = 'subject' AND unit_id IS NOT NULL", ch.c.ID).Scan(&about).Error; err != nil {
		return fmt.Errorf("read whom the case is about: %w", err)
	}
	for _, id := range about {
		row := db.Insert("case_parties", "id, case_id, role, unit_id, relation", db.NewID(ch.now), b.c.ID, RoleSubject, id, "")
		if err := tx.Exec(row.SQL, row.Args...).Error; err != nil {
			return fmt.Errorf("say whom a part is about: %w", err)
		}
	}
	return ch.copyPeople(ctx, b.c.ID)
}

// copyPeople keeps whom the case is about from its part as well.
func (ch *change) copyPeople(ctx context.Context, partID string) error {
	named, err := ch.s.named(ctx, ch.c.ID)
	if err != nil {
		return err
	}
	for _, account := range named {
		row := db.Insert("case_parties", "id, case_id, role, account_id, relation", db.NewID(ch.now), partID, RoleSubject, account, "")
		if err := ch.s.DB.From(ctx).Exec(row.SQL, row.Args...).Error; err != nil {
			return fmt.Errorf("say whom a part is about: %w", err)
		}
	}
	return nil
}

// RecallPart ends a part that is not needed any more.
type RecallPart struct {
	CaseNo string
	Reason string
}

// Action names the act.
func (RecallPart) Action() Action { return ActRecallPart }

// Validate checks what was typed.
func (r RecallPart) Validate() error {
	var c fault.Check
	c.That(r.CaseNo != "", "part", "case.part.required")
	checkText(&c, "explanation", r.Reason)
	return c.Err()
}

func (r RecallPart) apply(ctx context.Context, ch *change) error {
	part, err := ch.s.find(ctx, r.CaseNo)
	if err != nil && fault.KindOf(err) != fault.NotFound {
		return err
	}
	if err != nil || part.ParentID == nil || *part.ParentID != ch.c.ID || part.Status.Ended() {
		return fault.InvalidInput(fault.Field{Name: "part", Key: "case.part.unknown"})
	}
	ch.c.PartsOpen--
	ch.text, ch.data["case"] = r.Reason, part.CaseNo
	ch.note("part", part.CaseNo, "recalled")
	ch.after = append(ch.after, func(ctx context.Context) error { return ch.s.recall(ctx, part, r.Reason) })
	return nil
}

// recall ends a part as withdrawn.
func (s *Service) recall(ctx context.Context, part *Case, reason string) error {
	units, err := s.unitsOf(ctx, part.ID)
	if err != nil {
		return err
	}
	f, err := s.begin(ctx, part, units, &Transition{Action: ActRecallPart, To: Withdrawn})
	if err != nil {
		return err
	}
	f.text = reason
	part.settleTime()
	if err := f.letGo(ctx); err != nil {
		return err
	}
	return s.store(ctx, f, ActRecallPart)
}

// bindParts tells a case that a part of it has ended, or is handled again, and
// ends the parts of a case that is over.
func (s *Service) bindParts(ctx context.Context, ch *change) error {
	ended, again := ch.to.Ended() && !ch.from.Ended(), ch.from.Ended() && !ch.to.Ended()
	if ch.c.ParentID != nil && (ended || again) {
		return s.tellParent(ctx, ch, ended)
	}
	if ch.c.PartsOpen == 0 || !ended {
		return nil
	}
	var list []Case
	if err := s.DB.From(ctx).Where("parent_id = ? AND status IN ?", ch.c.ID, open).Order("id").Find(&list).Error; err != nil {
		return fmt.Errorf("read the parts of a case: %w", db.Fault(err, "", ""))
	}
	for i := range list {
		if err := s.recall(actor.AsSystem(ctx, "case.part"), &list[i], ""); err != nil {
			return err
		}
	}
	ch.c.PartsOpen = 0
	if err := s.DB.From(ctx).Exec("UPDATE cases SET parts_open = 0 WHERE id = ?", ch.c.ID).Error; err != nil {
		return fmt.Errorf("end the parts of a case: %w", err)
	}
	return nil
}

func (s *Service) tellParent(ctx context.Context, ch *change, ended bool) error {
	// Parts that end at once wait for each other here, and each then counts.
	if err := s.DB.From(ctx).Exec("UPDATE cases SET version = version WHERE id = ?", *ch.c.ParentID).Error; err != nil {
		return fmt.Errorf("take the case of a part: %w", err)
	}
	parent, err := s.byID(ctx, *ch.c.ParentID)
	if err != nil {
		return err
	}
	if !ended && parent.Status.Ended() {
		return fault.New(fault.Conflict, "case.part.over")
	}
	units, err := s.unitsOf(ctx, parent.ID)
	if err != nil {
		return err
	}
	p, err := s.begin(ctx, parent, units, &Transition{Action: ActPartEnded})
	if err != nil {
		return err
	}
	p.data["case"] = ch.c.CaseNo
	p.unitID = ch.c.UnitID
	action := actPartAgain
	parent.PartsOpen++
	if ended {
		action = ActPartEnded
		parent.PartsOpen -= 2
		p.tell = true
		p.data["outcome"] = ch.c.Outcome
		if p.text, err = s.lastReply(ctx, ch.c.ID); err != nil {
			return err
		}
	}
	return s.store(ctx, p, action)
}

// What the event of a case is called when a part of it has ended, or is handled
// again: nobody does these by a form.
const (
	ActPartEnded Action = "part_ended"
	actPartAgain Action = "part_again"
)

// Piece is a part as its case shows it.
type Piece struct {
	Item
	Answer string
}

// PartsBelow are the parts of a case that the actor may read, the oldest first.
func (s *Service) PartsBelow(ctx context.Context, c *Case) ([]Piece, error) {
	if c.ParentID != nil {
		return nil, nil
	}
	var ids []string
	if err := s.DB.Reader(ctx).Raw("SELECT id FROM cases WHERE parent_id = ? ORDER BY id", c.ID).Scan(&ids).Error; err != nil {
		return nil, fmt.Errorf("read the parts of a case: %w", db.Fault(err, "", ""))
	}
	items, err := s.items(ctx, ids)
	if err != nil {
		return nil, err
	}
	var list []Piece
	for i := range items {
		if _, _, err := s.loadFor(ctx, items[i].CaseNo, access.CaseRead); err != nil {
			if k := fault.KindOf(err); k != fault.NotFound && k != fault.Forbidden {
				return nil, err
			}
			continue
		}
		p := Piece{Item: items[i]}
		if p.ConcludedAt != nil {
			if p.Answer, err = s.lastReply(ctx, p.ID); err != nil {
				return nil, err
			}
		}
		list = append(list, p)
	}
	return list, nil
}

// ParentNo is the number of the case that this one is a part of; empty for none,
// and to those whom that case complains about.
func (s *Service) ParentNo(ctx context.Context, c *Case) (string, error) {
	if c.ParentID == nil {
		return "", nil
	}
	numbers, err := s.numbersOf(ctx, []string{*c.ParentID}, "", nil)
	if err != nil {
		return "", err
	}
	if _, _, err := s.loadFor(ctx, numbers[*c.ParentID], access.CaseRead); errors.Is(err, errInterested) {
		return "", nil
	}
	return numbers[*c.ParentID], nil
}
