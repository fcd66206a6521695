package permits

import (
	"context"

	"minqing/internal/catalogue"
	"minqing/internal/db"
	"minqing/internal/fault"
	"minqing/internal/i18n"
)

// Gone is an application, or several in one go, as it is told to somebody who worked on it
// and may write in it no more: what is needed to give them back what they had typed.
// Nothing that anybody wrote is in it.
type Gone struct {
	HolderID  string
	Name      i18n.Text            // of the permit, or of what several are for
	Questions []catalogue.Question // by the names that the form gives them, in its order
	Reads     bool                 // they may still read it
}

// Gone tells of an application. Who may still write in it, and who never could, gets
// NotFound.
func (s *Service) Gone(ctx context.Context, id string) (*Gone, error) {
	if !db.IsID(id) {
		return nil, errMissing
	}
	a, err := s.read(ctx, "id = ?", id)
	if err != nil {
		return nil, err
	}
	return s.gone(ctx, a)
}

func (s *Service) gone(ctx context.Context, a *Application) (*Gone, error) {
	err := s.noMore(ctx, a, s.may(ctx, a.HolderID, a.TypeCode, true))
	e, ours := fault.As(err)
	switch {
	case err == nil:
		return nil, errMissing
	case !ours || e.Kind != fault.Forbidden && e.Key != noMoreKey:
		return nil, err
	}
	t, err := s.typeOf(ctx, a)
	if err != nil {
		return nil, err
	}
	g := &Gone{HolderID: a.HolderID, Name: t.Name, Reads: e.Kind == fault.Forbidden}
	g.Questions, err = s.Questions(ctx, t)
	return g, err
}

// GoneBundle tells of what was begun in one go: of all of it, though the scope of an agent
// may have held for a part.
func (s *Service) GoneBundle(ctx context.Context, id string) (*Gone, error) {
	if !db.IsID(id) || s.Events == nil {
		return nil, errMissing
	}
	var b Bundle
	if err := s.DB.From(ctx).Where("id = ?", id).Take(&b).Error; err != nil {
		return nil, db.Fault(err, "permit.missing", "")
	}
	parts, err := s.partsOf(ctx, b.ID)
	if err != nil {
		return nil, err
	}
	event, err := s.Events.EventVersion(ctx, b.EventCode, b.EventVersion)
	if err != nil {
		return nil, err
	}
	var out *Gone
	refused, questions, codes := error(errMissing), map[string][]catalogue.Question{}, []string{}
	for i := range parts {
		one, err := s.gone(ctx, &parts[i])
		if err != nil {
			refused = err
			continue
		}
		codes = append(codes, parts[i].TypeCode)
		questions[parts[i].TypeCode] = one.Questions
		if out == nil {
			out = &Gone{HolderID: one.HolderID, Name: event.Name, Reads: one.Reads}
		}
	}
	if out == nil {
		return nil, refused
	}
	for _, q := range event.Form(codes, questions) {
		out.Questions = append(out.Questions, q.Question)
	}
	return out, nil
}
