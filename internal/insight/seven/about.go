package seven

import (
	"context"

	"minqing/internal/access"
	"minqing/internal/i18n"
)

// About are what inputs can be about.
type About struct {
	Groups  []Group
	Matters map[string]i18n.Text // by code
}

// MayRead says whether the actor may read the figures.
func (s *Service) MayRead(ctx context.Context) bool {
	return s.Access.Can(ctx, access.ReportRead) == nil
}

// Abouts lists what inputs can be about. Names of segments stand here for whoever
// may enter inputs, since the size of each is one, else for those who may read its
// figures.
func (s *Service) Abouts(ctx context.Context) (About, error) {
	a := About{}
	groups, err := s.groups(ctx, s.MayEnter(ctx))
	if err != nil {
		return a, err
	}
	a.Groups = groups
	a.Matters, err = s.matters(ctx)
	return a, err
}

func (s *Service) matters(ctx context.Context) (map[string]i18n.Text, error) {
	var found []struct {
		Code string
		Name i18n.Text
	}
	if err := s.DB.Reader(ctx).Raw("SELECT code, name FROM matters").Scan(&found).Error; err != nil {
		return nil, fail("read the matters of a report", err)
	}
	out := make(map[string]i18n.Text, len(found))
	for _, m := range found {
		out[m.Code] = m.Name
	}
	return out, nil
}
