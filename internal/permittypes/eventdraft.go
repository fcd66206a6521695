package permittypes

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"

	"minqing/internal/actor"
	"minqing/internal/calendar"
	"minqing/internal/db"
	"minqing/internal/fault"
)

// Event reads the draft.
func (d *Draft) Event() (*Event, error) {
	e := &Event{}
	if err := json.Unmarshal([]byte(d.Content), e); err != nil {
		return nil, fmt.Errorf("read the draft of the event %s: %w", d.Code, err)
	}
	e.Version = d.BaseVersion + 1
	return e, nil
}

// EventDraft is the draft of an event, nil when there is none.
func (s *Service) EventDraft(ctx context.Context, code string) (*Draft, error) {
	return s.draft(ctx, eventDrafts, code)
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
		return s.keepDraft(ctx, eventDrafts, Draft{Code: e.Code, Content: string(raw), BaseVersion: last.Version}, seen)
	})
}

// DropEventDraft throws a draft away.
func (s *Service) DropEventDraft(ctx context.Context, code string, seen int64) error {
	return s.dropDraft(ctx, eventDrafts, code, seen)
}

// PublishEvent makes the draft of an event the next version, from a day on. Whoever
// wrote on it may not publish it. Bundles under way stay on their version.
func (s *Service) PublishEvent(ctx context.Context, p Publication) error {
	from, err := s.checkPublication(p)
	if err != nil {
		return err
	}
	return s.db.Tx(ctx, func(ctx context.Context) error {
		last, err := s.lastEvent(ctx, p.Code)
		if err != nil {
			return err
		}
		d, err := s.publishable(ctx, eventDrafts, p, from, published{last.Version, last.ValidFrom})
		if err != nil {
			return err
		}
		e, err := d.Event()
		if err != nil {
			return err
		}
		if err := s.CheckEvent(ctx, e); err != nil {
			return err
		}
		if err := s.addEvent(ctx, &eventRow{Code: d.Code, Version: last.Version + 1, Content: d.Content, ValidFrom: from,
			PublishedByID: db.Ref(actor.From(ctx).AccountID), WrittenByID: &d.WrittenByID, Reason: p.Reason}, e.Withdrawn); err != nil {
			return err
		}
		return s.removeDraft(ctx, eventDrafts, d.Code, d.Version)
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
