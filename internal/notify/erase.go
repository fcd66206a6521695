package notify

import (
	"context"
	"fmt"

	"minqing/internal/db"
)

// Refused is the reason of a mail that somebody does not want.
const Refused = "refused"

// Erase takes the addresses of people out of the delivery log, in the open
// transaction; what still waits for them is not sent.
func (s *Service) Erase(ctx context.Context, constituentIDs, accountIDs []string) error {
	for column, ids := range map[string][]string{"constituent_id": constituentIDs, "account_id": accountIDs} {
		if len(ids) == 0 {
			continue
		}
		err := s.DB.From(ctx).Exec(`UPDATE deliveries SET address_cipher = NULL, reason = CASE WHEN status IN ('queued', 'failed') THEN ? ELSE reason END,
 status = CASE WHEN status IN ('queued', 'failed') THEN ? ELSE status END, version = version + 1 WHERE `+column+" IN ?", Erased, Suppressed, ids).Error
		if err != nil {
			return fmt.Errorf("erase the addresses of messages: %w", db.Fault(err, "", ""))
		}
		for _, table := range []string{"message_wishes", "quiet_hours", "mail_digests"} {
			if err := s.DB.From(ctx).Exec("DELETE FROM "+table+" WHERE person_id IN ?", ids).Error; err != nil {
				return fmt.Errorf("erase what messages somebody wants: %w", db.Fault(err, "", ""))
			}
		}
	}
	return nil
}

// OfPeople lists the messages to constituents and to an account of theirs, oldest
// first, for their own copy.
func (s *Service) OfPeople(ctx context.Context, constituentIDs []string, accountID string) ([]Entry, error) {
	var rows []delivery
	if err := s.DB.From(ctx).Where("constituent_id IN ? OR account_id = ?", constituentIDs, db.Ref(accountID)).Order("id").Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("list somebody's messages: %w", db.Fault(err, "", ""))
	}
	return entries(rows), nil
}
