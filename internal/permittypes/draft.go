package permittypes

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
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

const (
	textLongest   = 200_000 // bytes of a type as a file
	reasonLongest = 500     // characters
	latestAhead   = 3660    // days
)

// Draft is the next version of a type while it is written, as a file.
type Draft struct {
	ID          string
	Code        string
	BaseVersion int64 // the version that it was begun from; 0 for a new type
	Content     string
	Writers     catalogue.Codes // accounts that wrote on it: none of them may publish it
	WrittenByID string          // who wrote last
	Version     int64
	CreatedAt   time.Time
	UpdatedAt   time.Time
}

// TableName names the table for gorm.
func (Draft) TableName() string { return "permit_type_drafts" }

// Type reads the draft.
func (d *Draft) Type() (*Type, error) {
	t, err := Read(strings.NewReader(d.Content))
	if err == nil {
		t.Version = d.BaseVersion + 1
	}
	return t, err
}

var errChanged = fault.New(fault.Conflict, "permittype.changed")

// Drafts are the drafts under way, by code.
func (s *Service) Drafts(ctx context.Context) ([]Draft, error) {
	var list []Draft
	if err := s.db.From(ctx).Order("code").Find(&list).Error; err != nil {
		return nil, fmt.Errorf("read the drafts of permit types: %w", db.Fault(err, "", ""))
	}
	return list, nil
}

// Draft is the draft of a type, nil when there is none.
func (s *Service) Draft(ctx context.Context, code string) (*Draft, error) {
	var list []Draft
	if err := s.db.From(ctx).Where("code = ?", code).Limit(1).Find(&list).Error; err != nil {
		return nil, fmt.Errorf("read the draft of a permit type: %w", db.Fault(err, "", ""))
	}
	if len(list) == 0 {
		return nil, nil
	}
	return &list[0], nil
}

// Typed reads a type as somebody typed it; what is wrong belongs to the field "content".
func Typed(text string) (*Type, error) {
	if len(text) > textLongest {
		return nil, fault.InvalidInput(fault.Field{Name: "content", Key: "permittype.file.long"})
	}
	t, err := Read(strings.NewReader(text))
	if err != nil {
		return nil, fault.InvalidInput(fault.Field{Name: "content", Key: "permittype.file.invalid", Args: map[string]any{"Error": err.Error()}})
	}
	if !codeShape.MatchString(t.Code) {
		return nil, fault.InvalidInput(fault.Field{Name: "content", Key: "permittype.file.code"})
	}
	return t, nil
}

// SaveDraft keeps the next version of a type as typed, for somebody who saw that
// version of the draft; 0 begins one. code is empty for a new type. It gives the code.
func (s *Service) SaveDraft(ctx context.Context, code, text string, seen int64) (string, error) {
	t, err := Typed(text)
	if err != nil {
		return "", err
	}
	if code != "" && t.Code != code {
		return "", fault.InvalidInput(fault.Field{Name: "content", Key: "permittype.file.other_code", Args: map[string]any{"Code": code}})
	}
	return t.Code, s.db.Tx(ctx, func(ctx context.Context) error {
		last, err := s.last(ctx, t.Code)
		if err != nil {
			return err
		}
		if code == "" && last.Version > 0 {
			return fault.InvalidInput(fault.Field{Name: "content", Key: "catalogue.code.taken"})
		}
		me, now := actor.From(ctx).AccountID, s.now().UTC()
		was, err := s.Draft(ctx, t.Code)
		switch {
		case err != nil:
			return err
		case was == nil && seen == 0:
			d := Draft{ID: db.NewID(now), Code: t.Code, BaseVersion: last.Version, Content: text, Writers: catalogue.Codes{me}, WrittenByID: me,
				Version: 1, CreatedAt: now, UpdatedAt: now}
			if err := s.db.From(ctx).Create(&d).Error; err != nil {
				return fmt.Errorf("begin a draft of a permit type: %w", db.Fault(err, "", "permittype.changed"))
			}
		case was == nil || was.Version != seen:
			return errChanged
		default:
			writers := was.Writers
			if !writers.Has(me) {
				writers = append(writers, me)
			}
			done := s.db.From(ctx).Exec(`UPDATE permit_type_drafts SET content = ?, writers = ?, written_by_id = ?, version = version + 1, updated_at = ?
 WHERE id = ? AND version = ?`, text, writers, me, now, was.ID, seen)
			if done.Error != nil {
				return fmt.Errorf("keep a draft of a permit type: %w", db.Fault(done.Error, "", ""))
			}
			if done.RowsAffected == 0 {
				return errChanged
			}
		}
		return s.audit.Record(ctx, audit.Entry{Action: "permit_type.drafted", Kind: "permit_type", ID: t.Code,
			Fields: []audit.Change{{Field: "base_version", After: strconv.FormatInt(last.Version, 10)}}})
	})
}

// DropDraft throws a draft away.
func (s *Service) DropDraft(ctx context.Context, code string, seen int64) error {
	return s.db.Tx(ctx, func(ctx context.Context) error {
		if err := s.removeDraft(ctx, code, seen); err != nil {
			return err
		}
		return s.audit.Record(ctx, audit.Entry{Action: "permit_type.draft_dropped", Kind: "permit_type", ID: code})
	})
}

func (s *Service) removeDraft(ctx context.Context, code string, seen int64) error {
	done := s.db.From(ctx).Exec("DELETE FROM permit_type_drafts WHERE code = ? AND version = ?", code, seen)
	if done.Error != nil {
		return fmt.Errorf("remove a draft of a permit type: %w", db.Fault(done.Error, "", ""))
	}
	if done.RowsAffected == 0 {
		return errChanged
	}
	return nil
}

// Publication puts a draft in force.
type Publication struct {
	Code   string
	Seen   int64 // the version of the draft that was read
	From   string
	Reason string
}

// Publish makes the draft the next version, from a day on. Whoever wrote on it
// may not publish it. Applications under way stay on the version that they have.
func (s *Service) Publish(ctx context.Context, p Publication) error {
	var c fault.Check
	from, err := calendar.ParseDate(p.From)
	today := s.today()
	c.That(err == nil, "valid_from", "catalogue.day.invalid")
	c.That(err != nil || from >= today && from <= today.Add(latestAhead), "valid_from", "permittype.from.bounds", "Day", today.String())
	c.That(strings.TrimSpace(p.Reason) != "", "reason", "catalogue.reason.required")
	c.That(utf8.RuneCountInString(p.Reason) <= reasonLongest, "reason", "catalogue.text.long", "Max", reasonLongest)
	if err := c.Err(); err != nil {
		return err
	}
	return s.db.Tx(ctx, func(ctx context.Context) error {
		d, err := s.Draft(ctx, p.Code)
		if err != nil {
			return err
		}
		if d == nil || d.Version != p.Seen {
			return errChanged
		}
		if me := actor.From(ctx).AccountID; me == "" || d.Writers.Has(me) {
			return fault.New(fault.Conflict, "permittype.second_person")
		}
		last, err := s.last(ctx, d.Code)
		if err != nil {
			return err
		}
		if last.Version != d.BaseVersion {
			return errChanged
		}
		if last.Version > 0 && from < last.ValidFrom {
			return fault.InvalidInput(fault.Field{Name: "valid_from", Key: "permittype.from.before", Args: map[string]any{"Day": last.ValidFrom.String()}})
		}
		t, err := d.Type()
		if err != nil {
			return err
		}
		if err := s.needsStand(ctx, t); err != nil {
			return err
		}
		content, err := encode(t)
		if err != nil {
			return err
		}
		t.ValidFrom = from
		if err := s.publish(ctx, *t, content, &d.WrittenByID, p.Reason); err != nil {
			return err
		}
		return s.removeDraft(ctx, d.Code, d.Version)
	})
}

// needsStand says which types the guide leads to that do not exist.
func (s *Service) needsStand(ctx context.Context, t *Type) error {
	var c fault.Check
	for _, o := range t.Guide.Outcomes {
		for _, need := range o.Needs {
			last, err := s.last(ctx, need)
			if err != nil {
				return err
			}
			c.That(need == t.Code || last.Version > 0, "guide."+o.Code+".needs", "permittype.need.unknown", "Code", need)
		}
	}
	return c.Err()
}

// Edition is a published version in the list of all.
type Edition struct {
	Code          string
	Version       int64
	ValidFrom     calendar.Date
	PublishedAt   time.Time
	PublishedByID *string
	WrittenByID   *string
	Reason        string
}

// Editions are the published versions of a type, the newest first.
func (s *Service) Editions(ctx context.Context, code string) ([]Edition, error) {
	var list []Edition
	err := s.db.From(ctx).Raw(`SELECT code, version, valid_from, published_at, published_by_id, written_by_id, reason FROM permit_types
 WHERE code = ? ORDER BY version DESC`, code).Scan(&list).Error
	if err != nil {
		return nil, fmt.Errorf("read the versions of a permit type: %w", db.Fault(err, "", ""))
	}
	return list, nil
}

// Codes are the codes of all types ever published or drafted, in order.
func (s *Service) Codes(ctx context.Context) ([]string, error) {
	var list []string
	if err := s.db.From(ctx).Raw("SELECT code FROM permit_types UNION SELECT code FROM permit_type_drafts ORDER BY code").Scan(&list).Error; err != nil {
		return nil, fmt.Errorf("list the permit types: %w", db.Fault(err, "", ""))
	}
	return list, nil
}

// Difference is a value that two versions do not share; empty on the side that
// does not have it.
type Difference struct{ Path, Before, After string }

// Differ lists in what two versions differ, by path. nil has nothing.
func Differ(before, after *Type) ([]Difference, error) {
	a, err := flat(before)
	if err != nil {
		return nil, err
	}
	b, err := flat(after)
	if err != nil {
		return nil, err
	}
	var list []Difference
	for path, was := range a {
		if now := b[path]; now != was {
			list = append(list, Difference{path, was, now})
		}
	}
	for path, now := range b {
		if _, known := a[path]; !known {
			list = append(list, Difference{path, "", now})
		}
	}
	slices.SortFunc(list, func(x, y Difference) int { return strings.Compare(x.Path, y.Path) })
	return list, nil
}

// flat is every value of a type by its path, with codes for places in lists.
func flat(t *Type) (map[string]string, error) {
	all := map[string]string{}
	if t == nil {
		return all, nil
	}
	raw, err := encode(t)
	if err != nil {
		return nil, err
	}
	var tree any
	if err := json.Unmarshal([]byte(raw), &tree); err != nil {
		return nil, fmt.Errorf("compare permit types: %w", err)
	}
	flatten(all, "", tree)
	return all, nil
}

func flatten(all map[string]string, path string, v any) {
	switch v := v.(type) {
	case map[string]any:
		for name, one := range v {
			flatten(all, strings.TrimPrefix(path+"."+name, "."), one)
		}
	case []any:
		for i, one := range v {
			flatten(all, path+"."+nameOf(one, i), one)
		}
	default:
		all[path] = fmt.Sprint(v)
	}
}

// nameOf is what a thing in a list calls itself, or its place.
func nameOf(v any, i int) string {
	if m, ok := v.(map[string]any); ok {
		for _, key := range []string{"code", "test", "unit"} {
			if name, ok := m[key].(string); ok {
				return name
			}
		}
	}
	return strconv.Itoa(i + 1)
}
