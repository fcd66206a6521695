package portal

import (
	"context"
	"maps"

	"minqing/internal/calendar"
	"minqing/internal/i18n"
	"minqing/internal/permits"
	"minqing/internal/register"
	"minqing/internal/web"
)

// was says what stood in a permit before a change.
func was(ctx context.Context, s *permits.Service, p *register.Permit, changed register.Facts, l i18n.Lang) (rows []web.SummaryRow, err error) {
	left := maps.Clone(changed)
	if day, ok := left["valid_until"]; ok {
		delete(left, "valid_until")
		words := web.Say("held.endless")
		if d, err := calendar.ParseDate(day); err == nil {
			words = web.Plain(localDay(l, &d))
		}
		rows = append(rows, web.SummaryRow{Key: web.Say("held.last"), Value: words})
	}
	list, err := s.Facts(ctx, p, left)
	for _, f := range list {
		value := web.Data(f.Value)
		if left[f.Name] == "" {
			value = web.Say("held.was.nothing")
		}
		rows = append(rows, web.SummaryRow{Key: web.Data(f.Label), Value: value})
	}
	return rows, err
}
