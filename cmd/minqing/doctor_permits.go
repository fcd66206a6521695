package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"minqing/internal/register"
	"minqing/internal/vault"
)

// signing looks whether the key ring makes the keys under which permits were signed,
// and whether their public halves are as they were published.
func (d *doctor) signing(ctx context.Context) {
	const about = "signing"
	if !d.ready {
		return
	}
	ring, err := vault.LoadRing(d.c.Keys)
	if err != nil {
		return // which the keys say
	}
	permits := register.New(register.Deps{DB: d.db, Vault: vault.New(d.db, ring, time.Now)})
	problems, err := permits.CheckKeys(ctx)
	if err != nil {
		d.fail(about, err.Error(), "see the log of the database")
		return
	}
	for _, p := range problems {
		what, mend, _ := strings.Cut(p, ": ")
		d.fail(about, what, mend)
	}
	n, current, err := permits.Published(ctx)
	switch {
	case err != nil:
		d.fail(about, err.Error(), "see the log of the database")
	case len(problems) > 0:
	case current:
		d.ok(about, fmt.Sprintf("permits are signed under %s; public keys published: %d", ring.Current(), n))
	default:
		d.ok(about, fmt.Sprintf("the public key of %s is published when it signs the first permit; published before: %d", ring.Current(), n))
	}
}
