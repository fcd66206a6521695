package exchange

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"minqing/internal/cases"
)

const textMost = 100_000 // characters of a description or reply; more is not a message

// record is a row of the file, understood.
type record struct {
	sourceID                       string
	kind                           cases.Kind
	channel                        string
	outcome                        cases.Outcome
	title, description             string
	reply, address                 string
	unit, section, field, matter   string
	received                       time.Time
	due, replied, concluded        *time.Time
	lat, lng                       *float64
	caseUnit, caseMatter, unitPath string
	matterVersion                  int64
}

// convert reads a row; an error says in one line why it cannot be imported.
func (m *Mapping) convert(row []string) (*record, error) {
	for _, value := range row {
		if !utf8.ValidString(value) || strings.ContainsRune(value, 0) {
			return nil, errors.New("the text is not valid UTF-8")
		}
	}
	r := &record{}
	c := &m.Columns
	var status, kind, outcome string
	for _, v := range []struct {
		name string
		from *Column
		into *string
	}{
		{"source_id", &c.SourceID, &r.sourceID}, {"status", &c.Status, &status}, {"kind", &c.Kind, &kind}, {"channel", &c.Channel, &r.channel},
		{"outcome", &c.Outcome, &outcome}, {"title", &c.Title, &r.title}, {"description", &c.Description, &r.description}, {"reply", &c.Reply, &r.reply},
		{"address", &c.Address, &r.address}, {"unit", &c.Unit, &r.unit}, {"section", &c.Section, &r.section},
		{"field", &c.Field, &r.field}, {"matter", &c.Matter, &r.matter},
	} {
		var ok bool
		if *v.into, ok = v.from.read(row); !ok {
			return nil, fmt.Errorf("%s: the mapping has no value for what stands here", v.name)
		}
	}
	if err := r.texts(); err != nil {
		return nil, err
	}
	var ok bool
	if r.kind, ok = kindOf(kind); !ok {
		return nil, errors.New("kind: no such kind")
	}
	r.outcome = cases.Outcome(outcome)
	if outcome != "" && !slices.Contains(cases.Outcomes, r.outcome) {
		return nil, errors.New("outcome: no such outcome")
	}
	if err := m.times(r, row, status); err != nil {
		return nil, err
	}
	return r, m.point(r, row)
}

func (r *record) texts() error {
	if r.channel == "" {
		r.channel = cases.ChannelImport
	}
	if !slices.Contains([]string{cases.ChannelWeb, cases.ChannelAPI, cases.ChannelPhone, cases.ChannelCounter, cases.ChannelImport, cases.ChannelEmail}, r.channel) {
		return errors.New("channel: no such channel")
	}
	if r.sourceID == "" || len(r.sourceID) > 200 {
		return errors.New("source_id: empty or too long")
	}
	if r.title == "" {
		r.title = r.matter
	}
	if r.title == "" {
		return errors.New("title: empty")
	}
	if runes := []rune(r.title); len(runes) > cases.TitleMost {
		r.description = strings.TrimSpace(r.title + "\n\n" + r.description)
		r.title = string(runes[:cases.TitleMost-1]) + "…"
	}
	if r.description == "" {
		r.description = r.title
	}
	if utf8.RuneCountInString(r.description) > textMost || utf8.RuneCountInString(r.reply) > textMost {
		return errors.New("description or reply: too long")
	}
	return nil
}

func (m *Mapping) times(r *record, row []string, status string) error {
	received, err := m.time("received_at", &m.Columns.ReceivedAt, row)
	if err != nil {
		return err
	}
	if received == nil {
		return errors.New("received_at: empty")
	}
	r.received = *received
	if r.due, err = m.time("due_at", &m.Columns.DueAt, row); err != nil {
		return err
	}
	if r.replied, err = m.time("replied_at", &m.Columns.RepliedAt, row); err != nil {
		return err
	}
	if r.concluded, err = m.time("concluded_at", &m.Columns.ConcludedAt, row); err != nil {
		return err
	}
	switch {
	case status != "" && status != "open" && status != "concluded":
		return errors.New("status: must be open or concluded")
	case status == "concluded" && r.concluded == nil:
		return errors.New("concluded_at: empty, but the row is concluded")
	case status == "open" && r.concluded != nil:
		return errors.New("concluded_at: given, but the row is open")
	case r.reply != "" && r.replied == nil:
		return errors.New("replied_at: empty, but there is a reply")
	case m.Reversed == "keep":
		return nil
	case r.concluded != nil && r.concluded.Before(r.received):
		return errors.New("concluded_at: before received_at")
	case r.replied != nil && r.replied.Before(r.received):
		return errors.New("replied_at: before received_at")
	}
	return nil
}

func (m *Mapping) time(name string, c *Column, row []string) (*time.Time, error) {
	value, ok := c.read(row)
	if value == "" && ok {
		return nil, nil
	}
	for _, layout := range m.TimeLayouts {
		if t, err := time.ParseInLocation(layout, value, m.zone); err == nil && t.Year() >= 1970 && t.Year() < 9999 {
			t = t.UTC().Truncate(time.Microsecond)
			return &t, nil
		}
	}
	return nil, fmt.Errorf("%s: not a time in the mapping's layout", name)
}

func (m *Mapping) point(r *record, row []string) error {
	lat, _ := m.Columns.Lat.read(row)
	lng, _ := m.Columns.Lng.read(row)
	if lat == "" && lng == "" {
		return nil
	}
	y, errY := strconv.ParseFloat(lat, 64)
	x, errX := strconv.ParseFloat(lng, 64)
	if errY != nil || errX != nil || math.IsNaN(y) || math.IsNaN(x) || math.Abs(y) > 90 || math.Abs(x) > 180 {
		return errors.New("lat, lng: not a point")
	}
	r.lat, r.lng = &y, &x
	return nil
}
