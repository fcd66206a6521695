package access

import (
	"context"
	"fmt"
	"strings"
	"time"

	"minqing/internal/actor"
	"minqing/internal/audit"
	"minqing/internal/db"
	"minqing/internal/fault"
	"minqing/internal/text"
)

// Kinds of requests.
const (
	ToGive = "give"
	ToEnd  = "end"
)

// Request is a change of somebody's grants that waits for a second person.
type Request struct {
	ID         string
	Kind       string
	AccountID  string
	Role       string
	UnitCode   string
	UnitPath   string
	GrantID    *string    // that is to end
	DeputyFor  *string    // the absent colleague whose duties these are
	ValidFrom  *time.Time // nothing: from the decision on
	ValidUntil *time.Time
	Reason     string
	AskedByID  *string
	AskedAsID  *string // the absent colleague in whose place
	AskedAt    time.Time
	Status     string
}

const readRequests = `SELECT r.id, r.kind, r.account_id, r.role, u.code AS unit_code, u.path AS unit_path, r.grant_id, r.valid_from, r.valid_until,
 r.deputy_for_id AS deputy_for, r.reason, r.asked_by_id, r.asked_as_id, r.asked_at, r.status FROM grant_requests r JOIN units u ON u.id = r.unit_id WHERE `

// AskToGive asks that an account be given a role. Nothing changes before a
// second person approves it. It gives the request's id.
func (s *Service) AskToGive(ctx context.Context, g Giving) (string, error) {
	now := s.now().UTC()
	if err := checkReason(g.Reason); err != nil {
		return "", err
	}
	if g.Until != nil && !g.Until.After(now) {
		return "", fault.InvalidInput(fault.Field{Name: "until", Key: "access.until.past"})
	}
	var from *time.Time
	if !g.From.IsZero() {
		from = &g.From
	}
	unit, err := s.check(ctx, g)
	if err != nil {
		return "", err
	}
	if err := s.checkDeputy(ctx, g, unit.Path); err != nil {
		return "", err
	}
	if ctx, err = s.For(ctx, AccessGrant, Object{UnitPaths: []string{unit.Path}}); err != nil {
		return "", err
	}
	who := actor.From(ctx)
	return s.ask(ctx, g.Reason, audit.Change{Field: "role", After: g.Role + " " + g.UnitCode}, func(id string) db.Stmt {
		return db.Insert("grant_requests", "id, kind, account_id, role, unit_id, deputy_for_id, valid_from, valid_until, reason, asked_by_id, asked_as_id, asked_at",
			id, ToGive, g.AccountID, g.Role, unit.ID, db.Ref(g.DeputyFor), from, g.Until, unnamed(g.Reason), db.Ref(who.AccountID), db.Ref(who.AsAccountID), now)
	}, g.AccountID)
}

// AskToEnd asks that a grant end.
func (s *Service) AskToEnd(ctx context.Context, grantID, reason string) (string, error) {
	if err := checkReason(reason); err != nil {
		return "", err
	}
	g, err := s.One(ctx, grantID)
	if err != nil {
		return "", err
	}
	if err := s.mayGrant(ctx, g.AccountID, g.UnitPath); err != nil {
		return "", err
	}
	if ctx, err = s.For(ctx, AccessGrant, Object{UnitPaths: []string{g.UnitPath}}); err != nil {
		return "", err
	}
	who := actor.From(ctx)
	return s.ask(ctx, reason, audit.Change{Field: "role", Before: g.Role + " " + strings.TrimSuffix(g.UnitPath, "/")}, func(id string) db.Stmt {
		return db.Insert("grant_requests", "id, kind, account_id, role, unit_id, grant_id, reason, asked_by_id, asked_as_id, asked_at",
			id, ToEnd, g.AccountID, g.Role, g.UnitID, g.ID, unnamed(reason), db.Ref(who.AccountID), db.Ref(who.AsAccountID), s.now().UTC())
	}, g.AccountID)
}

// One is a grant that has not ended, of a unit for which the actor grants roles.
func (s *Service) One(ctx context.Context, grantID string) (*Grant, error) {
	var g Grant
	err := s.db.From(ctx).Raw(`SELECT g.id, g.account_id, g.role, g.unit_id, u.path AS unit_path, g.valid_from, g.valid_until
 FROM grants g JOIN units u ON u.id = g.unit_id WHERE g.id = ?`, grantID).Take(&g).Error
	if err != nil {
		return nil, db.Fault(err, "access.grant.missing", "")
	}
	missing := fault.New(fault.NotFound, "access.grant.missing")
	if err := s.CanOn(ctx, AccessGrant, Object{UnitPaths: []string{g.UnitPath}}); err != nil {
		if fault.KindOf(err) == fault.Forbidden {
			return nil, missing
		}
		return nil, err
	}
	if g.When(s.now()) == Ended {
		return nil, missing
	}
	return &g, nil
}

func checkReason(reason string) error {
	var c fault.Check
	c.That(strings.TrimSpace(reason) != "", "reason", "access.reason.required")
	c.That(len([]rune(reason)) <= reasonMost, "reason", "access.reason.long", "Max", reasonMost)
	return c.Err()
}

// unnamed masks numbers and addresses of people in a reason.
func unnamed(reason string) string { return text.MaskFree(strings.TrimSpace(reason)) }

func (s *Service) ask(ctx context.Context, reason string, what audit.Change, row func(id string) db.Stmt, accountID string) (string, error) {
	id := db.NewID(s.now())
	err := s.db.Tx(ctx, func(ctx context.Context) error {
		stmt := row(id)
		if err := s.db.From(ctx).Exec(stmt.SQL, stmt.Args...).Error; err != nil {
			return db.Fault(err, "", "access.request.twice")
		}
		return s.audit.Record(ctx, audit.Entry{Action: "access.ask", Kind: "account", ID: accountID, Reason: reason, Fields: []audit.Change{what}})
	})
	return id, err
}

// waitingMost bounds how many requests are shown; those that waited longest come first.
const waitingMost = 200

// Waiting lists the requests that nobody has decided, for the units for which
// the actor grants roles.
func (s *Service) Waiting(ctx context.Context) ([]Request, error) {
	scope, err := s.Scope(ctx, AccessGrant)
	if err != nil {
		return nil, err
	}
	var list []Request
	within, args := scope.Where("u.path")
	err = s.db.From(ctx).Raw(readRequests+"r.status = 'asked' AND "+within+" ORDER BY r.id LIMIT ?", append(args, waitingMost)...).Scan(&list).Error
	if err != nil {
		return nil, fmt.Errorf("list the requests: %w", db.Fault(err, "", ""))
	}
	return list, nil
}

// Decide approves a request, which then takes effect, or declines it. Neither
// who asked nor who would receive the role decides; and who asked must still
// grant roles for the unit.
func (s *Service) Decide(ctx context.Context, requestID string, approve bool) error {
	now := s.now().UTC()
	err := s.db.Tx(ctx, func(ctx context.Context) error {
		ctx, r, err := s.request(ctx, requestID)
		if err != nil {
			return err
		}
		status := map[bool]string{true: "approved", false: "declined"}[approve]
		res := s.db.From(ctx).Exec("UPDATE grant_requests SET status = ?, decided_by_id = ?, decided_at = ? WHERE id = ? AND status = 'asked'",
			status, db.Ref(actor.From(ctx).AccountID), now, r.ID)
		if res.Error != nil {
			return fmt.Errorf("decide on a request: %w", res.Error)
		}
		if res.RowsAffected == 0 {
			return fault.New(fault.Conflict, "access.request.decided")
		}
		err = s.audit.Record(ctx, audit.Entry{Action: "access." + strings.TrimSuffix(status, "d"), Kind: "account", ID: r.AccountID, Reason: r.Reason,
			Fields: []audit.Change{{Field: "request", After: r.ID}, {Field: "role", After: r.Role}, {Field: "unit", After: r.UnitCode}}})
		if err != nil || !approve {
			return err
		}
		return s.carryOut(ctx, r)
	})
	return db.Fault(err, "", "access.request.decided")
}

// request reads a request on which the actor may decide, and gives the context in
// which they do.
func (s *Service) request(ctx context.Context, id string) (context.Context, *Request, error) {
	var r Request
	if err := s.db.From(ctx).Raw(readRequests+"r.id = ?", id).Take(&r).Error; err != nil {
		return ctx, nil, db.Fault(err, "access.request.missing", "")
	}
	ctx, err := s.CanAs(ctx, AccessGrant, Object{UnitPaths: []string{r.UnitPath}})
	if err != nil {
		if fault.KindOf(err) == fault.Forbidden {
			return ctx, nil, fault.New(fault.NotFound, "access.request.missing")
		}
		return ctx, nil, err
	}
	switch a := actor.From(ctx); {
	case a.Kind == actor.System:
		return ctx, &r, nil
	case a.Is(&r.AccountID):
		return ctx, nil, fault.New(fault.Forbidden, "access.own_grant")
	case a.Is(r.AskedByID, r.AskedAsID):
		return ctx, nil, fault.New(fault.Forbidden, "access.request.own")
	}
	return ctx, &r, nil
}

func (s *Service) carryOut(ctx context.Context, r *Request) error {
	if r.AskedByID != nil {
		h, err := s.load(ctx, *r.AskedByID, s.now())
		if err != nil {
			return err
		}
		if !s.scopeOf(h, AccessGrant).Covers(r.UnitPath) {
			return fault.New(fault.Conflict, "access.request.void")
		}
	}
	if r.Kind == ToEnd && r.GrantID != nil {
		return s.Take(ctx, *r.GrantID, r.Reason)
	}
	if r.ValidUntil != nil && !r.ValidUntil.After(s.now()) {
		return fault.New(fault.Conflict, "access.request.late")
	}
	g := Giving{AccountID: r.AccountID, Role: r.Role, UnitCode: r.UnitCode, Until: r.ValidUntil, Reason: r.Reason}
	if r.ValidFrom != nil && r.ValidFrom.After(s.now()) {
		g.From = *r.ValidFrom
	}
	if r.DeputyFor != nil {
		g.DeputyFor = *r.DeputyFor
		if err := s.checkDeputy(ctx, g, r.UnitPath); err != nil {
			return fault.New(fault.Conflict, "access.request.void")
		}
	}
	_, err := s.Give(ctx, g)
	return err
}
