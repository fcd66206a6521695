package permittypes

import (
	"context"
	"encoding/json"
	"fmt"

	"minqing/internal/catalogue"
	"minqing/internal/fault"
)

// Working is the draft of a type, or its newest version where nobody has begun one,
// with the version of the draft; 0 is none. NotFound for a code that nobody knows.
func (s *Service) Working(ctx context.Context, code string) (*File, int64, error) {
	d, err := s.Draft(ctx, code)
	if err != nil {
		return nil, 0, err
	}
	var t *Type
	var seen int64
	if d != nil {
		seen = d.Version
		t, err = d.Type()
	} else {
		t, err = s.Newest(ctx, code)
	}
	if err != nil {
		return nil, 0, err
	}
	f, err := opened(t)
	return f, seen, err
}

// opened is a type of its own to write on: what is published is kept in memory and
// shared by all who read it, so nothing of it may be written on.
func opened(t *Type) (*File, error) {
	raw, err := json.Marshal(t)
	if err != nil {
		return nil, fmt.Errorf("copy a permit type: %w", err)
	}
	f := &File{}
	if err := json.Unmarshal(raw, &f.Type); err != nil {
		return nil, fmt.Errorf("copy a permit type: %w", err)
	}
	f.ID, f.Version, f.ValidFrom, f.PublishedAt = t.ID, t.Version, t.ValidFrom, t.PublishedAt
	f.Ask, err = catalogue.QuestionsOf(f.Questions)
	return f, err
}

// VersionFile is a version with its questions as a list.
func (s *Service) VersionFile(ctx context.Context, code string, version int64) (*File, error) {
	t, err := s.Version(ctx, code, version)
	if err != nil {
		return nil, err
	}
	return opened(t)
}

// Newest is the newest published version of a type, in force or to come.
func (s *Service) Newest(ctx context.Context, code string) (*Type, error) {
	last, err := s.last(ctx, code)
	if err != nil {
		return nil, err
	}
	if last.Version == 0 {
		return nil, errMissing
	}
	return s.Version(ctx, code, last.Version)
}

// Whole is the type of a file, with its questions as a schema. Questions that cannot
// be asked are Invalid.
func (f *File) Whole() (*Type, error) {
	t := f.Type
	var err error
	if t.Questions, err = catalogue.SchemaOf(f.Ask); err != nil {
		return nil, fault.InvalidInput(fault.Field{Name: "questions", Key: "permittype.questions.invalid"})
	}
	return &t, nil
}

// Keep keeps the next version of a type for somebody who saw that version of the
// draft; 0 begins one.
func (s *Service) Keep(ctx context.Context, f *File, seen int64) error {
	text, err := f.text()
	if err != nil {
		return err
	}
	_, err = s.SaveDraft(ctx, f.Code, text, seen)
	return err
}

// Start begins a type that is new.
func (s *Service) Start(ctx context.Context, f *File) error {
	text, err := f.text()
	if err != nil {
		return err
	}
	was, err := s.Draft(ctx, f.Code)
	if err != nil {
		return err
	}
	if was != nil {
		return fault.InvalidInput(fault.Field{Name: "code", Key: "catalogue.code.taken"})
	}
	_, err = s.SaveDraft(ctx, "", text, 0)
	return renamed(err, "code")
}

func (f *File) text() (string, error) {
	t, err := f.Whole()
	if err != nil {
		return "", err
	}
	return t.Text()
}

// renamed tells what is wrong with a file at the one field that it comes from.
func renamed(err error, field string) error {
	if e, ok := fault.As(err); ok && e.Kind == fault.Invalid {
		out := *e
		out.Fields = nil
		for _, f := range e.Fields {
			f.Name = field
			out.Fields = append(out.Fields, f)
		}
		return &out
	}
	return err
}

// Ready says everything that keeps a type from being published, and which types it
// names that nobody knows.
func (s *Service) Ready(ctx context.Context, t *Type) error {
	var c fault.Check
	if err := c.Add(s.Check(ctx, t)); err != nil {
		return err
	}
	if err := c.Add(s.needsStand(ctx, t)); err != nil {
		return err
	}
	return c.Err()
}
