package access

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"minqing/internal/actor"
	"minqing/internal/audit"
	"minqing/internal/db"
	"minqing/internal/fault"
)

// duties are the three parts of administration, which nobody holds two of by a
// source alone.
var duties = []string{"system_admin", "security_admin", "auditor"}

// IsDuty says whether a role is one of the three parts of administration.
func IsDuty(role string) bool { return slices.Contains(duties, role) }

// renewAfter is how much a grant's end has to move to be written again.
const renewAfter = 24 * time.Hour

// Role is a role for a unit, by its code; an empty code is the root.
type Role struct{ Name, UnitCode string }

// Follow makes the grants of an account that come from a source, such as a
// sign-in provider, agree with what the source says now: what it names is held
// until then, what it names no more ends, and grants made by hand stay as they
// are. A unit that is not there is skipped. Only the program itself follows.
//
// Where the source would make one person two of the administrators that are to
// watch each other, counting what was given by hand, it gives neither.
func (s *Service) Follow(ctx context.Context, accountID, source string, roles []Role, until time.Time) (skipped []Role, err error) {
	if actor.From(ctx).Kind != actor.System || source == "" {
		return nil, errForbidden
	}
	f := following{s: s, accountID: accountID, source: source, now: s.now().UTC(), until: until.UTC()}
	err = s.db.Tx(ctx, func(ctx context.Context) error {
		wanted, missing, err := f.wanted(ctx, roles)
		if err != nil {
			return err
		}
		skipped = missing
		return f.agree(ctx, wanted)
	})
	return skipped, err
}

type following struct {
	s                 *Service
	accountID, source string
	now, until        time.Time
}

type sourced struct {
	ID         string
	Role       string
	UnitID     string
	UnitCode   string
	Source     string
	ValidUntil *time.Time
}

// wanted finds the units and drops what must not come together.
func (f following) wanted(ctx context.Context, roles []Role) (wanted []sourced, missing []Role, err error) {
	var units []struct {
		ID, Code string
		Root     bool
	}
	if err := f.s.db.From(ctx).Raw("SELECT id, code, parent_id IS NULL AS root FROM units ORDER BY path").Scan(&units).Error; err != nil {
		return nil, nil, fmt.Errorf("find the units of a source: %w", db.Fault(err, "", ""))
	}
	for _, r := range roles {
		if !slices.Contains(Roles, r.Name) {
			return nil, nil, fault.InvalidInput(fault.Field{Name: "role", Key: "access.role.unknown", Args: map[string]any{"Role": r.Name, "Roles": strings.Join(Roles, ", ")}})
		}
		found := false
		for _, u := range units {
			if found = u.Code == r.UnitCode || r.UnitCode == "" && u.Root; found {
				one := sourced{Role: r.Name, UnitID: u.ID, UnitCode: u.Code}
				if !slices.ContainsFunc(wanted, one.same) {
					wanted = append(wanted, one)
				}
				break
			}
		}
		if !found {
			missing = append(missing, r)
		}
	}
	return wanted, missing, nil
}

func (g sourced) same(o sourced) bool { return g.Role == o.Role && g.UnitID == o.UnitID }

// agree ends, renews and gives.
func (f following) agree(ctx context.Context, wanted []sourced) error {
	if err := f.s.alone(ctx, f.accountID); err != nil {
		return err
	}
	var there []sourced
	err := f.s.db.From(ctx).Raw(`SELECT g.id, g.role, g.unit_id, u.code AS unit_code, g.source, g.valid_until FROM grants g JOIN units u ON u.id = g.unit_id
 WHERE g.account_id = ? AND g.valid_from <= ? AND (g.valid_until IS NULL OR g.valid_until > ?) ORDER BY g.id`, f.accountID, f.now, f.now).Scan(&there).Error
	if err != nil {
		return fmt.Errorf("read what a source gave: %w", db.Fault(err, "", ""))
	}
	if wanted, err = f.apart(ctx, wanted, there); err != nil {
		return err
	}
	for _, g := range there {
		if g.Source != f.source {
			continue
		}
		i := slices.IndexFunc(wanted, g.same)
		if i < 0 {
			err = f.change(ctx, g, "access.take", f.now)
		} else {
			wanted = slices.Delete(wanted, i, i+1)
			if g.ValidUntil == nil || f.until.Sub(*g.ValidUntil) >= renewAfter {
				err = f.change(ctx, g, "access.renew", f.until)
			}
		}
		if err != nil {
			return err
		}
	}
	for _, g := range wanted {
		if err := f.give(ctx, g); err != nil {
			return err
		}
	}
	return f.s.changed(ctx, f.accountID)
}

// apart drops the administrators' roles where there would be two of them.
func (f following) apart(ctx context.Context, wanted, there []sourced) ([]sourced, error) {
	var named, held []string
	for _, g := range wanted {
		if IsDuty(g.Role) {
			named = append(named, g.Role)
		}
	}
	for _, g := range there {
		if IsDuty(g.Role) && g.Source != f.source {
			held = append(held, g.Role)
		}
	}
	both := slices.Concat(named, held)
	slices.Sort(both)
	if len(named) == 0 || len(slices.Compact(both)) < 2 {
		return wanted, nil
	}
	wanted = slices.DeleteFunc(slices.Clone(wanted), func(g sourced) bool { return IsDuty(g.Role) })
	return wanted, f.s.audit.Record(ctx, audit.Entry{Action: "access.kept_apart", Kind: "account", ID: f.accountID,
		Fields: []audit.Change{{Field: "roles", Before: strings.Join(named, " ")}, {Field: "source", After: f.source}}})
}

func (f following) change(ctx context.Context, g sourced, action string, until time.Time) error {
	if err := f.s.db.From(ctx).Exec("UPDATE grants SET valid_until = ?, version = version + 1 WHERE id = ?", until, g.ID).Error; err != nil {
		return fmt.Errorf("change what a source gave: %w", db.Fault(err, "", ""))
	}
	role, unit := audit.Change{Field: "role", After: g.Role}, audit.Change{Field: "unit", After: g.UnitCode}
	if action == "access.take" {
		role, unit = audit.Change{Field: "role", Before: g.Role}, audit.Change{Field: "unit", Before: g.UnitCode}
	}
	return f.s.audit.Record(ctx, audit.Entry{Action: action, Kind: "account", ID: f.accountID, Fields: []audit.Change{role, unit, {Field: "source", After: f.source}}})
}

func (f following) give(ctx context.Context, g sourced) error {
	stmt := db.Insert("grants", "id, account_id, role, unit_id, valid_from, valid_until, reason, source, created_at",
		db.NewID(f.now), f.accountID, g.Role, g.UnitID, f.now, f.until, f.source, f.source, f.now)
	if err := f.s.db.From(ctx).Exec(stmt.SQL, stmt.Args...).Error; err != nil {
		return fmt.Errorf("store what a source gave: %w", db.Fault(err, "", ""))
	}
	return f.s.audit.Record(ctx, audit.Entry{Action: "access.give", Kind: "account", ID: f.accountID,
		Fields: []audit.Change{{Field: "role", After: g.Role}, {Field: "unit", After: g.UnitCode}, {Field: "source", After: f.source}}})
}
