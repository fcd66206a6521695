package cases

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"minqing/internal/actor"
	"minqing/internal/catalogue"
	"minqing/internal/clocks"
	"minqing/internal/constituents"
	"minqing/internal/db"
	"minqing/internal/text"
	"minqing/internal/vault"
)

// Life is a case with all that happened to it, for those who load many at
// once. Texts are in the clear here; what must not stand readable is sealed on
// the way in. Who loads answers for it that the events follow the state machine.
type Life struct {
	Case      Case
	Address   string             // as typed; sealed
	Contact   *constituents.Rows // a new constituent that is stored along with the case
	Requester string             // constituent id; empty for anonymous cases
	FiledBy   string             // account id of the clerk who filed
	Units     []LifeUnit
	Events    []LifeEvent
	Messages  []LifeMessage
	Orders    []Order
}

// LifeUnit is a unit that has to do with the case, as its queue sees it.
type LifeUnit struct {
	Unit      *catalogue.Unit
	Role      string
	Open      bool
	Status    Status
	HandlerID *string
	Since     time.Time
}

// LifeEvent is one event; its number is its place in the list.
type LifeEvent struct {
	At        time.Time
	Action    Action
	From, To  Status
	Actor     actor.Kind
	AccountID string
	UnitID    string
	Public    bool
	Text      string
	Data      map[string]any
}

// LifeMessage is a message that belongs to the event at that place in the list.
type LifeMessage struct {
	Event     int
	Direction string
	Kind      string
	Published bool
	AccountID string
	UnitID    string
	Text      string
}

// InsertLives stores whole cases with few statements, in one transaction (an
// open one is joined). The caller records one audit entry for its load; nobody
// is told of anything.
func (s *Service) InsertLives(ctx context.Context, lives []Life) error {
	rows := db.NewBulk(tables...)
	snap, err := s.Catalogue.Snapshot(ctx)
	if err != nil {
		return err
	}
	for i := range lives {
		if err := s.addLife(rows, snap, &lives[i]); err != nil {
			return err
		}
	}
	if err := s.DB.Store(ctx, rows); err != nil {
		return fmt.Errorf("store many cases: %w", db.Fault(err, "", "case.number.taken"))
	}
	return nil
}

// tables is the order in which references allow the rows to be stored.
var tables = []string{"vault_keys", "constituents", "contact_points", "constituent_ids", "constituent_needs", "constituent_relations", "cases", "case_parties", "case_units", "case_events", "case_messages", "case_clocks", "case_orders"}

func (s *Service) addLife(rows *db.Bulk, snap *catalogue.Snapshot, l *Life) error {
	c := &l.Case
	if l.Contact != nil {
		rows.Add(l.Contact.Stmts()...)
	}
	c.Title, c.Description, l.Address = text.Line(c.Title), text.Lines(c.Description), text.Line(l.Address)
	if c.Status == Concluded && !c.Appealed && c.ConcludedAt != nil {
		at := c.ConcludedAt.AddDate(0, 0, clocks.Standard(snap, catalogue.StdArchive, *c.ConcludedOn).Number())
		c.ArchiveAt = &at
	}
	b := &built{c: c}
	key, err := s.sealTexts(b, Filing{Confidentiality: c.Confidentiality, Location: Location{Address: l.Address}})
	if err != nil {
		return err
	}
	rows.Add(b.stmts...)
	rows.Add(c.insertWhole())
	if l.Requester != "" {
		rows.Add(lifeParty(c, RoleRequester, &l.Requester, nil))
	}
	if l.FiledBy != "" {
		rows.Add(lifeParty(c, RoleFiledBy, nil, &l.FiledBy))
	}
	for _, u := range l.Units {
		objection := Deciding("")
		if u.Role == "lead" {
			objection = c.Objection
		}
		rows.Add(db.Insert("case_units", unitColumns+", objection, returned, supervised", c.ID, u.Unit.ID, u.Role, u.Unit.Path, u.Open, priority(c), queueAt(c),
			u.Status, u.HandlerID, c.DueAt, u.Since, c.SuspendedAt != nil && u.Role == "lead", string(objection), c.ReturnedCount > 0, c.SupervisedDue != nil))
	}
	ticking, err := s.lifeClocks(snap, l)
	if err != nil {
		return err
	}
	for _, k := range ticking {
		rows.Add(clocks.Whole(k))
	}
	for i := range l.Orders {
		rows.Add(l.Orders[i].insert())
	}
	return l.addStory(rows, key)
}

func lifeParty(c *Case, role string, constituent, account *string) db.Stmt {
	return db.Insert("case_parties", "id, case_id, role, constituent_id, account_id, relation", db.NewID(c.ReceivedAt), c.ID, role, constituent, account, "")
}

// addStory adds events and messages, their texts sealed where the case is.
func (l *Life) addStory(rows *db.Bulk, key *vault.Key) error {
	c := &l.Case
	seal := func(purpose, said string) (string, []byte, error) {
		said = text.Lines(said)
		if !c.Confidentiality.Sealed() || said == "" {
			return said, nil, nil
		}
		body, err := key.Seal(purpose, []byte(said))
		return "", body, err
	}
	ids := make([]string, len(l.Events))
	for i, e := range l.Events {
		if e.Data == nil {
			e.Data = map[string]any{}
		}
		data, err := json.Marshal(e.Data)
		if err != nil {
			return fmt.Errorf("write an event: %w", err)
		}
		said, cipher, err := seal(purposeEvent, e.Text)
		if err != nil {
			return err
		}
		ids[i] = db.NewID(e.At)
		rows.Add(db.Insert("case_events", eventColumns, ids[i], c.ID, i+1, e.At, e.Action, e.From, e.To, e.Actor,
			db.Ref(e.AccountID), nil, db.Ref(e.UnitID), e.Public, said, cipher, string(data)))
	}
	for _, m := range l.Messages {
		said, cipher, err := seal(purposeMessage, m.Text)
		if err != nil {
			return err
		}
		at := l.Events[m.Event].At
		rows.Add(db.Insert("case_messages", messageColumns, db.NewID(at), c.ID, ids[m.Event], at, m.Direction, m.Kind, m.Published,
			db.Ref(m.AccountID), db.Ref(m.UnitID), said, cipher))
	}
	return nil
}

const messageColumns = "id, case_id, event_id, at, direction, kind, published, account_id, unit_id, text, text_cipher"

const wholeColumns = caseColumns + `, resume_status, handler_id, due_fixed, accepted_at, dispatched_at, signed_in_at,
 contacted_at, contacted_on, replied_at, concluded_at, concluded_on, outcome, conclusion_no, returned_count, rework_count, appealed,
 source, source_id, grade, rectify, rectify_due_at, objection, objection_reason, supervised_due, archive_at,
 suspended_at, suspended_until, suspension, extension_asked, extension_by_id, extension_count`

// insertWhole stores a case with what later acts made of it.
func (c *Case) insertWhole() db.Stmt {
	first := c.insert()
	return db.Insert("cases", wholeColumns, append(first.Args, c.ResumeStatus, c.HandlerID, c.DueFixed, c.AcceptedAt, c.DispatchedAt, c.SignedInAt,
		c.ContactedAt, c.ContactedOn, c.RepliedAt, c.ConcludedAt, c.ConcludedOn, c.Outcome, c.ConclusionNo, c.ReturnedCount,
		c.ReworkCount, c.Appealed, c.Source, c.SourceID, c.Grade, c.Rectify, c.RectifyDueAt, string(c.Objection), c.ObjectionReason, c.SupervisedDue, c.ArchiveAt,
		c.SuspendedAt, c.SuspendedUntil, c.Suspension, c.ExtensionAsked, c.ExtensionByID, c.ExtensionCount)...)
}
