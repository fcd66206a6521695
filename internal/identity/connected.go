package identity

import (
	"context"
	"fmt"
	"time"

	"minqing/internal/actor"
	"minqing/internal/audit"
	"minqing/internal/db"
	"minqing/internal/fault"
)

// Connection is a provider by which the actor may sign in, or could.
type Connection struct {
	ProviderName
	Connected bool
	Since     time.Time
	Used      time.Time
}

// Connections lists the providers for accounts of the actor's kind. Demo
// accounts, which many share, have none.
func (s *Service) Connections(ctx context.Context) ([]Connection, error) {
	r, err := s.me(ctx)
	if err != nil || r.Demo {
		return nil, err
	}
	var rows []struct {
		Provider          string
		CreatedAt, UsedAt time.Time
	}
	err = s.DB.From(ctx).Raw("SELECT provider, created_at, used_at FROM external_identities WHERE account_id = ? ORDER BY id", r.ID).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("read the providers of an account: %w", db.Fault(err, "", ""))
	}
	var out []Connection
	for _, p := range s.o.Providers {
		if p.Kind != r.Kind {
			continue
		}
		one := Connection{ProviderName: ProviderName{Key: p.Key, Name: p.Name}}
		for _, have := range rows {
			if have.Provider == p.Key {
				one.Connected, one.Since, one.Used = true, have.CreatedAt, have.UsedAt
			}
		}
		out = append(out, one)
	}
	return out, nil
}

// Connect begins the way to a provider that is to open the actor's account from
// then on. It takes the password: a session alone must not make another way in.
func (s *Service) Connect(ctx context.Context, key, current, locale string) (address, name, token string, err error) {
	r, p, err := s.mine(ctx, key, current)
	if err != nil {
		return "", "", "", err
	}
	address, token, err = s.depart(ctx, p, stepConnect, r.ID, providerTrip{Provider: key, Next: "/me/security", Locale: locale})
	return address, p.Name, token, err
}

// mine is the actor's account and a provider for it, after the password.
func (s *Service) mine(ctx context.Context, key, current string) (row, Provider, error) {
	p, err := s.provider(key)
	if err != nil {
		return row{}, Provider{}, err
	}
	r, err := s.me(ctx)
	if err != nil {
		return row{}, Provider{}, err
	}
	if r.Demo || r.Kind != p.Kind {
		return row{}, Provider{}, fault.New(fault.Forbidden, "identity.provider.not_here")
	}
	return r, p, s.checkCurrent(ctx, r, current)
}

// Disconnect lets a provider open the actor's account no more, and takes the
// roles that came from it. It takes the password, so that another way in remains.
func (s *Service) Disconnect(ctx context.Context, key, current string) error {
	r, p, err := s.mine(ctx, key, current)
	if err != nil {
		return err
	}
	return s.DB.Tx(ctx, func(ctx context.Context) error {
		res := s.DB.From(ctx).Exec("DELETE FROM external_identities WHERE account_id = ? AND provider = ?", r.ID, key)
		if res.Error != nil {
			return fmt.Errorf("disconnect a provider: %w", db.Fault(res.Error, "", ""))
		}
		if res.RowsAffected == 0 {
			return nil
		}
		if r.Kind == Staff {
			if _, err := s.Access.Follow(p.system(ctx), r.ID, p.source(), nil, s.Now()); err != nil {
				return err
			}
		}
		if err := s.forgive(ctx, r.LoginIndex); err != nil {
			return err
		}
		return s.Audit.Record(actor.With(ctx, actorOf(ctx, r)), audit.Entry{Action: "identity.provider_disconnect", Kind: "account", ID: r.ID, Fields: []audit.Change{{Field: "by", Before: key}}})
	})
}
