package outreach

import (
	"context"

	"minqing/internal/calendar"
)

// Need is how many cases somebody filed about one matter.
type Need struct {
	PersonID string
	MatterID string
	Cases    int
}

// Needs reads, person by person, about what people turned to the government from
// one day to another, of the cases that may count for an account. A record that
// was merged counts as the one that stands for it; who was erased is left out.
func (s *Service) Needs(ctx context.Context, accountID string, from, to calendar.Date, each func(Need) error) error {
	w, err := s.world(ctx)
	if err != nil {
		return err
	}
	r, err := s.reach(ctx, accountID)
	if err != nil {
		return err
	}
	b := &builder{world: w, reach: r}
	f := b.filed(nil)
	f.add("c.received_on > ? AND c.received_on <= ?", from, to)
	f.add("c.matter_id IS NOT NULL AND m.erased_at IS NULL")
	sql := "SELECT " + who + " AS id, c.matter_id, COUNT(*)" + filers + " WHERE " + f.where() + " GROUP BY " + who + ", c.matter_id ORDER BY 1, 2"
	rows, err := s.DB.Reader(ctx).Raw(sql, f.args...).Rows()
	if err != nil {
		return fail("read what people needed", err)
	}
	defer rows.Close()
	for rows.Next() {
		var n Need
		if err := rows.Scan(&n.PersonID, &n.MatterID, &n.Cases); err != nil {
			return fail("read what people needed", err)
		}
		if err := each(n); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return fail("read what people needed", err)
	}
	return nil
}
