package access

import (
	"context"
	"io/fs"
	"slices"
	"strings"
	"sync"
	"time"

	"minqing/internal/actor"
	"minqing/internal/audit"
	"minqing/internal/db"
	"minqing/internal/fault"
)

// Service decides.
type Service struct {
	db     *db.DB
	audit  *audit.Service
	policy *policy
	now    func() time.Time

	given []func(ctx context.Context, accountID, role string) error

	mu      sync.Mutex
	known   map[string]*held
	holding map[holding]holders

	rulesUntil time.Time // until when the rules that were read are trusted
	rulesRead  int       // how many changes of rules are in force here
	rulesEver  bool      // whether they were read at all
}

// New makes the service from the files of policies/.
func New(d *db.DB, a *audit.Service, files fs.FS, now func() time.Time) (*Service, error) {
	p, err := loadPolicy(files)
	if err != nil {
		return nil, err
	}
	return &Service{db: d, audit: a, policy: p, now: now, known: map[string]*held{}, holding: map[holding]holders{}}, nil
}

// WhenGiven is told, in the same transaction, of every role that somebody gives.
// It is called while the program is put together.
func (s *Service) WhenGiven(f func(ctx context.Context, accountID, role string) error) {
	s.given = append(s.given, f)
}

// Can says whether the actor holds the verb anywhere: the question of a route.
// What belongs to no unit must be granted for the whole government. A stranger is Unauthenticated, somebody without the verb Forbidden.
func (s *Service) Can(ctx context.Context, v Verb) error {
	a := actor.From(ctx)
	switch {
	case v == Public, a.Kind == actor.System:
		return nil
	case a.AccountID == "":
		return fault.New(fault.Unauthenticated, "access.sign_in")
	case v == SignedIn:
		return nil
	case a.Kind == actor.Citizen && s.policy.may(citizenRole, v, Facts{}):
		return nil
	}
	h, err := s.held(ctx, a.AccountID)
	if err != nil {
		return err
	}
	prefixes := s.scopeOf(h, v).Prefixes
	if len(prefixes) == 0 || ofNoUnit(v) && !slices.ContainsFunc(prefixes, isRoot) {
		return errForbidden
	}
	return nil
}

// ofNoUnit says whether what the verb is done on belongs to the government as a
// whole, such as its jobs, keys and audit trail: a grant for a part of it is none.
func ofNoUnit(v Verb) bool {
	switch kindOf(v) {
	case "audit", "job", "key", "retention", "catalogue", "permit_type", "enterprise":
		return true
	}
	return false
}

// isRoot says whether a unit path is that of the government itself.
func isRoot(path string) bool { return strings.Count(path, "/") == 1 && !strings.HasPrefix(path, seal) }

var errForbidden = fault.New(fault.Forbidden, "access.forbidden")

// CanOn says whether the actor may do the verb on the thing. Somebody who may
// not even know of it gets NotFound from the caller, who asks for the verb of
// reading first.
func (s *Service) CanOn(ctx context.Context, v Verb, o Object) error {
	scope, err := s.Scope(ctx, v)
	if err != nil {
		return err
	}
	if !scope.Everything && !scope.Allows(o) {
		return errForbidden
	}
	return nil
}

// Scope turns the actor's grants into the rows that the verb covers. It agrees
// with CanOn on every thing.
func (s *Service) Scope(ctx context.Context, v Verb) (Scope, error) {
	a := actor.From(ctx)
	if a.Kind == actor.System {
		return Scope{Everything: true}, nil
	}
	h, err := s.held(ctx, a.AccountID)
	if err != nil {
		return Scope{}, err
	}
	return s.scopeOf(h, v), nil
}

// Handles says whether an account may handle cases of the unit.
func (s *Service) Handles(ctx context.Context, accountID, unitPath string) (bool, error) {
	h, err := s.held(ctx, accountID)
	if err != nil {
		return false, err
	}
	return s.scopeOf(h, CaseReply).Covers(unitPath), nil
}

// Holders lists the accounts that hold the verb for a unit path now: who can be
// asked to do it. Disabled accounts are among them; the caller knows accounts.
// As grants are, the answer is kept for a moment: it must not be changed.
func (s *Service) Holders(ctx context.Context, v Verb, unitPath string) ([]string, error) {
	q, now := holding{v, unitPath}, s.now()
	s.mu.Lock()
	h := s.holding[q]
	s.mu.Unlock()
	if now.Before(h.until) {
		return h.accounts, nil
	}
	if err := s.fresh(ctx); err != nil {
		return nil, err
	}
	path, whistle := unsealed(unitPath)
	list, err := s.holders(ctx, path, func(role string) bool { return s.policy.may(role, v, Facts{Whistle: whistle}) })
	if err != nil || s.db.SQLTx(ctx) != nil {
		return list, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.holding) >= mostKnown {
		clear(s.holding)
	}
	s.holding[q] = holders{accounts: slices.Clip(list), until: now.Add(grantLife)}
	return list, nil
}

// holding asks who holds a verb for a unit, holders is what was answered.
type (
	holding struct {
		verb     Verb
		unitPath string
	}
	holders struct {
		accounts []string
		until    time.Time
	}
)

// InRoles lists the accounts that hold one of the roles for a unit now.
// Disabled accounts are among them; the caller knows accounts.
func (s *Service) InRoles(ctx context.Context, unitPath string, roles ...string) ([]string, error) {
	return s.holders(ctx, unitPath, func(role string) bool { return slices.Contains(roles, role) })
}

// Nearest lists the accounts that hold the verb for a unit path now, of those who
// hold it for the unit nearest to it: a section's own head, else the bureau's.
func (s *Service) Nearest(ctx context.Context, v Verb, unitPath string) ([]string, error) {
	path, whistle := unsealed(unitPath)
	return s.nearest(ctx, path, func(role string) bool { return s.policy.may(role, v, Facts{Whistle: whistle}) })
}

// NearestIn is Nearest for roles. Of a whistle-blower's case nobody is found.
func (s *Service) NearestIn(ctx context.Context, unitPath string, roles ...string) ([]string, error) {
	path, whistle := unsealed(unitPath)
	if whistle {
		return nil, nil
	}
	return s.nearest(ctx, path, func(role string) bool { return slices.Contains(roles, role) })
}

func (s *Service) nearest(ctx context.Context, unitPath string, wanted func(role string) bool) ([]string, error) {
	var rows []struct {
		AccountID, Role string
		Depth           int
	}
	now := s.now()
	err := s.db.From(ctx).Raw(`SELECT g.account_id, g.role, length(u.path) AS depth FROM grants g JOIN units u ON u.id = g.unit_id
 WHERE substr(?, 1, length(u.path)) = u.path AND g.valid_from <= ? AND (g.valid_until IS NULL OR g.valid_until > ?)
 ORDER BY length(u.path) DESC, g.account_id, g.role`, unitPath, now, now).Scan(&rows).Error
	if err != nil {
		return nil, db.Fault(err, "", "")
	}
	var out []string
	depth := 0
	for _, r := range rows {
		switch {
		case !wanted(r.Role):
		case len(out) > 0 && r.Depth < depth:
			return out, nil
		case !slices.Contains(out, r.AccountID):
			out, depth = append(out, r.AccountID), r.Depth
		}
	}
	return out, nil
}

func (s *Service) holders(ctx context.Context, unitPath string, wanted func(role string) bool) ([]string, error) {
	var rows []struct{ AccountID, Role string }
	now := s.now()
	err := s.db.From(ctx).Raw(`SELECT g.account_id, g.role FROM grants g JOIN units u ON u.id = g.unit_id
 WHERE substr(?, 1, length(u.path)) = u.path AND g.valid_from <= ? AND (g.valid_until IS NULL OR g.valid_until > ?)
 ORDER BY g.account_id, g.role`, unitPath, now, now).Scan(&rows).Error
	if err != nil {
		return nil, db.Fault(err, "", "")
	}
	var out []string
	for _, r := range rows {
		if wanted(r.Role) && (len(out) == 0 || out[len(out)-1] != r.AccountID) {
			out = append(out, r.AccountID)
		}
	}
	return out, nil
}

// Within says whether a unit path is another or stands below it.
func Within(path, above string) bool { return strings.HasPrefix(path, above) }
