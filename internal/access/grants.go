package access

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"minqing/internal/actor"
	"minqing/internal/audit"
	"minqing/internal/db"
	"minqing/internal/fault"
)

// grantLife is how long grants are kept in memory. A change is in force at once
// where Watch hears of it, and on every node within this time.
const grantLife = 3 * time.Second

// mostKnown bounds how many accounts' grants are kept.
const mostKnown = 10_000

// Grant is a role held for a unit and everything below it. It counts from
// ValidFrom until, but not at, ValidUntil.
type Grant struct {
	ID         string
	AccountID  string
	Role       string
	UnitID     string
	UnitPath   string
	DeputyFor  *string // the absent colleague whose duties these are
	ValidFrom  time.Time
	ValidUntil *time.Time
	HomePath   *string // of the unit in which the account's holder works, whatever the grant is for
	Named      bool    // a case complains about the account's holder, whatever the grant is for
}

// When is how a grant stands to its dates.
type When string

// The answers of Grant.When.
const (
	InForce When = "in_force"
	Ended   When = "ended"
	NotYet  When = "not_yet"
)

// When says how the grant stands to its dates.
func (g Grant) When(now time.Time) When {
	switch {
	case g.ValidFrom.After(now):
		return NotYet
	case g.ValidUntil != nil && !g.ValidUntil.After(now):
		return Ended
	}
	return InForce
}

// held is what an account holds while until has not passed, with the scopes
// that were worked out from it.
type held struct {
	grants []Grant
	until  time.Time
	scopes sync.Map // Verb → Scope
}

func (s *Service) scopeOf(h *held, v Verb) Scope {
	if sc, ok := h.scopes.Load(v); ok {
		if scope, ok := sc.(Scope); ok {
			return scope
		}
	}
	sc := s.policy.scopeOf(h.grants, v)
	h.scopes.Store(v, sc)
	return sc
}

var nothing = &held{}

// held gives what an account holds now, from memory or with one query.
func (s *Service) held(ctx context.Context, accountID string) (*held, error) {
	if accountID == "" {
		return nothing, nil
	}
	now := s.now()
	s.mu.Lock()
	h := s.known[accountID]
	s.mu.Unlock()
	if h != nil && now.Before(h.until) {
		return h, nil
	}
	h, err := s.load(ctx, accountID, now)
	if err != nil {
		return nil, err
	}
	if s.db.SQLTx(ctx) != nil {
		return h, nil // what a transaction sees may yet be undone
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.known) >= mostKnown {
		clear(s.known)
	}
	s.known[accountID] = h
	return h, nil
}

const readGrants = `SELECT g.id, g.account_id, g.role, g.unit_id, u.path AS unit_path, g.deputy_for_id AS deputy_for, g.valid_from, g.valid_until,
 (SELECT h.path FROM accounts a JOIN units h ON h.id = a.unit_id WHERE a.id = g.account_id) AS home_path,
 EXISTS (SELECT 1 FROM case_parties p WHERE p.account_id = g.account_id AND p.role = 'subject') AS named
 FROM grants g JOIN units u ON u.id = g.unit_id WHERE g.account_id = ?`

func (s *Service) load(ctx context.Context, accountID string, now time.Time) (*held, error) {
	if err := s.fresh(ctx); err != nil {
		return nil, err
	}
	var all []Grant
	err := s.db.From(ctx).Raw(readGrants+" AND (g.valid_until IS NULL OR g.valid_until > ?) ORDER BY g.id", accountID, now).Scan(&all).Error
	if err != nil {
		return nil, fmt.Errorf("read the grants: %w", db.Fault(err, "", ""))
	}
	h := &held{until: now.Add(grantLife)}
	for _, g := range all {
		switch g.When(now) {
		case NotYet:
			h.until = earlier(h.until, g.ValidFrom)
		case InForce:
			if g.ValidUntil != nil {
				h.until = earlier(h.until, *g.ValidUntil)
			}
			h.grants = append(h.grants, g)
		}
	}
	return h, nil
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

// Grants lists what an account holds now.
func (s *Service) Grants(ctx context.Context, accountID string) ([]Grant, error) {
	h, err := s.held(ctx, accountID)
	if err != nil {
		return nil, err
	}
	return slices.Clone(h.grants), nil
}

// Forget drops what is kept of an account, after its grants changed here.
func (s *Service) Forget(accountID string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.known, accountID)
	clear(s.holding)
}

// topicGrants is where the ids of accounts whose grants changed are called out, or everybody.
const topicGrants = "minqing_grants"

// changed makes every process read the account's grants anew, once the
// transaction of ctx is committed.
func (s *Service) changed(ctx context.Context, accountID string) error {
	s.db.AfterCommit(ctx, func() { s.Forget(accountID) })
	return s.db.Notify(ctx, topicGrants, accountID)
}

// Reconsider has every server look anew at what an account may see: a case was
// said to complain about its holder, or is said to no more.
func (s *Service) Reconsider(ctx context.Context, accountID string) error {
	return s.changed(ctx, accountID)
}

// Watch forgets what is kept of an account as soon as another process changed
// its grants, and everything as soon as it changed a rule, until ctx ends. On
// SQLite it returns at once.
func (s *Service) Watch(ctx context.Context) {
	s.db.Listen(ctx, topicGrants, s.forgetRules, func(account string) {
		if account == everybody {
			s.forgetRules()
			return
		}
		s.Forget(account)
	})
}

// everybody is called out in place of an account when a rule has changed.
const everybody = "*"

// Giving is a role to give. From defaults to now; Until nil has no end.
type Giving struct {
	AccountID string
	Role      string
	UnitCode  string
	From      time.Time
	Until     *time.Time
	DeputyFor string // account id of the absent colleague; may be empty
	Reason    string
}

// Give lets an account hold a role for a unit and everything below it. Nobody
// gives to themselves or outside of what they administer. Giving what the
// account holds already changes nothing. It gives the grant's id.
func (s *Service) Give(ctx context.Context, g Giving) (string, error) {
	now := s.now().UTC()
	if g.From.IsZero() {
		g.From = now
	}
	var id string
	err := s.db.Tx(ctx, func(ctx context.Context) error {
		unit, err := s.check(ctx, g)
		if err != nil {
			return err
		}
		var there []string
		err = s.db.From(ctx).Raw(`SELECT id FROM grants WHERE account_id = ? AND role = ? AND unit_id = ? AND source = '' AND deputy_for_id IS NULL
 AND valid_from <= ? AND valid_until IS NULL ORDER BY id LIMIT 1`, g.AccountID, g.Role, unit.ID, g.From).Scan(&there).Error
		if err != nil {
			return fmt.Errorf("look for the same grant: %w", err)
		}
		if len(there) > 0 && g.Until == nil && g.DeputyFor == "" {
			id = there[0]
			return nil
		}
		id = db.NewID(now)
		stmt := db.Insert("grants", "id, account_id, role, unit_id, deputy_for_id, valid_from, valid_until, reason, granted_by_id, created_at",
			id, g.AccountID, g.Role, unit.ID, db.Ref(g.DeputyFor), g.From, g.Until, unnamed(g.Reason), db.Ref(actor.From(ctx).AccountID), now)
		if err := s.db.From(ctx).Exec(stmt.SQL, stmt.Args...).Error; err != nil {
			return fmt.Errorf("store a grant: %w", err)
		}
		for _, tell := range s.given {
			if err := tell(ctx, g.AccountID, g.Role); err != nil {
				return err
			}
		}
		if err := s.changed(ctx, g.AccountID); err != nil {
			return err
		}
		return s.audit.Record(ctx, audit.Entry{Action: "access.give", Kind: "account", ID: g.AccountID, Reason: g.Reason,
			Fields: []audit.Change{{Field: "role", After: g.Role}, {Field: "unit", After: g.UnitCode}}})
	})
	return id, err
}

// CheckGiving says what keeps a role from being given, and gives nothing.
func (s *Service) CheckGiving(ctx context.Context, g Giving) error {
	_, err := s.check(ctx, g)
	return err
}

type grantUnit struct{ ID, Path string }

const reasonMost = 500

func (s *Service) check(ctx context.Context, g Giving) (grantUnit, error) {
	var c fault.Check
	c.That(slices.Contains(Roles, g.Role), "role", "access.role.unknown", "Role", g.Role, "Roles", strings.Join(Roles, ", "))
	c.That(g.Until == nil || g.Until.After(g.From), "until", "access.until.before")
	c.That(utf8.RuneCountInString(g.Reason) <= reasonMost, "reason", "access.reason.long", "Max", reasonMost)
	var unit grantUnit
	if err := s.db.From(ctx).Raw("SELECT id, path FROM units WHERE code = ?", g.UnitCode).Scan(&unit).Error; err != nil {
		return unit, fmt.Errorf("find the unit of a grant: %w", err)
	}
	c.That(unit.ID != "", "unit", "access.unit.unknown", "Unit", g.UnitCode)
	if err := c.Err(); err != nil {
		return unit, err
	}
	if err := s.mayGrant(ctx, g.AccountID, unit.Path); err != nil {
		return unit, err
	}
	return unit, s.apart(ctx, g)
}

// apart refuses to make one person two of the administrators that are to watch
// each other, now or later.
func (s *Service) apart(ctx context.Context, g Giving) error {
	if !IsDuty(g.Role) {
		return nil
	}
	if err := s.alone(ctx, g.AccountID); err != nil {
		return err
	}
	var other []string
	err := s.db.From(ctx).Raw(`SELECT DISTINCT role FROM grants WHERE account_id = ? AND role IN ? AND role <> ? AND (valid_until IS NULL OR valid_until > ?)`,
		g.AccountID, duties, g.Role, s.now()).Scan(&other).Error
	if err != nil {
		return fmt.Errorf("look for other duties: %w", db.Fault(err, "", ""))
	}
	if len(other) > 0 {
		return fault.InvalidInput(fault.Field{Name: "role", Key: "access.duties.apart"})
	}
	return nil
}

// alone has those who give roles to one person at the same time come one after the
// other, until the open transaction is over.
func (s *Service) alone(ctx context.Context, accountID string) error {
	var id []string
	if err := s.db.From(ctx).Raw("SELECT id FROM accounts WHERE id = ?"+s.db.Alone(), accountID).Scan(&id).Error; err != nil {
		return fmt.Errorf("wait for others who give roles: %w", db.Fault(err, "", ""))
	}
	return nil
}

func (s *Service) mayGrant(ctx context.Context, accountID, unitPath string) error {
	if a := actor.From(ctx); a.Kind != actor.System && a.AccountID == accountID {
		return fault.New(fault.Forbidden, "access.own_grant")
	}
	return s.CanOn(ctx, AccessGrant, Object{UnitPaths: []string{unitPath}})
}

// Take ends a grant now. Ending one that has ended changes nothing.
func (s *Service) Take(ctx context.Context, grantID, reason string) error {
	now := s.now().UTC()
	return s.db.Tx(ctx, func(ctx context.Context) error {
		var g Grant
		err := s.db.From(ctx).Raw(`SELECT g.id, g.account_id, g.role, g.unit_id, u.path AS unit_path, g.valid_from, g.valid_until
 FROM grants g JOIN units u ON u.id = g.unit_id WHERE g.id = ?`, grantID).Take(&g).Error
		if err != nil {
			return db.Fault(err, "access.grant.missing", "")
		}
		if err := s.mayGrant(ctx, g.AccountID, g.UnitPath); err != nil {
			return err
		}
		res := s.db.From(ctx).Exec(`UPDATE grants SET valid_until = ?, version = version + 1 WHERE id = ? AND (valid_until IS NULL OR valid_until > ?)`,
			now, g.ID, now)
		if res.Error != nil {
			return fmt.Errorf("end a grant: %w", res.Error)
		}
		if res.RowsAffected == 0 {
			return nil
		}
		if err := s.changed(ctx, g.AccountID); err != nil {
			return err
		}
		return s.audit.Record(ctx, audit.Entry{Action: "access.take", Kind: "account", ID: g.AccountID, Reason: reason,
			Fields: []audit.Change{{Field: "role", Before: g.Role}, {Field: "unit", Before: strings.TrimSuffix(g.UnitPath, "/")}}})
	})
}
