package identity

import (
	"context"
	"fmt"

	"minqing/internal/constituents"
	"minqing/internal/db"
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

// HasDemo says whether the database holds demo accounts.
func (s *Service) HasDemo(ctx context.Context) (bool, error) {
	var n int
	err := s.DB.From(ctx).Raw("SELECT count(*) FROM (SELECT 1 FROM accounts WHERE demo = ? LIMIT 1) AS one", true).Scan(&n).Error
	if err != nil {
		return false, fmt.Errorf("look for demo accounts: %w", db.Fault(err, "", ""))
	}
	return n > 0, nil
}

// EnsureDemo makes the demo accounts that are not there yet, with their roles.
// An address that belongs to a real account is a Conflict.
func (s *Service) EnsureDemo(ctx context.Context, accounts []DemoAccount) error {
	there, err := s.demoThere(ctx)
	if err != nil {
		return err
	}
	for _, d := range accounts {
		if there[demoHeld{string(s.login(d.Email)), d.Role, d.UnitCode}] {
			continue
		}
		if err := s.ensureDemo(ctx, d); err != nil {
			return err
		}
	}
	return nil
}

// demoHeld is a demo account with one of its roles, or with none.
type demoHeld struct{ login, role, unit string }

// demoThere finds the demo accounts and the lasting roles that they hold, all at
// once: a start waits for it.
func (s *Service) demoThere(ctx context.Context) (map[demoHeld]bool, error) {
	var rows []struct {
		LoginIndex []byte
		Role, Code string
		Root       bool
	}
	err := s.DB.From(ctx).Raw(`SELECT a.login_index, coalesce(g.role, '') AS role, coalesce(u.code, '') AS code, u.id IS NOT NULL AND u.parent_id IS NULL AS root
 FROM accounts a LEFT JOIN grants g ON g.account_id = a.id AND g.source = '' AND g.deputy_for_id IS NULL AND g.valid_from <= ? AND g.valid_until IS NULL
 LEFT JOIN units u ON u.id = g.unit_id WHERE a.demo = ?`, s.Now().UTC(), true).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("read who is there: %w", db.Fault(err, "", ""))
	}
	there := make(map[demoHeld]bool, 2*len(rows))
	for _, r := range rows {
		login := string(r.LoginIndex)
		there[demoHeld{login: login}], there[demoHeld{login, r.Role, r.Code}] = true, true
		if r.Root { // which a role is for when none is named
			there[demoHeld{login, r.Role, ""}] = true
		}
	}
	return there, nil
}

// EnsureColleagues makes the staff of the demo city that are not there yet, all
// in one transaction, with their roles. They have no password, so that nobody
// can sign in as them.
func (s *Service) EnsureColleagues(ctx context.Context, accounts []DemoAccount) error {
	return s.DB.Tx(ctx, func(ctx context.Context) error {
		var there []struct{ LoginIndex []byte }
		if err := s.DB.From(ctx).Raw("SELECT login_index FROM accounts WHERE demo = ?", true).Scan(&there).Error; err != nil {
			return fmt.Errorf("read who is there: %w", db.Fault(err, "", ""))
		}
		known := map[string]bool{}
		for _, t := range there {
			known[string(t.LoginIndex)] = true
		}
		for _, d := range accounts {
			if known[string(s.login(d.Email))] {
				continue
			}
			if err := s.createColleague(ctx, d); err != nil {
				return err
			}
		}
		return nil
	})
}

func (s *Service) createColleague(ctx context.Context, d DemoAccount) error {
	r, err := s.staffRow(ctx, d.UnitCode)
	if err != nil {
		return err
	}
	id, err := s.insert(ctx, NewAccount{Email: d.Email, Name: d.Name, Locale: d.Locale}, r, "")
	if err != nil {
		return err
	}
	_, err = s.Grant(ctx, id, d.Role, d.UnitCode, "demo")
	return err
}

// staffRow is the row of a demo account at its home unit.
func (s *Service) staffRow(ctx context.Context, unitCode string) (row, error) {
	var c fault.Check
	unit, err := s.unit(ctx, unitCode, &c)
	if err == nil {
		err = c.Err()
	}
	return row{Kind: Staff, Status: Active, Demo: true, UnitID: db.Ref(unit)}, err
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
		r, err := s.staffRow(ctx, d.UnitCode)
		if err != nil {
			return "", err
		}
		return s.create(ctx, n, r)
	}
	kind := constituents.Person
	if d.Kind == string(constituents.Enterprise) {
		kind = constituents.Enterprise
	}
	return s.createCitizen(ctx, n, kind, row{Status: Active, Demo: true})
}
