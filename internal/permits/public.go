package permits

import (
	"context"
	"slices"

	"minqing/internal/catalogue"
	"minqing/internal/fault"
	"minqing/internal/permittypes"
	"minqing/internal/register"
)

// publicFacts are the answers that stand on a permit, as its type says.
func publicFacts(t *permittypes.Type, answers map[string]any) map[string]string {
	facts := map[string]string{}
	for _, name := range t.Facts {
		if v, answered := answers[name]; answered {
			if fact := factOf(v); fact != "" {
				facts[name] = fact
			}
		}
	}
	return facts
}

// Public gives what everybody may see of a permit, in the words of its type and in
// the order of its questions. A type that names no public facts hides none.
func (s *Service) Public(ctx context.Context, p *register.Permit) ([]register.Fact, error) {
	var names []string
	t, err := s.Types.Version(ctx, p.TypeCode, p.TypeVersion)
	switch {
	case err == nil:
		names = t.Facts
	case fault.KindOf(err) != fault.NotFound:
		return nil, err
	}
	all, err := s.Facts(ctx, p, p.Particulars)
	if err != nil {
		return nil, err
	}
	var list []register.Fact
	for _, f := range all {
		if len(names) == 0 || slices.Contains(names, f.Name) {
			list = append(list, register.Fact(f))
		}
	}
	return list, nil
}

// asked are the questions of a version of a type. A version never changes, and the
// public page of a permit asks for them each time.
func (s *Service) asked(ctx context.Context, t *permittypes.Type) ([]catalogue.Question, error) {
	if t.ID == "" || s.DB.SQLTx(ctx) != nil { // what a transaction sees may yet be undone
		return s.Questions(ctx, t)
	}
	if known, ok := s.questions.Load(t.ID); ok {
		return known.([]catalogue.Question), nil //nolint:forcetypeassert // holds nothing else
	}
	list, err := s.Questions(ctx, t)
	if err == nil {
		s.questions.Store(t.ID, list)
	}
	return list, err
}
