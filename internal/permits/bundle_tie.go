package permits

import (
	"context"
	"fmt"
	"slices"

	"minqing/internal/permittypes"
)

// tie is where a material of an application is kept: with the application itself, or,
// in a draft bundle, with the one that keeps it for all that want it.
type tie struct {
	a     *Application
	code  string
	def   permittypes.Material // of the kinds that all of them take
	o     *OwnBundle           // nil: it stands alone, or was sent
	paper *Paper
}

func (s *Service) tie(ctx context.Context, a *Application, def *permittypes.Material) (*tie, error) {
	t := &tie{a: a, code: def.Code, def: *def}
	if a.BundleID == nil || a.State != Draft {
		return t, nil
	}
	o, err := s.BundleOf(ctx, *a.BundleID)
	if err != nil {
		return nil, err
	}
	t.o = o
	for _, paper := range o.Papers() {
		if i := slices.Index(paper.Of, permittypes.Want{Type: a.TypeCode, Code: def.Code}); i >= 0 {
			t.a, t.code, t.def, t.paper = paper.Keeps.Application, paper.Item.Code, paper.Material, &paper
			t.def.Code = t.code
		}
	}
	return t, nil
}

// holdTie lets nobody send the bundle meanwhile, in the open transaction.
func (s *Service) holdTie(ctx context.Context, t *tie) error {
	if t.o == nil {
		return nil
	}
	return s.holdBundle(ctx, t.o.Bundle, 0)
}

// spreadTie lets the material stand for the others that want it, in the open
// transaction.
func (s *Service) spreadTie(ctx context.Context, t *tie, m *Material) error {
	if t.paper == nil || len(t.paper.Of) < 2 {
		return nil
	}
	return s.spread(ctx, t.o, t.paper.Paper, m)
}

// spreadAll lets what was given for one application stand for the same material of
// the others, in the open transaction.
func (s *Service) spreadAll(ctx context.Context, o *OwnBundle) error {
	for _, paper := range o.Papers() {
		if paper.Item.Now == nil || len(paper.Of) < 2 {
			continue
		}
		if err := s.spread(ctx, o, paper.Paper, paper.Item.Now); err != nil {
			return err
		}
	}
	return nil
}

// spread has the other applications that want a paper use what one of them keeps.
func (s *Service) spread(ctx context.Context, o *OwnBundle, paper permittypes.Paper, kept *Material) error {
	from := kept.ID
	if kept.ReusesID != nil {
		from = *kept.ReusesID
	}
	for _, w := range paper.Of {
		a := o.Part(w.Type).Application
		if a.ID == kept.ApplicationID {
			continue
		}
		m, err := s.version(ctx, a, w.Code)
		if err != nil {
			return err
		}
		if m.ID == from || m.ReusesID != nil && *m.ReusesID == from {
			continue
		}
		if err := s.DB.From(ctx).Exec("UPDATE permit_materials SET reuses_id = ? WHERE id = ? AND sent_at IS NULL", from, m.ID).Error; err != nil {
			return fmt.Errorf("share a material: %w", err)
		}
	}
	return nil
}
