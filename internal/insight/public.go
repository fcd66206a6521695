package insight

import (
	"context"
	"fmt"

	"minqing/internal/calendar"
	"minqing/internal/db"
	"minqing/internal/stats"
)

// Month is what everybody may read of a month: the figures of the whole
// government. Cells from fewer people than public pages may show are hidden.
type Month struct {
	First calendar.Date // its first day
	Filed Count
	Rates []Rate // one for each of Figures, in that order
}

// PublicMonths reads the last n whole months, the newest first. A month in which
// nothing was counted is left out. It needs no grant.
func (s *Service) PublicMonths(ctx context.Context, n int) ([]Month, error) {
	this := firstOfMonth(s.Today())
	from := this
	for range n {
		from = firstOfMonth(from.Add(-1))
	}
	var found []struct {
		Month  calendar.Date
		Counts `gorm:"embedded"`
	}
	err := s.DB.Reader(ctx).Raw("SELECT month, "+sums("")+` FROM figures_month
 WHERE dimension = 'kind' AND month >= ? AND month < ? GROUP BY month ORDER BY month DESC`, from, this).Scan(&found).Error
	if err != nil {
		return nil, fmt.Errorf("read the months of the whole government: %w", db.Fault(err, "", ""))
	}
	out := make([]Month, len(found))
	for i, f := range found {
		out[i] = Month{First: f.Month, Filed: count(f.Filed, few(f.Filed)), Rates: make([]Rate, PublicFigures)}
		for j, figure := range Figures[:PublicFigures] {
			r := figure.of(f.Counts)
			out[i].Rates[j] = told(r, few(r.Denominator))
		}
	}
	return out, nil
}

func few(people int64) bool { return people > 0 && people < stats.FloorPublic }

// Asked is a matter with how many cases were filed about it.
type Asked struct {
	MatterID string
	Filed    int64
}

// MostAsked lists the matters about which most cases were filed on the last days
// up to today, the most first, at most limit. Matters with fewer filings than
// public pages may show are left out, and so are whistle-blower cases. It needs
// no grant. It reads the cases of those days by an index: keep the answer for a
// while instead of asking for each reader.
func (s *Service) MostAsked(ctx context.Context, days, limit int) ([]Asked, error) {
	today := s.Today()
	var out []Asked
	err := s.DB.Reader(ctx).Raw(`SELECT matter_id, count(*) AS filed FROM cases
 WHERE received_on > ? AND received_on <= ? AND matter_id IS NOT NULL AND confidentiality <> 'whistle'
 GROUP BY matter_id HAVING count(*) >= ? ORDER BY filed DESC, matter_id LIMIT ?`,
		today.Add(-days), today, stats.FloorPublic, limit).Scan(&out).Error
	if err != nil {
		return nil, fmt.Errorf("read what many ask: %w", db.Fault(err, "", ""))
	}
	return out, nil
}
