package access

import (
	"context"
	"fmt"

	"minqing/internal/db"
)

// InCharge says which of the accounts stand below the actor for a verb, with what
// each of them holds now or will: all of that must be for units that the verb
// covers. Who holds nothing stands below whoever the verb covers the whole
// government for.
func (s *Service) InCharge(ctx context.Context, v Verb, accountIDs ...string) (map[string][]Grant, error) {
	scope, err := s.Scope(ctx, v)
	if err != nil {
		return nil, err
	}
	var roots []string
	if err := s.db.From(ctx).Raw("SELECT path FROM units WHERE parent_id IS NULL").Scan(&roots).Error; err != nil {
		return nil, fmt.Errorf("read the units at the top: %w", db.Fault(err, "", ""))
	}
	whole := scope.Everything || len(roots) > 0
	for _, path := range roots {
		whole = whole && scope.Covers(path)
	}
	below := make(map[string][]Grant, len(accountIDs))
	if whole {
		for _, id := range accountIDs {
			below[id] = nil
		}
	}
	if len(accountIDs) == 0 {
		return below, nil
	}
	var all []Grant
	err = s.db.From(ctx).Raw(`SELECT g.id, g.account_id, g.role, g.unit_id, u.path AS unit_path, g.deputy_for_id AS deputy_for, g.valid_from, g.valid_until
 FROM grants g JOIN units u ON u.id = g.unit_id WHERE g.account_id IN ? AND (g.valid_until IS NULL OR g.valid_until > ?) ORDER BY g.id`,
		accountIDs, s.now()).Scan(&all).Error
	if err != nil {
		return nil, fmt.Errorf("read what accounts hold: %w", db.Fault(err, "", ""))
	}
	beyond := map[string]bool{}
	for _, g := range all {
		beyond[g.AccountID] = beyond[g.AccountID] || !scope.Covers(g.UnitPath)
		below[g.AccountID] = append(below[g.AccountID], g)
	}
	for id, out := range beyond {
		if out {
			delete(below, id)
		}
	}
	return below, nil
}
