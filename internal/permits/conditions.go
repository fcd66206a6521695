package permits

import "context"

// Conditions are those under which the permit of a case was granted: for its paper,
// which its holder and the unit have. Empty where there are none.
func (s *Service) Conditions(ctx context.Context, caseID string) (string, error) {
	d, err := s.decisionOf(ctx, caseID)
	if err != nil || d == nil || !d.Grants || d.DecidedAt == nil {
		return "", err
	}
	return d.Conditions, nil
}
