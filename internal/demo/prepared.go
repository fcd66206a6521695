package demo

import (
	"context"
	"fmt"

	"minqing/internal/calendar"
	"minqing/internal/i18n"
	"minqing/internal/replies"
)

type prepared struct {
	Kind       replies.Kind   `yaml:"kind"`
	Unit       string         `yaml:"unit"`
	Matter     string         `yaml:"matter"`
	Locale     i18n.Lang      `yaml:"locale"`
	Title      string         `yaml:"title"`
	Body       string         `yaml:"body"`
	LegalBasis string         `yaml:"legal_basis"`
	ValidFrom  *calendar.Date `yaml:"valid_from"`
	ValidTo    *calendar.Date `yaml:"valid_to"`
	Public     bool           `yaml:"public"`
}

// LoadTexts prepares templates and articles, where nobody has prepared any. What
// was written or put out of use since stays as it is.
func (s *Service) LoadTexts(ctx context.Context, r *replies.Service) error {
	for _, k := range []replies.Kind{replies.Template, replies.Article} {
		there, err := r.Search(ctx, k, "")
		if err != nil {
			return err
		}
		if len(there) > 0 {
			return nil
		}
	}
	var list []prepared
	if err := read("prepared.yaml", &list); err != nil {
		return err
	}
	snap, err := s.catalogue.Snapshot(ctx)
	if err != nil {
		return err
	}
	for _, p := range list {
		u, err := snap.Unit(p.Unit)
		if err != nil {
			return fmt.Errorf("prepare %s: %w", p.Title, err)
		}
		one := replies.Text{Kind: p.Kind, UnitID: u.ID, Locale: p.Locale, Title: p.Title, Body: p.Body, LegalBasis: p.LegalBasis,
			ValidFrom: p.ValidFrom, ValidTo: p.ValidTo, Public: p.Public}
		if p.Matter != "" {
			m, err := snap.Matter(p.Matter)
			if err != nil {
				return fmt.Errorf("prepare %s: %w", p.Title, err)
			}
			one.MatterID = &m.ID
		}
		if _, err := r.Put(ctx, one); err != nil {
			return fmt.Errorf("prepare %s: %w", p.Title, err)
		}
	}
	return nil
}
