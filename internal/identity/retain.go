package identity

import (
	"context"
	"fmt"
	"time"

	"minqing/internal/db"
)

// NeverProven lists accounts from before a time whose mailbox nobody ever proved.
func (s *Service) NeverProven(ctx context.Context, before time.Time, after string, most int) (ids []string, err error) {
	err = s.DB.From(ctx).Raw("SELECT id FROM accounts WHERE id > ? AND created_at < ? AND status = ? ORDER BY id LIMIT ?", after, before.UTC(), Unconfirmed, most).Scan(&ids).Error
	if err != nil {
		return nil, fmt.Errorf("find accounts that were never proven: %w", db.Fault(err, "", ""))
	}
	return ids, nil
}

// EraseAccounts ends accounts by their ids, as Erase does those of people.
func (s *Service) EraseAccounts(ctx context.Context, ids []string) error {
	_, err := s.eraseWhere(ctx, "id IN ?", ids)
	return err
}
