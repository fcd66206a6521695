package enterprise

import (
	"context"

	"minqing/internal/fees"
	"minqing/internal/web"
)

// feeRow is a fee of an application.
type feeRow struct {
	Href  string
	Title web.Words
	Chip  web.Chip
	Facts []web.Words
}

// feeRows are what an application costs, as far as it was ordered.
func (d ApplyDeps) feeRows(ctx context.Context, caseID string) (rows []feeRow, err error) {
	if d.Fees == nil {
		return nil, nil
	}
	list, err := d.Fees.OfCase(ctx, caseID)
	for i := range list {
		o := &list[i]
		row := feeRow{Href: "/me/fees/" + o.OrderNo, Title: web.Data(o.FeeName), Chip: web.Chip{Words: web.Say("fees.state." + string(o.State))},
			Facts: []web.Words{web.Plain(fees.Money(o.Amount, o.Currency))}}
		switch o.State {
		case fees.Due:
			row.Chip.Tone = web.ToneDue
			row.Facts = append(row.Facts, web.Say("fees.row.due", "Day", web.DayText(o.DueOn)))
		case fees.Paid:
			row.Chip.Tone = web.ToneDone
		case fees.Waived, fees.Refunded:
			row.Chip.Tone = web.ToneInfo
		case fees.Cancelled:
		}
		rows = append(rows, row)
	}
	return rows, err
}
