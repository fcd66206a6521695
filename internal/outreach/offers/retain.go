package offers

import (
	"context"
	"time"
)

// Old lists offers that came to their end before a time. Those that keep the same
// benefit from being offered or granted once more stay while it is given; so do
// those whose case is held for a court.
func (s *Service) Old(ctx context.Context, before time.Time, after string, most int) (ids []string, err error) {
	err = s.DB.From(ctx).Raw(`SELECT o.id FROM offers o JOIN benefits b ON b.id = o.benefit_id WHERE o.id > ? AND o.updated_at < ?
 AND (o.state IN ('lapsed', 'refused', 'dropped') OR o.state IN ('trimmed', 'objected', 'granted') AND (b.state = 'ended' OR o.period BETWEEN 1 AND ?))
 AND NOT EXISTS (SELECT 1 FROM case_holds h WHERE h.case_id = o.case_id AND h.lifted_at IS NULL) ORDER BY o.id LIMIT ?`, after, before.UTC(), s.today().Year()-1, most).Scan(&ids).Error
	if err != nil {
		return nil, fail("find old offers", err)
	}
	return ids, nil
}

// Delete lets offers go and says how many were there.
func (s *Service) Delete(ctx context.Context, ids []string) (int64, error) {
	return s.exec(ctx, "let offers go", "DELETE FROM offers WHERE id IN ?", ids)
}
