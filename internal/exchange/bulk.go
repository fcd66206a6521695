package exchange

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"minqing/internal/actor"
	"minqing/internal/calendar"
	"minqing/internal/cases"
	"minqing/internal/catalogue"
	"minqing/internal/db"
	"minqing/internal/vault"
)

// chunk is how many rows one INSERT takes: few enough that the statement is
// prepared once and used again, many enough that round trips do not count.
const chunk = 100

// table gathers rows for INSERTs of many rows.
type table struct {
	head string // up to VALUES
	rows [][]any
}

func into(name, columns string) *table {
	return &table{head: "INSERT INTO " + name + " (" + columns + ") VALUES "}
}

func (t *table) add(values ...any) { t.rows = append(t.rows, values) }

func (t *table) write(ctx context.Context, d *db.DB) error {
	for len(t.rows) > 0 {
		width := len(t.rows[0])
		n := min(len(t.rows), chunk)
		args := make([]any, 0, n*width)
		for _, row := range t.rows[:n] {
			args = append(args, row...)
		}
		if _, err := d.SQLTx(ctx).ExecContext(ctx, t.head+marks(d.Engine(), n, width), args...); err != nil {
			return fmt.Errorf("%s…: %w", t.head[:strings.IndexByte(t.head, '(')], err)
		}
		t.rows = t.rows[n:]
	}
	return nil
}

// marks are the placeholders of n rows, as the engine's own driver writes them:
// building each statement through gorm cost more than storing the rows.
func marks(engine db.Engine, n, width int) string {
	var b strings.Builder
	for i := range n * width {
		switch {
		case i > 0 && i%width == 0:
			b.WriteString("), (")
		case i == 0:
			b.WriteByte('(')
		default:
			b.WriteString(", ")
		}
		if engine == db.PostgreSQL {
			b.WriteString("$" + strconv.Itoa(i+1))
		} else {
			b.WriteByte('?')
		}
	}
	b.WriteByte(')')
	return b.String()
}

// bulk is a batch of cases with their lives, table by table.
type bulk struct {
	s                                    *Service
	m                                    *Mapping
	data                                 string
	who                                  actor.Actor
	now                                  time.Time
	keys, cases, units, events, messages *table
}

func (s *Service) newBulk(ctx context.Context, m *Mapping, importID string) (*bulk, error) {
	data, err := json.Marshal(map[string]string{"import": importID})
	if err != nil {
		return nil, fmt.Errorf("write the event: %w", err)
	}
	return &bulk{s: s, m: m, data: string(data), who: actor.From(ctx), now: s.Now().UTC().Truncate(time.Microsecond),
		keys: &table{head: vault.InsertKey[:strings.Index(vault.InsertKey, "(?")]},
		cases: into("cases", `id, case_no, track, kind, status, confidentiality, channel, locale, matter_id, matter_version, unit_id,
 title, description, vault_key_id, address_cipher, lat, lng, received_at, received_on, due_at, due_on, due_fixed,
 accepted_at, dispatched_at, contacted_at, contacted_on, replied_at, concluded_at, concluded_on, outcome, conclusion_no,
 event_count, code_generation, code_key, source, source_id, version, created_at, updated_at`),
		units:    into("case_units", "case_id, unit_id, role, unit_path, open, priority, queue_at, status, due_at, since"),
		events:   into("case_events", "id, case_id, seq, at, action, from_status, to_status, actor_kind, unit_id, public, text, data"),
		messages: into("case_messages", "id, case_id, event_id, at, direction, kind, published, unit_id, text")}, nil
}

func (b *bulk) write(ctx context.Context) error {
	for _, t := range []*table{b.keys, b.cases, b.units, b.events, b.messages} {
		if err := t.write(ctx, b.s.DB); err != nil {
			return err
		}
	}
	return nil
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
		b.keys.add(row.Args()...)
	}
	on := calendar.DateOf(r.received, b.m.zone)
	updated, events, conclusions := r.received, 1, 0
	if r.reply != "" {
		updated, events = *r.replied, events+1
	}
	if r.concluded != nil {
		updated, events, conclusions = *r.concluded, events+1, 1
	}
	b.cases.add(id, b.s.Cases.MakeNumber(on.Year(), seq), catalogue.TrackHotline, r.kind, status, cases.Normal, r.channel, b.m.Locale,
		db.Ref(r.caseMatter), r.matterVersion, r.caseUnit, r.title, r.description, keyID, address, r.lat, r.lng,
		r.received, on, r.due, b.day(r.due), r.due != nil, r.received, r.received, r.replied, b.day(r.replied), r.replied,
		r.concluded, b.day(r.concluded), r.outcome, conclusions, events, 1, b.s.Vault.CurrentKey(), b.m.Source, r.sourceID, 1, b.now, updated)
	queue := cases.NoDue
	if r.due != nil {
		queue = *r.due
	}
	b.units.add(id, r.caseUnit, "lead", r.unitPath, !status.Ended(), 1, queue, status, r.due, r.received)
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
		b.events.add(eventID, id, seq, at, act, from, to, b.who.Kind, r.caseUnit, true, text, b.data)
		return eventID
	}
	status, seq := cases.Dispatched, 1
	event(seq, r.received, cases.ActFile, "", status)
	if r.reply != "" {
		seq++
		said := event(seq, *r.replied, cases.ActReply, status, cases.Replied)
		status = cases.Replied
		b.messages.add(db.NewID(*r.replied), id, said, *r.replied, "out", "reply", true, r.caseUnit, r.reply)
	}
	if r.concluded != nil {
		seq++
		event(seq, *r.concluded, cases.ActConclude, status, cases.Concluded)
		status = cases.Concluded
	}
	return status
}
