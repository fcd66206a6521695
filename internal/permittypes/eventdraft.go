package permittypes

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"minqing/internal/actor"
	"minqing/internal/audit"
	"minqing/internal/calendar"
	"minqing/internal/catalogue"
	"minqing/internal/db"
	"minqing/internal/fault"
)

// EventDraft is the next version of a life event while it is written.
type EventDraft struct {
	ID          string
	Code        string
	BaseVersion int64 // the version that it was begun from; 0 for a new event
	Content     string
	Writers     catalogue.Codes // accounts that wrote on it: none of them may publish it
	WrittenByID string
	Version     int64
	CreatedAt   time.Time
	UpdatedAt   time.Time
}

// TableName names the table for gorm.
func (EventDraft) TableName() string { return "life_event_drafts" }

// Event reads the draft.
func (d *EventDraft) Event() (*Event, error) {
	e := &Event{}
	if err := json.Unmarshal([]byte(d.Content), e); err != nil {
		return nil, fmt.Errorf("read the draft of the event %s: %w", d.Code, err)
	}
	e.Version = d.BaseVersion + 1
	return e, nil
}

// EventDraft is the draft of an event, nil when there is none.
func (s *Service) EventDraft(ctx context.Context, code string) (*EventDraft, error) {
	var list []EventDraft
	if err := s.db.From(ctx).Where("code = ?", code).Limit(1).Find(&list).Error; err != nil {
		return nil, fmt.Errorf("read the draft of an event: %w", db.Fault(err, "", ""))
	}
	if len(list) == 0 {
		return nil, nil
	}
	return &list[0], nil
}

// WorkingEvent is the draft of an event, or its newest version where nobody has begun
// one, with the version of the draft; 0 is none.
func (s *Service) WorkingEvent(ctx context.Context, code string) (*Event, int64, error) {
	d, err := s.EventDraft(ctx, code)
	if err != nil {
		return nil, 0, err
	}
	if d != nil {
		e, err := d.Event()
		return e, d.Version, err
	}
	last, err := s.lastEvent(ctx, code)
	if err != nil {
		return nil, 0, err
	}
	if last.Version == 0 {
		return nil, 0, errNoEvent
	}
	e, err := s.EventVersion(ctx, code, last.Version)
	return e, 0, err
}

// StartEvent begins an event that is new.
func (s *Service) StartEvent(ctx context.Context, e *Event) error {
	d, err := s.EventDraft(ctx, e.Code)
	if err != nil {
		return err
	}
	last, err := s.lastEvent(ctx, e.Code)
	if err != nil {
		return err
	}
	var c fault.Check
	c.That(codeShape.MatchString(e.Code), "code", "catalogue.code.invalid")
	c.That(d == nil && last.Version == 0, "code", "catalogue.code.taken")
	if err := c.Err(); err != nil {
		return err
	}
	return s.KeepEvent(ctx, e, 0)
}

// KeepEvent keeps the next version of an event for somebody who saw that version of
// the draft; 0 begins one. Conflict when somebody else was quicker.
func (s *Service) KeepEvent(ctx context.Context, e *Event, seen int64) error {
	raw, err := json.Marshal(e)
	if err != nil {
		return fmt.Errorf("write the event %s: %w", e.Code, err)
	}
	return s.db.Tx(ctx, func(ctx context.Context) error {
		last, err := s.lastEvent(ctx, e.Code)
		if err != nil {
			return err
		}
		was, err := s.EventDraft(ctx, e.Code)
		if err != nil {
			return err
		}
		me, now := actor.From(ctx).AccountID, s.now().UTC()
		switch {
		case was == nil && seen == 0:
			d := EventDraft{ID: db.NewID(now), Code: e.Code, BaseVersion: last.Version, Content: string(raw), Writers: catalogue.Codes{me}, WrittenByID: me,
				Version: 1, CreatedAt: now, UpdatedAt: now}
			if err := s.db.From(ctx).Create(&d).Error; err != nil {
				return fmt.Errorf("begin a draft of an event: %w", db.Fault(err, "", "permittype.changed"))
			}
		case was == nil || was.Version != seen:
			return errChanged
		default:
			writers := was.Writers
			if !writers.Has(me) {
				writers = append(writers, me)
			}
			done := s.db.From(ctx).Exec(`UPDATE life_event_drafts SET content = ?, writers = ?, written_by_id = ?, version = version + 1, updated_at = ?
 WHERE id = ? AND version = ?`, string(raw), writers, me, now, was.ID, seen)
			if done.Error != nil {
				return fmt.Errorf("keep a draft of an event: %w", db.Fault(done.Error, "", ""))
			}
			if done.RowsAffected == 0 {
				return errChanged
			}
		}
		return s.audit.Record(ctx, audit.Entry{Action: "permit_event.drafted", Kind: "permit_event", ID: e.Code,
			Fields: []audit.Change{{Field: "base_version", After: strconv.FormatInt(last.Version, 10)}}})
	})
}

// DropEventDraft throws a draft away.
func (s *Service) DropEventDraft(ctx context.Context, code string, seen int64) error {
	return s.db.Tx(ctx, func(ctx context.Context) error {
		if err := s.removeEventDraft(ctx, code, seen); err != nil {
			return err
		}
		return s.audit.Record(ctx, audit.Entry{Action: "permit_event.draft_dropped", Kind: "permit_event", ID: code})
	})
}

func (s *Service) removeEventDraft(ctx context.Context, code string, seen int64) error {
	done := s.db.From(ctx).Exec("DELETE FROM life_event_drafts WHERE code = ? AND version = ?", code, seen)
	if done.Error != nil {
		return fmt.Errorf("remove a draft of an event: %w", db.Fault(done.Error, "", ""))
	}
	if done.RowsAffected == 0 {
		return errChanged
	}
	return nil
}

// PublishEvent makes the draft of an event the next version, from a day on. Whoever
// wrote on it may not publish it. Bundles under way stay on their version.
func (s *Service) PublishEvent(ctx context.Context, p Publication) error {
	from, err := s.checkPublication(p)
	if err != nil {
		return err
	}
	return s.db.Tx(ctx, func(ctx context.Context) error {
		d, err := s.EventDraft(ctx, p.Code)
		if err != nil {
			return err
		}
		last, err := s.lastEvent(ctx, p.Code)
		if err != nil {
			return err
		}
		if d == nil || d.Version != p.Seen || last.Version != d.BaseVersion {
			return errChanged
		}
		if me := actor.From(ctx).AccountID; me == "" || d.Writers.Has(me) {
			return fault.New(fault.Conflict, "permittype.second_person")
		}
		if last.Version > 0 && from < last.ValidFrom {
			return fault.InvalidInput(fault.Field{Name: "valid_from", Key: "permittype.from.before", Args: map[string]any{"Day": last.ValidFrom.String()}})
		}
		e, err := d.Event()
		if err != nil {
			return err
		}
		if err := s.CheckEvent(ctx, e); err != nil {
			return err
		}
		if err := s.addEvent(ctx, &eventRow{Code: d.Code, Version: last.Version + 1, Content: d.Content, ValidFrom: from,
			PublishedByID: db.Ref(actor.From(ctx).AccountID), WrittenByID: &d.WrittenByID, Reason: p.Reason}); err != nil {
			return err
		}
		return s.removeEventDraft(ctx, d.Code, d.Version)
	})
}

// checkPublication reads the day and the reason of a publication.
func (s *Service) checkPublication(p Publication) (calendar.Date, error) {
	var c fault.Check
	from, err := calendar.ParseDate(p.From)
	today := s.today()
	c.That(err == nil, "valid_from", "catalogue.day.invalid")
	c.That(err != nil || from >= today && from <= today.Add(latestAhead), "valid_from", "permittype.from.bounds", "Day", today.String())
	c.That(strings.TrimSpace(p.Reason) != "", "reason", "catalogue.reason.required")
	c.That(utf8.RuneCountInString(p.Reason) <= reasonLongest, "reason", "catalogue.text.long", "Max", reasonLongest)
	return from, c.Err()
}

// EventEditions are the published versions of an event, the newest first.
func (s *Service) EventEditions(ctx context.Context, code string) ([]Edition, error) {
	var list []Edition
	err := s.db.From(ctx).Raw(`SELECT code, version, valid_from, published_at, published_by_id, written_by_id, reason FROM life_events
 WHERE code = ? ORDER BY version DESC`, code).Scan(&list).Error
	if err != nil {
		return nil, fmt.Errorf("read the versions of an event: %w", db.Fault(err, "", ""))
	}
	return list, nil
}

// EventCodes are the codes of all events ever published or drafted, in order.
func (s *Service) EventCodes(ctx context.Context) ([]string, error) {
	var list []string
	if err := s.db.From(ctx).Raw("SELECT code FROM life_events UNION SELECT code FROM life_event_drafts ORDER BY code").Scan(&list).Error; err != nil {
		return nil, fmt.Errorf("list the events: %w", db.Fault(err, "", ""))
	}
	return list, nil
}
