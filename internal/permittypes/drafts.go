package permittypes

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"minqing/internal/actor"
	"minqing/internal/audit"
	"minqing/internal/calendar"
	"minqing/internal/catalogue"
	"minqing/internal/db"
	"minqing/internal/fault"
)

// Draft is the next version of a type or of a life event while it is written: a type
// as a file, an event as JSON.
type Draft struct {
	ID          string
	Code        string
	BaseVersion int64 // the version that it was begun from; 0 for what is new
	Content     string
	Writers     catalogue.Codes // accounts that wrote on it: none of them may publish it
	WrittenByID string          // who wrote last
	Version     int64
	CreatedAt   time.Time
	UpdatedAt   time.Time
}

// shelf is where the drafts of a kind of thing lie, and what the audit trail says of
// whoever writes there.
type shelf struct {
	table            string
	drafted, dropped audit.Entry
}

var (
	typeDrafts = shelf{"permit_type_drafts", audit.Entry{Action: "permit_type.drafted", Kind: "permit_type"},
		audit.Entry{Action: "permit_type.draft_dropped", Kind: "permit_type"}}
	eventDrafts = shelf{"life_event_drafts", audit.Entry{Action: "permit_event.drafted", Kind: "permit_event"},
		audit.Entry{Action: "permit_event.draft_dropped", Kind: "permit_event"}}
)

var errChanged = fault.New(fault.Conflict, "permittype.changed")

// draft is the draft with a code, nil when there is none.
func (s *Service) draft(ctx context.Context, on shelf, code string) (*Draft, error) {
	var list []Draft
	if err := s.db.From(ctx).Table(on.table).Where("code = ?", code).Limit(1).Find(&list).Error; err != nil {
		return nil, fmt.Errorf("read a draft of %s: %w", on.table, db.Fault(err, "", ""))
	}
	if len(list) == 0 {
		return nil, nil
	}
	return &list[0], nil
}

// keepDraft keeps the content that was written under the code, in the open transaction,
// for somebody who saw that version of the draft; 0 begins one upon the base version.
func (s *Service) keepDraft(ctx context.Context, on shelf, d Draft, seen int64) error {
	if len(d.Content) > textLongest {
		return fault.InvalidInput(fault.Field{Name: "content", Key: "permittype.file.long"})
	}
	me, now := actor.From(ctx).AccountID, s.now().UTC()
	was, err := s.draft(ctx, on, d.Code)
	switch {
	case err != nil:
		return err
	case was == nil && seen == 0:
		d.ID, d.Writers, d.WrittenByID, d.Version, d.CreatedAt, d.UpdatedAt = db.NewID(now), catalogue.Codes{me}, me, 1, now, now
		if err := s.db.From(ctx).Table(on.table).Create(&d).Error; err != nil {
			return fmt.Errorf("begin a draft of %s: %w", on.table, db.Fault(err, "", "permittype.changed"))
		}
	case was == nil || was.Version != seen:
		return errChanged
	default:
		writers := was.Writers
		if !writers.Has(me) {
			writers = append(writers, me)
		}
		done := s.db.From(ctx).Exec("UPDATE "+on.table+` SET content = ?, writers = ?, written_by_id = ?, version = version + 1, updated_at = ?
 WHERE id = ? AND version = ?`, d.Content, writers, me, now, was.ID, seen)
		if done.Error != nil {
			return fmt.Errorf("keep a draft of %s: %w", on.table, db.Fault(done.Error, "", ""))
		}
		if done.RowsAffected == 0 {
			return errChanged
		}
	}
	entry := on.drafted
	entry.ID, entry.Fields = d.Code, []audit.Change{{Field: "base_version", After: strconv.FormatInt(d.BaseVersion, 10)}}
	return s.audit.Record(ctx, entry)
}

func (s *Service) dropDraft(ctx context.Context, on shelf, code string, seen int64) error {
	return s.db.Tx(ctx, func(ctx context.Context) error {
		if err := s.removeDraft(ctx, on, code, seen); err != nil {
			return err
		}
		entry := on.dropped
		entry.ID = code
		return s.audit.Record(ctx, entry)
	})
}

func (s *Service) removeDraft(ctx context.Context, on shelf, code string, seen int64) error {
	done := s.db.From(ctx).Exec("DELETE FROM "+on.table+" WHERE code = ? AND version = ?", code, seen)
	if done.Error != nil {
		return fmt.Errorf("remove a draft of %s: %w", on.table, db.Fault(done.Error, "", ""))
	}
	if done.RowsAffected == 0 {
		return errChanged
	}
	return nil
}

// published is the newest published version of a thing; none has the number 0.
type published struct {
	version int64
	from    calendar.Date
}

// publishable is the draft that somebody wants to put in force from a day on: it
// follows the last version, is as they read it, they did not write on it, and the
// last version does not begin later.
func (s *Service) publishable(ctx context.Context, on shelf, p Publication, from calendar.Date, last published) (*Draft, error) {
	d, err := s.draft(ctx, on, p.Code)
	if err != nil {
		return nil, err
	}
	if d == nil || d.Version != p.Seen || d.BaseVersion != last.version {
		return nil, errChanged
	}
	if me := actor.From(ctx).AccountID; me == "" || d.Writers.Has(me) {
		return nil, fault.New(fault.Conflict, "permittype.second_person")
	}
	if last.version > 0 && from < last.from {
		return nil, fault.InvalidInput(fault.Field{Name: "valid_from", Key: "permittype.from.before", Args: map[string]any{"Day": last.from.String()}})
	}
	return d, nil
}
