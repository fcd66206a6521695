package permittypes

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/goccy/go-yaml"
	"gorm.io/gorm"

	"minqing/internal/audit"
	"minqing/internal/calendar"
	"minqing/internal/catalogue"
	"minqing/internal/db"
	"minqing/internal/fault"
)

// eventRow is a published version as it stands in life_events.
type eventRow struct {
	ID            string
	Code          string
	Version       int64
	Content       string
	ValidFrom     calendar.Date
	PublishedAt   time.Time
	PublishedByID *string
	WrittenByID   *string
	Reason        string
}

// TableName names the table for gorm.
func (eventRow) TableName() string { return "life_events" }

var errNoEvent = fault.New(fault.NotFound, "bundle.event.missing")

// ReadEvent reads an event from a file. A key that the format does not know is an
// error.
func ReadEvent(from io.Reader) (*Event, error) {
	var e Event
	raw, err := io.ReadAll(from)
	if err == nil {
		err = yaml.NewDecoder(bytes.NewReader(raw), yaml.Strict()).Decode(&e)
	}
	if err != nil {
		return nil, fmt.Errorf("read an event: %w", err)
	}
	return &e, nil
}

// Events are the events in force today that may be begun, by code.
func (s *Service) Events(ctx context.Context) ([]Event, error) {
	var heads []head
	err := s.db.From(ctx).Raw("SELECT code, max(version) AS version FROM life_events WHERE valid_from <= ? GROUP BY code ORDER BY code", s.today()).Scan(&heads).Error
	if err != nil {
		return nil, fmt.Errorf("read the events in force: %w", db.Fault(err, "", ""))
	}
	list := make([]Event, 0, len(heads))
	for _, h := range heads {
		e, err := s.EventVersion(ctx, h.Code, h.Version)
		if err != nil {
			return nil, err
		}
		if !e.Withdrawn {
			list = append(list, *e)
		}
	}
	return list, nil
}

// Event is the version in force today; NotFound where nobody may begin it.
func (s *Service) Event(ctx context.Context, code string) (*Event, error) {
	list, err := s.Events(ctx)
	if err != nil {
		return nil, err
	}
	for i := range list {
		if list[i].Code == code {
			return &list[i], nil
		}
	}
	return nil, errNoEvent
}

// EventVersion is a version whatever the day: bundles stay on theirs.
func (s *Service) EventVersion(ctx context.Context, code string, version int64) (*Event, error) {
	var r eventRow
	err := s.db.From(ctx).Where("code = ? AND version = ?", code, version).Take(&r).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return nil, errNoEvent
	}
	if err != nil {
		return nil, fmt.Errorf("read an event: %w", db.Fault(err, "", ""))
	}
	e := &Event{}
	if err := json.Unmarshal([]byte(r.Content), e); err != nil {
		return nil, fmt.Errorf("read the event %s: %w", code, err)
	}
	e.Version = r.Version
	return e, nil
}

// EnsureEvents publishes events that come with the program: those that are new, and
// a next version of those that came this way too and say something else now. The types that they name have
// to be there.
func (s *Service) EnsureEvents(ctx context.Context, from calendar.Date, events []*Event) error {
	return s.db.Tx(ctx, func(ctx context.Context) error {
		for _, e := range events {
			if err := s.ensureEvent(ctx, from, e); err != nil {
				return fmt.Errorf("the event %s: %w", e.Code, err)
			}
		}
		return nil
	})
}

func (s *Service) ensureEvent(ctx context.Context, from calendar.Date, e *Event) error {
	if err := s.CheckEvent(ctx, e); err != nil {
		return err
	}
	raw, err := json.Marshal(e)
	if err != nil {
		return err
	}
	last, err := s.lastEvent(ctx, e.Code)
	if err != nil {
		return err
	}
	r := eventRow{Code: e.Code, Version: 1, Content: string(raw), ValidFrom: from}
	if last.Version > 0 {
		if last.PublishedByID != nil || last.Content == r.Content {
			return nil
		}
		r.Version, r.ValidFrom = last.Version+1, max(s.today(), last.ValidFrom)
	}
	return s.addEvent(ctx, &r, e.Withdrawn)
}

// lastEvent is the newest version, in force or not; none has the version 0.
func (s *Service) lastEvent(ctx context.Context, code string) (eventRow, error) {
	var list []eventRow
	if err := s.db.From(ctx).Where("code = ?", code).Order("version DESC").Limit(1).Find(&list).Error; err != nil {
		return eventRow{}, fmt.Errorf("read an event: %w", db.Fault(err, "", ""))
	}
	if len(list) == 0 {
		return eventRow{}, nil
	}
	return list[0], nil
}

// addEvent adds a version that was checked, with its audit entry, in the open
// transaction.
func (s *Service) addEvent(ctx context.Context, r *eventRow, withdrawn bool) error {
	now := s.now().UTC()
	r.ID, r.PublishedAt = db.NewID(now), now
	if err := s.db.From(ctx).Create(r).Error; err != nil {
		return fmt.Errorf("publish an event: %w", db.Fault(err, "", "permittype.changed"))
	}
	entry := audit.Entry{Action: "permit_event.published", Kind: "permit_event", ID: r.Code, Reason: r.Reason,
		Fields: []audit.Change{{Field: "version", After: strconv.FormatInt(r.Version, 10)}, {Field: "valid_from", After: r.ValidFrom.String()}}}
	if withdrawn {
		entry.Action = "permit_event.withdrawn"
	}
	return s.audit.Record(ctx, entry)
}

// CheckEvent says everything that keeps an event from being published: texts that are
// not there in every language, types, questions or papers that do not exist, and
// questions that are called the same but are of another kind.
func (s *Service) CheckEvent(ctx context.Context, e *Event) error {
	c := checking{t: &Type{}}
	c.That(codeShape.MatchString(e.Code), "code", "catalogue.code.invalid")
	c.whole("name", e.Name)
	c.whole("summary", e.Summary)
	conditions := map[string]bool{}
	for _, one := range e.Conditions {
		c.That(codeShape.MatchString(one.Code) && !conditions[one.Code], "condition."+one.Code, "catalogue.code.invalid")
		conditions[one.Code] = true
		c.whole("condition."+one.Code+".text", one.Text)
		c.optional("condition."+one.Code+".hint", one.Hint)
	}
	if e.Withdrawn { // it may go because its types are gone
		return c.Err()
	}
	types := map[string]*Type{}
	for _, et := range e.Types {
		t, err := s.Type(ctx, et.Code)
		if err != nil && fault.KindOf(err) != fault.NotFound {
			return err
		}
		c.That(err == nil && types[et.Code] == nil, "type."+et.Code, "permittype.need.unknown", "Code", et.Code)
		if err != nil {
			continue
		}
		types[et.Code] = t
		for q, as := range et.Known {
			c.That(t.Guide.question(q) != nil && (as == KnownYes || as == KnownNo || conditions[as]), "type."+et.Code+"."+q, "bundle.event.known", "Code", as)
		}
	}
	c.That(len(types) > 1, "types", "bundle.event.few")
	c.sameQuestions(e, types)
	c.sameMaterials(e, types)
	return c.Err()
}

func (c *checking) sameQuestions(e *Event, types map[string]*Type) {
	seen := map[string]bool{}
	for _, same := range e.Questions {
		c.That(codeShape.MatchString(same.Key), "question."+same.Key, "catalogue.code.invalid")
		c.That(!seen[same.Key], "question."+same.Key, "permittype.code.twice", "Code", same.Key)
		seen[same.Key] = true
		c.That(len(same.Of) > 1, "question."+same.Key, "bundle.event.alone")
		var kind catalogue.QuestionType
		for code, name := range same.Of {
			fits := false
			if t := types[code]; t != nil {
				list, err := catalogue.QuestionsOf(t.Questions)
				for _, q := range list {
					fits = fits || err == nil && q.Name == name && q.ShowIf == nil && len(q.Options) == 0 && (kind == "" || kind == q.Type)
					if q.Name == name {
						kind = q.Type
					}
				}
			}
			c.That(fits, "question."+same.Key+"."+code, "bundle.event.same", "Name", name)
		}
		c.optional("question."+same.Key+".title", same.Title)
	}
}

func (c *checking) sameMaterials(e *Event, types map[string]*Type) {
	seen := map[string]bool{}
	for _, same := range e.Materials {
		c.That(codeShape.MatchString(same.Key), "material."+same.Key, "catalogue.code.invalid")
		c.That(!seen[same.Key], "material."+same.Key, "permittype.code.twice", "Code", same.Key)
		seen[same.Key] = true
		c.That(len(same.Of) > 1, "material."+same.Key, "bundle.event.alone")
		var kinds []string
		for code, name := range same.Of {
			fits := false
			if t := types[code]; t != nil {
				for _, m := range t.Materials {
					if m.Code != name {
						continue
					}
					both := Both(kinds, m.Kinds)
					fits = len(both) > 0 || len(kinds) == 0 && len(m.Kinds) == 0
					kinds = both
				}
			}
			c.That(fits, "material."+same.Key+"."+code, "bundle.event.same", "Name", name)
		}
		c.optional("material."+same.Key+".title", same.Title)
	}
}
