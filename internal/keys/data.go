package keys

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"minqing/internal/db"
)

// BeginData notes that owners of the kinds, of every kind when none is named, get
// new data keys: those whose key is older than this moment.
func (s *Service) BeginData(ctx context.Context, kinds ...string) (run *Run, err error) {
	if len(kinds) == 0 {
		for _, o := range s.Owners {
			kinds = append(kinds, o.Kind)
		}
	}
	for _, k := range kinds {
		if !slices.Contains(s.OwnerKinds(), k) {
			return nil, fmt.Errorf("there are no keys of %q; there are those of %s", k, strings.Join(s.OwnerKinds(), ", "))
		}
	}
	now, total := s.Now().UTC(), int64(0)
	for _, k := range kinds {
		total += s.count(ctx, s.table(k)+" WHERE vault_key_id IS NOT NULL")
	}
	err = s.DB.Tx(ctx, func(ctx context.Context) error {
		if run, err = s.open(ctx, Data); err != nil || run != nil {
			return err
		}
		run = &Run{ID: db.NewID(now), Kind: Data, Target: strings.Join(kinds, ","), After: first, Total: total, StartedAt: now, UpdatedAt: now}
		return s.begin(ctx, run)
	})
	return run, err
}

// OwnerKinds lists whose keys can be renewed.
func (s *Service) OwnerKinds() (kinds []string) {
	for _, o := range s.Owners {
		kinds = append(kinds, o.Kind)
	}
	return kinds
}

func (s *Service) table(kind string) string {
	return s.Owners[slices.Index(s.OwnerKinds(), kind)].Table
}

// dataStep renews the key of the next owner: one owner, one transaction.
func (s *Service) dataStep(ctx context.Context, run *Run) (stuck []string, err error) {
	kinds := strings.Split(run.Target, ",")
	if run.Step >= len(kinds) {
		now := s.Now().UTC()
		run.FinishedAt = &now
		return nil, nil
	}
	o := s.Owners[slices.Index(s.OwnerKinds(), kinds[run.Step])]
	var next []struct{ ID, VaultKeyID string }
	err = s.DB.From(ctx).Raw("SELECT t.id, t.vault_key_id FROM "+o.Table+` t WHERE t.id > ? AND t.vault_key_id IS NOT NULL
 AND EXISTS (SELECT 1 FROM vault_keys k WHERE k.id = t.vault_key_id AND k.destroyed_at IS NULL AND k.created_at < ?) ORDER BY t.id LIMIT 1`, run.After, run.StartedAt).Scan(&next).Error
	if err != nil {
		return nil, fmt.Errorf("find whose key is next: %w", db.Fault(err, "", ""))
	}
	if len(next) == 0 {
		run.Step, run.After = run.Step+1, first
		return nil, nil
	}
	run.After = next[0].ID
	run.Done++
	if _, err := s.Vault.Replace(ctx, o, next[0].ID, next[0].VaultKeyID); err != nil {
		return nil, fmt.Errorf("renew the key of %s %s: %w", o.Kind, next[0].ID, err)
	}
	return nil, nil
}
