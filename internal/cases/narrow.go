package cases

import (
	"context"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"minqing/internal/calendar"
	"minqing/internal/catalogue"
	"minqing/internal/db"
	"minqing/internal/fault"
	"minqing/internal/place"
)

// Narrowing is what a list of cases may be narrowed by besides what the inbox
// has. A field stands for all of its matters, a district for all within it. Days
// are local, both ends included.
type Narrowing struct {
	Matter, Field, District, Channel string // codes
	ReceivedFrom, ReceivedTo         *calendar.Date
	DueFrom, DueTo                   *calendar.Date
}

// Any says whether it asks for anything.
func (n Narrowing) Any() bool { return n != Narrowing{} }

// Channels lists every way by which a case comes in.
var Channels = []string{ChannelWeb, ChannelPhone, ChannelCounter, ChannelEmail, ChannelAPI, ChannelImport}

// condition is SQL over cases c.
type condition struct {
	where string
	args  []any
}

// shownMost is how much of an unknown code an error repeats, in characters.
const shownMost = 40

// asks gives the conditions of a narrowing, or names what there is none of.
func (n Narrowing) asks(snap *catalogue.Snapshot, areas *place.Map) ([]condition, error) {
	var list []condition
	var wrong []fault.Field
	unknown := func(name, value string) {
		if runes := []rune(value); utf8.RuneCountInString(value) > shownMost {
			value = string(runes[:shownMost]) + "…"
		}
		wrong = append(wrong, fault.Field{Name: name, Key: "case.narrow." + name, Args: map[string]any{"Value": value}})
	}
	add := func(where string, args ...any) { list = append(list, condition{where, args}) }
	if n.Matter != "" {
		if m, err := snap.Matter(n.Matter); err == nil {
			add("c.matter_id = ?", m.ID)
		} else {
			unknown("matter", n.Matter)
		}
	}
	if n.Field != "" {
		if ids, known := mattersOf(snap, n.Field); known {
			add("c.matter_id IN ?", ids)
		} else {
			unknown("field", n.Field)
		}
	}
	if n.District != "" {
		if ids := within(areas, n.District); len(ids) > 0 {
			add("c.district_id IN ?", ids)
		} else {
			unknown("district", n.District)
		}
	}
	if n.Channel != "" {
		if slices.Contains(Channels, n.Channel) {
			add("c.channel = ?", n.Channel)
		} else {
			unknown("channel", n.Channel)
		}
	}
	if n.ReceivedFrom != nil && n.ReceivedTo != nil && *n.ReceivedTo < *n.ReceivedFrom {
		wrong = append(wrong, fault.Field{Name: "received_to", Key: "case.narrow.order"})
	}
	if n.DueFrom != nil && n.DueTo != nil && *n.DueTo < *n.DueFrom {
		wrong = append(wrong, fault.Field{Name: "due_to", Key: "case.narrow.order"})
	}
	if len(wrong) > 0 {
		return nil, fault.InvalidInput(wrong...)
	}
	return append(list, n.days()...), nil
}

// days are the conditions on days. Ids are minted from the receipt, so that the
// days of it are a stretch of the key: one day more at each end, for local days.
func (n Narrowing) days() []condition {
	var list []condition
	add := func(where string, args ...any) { list = append(list, condition{where, args}) }
	if d := n.ReceivedFrom; d != nil {
		add("c.id >= ? AND c.received_on >= ?", db.FirstID(d.Add(-1).Start(time.UTC)), *d)
	}
	if d := n.ReceivedTo; d != nil {
		add("c.id < ? AND c.received_on <= ?", db.FirstID(d.Add(2).Start(time.UTC)), *d)
	}
	if d := n.DueFrom; d != nil {
		add("c.due_on >= ?", *d)
	}
	if d := n.DueTo; d != nil {
		add("c.due_on <= ?", *d)
	}
	return list
}

// mattersOf are the matters that a field has or had; one without any finds nothing.
func mattersOf(snap *catalogue.Snapshot, field string) (ids []string, known bool) {
	f, err := snap.Field(field)
	if err != nil {
		return nil, false
	}
	ids = []string{noID}
	for _, m := range snap.Matters {
		if m.FieldID == f.ID {
			ids = append(ids, m.ID)
		}
	}
	return ids, true
}

// noID is the id of nothing.
const noID = "00000000-0000-0000-0000-000000000000"

// within is a district with all that lies in it.
func within(areas *place.Map, code string) []string {
	d, err := areas.District(code)
	if err != nil {
		return nil
	}
	var ids []string
	for _, one := range areas.Districts {
		if slices.Contains(areas.Chain(one), d) {
			ids = append(ids, one.ID)
		}
	}
	return ids
}

// narrowings are the conditions that a filter asks beyond those of a queue.
func (s *Service) narrowings(ctx context.Context, f Filter, snap *catalogue.Snapshot) ([]condition, error) {
	if !f.Any() {
		return nil, nil
	}
	areas, err := s.Places.Map(ctx)
	if err != nil {
		return nil, err
	}
	return f.asks(snap, areas)
}

// also adds them to a search or a list of cases.
func (q *search) also(list []condition) {
	for _, one := range list {
		q.where, q.args = one.where+" AND "+q.where, append(slices.Clone(one.args), q.args...)
	}
}

// inQueue is the same for the queue, whose rows know only the case's id.
func inQueue(list []condition) (string, []any) {
	if len(list) == 0 {
		return "", nil
	}
	parts, args := make([]string, len(list)), []any(nil)
	for i, one := range list {
		parts[i], args = one.where, append(args, one.args...)
	}
	return "EXISTS (SELECT 1 FROM cases c WHERE c.id = cu.case_id AND " + strings.Join(parts, " AND ") + ")", args
}
