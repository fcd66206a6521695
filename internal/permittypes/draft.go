package permittypes

import (
	"context"
	"fmt"
	"strings"
	"time"

	"minqing/internal/calendar"
	"minqing/internal/db"
	"minqing/internal/fault"
)

const (
	textLongest   = 200_000 // bytes of a type as a file
	reasonLongest = 500     // characters
	latestAhead   = 3660    // days
)

// Type reads the draft.
func (d *Draft) Type() (*Type, error) {
	t, err := Read(strings.NewReader(d.Content))
	if err == nil {
		t.Version = d.BaseVersion + 1
	}
	return t, err
}

// Drafts are the drafts under way, by code.
func (s *Service) Drafts(ctx context.Context) ([]Draft, error) {
	var list []Draft
	if err := s.db.From(ctx).Table(typeDrafts.table).Order("code").Find(&list).Error; err != nil {
		return nil, fmt.Errorf("read the drafts of permit types: %w", db.Fault(err, "", ""))
	}
	return list, nil
}

// Draft is the draft of a type, nil when there is none.
func (s *Service) Draft(ctx context.Context, code string) (*Draft, error) {
	return s.draft(ctx, typeDrafts, code)
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
		return s.keepDraft(ctx, typeDrafts, Draft{Code: t.Code, Content: text, BaseVersion: last.Version}, seen)
	})
}

// DropDraft throws a draft away.
func (s *Service) DropDraft(ctx context.Context, code string, seen int64) error {
	return s.dropDraft(ctx, typeDrafts, code, seen)
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
	from, err := s.checkPublication(p)
	if err != nil {
		return err
	}
	return s.db.Tx(ctx, func(ctx context.Context) error {
		last, err := s.last(ctx, p.Code)
		if err != nil {
			return err
		}
		d, err := s.publishable(ctx, typeDrafts, p, from, published{last.Version, last.ValidFrom})
		if err != nil {
			return err
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
		return s.removeDraft(ctx, typeDrafts, d.Code, d.Version)
	})
}

// needsStand says which types the guide and what is held name that do not exist.
func (s *Service) needsStand(ctx context.Context, t *Type) error {
	var c fault.Check
	known := map[string]bool{t.Code: true}
	stands := func(at string, codes []string) error {
		for _, code := range codes {
			if _, asked := known[code]; !asked {
				last, err := s.last(ctx, code)
				if err != nil {
					return err
				}
				known[code] = last.Version > 0
			}
			c.That(known[code], at, "permittype.need.unknown", "Code", code)
		}
		return nil
	}
	for _, o := range t.Guide.Outcomes {
		if err := stands("guide."+o.Code+".needs", o.Needs); err != nil {
			return err
		}
	}
	for _, h := range t.Held {
		if err := stands("held."+h.Question+".permits", h.Permits); err != nil {
			return err
		}
	}
	for _, m := range t.Materials {
		if err := stands("material."+m.Code+".held_permits", m.HeldPermits); err != nil {
			return err
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
