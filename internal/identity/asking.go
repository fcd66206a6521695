package identity

import (
	"context"
	"fmt"
	"time"

	"minqing/internal/actor"
	"minqing/internal/db"
)

// What anybody can have sent to somebody else's mailbox or phone is bounded: 20
// messages for one in an hour, whoever asks. So that strangers do not use them all
// up, one network address has a few only, those that have had none yet come last,
// and a browser that the owner has used has its own.
const (
	askedAddress = 5  // messages for one name that one address may ask for
	askedFreely  = 10 // for one name, by any addresses
	askedFirst   = 17 // with those by addresses that had none yet
	askedDevice  = 3  // by a known browser, besides
	askedWithin  = time.Hour
)

// asked takes a message to a mailbox or phone, known or not, by the keyed hash
// that it stands under, and says whether it may be sent.
func (s *Service) asked(ctx context.Context, index []byte) (bool, error) {
	if device := s.device(ctx, index); device != nil {
		n, err := s.take(ctx, "device"+string(device), askedDevice)
		return n > 0, err
	}
	n, err := s.take(ctx, s.asker(ctx, index), askedAddress)
	if err != nil || n == 0 {
		return false, err
	}
	most := int64(askedFreely)
	if n == 1 {
		most = askedFirst
	}
	n, err = s.take(ctx, "name"+string(index), most)
	return n > 0, err
}

// asker is who asks for messages to somebody: an account, or a network address.
func (s *Service) asker(ctx context.Context, index []byte) string {
	if id := actor.From(ctx).AccountID; id != "" {
		return "account" + id + string(index)
	}
	return "address" + string(s.address(ctx)) + string(index)
}

// take counts one within the hour that began with the first, and gives its number;
// 0 when there were most already, which counts no further.
func (s *Service) take(ctx context.Context, subject string, most int64) (n int64, err error) {
	now := s.Now().UTC()
	over := now.Add(-askedWithin)
	err = s.DB.From(ctx).Raw(`INSERT INTO sign_in_counts (attempts, locks, since, subject) VALUES (1, 0, ?, ?)
 ON CONFLICT (subject) DO UPDATE SET attempts = CASE WHEN sign_in_counts.since <= ? THEN 1 ELSE sign_in_counts.attempts + 1 END,
 since = CASE WHEN sign_in_counts.since <= ? THEN excluded.since ELSE sign_in_counts.since END
 WHERE sign_in_counts.since <= ? OR sign_in_counts.attempts < ? RETURNING attempts`,
		now, s.Vault.BlindIndex(purposeAsking, subject), over, over, over, s.limit(most)).Scan(&n).Error
	if err != nil {
		return 0, fmt.Errorf("count a message that was asked for: %w", db.Fault(err, "", ""))
	}
	return n, nil
}
