package identity

import (
	"context"

	"minqing/internal/constituents"
	"minqing/internal/fault"
)

// DemoPassword is the public password of every demo account. They sign in only
// while Options.Demo is on.
const DemoPassword = "Linjiang-2026!"

// DemoAccount is an account of the demo city. Kind is citizen, enterprise or
// staff; the first two need no role.
type DemoAccount struct {
	Email    string
	Name     string
	Role     string
	UnitCode string
	Kind     string
	Locale   string
}

// EnsureDemo makes the demo accounts that are not there yet, with their roles.
// An address that belongs to a real account is a Conflict.
func (s *Service) EnsureDemo(ctx context.Context, accounts []DemoAccount) error {
	for _, d := range accounts {
		if err := s.ensureDemo(ctx, d); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) ensureDemo(ctx context.Context, d DemoAccount) error {
	r, err := s.byLogin(ctx, s.login(d.Email))
	if err != nil {
		return err
	}
	if r.ID != "" && !r.Demo {
		return fault.New(fault.Conflict, "identity.email.taken")
	}
	if r.ID == "" {
		if r.ID, err = s.createDemo(ctx, d); err != nil {
			return err
		}
	}
	if d.Role == "" || d.Kind != string(Staff) {
		return nil
	}
	_, err = s.Grant(ctx, r.ID, d.Role, d.UnitCode, "demo")
	return err
}

func (s *Service) createDemo(ctx context.Context, d DemoAccount) (string, error) {
	n := NewAccount{Email: d.Email, Name: d.Name, Password: DemoPassword, UnitCode: d.UnitCode, Locale: d.Locale}
	if d.Kind == string(Staff) {
		var c fault.Check
		unit, err := s.unit(ctx, d.UnitCode, &c)
		if err == nil {
			err = c.Err()
		}
		if err != nil {
			return "", err
		}
		r := row{Kind: Staff, Status: Active, Demo: true}
		if unit != "" {
			r.UnitID = &unit
		}
		return s.create(ctx, n, r)
	}
	kind := constituents.Person
	if d.Kind == string(constituents.Enterprise) {
		kind = constituents.Enterprise
	}
	return s.createCitizen(ctx, n, kind, row{Status: Active, Demo: true})
}
