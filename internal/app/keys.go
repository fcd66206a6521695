package app

import (
	"context"
	"log/slog"
	"time"

	"minqing/internal/cases"
	"minqing/internal/constituents"
	"minqing/internal/files"
	"minqing/internal/identity"
	"minqing/internal/keys"
	"minqing/internal/notify"
	"minqing/internal/outreach"
	"minqing/internal/outreach/offers"
	"minqing/internal/permits"
	"minqing/internal/satisfaction"
	"minqing/internal/vault"
	"minqing/internal/voices"
)

// keyOwners are whose data keys seal what: each package says it of its own tables.
func keyOwners() []vault.Owner {
	person, account, one := constituents.KeyOwner(), identity.KeyOwner(), cases.KeyOwner()
	person.Sealed = append(person.Sealed, notify.Sealed("constituent_id"), outreach.Sealed(), offers.Sealed())
	account.Sealed = append(account.Sealed, notify.Sealed("account_id"))
	one.Sealed = append(one.Sealed, satisfaction.Sealed())
	follower := voices.KeyOwner()
	follower.Sealed = append(follower.Sealed, notify.Sealed("about_id"))
	return []vault.Owner{person, account, one, files.KeyOwner(), follower, permits.KeyOwner()}
}

func (a *App) wireKeys() {
	a.Keys = keys.New(keys.Deps{DB: a.DB, Vault: a.Vault, Audit: a.Audit, Jobs: a.Jobs, Now: a.Options.Now, Owners: keyOwners(),
		Indexes: []keys.Index{a.Constituents, a.Constituents.Numbers(), a.Constituents.Marks(), a.Identity, a.Identity.Subjects(), a.Identity.Phones(), a.Voices},
		Codes:   []keys.Codes{a.Cases, a.Constituents, a.Identity, a.Once, a.Voices, a.Offers, a.Enterprises}})
}

// watchEvery is how soon a server follows a change of its key file.
const watchEvery = 15 * time.Second

func (a *App) watchKeys(ctx context.Context) {
	tick := time.NewTicker(watchEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			changed, err := a.Vault.Reload()
			if err != nil {
				a.Log.Error("the key ring cannot be read; the one that was read before stays in force", slog.String("error", err.Error()))
			} else if changed {
				a.Log.Info("the key ring changed", slog.String("current", a.Vault.CurrentKey()))
			}
		}
	}
}
