package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"minqing/internal/app"
	"minqing/internal/constituents"
	"minqing/internal/notify"
)

// providers asks the OpenID providers about themselves, and looks for the units
// that roles are for.
func (d *doctor) providers(ctx context.Context) {
	const about = "providers"
	all, err := app.Providers(d.c, strings.TrimSuffix(d.c.BaseURL, "/"), time.Now)
	if err != nil {
		d.fail(about, err.Error(), "correct it in the environment; README.md lists every setting")
		return
	}
	for _, p := range all {
		setting := "MINQING_OIDC_" + strings.ToUpper(p.Key) + "_ISSUER"
		if err := p.Client.Check(ctx); err != nil {
			d.fail(about, p.Client.Issuer()+" does not answer as an OpenID provider; people sign in by password meanwhile", "start it, or correct "+setting)
			continue
		}
		missing := ""
		for _, r := range p.Roles {
			if r.UnitCode == "" || !d.ready {
				continue
			}
			var n int64
			if err := d.db.From(ctx).Raw("SELECT count(*) FROM units WHERE code = ?", r.UnitCode).Scan(&n).Error; err != nil {
				d.fail(about, err.Error(), "see the log of the database")
				return
			}
			if n == 0 {
				missing = r.UnitCode
			}
		}
		if missing != "" {
			d.fail(about, "there is no unit "+missing+", for which "+p.Name+" gives a role", "correct MINQING_OIDC_STAFF_ROLES")
			continue
		}
		d.ok(about, p.Client.Issuer()+" answers")
	}
}

// texts asks the gateway for text messages, where there is one.
func (d *doctor) texts(ctx context.Context) {
	if d.c.SMSURL == "" {
		return
	}
	g, err := notify.OpenSMS(d.c.SMSURL)
	if err == nil {
		err = g.Check(ctx)
	}
	if err != nil {
		d.fail("texts", err.Error(), "start the gateway, or correct MINQING_SMS_URL")
		return
	}
	d.ok("texts", "the gateway for text messages answers")
}

// circlesMost is how many circles of merges are listed.
const circlesMost = 20

// circles lists records that were merged into one another, for which none stands. Nobody
// is served under them: what counts for a person counts for the record that stands for them.
func (d *doctor) circles(ctx context.Context) {
	const about = "people"
	if !d.ready {
		return
	}
	all, err := constituents.Circles(ctx, d.db)
	if err != nil {
		d.fail(about, err.Error(), "see the log of the database")
		return
	}
	for i, c := range all {
		if i == circlesMost {
			d.fail(about, fmt.Sprintf("%d more circles of merged records are not listed", len(all)-circlesMost), "mend these first")
			break
		}
		d.fail(about, "records are merged in a circle, "+strings.Join(append(c, c[0]), " into "),
			"set merged_into_id and merged_how of the one that is to stand for the others to NULL; the next night writes what stands for them")
	}
	if len(all) == 0 {
		d.ok(about, "no records are merged in a circle")
	}
}
