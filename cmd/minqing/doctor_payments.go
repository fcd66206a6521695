package main

import (
	"context"
	"errors"
	"time"

	"minqing/internal/fees"
)

// payments asks the provider of payments about one that never was: who knows us
// answers that it has never heard of it. Nothing is ordered.
func (d *doctor) payments(ctx context.Context) {
	const about = "payments"
	if d.c.PaymentURL == "" {
		d.ok(about, "no provider is set: "+d.unpaid(ctx))
		return
	}
	g, err := fees.OpenGateway(d.c.PaymentURL, time.Now)
	if err == nil {
		_, err = g.Ask(ctx, "doctor")
	}
	if err != nil && !errors.Is(err, fees.ErrUnknown) {
		d.fail(about, err.Error()+"; fees can be paid at the counter meanwhile", "start it, open the way to it, or correct MINQING_PAYMENT_URL")
		return
	}
	d.ok(about, "the provider is configured and answers")
}

// unpaid says how fees are paid where there is no provider.
func (d *doctor) unpaid(ctx context.Context) string {
	const counter = "fees are paid at the counter alone"
	if !d.ready {
		return counter
	}
	var n int64
	err := d.db.From(ctx).Raw("SELECT count(*) FROM fee_payments WHERE provider = ?", (*fees.Sandbox)(nil).Code()).Scan(&n).Error
	if err != nil || n == 0 {
		return counter + ", or at the sandbox under minqing serve --demo"
	}
	return "under minqing serve --demo the sandbox plays one and takes no money; without --demo " + counter
}
