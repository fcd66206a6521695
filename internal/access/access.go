package access

import (
	"context"
	"fmt"
	"io/fs"
	"sort"
	"strings"
	"sync"
	"time"

	"minqing/internal/actor"
	"minqing/internal/db"
	"minqing/internal/fault"
)

// grantLife is how long grants are kept in memory: a change is in force on
// every node within this time.
const grantLife = 3 * time.Second

// Service decides.
type Service struct {
	db     *db.DB
	policy *policy
	now    func() time.Time

	mu    sync.Mutex
	known map[string]held
}

// Grant is a role held for a unit and everything below it.
type Grant struct {
	Role       string
	UnitID     string
	UnitPath   string
	DeputyFor  *string
	ValidFrom  time.Time
	ValidUntil *time.Time
}

type held struct {
	grants []Grant
	until  time.Time
}

// New makes the service from the files of policies/.
func New(d *db.DB, files fs.FS, now func() time.Time) (*Service, error) {
	p, err := loadPolicy(files)
	if err != nil {
		return nil, err
	}
	return &Service{db: d, policy: p, now: now, known: map[string]held{}}, nil
}

// Grants lists what an account holds now.
func (s *Service) Grants(ctx context.Context, accountID string) ([]Grant, error) {
	if accountID == "" {
		return nil, nil
	}
	now := s.now()
	s.mu.Lock()
	h, ok := s.known[accountID]
	s.mu.Unlock()
	if !ok || now.After(h.until) {
		err := s.db.From(ctx).Raw(`SELECT g.role, g.unit_id, u.path AS unit_path, g.deputy_for_id AS deputy_for, g.valid_from, g.valid_until
 FROM grants g JOIN units u ON u.id = g.unit_id WHERE g.account_id = ? AND (g.valid_until IS NULL OR g.valid_until > ?)`,
			accountID, now).Scan(&h.grants).Error
		if err != nil {
			return nil, fmt.Errorf("read the grants: %w", db.Fault(err, "", ""))
		}
		h.until = now.Add(grantLife)
		s.mu.Lock()
		if len(s.known) > 10_000 {
			clear(s.known)
		}
		s.known[accountID] = h
		s.mu.Unlock()
	}
	live := h.grants[:0:0]
	for _, g := range h.grants {
		if !g.ValidFrom.After(now) && (g.ValidUntil == nil || g.ValidUntil.After(now)) {
			live = append(live, g)
		}
	}
	return live, nil
}

// Forget drops what is kept of an account, after its grants changed here.
func (s *Service) Forget(accountID string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.known, accountID)
}

// Can says whether the actor holds the verb anywhere: the question of a route.
func (s *Service) Can(ctx context.Context, v Verb) error {
	a := actor.From(ctx)
	switch {
	case v == Public, a.Kind == actor.System:
		return nil
	case a.AccountID == "":
		return fault.New(fault.Unauthenticated, "access.sign_in")
	case v == SignedIn:
		return nil
	}
	grants, err := s.Grants(ctx, a.AccountID)
	if err != nil {
		return err
	}
	for _, g := range grants {
		if s.policy.may(g.Role, v) {
			return nil
		}
	}
	return fault.New(fault.Forbidden, "access.forbidden")
}

// Object is what a verb is done on: the paths of the units that have to do
// with it, and who is complained about.
type Object struct {
	UnitPaths    []string
	SubjectPaths []string // units complained about: nobody below them may see it
}

// CanOn says whether the actor may do the verb on the thing. Somebody who may
// not even know of it gets NotFound from the caller's scope before this.
func (s *Service) CanOn(ctx context.Context, v Verb, o Object) error {
	scope, err := s.Scope(ctx, v)
	if err != nil {
		return err
	}
	for _, p := range o.UnitPaths {
		if scope.Covers(p) {
			return nil
		}
	}
	return fault.New(fault.Forbidden, "access.forbidden")
}

// Handles says whether an account may handle cases of the unit.
func (s *Service) Handles(ctx context.Context, accountID, unitPath string) (bool, error) {
	grants, err := s.Grants(ctx, accountID)
	if err != nil {
		return false, err
	}
	for _, g := range grants {
		if s.policy.may(g.Role, CaseReply) && strings.HasPrefix(unitPath, g.UnitPath) {
			return true, nil
		}
	}
	return false, nil
}

// Scope is the rows that a verb covers: everything, or some unit subtrees.
type Scope struct {
	Everything bool
	Prefixes   []string // unit paths, sorted, none within another
}

// Scope turns the actor's grants into rows.
func (s *Service) Scope(ctx context.Context, v Verb) (Scope, error) {
	a := actor.From(ctx)
	if a.Kind == actor.System {
		return Scope{Everything: true}, nil
	}
	grants, err := s.Grants(ctx, a.AccountID)
	if err != nil {
		return Scope{}, err
	}
	var prefixes []string
	for _, g := range grants {
		if s.policy.may(g.Role, v) {
			prefixes = append(prefixes, g.UnitPath)
		}
	}
	sort.Strings(prefixes)
	sc := Scope{}
	for _, p := range prefixes {
		if n := len(sc.Prefixes); n == 0 || !strings.HasPrefix(p, sc.Prefixes[n-1]) {
			sc.Prefixes = append(sc.Prefixes, p)
		}
	}
	return sc, nil
}

// Covers says whether a unit path is in the scope.
func (sc Scope) Covers(path string) bool {
	if sc.Everything {
		return true
	}
	for _, p := range sc.Prefixes {
		if strings.HasPrefix(path, p) {
			return true
		}
	}
	return false
}

// Where is the scope as SQL over a column of unit paths. A path ends in "/",
// and "0" follows "/", so a subtree is a range of the sorted column.
func (sc Scope) Where(column string) (string, []any) {
	if sc.Everything {
		return "1 = 1", nil
	}
	if len(sc.Prefixes) == 0 {
		return "1 = 0", nil
	}
	var parts []string
	var args []any
	for _, p := range sc.Prefixes {
		parts = append(parts, "("+column+" >= ? AND "+column+" < ?)")
		args = append(args, p, strings.TrimSuffix(p, "/")+"0")
	}
	return "(" + strings.Join(parts, " OR ") + ")", args
}
