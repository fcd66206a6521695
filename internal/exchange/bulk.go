package exchange

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"minqing/internal/actor"
	"minqing/internal/calendar"
	"minqing/internal/cases"
	"minqing/internal/catalogue"
	"minqing/internal/clocks"
	"minqing/internal/db"
	"minqing/internal/vault"
)

// bulk is a batch of cases with their lives, table by table.
type bulk struct {
	s    *Service
	m    *Mapping
	data string
	who  actor.Actor
	now  time.Time
	rows *db.Bulk
}

const (
	caseInto = `id, case_no, track, kind, status, confidentiality, channel, locale, matter_id, matter_version, unit_id,
 title, description, vault_key_id, address_cipher, lat, lng, received_at, received_on, due_at, due_on, due_fixed,
 accepted_at, dispatched_at, contacted_at, contacted_on, replied_at, concluded_at, concluded_on, outcome, conclusion_no,
 event_count, code_generation, code_key, source, source_id, version, created_at, updated_at`
	unitInto    = "case_id, unit_id, role, unit_path, open, priority, queue_at, status, due_at, since"
	eventInto   = "id, case_id, seq, at, action, from_status, to_status, actor_kind, unit_id, public, text, data"
	messageInto = "id, case_id, event_id, at, direction, kind, published, unit_id, text"
)

func (s *Service) newBulk(ctx context.Context, m *Mapping, importID string) (*bulk, error) {
	data, err := json.Marshal(map[string]string{"import": importID})
	if err != nil {
		return nil, fmt.Errorf("write the event: %w", err)
	}
	return &bulk{s: s, m: m, data: string(data), who: actor.From(ctx), now: s.Now().UTC().Truncate(time.Microsecond),
		rows: db.NewBulk("vault_keys", "cases", "case_units", "case_events", "case_messages", "case_clocks")}, nil
}

func (b *bulk) day(t *time.Time) *calendar.Date {
	if t == nil {
		return nil
	}
	d := calendar.DateOf(*t, b.m.zone)
	return &d
}

// add makes the rows of one case. Nothing is invented: what the file does not
// say has no event; acceptance and dispatch are implied by the receipt.
func (b *bulk) add(r *record, seq int64) error {
	id := db.NewID(r.received)
	status := b.life(r, id)
	var keyID *string
	var address []byte
	if r.address != "" {
		key, row, err := b.s.Vault.Mint(vault.OwnerCase)
		if err != nil {
			return err
		}
		if address, err = key.Seal("case.address", []byte(r.address)); err != nil {
			return err
		}
		keyID = &row.ID
		b.rows.Add(row.Insert())
	}
	on := calendar.DateOf(r.received, b.m.zone)
	updated, events, conclusions := r.received, 1, 0
	if r.reply != "" {
		updated, events = *r.replied, events+1
	}
	if r.concluded != nil {
		updated, events, conclusions = *r.concluded, events+1, 1
	}
	b.rows.Add(db.Insert("cases", caseInto, id, b.s.Cases.MakeNumber(on.Year(), seq), catalogue.TrackHotline, r.kind, status, cases.Normal, r.channel, b.m.Locale,
		db.Ref(r.caseMatter), r.matterVersion, r.caseUnit, r.title, r.description, keyID, address, r.lat, r.lng,
		r.received, on, r.due, b.day(r.due), r.due != nil, r.received, r.received, r.replied, b.day(r.replied), r.replied,
		r.concluded, b.day(r.concluded), r.outcome, conclusions, events, 1, b.s.Vault.CurrentKey(), b.m.Source, r.sourceID, 1, b.now, updated))
	queue := cases.NoDue
	if r.due != nil {
		queue = *r.due
	}
	b.rows.Add(db.Insert("case_units", unitInto, id, r.caseUnit, "lead", r.unitPath, !status.Ended(), 1, queue, status, r.due, r.received))
	if r.due != nil {
		k, err := b.s.Cases.ImportedClock(id, r.received, *r.due, r.concluded)
		if err != nil {
			return err
		}
		b.rows.Add(clocks.Whole(k))
	}
	return nil
}

// life writes the events and gives the status that they lead to.
func (b *bulk) life(r *record, id string) cases.Status {
	event := func(seq int, at time.Time, act cases.Action, from, to cases.Status) string {
		eventID := db.NewID(at)
		text := ""
		if act == cases.ActReply {
			text = r.reply
		}
		b.rows.Add(db.Insert("case_events", eventInto, eventID, id, seq, at, act, from, to, b.who.Kind, r.caseUnit, true, text, b.data))
		return eventID
	}
	status, seq := cases.Dispatched, 1
	event(seq, r.received, cases.ActFile, "", status)
	if r.reply != "" {
		seq++
		said := event(seq, *r.replied, cases.ActReply, status, cases.Replied)
		status = cases.Replied
		b.rows.Add(db.Insert("case_messages", messageInto, db.NewID(*r.replied), id, said, *r.replied, "out", "reply", true, r.caseUnit, r.reply))
	}
	if r.concluded != nil {
		seq++
		event(seq, *r.concluded, cases.ActConclude, status, cases.Concluded)
		status = cases.Concluded
	}
	return status
}
