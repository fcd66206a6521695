package constituents

import (
	"context"
	"fmt"

	"minqing/internal/audit"
	"minqing/internal/db"
)

// Family is the constituent and all that were joined to it: whose cases are
// that person's own.
func (s *Service) Family(ctx context.Context, id string) ([]string, error) {
	if id == "" {
		return nil, nil
	}
	var joined []string
	err := s.DB.From(ctx).Raw("SELECT id FROM constituents WHERE merged_into_id = ? ORDER BY id", id).Scan(&joined).Error
	if err != nil {
		return nil, fmt.Errorf("find joined constituents: %w", db.Fault(err, "", ""))
	}
	return append([]string{id}, joined...), nil
}

// Join marks constituents as merged into another: what they filed becomes its
// own. Nothing moves, so that it can be undone by taking the mark away. Those
// that are merged already stay where they are.
func (s *Service) Join(ctx context.Context, into string, ids ...string) error {
	return s.DB.Tx(ctx, func(ctx context.Context) error {
		for _, id := range ids {
			if err := s.join(ctx, id, into); err != nil {
				return err
			}
		}
		return nil
	})
}

func (s *Service) join(ctx context.Context, id, into string) error {
	if id == into {
		return nil
	}
	res := s.DB.From(ctx).Exec(`UPDATE constituents SET merged_into_id = ?, version = version + 1 WHERE id = ? AND merged_into_id IS NULL`, into, id)
	if res.Error != nil {
		return fmt.Errorf("join a constituent: %w", res.Error)
	}
	if res.RowsAffected == 0 {
		return nil
	}
	// Which guest it was stays out of the trail: they may have filed as one to be unknown.
	return s.Audit.Record(ctx, audit.Entry{Action: "constituent.join", Kind: "constituent", ID: into, Fields: []audit.Change{{Field: "joined", After: "1"}}})
}

// Head is the record that somebody's was joined to, or their own.
func (s *Service) Head(ctx context.Context, id string) (string, error) {
	var heads []string
	err := s.DB.From(ctx).Raw("SELECT COALESCE(merged_into_id, id) FROM constituents WHERE id = ?", id).Scan(&heads).Error
	if err != nil || len(heads) == 0 {
		return "", db.Fault(orMissing(err), "constituents.missing", "")
	}
	return heads[0], nil
}
